//! Time goes on: machines hear what arrives, and what they want is done, late.

use super::World;
use super::disk::Trouble;
use super::net::Delivery;
use homeward::id::NodeId;
use homeward::node::Request;
use homeward::node::stage::{Act, Heard};
use homeward::sign::{Domain, hash};
use homeward::time::Millis;
use std::path::PathBuf;

/// What happens later, and at which start of which machine.
pub(crate) enum Later {
    Replay {
        place: usize,
        start: u64,
    },
    DialFailed {
        place: usize,
        start: u64,
        node: NodeId,
    },
    /// A machine that is off is switched on.
    On {
        place: usize,
    },
    /// A full disk has room again.
    Room {
        place: usize,
    },
    /// A bundle comes by hand.
    Bundle {
        place: usize,
        file: PathBuf,
    },
    /// An office that has no machine left sets up a new one.
    Replaced {
        office: usize,
    },
    /// An office closes a machine that it lost.
    Close {
        loss: usize,
    },
    /// A thief starts a lost machine.
    Stolen {
        place: usize,
    },
    ThiefWrites {
        place: usize,
    },
    /// A card comes by hand.
    Card {
        place: usize,
        text: String,
    },
}

/// What is stored is read within so many milliseconds, once for all that comes until then.
const REPLAY_MS: u64 = 8_000;

impl World {
    /// A machine is switched on.
    pub(crate) fn switch_on(&mut self, place: usize) {
        let now = self.now;
        let machine = &mut self.machines[place];
        if machine.staged.is_some() || machine.fate.lost && !machine.fate.stolen {
            return;
        }
        if !machine.start(now, &mut self.chance) {
            return self.goes_dark(place);
        }
        self.dirty.insert(place);
    }

    /// The power goes: what was not synced is gone, wholly or in part. It is switched on again a little later.
    pub(crate) fn goes_dark(&mut self, place: usize) {
        self.machines[place].disk.cut(&mut self.chance);
        self.fall_silent(place);
        self.later(20_000, Later::On { place });
    }

    /// The program ends, well or not; the disk keeps what was written to it.
    pub(crate) fn fall_silent(&mut self, place: usize) {
        self.note_replayed(place);
        self.sealing.forget(place);
        let machine = &mut self.machines[place];
        machine.staged = None;
        machine.next = None;
        machine.starts += 1;
        self.net.dark(self.now, place);
        self.links.retain(|(at, _), _| *at != place);
        self.dirty.remove(&place);
    }

    /// Something happens within `delay` milliseconds.
    pub(crate) fn later(&mut self, delay: u64, what: Later) {
        let delay = 1 + self.chance.below(delay);
        self.order += 1;
        self.due.insert((self.now.plus(delay), self.order), what);
    }

    /// Runs until `until`, or until nothing is due before it.
    pub(crate) fn run_until(&mut self, until: Millis) {
        loop {
            let wakes = self.machines.iter().filter_map(|machine| machine.next);
            let due = self.due.keys().next().map(|(at, _)| *at);
            let dirty = (!self.dirty.is_empty()).then_some(self.now);
            let next = wakes.chain(self.net.next_at()).chain(due).chain(dirty).min();
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
            let Some(what) = self.due.remove(&at) else { break };
            self.happens(what);
        }
        for place in 0..self.machines.len() {
            let woken = self.machines[place].next.is_some_and(|at| at <= self.now);
            if self.dirty.remove(&place) || woken {
                self.turn(place);
            }
        }
    }

    /// One turn of a machine's driver, and what comes of it.
    pub(crate) fn turn(&mut self, place: usize) {
        let now = self.now;
        let machine = &mut self.machines[place];
        machine.tick(now);
        let Some(staged) = machine.on() else { return };
        staged.turn();
        let acts = staged.acts();
        let replay = staged.takes_replay();
        machine.look();
        let next = machine.next;
        let trouble = machine.disk.lock().trouble;
        if trouble == Trouble::Dark {
            // What left the machine in its last moment is lost with its links.
            self.count("crash points");
            return self.goes_dark(place);
        }
        if trouble == Trouble::Full && !std::mem::replace(&mut self.machines[place].full, true) {
            self.later(120_000, Later::Room { place });
        }
        self.note_cuts(place);
        self.note_closed(place);
        for act in acts {
            self.act(place, act);
        }
        // After a new hub it may be at once; again and again it may not.
        let machine = &mut self.machines[place];
        machine.spins = if next.is_some_and(|at| at <= now) { machine.spins + 1 } else { 0 };
        assert!(machine.spins < 8, "{} wants to be woken at once, for ever", machine.name);
        if replay {
            self.replay_soon(place);
        }
    }

    fn replay_soon(&mut self, place: usize) {
        if !std::mem::replace(&mut self.machines[place].replay_due, true) {
            let start = self.machines[place].starts;
            self.later(REPLAY_MS, Later::Replay { place, start });
        }
    }

