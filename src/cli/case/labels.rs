//! Codes in plain English, where this build knows them; the code itself where it does not.

use crate::case::{self, Holds, PlanKey, Section};

/// The widest line of a table in a help text.
const WIDTH: usize = 96;

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

/// What can be claimed, as the foot of a help text.
pub(super) fn fields_known() -> String {
    let mut text =
        "Fields (those marked + go with --group: one relative, one stay, one document):".to_owned();
    for section in Section::ALL {
        text.push_str(&format!("\n  {}", section.label()));
        for field in case::FIELDS.iter().filter(|field| field.section == section) {
            let mark = if field.grouped { "+" } else { " " };
            text.push_str(&entry(&format!("{mark} {}", field.code), field.label, field.holds));
        }
    }
    text.push_str("\n\nDates are written as 2014, 2014-05, 2014-05-16, 16.05.2014 or 2014..2016.");
    text.push_str("\nA field that is not in the table is kept as text, under its own name.");
    text
}

/// What can be planned, as the foot of a help text.
pub(super) fn plan_known() -> String {
    let mut text = "Keys (for ID choose a short code: leg/2, task/visa):".to_owned();
    for field in case::PLAN_FIELDS {
        let id = if field.kind == "case" { "" } else { "ID" };
        text.push_str(&entry(&format!("{}/{id}/{}", field.kind, field.field), field.label, field.holds));
    }
    text
}

fn entry(code: &str, label: &str, holds: Holds) -> String {
    let mut text = format!("\n    {code:<28} {label}");
    match holds {
        Holds::Code(codes) => {
            let indent = " ".repeat(35);
            let mut line = String::new();
            for code in codes {
                if !line.is_empty() && indent.len() + line.len() + code.len() > WIDTH {
                    text.push_str(&format!("\n{indent}{}", line.trim_end()));
                    line.clear();
                }
                line.push_str(code);
                line.push(' ');
            }
            text.push_str(&format!("\n{indent}{}", line.trim_end()));
        }
        Holds::Flag => text.push_str(": yes or no"),
        Holds::Date => text.push_str(": a date"),
        Holds::Outside => text.push_str(": as kyiv-list:K0001"),
        Holds::Number => text.push_str(": a whole number"),
        Holds::Case => text.push_str(": a number or id"),
        Holds::Item => text.push_str(": better by `homeward case prefer`"),
        Holds::Text | Holds::Name | Holds::Place => {}
    }
    text
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
