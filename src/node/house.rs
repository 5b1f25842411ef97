//! The house itself: keys, vault, and what is known of every circle, in memory under one lock.
//!
//! Everything here is read from the vault at the start and can be read again: the directory of segments says what was
//! opened and applied, caches hold sheets and rows. Requests change it through `write`, segments through `replay`.

use super::chance::Chance;
use super::clock::Clock;
use super::config::Config;
use super::cut::{OwnEpoch, OwnLog};
use super::cuts::CutState;
use super::failure::{internal, not_allowed};
use super::grants::SealedTo;
use super::home::Home;
use super::index::Index;
use super::open::{Reading, Why};
use super::people::{People, Standing as Known};
use super::{Failure, NodeInfo};
use crate::codec;
use crate::id::{CircleId, Hash, InstanceId, Life, LogId, NodeId, PartnerId};
use crate::limit;
use crate::log::{ChainEnd, Charter, Kind};
use crate::private::Private;
use crate::register::{Context, Layout, Reach};
use crate::seal::EpochBody;
use crate::seal::{AgeEnvelope, Card, Certificate, Envelope, KeyBundle, NodeSecret};
use crate::sign::Signed;
use crate::store::circles::{KnownCircle, Standing};
use crate::store::logs::{LogDirectory, SegmentEntry};
use crate::store::{
    Name, Opened, Records, StoreFault, Vault, branches, circles, keys, logs, partners, waiting,
};
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Settings of the house in the vault.
pub(crate) mod setting {
    /// [`super::Identity`].
    pub(crate) const IDENTITY: u16 = 1;
    /// The highest running number of our heads, as the hub asked to keep it.
    pub(crate) const HEADS_RUN: u16 = 2;
    /// Which peers are remembered in which circles.
    pub(crate) const PEERS: u16 = 3;
    /// Partners that are paused.
    pub(crate) const PAUSED: u16 = 4;
    /// How many exports are in the journal.
    pub(crate) const EXPORTS: u16 = 5;
    /// Edits of an earlier life that wait for a word from a peer or the owner.
    pub(crate) const LEFT_WAITING: u16 = 6;
    /// Certificates that stand on no card.
    pub(crate) const CERTIFICATES: u16 = 7;
    /// Requests for keys that wait for a person's yes.
    pub(crate) const ASKS: u16 = 20;
}

/// Who this node is, beyond its keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Identity {
    version: u16,
    #[serde(with = "serde_bytes")]
    certificate: Vec<u8>,
    demo: bool,
}

/// What became of one circle here.
pub(crate) struct Circle {
    pub(crate) id: CircleId,
    pub(crate) known: KnownCircle,
    pub(crate) layout: Arc<Layout>,
    pub(crate) logs: BTreeMap<Life, Log>,
    /// How far each log is in the sheets.
    pub(crate) reach: Reach,
    /// Opened segments that wait for others that they name.
    pub(crate) waits: Vec<crate::register::Opened>,
    pub(crate) own: OwnLog,
    /// Edits of ours that are not in a segment yet.
    pub(crate) waiting: u64,
    /// What our next edit rests on: segments applied, our own log left out. Shared by the edits that follow.
    pub(crate) context: Arc<Context>,
    /// Of each log the highest segments of our own lives that its edits show as applied.
    pub(crate) shown: BTreeMap<Life, Context>,
    /// Sheets are being made from nothing: nothing is written or cut until they stand.
    pub(crate) rebuilding: bool,
    /// What forks and closures leave of its logs.
    pub(crate) cut: CutState,
    /// To whom the last epochs of logs are sealed, as far as somebody asked.
    pub(crate) sealed_to: SealedTo,
}

/// One log as this node holds it.
pub(crate) struct Log {
    pub(crate) partner: PartnerId,
    pub(crate) end: ChainEnd,
    pub(crate) segments: Vec<SegmentEntry>,
    pub(crate) branches: u64,
    /// How far it was opened.
    pub(crate) reading: Reading,
    /// Why the next one is held, if it is.
    pub(crate) held: Option<Why>,
}

/// What is kept of how far a circle is applied: one record, written with the sheets' last chunk.
#[derive(Serialize, Deserialize)]
struct AppliedRecord {
    version: u16,
    #[serde(with = "serde_bytes")]
    reach: Vec<u8>,
    shown: Vec<(Life, Vec<(Life, u64)>)>,
}

