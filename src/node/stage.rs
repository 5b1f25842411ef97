//! A node on a stage: the whole house, with time, chance, disk and network in the hands of whoever drives it.
//!
//! This is how a world of many offices runs in one thread and in virtual time, on the code that runs in an office: the
//! same driver, house and replay, only without their threads and sockets. What happens on the network is told with
//! [`Staged::hear`]; then [`Staged::turn`] lets the driver take it in, and [`Staged::acts`] says what it wants done.
//! No door stages a node, so no file and no request can set the clock of one that runs for people.

use super::chance::Chance;
use super::clock::Clock;
use super::config::Config;
use super::failure::internal;
use super::home::Home;
use super::house::{Circle, Furniture, House};
use super::links::{Carried, NetEvent};
use super::mending::{self, Patience};
use super::people::{Standing, Trust};
use super::running::{self, Node};
use super::ways::Ways;
use super::{Answer, Asked, Failure, Request, answering, limits};
use crate::case::Change;
use crate::id::{CaseId, CircleId, EditRef, InstanceId, Life, LinkKey, LogId, NodeId, PartnerId};
use crate::log::{ChainEnd, Charter, Segment};
use crate::private::Private;
use crate::register::Sheet;
use crate::seal::{Card, Certificate, Envelope, NodeSecret};
use crate::sign::Signed;
use crate::store::{Opened, StoreFault, Vault, logs, partners};
use crate::sync::{HubStatus, LinkId, Weight, Why};
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

pub use super::clock::Hands;
pub use super::shared::ReplayWork;

/// How often a disk that refused is thought of.
const LOOK_MS: u64 = 500;
/// Room of the frames that wait for a driver: a stage bounds them itself.
const ROOM: usize = 1 << 30;

/// What a node is staged with.
pub struct Props {
    /// Its vault, on any storage.
    pub opened: Opened,
    /// Its keys.
    pub secret: NodeSecret,
    /// What seals and opens.
    pub envelope: Arc<dyn Envelope>,
    /// Its clock.
    pub hands: Arc<Hands>,
    /// Its chance.
    pub chance: [u8; 32],
    /// What stands for its folder.
    pub home: PathBuf,
}

/// What a node wants done on the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Dial a node at an address; it must prove the key. Answered by [`Heard::Up`] or [`Heard::DialFailed`].
    Dial {
        /// It.
        node: NodeId,
        /// As its card or the settings name it.
        address: String,
        /// Its link key.
        peer: LinkKey,
    },
    /// Send a frame. Answered by [`Heard::Room`] as the link takes it.
    Send {
        /// On which link.
        link: LinkId,
        /// The frame.
        frame: Vec<u8>,
    },
    /// End a link after what was handed to it.
    Close {
        /// Which.
        link: LinkId,
        /// The hub's code.
        code: u16,
    },
    /// End every link.
    CloseAll,
}

/// What happens on the network of a node.
#[derive(Clone, Debug)]
pub enum Heard {
    /// A link is up.
    Up {
        /// Its number: never the same twice.
        link: LinkId,
        /// Whether we dialled.
        dialled: bool,
        /// The peer's link key, proven.
        peer: LinkKey,
        /// Exported keying material, the same on both sides.
        exporter: [u8; 32],
    },
    /// A frame came.
    Frame {
        /// On which link.
        link: LinkId,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// The link took bytes.
    Room {
        /// Which.
        link: LinkId,
        /// How many.
        bytes: usize,
    },
    /// A link ended: lost, or closed by the peer's hub with a code.
    Down {
        /// Which.
        link: LinkId,
        /// The peer's code.
        code: Option<u16>,
    },
    /// A dial came to nothing.
    DialFailed {
        /// Who was dialled.
        node: NodeId,
    },
}

/// Notes what the driver wants done.
struct Noting(Arc<Mutex<Vec<Act>>>);

impl Noting {
    fn note(&self, act: Act) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(act);
    }
}

impl Ways for Noting {
    fn dial(&self, node: NodeId, address: String, peer: LinkKey) {
        self.note(Act::Dial { node, address, peer });
    }

