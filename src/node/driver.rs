//! The driver: hands the hub what happens and does what the hub wants.
//!
//! The hub decides and never waits; the driver waits and never decides. Saves, loads and signatures are done here, at
//! once and in order; frames go to links and come from them; what the house must know is queued as [`News`] and taken
//! in by whoever locks the house next, so that the network never waits for a replay.

use super::beginning::Beginning;
use super::clock::Clock;
use super::grants::{Ask, Asks};
use super::house::{Circle, setting};
use super::links::{KnownKeys, NetEvent};
use super::shared::{News, Shared};
use super::watch::Watch;
use super::ways::Ways;
use super::{Failure, limits, tell};
use crate::codec;
use crate::id::{CircleId, LinkKey, NodeId, PartnerId};
use crate::seal::{Certificate, NodeSecret};
use crate::sign::{Sign, Signed};
use crate::store::circles::{CircleRecord as StoredRecord, KnownCircle, RecordKind as StoredKind, Standing};
use crate::store::logs::{Intake, Verdict};
use crate::store::{Name, StoreFault, Vault, branches, circles, logs, partners};
use crate::sync::{
    Arrival, CircleRecord, Event, Hub, HubStatus, Input, Output, RecordKind, SaveBatch, Ticket, Turns, Why,
};
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, MutexGuard};
use tokio::sync::OwnedSemaphorePermit;

/// How far ahead the hub looks before the node goes to rest, in milliseconds: more than it puts anything off to spare
/// the disk.
const REST_MS: u64 = 6_000;

/// How long what waits is held back until a copy of this store is heard out, in milliseconds.
const COPY_WAIT_MS: u64 = 20_000;

/// Drives one hub.
pub(crate) struct Driver {
    hub: Hub,
    shared: Arc<Shared>,
    vault: Arc<Vault>,
    secret: Arc<NodeSecret>,
    clock: Clock,
    links: Option<Box<dyn Ways>>,
    pub(crate) known: Arc<KnownKeys>,
    /// Which peers are remembered in which circles.
    peers: BTreeSet<(NodeId, CircleId)>,
    /// Where to dial, by node.
    addresses: BTreeMap<NodeId, String>,
    /// Circles that neither send nor take, as the hub was told.
    resting: BTreeSet<CircleId>,
    /// When waiting edits are to be cut, if a link is up.
    cut_at: Option<Millis>,
    /// Peers that are reached.
    up: BTreeSet<NodeId>,
    /// Partners that have shown what they hold since this program started. Only then is anything cut for them: a store
    /// that went back in time unnoticed learns of it before it says other things under numbers that it has used.
    opened: BTreeSet<PartnerId>,
    /// Circles in which a copy of this store has spoken, and since when we wait to hear it out.
    copies: BTreeMap<CircleId, Millis>,
    /// Set when the hub must be made anew: the node has taken a new life.
    pub(crate) new_life: bool,
    /// Frames that wait for their turn.
    turns: Turns<(Vec<u8>, OwnedSemaphorePermit)>,
    /// A batch that the hub wants saved, and that waits until the events at hand are taken in: one sync of the disk for
    /// all that came meanwhile.
    to_save: Option<(Ticket, Box<SaveBatch>)>,
    /// Requests for keys that came from peers.
    asks: Asks,
    /// When to look again for keys that this node lacks.
    ask_at: Option<Millis>,
}

impl Driver {
    pub(crate) fn new(shared: &Arc<Shared>, beginning: Beginning) -> Self {
        let house = shared.house();
        let mut driver = Self {
            peers: beginning.peers.clone(),
            hub: beginning.hub(),
            vault: Arc::clone(&house.vault),
            secret: Arc::clone(&house.secret),
            clock: house.clock.clone(),
            links: None,
            known: Arc::default(),
            addresses: BTreeMap::new(),
            resting: BTreeSet::new(),
            cut_at: None,
            up: BTreeSet::new(),
            opened: BTreeSet::new(),
            copies: BTreeMap::new(),
            new_life: false,
            turns: Turns::default(),
            to_save: None,
            asks: Asks::default(),
            ask_at: None,
            shared: Arc::clone(shared),
        };
        let paused = house.paused.clone();
        driver.learn_ways(house);
        for partner in paused {
            driver.hand(Input::Pause(partner));
        }
        driver.hand(Input::Wake);
        driver
    }

