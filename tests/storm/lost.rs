//! A machine lost for ever, the closure that its partner signs for it, and the thief who starts it after that.
//!
//! An office that has another machine closes from there. One that had a single machine makes a new one first, whose card
//! goes to the others by hand; what the lost one could read comes back to it once a person at some other office says yes.

use super::World;
use super::case;
use super::chance::Chance;
use super::drive::Later;
use super::machine::Machine;
use homeward::case::{Change, Splice};
use homeward::id::{CircleId, EpochId, NodeId};
use homeward::log::{Closure, Kind, Role, Segment};
use homeward::node::stage::Staged;
use homeward::node::{Answer, Closing, FailureKind, Request};
use homeward::seal::{EpochBody, SafetyPhrase, card_to_text};
use homeward::sign::Signed;
use std::collections::{BTreeMap, BTreeSet};

/// How long an office takes to notice that a machine is gone, at most.
const NOTICED_MS: u64 = 15_000;
/// How long until it is looked again whether it can be closed, at most.
const AGAIN_MS: u64 = 30_000;

/// How many write in each circle when all have heard.
const LAST_WRITERS: usize = 3;

/// A machine that its office has lost.
#[derive(Clone, Debug)]
pub(crate) struct Loss {
    pub place: usize,
    pub office: usize,
    pub node: NodeId,
    /// The circles that it wrote in or could have.
    circles: BTreeSet<CircleId>,
    /// What the partner key has signed, once it has.
    signed: Vec<Vec<u8>>,
    /// Whether a thief will start it.
    comes_back: bool,
}

impl Loss {
    /// Where it is closed.
    pub(super) fn closed_in(&self) -> BTreeSet<CircleId> {
        let of = |bytes: &Vec<u8>| Signed::<Closure>::decode(bytes).unwrap().circle;
        self.signed.iter().map(of).collect()
    }
}

/// What is known of closures and epochs, to hold one against the other.
#[derive(Default)]
pub(crate) struct Sealing {
    /// By machine: the lost nodes that it knew at the end of its last turn to be closed.
    knows: BTreeMap<usize, BTreeSet<NodeId>>,
    /// To whom the epochs of honest machines are sealed.
    epochs: BTreeMap<EpochId, BTreeSet<NodeId>>,
}

impl Sealing {
    /// A machine starts again: what it knows is what its disk says.
    pub(super) fn forget(&mut self, place: usize) {
        self.knows.remove(&place);
    }

    /// Law, for each segment that an honest machine cuts: nothing is sealed to a node that it knows to be closed.
    pub(super) fn hold(&mut self, place: usize, name: &str, segment: &Segment) {
        let header = segment.header();
        if header.kind == Kind::Epoch {
            let body = EpochBody::decode(segment.body()).unwrap();
            let nodes = body.files.into_iter().flat_map(|file| file.nodes).collect();
            self.epochs.insert(header.epoch, nodes);
        }
        let (Some(knows), Some(sealed)) = (self.knows.get(&place), self.epochs.get(&header.epoch)) else {
            return;
        };
        if let Some(node) = knows.intersection(sealed).next() {
            let what = if header.kind == Kind::Epoch { "begins an epoch" } else { "writes in an epoch" };
            panic!(
                "{name} knows that {} is closed, and {what} in {} that is sealed to it",
                node.short(),
                header.circle.short()
            );
        }
    }
}

impl World {
    /// A machine of an honest office is gone with its disk.
    pub(crate) fn lose(&mut self, place: usize, chance: &mut Chance) {
        let comes_back = chance.percent(50);
        let machine = &self.machines[place];
        let (node, office) = (machine.node(), machine.office);
        let alone = self.machines.iter().filter(|other| other.node() == node).count() == 1;
        let fit = alone && !machine.fate.lost && !self.offices[office].cheats;
        let Some(staged) = machine.on().filter(|_| fit && self.losses.len() < 2) else { return };
        let partner = machine.partner();
        let member = |id: &CircleId| self.circles.get(id).is_some_and(|charter| charter.is_member(&partner));
        let circles = staged.circles().into_keys().filter(member).collect();
        self.count("machines lost");
        self.leaves_behind(place, None);
        self.fall_silent(place);
        self.machines[place].fate.lost = true;
        self.losses.push(Loss { place, office, node, circles, signed: Vec::new(), comes_back });
        let loss = self.losses.len() - 1;
        if !self.has_machine(office) {
            self.count("offices that lost all");
            self.later(NOTICED_MS, Later::Replaced { office });
        } else {
            // The machine that is left may be so new that only the lost one knew it.
            self.hand_out_card(office, true);
        }
        self.later(NOTICED_MS, Later::Close { loss });
    }

