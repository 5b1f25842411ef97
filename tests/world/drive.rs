//! Time goes on: hubs are given what arrives, and what they want is done, late.

use super::net::Delivery;
use super::{Sent, World};
use homeward::id::{CircleId, LogId, NodeId};
use homeward::sign::{Domain, Sign, hash};
use homeward::sync::{Event, Hub, Input, LinkId, Output, SaveBatch, Ticket, Why};
use homeward::time::Millis;
use std::collections::VecDeque;

/// What an office does later.
pub(crate) enum Later {
    Saved(Ticket, Box<SaveBatch>),
    SaveFails(Ticket),
    Loaded(Ticket, LogId, u64, usize),
    DialFailed(NodeId),
    Cut,
    Read,
}

impl World {
    /// An office's machine starts, or starts again: all that it knows is what its disk holds.
    pub(crate) fn start(&mut self, place: usize, caches_lost: bool) {
        let seed = self.chance.next();
        let now = self.now;
        self.starts[place] += 1;
        let office = &mut self.offices[place];
        office.wake(now, caches_lost);
        office.hub = Some(Hub::new(office.start(seed)));
        for partner in office.dials.clone() {
            self.give(place, Input::Reach { partner, dialable: true });
        }
        self.give(place, Input::Wake);
        self.reads[place] = false;
        self.read_soon(place);
        self.later(place, 1_000, Later::Cut);
    }

    /// The machine stops at once; what was not saved is gone, and it starts again from its disk.
    pub(crate) fn crash(&mut self, place: usize, caches_lost: bool) {
        self.crashes += 1;
        self.net.dark(self.now, place);
        self.links.retain(|(at, _), _| *at != place);
        self.start(place, caches_lost);
    }

    /// The machine stops while edits become a segment: after the transaction, before the hub hears of it.
    pub(crate) fn crash_after_cut(&mut self, place: usize) {
        for circle in self.offices[place].disk.circles.keys().copied().collect::<Vec<_>>() {
            self.cut(place, circle);
        }
        self.crash(place, false);
    }

    /// The machine stops while segments become sheets: the sheets are kept, the word that they are applied is not.
    pub(crate) fn crash_while_reading(&mut self, place: usize) {
        for circle in self.offices[place].disk.circles.keys().copied().collect::<Vec<_>>() {
            self.offices[place].read(circle, true);
        }
        self.crash(place, false);
    }

