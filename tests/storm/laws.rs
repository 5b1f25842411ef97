//! What holds in every world: the cheap laws at every step, all of them at rest.
//!
//! Three exemptions, and no others. An edit that was told on a machine whose disk then went back in time or was lost is
//! exempt if at that moment no other machine held its segment and the disk's image had it in no form: nobody could
//! have it. One that was told on a machine that its office then closed is exempt if it lies beyond the point that the
//! closure names: whoever closed it did not hold it. And a machine that holds a log whose key a cheater kept from it
//! must hold all segments, but need not show what they say; what honest machines said it must show, also if it came
//! when there were epochs already.

use super::machine::Machine;
use super::{Told, World};
use homeward::id::{CaseId, CircleId, Hash, Life, NodeId, PartnerId};
use homeward::log::{ChainEnd, Kind, Role};
use homeward::seal::{Envelope, EpochBody};
use homeward::sign::{Domain, hash};
use std::collections::{BTreeMap, BTreeSet};

/// What one machine shows of a circle, and its name.
type ShownBy = (String, BTreeMap<CaseId, Shown>);

/// A wire code that an honest node never closes an honest node's link with: protocol, version.
const BLAMES: [u16; 2] = [2, 6];

/// Links between two machines in an hour of rest, if one of them has a twin: either side dials each few minutes.
const LINKS_OF_TWINS: u64 = 2 * 24;

/// Calls of a machine that is closed and does not know it, in an hour of rest.
const CALLS_OF_CLOSED: u64 = 6;

/// Questions to one peer for one key in an hour of rest: the first quarter is over, so that pauses are long.
const QUESTIONS: u64 = 3;

/// How often the next segment of one log is said in an hour of rest to a cheater that never shows that it holds it.
const SAID_IN_VAIN: u64 = 4;

/// Hours in which more may be said than that, until it must be quiet.
const LOUD_HOURS: u64 = 2;

/// All that a sheet shows, but for when this machine first saw it.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    heads: Vec<[u8; 32]>,
    json: String,
    view: serde_json::Value,
    history: serde_json::Value,
}

impl World {
    /// Whether a machine is in honest hands.
    pub(super) fn is_honest(&self, machine: &Machine) -> bool {
        !self.offices[machine.office].cheats && !machine.fate.lost
    }

