//! Where a case stands on its way home: which stages are reached, which acts they ask for that nobody has written.
//!
//! What is missing is said and stops nobody: what happened is written down all the same.

use crate::case::{ActView, PlanKey, PlanValueView, STAGES, SheetView, Signers, Stage, Value, stage_of};
use std::collections::BTreeSet;

/// How far a stage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    Reached,
    Here,
    Ahead,
}

impl Reach {
    /// The class of its style.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::Here => "here",
            Self::Ahead => "ahead",
        }
    }
}

/// An act that a reached stage asks for and that fewer people or offices signed than it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Missing {
    pub(super) act: &'static str,
    pub(super) have: usize,
    pub(super) of: Signers,
}

/// The way home of one sheet.
pub(super) struct Way {
    /// The stages on the way, in their order.
    pub(super) steps: Vec<(&'static Stage, Reach)>,
    /// What stands beside the way, or is no stage that this build knows, as codes.
    pub(super) beside: Vec<String>,
    pub(super) missing: Vec<Missing>,
}

/// The code that a value of the stage's field holds; `None` if it clears the field.
fn code(value: &PlanValueView) -> Option<&str> {
    match &value.value {
        Value::Code(code) => Some(code.reveal().as_str()),
        Value::Text(text) if !text.is_empty() => Some(text.reveal().as_str()),
        _ => None,
    }
}

pub(super) fn way(view: &SheetView) -> Way {
    let planned = view.planned(&PlanKey::stage());
    let now: BTreeSet<&str> = planned.iter().flat_map(|plan| &plan.values).filter_map(code).collect();
    let order = |code: &str| stage_of(code).and_then(Stage::order);
    let here = now.iter().filter_map(|code| order(code)).max();
    // A case that was put aside stands where it was before.
    let before = planned.iter().flat_map(|plan| plan.history.iter().rev()).filter_map(code).find_map(order);
    let furthest = here.or(before.filter(|_| !now.is_empty()));
    let reach = |stage: &Stage, place: usize| match furthest {
        _ if now.contains(stage.code) => Reach::Here,
        Some(furthest) if place <= furthest => Reach::Reached,
        _ => Reach::Ahead,
    };
    let steps = STAGES.iter().filter_map(|stage| Some((stage, reach(stage, stage.order()?)))).collect();
    let reached = STAGES.iter().filter(|stage| stage.order().is_some_and(|place| Some(place) <= furthest));
    let missing = reached.flat_map(|stage| stage.expects).filter_map(|(act, of)| {
        let have = signers(view, act, *of);
        (have < of.count()).then_some(Missing { act, have, of: *of })
    });
    let beside = now.iter().filter(|code| order(code).is_none()).map(|code| (*code).to_owned()).collect();
    Way { steps, beside, missing: missing.collect() }
}

/// How many different people or offices signed acts of a kind that still stand.
fn signers(view: &SheetView, kind: &str, of: Signers) -> usize {
    let stands = |act: &&ActView| act.withdrawn.is_empty() && !act.disowned;
    let of_kind = |act: &&ActView| {
        act.act.check(&act.item.edit.life.node).is_ok_and(|statement| statement.kind == kind)
    };
    let acts = view.acts.iter().filter(stands).filter(of_kind);
    match of {
        Signers::One => acts.take(1).count(),
        Signers::TwoPeople => {
            acts.map(|act| (act.written.partner, &act.written.operator)).collect::<BTreeSet<_>>().len()
        }
        Signers::TwoPartners | Signers::ThreePartners => {
            acts.map(|act| act.written.partner).collect::<BTreeSet<_>>().len()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{planned, sheet};
    use super::*;

    fn reach_of(way: &Way, code: &str) -> Reach {
        way.steps.iter().find(|(stage, _)| stage.code == code).unwrap().1
    }

    fn stage(code: &str) -> Value {
        Value::Code(code.into())
    }

    #[test]
    fn stages_before_the_current_one_are_reached() {
        let mut view = sheet();
        assert!(way(&view).steps.iter().all(|(_, reach)| *reach == Reach::Ahead));
        planned(&mut view, "case//stage", &[stage("verified")], &[stage("located")]);
        let way = way(&view);
        assert_eq!(reach_of(&way, "reported"), Reach::Reached);
        assert_eq!(reach_of(&way, "verified"), Reach::Here);
        assert_eq!(reach_of(&way, "agreed"), Reach::Ahead);
        let missing: Vec<_> = way.missing.iter().map(|one| (one.act, one.have, one.of.count())).collect();
        assert_eq!(missing, [("match_decision", 0, 2), ("verification", 0, 1)]);
    }

    #[test]
    fn two_stages_at_once_are_both_here_and_a_case_put_aside_stays_where_it_was() {
        let mut view = sheet();
        planned(&mut view, "case//stage", &[stage("located"), stage("on_hold")], &[]);
        let both = way(&view);
        assert_eq!(reach_of(&both, "located"), Reach::Here);
        assert_eq!(both.beside, ["on_hold"]);
        let mut view = sheet();
        planned(&mut view, "case//stage", &[stage("on_hold")], &[stage("reported"), stage("agreed")]);
        let aside = way(&view);
        assert_eq!(reach_of(&aside, "agreed"), Reach::Reached);
        assert_eq!(reach_of(&aside, "papers_ready"), Reach::Ahead);
        assert!(aside.steps.iter().all(|(_, reach)| *reach != Reach::Here));
        let mut view = sheet();
        planned(&mut view, "case//stage", &[Value::Text("".into())], &[stage("agreed")]);
        assert!(way(&view).missing.is_empty(), "cleared");
    }
}
