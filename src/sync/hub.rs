//! The hub: everything one node knows of circles and peers, moved on by one input at a time.
//!
//! This file holds the state and the order of work; each mechanism has a file of its own. After every input the hub
//! settles: saves what came in, asks for signatures over heads that moved, tells peers, sends what they lack, dials.

use super::circle::{Circle, Peer};
use super::dial::Dialling;
use super::directory::Directory;
use super::fault::{CloseCode, Fault};
use super::forks::Hunt;
use super::placing::{Recent, Saving, Unplaced};
use super::port::{Event, Input, LinkId, Me, Output, SaveBatch, Start, Ticket};
use super::session::{Partial, Session};
use crate::id::{CircleId, Hash, LogId, NodeId, PartnerId};
use crate::log::{Header, Heads, HeldHeads, Segment};
use crate::pace::Pace;
use crate::sign::{Domain, Signature, Signed, hash};
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// A peer node: its partner and itself.
pub(super) type PeerId = (PartnerId, NodeId);

/// What an answer from the driver is for.
pub(super) enum Asked {
    /// The signature under our hello on a link.
    HelloSignature(LinkId),
    /// The signature under heads of ours.
    HeadsSignature { heads: Box<Heads>, entries: Arc<HeldHeads> },
    /// Segments to send on a link.
    Segments(LinkId, LogId),
    /// Our own header, to prove a fork with this one.
    Proof(Box<Signed<Header>>),
    /// A segment that is apart, to prove a fork with the one that stands or with another that is apart.
    Differs(LogId, Option<Hash>),
    /// A segment that is apart, to send on a link.
    Apart(LinkId),
    /// Our own header, to show to the peer on a link that asked.
    Shown(LinkId, CircleId),
}

/// The sync brain of one node. See the module's head for how it is driven.
pub struct Hub {
    pub(super) me: Me,
    pub(super) directory: Directory,
    pub(super) circles: BTreeMap<CircleId, Circle>,
    pub(super) peers: BTreeMap<PeerId, Peer>,
    pub(super) sessions: BTreeMap<LinkId, Session>,
    /// By header hash and who brought them: nobody goes on where another left off, whose bytes may be wrong.
    pub(super) partials: BTreeMap<(Hash, NodeId), Partial>,
    pub(super) unplaced: Unplaced,
    pub(super) recent: Recent,
    pub(super) hunts: BTreeMap<LogId, Hunt>,
    pub(super) dialling: Dialling,
    /// How fast new cards of each partner are taken.
    pub(super) cards: BTreeMap<PartnerId, Pace>,
    pub(super) saving: Saving,
    /// What goes into the next batch.
    pub(super) pending: SaveBatch,
    pub(super) asked: BTreeMap<Ticket, Asked>,
    /// Circles of which peers may have to hear.
    pub(super) touched: BTreeSet<CircleId>,
    /// The last running number used, and the highest that the disk allows.
    pub(super) run: u64,
    pub(super) run_reserved: u64,
    pub(super) later: u64,
    /// Whether what we know of peers changed, and when it is to be saved.
    pub(super) memory_dirty: bool,
    pub(super) memory_due: Option<Millis>,
    /// Nodes that their partners closed.
    closed: BTreeSet<PeerId>,
    /// Circles that neither send nor take.
    pub(super) resting: BTreeSet<CircleId>,
    /// The moment of the input that is being handled.
    pub(super) now: Millis,
    /// Whether a record came that may retire a linked node.
    pub(super) end_closed: bool,
    outputs: VecDeque<Output>,
    next_ticket: u64,
    seed: [u8; 32],
    drawn: u64,
}

impl Hub {
    /// A hub that knows what `start` says. Dials nobody before [`Input::Reach`].
    pub fn new(start: Start) -> Self {
        let mut directory = Directory::default();
        directory.learn_own(&start.me.certificate);
        for card in &start.cards {
            directory.learn_card(card);
        }
        for certificate in &start.certificates {
            directory.learn_certificate(certificate);
        }
        let mut peers: BTreeMap<PeerId, Peer> = BTreeMap::new();
        for memory in start.peers {
            peers.entry((memory.partner, memory.node)).or_default().remember(memory);
        }
        let circles = start.circles.into_iter().map(Circle::from_start);
        let mut hub = Self {
            me: start.me,
            directory,
            circles: circles.map(|circle| (circle.id(), circle)).collect(),
            peers,
            sessions: BTreeMap::new(),
            partials: BTreeMap::new(),
            unplaced: Unplaced::default(),
            recent: Recent::default(),
            hunts: BTreeMap::new(),
            dialling: Dialling::default(),
            cards: BTreeMap::new(),
            saving: Saving::Idle,
            pending: SaveBatch::default(),
            asked: BTreeMap::new(),
            touched: BTreeSet::new(),
            run: start.heads_run,
            run_reserved: start.heads_run,
            later: 0,
            memory_dirty: false,
            memory_due: None,
            closed: BTreeSet::new(),
            resting: BTreeSet::new(),
            now: Millis::default(),
            end_closed: true,
            outputs: VecDeque::new(),
            next_ticket: 0,
            seed: start.seed,
            drawn: 0,
        };
        hub.rearrange_all();
        hub
    }