    /// The honest machines of a circle that are there, with their roles.
    pub(super) fn of_circle(&self, circle: &CircleId) -> impl Iterator<Item = (usize, Role)> + '_ {
        let charter = self.circles[circle].clone();
        self.machines.iter().enumerate().filter_map(move |(place, machine)| {
            let role = charter.role(&machine.partner())?;
            self.is_honest(machine).then_some((place, role))
        })
    }

    /// Why the world is not at rest, if it is not: something was not yet brought everywhere, or waits.
    pub(crate) fn unrest(&self) -> Option<String> {
        for (place, machine) in self.machines.iter().enumerate().filter(|(_, m)| self.is_honest(m)) {
            let Some(staged) = machine.on() else { return Some(format!("{} is off", machine.name)) };
            if staged.is_unsure() || machine.replay_due || staged.rebuilds_in().is_some() {
                return Some(format!("{} is busy", machine.name));
            }
            // What was written in a circle whose other machines are all lost, closed or in bad hands waits for ever.
            // A circle whose founder's power went before it was told of it is nobody's but its own.
            let heard = |circle: &CircleId| {
                self.circles.contains_key(circle) && self.of_circle(circle).any(|(other, _)| other != place)
            };
            let waiting: u64 =
                staged.waiting_in().iter().filter(|(circle, _)| heard(circle)).map(|(_, edits)| edits).sum();
            if waiting > 0 {
                return Some(format!("{waiting} edits wait at {}", machine.name));
            }
        }
        let held = || self.circles.keys().find_map(|circle| self.unrest_of(circle));
        let keys = || self.circles.keys().find_map(|circle| self.lacks_a_key(circle));
        self.unheard_closure().or_else(held).or_else(keys)
    }

    /// Who cannot open what an honest machine said in a circle, though another member's machine can: the key is asked for
    /// and given, also to a machine that came when there were epochs already.
    fn lacks_a_key(&self, circle: &CircleId) -> Option<String> {
        let of_honest: BTreeSet<NodeId> = self
            .machines
            .iter()
            .filter(|machine| !self.offices[machine.office].cheats)
            .map(|machine| machine.node())
            .collect();
        let members = self.of_circle(circle).filter(|(_, role)| *role == Role::Member);
        let held: Vec<(&Machine, BTreeSet<Life>)> = members
            .filter_map(|(place, _)| {
                let machine = &self.machines[place];
                Some((machine, machine.on()?.held(circle).into_iter().collect()))
            })
            .collect();
        held.iter().find_map(|(machine, lacks)| {
            let opened = |life: &&Life| held.iter().any(|(_, there)| !there.contains(life));
            let life = lacks.iter().filter(|life| of_honest.contains(&life.node)).find(opened)?;
            Some(format!("{} cannot open what {} says, and another can", machine.name, life.node.short()))
        })
    }

    fn unrest_of(&self, circle: &CircleId) -> Option<String> {
        let mut first: Option<(&str, BTreeMap<Life, ChainEnd>)> = None;
        for (place, _) in self.of_circle(circle) {
            let machine = &self.machines[place];
            let logs = machine.on()?.logs(circle);
            match &first {
                None => first = Some((&machine.name, logs)),
                Some((name, other)) if *other != logs => {
                    let short = |logs: &BTreeMap<Life, ChainEnd>| -> Vec<String> {
                        let end = |(life, end): (&Life, &ChainEnd)| {
                            format!("{}/{}: {}", life.node.short(), life.instance.short(), end.number)
                        };
                        logs.iter().map(end).collect()
                    };
                    return Some(format!(
                        "{} and {name} hold other segments of {}: {:?} and {:?}",
                        machine.name,
                        circle.short(),
                        short(&logs),
                        short(other)
                    ));
                }
                Some(_) => {}
            }
        }
        None
    }

    /// Lets time go on until everything that was said is where it belongs and nobody has more to say, then holds the
    /// laws. All of it within a day: pauses between dials end within minutes.
    pub(crate) fn settle(&mut self) {
        let (mut unrest, mut loud) = (None, 0);
        for _ in 0..24 * 12 {
            self.run_for(5 * 60_000);
            self.say_yes();
            self.hold_bounds();
            unrest = self.unrest();
            if unrest.is_none() && !self.losses.is_empty() && !std::mem::replace(&mut self.said_last, true) {
                self.last_words();
                continue;
            }
            let frames = self.net.frames;
            self.note(format!("settling: {frames} frames, {}", unrest.as_deref().unwrap_or("at rest")));
            if unrest.is_none() {
                // What was asked too early is answered to a later question: that is no endless chatter yet.
                unrest = self.grow_quiet().map(|said| format!("endless chatter: {said}"));
                loud += u64::from(unrest.is_some());
                if loud > LOUD_HOURS {
                    break;
                }
                if unrest.is_none() && self.unrest().is_none() {
                    return self.hold_laws();
                }
            }
        }
        panic!("after fair weather: {}", unrest.unwrap_or_default());
    }

    /// After a while, nothing is said in an hour but what must be. What is said beyond that, if anything.
    fn grow_quiet(&mut self) -> Option<String> {
        self.run_for(15 * 60_000);
        self.at_rest = Some(BTreeMap::new());
        self.run_for(3_600_000);
        let said = self.at_rest.take().unwrap_or_default();
        let mut much: Vec<String> = Vec::new();
        for ((from, to, message), count) in &said {
            if *count > self.allowed_at_rest(*from, *to, message) {
                let (from, to) = (&self.machines[*from].name, &self.machines[*to].name);
                much.push(format!("{from} to {to}: {message} {count}"));
            }
        }
        (!much.is_empty()).then(|| much.join(", "))
    }

    /// How often one machine may say one kind of message to another in an hour of rest. Three things go on for ever:
    /// who lacks a key asks for it, more and more rarely; two machines with one key push each other's links out, and
    /// with each new link both sides say who they are and what they hold; and a cheater's machine that was closed, and
    /// is told nothing, calls again, at most each half hour once it was refused a dozen times.
    fn allowed_at_rest(&self, from: usize, to: usize, message: &str) -> u64 {
        let (from, to) = (&self.machines[from], &self.machines[to]);
        let logs = |machine: &Machine| -> u64 {
            let held = self.circles.keys().map(|circle| machine.on().map_or(0, |on| on.logs(circle).len()));
            held.sum::<usize>() as u64
        };
        let of_opening = match message {
            "hello" | "opened" => 1,
            // A charter goes before the state of a circle that the other has not shown.
            "state" | "seen" | "charter" => self.circles.len() as u64,
            // To a cheater that never shows what it says it holds, it is said again and again.
            "whole" | "start" | "range" if !self.is_honest(to) => return logs(from) * SAID_IN_VAIN,
            "skip" if !self.is_honest(from) => return logs(to) * SAID_IN_VAIN,
            "want_grant" => return from.on().map_or(0, |staged| staged.lacking() as u64) * QUESTIONS,
            _ => return 0,
        };
        let is_twin =
            |of: &Machine| self.machines.iter().filter(|other| other.node() == of.node()).count() > 1;
        let cheats = |machine: &Machine| !self.is_honest(machine);
        if is_twin(from) || is_twin(to) {
            of_opening * LINKS_OF_TWINS
        } else if cheats(from) || cheats(to) {
            of_opening * CALLS_OF_CLOSED
        } else {
            0
        }
    }

    /// All laws at rest.
    pub(crate) fn hold_laws(&mut self) {
        self.hold_secrecy();
        self.hold_receipts();
        self.hold_bounds();
        self.hold_rest();
        for circle in self.circles.keys().copied().collect::<Vec<_>>() {
            self.hold_circle(&circle);
        }
        self.hold_told();
        for machine in self.machines.iter().filter(|machine| self.is_honest(machine)) {
            for notice in machine.on().map(|staged| staged.notices()).unwrap_or_default() {
                let broken = notice.starts_with("Replay stopped")
                    || notice.starts_with("Some of what is stored")
                    || notice.contains("could not be");
                assert!(!broken || self.tally.contains_key("disk"), "{}: {notice}", machine.name);
            }
        }
    }

    /// A link was closed with a code: an honest node has nothing to blame another honest node for.
    pub(crate) fn closed(&self, place: usize, other: Option<usize>, code: u16) {
        let Some(other) = other else { return };
        let (from, to) = (&self.machines[place], &self.machines[other]);
        let honest = self.is_honest(from) && self.is_honest(to);
        let fault = from.on().and_then(|staged| staged.last_fault());
        assert!(!honest || !BLAMES.contains(&code), "{} blames {}: {fault:?}", from.name, to.name);
    }

    /// Nobody holds anything of a circle that it is not in; who carries opens nothing and shows nothing.
    fn hold_secrecy(&self) {
        for machine in &self.machines {
            let Some(staged) = machine.on() else { continue };
            for (circle, charter) in staged.circles() {
                let role = charter.role(&machine.partner());
                assert!(role.is_some(), "{} holds a circle that it is not in", machine.name);
                if role == Some(Role::Carrier) {
                    assert!(staged.cases(&circle).is_empty(), "{} shows what it carries", machine.name);
                    self.pry(machine, &circle);
                }
            }
        }
    }

    /// Tries the machine's key on all that it carries.
    fn pry(&self, machine: &Machine, circle: &CircleId) {
        let Some(staged) = machine.on() else { return };
        for (life, end) in staged.logs(circle) {
            let log = homeward::id::LogId { circle: *circle, life };
            for number in 1..=end.number {
                let Some(segment) = staged.segment(&log, number) else { continue };
                let seed = machine.secret.age_seed();
                let files = match segment.header().kind {
                    Kind::Epoch => match EpochBody::decode(segment.body()) {
                        Ok(body) => body.files.into_iter().map(|file| file.file).collect(),
                        Err(_) => continue,
                    },
                    Kind::Work => vec![segment.body().to_vec()],
                };
                for file in files {
                    let opened = machine.envelope.open_as(seed, &file);
                    assert!(opened.is_err(), "{} opens what it carries", machine.name);
                }
            }
        }
    }

    /// At all times: no status shows a machine as holding what is not on its disk.
    pub(crate) fn hold_receipts(&self) {
        self.hold_links_ended();
        for machine in self.machines.iter().filter(|machine| self.is_honest(machine)) {
            let Some(staged) = machine.on() else { continue };
            machine.tick(self.now);
            let status = staged.hub_status();
            for node in &status.nodes {
                let mut there = self.machines.iter().filter(|other| other.node() == node.node);
                let (Some(other), None) = (there.next(), there.next()) else { continue };
                let Some(held) = other.on().filter(|_| self.is_honest(other) && !other.fate.went_back) else {
                    continue;
                };
                for shown in &node.circles {
                    let here = status.circles.iter().find(|here| here.circle == shown.circle);
                    let Some(here) = here.filter(|here| here.forks.is_empty()) else { continue };
                    let there = held.logs(&shown.circle);
                    // What it has heard to be forked or closed counts there no longer, and here still does.
                    let of_other = held.hub_status();
                    let of_circle = of_other.circles.iter().filter(|held| held.circle == shown.circle);
                    let cut: BTreeSet<Life> = of_circle
                        .flat_map(|held| held.logs.iter().filter(|log| log.through.is_some()))
                        .map(|log| log.life)
                        .collect();
                    let lacking: u64 = here
                        .logs
                        .iter()
                        .filter(|log| !cut.contains(&log.life))
                        .map(|log| {
                            let counted = log.through.map_or(log.number, |through| through.min(log.number));
                            counted.saturating_sub(there.get(&log.life).map_or(0, |end| end.number))
                        })
                        .sum();
                    assert!(
                        lacking <= shown.lacking,
                        "{} shows that {} holds what is not on its disk",
                        machine.name,
                        other.name
                    );
                }
            }
        }
    }

    /// Sheets that rest on the same segments are the same; at rest that is every member's whose logs are all open.
    fn hold_circle(&self, circle: &CircleId) {
        let mut known: BTreeMap<Vec<(Life, u64)>, ShownBy> = BTreeMap::new();
        for (place, role) in self.of_circle(circle) {
            let machine = &self.machines[place];
            let Some(staged) = machine.on().filter(|_| role == Role::Member) else { continue };
            let applied: Vec<(Life, u64)> = staged.applied(circle).into_iter().collect();
            let open = staged.held(circle).is_empty();
            let shown = shown(machine, circle);
            if let Some((name, other)) = known.get(&applied) {
                let cases: BTreeSet<&CaseId> = shown.keys().chain(other.keys()).collect();
                for case in cases {
                    let (here, there) = (shown.get(case), other.get(case));
                    if here != there {
                        panic!(
                            "{} and {name} rest on the same segments of {} and show another sheet of {case:?} ({}):\n{}",
                            machine.name,
                            circle.short(),
                            applied
                                .iter()
                                .map(|(life, number)| format!(
                                    "{}/{}: {number}",
                                    life.node.short(),
                                    life.instance.short()
                                ))
                                .collect::<Vec<_>>()
                                .join(", "),
                            difference(here, there)
                        );
                    }
                }
            }
            let all: Vec<(Life, u64)> =
                staged.logs(circle).into_iter().map(|(life, end)| (life, end.number)).collect();
            // What a cheater's words rest on may never come.
            let open = open && self.evil.is_empty();
            assert!(
                !open || all == applied,
                "{} has not applied all that it holds: {all:?} {applied:?}",
                machine.name
            );
            known.insert(applied, (machine.name.clone(), shown));
        }
    }

    /// Every edit that was told is on every member's machine, as it was told; no other edit of honest people is.
    fn hold_told(&mut self) {
        let desks: BTreeSet<&str> =
            self.told.iter().map(|t| t.desk.as_str()).chain(self.unsure.iter().map(String::as_str)).collect();
        let honest: BTreeSet<PartnerId> =
            self.offices.iter().filter(|o| !o.cheats).map(|o| o.partner()).collect();
        let mut checked = 0;
        for circle in self.circles.keys() {
            let cut = self.is_cut(circle);
            for (place, role) in self.of_circle(circle) {
                let machine = &self.machines[place];
                let Some(staged) = machine.on().filter(|_| role == Role::Member) else { continue };
                let there = histories(machine, circle);
                for (partner, desk) in there.keys() {
                    let known = !honest.contains(partner) || desks.contains(desk.as_str());
                    assert!(known, "{} shows what nobody wrote: {desk}", machine.name);
                }
                if !staged.held(circle).is_empty() {
                    continue;
                }
                for told in self.told.iter().filter(|told| told.circle == *circle && !told.exempt) {
                    let author = self.machines[told.machine].partner();
                    let entries = there.get(&(author, told.desk.clone()));
                    hold_one(told, machine, entries.map(Vec::as_slice).unwrap_or_default(), cut);
                    checked += 1;
                }
            }
        }
        *self.tally.entry("edits checked").or_default() += checked;
    }

    /// Whether anything of a circle's logs does not count: then the note is made without it.
    fn is_cut(&self, circle: &CircleId) -> bool {
        self.of_circle(circle).filter_map(|(place, _)| self.machines[place].on()).any(|staged| {
            let status = staged.hub_status();
            let of = status.circles.iter().filter(|held| held.circle == *circle);
            of.flat_map(|held| &held.logs).any(|log| log.through.is_some())
        })
    }

    /// What all machines show, as one string: for comparing worlds of one seed.
    pub(crate) fn all_shown(&self) -> String {
        let mut all = Vec::new();
        for circle in self.circles.keys() {
            for machine in self.machines.iter().filter(|machine| machine.on().is_some()) {
                all.push((&machine.name, shown(machine, circle)));
            }
        }
        format!("{all:?}")
    }
}

