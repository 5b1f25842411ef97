//! One link's state, and what each message may do.
//!
//! A session is two small machines: what our side awaits before it may speak ([`Ours`]), and what the other side still
//! owes ([`TheirSide`]). Every message about a circle leaves through [`Hub::tell`], which asks again whether the peer may
//! hear it.

use super::branches::ListedApart;
use super::circle::SignedHeads;
use super::deadlines::{Owed, Progress};
use super::fault::{CloseCode, Fault};
use super::hello::Hello;
use super::hub::{Asked, Hub, PeerId};
use super::message::Message;
use super::port::{Event, LinkId, Output, Told, Why};
use super::receipts::Gathering;
use crate::id::{CircleId, Hash, LinkKey, LogId, PartnerId};
use crate::limit;
use crate::log::{Header, Segment};
use crate::pace::Pace;
use crate::sign::{Domain, Signed};
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// What our side awaits.
pub(super) enum Ours {
    /// The signature under our hello.
    Signature(Box<Hello>),
    /// That the peer, who dialled us, proves itself first.
    Welcome(Box<Hello>),
    /// Signatures under the heads of these circles.
    Heads(Box<Hello>, BTreeSet<CircleId>),
    /// The same, after the peer asked for everything.
    All(BTreeSet<CircleId>),
    /// Nothing: our opening is said.
    Said,
}

/// What the other side owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TheirSide {
    /// A hello that holds, by this moment.
    Hello(Millis),
    /// The end of its opening.
    Opening,
    /// Nothing.
    Open,
}

/// A segment that comes in.
pub(super) enum Inbound {
    /// What came of it so far.
    Segment {
        header: Box<Signed<Header>>,
        body: Vec<u8>,
        /// When it began, and how much of it was here already.
        begun: Millis,
        from: usize,
    },
    /// Its bytes are let go: it is here already, another brings it, or a later version wrote it.
    Ignored,
}

/// What waits for room on a link. Records and lists of them are looked up when their turn comes.
#[derive(Clone, Debug)]
pub(super) enum Queued {
    Message(Message),
    Record(Hash),
    Card(PartnerId),
    /// Our list of records.
    List,
}

/// A segment of which a part came in before its link ended.
#[derive(Clone, Debug)]
pub(super) struct Partial {
    pub(super) circle: CircleId,
    pub(super) bytes: Vec<u8>,
    /// When it was last added to.
    pub(super) touched: Millis,
}

/// Segments of a log that wait since the peer hears them from another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hold {
    /// Through where it may be sent.
    pub(super) through: u64,
    /// When what was held back is let go.
    pub(super) due: Option<Millis>,
    /// How long it is held back, in milliseconds.
    pub(super) wait_ms: u64,
}

/// A segment that goes out.
pub(super) struct Outbound {
    pub(super) segment: Arc<Segment>,
    pub(super) offset: usize,
}

