//! How far each log of a circle is applied, and what can be applied next.
//!
//! A segment is applied once the one before it is, and every segment that its contexts name: pins say which, by hash.
//! What waits, waits without harm. The order that comes out follows what rests on what; sheets are the same in any
//! such order. What a cut leaves out is not applied, and a context that names it is read without it: as far as the log
//! counts, or, if a closure chose one of two branches and the context is of the other or beyond, to before they part.
//! That depends on what counts and on nothing else, so everyone reads alike, whoever holds the other branch. What a log
//! says from its first refused segment on adds no edits.

use super::applied::{Applied, Spoken};
use super::packed::Packed;
use super::work::Pin;
use crate::codec::{self, Malformed};
use crate::id::{CaseId, Hash, InstanceId, Life, NodeId, PartnerId};
use crate::private::Private;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A segment that was opened.
#[derive(Debug)]
pub struct Opened {
    /// The log it stands in.
    pub life: Life,
    /// Its number.
    pub number: u64,
    /// Whose it is.
    pub partner: PartnerId,
    /// The hash of its header.
    pub header: Hash,
    /// When this node first saw it.
    pub first_seen: Millis,
    /// What it says.
    pub body: Body,
}

/// What an opened segment says.
#[derive(Debug)]
pub enum Body {
    /// A new epoch: no edits.
    Epoch,
    /// Edits.
    Work(Box<Packed>),
    /// Its plaintext breaks a rule.
    Refused(Malformed),
}

/// Through where a log counts, by closure or fork.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// The last segment that counts.
    pub through: u64,
    /// The lowest number with two headers, if one is known.
    pub fork: Option<u64>,
}

impl Cut {
    /// How far a context is read that names what does not count.
    fn shared(&self) -> u64 {
        self.fork.map_or(self.through, |fork| self.through.min(fork.saturating_sub(1)))
    }
}

/// The logs that are cut.
pub type Cuts = BTreeMap<Life, Cut>;

/// A segment that breaks a rule. It and all that follows in its log add no edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The log.
    pub life: Life,
    /// Its first refused segment.
    pub number: u64,
    /// Why.
    pub fault: Malformed,
}

/// What can be applied now.
#[derive(Debug, Default)]
pub struct Plan {
    /// Edits by case, sorted by case; each case's edits in an order to apply them.
    pub cases: Vec<(CaseId, Vec<Applied>)>,
    /// What waits for segments that are not here: hand it in again with later ones.
    pub waiting: Vec<Opened>,
    /// Logs that broke a rule in this round.
    pub refused: Vec<Refused>,
    /// The circle's name, if the founder named it in this round.
    pub circle_name: Option<Private<String>>,
    /// How many edits `cases` holds.
    pub edits: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct LogReach {
    /// Hash and last edit number of each applied segment, from number 1.
    segments: Vec<(Hash, u64)>,
    /// The first refused segment.
    refused: Option<u64>,
    /// Whether a work segment was applied.
    worked: bool,
}

impl LogReach {
    fn number(&self) -> u64 {
        self.segments.len() as u64
    }

    fn last_edit(&self) -> u64 {
        self.segments.last().map_or(0, |(_, edit)| *edit)
    }

    fn segment(&self, number: u64) -> Option<&(Hash, u64)> {
        self.segments.get(usize::try_from(number.checked_sub(1)?).ok()?)
    }
}

/// How far each log of one circle is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    founder: PartnerId,
    logs: BTreeMap<Life, LogReach>,
    /// Logs of which a context named what does not count, and how far it was read.
    shortened: BTreeMap<Life, u64>,
}

#[derive(Serialize, Deserialize)]
struct ReachWire(PartnerId, Vec<LogWire>, Vec<(Life, u64)>);

#[derive(Serialize, Deserialize)]
struct LogWire(NodeId, InstanceId, Vec<(Hash, u64)>, Option<u64>, bool);

impl Reach {
    /// Nothing applied. The founder alone may name the circle.
    pub fn new(founder: PartnerId) -> Self {
        Self { founder, logs: BTreeMap::new(), shortened: BTreeMap::new() }
    }

    /// The last applied segment of a log, 0 for none.
    pub fn number(&self, life: &Life) -> u64 {
        self.logs.get(life).map_or(0, LogReach::number)
    }