/// All of it.
pub(crate) struct House {
    pub(crate) home: Home,
    pub(crate) config: Config,
    pub(crate) secret: Arc<NodeSecret>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) envelope: Arc<dyn Envelope>,
    pub(crate) clock: Clock,
    pub(crate) chance: Chance,
    pub(crate) certificate: Signed<Certificate>,
    pub(crate) life: Life,
    pub(crate) lives: Vec<InstanceId>,
    pub(crate) demo: bool,
    pub(crate) people: People,
    pub(crate) circles: BTreeMap<CircleId, Circle>,
    pub(crate) index: Index,
    pub(crate) listening: Option<String>,
    /// Things a person should look at.
    pub(crate) notices: Vec<String>,
    /// Partners that are paused; `None` stands for all.
    pub(crate) paused: Vec<Option<PartnerId>>,
    /// Something came that may open what is held.
    pub(crate) retry_held: bool,
    /// When people at this machine last looked at cases, as far as it was asked.
    pub(crate) visits: super::desk::Visits,
    /// Sheets whose document panicked: shown as such until `check` rebuilds them.
    pub(crate) spoiled: BTreeSet<(CircleId, crate::id::CaseId)>,
}

/// What a house is opened with.
pub(crate) struct Furniture {
    pub(crate) home: Home,
    pub(crate) config: Config,
    pub(crate) vault: Arc<Vault>,
    /// The vault is not as it was left, so the node takes a new life.
    pub(crate) elsewhere: bool,
    pub(crate) secret: Arc<NodeSecret>,
    pub(crate) envelope: Arc<dyn Envelope>,
    pub(crate) clock: Clock,
    pub(crate) chance: Chance,
}

/// The version of what the caches hold: another one is thrown away and made anew.
pub(crate) const CACHE_VERSION: u16 = 6;

impl House {
    /// Writes the first records of a new vault.
    pub(crate) fn found(
        vault: &Vault,
        card: &Signed<Card>,
        certificate: &Signed<Certificate>,
        instance: InstanceId,
        demo: bool,
    ) -> Result<(), Failure> {
        let identity = Identity { version: 1, certificate: certificate.bytes().to_vec(), demo };
        vault.write(|writer| {
            writer.put(&Name::Setting(setting::IDENTITY), &codec::encode(&identity))?;
            writer.put(&Name::OwnLives, &codec::encode(&vec![instance]))?;
            partners::put_card(writer, card)?;
            super::index::mark_current(writer)
        })?;
        Ok(())
    }

    /// Opens the vault and reads what is known. A vault that was moved, copied or fell back takes a new life first.
    pub(crate) fn open(home: &Home, keys: KeyBundle) -> Result<Self, Failure> {
        let opened = Vault::open(&home.0, keys.vault.bytes())?;
        Self::of(home, keys, opened)
    }

    /// The same with a vault that is open already.
    pub(crate) fn of(home: &Home, keys: KeyBundle, opened: Opened) -> Result<Self, Failure> {
        Self::furnish(Furniture {
            home: home.clone(),
            config: home.config()?,
            elsewhere: opened.moved || opened.fell_back,
            vault: Arc::new(opened.vault),
            secret: Arc::new(keys.node),
            envelope: Arc::new(AgeEnvelope),
            clock: Clock::new(),
            chance: Chance::system()?,
        })
    }

    /// Reads everything anew after the vault was opened anew: what was in memory may differ from what the disk holds.
    /// `lost`: the disk lost something that it had confirmed, so this goes on as a new life.
    pub(crate) fn read_again(&mut self, lost: bool) -> Result<(), Failure> {
        let mut read = Self::furnish(Furniture {
            home: self.home.clone(),
            config: self.config.clone(),
            elsewhere: lost,
            vault: Arc::clone(&self.vault),
            secret: Arc::clone(&self.secret),
            envelope: Arc::clone(&self.envelope),
            clock: self.clock.clone(),
            chance: self.chance.another(),
        })?;
        read.listening = self.listening.take();
        read.notices.splice(0..0, std::mem::take(&mut self.notices));
        read.spoiled = std::mem::take(&mut self.spoiled);
        *self = read;
        Ok(())
    }