/// One link.
pub(super) struct Session {
    pub(super) dialled: bool,
    pub(super) tls: LinkKey,
    pub(super) exporter: [u8; 32],
    /// The node that was dialled, or that proved itself.
    pub(super) peer: Option<PeerId>,
    /// The number of its program's start, from its hello.
    pub(super) peer_start: u64,
    pub(super) ours: Ours,
    pub(super) theirs: TheirSide,
    /// What was said of our heads on this link, by circle.
    pub(super) said: BTreeMap<CircleId, Told>,
    /// What was said and not yet confirmed, in order.
    pub(super) unseen: VecDeque<(CircleId, Told)>,
    pub(super) seen: u64,
    /// States received and acknowledged.
    pub(super) states_in: u64,
    pub(super) states_acknowledged: u64,
    pub(super) gathering: Option<Gathering>,
    /// A state could not be put together: the peer must say all.
    pub(super) mismatch: bool,
    pub(super) asked_all: bool,
    pub(super) answered_all: u32,
    /// Circles whose state came since the last opening began.
    pub(super) fresh: BTreeSet<CircleId>,
    pub(super) chartered: BTreeSet<CircleId>,
    /// By circle, the two record digests that a list was sent for.
    pub(super) listed: BTreeMap<CircleId, (Hash, Hash)>,
    /// The highest number of each log that this peer has shown on this link to have, by sending, or was sent.
    pub(super) sent: BTreeMap<LogId, u64>,
    /// Logs that the peer hears from others too: our share waits a little, and mostly need not be sent.
    pub(super) holds: BTreeMap<LogId, Hold>,
    /// The segment of each log that the peer skipped last, and how often.
    pub(super) skipped: BTreeMap<LogId, (u64, u32)>,
    pub(super) queue: VecDeque<(CircleId, Queued)>,
    /// What the peer listed of cut logs, until its list of records comes.
    pub(super) listed_apart: ListedApart,
    /// Segments of cut logs that the peer lacks and that do not count: sent when nothing else is lacking.
    pub(super) apart: BTreeSet<(LogId, Hash)>,
    /// Circles of which the peer may have to hear.
    pub(super) touched: BTreeSet<CircleId>,
    pub(super) inbound: Option<Inbound>,
    pub(super) outbound: Option<Outbound>,
    /// Segments of which the peer holds a part.
    pub(super) partials: BTreeMap<Hash, u32>,
    /// Bytes handed to the link that it has not taken yet.
    pub(super) in_flight: usize,
    /// Length of the next range: it grows, so that a link that freezes early still brings something.
    pub(super) range: usize,
    pub(super) loading: bool,
    pub(super) loaded: VecDeque<Arc<Segment>>,
    /// Whether there may be something to send.
    pub(super) busy: bool,
    /// Whether the two lists below are out of date.
    pub(super) rescan: bool,
    /// Logs of which the peer lacks something: the next of it at hand, or to be read.
    pub(super) at_hand: VecDeque<LogId>,
    pub(super) to_read: VecDeque<LogId>,
    /// Whether what we hold or what they showed changed since sync was last looked at.
    pub(super) unchecked: bool,
    pub(super) in_sync: bool,
    pub(super) received: u64,
    /// What the peer owes, by when.
    pub(super) owed: Owed,
    /// Bytes that may be unread: more than our opening left.
    pub(super) may_leave: usize,
    pub(super) headers: Pace,
    pub(super) grants: Pace,
    pub(super) lists: BTreeMap<CircleId, Pace>,
    /// Circles of which a list was sent lately, and until when the next waits.
    pub(super) list_rests: BTreeMap<CircleId, Millis>,
}

impl Session {
    fn new(now: Millis, dialled: bool, tls: LinkKey, exporter: [u8; 32], hello: Hello) -> Self {
        Self {
            dialled,
            tls,
            exporter,
            peer: None,
            peer_start: 0,
            ours: Ours::Signature(Box::new(hello)),
            theirs: TheirSide::Hello(now.plus(limit::HELLO_MS)),
            said: BTreeMap::new(),
            unseen: VecDeque::new(),
            seen: 0,
            states_in: 0,
            states_acknowledged: 0,
            gathering: None,
            mismatch: false,
            asked_all: false,
            answered_all: 0,
            fresh: BTreeSet::new(),
            chartered: BTreeSet::new(),
            listed: BTreeMap::new(),
            skipped: BTreeMap::new(),
            sent: BTreeMap::new(),
            holds: BTreeMap::new(),
            queue: VecDeque::new(),
            listed_apart: ListedApart::new(),
            apart: BTreeSet::new(),
            touched: BTreeSet::new(),
            inbound: None,
            outbound: None,
            partials: BTreeMap::new(),
            in_flight: 0,
            range: 1024,
            loading: false,
            loaded: VecDeque::new(),
            busy: false,
            rescan: true,
            at_hand: VecDeque::new(),
            to_read: VecDeque::new(),
            unchecked: true,
            in_sync: false,
            received: 0,
            owed: Owed::default(),
            may_leave: limit::UNREAD_BYTES,
            headers: Pace::new(limit::HEADERS_PACE, now),
            grants: Pace::new(limit::GRANTS_PACE, now),
            lists: BTreeMap::new(),
            list_rests: BTreeMap::new(),
        }
    }