    /// The last applied edit of a log, 0 for none: the next that its node writes is one more.
    pub fn last_edit(&self, life: &Life) -> u64 {
        self.logs.get(life).map_or(0, LogReach::last_edit)
    }

    /// The last applied segment of each log: the context of what is written now, the own log left out.
    pub fn context(&self, own: &Life) -> super::Context {
        let others = self.logs.iter().filter(|(life, log)| *life != own && log.number() > 0);
        others.map(|(life, log)| (*life, log.number())).collect()
    }

    /// The pins for contexts that name these segments. Segments that are not applied get none.
    pub fn pins(&self, highest: &super::Context) -> Vec<Pin> {
        let pin = |(life, number): (&Life, &u64)| {
            let (hash, _) = self.logs.get(life)?.segment(*number)?;
            Some(Pin { life: *life, number: *number, hash: *hash })
        };
        highest.iter().filter_map(pin).collect()
    }

    /// The first refused segment of each log that has one.
    pub fn refused(&self) -> impl Iterator<Item = (Life, u64)> {
        self.logs.iter().filter_map(|(life, log)| Some((*life, log.refused?)))
    }

    /// The hash of an applied segment.
    pub fn hash(&self, life: &Life, number: u64) -> Option<Hash> {
        self.logs.get(life)?.segment(number).map(|(hash, _)| *hash)
    }

    /// Whether something was applied, or read, otherwise than these cuts say: then all is to be replayed from an empty
    /// reach. `stands`: the header of a number, as each log stands now.
    pub fn exceeds(&self, cuts: &Cuts, stands: impl Fn(&Life, u64) -> Option<Hash>) -> bool {
        let beyond = cuts.iter().any(|(life, cut)| self.number(life) > cut.through);
        let other = self.logs.iter().any(|(life, log)| {
            log.segments
                .last()
                .is_some_and(|(hash, _)| stands(life, log.number()).is_some_and(|h| h != *hash))
        });
        let otherwise = |(life, read): (&Life, &u64)| cuts.get(life).map(Cut::shared) != Some(*read);
        beyond || other || self.shortened.iter().any(otherwise)
    }

    /// The sight that these pins stand for, in what is applied now: for edits of our own that are in no segment yet
    /// when the sheets under them are made anew.
    pub fn reread(&self, pins: &[Pin], cuts: &Cuts) -> super::Context {
        let read = |pin: &Pin| {
            let number = match self.hash(&pin.life, pin.number) {
                Some(hash) if hash == pin.hash => pin.number,
                _ => cuts.get(&pin.life).map_or(0, Cut::shared).min(self.number(&pin.life)),
            };
            (number > 0).then_some((pin.life, number))
        };
        pins.iter().filter_map(read).collect()
    }

    /// Takes in opened segments, in any order, and says which edits can be applied. Segments that were applied before
    /// or that a cut leaves out are dropped.
    pub fn plan(&mut self, opened: Vec<Opened>, cuts: &Cuts) -> Plan {
        let mut logs: BTreeMap<Life, BTreeMap<u64, Opened>> = BTreeMap::new();
        for segment in opened {
            let cut = cuts.get(&segment.life);
            let counts = cut.is_none_or(|cut| segment.number <= cut.through);
            if counts && segment.number > self.number(&segment.life) {
                logs.entry(segment.life).or_default().insert(segment.number, segment);
            }
        }
        let mut plan = Plan::default();
        let mut cases: BTreeMap<CaseId, Vec<Applied>> = BTreeMap::new();
        loop {
            let mut moved = false;
            for (life, segments) in &mut logs {
                while let Some(next) = segments.first_entry() {
                    if *next.key() != self.number(life) + 1 || !self.ready(next.get(), cuts) {
                        break;
                    }
                    self.take(next.remove(), cuts, &mut plan, &mut cases);
                    moved = true;
                }
            }
            if !moved {
                break;
            }
        }
        plan.cases = cases.into_iter().collect();
        plan.waiting = logs.into_values().flat_map(BTreeMap::into_values).collect();
        plan
    }

    /// Whether all that a segment rests on is applied.
    fn ready(&self, segment: &Opened, cuts: &Cuts) -> bool {
        let Body::Work(packed) = &segment.body else { return true };
        packed.pins().iter().all(|pin| match self.shared(pin, cuts) {
            Some(through) => self.number(&pin.life) >= through,
            None => self.hash(&pin.life, pin.number) == Some(pin.hash),
        })
    }