    /// Hands an input to an office's hub and does what the hub then wants.
    pub(crate) fn give(&mut self, place: usize, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let mut hub = self.offices[place].hub.take().unwrap();
            hub.handle(self.now, input);
            while let Some(output) = hub.poll() {
                self.act(place, &hub, output, &mut inputs);
            }
            self.offices[place].hub = Some(hub);
        }
    }

    fn act(&mut self, place: usize, hub: &Hub, output: Output, inputs: &mut VecDeque<Input>) {
        match output {
            Output::Send { link, frame } => self.send(place, link, frame),
            Output::Close { link, code } => {
                self.links.remove(&(place, link));
                self.net.close(self.now, place, link, code.code());
            }
            Output::Dial { node, .. } => {
                let to = self.offices.iter().position(|office| office.node() == node).unwrap();
                if !self.net.dial(self.now, place, to) {
                    self.later(place, 500, Later::DialFailed(node));
                }
            }
            Output::Save { ticket, batch } => {
                let fails = self.chance.percent(self.saves_fail);
                let what = if fails { Later::SaveFails(ticket) } else { Later::Saved(ticket, batch) };
                self.later(place, self.saves_late, what);
            }
            Output::Load { ticket, log, from, max_bytes } => {
                self.later(place, self.saves_late, Later::Loaded(ticket, log, from, max_bytes));
            }
            Output::LoadBranch { ticket, .. } => {
                inputs.push_back(Input::Loaded { ticket, segments: Vec::new() });
            }
            Output::Sign { ticket, domain, bytes } => {
                let signature = Sign::sign(&self.offices[place].secret, domain, &bytes);
                inputs.push_back(Input::Signed { ticket, signature });
            }
            Output::Event(event) => {
                if let Event::PeerHeads { node, circle } = &event {
                    self.hold_receipt(hub, node, *circle);
                }
                self.note_event(place, event);
            }
        }
    }

    fn note_event(&mut self, place: usize, event: Event) {
        let office = &mut self.offices[place];
        match event {
            Event::PeerDown { partner, fault: Some(fault), .. } => office.faults.push((partner, fault)),
            Event::RefusedSegment { fault, .. } => office.troubles.push(format!("refused: {fault}")),
            Event::ForkSeen { .. } => office.troubles.push("a fork was seen".to_owned()),
            Event::OwnLogAhead { .. } => office.troubles.push("our own log is ahead of us".to_owned()),
            _ => {}
        }
    }

    /// Every frame is looked through before it leaves: nothing of a circle goes to an office that is not in it.
    pub(crate) fn send(&mut self, place: usize, link: LinkId, frame: Vec<u8>) {
        assert!(frame.len() <= homeward::limit::FRAME_BYTES, "a frame is too long");
        if let Some(other) = self.net.other_end(place, link) {
            let (from, to) = (&self.offices[place].name, &self.offices[other].name);
            assert!(!self.untold[other].is_in(&frame), "{from} told {to} of a circle that {to} is not in");
            if let Some(sent) = &mut self.sent {
                sent.push(Sent { from: place, to: other, link, frame: frame.clone() });
            }
        }
        let now = self.now.0.to_be_bytes();
        self.trace =
            hash(Domain::Chance, &[&self.trace.0, &now, &place.to_be_bytes(), &link.0.to_be_bytes(), &frame]);
        self.net.send(self.now, place, link, frame);
    }

    /// Something happens at an office within `delay` milliseconds.
    pub(crate) fn later(&mut self, place: usize, delay: u64, what: Later) {
        let delay = 1 + self.chance.below(delay);
        self.order += 1;
        self.due.insert((self.now.plus(delay), self.order), (place, self.starts[place], what));
    }

    /// What is stored is read a little later, once for all that comes until then.
    fn read_soon(&mut self, place: usize) {
        if !std::mem::replace(&mut self.reads[place], true) {
            self.later(place, 8_000, Later::Read);
        }
    }

    /// Runs until `until`, or until nothing is due before it.
    pub(crate) fn run_until(&mut self, until: Millis) {
        loop {
            let wakes = self.offices.iter().filter_map(|office| office.hub.as_ref()?.wake_at());
            let due = self.due.keys().next().map(|(at, _)| *at);
            let next = wakes.chain(self.net.next_at()).chain(due).min();
            let Some(next) = next.filter(|next| *next <= until) else { break };
            self.now = self.now.max(next);
            self.step();
        }
        self.now = self.now.max(until);
    }

    pub(crate) fn run_for(&mut self, ms: u64) {
        self.run_until(self.now.plus(ms));
    }

    fn step(&mut self) {
        while let Some(delivery) = self.net.take(self.now) {
            self.deliver(delivery);
        }
        while let Some((&at, _)) = self.due.iter().next().filter(|((at, _), _)| *at <= self.now) {
            let Some((place, start, what)) = self.due.remove(&at) else { break };
            if start == self.starts[place] {
                self.happens(place, what);
            }
        }
        for place in 0..self.offices.len() {
            let wake_at = |world: &Self| world.offices[place].hub.as_ref().and_then(Hub::wake_at);
            if wake_at(self).is_some_and(|at| at <= self.now) {
                self.give(place, Input::Wake);
                assert!(
                    wake_at(self).is_none_or(|at| at > self.now),
                    "a woken hub wants to be woken at once"
                );
            }
            while self.offices[place].hub.as_ref().is_some_and(Hub::hungry)
                && let Some((link, bytes)) = self.offices[place].frames.pop_front()
            {
                self.give(place, Input::Frame { link, bytes });
            }
        }
    }

    fn deliver(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::Up { place, link, dialled, other, exporter } => {
                let peer = self.offices[other].certificate.link;
                self.links.insert((place, link), other);
                self.give(place, Input::Linked { link, dialled, peer, exporter });
            }
            Delivery::Frame { place, link, bytes } => self.offices[place].frames.push_back((link, bytes)),
            Delivery::Room { place, link, bytes } => self.give(place, Input::Room { link, bytes }),
            Delivery::Down { place, link, code } => {
                self.links.remove(&(place, link));
                while let Some((link, bytes)) = self.offices[place].frames.pop_front() {
                    self.give(place, Input::Frame { link, bytes });
                }
                self.give(place, Input::Unlinked { link, why: code.map_or(Why::Lost, Why::Closed) });
            }
        }
    }

    fn happens(&mut self, place: usize, what: Later) {
        let input = match what {
            Later::Saved(ticket, batch) => {
                let circles: Vec<CircleId> = batch.circles.iter().map(|charter| charter.circle()).collect();
                let read = !batch.segments.is_empty();
                self.offices[place].disk.save(*batch);
                for circle in circles {
                    self.offices[place].open_room(circle);
                }
                if read {
                    self.read_soon(place);
                }
                Input::Saved { ticket }
            }
            Later::SaveFails(ticket) => Input::SaveFailed { ticket },
            Later::DialFailed(node) => Input::DialFailed { node },
            Later::Loaded(ticket, log, from, max_bytes) => {
                let mut bytes = 0;
                let list = self.offices[place].disk.logs.get(&log).cloned().unwrap_or_default();
                let segments = list.into_iter().skip(from as usize - 1).map(|stored| stored.segment);
                let fits = |segment: &std::sync::Arc<homeward::log::Segment>| {
                    bytes += segment.body().len();
                    bytes == segment.body().len() || bytes <= max_bytes
                };
                Input::Loaded { ticket, segments: segments.take_while(fits).collect() }
            }
            Later::Cut => {
                for circle in self.offices[place].disk.waiting.keys().copied().collect::<Vec<_>>() {
                    let segments = self.cut(place, circle);
                    if !segments.is_empty() {
                        self.give(place, Input::Own { segments });
                        self.read_soon(place);
                    }
                }
                return;
            }
            Later::Read => {
                self.reads[place] = false;
                for circle in self.offices[place].disk.circles.keys().copied().collect::<Vec<_>>() {
                    self.offices[place].read(circle, false);
                }
                return;
            }
        };
        self.give(place, input);
    }
}
