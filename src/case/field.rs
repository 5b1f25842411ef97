//! The known fields of a sheet, as data: what may be claimed, under which code, and what kind of value it takes.
//!
//! The table follows the field's own forms (record, identity, separation, whereabouts, relatives, tracing, legal,
//! health and risk, files). It says what this build knows, never what is allowed: a claim of an unknown field is
//! kept, shown under its code, and read as text. Labels are neutral between partners. Plan fields are in `plan.rs`,
//! kinds of act in `act.rs`.

/// What kind of value a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Free text.
    Text,
    /// A code; the list names those that are offered. Others are kept.
    Code(&'static [&'static str]),
    /// A person's name.
    Name,
    /// A date, maybe partial.
    Date,
    /// A place by one or two names.
    Place,
    /// A whole number.
    Number,
    /// Yes or no.
    Flag,
    /// A number in somebody's list or system.
    Outside,
    /// Another case.
    Case,
    /// A claim of the same sheet.
    Item,
}

/// The part of a sheet that a field stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// Numbers, direction, urgency, publicity.
    Record,
    /// Who the child is.
    Identity,
    /// How the child was separated.
    Separation,
    /// Where the child is.
    Whereabouts,
    /// Family.
    Relatives,
    /// The search.
    Tracing,
    /// Wishes and legal position.
    Legal,
    /// Health and risk.
    Health,
}

impl Section {
    /// In the order in which a sheet shows them.
    pub const ALL: [Section; 8] = [
        Section::Record,
        Section::Identity,
        Section::Separation,
        Section::Whereabouts,
        Section::Relatives,
        Section::Tracing,
        Section::Legal,
        Section::Health,
    ];

    /// In plain English.
    pub fn label(self) -> &'static str {
        match self {
            Self::Record => "Record",
            Self::Identity => "Identity",
            Self::Separation => "Separation",
            Self::Whereabouts => "Whereabouts",
            Self::Relatives => "Relatives",
            Self::Tracing => "Tracing",
            Self::Legal => "Legal position and wishes",
            Self::Health => "Health and risk",
        }
    }
}

/// One known field.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// What claims name it by.
    pub code: &'static str,
    /// Where a sheet shows it.
    pub section: Section,
    /// In plain English.
    pub label: &'static str,
    /// What kind of value it takes.
    pub holds: Holds,
    /// Whether several claims of one `group` belong together: one relative, one stay, one action of tracing.
    pub grouped: bool,
    /// What people type for it.
    pub aliases: &'static [&'static str],
}

const SEX: &[&str] = &["male", "female", "unknown"];
const DIRECTION: &[&str] = &["to_ukraine", "to_russia", "to_third_country", "unknown"];
const URGENCY: &[&str] = &["normal", "urgent", "critical"];
/// Strictest first: where claims differ, the strictest wins.
pub const PUBLICITY: &[&str] = &["none", "family_only", "counts_only", "public"];
const CAUSE: &[&str] = &[
    "evacuation",
    "hospital",
    "institution_moved",
    "camp",
    "screening",
    "guardian_detained",
    "death_of_parents",
    "lost_on_the_way",
    "entrusted",
    "other",
    "unknown",
];
const CERTAINTY: &[&str] = &["confirmed", "reported", "inferred"];
const PLACEMENT: &[&str] =
    &["institution", "foster_family", "guardianship", "adoption", "camp", "hospital", "relative", "unknown"];
const RELATION: &[&str] = &[
    "mother",
    "father",
    "grandmother",
    "grandfather",
    "sister",
    "brother",
    "aunt",
    "uncle",
    "guardian",
    "step_parent",
    "other",
];
const TRACING: &[&str] = &["open", "in_progress", "located", "verified", "reunited", "closed"];
const RISK: &[&str] = &["low", "medium", "high"];
const CLOSING: &[&str] =
    &["reunited", "reunited_elsewhere", "turned_18", "deceased", "withdrawn", "duplicate", "other"];

const fn one(
    code: &'static str,
    section: Section,
    label: &'static str,
    holds: Holds,
    aliases: &'static [&'static str],
) -> Field {
    Field { code, section, label, holds, grouped: false, aliases }
}

const fn many(
    code: &'static str,
    section: Section,
    label: &'static str,
    holds: Holds,
    aliases: &'static [&'static str],
) -> Field {
    Field { code, section, label, holds, grouped: true, aliases }
}

