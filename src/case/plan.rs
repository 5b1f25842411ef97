//! The plan: what all members of a circle edit together. Kinds and fields as data, and keys as people write them.
//!
//! A key is `kind/id/field`: `case//stage`, `leg/2/border_point`, `task/visa/due`. Kinds and fields that this build
//! does not know are kept and shown, as long as their names are codes.

use super::check::is_code;
use super::edit::PlanKey;
use super::field::{Holds, as_code, nearest_of};
use super::stage::STAGE_CODES;
use super::value::Value;
use super::words::{ValueFault, parse_as};
use std::fmt;
use thiserror::Error;

/// One known field of the plan.
#[derive(Clone, Copy, Debug)]
pub struct PlanField {
    /// `case`, `leg`, `task`, `paper`, `visit`.
    pub kind: &'static str,
    /// Its code.
    pub field: &'static str,
    /// In plain English.
    pub label: &'static str,
    /// What kind of value it takes.
    pub holds: Holds,
}

const MEANS: &[&str] = &["road", "train", "plane", "ship", "on_foot"];
const LEG_STATE: &[&str] = &["planned", "ready", "under_way", "done", "cancelled"];
const PAPER_STATE: &[&str] = &["missing", "asked_for", "issued", "with_child", "expired"];

const fn plan(kind: &'static str, field: &'static str, label: &'static str, holds: Holds) -> PlanField {
    PlanField { kind, field, label, holds }
}

/// Every plan field that this build knows, in the order in which a sheet shows them.
pub const PLAN_FIELDS: &[PlanField] = &[
    plan("case", "stage", "Stage", Holds::Code(STAGE_CODES)),
    plan("case", "who", "Responsible", Holds::Text),
    plan("leg", "from", "From", Holds::Place),
    plan("leg", "to", "To", Holds::Place),
    plan("leg", "border_point", "Border point", Holds::Place),
    plan("leg", "means", "Means", Holds::Code(MEANS)),
    plan("leg", "planned", "Planned for", Holds::Date),
    plan("leg", "actual", "Took place", Holds::Date),
    plan("leg", "time", "Hour and meeting point", Holds::Text),
    plan("leg", "escort", "Escort", Holds::Text),
    plan("leg", "state", "State", Holds::Code(LEG_STATE)),
    plan("paper", "what", "Paper", Holds::Text),
    plan("paper", "number", "Number", Holds::Text),
    plan("paper", "issuer", "Issued by", Holds::Text),
    plan("paper", "valid_until", "Valid until", Holds::Date),
    plan("paper", "holder", "Held by", Holds::Text),
    plan("paper", "state", "State", Holds::Code(PAPER_STATE)),
    plan("task", "what", "Task", Holds::Text),
    plan("task", "due", "Due", Holds::Date),
    plan("task", "who", "Who", Holds::Text),
    plan("task", "done", "Done", Holds::Flag),
    plan("visit", "due", "Visit due", Holds::Date),
    plan("visit", "done", "Visited on", Holds::Date),
    plan("visit", "findings", "Findings", Holds::Text),
    plan("visit", "next", "Next", Holds::Text),
];

/// Why a typed key is no plan key. Never holds what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PlanFault {
    /// Not three parts between slashes.
    #[error("not a plan key: write kind/id/field, such as leg/2/border_point, or case//stage")]
    Parts,
    /// A part that is no code.
    #[error("the parts of a plan key take the characters a-z 0-9 _ .")]
    Code,
    /// A known kind of which there are several, without saying which; or `case` with an id.
    #[error("a case has one stage; legs, tasks, papers and visits have an id")]
    Id,
    /// Nearly a known field.
    #[error("no such field of the plan: did you mean {0}?")]
    Near(&'static str),
}

impl PlanKey {
    /// The key of the case's stage.
    pub fn stage() -> Self {
        Self { kind: "case".into(), id: String::new(), field: "stage".into() }
    }