    pub(crate) fn set_links(&mut self, links: Box<dyn Ways>) {
        self.links = Some(links);
    }

    pub(crate) fn take_links(&mut self) -> Option<Box<dyn Ways>> {
        self.links.take()
    }

    pub(crate) fn links(&self) -> Option<&dyn Ways> {
        self.links.as_deref()
    }

    /// Goes on with a new hub: the node has taken a new life. Links end; they are dialled again.
    pub(crate) fn renew(&mut self, beginning: Beginning) {
        self.peers = beginning.peers.clone();
        self.hub = beginning.hub();
        self.to_save = None;
        self.up.clear();
        self.opened.clear();
        if let Some(links) = &self.links {
            links.close_all();
        }
        self.addresses.clear();
        self.resting.clear();
        let shared = Arc::clone(&self.shared);
        self.learn_ways(shared.house());
        self.hand(Input::Wake);
    }

    /// Hands one input to the hub and does all that it wants done.
    pub(crate) fn hand(&mut self, input: Input) {
        self.take_in(input);
        self.settle();
    }

    /// Hands one input to the hub and does what it wants done, but for saving: [`Driver::settle`] does that.
    fn take_in(&mut self, input: Input) {
        self.hub.handle(self.clock.steady(), input);
        self.drain();
    }

    /// Saves what is to be saved, until the hub wants nothing more saved, and answers requests for keys.
    pub(crate) fn settle(&mut self) {
        loop {
            while let Some((ticket, batch)) = self.to_save.take() {
                let saved = match self.save(*batch) {
                    Ok(()) => Input::Saved { ticket },
                    Err(failure) => {
                        tell::failed("to save", &failure);
                        Input::SaveFailed { ticket }
                    }
                };
                self.take_in(saved);
            }
            let asks = self.asks.take();
            if asks.is_empty() {
                return;
            }
            // What the disk refuses is asked for again.
            let answered = self.shared.house().answer_asks(asks);
            if let Ok(records) = answered
                && !records.is_empty()
            {
                self.take_in(Input::OwnRecords { records });
            }
        }
    }

    /// Asks peers for keys that this node lacks. Each is asked once in a while: the hub sees to that.
    pub(crate) fn ask_for_keys(&mut self) {
        let lacking = self.shared.house().lacking().unwrap_or_default();
        self.ask_at =
            (!lacking.is_empty()).then(|| self.clock.steady().plus(crate::limit::GRANT_LOOK_AGAIN_MS));
        for (circle, _, epoch) in lacking {
            self.hand(Input::AskGrant { circle, epoch });
        }
    }

    /// What happened on the network. To be followed by [`Driver::hear`] when no more is at hand.
    pub(crate) fn on_net(&mut self, event: NetEvent) {
        match event {
            NetEvent::Up { link, dialled, peer, exporter } => {
                // What waits here goes into the first exchange: a peer that is told that both hold the same must
                // not lack it.
                self.cut_waiting();
                tell::connected(link.0, dialled);
                self.take_in(Input::Linked { link, dialled, peer, exporter });
            }
            NetEvent::Frame { link, bytes, room } => {
                tell::frame(link.0, bytes.len());
                self.turns.push(self.hub.partner_of(link), link, (bytes, room));
            }
            NetEvent::Room { link, bytes } => self.take_in(Input::Room { link, bytes }),
            NetEvent::Down { link, why } => {
                let why = match why {
                    // Codes of the hub stand above those of the link itself.
                    Why::Closed(code) => Why::Closed(code.saturating_sub(limits::CLOSE_CODES_FROM)),
                    Why::Lost => Why::Lost,
                };
                tell::disconnected(link.0, why);
                for (bytes, _room) in self.turns.take(link) {
                    self.take_in(Input::Frame { link, bytes });
                }
                self.take_in(Input::Unlinked { link, why });
            }
            NetEvent::DialFailed { node } => {
                tell::not_reached(&node);
                self.shared.watch(|watch| watch.dial_failed(node));
                self.take_in(Input::DialFailed { node });
            }
            NetEvent::Nudge => {}
        }
    }