/// Every field that this build knows, in the order in which a sheet shows them.
pub const FIELDS: &[Field] = &[
    // record
    one("outside_id", Section::Record, "Number elsewhere", Holds::Outside, &["outside", "number", "id"]),
    one("direction", Section::Record, "Direction", Holds::Code(DIRECTION), &[]),
    one("urgency", Section::Record, "Urgency", Holds::Code(URGENCY), &["priority"]),
    one("publicity", Section::Record, "Publicity", Holds::Code(PUBLICITY), &[]),
    one("remark", Section::Record, "Remark", Holds::Text, &["comment", "remarks"]),
    one("prefers", Section::Record, "Claim this office works with", Holds::Item, &["works_with"]),
    one("same_child", Section::Record, "Same child as case", Holds::Case, &["same_as"]),
    one("not_same_child", Section::Record, "Not the same child as case", Holds::Case, &["not_same_as"]),
    one("sibling", Section::Record, "Sibling of case", Holds::Case, &["sibling_of"]),
    one("closing_reason", Section::Record, "Reason for closing", Holds::Code(CLOSING), &[]),
    one("retention_until", Section::Record, "Kept until", Holds::Date, &["keep_until"]),
    // identity
    one("name", Section::Identity, "Name", Holds::Name, &["full_name", "names"]),
    one(
        "birth_date",
        Section::Identity,
        "Date of birth",
        Holds::Date,
        &["birthdate", "born", "birthday", "dob", "date_of_birth"],
    ),
    one("sex", Section::Identity, "Sex", Holds::Code(SEX), &["gender"]),
    one("birthplace", Section::Identity, "Place of birth", Holds::Place, &["birth_place", "place_of_birth"]),
    one(
        "last_residence",
        Section::Identity,
        "Last residence",
        Holds::Place,
        &["residence", "home", "home_town", "address"],
    ),
    one("citizenship", Section::Identity, "Citizenship", Holds::Text, &["nationality"]),
    one("languages", Section::Identity, "Languages", Holds::Text, &["language"]),
    one("marks", Section::Identity, "Marks", Holds::Text, &["mark", "scar", "birthmark"]),
    one("hair", Section::Identity, "Hair", Holds::Text, &["hair_colour", "hair_color"]),
    one("eyes", Section::Identity, "Eyes", Holds::Text, &["eye_colour", "eye_color"]),
    one("height_cm", Section::Identity, "Height in cm", Holds::Number, &["height"]),
    many("document.kind", Section::Identity, "Document", Holds::Text, &["document", "paper"]),
    many("document.number", Section::Identity, "Number of the document", Holds::Text, &["document_number"]),
    many("document.issuer", Section::Identity, "Issued by", Holds::Text, &["issuer"]),
    many("document.date", Section::Identity, "Issued on", Holds::Date, &[]),
    // separation
    one(
        "separation.when",
        Section::Separation,
        "When",
        Holds::Date,
        &["separated", "separation_date", "when"],
    ),
    one("separation.where", Section::Separation, "Where", Holds::Place, &["where", "separation_place"]),
    one("separation.cause", Section::Separation, "Cause", Holds::Code(CAUSE), &["cause"]),
    one("separation.circumstances", Section::Separation, "Circumstances", Holds::Text, &["circumstances"]),
    one("separation.left_with", Section::Separation, "With whom the child left", Holds::Text, &["left_with"]),
    one("separation.last_contact", Section::Separation, "Last contact", Holds::Date, &["last_contact"]),
    // whereabouts
    many(
        "whereabouts.place",
        Section::Whereabouts,
        "Place",
        Holds::Place,
        &["place", "location", "whereabouts"],
    ),
    many("whereabouts.from", Section::Whereabouts, "From", Holds::Date, &[]),
    many("whereabouts.to", Section::Whereabouts, "Until", Holds::Date, &[]),
    many("whereabouts.certainty", Section::Whereabouts, "Certainty", Holds::Code(CERTAINTY), &["certainty"]),
    many("whereabouts.seen_by", Section::Whereabouts, "Seen by", Holds::Text, &["seen_by"]),
    many("whereabouts.placement", Section::Whereabouts, "Placement", Holds::Code(PLACEMENT), &["placement"]),
    many("whereabouts.caregiver", Section::Whereabouts, "Caregiver", Holds::Name, &["caregiver"]),
    many("whereabouts.institution", Section::Whereabouts, "Institution", Holds::Text, &["institution"]),
    many("whereabouts.legal_act", Section::Whereabouts, "Legal act", Holds::Text, &["legal_act"]),
    // relatives
    many("relative.name", Section::Relatives, "Name", Holds::Name, &["relative"]),
    many("relative.relation", Section::Relatives, "Relation", Holds::Code(RELATION), &["relation"]),
    many("relative.alive", Section::Relatives, "Alive", Holds::Flag, &["alive"]),
    many("relative.birth_date", Section::Relatives, "Date of birth", Holds::Date, &[]),
    many("relative.phone", Section::Relatives, "Phone", Holds::Text, &["phone", "telephone"]),
    many("relative.place", Section::Relatives, "Lives in", Holds::Place, &[]),
    many("relative.may_travel", Section::Relatives, "May travel", Holds::Flag, &["may_travel"]),
    many("relative.travel_obstacle", Section::Relatives, "What prevents travel", Holds::Text, &[]),
    many("relative.safe_contact", Section::Relatives, "Safe to contact", Holds::Flag, &["safe_to_contact"]),
    many("relative.how_to_contact", Section::Relatives, "How to make contact", Holds::Text, &["contact"]),
    // tracing
    one("tracing.state", Section::Tracing, "State of the search", Holds::Code(TRACING), &["tracing"]),
    one("tracing.asked_by", Section::Tracing, "Asked for by", Holds::Text, &["asked_by"]),
    many("tracing.action", Section::Tracing, "Action", Holds::Text, &["action"]),
    many("tracing.date", Section::Tracing, "Date of the action", Holds::Date, &[]),
    many("tracing.place", Section::Tracing, "Place of the action", Holds::Place, &[]),
    many("tracing.outcome", Section::Tracing, "Outcome", Holds::Text, &["outcome"]),
    // legal
    one("wishes", Section::Legal, "The child's wishes", Holds::Text, &["wish"]),
    one("guardian", Section::Legal, "Legal guardian", Holds::Name, &["legal_guardian"]),
    one("legal_status", Section::Legal, "Legal position", Holds::Text, &[]),
    // health and risk
    one("risk_level", Section::Health, "Risk level", Holds::Code(RISK), &["risk"]),
    one("health.conditions", Section::Health, "Conditions", Holds::Text, &["conditions", "health"]),
    one("health.medicines", Section::Health, "Medicines", Holds::Text, &["medicines", "medicine"]),
    one("health.allergies", Section::Health, "Allergies", Holds::Text, &["allergies", "allergy"]),
    one("health.disability", Section::Health, "Disability", Holds::Text, &["disability"]),
    one("health.escort_needs", Section::Health, "Needs on the way", Holds::Text, &["escort_needs"]),
];

