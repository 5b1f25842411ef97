//! The stages of a case, as data: a proposal of the field, easy to change here.
//!
//! A stage asks for acts that should exist and people who should have entered it. What is missing is shown and never
//! blocks writing down what happened. A stage that this build does not know is kept and shown under its code.

/// One stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// What the plan value `case//stage` holds.
    pub code: &'static str,
    /// In plain English.
    pub label: &'static str,
    /// Whether it stands beside the way home instead of on it.
    pub aside: bool,
    /// Kinds of act that should exist before it, each with how many different signers it takes.
    pub expects: &'static [(&'static str, Signers)],
}

/// How many different signers an act takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signers {
    /// One.
    One,
    /// Two different people.
    TwoPeople,
    /// Two different partners.
    TwoPartners,
    /// Each side and the mediator.
    ThreePartners,
}

impl Signers {
    /// How many.
    pub fn count(self) -> usize {
        match self {
            Self::One => 1,
            Self::TwoPeople | Self::TwoPartners => 2,
            Self::ThreePartners => 3,
        }
    }
}

const fn stage(
    code: &'static str,
    label: &'static str,
    expects: &'static [(&'static str, Signers)],
) -> Stage {
    Stage { code, label, aside: false, expects }
}

const fn aside(code: &'static str, label: &'static str) -> Stage {
    Stage { code, label, aside: true, expects: &[] }
}

/// Every stage: first the way home in its order, then those beside it.
pub const STAGES: &[Stage] = &[
    stage("reported", "Reported", &[]),
    stage("documented", "Documented", &[]),
    stage("registered", "Registered", &[]),
    stage("tracing", "Being searched for", &[]),
    stage("located", "Located", &[]),
    stage("match_confirmed", "Match confirmed", &[("match_decision", Signers::TwoPeople)]),
    stage("verified", "Kinship verified", &[("verification", Signers::One)]),
    stage("best_interests_decided", "Best interests decided", &[("best_interests", Signers::One)]),
    stage("agreed", "Agreed", &[("agreement", Signers::ThreePartners)]),
    stage("papers_ready", "Papers ready", &[]),
    stage(
        "handed_over",
        "Handed over",
        &[("handover_offer", Signers::One), ("handover_receipt", Signers::One)],
    ),
    stage("in_transit", "In transit", &[]),
    stage("arrived", "Arrived", &[]),
    stage("reunited", "Reunited", &[]),
    stage("follow_up", "Follow-up", &[]),
    stage("closed", "Closed", &[("closing", Signers::One)]),
    aside("on_hold", "On hold"),
    aside("refused", "Refused"),
    aside("withdrawn", "Withdrawn"),
    aside("disputed_identity", "Identity disputed"),
    aside("duplicate", "Duplicate"),
    aside("turned_18", "Turned 18"),
    aside("deceased", "Deceased"),
];

/// The codes of all stages, in order.
pub(super) const STAGE_CODES: &[&str] = &{
    let mut codes = [""; STAGES.len()];
    let mut at = 0;
    while at < STAGES.len() {
        // Checked when it is compiled.
        #[allow(clippy::indexing_slicing)]
        {
            codes[at] = STAGES[at].code;
        }
        at += 1;
    }
    codes
};

/// The known stage of this code.
pub fn stage_of(code: &str) -> Option<&'static Stage> {
    STAGES.iter().find(|stage| stage.code == code)
}

impl Stage {
    /// Its place on the way home, from 0; `None` for those beside it.
    pub fn order(&self) -> Option<usize> {
        (!self.aside).then(|| STAGES.iter().position(|stage| stage.code == self.code)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::act::act_kind;
    use crate::case::check::is_code;

    #[test]
    fn the_way_home_is_ordered_and_asks_for_known_acts() {
        let orders: Vec<_> = STAGES.iter().filter_map(Stage::order).collect();
        assert_eq!(orders, (0..16).collect::<Vec<_>>());
        assert_eq!(stage_of("reported").and_then(Stage::order), Some(0));
        assert_eq!(stage_of("on_hold").map(Stage::order), Some(None));
        for stage in STAGES {
            assert!(is_code(stage.code));
            assert!(stage.expects.iter().all(|(kind, _)| act_kind(kind).is_some()), "{}", stage.code);
        }
        assert_eq!(STAGE_CODES.len(), STAGES.len());
    }
}