    /// Whatever was known and not yet done when the program ended.
    fn rearrange_all(&mut self) {
        let logs: Vec<LogId> = self
            .circles
            .iter()
            .flat_map(|(circle, held)| held.logs.keys().map(|life| LogId { circle: *circle, life: *life }))
            .collect();
        for log in logs {
            self.rearrange(log);
        }
    }

    /// Takes one input in. Drain [`Hub::poll`] afterwards.
    pub fn handle(&mut self, now: Millis, input: Input) {
        self.now = now;
        if std::mem::take(&mut self.end_closed) {
            self.count_closed();
        }
        match input {
            Input::Linked { link, dialled, peer, exporter } => {
                self.linked(now, link, dialled, peer, exporter)
            }
            Input::Frame { link, bytes } => self.frame(now, link, &bytes),
            Input::Unlinked { link, why } => self.unlinked(now, link, why),
            Input::Room { link, bytes } => self.room(link, bytes),
            Input::Saved { ticket } => self.saved(ticket),
            Input::SaveFailed { ticket } => self.save_failed(now, ticket),
            Input::Loaded { ticket, segments } => self.loaded(ticket, segments),
            Input::Signed { ticket, signature } => self.signed(ticket, signature),
            Input::Own { segments } => self.own(segments),
            Input::OwnRecords { records } => self.own_records(records),
            Input::NewCircle { charter } => self.new_circle(charter),
            Input::Accepted { circle } => {
                if let Some(circle) = self.circles.get_mut(&circle) {
                    circle.accepted = true;
                }
            }
            Input::Rest { circles } => {
                let woken: Vec<CircleId> = self.resting.difference(&circles).copied().collect();
                self.resting = circles;
                self.begin_anew_with(now, &woken);
            }
            Input::Card(card) => {
                self.learn_card(&card);
            }
            Input::Carried { maker, items } => self.carried(now, maker, items),
            Input::Reach { partner, dialable } => self.dialling.reach(partner, dialable),
            Input::DialFailed { node } => self.dial_failed(now, &node),
            Input::Pause(partner) => self.pause(now, partner),
            Input::Resume(partner) => self.dialling.resume(partner),
            Input::SyncNow(partner) => self.sync_now(now, partner),
            Input::AskGrant { circle, epoch } => self.ask_grant(now, circle, epoch),
            Input::Wake => {}
        }
        self.settle(now);
    }

    /// The next thing the hub wants done, `None` when all is said.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Wake`] is due, if nothing else comes before.
    pub fn wake_at(&self) -> Option<Millis> {
        let saves = match &self.saving {
            Saving::Failed { again, .. } => Some(*again),
            _ => None,
        };
        let holds = self.sessions.values().filter_map(Session::next_release);
        let waits = self.first_deadline().into_iter();
        waits.chain(saves).chain(holds).chain(self.memory_due).chain(self.dialling.due).min()
    }

    /// Whether the driver should go on reading frames. `false` while the disk is behind: leave frames in the links
    /// until it is `true` again, and the links' own flow control holds the peers back.
    pub fn hungry(&self) -> bool {
        self.backlog() < super::placing::BACKLOG_BYTES
    }

    /// Work that follows any input, in the order in which it enables more.
    fn settle(&mut self, now: Millis) {
        self.expire(now);
        self.end_closed_links(now);
        self.remember_peers(now);
        self.save(now);
        self.sign_heads(now);
        self.release_holds(now);
        self.say_openings(now);
        self.say_touched();
        self.send_segments();
        self.acknowledge();
        self.notice_sync();
        self.dial(now);
        self.save(now);
    }

    /// An answer by the signer.
    fn signed(&mut self, ticket: Ticket, signature: Signature) {
        match self.asked.remove(&ticket) {
            Some(Asked::HelloSignature(link)) => self.hello_signed(link, signature),
            Some(Asked::HeadsSignature { heads, entries }) => self.heads_signed(*heads, entries, signature),
            Some(other) => {
                self.asked.insert(ticket, other);
            }
            None => {}
        }
    }