    /// There may be more to send than the last scan found.
    pub(super) fn stir(&mut self) {
        self.busy = true;
        self.rescan = true;
    }

    /// Whether the peer has proven itself.
    pub(super) fn welcomed(&self) -> bool {
        !matches!(self.theirs, TheirSide::Hello(_))
    }

    /// Whether both openings are said: segments may flow.
    pub(super) fn ready(&self) -> bool {
        self.theirs == TheirSide::Open && self.said_opening()
    }

    pub(super) fn said_opening(&self) -> bool {
        matches!(self.ours, Ours::Said)
    }

    pub(super) fn deadline(&self) -> Option<Millis> {
        match self.theirs {
            TheirSide::Hello(deadline) => Some(deadline),
            _ => self.owed.first(),
        }
    }

    /// When something that was held back is let go.
    pub(super) fn next_release(&self) -> Option<Millis> {
        let holds = self.holds.values().filter_map(|hold| hold.due);
        holds.chain(self.list_rests.values().copied()).min()
    }

    /// What the peer has of our heads in a circle as far as this link knows: the base of the next state.
    pub(super) fn base<'a>(&'a self, circle: &CircleId, told: Option<&'a Told>) -> Option<&'a Told> {
        self.said.get(circle).or(told)
    }
}

impl Hub {
    /// A link is up: our hello is signed before anything is said.
    pub(super) fn linked(
        &mut self,
        now: Millis,
        link: LinkId,
        dialled: bool,
        tls: LinkKey,
        exporter: [u8; 32],
    ) {
        if self.sessions.contains_key(&link) {
            return;
        }
        self.end_oldest_unproven(now, &tls);
        let full = |partner: &PartnerId| !dialled && self.links_with(partner) >= limit::LINKS_PER_PARTNER;
        // A key that several certificates name: whom we dialled, or anyone who may come; the hello tells.
        let may_come = |peer: &PeerId| match dialled {
            true => self.dialling.is_out(&peer.1),
            false => {
                peer.1 != self.me.certificate.node
                    && !self.is_closed(peer)
                    && !self.dialling.paused(&peer.0)
                    && !full(&peer.0)
            }
        };
        let known = self.directory.owners(&tls).find(may_come).or_else(|| self.directory.owners(&tls).next());
        // A stranger is told nothing, not even that links are paused.
        let refused = match known {
            Some((partner, _)) if self.dialling.paused(&partner) => (CloseCode::Paused, None),
            Some(peer) if self.is_closed(&peer) => (CloseCode::Refused, Some(Fault::Closed)),
            Some((partner, _)) if full(&partner) => (CloseCode::Busy, Some(Fault::TooMuch)),
            Some((_, node)) if node == self.me.certificate.node => {
                (CloseCode::Refused, Some(Fault::OtherNode))
            }
            None if dialled => (CloseCode::Refused, Some(Fault::OtherNode)),
            _ => {
                let hello = self.hello(dialled);
                let statement = hello.statement(&exporter, dialled);
                let mut session = Session::new(now, dialled, tls, exporter, hello);
                session.peer = known.filter(|_| dialled);
                self.sessions.insert(link, session);
                self.ask_signature(Asked::HelloSignature(link), Domain::Hello, statement);
                if let Some((_, node)) = known.filter(|_| dialled) {
                    self.dialling.linked(&node);
                }
                return;
            }
        };
        let (code, fault) = refused;
        if let Some((_, node)) = known.filter(|_| dialled) {
            self.dialling.linked(&node);
        }
        self.out(Output::Close { link, code });
        if let Some(fault) = fault {
            self.event(Event::PeerDown { partner: None, node: None, fault: Some(fault) });
        }
    }