    fn has_machine(&self, office: usize) -> bool {
        self.machines_of(office).any(|place| !self.machines[place].fate.lost)
    }

    /// An office without a machine sets up a new one.
    pub(super) fn replaced(&mut self, office: usize) {
        if !self.has_machine(office) {
            self.join(office, true);
        }
    }

    /// The office closes a machine that it lost, from another; again later if it cannot yet, or if that one forgot.
    pub(super) fn close(&mut self, loss: usize) {
        if !self.try_to_close(loss) {
            self.later(AGAIN_MS, Later::Close { loss });
        }
    }

    /// A machine goes back to what it was: what its office closed there, it takes from its papers once more.
    pub(super) fn closes_again(&mut self, place: usize) {
        let office = self.machines[place].office;
        for loss in
            (0..self.losses.len()).filter(|loss| self.losses[*loss].office == office).collect::<Vec<_>>()
        {
            self.later(AGAIN_MS, Later::Close { loss });
        }
    }

    fn try_to_close(&mut self, loss: usize) -> bool {
        let Loss { place: lost, office, node, circles, signed, comes_back } = self.losses[loss].clone();
        let closer = self
            .machines_of(office)
            .find(|place| self.machines[*place].on().is_some_and(|_| !self.machines[*place].fate.lost));
        let Some(closer) = closer else { return false };
        if !signed.is_empty() {
            return self.take_closures(closer, signed);
        }
        // What no living machine knows of is gone with it.
        let alive: BTreeSet<CircleId> = (0..self.machines.len())
            .filter(|place| !self.machines[*place].fate.lost)
            .filter_map(|place| self.machines[place].on())
            .flat_map(|staged| staged.circles().into_keys())
            .collect();
        let here = self.machines[closer].on().map(|staged| staged.circles()).unwrap_or_default();
        if circles.intersection(&alive).any(|circle| !here.contains_key(circle)) {
            return false;
        }
        let closing = Closing { retire: true, ..Closing::default() };
        let draft = match self.ask(closer, Request::CloseDraft { node: node.hex(), circle: None, closing }) {
            Some(Ok(Answer::CloseDraft(draft))) => draft,
            // It wrote nothing that anyone has, and stands on no card: there is nothing to close yet. Or a disk is full.
            _ => return false,
        };
        for circle in &draft.circles {
            let closure: Closure = homeward::codec::decode("closure", &circle.body, 1 << 16).unwrap();
            let closure = Closure { time: self.now, ..closure };
            self.lies_beyond(lost, &closure);
            let signed = Signed::sign(closure, &self.offices[office].key).unwrap();
            self.losses[loss].signed.push(signed.bytes().to_vec());
        }
        self.count("machines closed");
        let signed = self.losses[loss].signed.clone();
        let taken = self.take_closures(closer, signed);
        if self.chance.percent(50) {
            self.renew_card(office);
            self.hand_out_card(office, false);
        }
        if comes_back {
            self.later(AGAIN_MS, Later::Stolen { place: lost });
        }
        taken
    }

    fn take_closures(&mut self, closer: usize, signed: Vec<Vec<u8>>) -> bool {
        let closures = signed.into_iter().map(Into::into).collect();
        matches!(self.ask(closer, Request::CloseTake { closures }), Some(Ok(_)))
    }

    /// What the lost machine said after the point that its closure names does not count: whoever closes says so.
    fn lies_beyond(&mut self, lost: usize, closure: &Closure) {
        for told in self.told.iter_mut().filter(|t| t.machine == lost && t.circle == closure.circle) {
            let point = closure.through.iter().find(|point| point.instance == told.edit.life.instance);
            let counts = told.segment.is_some_and(|number| point.is_some_and(|point| number <= point.number));
            told.exempt |= !counts;
        }
    }