    /// Reads what is known out of an open vault.
    pub(crate) fn furnish(with: Furniture) -> Result<Self, Failure> {
        let Furniture { home, config, vault, elsewhere, secret, envelope, clock, mut chance } = with;
        let reader = vault.reader()?;
        let identity = reader
            .get(&Name::Setting(setting::IDENTITY))?
            .ok_or(StoreFault::Damaged("identity"))
            .and_then(|bytes| Ok(codec::decode::<Identity>("identity", &bytes, limit::RECORD_BYTES)?))?;
        let certificate: Signed<Certificate> =
            Signed::decode_own_store(&identity.certificate).map_err(StoreFault::from)?;
        let mut lives: Vec<InstanceId> = reader
            .get(&Name::OwnLives)?
            .ok_or(StoreFault::Damaged("lives"))
            .and_then(|bytes| Ok(codec::decode("lives", &bytes, limit::RECORD_BYTES)?))?;
        drop(reader);
        let mut notices = Vec::new();
        if elsewhere {
            let instance = InstanceId(chance.bytes16());
            super::lives::take_new(&vault, &mut lives, instance, true)?;
            notices.push(
                "This home was moved, copied or restored: it goes on as a new life of the node. Edits that were not \
                 sent before wait until a partner shows what it has."
                    .to_owned(),
            );
        }
        let instance = lives.last().copied().ok_or_else(|| internal("no life"))?;
        let life = Life { node: secret.node_id(), instance };
        let reader = vault.reader()?;
        let people = read_people(&reader, certificate.partner)?;
        let mut house = Self {
            home,
            config,
            life,
            lives,
            demo: identity.demo,
            people,
            circles: BTreeMap::new(),
            index: Index::load(&reader)?,
            listening: None,
            notices,
            paused: read_paused(&reader)?,
            retry_held: true,
            spoiled: BTreeSet::new(),
            visits: super::desk::Visits::default(),
            envelope,
            clock,
            chance,
            certificate,
            secret,
            vault: Arc::clone(&vault),
        };
        for known in circles::list(&reader)? {
            let circle = house.read_circle(&reader, known)?;
            house.circles.insert(circle.id, circle);
        }
        if super::index::is_rebuilding(&reader)? {
            house.go_on_rebuilding(&reader)?;
        }
        drop(reader);
        if !house.index.is_current() {
            house.vault.write(super::index::begin_rebuild)?;
            house.forget_applied();
        }
        if house.circles.values().any(|circle| circle.cut.ends(&house.people.own, &life)) {
            // Its log has two branches or was closed: nothing more is said under this life.
            house.take_new_life()?;
        }
        Ok(house)
    }

    /// One circle from the vault.
    pub(crate) fn read_circle(&self, records: &impl Records, known: KnownCircle) -> Result<Circle, Failure> {
        let id = known.charter.circle();
        let (reach, shown) = read_applied(records, &id, known.charter.founder)?;
        let mut logs = BTreeMap::new();
        for (life, directory) in logs::load(records, &id)? {
            // Our own log is read when it is cut, so it has been read to its end; what sheets lack of it is found
            // by the reach.
            let read = if life == self.life { directory.end.number } else { reach.number(&life) };
            let log = read_log(records, &LogId { circle: id, life }, directory, read)?;
            logs.insert(life, log);
        }
        let own = self.read_own_log(records, &id, logs.get(&self.life))?;
        let layout = Layout::new(id, &known.charter.members).map_err(|fault| internal(fault.to_string()))?;
        let mut circle = Circle {
            waiting: waiting::count(records, &id)?,
            id,
            known,
            layout: Arc::new(layout),
            logs,
            reach,
            waits: Vec::new(),
            own,
            context: Arc::default(),
            shown,
            rebuilding: false,
            cut: CutState::read(records, &id)?,
            sealed_to: SealedTo::default(),
        };
        circle.look_at_cuts();
        circle.renew_context(&self.life);
        Ok(circle)
    }

    /// Where our own log stands, from its directory alone.
    fn read_own_log(
        &self,
        records: &impl Records,
        circle: &CircleId,
        log: Option<&Log>,
    ) -> Result<OwnLog, Failure> {
        let mut own = OwnLog::new(self.life);
        let Some(log) = log else { return Ok(own) };
        own.end = log.end;
        for entry in &log.segments {
            own.plain = entry.header.plain;
            own.named |= entry.header.kind == Kind::Work;
            if let Some(span) = entry.edits {
                own.last_edit = span.last;
            }
        }
        let epochs = log.segments.iter().rev().find(|entry| entry.header.kind == Kind::Epoch);
        if let (Some(entry), Some(secret)) = (epochs, keys::epoch(records, &own.end.epoch)?) {
            let id = LogId { circle: *circle, life: self.life };
            let segment = logs::segment(records, &id, entry.header.number)?
                .ok_or(StoreFault::Damaged("own epoch segment"))?;
            let body = EpochBody::decode(segment.body()).map_err(StoreFault::from)?;
            let mut nodes: Vec<NodeId> = body.files.into_iter().flat_map(|file| file.nodes).collect();
            nodes.sort();
            own.epoch =
                Some(OwnEpoch { secret, founded: entry.header.cut, number: entry.header.number, nodes });
        }
        Ok(own)
    }

