//! From what people type to values, and back to one line.
//!
//! [`parse_value`] reads a typed word by the field's kind; [`Value::line`] writes a value on one line so that
//! reading it again gives the same value where the kind allows it. Nothing that a line prints can move a cursor or
//! turn the reading direction: control and direction characters are left out of it.

use super::check::is_code;
use super::date::{DateStyle, parse_date};
use super::field::{Field, Holds, as_code, field, nearest_of};
use super::value::{Name, Place, Value};
use crate::id::{CaseId, ItemRef};
use crate::limit::CLAIM_TEXT_BYTES;
use crate::private::Private;
use thiserror::Error;

/// Why a typed text is no value of its field. Never holds the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ValueFault {
    /// Nothing was typed.
    #[error("the value is empty")]
    Empty,
    /// Longer than a claim may be.
    #[error("the value is longer than {CLAIM_TEXT_BYTES} bytes")]
    TooLong,
    /// A character that steers screens instead of standing on them.
    #[error("the value holds a control or direction character")]
    Control,
    /// Not a date of a known style, or no day of the calendar.
    #[error("not a date: write 2014, 2014-05, 2014-05-16, 16.05.2014 or a range such as 2014..2016")]
    Date,
    /// Not yes or no.
    #[error("neither yes nor no")]
    Flag,
    /// Not a whole number.
    #[error("not a whole number")]
    Number,
    /// Not `system:number`.
    #[error("not a number elsewhere: write system:number")]
    Outside,
    /// Not the id of a case.
    #[error("not the id of a case")]
    Case,
    /// Not the id of a claim.
    #[error("not the id of a claim")]
    Item,
    /// Not a code, with the nearest known one.
    #[error("not a code of this field{}", match .0 { Some(code) => format!(": did you mean {code}?"), None => String::new() })]
    Code(Option<&'static str>),
}

/// Reads what was typed for a field (a code or an alias). Unknown fields hold text.
///
/// # Errors
/// [`ValueFault`]: the text does not fit the field's kind.
pub fn parse_value(typed_field: &str, text: &str) -> Result<Value, ValueFault> {
    parse_as(field(typed_field).map_or(Holds::Text, |known: &Field| known.holds), text)
}

/// Reads what was typed as a value of one kind.
///
/// # Errors
/// [`ValueFault`]: the text does not fit the kind.
pub fn parse_as(holds: Holds, text: &str) -> Result<Value, ValueFault> {
    let text = text.trim();
    if text.is_empty() {
        return Err(ValueFault::Empty);
    }
    if text.len() > CLAIM_TEXT_BYTES {
        return Err(ValueFault::TooLong);
    }
    // Lines are for free text alone.
    if text.chars().any(|c| steers(c) && !(holds == Holds::Text && matches!(c, '\n' | '\t'))) {
        return Err(ValueFault::Control);
    }
    match holds {
        Holds::Text => Ok(Value::Text(text.into())),
        Holds::Code(known) => parse_code(known, text),
        Holds::Name => Ok(Value::Name(parse_name(text).ok_or(ValueFault::Empty)?)),
        Holds::Date => parse_date(text, DateStyle::TYPED).map(Value::Date).ok_or(ValueFault::Date),
        Holds::Place => Ok(Value::Place(parse_place(text).ok_or(ValueFault::Empty)?)),
        Holds::Number => text.parse().map(Value::Number).map_err(|_| ValueFault::Number),
        Holds::Flag => parse_flag(text).map(Value::Flag).ok_or(ValueFault::Flag),
        Holds::Outside => parse_outside(text).ok_or(ValueFault::Outside),
        Holds::Case => CaseId::from_hex(text).map(Value::Case).ok_or(ValueFault::Case),
        Holds::Item => ItemRef::parse(text).map(Value::Item).ok_or(ValueFault::Item),
    }
}

/// Whether a character steers a screen: controls, line and paragraph separators, direction marks and overrides,
/// invisible operators. Joiners (U+200C, U+200D) stay: Arabic and Persian names need them.
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether a character steers a screen or hides on it: what every door shows instead of obeying. More than [`steers`],
/// which is about what may be written at all: there is no end of characters without a shape.
pub fn hides(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' // direction
            | '\u{2028}' | '\u{2029}' // lines
            | '\u{00ad}' | '\u{034f}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{feff}' // no width
            | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}' // no shape
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}') // annotation and tags
}

/// Unknown codes are kept, unless they look like a slip of a known one.
fn parse_code(known: &'static [&'static str], text: &str) -> Result<Value, ValueFault> {
    let code = as_code(text);
    if known.contains(&code.as_str()) {
        return Ok(Value::Code(code.into()));
    }
    let near = nearest_of(&code, known.iter().copied());
    if near.is_some() || !is_code(&code) {
        return Err(ValueFault::Code(near));
    }
    Ok(Value::Code(code.into()))
}

/// `Surname, Given Patronymic`, or the name as one piece.
pub(crate) fn parse_name(text: &str) -> Option<Name> {
    let Some((surname, rest)) = text.split_once(',') else {
        let whole = text.split_whitespace().collect::<Vec<_>>().join(" ");
        return (!whole.is_empty()).then(|| Name { whole: whole.into(), ..Name::default() });
    };
    let mut rest = rest.split_whitespace();
    let name = Name {
        surname: surname.split_whitespace().collect::<Vec<_>>().join(" ").into(),
        given: rest.next().unwrap_or_default().into(),
        patronymic: rest.collect::<Vec<_>>().join(" ").into(),
        ..Name::default()
    };
    (!name.surname.is_empty() || !name.given.is_empty()).then_some(name)
}