    fn send(&self, link: LinkId, frame: Vec<u8>) {
        self.note(Act::Send { link, frame });
    }

    fn close(&self, link: LinkId, code: u32) {
        let code = u16::try_from(code).unwrap_or(u16::MAX).saturating_sub(limits::CLOSE_CODES_FROM);
        self.note(Act::Close { link, code });
    }

    fn close_all(&self) {
        self.note(Act::CloseAll);
    }

    fn carried(&self) -> Carried {
        Carried::default()
    }

    fn stop(self: Box<Self>) {}
}

/// A node whose caller drives it.
pub struct Staged {
    node: Node,
    inbox: Receiver<NetEvent>,
    heard: Mutex<Vec<NetEvent>>,
    acts: Arc<Mutex<Vec<Act>>>,
    room: Arc<Semaphore>,
    patience: Mutex<Patience>,
}

impl Staged {
    /// Writes the first records of a new vault. The phrases of `trusted` were compared when it was made.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn found(
        vault: &Vault,
        card: &Signed<Card>,
        certificate: &Signed<Certificate>,
        instance: InstanceId,
        trusted: &[Signed<Card>],
    ) -> Result<(), Failure> {
        House::found(vault, card, certificate, instance, true)?;
        vault.write(|writer| {
            for card in trusted {
                let trust = Some(Trust::ByPhrase { since: card.time });
                let standing = Standing { trust, ..Standing::default() };
                partners::put_trust(writer, &card.partner, &standing.encode())?;
                partners::put_card(writer, card)?;
            }
            Ok::<(), StoreFault>(())
        })?;
        Ok(())
    }

    /// Starts a node on what its vault holds.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn start(with: Props) -> Result<Self, Failure> {
        let house = House::furnish(Furniture {
            home: Home(with.home),
            config: Config::default(),
            elsewhere: with.opened.moved || with.opened.fell_back,
            vault: Arc::new(with.opened.vault),
            secret: Arc::new(with.secret),
            envelope: with.envelope,
            clock: Clock::Staged(with.hands),
            chance: Chance::staged(with.chance),
        })?;
        let node = Node::at_rest(house)?;
        let acts = Arc::default();
        let inbox = node.stage(Box::new(Noting(Arc::clone(&acts))));
        Ok(Self {
            node,
            inbox,
            heard: Mutex::default(),
            acts,
            room: Arc::new(Semaphore::new(ROOM)),
            patience: Mutex::default(),
        })
    }

    /// Something happened on the network: the driver takes it in with its next turn.
    pub fn hear(&self, heard: Heard) {
        let event = match heard {
            Heard::Up { link, dialled, peer, exporter } => NetEvent::Up { link, dialled, peer, exporter },
            Heard::Frame { link, bytes } => {
                let wanted = u32::try_from(bytes.len().max(1)).unwrap_or(u32::MAX);
                let Ok(room) = Arc::clone(&self.room).try_acquire_many_owned(wanted) else { return };
                NetEvent::Frame { link, bytes, room }
            }
            Heard::Room { link, bytes } => NetEvent::Room { link, bytes },
            Heard::Down { link, code } => {
                let why = code.map_or(Why::Lost, |code| Why::Closed(code + limits::CLOSE_CODES_FROM));
                NetEvent::Down { link, why }
            }
            Heard::DialFailed { node } => NetEvent::DialFailed { node },
        };
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }

    /// One turn of the driver: takes in what was heard, does what is due, and mends what a disk fault broke.
    pub fn turn(&self) {
        self.take_turn();
        let mut patience = self.patience.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.node.steady();
        mending::look_after(self.node.driver_lock(), &self.node.shared, &mut patience, now);
    }

    fn take_turn(&self) {
        let heard = std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner));
        let nudges = std::iter::from_fn(|| self.inbox.try_recv().ok());
        let mut events = heard.into_iter().chain(nudges).peekable();
        loop {
            let more = running::turn(self.node.driver_lock(), &self.node.shared, events.by_ref());
            if !more && events.peek().is_none() {
                return;
            }
        }
    }

    /// What the node wants done on the network, in order.
    pub fn acts(&self) -> Vec<Act> {
        std::mem::take(&mut *self.acts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// When the driver has something to do next, by the steady clock.
    pub fn next_time(&self) -> Option<Millis> {
        let next = self.node.driver().next_time();
        let mend = self.is_unsure().then(|| self.node.steady().plus(LOOK_MS));
        [next, mend].into_iter().flatten().min()
    }

    /// Whether a disk fault stands between what the disk holds and what is known here.
    pub fn is_unsure(&self) -> bool {
        self.node.shared.vault.is_unsure()
    }

    /// Whether there may be something to replay; asked once.
    pub fn takes_replay(&self) -> bool {
        self.node.shared.takes_replay()
    }

    /// Replays what came, and says what an earlier life left waiting.
    pub fn replay(&self) {
        running::replay_once(self.node.driver_lock(), &self.node.shared);
    }

    /// Asks as a door does. Requests that wait for the network (`Sync`) would wait for ever: the caller moves time.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn ask(&self, operator: &str, request: Request) -> Result<Answer, Failure> {
        self.node.answer(Asked { operator: operator.into(), request }, &mut |_| ())
    }

    /// Writes edits in one circle, in one transaction: durable when this returns.
    ///
    /// # Errors
    /// [`Failure`]; what was written is known to the disk alone if that is what failed.
    pub fn write(
        &self,
        circle: &CircleId,
        changes: Vec<(CaseId, Change)>,
        operator: &str,
    ) -> Result<Vec<EditRef>, Failure> {
        self.node.ready_for(&Request::Check)?;
        let written = self.node.shared.house().write(circle, changes, &Private::new(operator.to_owned()))?;
        answering::wrote(&self.node);
        Ok(written)
    }

    /// Cuts all that waits, whoever has shown what it holds: as for a bundle.
    pub fn cut_unseen(&self) {
        self.node.driver().cut_unseen();
    }

    /// Whether a link key is one of those that may call.
    pub fn knows(&self, key: &LinkKey) -> bool {
        crate::net::Pins::is_known(&*self.node.driver().known, key)
    }

    /// What a peer was last let go for.
    pub fn last_fault(&self) -> Option<crate::sync::Fault> {
        self.node.shared.look(|watch| watch.last_fault)
    }

    /// What the hub shows.
    pub fn hub_status(&self) -> HubStatus {
        self.node.driver().status()
    }

    /// Which life this is.
    pub fn life(&self) -> Life {
        self.node.shared.house().life
    }

    /// The circles held, with their charters.
    pub fn circles(&self) -> BTreeMap<CircleId, Signed<Charter>> {
        let house = self.node.shared.house();
        house.circles.iter().map(|(id, circle)| (*id, circle.known.charter.clone())).collect()
    }

    /// Whether people here may write in a circle now.
    pub fn writes_in(&self, circle: &CircleId) -> bool {
        self.node.shared.house().open_circle(circle).is_ok_and(|circle| !circle.rebuilding)
    }

    /// The ends of a circle's logs, as the house has them.
    pub fn logs(&self, circle: &CircleId) -> BTreeMap<Life, ChainEnd> {
        let house = self.node.shared.house();
        let logs = house.circles.get(circle).map(|circle| &circle.logs);
        logs.into_iter().flatten().map(|(life, log)| (*life, log.end)).collect()
    }

    /// How far each log of a circle is in the sheets.
    pub fn applied(&self, circle: &CircleId) -> BTreeMap<Life, u64> {
        let house = self.node.shared.house();
        let Some(circle) = house.circles.get(circle) else { return BTreeMap::new() };
        circle.logs.keys().map(|life| (*life, circle.reach.number(life))).collect()
    }

    /// Where our own logs end, without the rest of what is known.
    pub fn own_ends(&self) -> Vec<(CircleId, u64)> {
        let house = self.node.shared.house();
        house.circles.values().map(|circle| (circle.id, circle.own.end.number)).collect()
    }

    /// The segment of our log that holds an edit of ours, once it is cut.
    pub fn segment_of(&self, circle: &CircleId, edit: &EditRef) -> Option<u64> {
        let house = self.node.shared.house();
        let log = house.circles.get(circle)?.logs.get(&edit.life)?;
        let holds = |span: crate::store::logs::EditSpan| (span.first..=span.last).contains(&edit.number);
        log.segments.iter().find(|entry| entry.edits.is_some_and(holds)).map(|entry| entry.header.number)
    }

    /// Logs of a circle whose next segment is held.
    pub fn held(&self, circle: &CircleId) -> Vec<Life> {
        let house = self.node.shared.house();
        let logs = house.circles.get(circle).into_iter().flat_map(|circle| &circle.logs);
        logs.filter(|(_, log)| log.held.is_some()).map(|(life, _)| *life).collect()
    }

    /// How many keys this node lacks to open what it holds, and asks for.
    pub fn lacking(&self) -> usize {
        self.node.shared.house().lacking().map_or(0, |lacking| lacking.len())
    }

    /// Edits of this node that are in no segment yet, those of earlier lives among them.
    pub fn waiting(&self) -> u64 {
        let house = self.node.shared.house();
        house.circles.values().map(|circle| circle.waiting).sum::<u64>() + house.left_waiting() as u64
    }

    /// The same by circle.
    pub fn waiting_in(&self) -> Vec<(CircleId, u64)> {
        let house = self.node.shared.house();
        let left = house.left_waiting_in().into_iter().map(|circle| (circle, 1));
        house.circles.values().map(|circle| (circle.id, circle.waiting)).chain(left).collect()
    }

    /// In how many milliseconds sheets are to be made anew, if they are: a running node's replay wakes by itself then.
    pub fn rebuilds_in(&self) -> Option<u64> {
        let house = self.node.shared.house();
        let at = house.next_rebuild()?;
        u64::try_from(house.clock.until(at).as_millis()).ok()
    }

    /// A stored segment.
    pub fn segment(&self, log: &LogId, number: u64) -> Option<Segment> {
        self.node.shared.house().vault.read(|reader| logs::segment(reader, log, number)).ok().flatten()
    }

    /// The cases of a circle that have a sheet.
    pub fn cases(&self, circle: &CircleId) -> Vec<CaseId> {
        self.node.shared.house().index.rows_of(*circle).map(|row| row.case).collect()
    }

    /// A sheet as it stands.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn sheet(&self, circle: &CircleId, case: &CaseId) -> Result<Option<Sheet>, Failure> {
        let house = self.node.shared.house();
        let circle = house.circles.get(circle).ok_or_else(|| internal("no such circle"))?;
        house.sheet(circle, case)
    }

    /// A partner's card, as held here.
    pub fn card(&self, partner: &PartnerId) -> Option<Signed<Card>> {
        self.node.shared.house().people.cards.get(partner).cloned()
    }

    /// Nodes that their partners retired, by circle, as far as that was heard of here.
    pub fn closed(&self) -> BTreeSet<(CircleId, NodeId)> {
        let house = self.node.shared.house();
        let of =
            |circle: &Circle| -> Vec<_> { circle.cut.all_retired().map(|node| (circle.id, node)).collect() };
        house.circles.values().flat_map(of).collect()
    }

    /// What the hub holds for others now.
    pub fn weight(&self) -> Weight {
        self.node.driver().hub().weight()
    }

    /// How many edits the sheets rest on.
    pub fn edits_applied(&self) -> u64 {
        let house = self.node.shared.house();
        let of =
            |circle: &Circle| -> u64 { circle.logs.keys().map(|life| circle.reach.last_edit(life)).sum() };
        house.circles.values().map(of).sum()
    }

    /// What replay has done since the start.
    pub fn replay_work(&self) -> ReplayWork {
        self.node.shared.replay_work()
    }

    /// How many lives this node has had.
    pub fn lives(&self) -> usize {
        self.node.shared.house().lives.len()
    }

    /// What a person here should look at.
    pub fn notices(&self) -> Vec<String> {
        self.node.shared.house().notices.clone()
    }

    /// Before the program ends in good order: what the hub puts off is saved.
    pub fn rest(&self) {
        self.node.driver().rest();
    }
}
