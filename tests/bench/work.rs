//! The work of the bench: what 24 nodes of six partners write on 20,000 cases in 40 rounds, from a seed.
//!
//! The shape is that of the work on which other tools were measured: 20 to 60 edits a case by up to four nodes,
//! 30 fields and dated notes, about 770,000 edits in all, mostly single claims. Which node visits which case in which
//! round is drawn first (a few megabytes); what it writes there is made round by round, so that the whole work is
//! never in memory. Everything is a pure function of the seed and the nodes' lives.
//!
//! In a round, a node has applied all that the others wrote in the rounds before; one that lags, all but the last of
//! them. So two nodes that visit one case in one round, or in two rounds that follow if the later one lags, write
//! concurrently. Plan edits and corrections name the items that they replace as their author's screen showed them.

#[path = "work/chance.rs"]
mod chance;
#[path = "work/words.rs"]
mod words;

use chance::Chance;
use homeward::case::{Change, Edit, PlanValue, Splice};
use homeward::id::{CaseId, EditRef, ItemRef, Life};
use homeward::private::Private;
use homeward::time::Millis;
use words::{Child, OPENING_FIELDS, PLAN_KEYS};

/// Milliseconds of the first round: 2026-01-05.
const START_MS: u64 = 1_767_571_200_000;
/// Milliseconds from round to round: two days.
const ROUND_MS: u64 = 2 * 24 * 3600 * 1000;
/// Beyond the end of any note.
const END_OF_NOTE: u64 = u32::MAX as u64;

/// How much work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Cases.
    pub(crate) cases: u32,
    /// Rounds; at least 4.
    pub(crate) rounds: u32,
    /// Partners; at most 6.
    pub(crate) partners: usize,
    /// Nodes of each; at least 1. At most 255 nodes in all.
    pub(crate) nodes_each: usize,
}

impl Size {
    /// The work on which others were measured.
    pub(crate) const FULL: Size = Size { cases: 20_000, rounds: 40, partners: 6, nodes_each: 4 };

    /// Nodes in all. Node `n` belongs to partner `n / nodes_each`.
    pub(crate) fn nodes(&self) -> usize {
        self.partners * self.nodes_each
    }
}

/// What one node writes in one round.
pub(crate) struct Turn {
    /// The round, from 0.
    pub(crate) round: u32,
    /// The node, from 0.
    pub(crate) node: usize,
    /// Rounds of all other nodes that it has applied: all before this number. Its own it has always.
    pub(crate) seen: u32,
    /// The number in the node's log of the first of these edits; the others follow without gaps.
    pub(crate) first_number: u64,
    /// The edits in the order of writing.
    pub(crate) edits: Vec<Edit>,
}

/// Counts of the whole work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Edits.
    pub(crate) edits: u64,
    /// Edits beside one of the same case by another node, neither of which had applied the other.
    pub(crate) beside: u64,
    /// Turns in which anything is written.
    pub(crate) turns: u64,
}

/// A node at one case in one round.
#[derive(Clone, Copy)]
struct Visit {
    case: u32,
    node: u8,
    round: u8,
    edits: u8,
}

/// An item that a later edit may replace.
struct Item {
    /// The field, or 64 and the plan key.
    what: u8,
    node: u8,
    round: u8,
    number: u32,
    /// Earlier items of this case (by place in its list) that it replaces.
    replaces: Vec<u16>,
}

/// What was written on one case so far.
struct Case {
    chance: Chance,
    edits: u16,
    items: Vec<Item>,
}

/// The work, given out turn by turn.
pub(crate) struct Work {
    seed: u64,
    size: Size,
    lives: Vec<Life>,
    /// By round, then node, then case.
    visits: Vec<Visit>,
    next: usize,
    cases: Vec<Case>,
    /// Edits written so far, by node.
    written: Vec<u64>,
    counts: Counts,
}