    /// Hears up to so many of the frames that wait, each partner in its turn, and saves what came of them.
    /// While the disk is behind, frames are left where they are, and the links hold the peers back.
    pub(crate) fn hear(&mut self, frames: usize) {
        for _ in 0..frames {
            if !self.hub.hungry() {
                break;
            }
            let Some((link, (bytes, _room))) = self.turns.pop() else { break };
            self.take_in(Input::Frame { link, bytes });
        }
        self.settle();
    }

    /// Whether frames wait that can be heard now.
    pub(crate) fn can_hear_more(&self) -> bool {
        !self.turns.is_empty() && self.hub.hungry()
    }

    /// What is due: wakes the hub, cuts what waits.
    pub(crate) fn on_time(&mut self) {
        let now = self.clock.steady();
        if self.hub.wake_at().is_some_and(|at| at <= now) {
            self.hand(Input::Wake);
        }
        if self.cut_at.is_some_and(|at| at <= now) {
            self.cut_at = None;
            self.cut_waiting();
        }
        if self.ask_at.is_some_and(|at| at <= now) {
            self.ask_for_keys();
        }
    }

    /// The next moment at which [`Driver::on_time`] has something to do.
    pub(crate) fn next_time(&self) -> Option<Millis> {
        [self.hub.wake_at(), self.cut_at, self.ask_at].into_iter().flatten().min()
    }

    /// Edits were written: they are cut soon if a peer is there to send them to.
    ///
    /// However many they are: writers say so once for each request, an import once at its end, so to cut earlier for their
    /// size would gain a quarter of a second and cost more, smaller segments.
    pub(crate) fn edits_written(&mut self) {
        if self.up.is_empty() {
            return;
        }
        let at = self.clock.steady().plus(crate::limit::CUT_AFTER_MS);
        self.cut_at = Some(self.cut_at.map_or(at, |before| before.min(at)));
    }

    /// Cuts what waits for partners that have shown what they hold, and gives the segments to the hub.
    pub(crate) fn cut_waiting(&mut self) {
        if self.new_life {
            return;
        }
        let opened = self.opened.clone();
        let waits = self.wait_for_copies();
        self.cut(|circle| {
            opened.iter().any(|partner| circle.charter().role(partner).is_some())
                && !waits.contains(&circle.id)
        });
    }

    /// Cuts all waiting edits: for a bundle, whose readers show nothing first.
    pub(crate) fn cut_unseen(&mut self) {
        self.cut(|_| true);
    }

    /// Circles in which a copy of this store has spoken and we have not heard it out: what waits here may be said
    /// there. Waited for so long and no longer: whoever shows such words may not have them.
    fn wait_for_copies(&mut self) -> BTreeSet<CircleId> {
        let now = self.clock.steady();
        let unheard: BTreeSet<CircleId> = {
            let house = self.shared.house();
            let circles = house.circles.values().filter(|circle| {
                circle.waiting > 0
                    && (self.hub.lacks_words_of_a_copy(&circle.id) || house.has_copies_to_read(circle))
            });
            circles.map(|circle| circle.id).collect()
        };
        self.copies.retain(|circle, _| unheard.contains(circle));
        for circle in &unheard {
            self.copies.entry(*circle).or_insert(now);
        }
        if !unheard.is_empty() && !self.up.is_empty() {
            self.cut_at.get_or_insert(now.plus(crate::limit::CUT_AFTER_MS));
        }
        let since = |circle: &CircleId| self.copies.get(circle).map_or(0, |since| now.since(*since));
        unheard.into_iter().filter(|circle| since(circle) < COPY_WAIT_MS).collect()
    }