/// `cut`: something that it rested on may not count any more. Nothing is lost by that but what a note was.
fn hold_one(told: &Told, machine: &Machine, entries: &[(CaseId, Hash)], cut: bool) {
    let Told { desk, .. } = told;
    assert!(
        !entries.is_empty(),
        "{desk} was told that its edit is kept, and {} does not have it",
        machine.name
    );
    if !told.again {
        assert_eq!(entries.len(), 1, "{} has the edit of {desk} more than once", machine.name);
        let did = if told.note && cut { entries[0].1 } else { told.did };
        assert_eq!(entries[0], (told.case, did), "{} shows the edit of {desk} otherwise", machine.name);
    }
}

/// What differs, in few lines.
fn difference(here: Option<&Shown>, there: Option<&Shown>) -> String {
    let (Some(here), Some(there)) = (here, there) else {
        return format!("one has the case: {} {}", here.is_some(), there.is_some());
    };
    format!(
        "heads alike: {}, documents alike: {}, views alike: {}, histories alike: {}\n{}\n{}",
        here.heads == there.heads,
        here.json == there.json,
        here.view == there.view,
        here.history == there.history,
        here.view,
        there.view
    )
}

/// By partner and desk: in which cases an edit stands, and as what.
fn histories(machine: &Machine, circle: &CircleId) -> BTreeMap<(PartnerId, String), Vec<(CaseId, Hash)>> {
    let mut all: BTreeMap<(PartnerId, String), Vec<(CaseId, Hash)>> = BTreeMap::new();
    let Some(staged) = machine.on() else { return all };
    for case in staged.cases(circle) {
        let Ok(Some(sheet)) = staged.sheet(circle, &case) else { continue };
        for entry in sheet.history() {
            let desk = entry.written.operator.reveal().clone();
            all.entry((entry.written.partner, desk)).or_default().push((case, digest(&entry.did)));
        }
    }
    all
}