impl Work {
    /// Draws who visits which case when.
    ///
    /// # Panics
    /// If there is not one life for each node.
    pub(crate) fn new(seed: u64, size: Size, lives: Vec<Life>) -> Self {
        assert_eq!(lives.len(), size.nodes(), "one life for each node");
        let mut visits = Vec::new();
        let mut counts = Counts::default();
        for case in 0..size.cases {
            let of_case = visits_of(seed, &size, case);
            counts.edits += of_case.iter().map(|visit| u64::from(visit.edits)).sum::<u64>();
            for visit in &of_case {
                let beside = of_case.iter().any(|other| apart(seed, visit, other));
                counts.beside += if beside { u64::from(visit.edits) } else { 0 };
            }
            visits.extend(of_case);
        }
        visits.sort_by_key(|visit| (visit.round, visit.node, visit.case));
        counts.turns = visits.chunk_by(|a, b| (a.round, a.node) == (b.round, b.node)).count() as u64;
        let cases = (0..size.cases)
            .map(|case| Case {
                chance: Chance::new(seed, 0x7772_6974_0000_0000 ^ u64::from(case)),
                edits: 0,
                items: Vec::new(),
            })
            .collect();
        let written = vec![0; size.nodes()];
        Self { seed, size, lives, visits, next: 0, cases, written, counts }
    }

    /// Counts of the whole work, known before it is written.
    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// Cases of the whole work.
    pub(crate) fn cases(&self) -> u32 {
        self.size.cases
    }

    /// The id of a case.
    pub(crate) fn case_id(&self, case: u32) -> CaseId {
        let mut chance = Chance::new(self.seed, 0x6964_0000_0000_0000 ^ u64::from(case));
        CaseId((u128::from(chance.next()) << 64 | u128::from(chance.next())).to_be_bytes())
    }

    /// The next turn: rounds one after the other, in each the nodes that write, one after the other.
    pub(crate) fn next_turn(&mut self) -> Option<Turn> {
        let first = *self.visits.get(self.next)?;
        let (round, node) = (u32::from(first.round), usize::from(first.node));
        let seen = seen(self.seed, first.round, first.node);
        let first_number = self.written_by(node) + 1;
        let mut edits = Vec::new();
        while let Some(visit) = self.visits.get(self.next).copied() {
            if (visit.round, visit.node) != (first.round, first.node) {
                break;
            }
            self.next += 1;
            for _ in 0..visit.edits {
                let number = first_number + edits.len() as u64;
                let time =
                    START_MS + u64::from(round) * ROUND_MS + node as u64 * 977 + edits.len() as u64 * 41_000;
                edits.push(self.edit(visit, seen, number, Millis(time)));
            }
        }
        if let Some(written) = self.written.get_mut(node) {
            *written += edits.len() as u64;
        }
        Some(Turn { round, node, seen, first_number, edits })
    }

    fn written_by(&self, node: usize) -> u64 {
        self.written.get(node).copied().unwrap_or_default()
    }

    fn edit(&mut self, visit: Visit, seen: u32, number: u64, time: Millis) -> Edit {
        let id = self.case_id(visit.case);
        let child = Child::of(self.seed, u64::from(visit.case));
        let partner = usize::from(visit.node) / self.size.nodes_each;
        let (size, lives) = (self.size, &self.lives);
        let Some(case) = self.cases.get_mut(visit.case as usize) else { panic!("no such case") };
        let written = usize::from(case.edits);
        case.edits += 1;
        let operator = words::operator(partner, &mut case.chance);
        let what = if written < OPENING_FIELDS { 100 } else { case.chance.below(100) };
        let change = if what < 16 {
            Change::Note(Splice {
                at: END_OF_NOTE,
                remove: Private::default(),
                insert: Private::new(words::note(u64::from(visit.round) * 2 + 4, &child, &mut case.chance)),
            })
        } else if what < 25 {
            let key = case.chance.below(PLAN_KEYS.len() as u64) as usize;
            let (plan_key, value) = words::plan(key, &child, &mut case.chance);
            let shown = case.shown(64 + key as u8, &visit, seen, |_| true);
            let replaces = case.items_called(&shown, lives);
            case.remember(64 + key as u8, &visit, number, shown);
            Change::Plan(PlanValue { key: plan_key, value, replaces })
        } else {
            let field =
                if written < OPENING_FIELDS { written } else { words::field_to_update(&mut case.chance) };
            let mut claim = words::claim(field, &child, partner, &mut case.chance);
            // Of what several may be said (relatives, stays) nothing is replaced; else the office's own word is.
            let own = |node: u8| usize::from(node) / size.nodes_each == partner;
            let shown =
                if claim.group.is_empty() { case.shown(field as u8, &visit, seen, own) } else { Vec::new() };
            claim.replaces = case.items_called(&shown, lives);
            case.remember(field as u8, &visit, number, shown);
            Change::Claims(vec![claim])
        };
        Edit { case: id, time, operator, change }
    }
}