    /// Somebody starts the lost machine, with all that lies on its disk.
    pub(super) fn stolen(&mut self, place: usize) {
        self.count("lost machines started by a thief");
        self.machines[place].fate.stolen = true;
        self.switch_on(place);
        for _ in 0..3 {
            self.later(60_000, Later::ThiefWrites { place });
        }
    }

    /// The thief writes, in the circles that the machine is closed in: no desk of this office sits there.
    pub(super) fn thief_writes(&mut self, place: usize) {
        let loss = self.losses.iter().find(|loss| loss.place == place).cloned();
        let machine = &self.machines[place];
        let (Some(loss), Some(staged)) = (loss, machine.on()) else { return };
        machine.tick(self.now);
        for circle in loss.closed_in() {
            let splice = Splice { at: 0, remove: "".into(), insert: "stolen".into() };
            let written = staged.write(&circle, vec![(case("case-1"), Change::Note(splice))], "a thief");
            *self.tally.entry("edits by thieves").or_default() += u64::from(written.is_ok());
        }
        staged.cut_unseen();
        self.dirty.insert(place);
        // No link takes it: it goes by hand, to whoever shares a circle with the office that lost the machine.
        let honest: Vec<usize> =
            loss.closed_in().iter().flat_map(|circle| self.of_circle(circle)).map(|(at, _)| at).collect();
        let others: Vec<usize> =
            honest.into_iter().filter(|at| self.machines[*at].office != loss.office).collect();
        if others.is_empty() {
            return;
        }
        let to = *self.chance.pick(&others);
        let file = self.bundle_file();
        let partner = self.machines[to].partner().hex();
        let request = Request::BundleOut { partner, file: file.display().to_string(), all: true };
        if matches!(self.ask(place, request), Some(Ok(_))) {
            self.count("bundles made by thieves");
            self.later(20_000, Later::Bundle { place: to, file });
        }
    }

    /// An office gets a machine: with new keys, on a new card, its home made now.
    pub(crate) fn join(&mut self, office: usize, alone: bool) {
        let serial = self.machines_of(office).map(|p| self.machines[p].certificate.serial).max().unwrap() + 1;
        let place = self.add_machine(office, serial);
        self.machines[place].fate.late = true;
        self.renew_card(office);
        self.make_home(place);
        for other in 0..place {
            self.roads.insert((other, place));
            self.net.open_road(other, place);
        }
        self.switch_on(place);
        let name = self.machines[place].name.clone();
        self.note(format!("{name} is new"));
        // Where no machine of the office could bring its card, it goes from hand to hand.
        self.hand_out_card(office, alone);
    }

    /// A machine is added to an office that has another.
    pub(crate) fn add_another(&mut self, office: usize) {
        let alive = |place: &usize| self.machines[*place].on().is_some() && !self.machines[*place].fate.lost;
        let alive = self.machines_of(office).filter(alive).count();
        if (1..3).contains(&alive) && !self.offices[office].cheats && self.machines.len() < 8 {
            self.count("machines that came later");
            self.join(office, false);
        }
    }

    fn hand_out_card(&mut self, office: usize, to_all: bool) {
        let text = card_to_text(self.offices[office].card.as_ref().unwrap());
        for place in 0..self.machines.len() {
            let machine = &self.machines[place];
            if !machine.fate.lost && (to_all || machine.office == office) {
                self.later(60_000, Later::Card { place, text: text.clone() });
            }
        }
    }

    /// A card comes by hand; again later if the machine is off.
    pub(super) fn card_in(&mut self, place: usize, text: String) {
        if self.machines[place].fate.lost {
            return;
        }
        match self.ask(place, Request::CardImport { text: text.clone() }) {
            Some(Ok(_)) => {}
            // A newer one is here.
            Some(Err(failure)) if failure.kind == FailureKind::BadInput => {}
            _ => self.later(60_000, Later::Card { place, text }),
        }
    }