    fn cut(&mut self, which: impl Fn(&Circle) -> bool) {
        if self.new_life {
            return;
        }
        // A circle that was founded this instant is in the house before it is in the hub, which takes no log from its middle.
        let hub = &self.hub;
        let which = |circle: &Circle| hub.knows(&circle.id) && which(circle);
        let segments = {
            let mut house = self.shared.house();
            if house.was_said_by_a_copy(which).unwrap_or(false) {
                // What waits is set aside and, as far as it was said, dropped.
                self.new_life = true;
                return;
            }
            match house.cut_all(which) {
                Ok(segments) => segments,
                Err(failure) => {
                    house.notice(format!("Edits could not be made ready to send: {}.", failure.what));
                    Vec::new()
                }
            }
        };
        if !segments.is_empty() {
            tell::cut(segments.len());
            self.shared.want_replay();
            self.hand(Input::Own { segments });
        }
    }

    /// Before a node goes to rest: what it learnt of its peers is saved now, not a little later.
    pub(crate) fn rest(&mut self) {
        // The hub's time is an argument: at this one, all that it puts off for a while is due.
        self.hub.handle(self.clock.steady().plus(REST_MS), Input::Wake);
        self.drain();
        self.settle();
    }

    pub(crate) fn status(&self) -> HubStatus {
        self.hub.status(self.clock.steady())
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Takes anew from the house who may call and where to dial.
    pub(crate) fn learn_ways(&mut self, house: MutexGuard<'_, super::house::House>) {
        let keys: BTreeSet<LinkKey> = house.peer_certificates().map(|certificate| certificate.link).collect();
        let addresses = house.addresses();
        let resting = house.resting();
        drop(house);
        self.hand_resting(resting);
        self.known.set(keys);
        let reachable: BTreeSet<PartnerId> = addresses.iter().map(|(partner, _, _)| *partner).collect();
        let before: BTreeSet<NodeId> = self.addresses.keys().copied().collect();
        self.addresses = addresses.into_iter().map(|(_, node, address)| (node, address)).collect();
        if before != self.addresses.keys().copied().collect() {
            for partner in reachable {
                self.hand(Input::Reach { partner, dialable: true });
            }
        }
    }

    /// Takes anew from the house which circles neither send nor take.
    pub(crate) fn rest_circles(&mut self) {
        let resting = self.shared.house().resting();
        self.hand_resting(resting);
    }

    fn hand_resting(&mut self, resting: BTreeSet<CircleId>) {
        if self.resting != resting {
            self.resting.clone_from(&resting);
            self.hand(Input::Rest { circles: resting });
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.hub.poll() {
            let answer = match output {
                Output::Send { link, frame } => {
                    if let Some(links) = &self.links {
                        links.send(link, frame);
                    }
                    None
                }
                Output::Close { link, code } => {
                    tell::closing(link.0, code);
                    if let Some(links) = &self.links {
                        links.close(link, u32::from(code.code() + limits::CLOSE_CODES_FROM));
                    }
                    None
                }
                Output::Dial { node, peer, .. } => {
                    // What waits goes into the first exchange instead of after it, if the partner was met before.
                    self.cut_at.get_or_insert(self.clock.steady());
                    match (&self.links, self.addresses.get(&node)) {
                        (Some(links), Some(address)) => {
                            tell::dialling(&node);
                            links.dial(node, address.clone(), peer);
                            None
                        }
                        _ => Some(Input::DialFailed { node }),
                    }
                }
                Output::Save { ticket, batch } => {
                    // The hub has one save out at a time.
                    self.to_save = Some((ticket, batch));
                    None
                }
                Output::Load { ticket, log, from, max_bytes } => {
                    let segments = self
                        .vault
                        .read(|reader| logs::segments_from(reader, &log, from, max_bytes))
                        .unwrap_or_default();
                    Some(Input::Loaded { ticket, segments: segments.into_iter().map(Arc::new).collect() })
                }
                Output::LoadBranch { ticket, log, header } => {
                    let read = self.vault.read(|reader| branches::branch_segment(reader, &log, &header));
                    let segments = read.ok().flatten().into_iter().map(Arc::new).collect();
                    Some(Input::Loaded { ticket, segments })
                }
                Output::Sign { ticket, domain, bytes } => {
                    Some(Input::Signed { ticket, signature: self.secret.sign(domain, &bytes) })
                }
                Output::Event(event) => {
                    self.on_event(event);
                    None
                }
            };
            if let Some(answer) = answer {
                self.hub.handle(self.clock.steady(), answer);
            }
        }
    }

    /// One transaction. What the house must know of it is queued after it is durable.
    fn save(&mut self, batch: SaveBatch) -> Result<(), Failure> {
        let new_peers: Vec<(NodeId, CircleId)> = batch
            .peers
            .iter()
            .map(|peer| (peer.node, peer.circle))
            .filter(|peer| !self.peers.contains(peer))
            .collect();
        let mut peers = self.peers.clone();
        peers.extend(new_peers.iter().copied());
        let own = self.shared.own;
        let now = self.clock.steady();
        self.vault.write(|writer| {
            for charter in &batch.circles {
                let standing = if charter.is_member(&own) { Standing::Held } else { Standing::Carried };
                let name = crate::private::Private::default();
                circles::put(
                    writer,
                    &KnownCircle { charter: charter.clone(), name, hidden: false, standing },
                )?;
            }
            for (circle, hash) in &batch.forget {
                circles::remove_record(writer, circle, hash)?;
            }
            for record in &batch.records {
                let stored =
                    StoredRecord { kind: stored_kind(record), hash: record.hash(), bytes: record.bytes() };
                if circles::put_record(writer, &record.circle(), &stored)? {
                    circles::note_seen(writer, &record.circle(), &stored.hash, now)?;
                }
            }
            for card in &batch.cards {
                partners::put_card(writer, card)?;
            }
            let intakes = |arrival: Arrival| -> Vec<Intake<'_>> {
                let arrived = batch.segments.iter().filter(|arrived| arrived.arrival == arrival);
                arrived
                    .map(|arrived| Intake {
                        segment: &arrived.segment,
                        first_seen: arrived.seen,
                        verdict: Verdict::Stored,
                        edits: None,
                    })
                    .collect()
            };
            logs::put_segments(writer, &intakes(Arrival::Placed))?;
            branches::put_branches(writer, &intakes(Arrival::Branch))?;
            for moved in &batch.moves {
                branches::arrange(writer, &moved.log, moved.keep, &moved.place)?;
            }
            for peer in &batch.peers {
                partners::put_peer(writer, &peer.node, &peer.circle, &peer.encode())?;
            }
            if !new_peers.is_empty() {
                let list: Vec<(NodeId, CircleId)> = peers.iter().copied().collect();
                writer.put(&Name::Setting(setting::PEERS), &codec::encode(&list))?;
            }
            if !batch.certificates.is_empty() {
                let known = newest_certificates(read_certificates(writer)?, &batch.certificates)?;
                writer.put(&Name::Setting(setting::CERTIFICATES), &codec::encode(&known))?;
            }
            if let Some(run) = batch.heads_run {
                writer.put(&Name::Setting(setting::HEADS_RUN), &codec::encode(&run))?;
            }
            Ok::<(), StoreFault>(())
        })?;
        self.peers = peers;
        tell::saved(&batch);
        self.shared.tell(News::Saved(Box::new(batch)));
        Ok(())
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::PeerUp { partner, node } => {
                tell::link_up(&node);
                self.up.insert(node);
                self.shared.watch(|watch| watch.up(partner, node));
            }
            Event::PeerDown { partner, node, fault } => {
                tell::link_down(node.as_ref(), fault);
                if let Some(fault) = fault {
                    self.shared.watch(|watch| watch.last_fault = Some(fault));
                }
                if let Some(node) = node {
                    self.up.remove(&node);
                }
                self.shared.watch(|watch| watch.down(partner, node));
                if let Some(partner) = partner
                    && !self.shared.look(|watch| watch.up.values().any(|up| *up == partner))
                {
                    // Heard out anew the next time: a copy of this store may have met it meanwhile.
                    self.opened.remove(&partner);
                }
            }
            Event::InSync { partner, node } => {
                tell::agreed(&node);
                self.shared.watch(|watch| watch.in_sync(partner, node));
                // What an earlier life left waiting may be said now.
                self.shared.want_replay();
            }
            Event::Progress { partner, received, expected } => {
                self.shared.watch(|watch| watch.progress(partner, received, expected));
            }
            Event::PeerOpened { partner, .. } => {
                self.opened.insert(partner);
                self.cut_at = Some(self.clock.steady());
                // It may hold a key that those before it lacked too.
                self.ask_at = self.ask_at.map(|at| at.min(self.clock.steady()));
            }
            Event::PeerHeads { .. } => self.shared.watch(Watch::touch),
            Event::CardLearned { .. } | Event::CircleLearned { .. } => {
                let shared = Arc::clone(&self.shared);
                self.learn_ways(shared.house());
            }
            Event::OwnLogAhead { .. } | Event::OwnLifeEnded { .. } => {
                tell::new_life();
                self.new_life = true;
            }
            Event::Carried { summary, .. } => self.shared.watch(|watch| watch.carried = Some(summary)),
            Event::PeerRestored { node, .. } => {
                tell::restored(&node);
                self.shared.tell(News::Restored(node));
            }
            Event::ForkSeen { log, number } => {
                tell::fork_seen(&log.circle, number);
                // A log of ours with two branches is not gone on with.
                self.new_life |= self.shared.house().life == log.life;
                self.shared.tell(News::Fork(log, number));
            }
            Event::RefusedSegment { log, number, fault } => {
                tell::segment_refused(&log.circle, number, fault);
                self.shared.watch(Watch::touch);
            }
            Event::GrantAsked { partner, node, circle, epoch } => {
                self.asks.hear(self.clock.steady(), Ask { partner, node, circle, epoch });
            }
            Event::LogMoved { .. }
            | Event::SegmentsStored { .. }
            | Event::RecordsStored { .. }
            | Event::SaveTrouble => self.shared.watch(Watch::touch),
        }
    }
}