/// The known field of this code or alias, whatever its case and with `-` or a space for `_`.
pub fn field(typed: &str) -> Option<&'static Field> {
    let code = as_code(typed);
    FIELDS
        .iter()
        .find(|field| field.code == code)
        .or_else(|| FIELDS.iter().find(|field| field.aliases.contains(&code.as_str())))
}

/// What a person types, in the form of a code: lowercase, `_` for spaces and hyphens.
pub(crate) fn as_code(typed: &str) -> String {
    typed.trim().to_lowercase().replace(['-', ' '], "_")
}

/// The code of the known field nearest to a mistyped one, if any is near.
pub fn nearest(typed: &str) -> Option<&'static str> {
    let code = as_code(typed);
    if let Some(known) = field(&code) {
        return Some(known.code);
    }
    let names = FIELDS.iter().flat_map(|field| std::iter::once(&field.code).chain(field.aliases));
    let found = nearest_of(&code, names.copied())?;
    field(found).map(|known| known.code)
}

/// The candidate nearest to a mistyped word: at most one slip for each three letters, and at most three. The first
/// of equals, so that the answer does not change from run to run.
pub fn nearest_of<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A word as long as a page is no typing error, and distance takes the product of the lengths.
    if word.len() > crate::limit::CODE_BYTES * 2 {
        return None;
    }
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let far = distance(word, candidate);
        if far <= allowed && best.is_none_or(|(least, _)| far < least) {
            best = Some((far, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Slips between two words: letters put in, left out, changed, or two neighbours swapped (optimal string alignment).
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut last: Option<char> = None;
    for (row, x) in a.chars().enumerate() {
        let mut line = vec![row + 1];
        for (column, y) in b.iter().enumerate() {
            let at = |values: &[usize], index: usize| values.get(index).copied().unwrap_or(usize::MAX / 2);
            let mut least = (at(&above, column) + usize::from(x != *y))
                .min(at(&above, column + 1) + 1)
                .min(at(&line, column) + 1);
            let swapped = column > 0 && last == Some(*y) && b.get(column - 1) == Some(&x);
            if swapped {
                least = least.min(at(&before, column - 1) + 1);
            }
            line.push(least);
        }
        before = std::mem::replace(&mut above, line);
        last = Some(x);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_and_alias_is_one_field_s_own() {
        let mut seen = BTreeSet::new();
        for field in FIELDS {
            for name in std::iter::once(&field.code).chain(field.aliases) {
                assert!(seen.insert(*name), "{name} stands twice");
                assert!(crate::case::check::is_code(name), "{name} is no code");
            }
            if let Holds::Code(codes) = field.holds {
                assert!(codes.iter().all(|code| crate::case::check::is_code(code)));
            }
        }
    }

    #[test]
    fn what_people_type_finds_the_field() {
        assert_eq!(field("Birth-Date").map(|f| f.code), Some("birth_date"));
        assert_eq!(field("dob").map(|f| f.code), Some("birth_date"));
        assert!(field("shoe_size").is_none());
        assert_eq!(nearest("brith_date"), Some("birth_date"));
        assert_eq!(nearest("birthplce"), Some("birthplace"));
        assert_eq!(nearest("relative.phon"), Some("relative.phone"));
        assert_eq!(nearest("shoe_size"), None);
        assert_eq!(nearest(&"x".repeat(100_000)), None);
    }

    #[test]
    fn slips_are_counted() {
        for (a, b, far) in [
            ("", "", 0),
            ("abc", "", 3),
            ("", "ab", 2),
            ("kiev", "kyiv", 2),
            ("ab", "ba", 1),
            ("їжак", "жак", 1),
        ] {
            assert_eq!(distance(a, b), far, "{a} {b}");
        }
    }
}