fn digest(value: &impl serde::Serialize) -> Hash {
    hash(Domain::Chance, &[serde_json::to_string(value).unwrap().as_bytes()])
}

/// What a machine shows of the edit of one desk.
pub(super) fn shown_of(machine: &Machine, circle: &CircleId, case: &CaseId, desk: &str) -> Option<Hash> {
    let sheet = machine.on()?.sheet(circle, case).ok()??;
    let entry = sheet.history().into_iter().find(|entry| entry.written.operator.reveal() == desk)?;
    Some(digest(&entry.did))
}

fn shown(machine: &Machine, circle: &CircleId) -> BTreeMap<CaseId, Shown> {
    let Some(staged) = machine.on() else { return BTreeMap::new() };
    let show = |case| {
        let sheet = staged.sheet(circle, &case).unwrap()?;
        if sheet.history().is_empty() {
            // Nothing but disowned words is here, to be shown beside it: who cannot open those has no sheet.
            return None;
        }
        let shown = Shown {
            heads: sheet.heads(),
            json: sheet.json(),
            view: timeless(&sheet.view()),
            history: timeless(&sheet.history()),
        };
        Some((case, shown))
    };
    staged.cases(circle).into_iter().filter_map(show).collect()
}

/// As JSON without `first_seen`, which is each machine's own.
fn timeless(view: &impl serde::Serialize) -> serde_json::Value {
    fn strip(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(map) => {
                map.remove("first_seen");
                map.values_mut().for_each(strip);
            }
            serde_json::Value::Array(list) => list.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(view).unwrap();
    strip(&mut value);
    value
}