/// Certificates that stand on no card: they came with charters and first segments.
pub(super) fn read_certificates(
    records: &impl crate::store::Records,
) -> Result<Vec<serde_bytes::ByteBuf>, StoreFault> {
    match records.get(&Name::Setting(setting::CERTIFICATES))? {
        Some(bytes) => Ok(codec::decode("certificates", &bytes, crate::limit::VAULT_RECORD_BYTES)?),
        None => Ok(Vec::new()),
    }
}

/// The certificates held with those that are new: of one node the latest alone, so that a partner who signs one after
/// another takes no more room than one who signs one.
fn newest_certificates(
    held: Vec<serde_bytes::ByteBuf>,
    new: &[Signed<Certificate>],
) -> Result<Vec<serde_bytes::ByteBuf>, StoreFault> {
    let mut newest = BTreeMap::new();
    for bytes in held {
        let known = Signed::<Certificate>::decode_own_store(&bytes)?;
        newest.insert((known.partner, known.node), bytes);
    }
    let new = new.iter().map(|one| ((one.partner, one.node), one.bytes().to_vec().into()));
    newest.extend(new);
    Ok(newest.into_values().collect())
}

fn stored_kind(record: &CircleRecord) -> StoredKind {
    match record.kind() {
        RecordKind::Closure => StoredKind::Closure,
        RecordKind::Fork => StoredKind::ForkProof,
        RecordKind::Grant => StoredKind::Grant,
    }
}