    /// After the caches are gone: everything is to be opened and replayed.
    pub(crate) fn forget_applied(&mut self) {
        self.index.clear();
        for circle in self.circles.values_mut() {
            circle.reach = Reach::new(circle.known.charter.founder);
            circle.waits.clear();
            circle.rebuilding = true;
            for log in circle.logs.values_mut() {
                log.reading = Reading::default();
                log.held = None;
            }
            circle.look_at_cuts();
            circle.cut.aside_stale = true;
            circle.renew_context(&self.life);
        }
    }

    /// A rebuild was cut off: it goes on where it was, our own logs too.
    fn go_on_rebuilding(&mut self, records: &impl Records) -> Result<(), Failure> {
        for circle in self.circles.values_mut() {
            circle.rebuilding = true;
            if let Some(log) = circle.logs.get_mut(&self.life) {
                log.reading = reading_at(records, log, circle.reach.number(&self.life))?;
            }
        }
        Ok(())
    }

    /// Keeps a card that is newer than the one held. `brought` by a partner's node or bundle, if not by a person.
    pub(crate) fn keep_card(
        &mut self,
        card: &Signed<Card>,
        brought: Option<PartnerId>,
    ) -> Result<bool, Failure> {
        let partner = card.partner;
        let mut standing = self.people.standing.get(&partner).cloned().unwrap_or_default();
        if let Some(by) = brought
            && !standing.brought_by.contains(&by)
        {
            standing.brought_by.push(by);
        }
        let newer = self.vault.write(|writer| {
            partners::put_trust(writer, &partner, &standing.encode())?;
            partners::put_card(writer, card)
        })?;
        self.people.standing.insert(partner, standing);
        if newer {
            self.people.cards.insert(partner, card.clone());
        }
        Ok(newer)
    }

    /// Keeps what is said of the trust in a partner.
    pub(crate) fn keep_standing(&mut self, partner: PartnerId, standing: Known) -> Result<(), Failure> {
        self.vault.write(|writer| partners::put_trust(writer, &partner, &standing.encode()))?;
        self.people.standing.insert(partner, standing);
        Ok(())
    }

    pub(crate) fn circle(&self, id: &CircleId) -> Result<&Circle, Failure> {
        self.circles.get(id).ok_or_else(|| internal("a circle that was found is gone"))
    }

    pub(crate) fn circle_mut(&mut self, id: &CircleId) -> Result<&mut Circle, Failure> {
        self.circles.get_mut(id).ok_or_else(|| internal("a circle that was found is gone"))
    }

    /// A circle in which this office may read and write now.
    ///
    /// # Errors
    /// Not a member, or held: with whom it waits for.
    pub(crate) fn open_circle(&self, id: &CircleId) -> Result<&Circle, Failure> {
        let circle = self.circle(id)?;
        let charter = &circle.known.charter;
        if !charter.is_member(&self.people.own) {
            return Err(not_allowed(
                "this office carries that circle and cannot read or write in it",
                "Use a circle of which this office is a member; see `homeward circle list`.",
            ));
        }
        let waits = self.people.waited_for(charter);
        if waits.is_empty() {
            Ok(circle)
        } else {
            Err(not_allowed(
                format!(
                    "the circle is held until these members are trusted: {}",
                    self.people.names(&waits).join(", ")
                ),
                "Compare safety phrases and use `homeward card trust PARTNER`.",
            ))
        }
    }

    pub(crate) fn info(&self) -> NodeInfo {
        NodeInfo {
            home: self.home.0.display().to_string(),
            partner: self.people.own,
            name: self.people.name(&self.people.own),
            node: self.life.node,
            instance: self.life.instance,
            demo: self.demo,
            listening: self.listening.clone(),
        }
    }

    pub(crate) fn now(&self) -> Millis {
        self.clock.now()
    }
}

impl Circle {
    pub(crate) fn charter(&self) -> &Charter {
        self.known.charter.get()
    }

    /// The next number of an edit of ours.
    pub(crate) fn next_edit(&self) -> u64 {
        self.own.last_edit + self.waiting + 1
    }

    /// What our next edit rests on, after something was applied.
    pub(crate) fn renew_context(&mut self, own: &Life) {
        self.context = Arc::new(self.reach.context(own));
    }