    /// An answer by the disk.
    fn loaded(&mut self, ticket: Ticket, segments: Vec<Arc<Segment>>) {
        match self.asked.remove(&ticket) {
            Some(Asked::Segments(link, log)) => self.segments_loaded(link, &log, segments),
            Some(Asked::Proof(theirs)) => self.prove(*theirs, segments.first()),
            Some(Asked::Differs(log, other)) => {
                if let Some(segment) = segments.first() {
                    self.prove_apart(log, segment.header().clone(), other);
                }
            }
            Some(Asked::Apart(link)) => self.apart_loaded(link, segments.first()),
            Some(Asked::Shown(link, circle)) => self.show(link, circle, segments.first()),
            Some(other) => {
                self.asked.insert(ticket, other);
            }
            None => {}
        }
    }

    pub(super) fn out(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    pub(super) fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    pub(super) fn ticket(&mut self) -> Ticket {
        self.next_ticket += 1;
        Ticket(self.next_ticket)
    }

    /// Asks the driver for something that it answers by ticket.
    pub(super) fn ask(&mut self, asked: Asked) -> Ticket {
        let ticket = self.ticket();
        self.asked.insert(ticket, asked);
        ticket
    }

    pub(super) fn ask_signature(&mut self, asked: Asked, domain: Domain, bytes: Vec<u8>) {
        let ticket = self.ask(asked);
        self.out(Output::Sign { ticket, domain, bytes });
    }

    /// A number below `below` (which is not 0), drawn from the seed.
    pub(super) fn draw(&mut self, below: u64) -> u64 {
        self.drawn += 1;
        let bytes = hash(Domain::Chance, &[&self.seed, &self.drawn.to_be_bytes()]).0;
        let word = bytes.first_chunk::<8>().map_or(0, |word| u64::from_be_bytes(*word));
        word % below.max(1)
    }

    /// The number of this start, which hellos name.
    pub(super) fn start_number(&self) -> u64 {
        let bytes = hash(Domain::Chance, &[&self.seed, b"start"]).0;
        bytes.first_chunk::<8>().map_or(0, |word| u64::from_be_bytes(*word))
    }

    /// The open link to a peer, once its hello was verified.
    pub(super) fn open_link(&self, peer: &PeerId) -> Option<LinkId> {
        self.sessions.iter().find(|(_, s)| s.welcomed() && s.peer == Some(*peer)).map(|(link, _)| *link)
    }

    /// Whose node is, or seems to be, at the other end of a link: for [`super::Turns`].
    pub fn partner_of(&self, link: LinkId) -> Option<PartnerId> {
        let session = self.sessions.get(&link)?;
        let proven = session.peer.map(|peer| peer.0);
        proven.or_else(|| self.directory.owners(&session.tls).next().map(|owner| owner.0))
    }

    /// Whether a partner closed this node of its own, in any circle.
    pub(super) fn is_closed(&self, peer: &PeerId) -> bool {
        self.closed.contains(peer)
    }

    /// Learns anew which nodes are closed.
    pub(super) fn count_closed(&mut self) {
        self.closed = self.circles.values().flat_map(Circle::retired).collect();
    }

    /// What came of these circles while they rested was passed over: their partners begin anew, on new links.
    fn begin_anew_with(&mut self, now: Millis, woken: &[CircleId]) {
        let shares = |partner: &PartnerId| {
            let circles = woken.iter().filter_map(|id| self.circles.get(id));
            circles.into_iter().any(|circle| circle.charter.role(partner).is_some())
        };
        let theirs = self.sessions.iter().filter(|(_, s)| s.peer.is_some_and(|peer| shares(&peer.0)));
        let links: Vec<LinkId> = theirs.map(|(link, _)| *link).collect();
        for link in links {
            self.drop_link(now, link, CloseCode::Done, None);
        }
        self.touched.extend(woken);
    }

    /// Ends a link for a fault of the peer.
    pub(super) fn blame(&mut self, now: Millis, link: LinkId, fault: Fault) {
        self.drop_link(now, link, fault.code(), Some(fault));
    }

    /// Ends a link and forgets it, keeping what came in.
    pub(super) fn drop_link(&mut self, now: Millis, link: LinkId, code: CloseCode, fault: Option<Fault>) {
        if self.sessions.contains_key(&link) {
            self.out(Output::Close { link, code });
            self.forget_link(now, link, fault);
        }
    }
}
