//! Claims as people give them, read by the field's kind: texts in, claims out, or a sentence that says what is wrong.
//!
//! A field that this build does not know is kept as text, with a warning; one that looks like a slip of a known field
//! is refused with the right name. No failure repeats what was typed: a name may stand in the wrong place.

use super::failure::{bad_input, not_allowed, not_found};
use super::house::House;
use super::request::ClaimIn;
use super::{Failure, FailureKind};
use crate::case::{
    Claim, Date, DateStyle, Field, Holds, SheetView, Source, SourceKind, Value, field, is_code, nearest,
    nearest_of, parse_date, parse_value, steers,
};
use crate::id::{CircleId, ItemRef};
use crate::limit;
use crate::private::Private;

/// What can be typed for a kind of source.
const SOURCE_KINDS: [(&str, SourceKind); 4] = [
    ("document", SourceKind::Document),
    ("person", SourceKind::Person),
    ("office", SourceKind::Office),
    ("list_line", SourceKind::ListLine),
];
/// What can be typed for a confidence.
const CONFIDENCES: [&str; 3] = ["confirmed", "reported", "inferred"];

/// Claims that were read.
pub(super) struct ReadClaims {
    pub(super) claims: Vec<Claim>,
    pub(super) warnings: Vec<String>,
}

/// Reads claims for a sheet; `None` for one that is yet to be opened.
pub(super) fn read(
    house: &House,
    circle: &CircleId,
    sheet: Option<&SheetView>,
    given: &[ClaimIn],
) -> Result<ReadClaims, Failure> {
    if !(1..=limit::EDIT_CLAIMS).contains(&given.len()) {
        return Err(bad_input(
            format!("an edit holds 1 to {} claims", limit::EDIT_CLAIMS),
            "Say at least one claim, and more than that in several edits.",
        ));
    }
    let mut read = ReadClaims { claims: Vec::with_capacity(given.len()), warnings: Vec::new() };
    for (place, one) in (1..).zip(given) {
        let claim = read_one(house, circle, sheet, one, &mut read.warnings).map_err(|failure| {
            if given.len() == 1 {
                return failure;
            }
            Failure { what: format!("claim {place}: {}", failure.what), ..failure }
        })?;
        read.claims.push(claim);
    }
    Ok(read)
}

fn read_one(
    house: &House,
    circle: &CircleId,
    sheet: Option<&SheetView>,
    given: &ClaimIn,
    warnings: &mut Vec<String>,
) -> Result<Claim, Failure> {
    let (code, known) = read_field(&given.field)?;
    if known.is_none() {
        warnings.push(format!("The field {code} is not known here; it is kept as text."));
    }
    let value = read_value(house, circle, sheet, &code, known, &given.value)?;
    if let (Some(Holds::Code(codes)), Value::Code(typed)) = (known.map(|field| field.holds), &value)
        && !codes.contains(&typed.reveal().as_str())
    {
        let codes = codes.join(", ");
        warnings.push(format!("The value of {code} is none of {codes}; it is kept as it is."));
    }
    if let Some(known) = known
        && !known.grouped
        && !given.group.trim().is_empty()
    {
        return Err(no_group(known));
    }
    let source = Source {
        kind: read_source_kind(&given.source_kind)?,
        text: quiet(&given.source)?,
        given_by: quiet(&given.given_by)?,
        confidence: read_confidence(&given.confidence)?,
        from: read_end(&given.from)?,
        to: read_end(&given.to)?,
    };
    if let (Some(from), Some(to)) = (&source.from, &source.to)
        && from.earliest > to.latest
    {
        return Err(bad_input(
            "the claim ends to hold before it begins",
            "Give `from` and `to` in the order of time.",
        ));
    }
    let replaces = given
        .replaces
        .iter()
        .map(|named| read_replaced(house, circle, sheet, named))
        .collect::<Result<_, _>>()?;
    Ok(Claim { field: code, group: read_group(&given.group)?, value, source, replaces, origin: None })
}

/// What a person types, in the form of a code.
pub(super) fn as_code(typed: &str) -> String {
    typed.trim().to_lowercase().replace(['-', ' '], "_")
}

fn read_field(typed: &str) -> Result<(String, Option<&'static Field>), Failure> {
    if let Some(known) = field(typed) {
        return Ok((known.code.to_owned(), Some(known)));
    }
    if let Some(near) = nearest(typed) {
        return Err(bad_input(
            "there is no such field",
            format!("Did you mean `{near}`? Nothing was written."),
        ));
    }
    let code = as_code(typed);
    if !is_code(&code) {
        return Err(bad_input(
            "a field is named by 1 to 64 of the characters a-z 0-9 _ .",
            "Use a short word, such as `birth_date`.",
        ));
    }
    Ok((code, None))
}

