//! Codes in plain English, where this build knows them; the code itself where it does not.

use crate::case::{self, PlanKey, Section};

/// A field's label.
pub(super) fn field(code: &str) -> &str {
    match code {
        // The table's own label speaks of "this office", which on a sheet may be any of them.
        "prefers" => "Claim that it works with",
        code => case::field(code).map_or(code, |known| known.label),
    }
}

/// Where a field stands on a sheet: its section and place there. Unknown ones come last, under their codes.
pub(super) fn place(code: &str) -> (Option<Section>, usize) {
    let place = case::FIELDS.iter().position(|known| known.code == code);
    let section = place.and_then(|at| case::FIELDS.get(at)).map(|known| known.section);
    (section, place.unwrap_or(usize::MAX))
}

/// The heading of a section.
pub(super) fn section(section: Option<Section>) -> &'static str {
    section.map_or("Other fields", Section::label)
}

/// A plan field: its label and the key that verbs take.
pub(super) fn plan(key: &PlanKey) -> String {
    match key.known() {
        Some(known) => format!("{} ({key})", known.label),
        None => key.to_string(),
    }
}

/// The same for a key as the node prints it.
pub(super) fn plan_text(key: &str) -> String {
    PlanKey::parse(key).map_or_else(|_| key.to_owned(), |key| plan(&key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_build_does_not_know_keeps_its_code() {
        assert_eq!(field("birth_date"), "Date of birth");
        assert_eq!(field("shoe_size"), "shoe_size");
        assert_eq!(plan_text("case//stage"), "Stage (case//stage)");
        assert_eq!(plan_text("sponsor/1/name"), "sponsor/1/name");
        assert_eq!(plan_text("nonsense"), "nonsense");
        assert_eq!(section(place("name").0), "Identity");
        assert_eq!(section(place("shoe_size").0), "Other fields");
        assert!(place("name") < (Some(Section::Health), 0) && place("outside_id") < place("name"));
    }
}