    fn act(&mut self, place: usize, act: Act) {
        match act {
            Act::Send { link, frame } => self.send(place, link, frame),
            Act::Close { link, code } => {
                let other = self.links.remove(&(place, link));
                self.closed(place, other, code);
                self.net.close(self.now, place, link, code);
            }
            Act::CloseAll => {
                let own: Vec<_> = self.links.keys().filter(|(at, _)| *at == place).copied().collect();
                for (_, link) in own {
                    self.links.remove(&(place, link));
                    self.net.close(self.now, place, link, 0);
                    // The driver hears of the end of its own links too.
                    if let Some(staged) = self.machines[place].on() {
                        staged.hear(Heard::Down { link, code: None });
                        self.dirty.insert(place);
                    }
                }
            }
            Act::Dial { node, peer, .. } => {
                let here = self.machines[place].link();
                let there: Vec<usize> = (0..self.machines.len())
                    .filter(|other| *other != place && self.machines[*other].node() == node)
                    .filter(|other| self.machines[*other].on().is_some_and(|staged| staged.knows(&here)))
                    .filter(|other| self.machines[*other].link() == peer)
                    .collect();
                let reached = !there.is_empty() && {
                    let to = *self.chance.pick(&there);
                    self.net.dial(self.now, place, to)
                };
                if !reached {
                    let start = self.machines[place].starts;
                    self.later(500, Later::DialFailed { place, start, node });
                }
            }
        }
    }

    /// Every frame is looked through before it leaves: nothing of a circle goes to an office that is not in it.
    fn send(&mut self, place: usize, link: homeward::sync::LinkId, frame: Vec<u8>) {
        assert!(frame.len() <= homeward::limit::FRAME_BYTES, "a frame is too long");
        if let Some(other) = self.net.other_end(place, link) {
            let (from, to) = (&self.machines[place], &self.machines[other]);
            let cheats = self.offices[from.office].cheats;
            if cheats {
                let heard = self.overheard.entry(place).or_default();
                if heard.len() < 40 {
                    heard.push(frame.clone());
                }
            }
            assert!(
                cheats || !self.untold[to.office].is_in(&frame),
                "{} told {} of a circle that it is not in",
                from.name,
                to.name
            );
        }
        if let (Some(said), Some(other)) = (&mut self.at_rest, self.net.other_end(place, link)) {
            *said.entry((place, other, name_of(&frame))).or_default() += 1;
        }
        let now = self.now.0.to_be_bytes();
        self.trace =
            hash(Domain::Chance, &[&self.trace.0, &now, &place.to_be_bytes(), &link.0.to_be_bytes(), &frame]);
        self.net.send(self.now, place, link, frame);
    }

    fn deliver(&mut self, delivery: Delivery) {
        let (place, heard) = match delivery {
            Delivery::Up { place, link, dialled, other, exporter } => {
                self.links.insert((place, link), other);
                let peer = self.machines[other].link();
                (place, Heard::Up { link, dialled, peer, exporter })
            }
            Delivery::Frame { place, link, bytes } => (place, Heard::Frame { link, bytes }),
            Delivery::Room { place, link, bytes } => (place, Heard::Room { link, bytes }),
            Delivery::Down { place, link, code } => {
                self.links.remove(&(place, link));
                (place, Heard::Down { link, code })
            }
        };
        if let Some(staged) = self.machines[place].on() {
            staged.hear(heard);
            self.dirty.insert(place);
        }
    }

    fn happens(&mut self, what: Later) {
        match what {
            Later::Replay { place, start } => {
                if self.machines[place].starts == start {
                    self.replay(place);
                }
            }
            Later::DialFailed { place, start, node } => {
                let machine = &self.machines[place];
                if let Some(staged) = machine.on().filter(|_| machine.starts == start) {
                    staged.hear(Heard::DialFailed { node });
                    self.dirty.insert(place);
                }
            }
            Later::On { place } => self.switch_on(place),
            Later::Room { place } => {
                let machine = &mut self.machines[place];
                machine.full = false;
                let mut platter = machine.disk.lock();
                if platter.trouble == Trouble::Full {
                    platter.trouble = Trouble::None;
                }
            }
            Later::Bundle { place, file } => self.bundle_in(place, &file),
            Later::Replaced { office } => self.replaced(office),
            Later::Close { loss } => self.close(loss),
            Later::Stolen { place } => self.stolen(place),
            Later::ThiefWrites { place } => self.thief_writes(place),
            Later::Card { place, text } => self.card_in(place, text),
        }
    }

    fn replay(&mut self, place: usize) {
        self.machines[place].replay_due = false;
        self.machines[place].tick(self.now);
        if let Some(staged) = self.machines[place].on() {
            staged.replay();
            let rebuilds_in = staged.rebuilds_in();
            self.dirty.insert(place);
            if let Some(wait) = rebuilds_in {
                let start = self.machines[place].starts;
                self.later(wait.max(REPLAY_MS), Later::Replay { place, start });
            }
        }
    }

    /// A bundle is taken in. What is no bundle for this office changes nothing.
    fn bundle_in(&mut self, place: usize, file: &std::path::Path) {
        let request = Request::BundleIn { file: file.display().to_string() };
        let _ = self.ask(place, request);
        self.count("bundles handed over");
    }
}

/// What a frame says, in a word: it begins with the name of its message, alone or as the one key of a map.
fn name_of(frame: &[u8]) -> String {
    let text = if frame.first() == Some(&0xa1) { &frame[1..] } else { frame };
    let length = usize::from(text.first().copied().unwrap_or_default() & 0x1f);
    String::from_utf8_lossy(text.get(1..=length).unwrap_or_default()).into_owned()
}