    /// People at all offices look who asks for keys that lost machines could read, hear the words, and say yes.
    pub(super) fn say_yes(&mut self) {
        for place in 0..self.machines.len() {
            if self.machines[place].fate.lost {
                continue;
            }
            let Some(Ok(Answer::Grants(view))) = self.ask(place, Request::GrantList) else { continue };
            for asked in view.asked {
                let asker = self.machines.iter().find(|m| m.node() == asked.node && !m.fate.lost);
                let Some(asker) = asker else { continue };
                let phrase = SafetyPhrase::of_node(&asker.secret.public()).words();
                let partner = asker.partner().hex();
                if matches!(self.ask(place, Request::GrantAllow { partner, phrase }), Some(Ok(_))) {
                    self.count("keys given back by a person's yes");
                }
            }
        }
    }

    /// What a machine knows at the end of its turn of the nodes that were lost.
    pub(super) fn note_closed(&mut self, place: usize) {
        if self.losses.is_empty() {
            return;
        }
        let Some(staged) = self.machines[place].on() else { return };
        let closed = staged.closed().into_iter().map(|(_, node)| node);
        let lost = |node: &NodeId| self.losses.iter().any(|loss| loss.node == *node);
        let knows = closed.filter(lost).collect();
        self.sealing.knows.insert(place, knows);
    }

    /// Why a loss is not dealt with yet, if it is not: its closure is not said, or not heard everywhere.
    pub(super) fn unheard_closure(&self) -> Option<String> {
        for loss in &self.losses {
            let name = &self.machines[loss.place].name;
            if loss.signed.is_empty() && self.machines.iter().any(|machine| self.wrote(machine, &loss.node)) {
                return Some(format!("{name} is not closed"));
            }
            for circle in loss.closed_in() {
                for (place, _) in self.of_circle(&circle) {
                    let machine = &self.machines[place];
                    let heard = machine.on().is_some_and(|on| on.closed().contains(&(circle, loss.node)));
                    if !heard {
                        return Some(format!("{} has not heard that {name} is closed", machine.name));
                    }
                }
            }
        }
        None
    }

    fn wrote(&self, machine: &Machine, node: &NodeId) -> bool {
        let wrote = |staged: &Staged| {
            let circles = staged.circles().into_keys();
            circles.into_iter().any(|circle| staged.logs(&circle).keys().any(|life| life.node == *node))
        };
        !machine.fate.lost && machine.on().is_some_and(wrote)
    }

    /// Law, at all times: no link stands with a node that is known here to be closed.
    pub(super) fn hold_links_ended(&self) {
        for machine in self.machines.iter().filter(|machine| self.is_honest(machine)) {
            let Some(staged) = machine.on() else { continue };
            let closed: BTreeSet<NodeId> = staged.closed().into_iter().map(|(_, node)| node).collect();
            for node in staged.hub_status().nodes {
                assert!(
                    !node.reachable || !closed.contains(&node.node),
                    "{} keeps a link with a closed node",
                    machine.name
                );
            }
        }
    }

    /// When all have heard, some honest members of each circle in which a node was closed say one more thing; and another
    /// office founds one more circle with the office that lost it.
    pub(super) fn last_words(&mut self) {
        let mut circles: BTreeSet<CircleId> = self.losses.iter().flat_map(Loss::closed_in).collect();
        let founds = circles.first().and_then(|circle| {
            let office = self.losses.iter().find(|loss| loss.closed_in().contains(circle))?.office;
            let (place, _) = self
                .of_circle(circle)
                .find(|(place, role)| *role == Role::Member && self.machines[*place].office != office)?;
            Some((place, [self.machines[place].office, office]))
        });
        if let Some((place, members)) = founds {
            circles.extend(self.found(place, &members, &[]));
        }
        for circle in circles {
            let writers: Vec<usize> = self
                .of_circle(&circle)
                .filter(|(place, role)| {
                    let may = |on: &Staged| on.writes_in(&circle);
                    *role == Role::Member && self.machines[*place].on().is_some_and(may)
                })
                .map(|(place, _)| place)
                .take(LAST_WRITERS)
                .collect();
            for place in writers {
                let splice = Splice { at: 0, remove: "".into(), insert: "after that".into() };
                self.write(place, circle, case("case-2"), Change::Note(splice));
                self.count("edits written when all had heard of a closure");
            }
        }
    }
}