    /// Links of a partner's nodes, proven or not.
    fn links_with(&self, partner: &PartnerId) -> usize {
        self.sessions.keys().filter(|link| self.partner_of(**link) == Some(*partner)).count()
    }

    /// A node that comes again and again without a hello ends its own oldest try.
    fn end_oldest_unproven(&mut self, now: Millis, tls: &LinkKey) {
        let unproven = |s: &Session| !s.dialled && !s.welcomed() && s.tls == *tls;
        let mut links = self.sessions.iter().filter(|(_, s)| unproven(s)).map(|(link, _)| *link);
        let (oldest, rest) = (links.next(), links.count());
        if let Some(oldest) = oldest.filter(|_| rest + 1 >= limit::LINKS_UNPROVEN_PER_NODE) {
            self.drop_link(now, oldest, CloseCode::Busy, None);
        }
    }

    fn hello(&self, dialled: bool) -> Hello {
        let me = &self.me.certificate;
        let card = self.directory.card(&me.partner);
        Hello {
            versions: super::hello::VERSIONS.to_vec(),
            partner: me.partner,
            node: me.node,
            instance: self.me.instance,
            start: self.start_number(),
            certificate: if dialled { me.bytes().to_vec().into() } else { Vec::new().into() },
            revision: card.map_or(0, |card| card.revision),
            card: card.map_or(Hash::ZERO, Signed::hash),
            signature: crate::sign::Signature([0; 64]),
        }
    }

    /// A link is gone.
    pub(super) fn unlinked(&mut self, now: Millis, link: LinkId, why: Why) {
        let Some(session) = self.sessions.get(&link) else { return };
        let refused = matches!(why, Why::Closed(code) if code != CloseCode::Done.code());
        if session.dialled
            && let Some((_, node)) = session.peer
        {
            let good = session.welcomed() && !refused;
            let alone = self.sessions.values().filter(|other| other.peer == session.peer).count() == 1;
            if why == Why::Closed(CloseCode::Duplicate.code()) && alone {
                self.dialling.displaced(&node);
            }
            let jitter = self.draw(1 << 16);
            match why {
                Why::Closed(code) if code == CloseCode::Refused.code() => {
                    self.dialling.refused(now, &node, jitter);
                }
                _ => self.dialling.over(now, &node, good, jitter),
            }
        }
        self.forget_link(now, link, None);
    }

    /// Forgets a link; what came in of a segment is kept.
    pub(super) fn forget_link(&mut self, now: Millis, link: LinkId, fault: Option<Fault>) {
        let Some(mut session) = self.sessions.remove(&link) else { return };
        if let (Some(inbound), Some((_, node))) = (session.inbound.take(), session.peer) {
            self.keep_partial(now, node, inbound);
        }
        self.hunts.retain(|_, hunt| hunt.link != link);
        if let Some((_, node)) = session.peer.filter(|_| session.dialled && fault.is_some()) {
            let jitter = self.draw(1 << 16);
            self.dialling.over(now, &node, false, jitter);
        }
        let proven = session.peer.filter(|_| session.welcomed());
        if let Some(peer) = proven {
            self.peers.entry(peer).or_default().contact = Some(now);
            if self.open_link(&peer).is_some() {
                return;
            }
            self.remember_peer(&peer);
        }
        if proven.is_some() || fault.is_some() {
            self.event(Event::PeerDown { partner: proven.map(|p| p.0), node: proven.map(|p| p.1), fault });
        }
    }

    /// A frame: one message, in its place, or the link ends.
    pub(super) fn frame(&mut self, now: Millis, link: LinkId, bytes: &[u8]) {
        if !self.sessions.contains_key(&link) {
            return;
        }
        let outcome = Message::decode(bytes)
            .map_err(Fault::Message)
            .and_then(|message| self.message(now, link, message))
            .and_then(|()| self.within_bounds(link));
        if let Err(fault) = outcome {
            self.blame(now, link, fault);
        }
    }

