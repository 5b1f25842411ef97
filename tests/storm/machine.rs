//! One machine of an office: its keys, its disk, its clock, and the node that runs on it while it is on.

use super::bounds::Replayed;
use super::chance::Chance;
use super::disk::Disk;
use super::envelope::Counting;
use homeward::case::SheetView;
use homeward::id::{CaseId, CircleId, Hash, LinkKey, NodeId, PartnerId};
use homeward::node::stage::{Hands, Props, Staged};
use homeward::private::Private;
use homeward::seal::{Certificate, NodeSecret};
use homeward::sign::{Domain, Signed, hash};
use homeward::store::{Place, Vault};
use homeward::time::Millis;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// What became of a machine, as far as laws ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fate {
    /// Its disk went back in time, or another copy of it goes on: it may say again what it had left waiting.
    pub went_back: bool,
    /// Gone for good: no machine of its office any more.
    pub lost: bool,
    /// A thief has it.
    pub stolen: bool,
    /// Came when there were epochs already, which were not sealed to it.
    pub late: bool,
}

pub(crate) struct Machine {
    pub name: String,
    pub office: usize,
    pub secret: NodeSecret,
    pub certificate: Signed<Certificate>,
    pub vault_key: [u8; 32],
    pub place: Place,
    pub disk: Disk,
    pub hands: Arc<Hands>,
    /// How far its clock is from the true time.
    pub skew_ms: i64,
    /// When it was started, and what its steady clock showed then.
    pub started: (Millis, u64),
    pub staged: Option<Staged>,
    /// When its driver has something to do next, in true time.
    pub next: Option<Millis>,
    pub envelope: Arc<Counting>,
    /// How often it was started: what an earlier run still had to do is void.
    pub starts: u64,
    /// Turns in a row that wanted another at once.
    pub spins: u64,
    /// Its disk is full, and will have room again.
    pub full: bool,
    /// Whether a replay is due.
    pub replay_due: bool,
    /// What its replay did.
    pub replayed: Replayed,
    pub fate: Fate,
}

impl Machine {
    pub(crate) fn partner(&self) -> PartnerId {
        self.certificate.partner
    }

    pub(crate) fn node(&self) -> NodeId {
        self.certificate.node
    }

    pub(crate) fn link(&self) -> LinkKey {
        self.certificate.link
    }

    /// Another machine with the same keys, and nothing on its disk yet.
    pub(crate) fn twin(&self, age: bool) -> Self {
        Self {
            name: format!("{}'s twin", self.name),
            office: self.office,
            secret: self.secret.clone(),
            certificate: self.certificate.clone(),
            vault_key: self.vault_key,
            place: self.place,
            disk: Disk::default(),
            hands: Arc::default(),
            skew_ms: 0,
            started: (self.started.0, 0),
            staged: None,
            next: None,
            envelope: Arc::new(Counting::new(age)),
            starts: 0,
            spins: 0,
            full: false,
            replay_due: false,
            replayed: Replayed::default(),
            fate: Fate::default(),
        }
    }

    /// The time of day on its wall.
    pub(crate) fn day(&self, now: Millis) -> u64 {
        now.0.saturating_add_signed(self.skew_ms).min(1 << 48)
    }

    /// Sets its hands to the true time.
    pub(crate) fn tick(&self, now: Millis) {
        self.hands.day.store(self.day(now), Ordering::Relaxed);
        self.hands.steady.store(self.started.1 + now.since(self.started.0), Ordering::Relaxed);
    }

    /// Opens the vault and starts the node: all that it knows is what its disk holds.
    pub(crate) fn start(&mut self, now: Millis, chance: &mut Chance) -> bool {
        self.starts += 1;
        self.replay_due = false;
        self.started = (now, self.day(now));
        self.tick(now);
        let key = Private::new(self.vault_key);
        let opened = Vault::open_on(self.disk.open(self.place), &key);
        let seed = hash(Domain::Chance, &[&chance.next().to_be_bytes(), self.name.as_bytes()]).0;
        let started = opened.map_err(|fault| fault.to_string()).and_then(|opened| {
            let props = Props {
                opened,
                secret: self.secret.clone(),
                envelope: self.envelope.clone(),
                hands: self.hands.clone(),
                chance: seed,
                home: PathBuf::from("/nowhere"),
            };
            Staged::start(props).map_err(|failure| failure.what)
        });
        match started {
            Ok(staged) => self.staged = Some(staged),
            Err(what) => {
                // Only a disk in trouble keeps a node from starting.
                assert!(self.disk.lock().refused > 0, "{} does not start: {what}", self.name);
            }
        }
        self.look();
        self.staged.is_some()
    }

    /// Looks when its driver is to be woken.
    pub(crate) fn look(&mut self) {
        let steady = self.hands.steady.load(Ordering::Relaxed);
        let now = Millis(self.started.0.0 + (steady - self.started.1));
        let next = self.staged.as_ref().and_then(Staged::next_time);
        self.next = next.map(|at| now.plus(at.0.saturating_sub(steady)));
    }

    pub(crate) fn on(&self) -> Option<&Staged> {
        self.staged.as_ref()
    }

    pub(crate) fn view(&self, circle: &CircleId, case: &CaseId) -> Option<SheetView> {
        self.on()?.sheet(circle, case).ok()?.map(|sheet| sheet.view())
    }

    /// Another place than any before: another machine, or another file on it.
    pub(crate) fn moves(&mut self, chance: &mut Chance) {
        let machine = if chance.percent(50) { Hash(chance.array()) } else { self.place.machine };
        self.place = Place { machine, inode: chance.next(), ..self.place };
    }
}