/// A group on a field that speaks of the child: a relative's name must not be taken for the child's.
fn no_group(known: &Field) -> Failure {
    let then = match field(&format!("relative.{}", known.code)) {
        Some(theirs) => format!("For a relative say `{}`. Nothing was written.", theirs.code),
        None => "Say it without a group, in a step of its own. Nothing was written.".to_owned(),
    };
    bad_input(format!("{} is said of the child and takes no group", known.code), then)
}

fn read_value(
    house: &House,
    circle: &CircleId,
    sheet: Option<&SheetView>,
    code: &str,
    known: Option<&Field>,
    typed: &Private<String>,
) -> Result<Value, Failure> {
    let text = typed.reveal().as_str();
    match known.map(|field| field.holds) {
        // Cases and items go by the names that people use for them.
        Some(Holds::Case) if !text.trim().is_empty() => house.find_case(text, None).map(Value::Case),
        Some(Holds::Item) if !text.trim().is_empty() => {
            let sheet = sheet.ok_or_else(no_items_yet)?;
            let item = house.find_item(house.circle(circle)?, sheet, text)?;
            Ok(Value::Item(house.claim_of(sheet, &item)?.item))
        }
        _ => parse_value(code, text).map_err(|fault| {
            bad_input(format!("{code}: {fault}"), "Correct it and try again; nothing was written.")
        }),
    }
}

fn read_source_kind(typed: &str) -> Result<SourceKind, Failure> {
    let code = as_code(typed);
    if code.is_empty() {
        return Ok(SourceKind::default());
    }
    let kinds = SOURCE_KINDS.map(|(name, _)| name);
    SOURCE_KINDS
        .iter()
        .find(|(name, _)| *name == code)
        .map(|(_, kind)| *kind)
        .ok_or_else(|| one_of("kind of source", &code, &kinds))
}

fn read_confidence(typed: &str) -> Result<String, Failure> {
    let code = as_code(typed);
    if code.is_empty() || CONFIDENCES.contains(&code.as_str()) {
        return Ok(code);
    }
    Err(one_of("confidence", &code, &CONFIDENCES))
}

fn one_of(what: &str, typed: &str, known: &[&str]) -> Failure {
    let then = match nearest_of(typed, known.iter().copied()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => format!("Use one of {}.", known.join(", ")),
    };
    bad_input(format!("there is no such {what}"), then)
}

fn read_group(typed: &str) -> Result<String, Failure> {
    let code = as_code(typed);
    if code.is_empty() || is_code(&code) {
        return Ok(code);
    }
    Err(bad_input(
        "a group is named by up to 64 of the characters a-z 0-9 _ .",
        "Choose a short word, such as `mother` or `stay.2`.",
    ))
}

fn read_end(typed: &str) -> Result<Option<Date>, Failure> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    parse_date(typed, DateStyle::TYPED).map(Some).ok_or_else(|| {
        bad_input(
            "`from` or `to` is not a date",
            "Write 2014, 2014-05, 2014-05-16, 16.05.2014 or a range such as 2014..2016.",
        )
    })
}

fn read_replaced(
    house: &House,
    circle: &CircleId,
    sheet: Option<&SheetView>,
    named: &str,
) -> Result<ItemRef, Failure> {
    let sheet = sheet.ok_or_else(no_items_yet)?;
    let item = house.find_item(house.circle(circle)?, sheet, named)?;
    let claim = house.claim_of(sheet, &item)?;
    if claim.written.partner == house.people.own {
        return Ok(item);
    }
    Err(not_allowed(
        "that claim is another office's word and stays as it is",
        "Say your own claim beside it, and say with `homeward case prefer` which one this office works with.",
    ))
}

fn no_items_yet() -> Failure {
    not_found("a new sheet has no items yet", "Leave out what it replaces.")
}

/// A text as it was typed, trimmed, its lines ended alike; refused if it would steer a screen.
pub(super) fn quiet(text: &Private<String>) -> Result<Private<String>, Failure> {
    let text = Private::new(text.reveal().replace("\r\n", "\n"));
    if text.reveal().chars().any(|c| steers(c) && !matches!(c, '\n' | '\t')) {
        return Err(bad_input(
            "a text holds a control or direction character",
            "Type the text anew instead of pasting it; nothing was written.",
        ));
    }
    Ok(Private::new(text.reveal().trim().to_owned()))
}

/// The operator of an edit.
pub(super) fn operator(typed: &Private<String>) -> Result<Private<String>, Failure> {
    let fault = |what: String| Failure {
        kind: FailureKind::BadInput,
        what,
        then: "Say who writes with --as NAME, or set `operator` in config.toml.".to_owned(),
    };
    let name = typed.reveal().trim();
    if name.is_empty() {
        return Err(fault("every edit carries the name of its operator, and none was given".to_owned()));
    }
    if name.len() > limit::OPERATOR_BYTES {
        return Err(fault(format!("an operator's name has at most {} bytes", limit::OPERATOR_BYTES)));
    }
    if name.chars().any(steers) {
        return Err(fault("the operator's name holds a control or direction character".to_owned()));
    }
    Ok(name.into())
}