    /// Reads `kind/id/field`; `stage` alone stands for `case//stage`.
    ///
    /// # Errors
    /// [`PlanFault`]: parts are missing or no codes, or a known field is mistyped.
    pub fn parse(text: &str) -> Result<Self, PlanFault> {
        if text.trim().eq_ignore_ascii_case("stage") {
            return Ok(Self::stage());
        }
        let parts: Vec<String> = text.split('/').map(as_code).collect();
        let [kind, id, field] = parts.as_slice() else {
            return Err(PlanFault::Parts);
        };
        if !is_code(kind) || !is_code(field) || !(id.is_empty() || is_code(id)) {
            return Err(PlanFault::Code);
        }
        let key = Self { kind: kind.clone(), id: id.clone(), field: field.clone() };
        let known_kind = PLAN_FIELDS.iter().any(|known| known.kind == key.kind);
        if known_kind && (key.kind == "case") != key.id.is_empty() {
            return Err(PlanFault::Id);
        }
        let fields = || PLAN_FIELDS.iter().filter(|known| known.kind == key.kind).map(|known| known.field);
        if known_kind
            && key.known().is_none()
            && let Some(near) = nearest_of(&key.field, fields())
        {
            return Err(PlanFault::Near(near));
        }
        Ok(key)
    }

    /// What this build knows of the field.
    pub fn known(&self) -> Option<&'static PlanField> {
        PLAN_FIELDS.iter().find(|known| known.kind == self.kind && known.field == self.field)
    }
}

impl fmt::Display for PlanKey {
    /// `kind/id/field`: what [`PlanKey::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.kind, self.id, self.field)
    }
}

/// Reads what was typed for a plan field. Nothing typed clears it (`Text("")`); unknown fields hold text.
///
/// # Errors
/// [`ValueFault`]: the text does not fit the field's kind.
pub fn parse_plan_value(key: &PlanKey, text: &str) -> Result<Value, ValueFault> {
    if text.trim().is_empty() {
        return Ok(Value::Text(String::new().into()));
    }
    parse_as(key.known().map_or(Holds::Text, |known| known.holds), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back_and_slips_are_named() {
        for text in
            ["case//stage", "leg/2/border_point", "task/visa/due", "sponsor/1/name", "leg/2/luggage_weight"]
        {
            assert_eq!(PlanKey::parse(text).map(|key| key.to_string()), Ok(text.to_owned()));
        }
        assert_eq!(PlanKey::parse("stage"), Ok(PlanKey::stage()));
        assert_eq!(PlanKey::parse("Leg/2/Border-Point").map(|k| k.field), Ok("border_point".to_owned()));
        assert_eq!(PlanKey::parse("leg/2/bordr_point"), Err(PlanFault::Near("border_point")));
        assert_eq!(PlanKey::parse("leg//from"), Err(PlanFault::Id));
        assert_eq!(PlanKey::parse("case/1/stage"), Err(PlanFault::Id));
        assert_eq!(PlanKey::parse("leg/2"), Err(PlanFault::Parts));
        assert_eq!(PlanKey::parse("leg/2/from/to"), Err(PlanFault::Parts));
        assert_eq!(PlanKey::parse("лег/2/from"), Err(PlanFault::Code));
    }

    #[test]
    fn values_follow_the_field_and_nothing_clears() {
        let key = |text| PlanKey::parse(text).unwrap();
        assert_eq!(parse_plan_value(&PlanKey::stage(), "located"), Ok(Value::Code("located".into())));
        assert_eq!(parse_plan_value(&PlanKey::stage(), "locatd"), Err(ValueFault::Code(Some("located"))));
        assert_eq!(parse_plan_value(&key("task/1/done"), "yes"), Ok(Value::Flag(true)));
        assert_eq!(parse_plan_value(&key("task/1/due"), " "), Ok(Value::Text("".into())));
        assert_eq!(parse_plan_value(&key("leg/1/luggage_weight"), "9 kg"), Ok(Value::Text("9 kg".into())));
    }
}