    fn message(&mut self, now: Millis, link: LinkId, message: Message) -> Result<(), Fault> {
        let session = self.sessions.get(&link).ok_or(Fault::OutOfTurn)?;
        if !session.welcomed() {
            return match message {
                Message::Hello(hello) => self.welcome(now, link, *hello),
                _ => Err(Fault::OutOfTurn),
            };
        }
        let peer = session.peer.ok_or(Fault::OutOfTurn)?;
        if session.gathering.is_some() && !matches!(message, Message::StateMore { .. }) {
            return Err(Fault::OutOfTurn);
        }
        if message.circle().is_some_and(|circle| self.resting.contains(circle)) {
            return Ok(());
        }
        match message {
            Message::Hello(_) => Err(Fault::OutOfTurn),
            Message::State(state) => self.state(link, peer, state),
            Message::StateMore { entries, last } => self.state_more(link, peer, &entries, last),
            Message::Opened(opened) => self.opened(link, peer, opened),
            Message::WantAll => self.want_all(link, peer),
            Message::Seen(count) => self.seen(link, peer, count),
            Message::Charter(bytes) => self.charter_came(&bytes),
            Message::RecordList(circle, hashes) => self.list_came(link, peer, circle, &hashes),
            Message::BranchList(circle, life, hashes) => {
                self.branch_list_came(link, peer, LogId { circle, life }, hashes)
            }
            Message::Record(circle, kind, bytes) => self.record_came(peer, circle, kind, &bytes),
            Message::Card(circle, bytes) => self.card_came(peer, circle, &bytes),
            Message::Whole(header, body) => self.whole_came(now, link, peer, &header, body.into_vec()),
            Message::Start(header, offset) => self.start_came(now, link, peer, &header, offset as usize),
            Message::Range(offset, bytes) => self.range_came(now, link, peer, offset as usize, &bytes),
            Message::Skip(circle, life, number) => self.skip_came(link, LogId { circle, life }, number),
            Message::WantHeader(circle, life, number) => {
                self.want_header_came(link, peer, LogId { circle, life }, number)
            }
            Message::HeaderIs(bytes) => self.header_came(link, peer, &bytes),
            Message::WantGrant(circle, epoch) => {
                self.shared_with(&circle, &peer.0)?;
                let asks = self.sessions.get_mut(&link).is_some_and(|s| s.grants.take(now, 0));
                if asks && self.circles.get(&circle).is_some_and(|c| c.charter.is_member(&peer.0)) {
                    self.event(Event::GrantAsked { partner: peer.0, node: peer.1, circle, epoch });
                }
                Ok(())
            }
        }
    }

    /// A peer that makes us answer and does not read the answers is let go.
    fn within_bounds(&self, link: LinkId) -> Result<(), Fault> {
        let Some(session) = self.sessions.get(&link) else { return Ok(()) };
        let full = session.in_flight > session.may_leave || session.queue.len() > limit::QUEUED_MESSAGES;
        if full { Err(Fault::TooMuch) } else { Ok(()) }
    }

    /// The peer's hello: from here on it is who it says.
    fn welcome(&mut self, now: Millis, link: LinkId, hello: Hello) -> Result<(), Fault> {
        let session = self.sessions.get(&link).ok_or(Fault::OutOfTurn)?;
        let certificate = hello.verify(&self.directory, &session.exporter, !session.dialled, &session.tls)?;
        let peer = (hello.partner, hello.node);
        if session.peer.is_some_and(|expected| expected != peer) || peer.1 == self.me.certificate.node {
            return Err(Fault::OtherNode);
        }
        if self.is_closed(&peer) {
            return Err(Fault::Closed);
        }
        if self.dialling.paused(&peer.0) {
            self.drop_link(now, link, CloseCode::Paused, None);
            return Ok(());
        }
        if self.directory.learn_certificate(&certificate) {
            self.pending.certificates.push(certificate);
        }
        let was_up = self.open_link(&peer).is_some();
        if let Some(session) = self.sessions.get_mut(&link) {
            session.peer = Some(peer);
            session.peer_start = hello.start;
            session.theirs = TheirSide::Opening;
            session.owed.opening = Some(now.plus(limit::OPENING_MS));
        }
        self.peers.entry(peer).or_default().contact = Some(now);
        self.dialling.reached(&peer.1);
        if !was_up {
            self.event(Event::PeerUp { partner: peer.0, node: peer.1 });
        }
        self.end_links_of_earlier_starts(now, &peer, hello.start);
        self.keep_one_link(now, &peer);
        Ok(())
    }