    /// If what a pin names does not count: how far it is read.
    fn shared(&self, pin: &Pin, cuts: &Cuts) -> Option<u64> {
        let cut = cuts.get(&pin.life)?;
        let other_branch = || {
            let stands = self.hash(&pin.life, pin.number);
            cut.fork.is_some_and(|fork| fork <= pin.number) && stands.is_some_and(|hash| hash != pin.hash)
        };
        (pin.number > cut.through || other_branch()).then(|| cut.shared())
    }

    fn take(
        &mut self,
        segment: Opened,
        cuts: &Cuts,
        plan: &mut Plan,
        cases: &mut BTreeMap<CaseId, Vec<Applied>>,
    ) {
        let log = self.logs.entry(segment.life).or_default();
        let before = log.last_edit();
        let fault = match &segment.body {
            _ if log.refused.is_some() => None,
            Body::Epoch => None,
            Body::Refused(fault) => Some(*fault),
            Body::Work(packed) if packed.first() != before + 1 => {
                Some(Malformed::Rule { what: "work", rule: "edit numbers go on without gap or repeat" })
            }
            Body::Work(packed)
                if packed.circle_name().is_some() && (log.worked || segment.partner != self.founder) =>
            {
                let rule = "the founder's first work segment alone names the circle";
                Some(Malformed::Rule { what: "work", rule })
            }
            Body::Work(_) => None,
        };
        if let Some(fault) = fault {
            log.refused = Some(segment.number);
            plan.refused.push(Refused { life: segment.life, number: segment.number, fault });
        }
        let packed = match segment.body {
            Body::Work(packed) if log.refused.is_none() => packed,
            _ => {
                log.segments.push((segment.header, before));
                return;
            }
        };
        log.worked = true;
        log.segments.push((segment.header, packed.last()));
        if let Some(name) = packed.circle_name() {
            plan.circle_name = Some(name.clone());
        }
        let limits: BTreeMap<Life, u64> =
            packed.pins().iter().filter_map(|pin| Some((pin.life, self.shared(pin, cuts)?))).collect();
        self.shortened.extend(limits.iter().map(|(life, read)| (*life, *read)));
        let rests = packed.contexts().map(|life, number| {
            let number = limits.get(life).map_or(number, |through| number.min(*through));
            self.logs.get(life).and_then(|log| log.segment(number)).map_or(0, |(_, edit)| *edit)
        });
        plan.edits += packed.len() as u64;
        let spoken = Arc::new(Spoken {
            partner: segment.partner,
            first_seen: segment.first_seen,
            packed: *packed,
            rests,
        });
        for (index, at) in (0..spoken.packed.len()).zip(0u32..) {
            if let Some(case) = spoken.packed.case(index) {
                cases.entry(case).or_default().push(Applied::new(&spoken, at));
            }
        }
    }

    /// Edits of our own that are in no segment yet, ready to be applied: they rest on what is applied. Nothing else
    /// changes; when their segment is taken in, sheets find them applied.
    pub fn ahead(
        &self,
        partner: PartnerId,
        first_seen: Millis,
        packed: Packed,
    ) -> Vec<(CaseId, Vec<Applied>)> {
        let rests = packed.contexts().map(|life, number| {
            self.logs.get(life).and_then(|log| log.segment(number)).map_or(0, |(_, edit)| *edit)
        });
        let spoken = Arc::new(Spoken { partner, first_seen, packed, rests });
        let mut cases: BTreeMap<CaseId, Vec<Applied>> = BTreeMap::new();
        for (index, at) in (0..spoken.packed.len()).zip(0u32..) {
            if let Some(case) = spoken.packed.case(index) {
                cases.entry(case).or_default().push(Applied::new(&spoken, at));
            }
        }
        cases.into_iter().collect()
    }

    /// As bytes, for the vault.
    pub fn encode(&self) -> Vec<u8> {
        let log = |(life, log): (&Life, &LogReach)| {
            LogWire(life.node, life.instance, log.segments.clone(), log.refused, log.worked)
        };
        let shortened = self.shortened.iter().map(|(life, read)| (*life, *read)).collect();
        codec::encode(&ReachWire(self.founder, self.logs.iter().map(log).collect(), shortened))
    }