impl Case {
    /// Items of one field that the visitor has applied and that nothing it has applied replaces.
    fn shown(&self, what: u8, visit: &Visit, seen: u32, by: impl Fn(u8) -> bool) -> Vec<u16> {
        let applied = |item: &Item| item.node == visit.node || u32::from(item.round) < seen;
        let of_field =
            || self.items.iter().enumerate().filter(|(_, item)| item.what == what && applied(item));
        of_field()
            .filter(|(_, item)| by(item.node))
            .map(|(place, _)| place as u16)
            .filter(|place| !of_field().any(|(_, later)| later.replaces.contains(place)))
            .collect()
    }

    fn items_called(&self, places: &[u16], lives: &[Life]) -> Vec<ItemRef> {
        places
            .iter()
            .filter_map(|place| self.items.get(usize::from(*place)))
            .filter_map(|item| {
                let life = *lives.get(usize::from(item.node))?;
                Some(ItemRef { edit: EditRef { life, number: u64::from(item.number) }, place: 0 })
            })
            .collect()
    }

    fn remember(&mut self, what: u8, visit: &Visit, number: u64, replaces: Vec<u16>) {
        self.items.push(Item { what, node: visit.node, round: visit.round, number: number as u32, replaces });
    }
}

/// Rounds of others that a node has applied in a round: one in six lags by one.
fn seen(seed: u64, round: u8, node: u8) -> u32 {
    let lags =
        Chance::new(seed, 0x6c61_6700_0000_0000 ^ u64::from(round) << 8 ^ u64::from(node)).below(6) == 0;
    u32::from(round).saturating_sub(u32::from(lags))
}

/// Whether two visits of a case are by different nodes, neither of which had applied the other's.
fn apart(seed: u64, one: &Visit, other: &Visit) -> bool {
    one.node != other.node
        && u32::from(other.round) >= seen(seed, one.round, one.node)
        && u32::from(one.round) >= seen(seed, other.round, other.node)
}

/// Who visits a case when, and how many edits each makes: 20 to 60 in all, 38.5 on average.
fn visits_of(seed: u64, size: &Size, case: u32) -> Vec<Visit> {
    let mut chance = Chance::new(seed, 0x7669_7369_7400_0000 ^ u64::from(case));
    let drawn = chance.below(41);
    let edits = 20 + if chance.percent(22) { drawn.min(chance.below(41)) } else { drawn };
    let authors = match chance.below(100) {
        0..10 => 1,
        10..40 => 2,
        40..75 => 3,
        _ => 4,
    };
    let nodes: Vec<u8> = (0..authors).map(|_| chance.below(size.nodes() as u64) as u8).collect();
    let author = |chance: &mut Chance| chance.one(&nodes);
    let opened = chance.below(u64::from(size.rounds / 2));
    let opener = author(&mut chance);
    let mut visits = vec![Visit { case, node: opener, round: opened as u8, edits: 0 }];
    let mut left = edits;
    let mut take = |visits: &mut Vec<Visit>, node: u8, round: u64, edits: u64| {
        match visits.iter_mut().find(|visit| (visit.node, u64::from(visit.round)) == (node, round)) {
            Some(visit) => visit.edits += edits as u8,
            None => visits.push(Visit { case, node, round: round as u8, edits: edits as u8 }),
        }
        left -= edits;
        left
    };
    let mut rest = take(&mut visits, opener, opened, chance.between(10, 14));
    while rest > 0 {
        let node = author(&mut chance);
        // From the second round after it was opened, when even a node that lags knows of the case.
        let mut round = chance.between(opened + 2, u64::from(size.rounds) - 1);
        let meets = |visits: &[Visit], round: u64| {
            visits.iter().any(|visit| u64::from(visit.round) == round && visit.node != node)
        };
        // Offices talk: half of the meetings by chance do not happen.
        if meets(&visits, round) && chance.percent(50) {
            round = chance.between(opened + 2, u64::from(size.rounds) - 1);
        }
        let some = chance.between(1, 5).min(rest);
        rest = take(&mut visits, node, round, some);
    }
    visits
}