    /// A node that was killed and started again knows nothing of its links of before, which look alive from here until
    /// they are silent for too long.
    fn end_links_of_earlier_starts(&mut self, now: Millis, peer: &PeerId, start: u64) {
        let earlier = |s: &Session| s.welcomed() && s.peer == Some(*peer) && s.peer_start != start;
        let links: Vec<LinkId> = self.sessions.iter().filter(|(_, s)| earlier(s)).map(|(l, _)| *l).collect();
        for link in links {
            self.drop_link(now, link, CloseCode::Duplicate, None);
        }
    }

    /// Of several links to one node both sides keep the same: one dialled by the smaller node, the latest of those.
    fn keep_one_link(&mut self, now: Millis, peer: &PeerId) {
        let we_are_smaller = self.me.certificate.node < peer.1;
        let mut links: Vec<(bool, LinkId)> = self
            .sessions
            .iter()
            .filter(|(_, s)| s.welcomed() && s.peer == Some(*peer))
            .map(|(link, s)| (s.dialled == we_are_smaller, *link))
            .collect();
        links.sort_unstable();
        links.pop();
        for (_, link) in links {
            self.drop_link(now, link, CloseCode::Duplicate, None);
        }
    }

    /// Whether a circle is held here and shared with a partner.
    pub(super) fn shared_with(&self, circle: &CircleId, partner: &PartnerId) -> Result<(), Fault> {
        match self.circles.get(circle) {
            Some(held) if held.charter.role(partner).is_some() => Ok(()),
            _ => Err(Fault::NotShared),
        }
    }

    /// Circles that a peer may hear of: stored here, and it is member or carrier.
    pub(super) fn shared_circles(&self, partner: &PartnerId) -> Vec<CircleId> {
        let shared = self.circles.iter().filter(|(_, c)| c.saved && c.charter.role(partner).is_some());
        shared.map(|(id, _)| *id).filter(|id| !self.resting.contains(id)).collect()
    }

    /// The one way out for anything about a circle: to a proven (or dialled, key-checked) node of a member or carrier
    /// that is not closed. `false`: not said.
    pub(super) fn tell(&mut self, link: LinkId, circle: &CircleId, message: &Message) -> bool {
        let Some(peer) = self.sessions.get(&link).and_then(|s| s.peer) else { return false };
        if self.shared_with(circle, &peer.0).is_err()
            || self.is_closed(&peer)
            || self.resting.contains(circle)
        {
            return false;
        }
        self.say(link, message);
        true
    }

    /// The way out for what names no circle.
    pub(super) fn say(&mut self, link: LinkId, message: &Message) {
        let frame = message.encode();
        let now = self.now;
        if let Some(session) = self.sessions.get_mut(&link) {
            session.in_flight += frame.len();
            session.owed.reading.get_or_insert(Progress::new(now, limit::READ_MS));
            self.out(Output::Send { link, frame });
        }
    }

    /// Heads as last signed and the digest of our records, to be told.
    pub(super) fn telling(&self, circle: &CircleId) -> Option<(SignedHeads, Told)> {
        let held = self.circles.get(circle)?;
        let signed = held.signed.clone()?;
        let told = Told {
            instance: self.me.instance,
            run: signed.heads.run,
            entries: signed.entries.clone(),
            records: held.records_digest(&self.directory),
        };
        Some((signed, told))
    }
}