    /// Reads what [`Reach::encode`] wrote.
    ///
    /// # Errors
    /// [`Malformed`] if the bytes were damaged: replay from an empty reach.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let ReachWire(founder, logs, shortened) =
            serde_ipld_dagcbor::from_slice(bytes).map_err(|_| Malformed::NotStrict("reach"))?;
        let logs = logs.into_iter().map(|LogWire(node, instance, segments, refused, worked)| {
            (Life { node, instance }, LogReach { segments, refused, worked })
        });
        Ok(Self { founder, logs: logs.collect(), shortened: shortened.into_iter().collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::super::work::{Context, Place, Stamped, Work, pins_of};
    use super::*;
    use crate::case::{Change, Edit, Splice};
    use crate::id::{CircleId, NodeId};

    const FOUNDER: PartnerId = PartnerId([1; 32]);

    fn life(byte: u8) -> Life {
        Life { node: NodeId([byte; 32]), instance: InstanceId([byte; 16]) }
    }

    fn header(life: Life, number: u64, branch: u8) -> Hash {
        Hash(std::array::from_fn(|place| [life.node.0[0], number as u8, branch, 0][place.min(3)]))
    }

    fn epoch(byte: u8) -> Opened {
        let (life, body) = (life(byte), Body::Epoch);
        let header = header(life, 1, 0);
        Opened { life, number: 1, partner: FOUNDER, header, first_seen: Millis(1), body }
    }

    /// A segment with two edits, on one branch of its log, that rests on a segment of another log and branch.
    fn work(byte: u8, number: u64, branch: u8, first: u64, rests: Option<(u8, u64, u8)>) -> Opened {
        named(byte, (number, branch), first, rests, None)
    }

    fn named(
        byte: u8,
        (number, branch): (u64, u8),
        first: u64,
        rests: Option<(u8, u64, u8)>,
        name: Option<&str>,
    ) -> Opened {
        let context: Context = rests.iter().map(|(byte, number, _)| (life(*byte), *number)).collect();
        let pins = pins_of([&context]).into_iter().zip(&rests).map(|((life, number), (_, _, branch))| Pin {
            life,
            number,
            hash: header(life, number, *branch),
        });
        let change = Change::Note(Splice { at: 0, remove: "".into(), insert: "x".into() });
        let edit = Edit { case: CaseId([number as u8; 16]), time: Millis(1), operator: "".into(), change };
        let stamped = Stamped { edit, context: Arc::new(context.clone()) };
        let place = Place { circle: CircleId([3; 32]), life: life(byte), number };
        let circle_name = name.map(Private::from);
        let work =
            Work { place, first, circle_name, pins: pins.collect(), edits: vec![stamped.clone(), stamped] };
        let packed = Packed::decode(work.encode().expect("encodes").reveal(), place).expect("reads back");
        let header = header(life(byte), number, branch);
        let body = Body::Work(Box::new(packed));
        Opened { life: life(byte), number, partner: FOUNDER, header, first_seen: Millis(1), body }
    }

    fn rests(plan: &Plan, byte: u8) -> Vec<Option<u64>> {
        plan.cases.iter().flat_map(|(_, edits)| edits).map(|edit| edit.rests_on(&life(byte))).collect()
    }

    #[test]
    fn a_segment_waits_for_what_it_rests_on() {
        let mut reach = Reach::new(FOUNDER);
        let late = work(5, 2, 0, 1, Some((6, 2, 0)));
        let plan = reach.plan(vec![late, epoch(5), epoch(6)], &Cuts::new());
        assert_eq!((plan.edits, plan.waiting.len()), (0, 1));
        let mut next = plan.waiting;
        next.push(work(6, 2, 0, 1, None));
        let plan = reach.plan(next, &Cuts::new());
        assert_eq!((plan.edits, plan.waiting.len()), (4, 0));
        assert_eq!(rests(&plan, 6), [None, None, Some(2), Some(2)]);
        assert_eq!((reach.number(&life(6)), reach.last_edit(&life(6))), (2, 2));
        assert_eq!(reach.context(&life(5)), [(life(6), 2)].into());
        assert_eq!(reach.pins(&reach.context(&life(5)))[0].hash, header(life(6), 2, 0));
        // What comes twice is dropped.
        assert_eq!(reach.plan(vec![work(6, 2, 0, 1, None)], &Cuts::new()).edits, 0);
    }

    #[test]
    fn a_pin_of_another_branch_waits() {
        let mut reach = Reach::new(FOUNDER);
        let all = vec![epoch(5), epoch(6), work(6, 2, 0, 1, None), work(5, 2, 0, 1, Some((6, 2, 9)))];
        let plan = reach.plan(all, &Cuts::new());
        assert_eq!((plan.edits, plan.waiting.len()), (2, 1));
    }

    #[test]
    fn what_a_cut_leaves_out_is_read_past() {
        let cut = |through, fork| Cuts::from([(life(6), Cut { through, fork })]);
        let stands = |branch: u8| {
            move |of: &Life, number: u64| {
                let branch = if *of == life(6) && number > 1 { branch } else { 0 };
                Some(header(*of, number, branch))
            }
        };
        let all = || {
            vec![
                epoch(5),
                epoch(6),
                work(6, 2, 0, 1, None),
                work(6, 3, 0, 3, None),
                work(5, 2, 0, 1, Some((6, 3, 0))),
            ]
        };
        let mut reach = Reach::new(FOUNDER);
        let plan = reach.plan(all(), &cut(2, None));
        assert_eq!((plan.edits, plan.waiting.len()), (4, 0));
        assert_eq!(rests(&plan, 6).iter().flatten().count(), 2);
        assert!(rests(&plan, 6).iter().flatten().all(|number| *number == 2), "read through the cut");
        // The closure names the other branch: what was said on this one, and rests on it, is read to where they part.
        let mut other = Reach::new(FOUNDER);
        let mut branches = all();
        branches.push(work(6, 2, 9, 1, None));
        branches.retain(|segment| segment.header != header(life(6), 2, 0));
        let plan = other.plan(branches, &cut(2, Some(2)));
        assert_eq!((plan.edits, plan.waiting.len()), (4, 0));
        assert!(
            rests(&plan, 6).iter().flatten().all(|number| *number == 0),
            "read to where the branches part"
        );
        // Who had applied more than now counts starts again.
        assert!(!reach.exceeds(&cut(2, None), stands(0)));
        assert!(reach.exceeds(&cut(1, None), stands(0)));
        assert!(reach.exceeds(&cut(2, Some(2)), stands(9)), "another branch stands");
        assert!(reach.exceeds(&cut(3, None), stands(0)), "what was read without it counts now");
        assert!(!other.exceeds(&cut(2, Some(2)), stands(9)));
        assert!(other.exceeds(&Cuts::new(), stands(9)));
        assert_eq!(Reach::decode(&other.encode()), Ok(other));
    }

    #[test]
    fn a_refused_segment_ends_its_log_and_no_other() {
        let mut reach = Reach::new(FOUNDER);
        let all = vec![
            epoch(5),
            epoch(6),
            work(6, 2, 0, 1, None),
            work(6, 3, 0, 4, None),
            work(6, 4, 0, 3, None),
            work(5, 2, 0, 1, Some((6, 4, 0))),
        ];
        let plan = reach.plan(all, &Cuts::new());
        assert_eq!((plan.edits, plan.waiting.len()), (4, 0));
        assert_eq!(reach.refused().collect::<Vec<_>>(), [(life(6), 3)]);
        assert!(rests(&plan, 6).iter().flatten().all(|number| *number == 2), "read without what was refused");
        assert_eq!(Reach::decode(&reach.encode()), Ok(reach));
    }

    #[test]
    fn the_founders_first_work_alone_names_the_circle() {
        let mut reach = Reach::new(FOUNDER);
        let plan = reach.plan(vec![epoch(5), named(5, (2, 0), 1, None, Some("Bridge"))], &Cuts::new());
        assert_eq!(plan.circle_name, Some("Bridge".into()));
        let plan = reach.plan(vec![named(5, (3, 0), 3, None, Some("Tower"))], &Cuts::new());
        assert_eq!((plan.circle_name, plan.refused.len()), (None, 1));
        let mut stranger = named(6, (2, 0), 1, None, Some("Tower"));
        stranger.partner = PartnerId([2; 32]);
        let plan = reach.plan(vec![epoch(6), stranger], &Cuts::new());
        assert_eq!((plan.circle_name, plan.refused.len()), (None, 1));
    }
}