/// `A / B`: the name as the source writes it and the other form.
pub(crate) fn parse_place(text: &str) -> Option<Place> {
    let (name, also) = text.split_once(" / ").unwrap_or((text, ""));
    let (name, also) = (name.trim(), also.trim());
    (!name.is_empty()).then(|| Place { name: name.into(), also: also.into() })
}

/// In the languages that the offices work in.
fn parse_flag(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "y" | "true" | "1" | "так" | "да" | "نعم" => Some(true),
        "no" | "n" | "false" | "0" | "ні" | "нет" | "لا" => Some(false),
        _ => None,
    }
}

fn parse_outside(text: &str) -> Option<Value> {
    let (system, number) = text.split_once(':')?;
    let (system, number) = (system.trim(), number.trim());
    (!system.is_empty() && !number.is_empty())
        .then(|| Value::Outside { system: system.into(), number: number.into() })
}

impl Value {
    /// On one line, in the form in which it is typed. Characters that steer screens are left out.
    pub fn line(&self) -> Private<String> {
        let line = match self {
            Self::Text(text) | Self::Code(text) => text.reveal().clone(),
            Self::Name(name) => name_line(name),
            Self::Date(date) => date.line(),
            Self::Place(place) if place.also.is_empty() => place.name.reveal().clone(),
            Self::Place(place) => format!("{} / {}", place.name.reveal(), place.also.reveal()),
            Self::Number(number) => number.to_string(),
            Self::Flag(true) => "yes".to_owned(),
            Self::Flag(false) => "no".to_owned(),
            Self::Outside { system, number } => format!("{}:{}", system.reveal(), number.reveal()),
            Self::Case(case) => case.hex(),
            Self::Item(item) => item.to_string(),
        };
        Private::new(one_line(&line))
    }
}

/// Breaks become spaces, what steers is left out.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if matches!(c, '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .filter(|c| !steers(*c))
        .collect()
}

/// `Surname, Given Patronymic`; the whole name where it was not parted, and after the parts where both were said.
fn name_line(name: &Name) -> String {
    let given: Vec<&str> = [&name.given, &name.patronymic]
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(|part| part.reveal().as_str())
        .collect();
    let parts = match (name.surname.reveal().as_str(), given.join(" ")) {
        ("", given) => given,
        (surname, given) if given.is_empty() => format!("{surname},"),
        (surname, given) => format!("{surname}, {given}"),
    };
    match (parts.is_empty(), name.whole.is_empty()) {
        (true, _) => name.whole.reveal().clone(),
        (false, true) => parts,
        (false, false) => format!("{parts} ({})", name.whole.reveal()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(field: &str, text: &str) -> String {
        parse_value(field, text)
            .map(|value| value.line().reveal().clone())
            .unwrap_or_else(|fault| fault.to_string())
    }

    #[test]
    fn typed_values_read_by_the_field_s_kind() {
        for (field, typed, shown) in [
            ("name", "Vesnova,  Marusia Petrivna", "Vesnova, Marusia Petrivna"),
            ("name", "Marusia  Vesnova", "Marusia Vesnova"),
            ("dob", "16.05.2014", "2014-05-16"),
            ("birth_date", "2014..2016", "2014..2016"),
            ("birthplace", "Bakhmut / Artemivsk", "Bakhmut / Artemivsk"),
            ("outside_id", "kyiv-list: K0001", "kyiv-list:K0001"),
            ("sex", "Female", "female"),
            ("placement", "foster family", "foster_family"),
            ("separation.cause", "shelling", "shelling"),
            ("relative.alive", "так", "yes"),
            ("height_cm", "131", "131"),
            ("shoe_size", "31 or 32", "31 or 32"),
        ] {
            assert_eq!(line(field, typed), shown);
        }
    }

    #[test]
    fn what_does_not_fit_is_said() {
        for (field, typed, fault) in [
            ("birth_date", "31.02.2014", ValueFault::Date),
            ("birth_date", "16.05.14", ValueFault::Date),
            ("sex", "femal", ValueFault::Code(Some("female"))),
            ("sex", "ж", ValueFault::Code(None)),
            ("name", " ", ValueFault::Empty),
            ("name", ",", ValueFault::Empty),
            ("name", "Mar\u{202e}usia", ValueFault::Control),
            ("remark", "\u{1b}[2J", ValueFault::Control),
            ("outside_id", "K0001", ValueFault::Outside),
            ("same_child", "ab", ValueFault::Case),
            ("prefers", "ab", ValueFault::Item),
            ("height", "tall", ValueFault::Number),
            ("alive", "maybe", ValueFault::Flag),
        ] {
            assert_eq!(parse_value(field, typed), Err(fault), "{field}");
        }
        assert_eq!(parse_value("remark", &"x".repeat(CLAIM_TEXT_BYTES + 1)), Err(ValueFault::TooLong));
    }

    #[test]
    fn a_line_never_steers_the_screen() {
        let value = Value::Text("a\u{1b}[31m\nb\u{202e}c".into());
        assert_eq!(value.line().reveal(), "a[31m bc");
    }

    proptest! {
        #[test]
        fn any_text_is_a_value_or_a_fault_and_its_line_is_quiet(text in "\\PC{0,40}|.{0,40}", place in 0..super::super::field::FIELDS.len()) {
            let field = &super::super::field::FIELDS[place];
            if let Ok(value) = parse_value(field.code, &text) {
                let line = value.line();
                prop_assert!(!line.reveal().chars().any(steers));
                if field.holds != Holds::Text {
                    prop_assert_eq!(parse_value(field.code, line.reveal()), Ok(value));
                }
            }
        }
    }
}