    /// Edits in the sheets: ours are there when they are written, whether cut and counted or not.
    pub(crate) fn edits(&self) -> u64 {
        let others = self.logs.keys().filter(|life| **life != self.own.life);
        let ours = if self.rebuilding { self.reach.last_edit(&self.own.life) } else { self.own.last_edit };
        others.map(|life| self.reach.last_edit(life)).sum::<u64>() + ours + self.waiting
    }

    /// The record that says how far this circle is applied.
    pub(crate) fn applied_record(&self) -> Vec<u8> {
        let shown = self.shown.iter().map(|(life, own)| (*life, own.iter().map(|(l, n)| (*l, *n)).collect()));
        codec::encode(&AppliedRecord {
            version: CACHE_VERSION,
            reach: self.reach.encode(),
            shown: shown.collect(),
        })
    }

    /// Hash of the header of a placed segment.
    pub(crate) fn header_hash(&self, life: &Life, number: u64) -> Option<Hash> {
        Some(self.logs.get(life)?.entry(number)?.header.hash())
    }

    pub(crate) fn name(&self) -> Private<String> {
        if self.known.name.is_empty() { Private::new(self.id.short()) } else { self.known.name.clone() }
    }

    pub(crate) fn accepted(&self) -> bool {
        self.known.standing != Standing::Held
    }
}

fn read_paused(records: &impl Records) -> Result<Vec<Option<PartnerId>>, Failure> {
    match records.get(&Name::Setting(setting::PAUSED))? {
        Some(bytes) => {
            Ok(codec::decode("paused partners", &bytes, limit::RECORD_BYTES).map_err(StoreFault::from)?)
        }
        None => Ok(Vec::new()),
    }
}

fn read_applied(
    records: &impl Records,
    circle: &CircleId,
    founder: PartnerId,
) -> Result<(Reach, BTreeMap<Life, Context>), Failure> {
    let Some(bytes) = records.get(&Name::Applied(*circle))? else {
        return Ok((Reach::new(founder), BTreeMap::new()));
    };
    let record: AppliedRecord =
        codec::decode("applied record", &bytes, limit::VAULT_RECORD_BYTES).map_err(StoreFault::from)?;
    let reach = Reach::decode(&record.reach).map_err(StoreFault::from)?;
    Ok((reach, record.shown.into_iter().map(|(life, own)| (life, own.into_iter().collect())).collect()))
}

/// A log with its reading placed at a segment: the plain chain stands in its header, the epoch key in the vault.
pub(crate) fn read_log(
    records: &impl Records,
    id: &LogId,
    directory: LogDirectory,
    read: u64,
) -> Result<Log, Failure> {
    let partner = match directory.segments.first() {
        Some(entry) => Some(entry.header.partner),
        // Nothing of it counts: what is held apart says whose it is.
        None => branches::branches(records, id)?.first().map(|entry| entry.header.partner),
    };
    let mut log = Log {
        partner: partner.unwrap_or(PartnerId([0; 32])),
        end: directory.end,
        segments: directory.segments,
        branches: directory.branches,
        reading: Reading::default(),
        held: None,
    };
    log.reading = reading_at(records, &log, read)?;
    Ok(log)
}

/// The reading of a log at a segment: from its header alone and the epoch keys held.
pub(crate) fn reading_at(records: &impl Records, log: &Log, number: u64) -> Result<Reading, Failure> {
    let Some(entry) = log.entry(number) else { return Ok(Reading::default()) };
    Ok(Reading {
        through: number,
        plain: Some(entry.header.plain),
        epoch: keys::epoch(records, &entry.header.epoch)?,
    })
}

impl Log {
    /// The hash of the header of a number.
    pub(crate) fn hash(&self, number: u64) -> Option<Hash> {
        self.entry(number).map(|entry| entry.header.hash())
    }

    /// What the directory says of a number.
    pub(crate) fn entry(&self, number: u64) -> Option<&SegmentEntry> {
        self.segments.get(usize::try_from(number.checked_sub(1)?).ok()?)
    }
}

fn read_people(records: &impl Records, own: PartnerId) -> Result<People, Failure> {
    let mut people = People { own, cards: BTreeMap::new(), standing: BTreeMap::new() };
    for partner in partners::partners(records)? {
        if let Some(card) = partners::card(records, &partner)? {
            people.cards.insert(partner, card);
        }
        if let Some(bytes) = partners::trust(records, &partner)? {
            people.standing.insert(partner, Known::decode(&bytes).map_err(StoreFault::from)?);
        }
    }
    Ok(people)
}
