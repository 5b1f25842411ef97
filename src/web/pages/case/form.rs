//! Writing on a sheet, in place: a form opens under its field, is saved at once, and goes.
//!
//! An edit replaces the own claim that the form was opened on, and nothing else: what others say, and what a colleague
//! said meanwhile, stands beside it. While a form is open the page leaves it alone and says when the field was written
//! by others (`assets/case.js`). What is wrong stands at its field, and what was typed stays.

use super::view::{self, kind_of, slot, stand};
use super::{Asked, InCase, Loaded, body_again};
use crate::case::{ClaimView, FIELDS, Holds, SourceKind, Value, ValueFault, field, parse_value};
use crate::node::{ClaimIn, Failure, FailureKind, Request};
use crate::private::Private;
use crate::web::fault::{self, Fault};
use crate::web::form::Sent;
use crate::web::page::{May, Page, show};
use crate::web::shown::{self, Html};
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// What is asked to be written.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    circle: String,
    since: String,
    /// One field, or
    field: String,
    /// a new relative, stay, document.
    kind: String,
    group: String,
    /// The claim that is said anew.
    item: String,
    /// Where the form stands, if not under its field.
    slot: String,
}

/// A form as it is sent.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    circle: String,
    since: String,
    slot: String,
    stand: String,
    group: String,
    item: String,
    field: Vec<String>,
    value: Vec<Private<String>>,
    source_kind: String,
    source: Private<String>,
    given_by: Private<String>,
    confidence: String,
    from: String,
    to: String,
}

/// One of the things that a short form asks: which item or case, and why.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Reasoned {
    circle: String,
    since: String,
    slot: String,
    item: String,
    other: Private<String>,
    reason: Private<String>,
}

#[derive(Template)]
#[template(path = "case_form.html")]
struct FormPart<'a> {
    page: &'a Page,
    base: String,
    id: String,
    name: Private<String>,
    readers: Vec<String>,
    colour: usize,
    rows: Vec<Row>,
    typed: Typed,
    fault: Option<Failure>,
}

/// One field of a form.
struct Row {
    code: String,
    label: String,
    value: Private<String>,
    options: Vec<(String, String)>,
    hint: Option<String>,
    lines: bool,
    wrong: Option<String>,
}

#[derive(Template)]
#[template(path = "case_reason.html")]
struct ReasonPart<'a> {
    page: &'a Page,
    base: String,
    id: String,
    name: Private<String>,
    readers: Vec<String>,
    colour: usize,
    /// Whether two cases are said to be one child; else something is withdrawn.
    same: bool,
    typed: Reasoned,
    fault: Option<Failure>,
}

pub(super) async fn open(page: Page, Path(path): Path<InCase>, Query(wanted): Query<Wanted>) -> Response {
    let shown = async {
        page.only(May::Claim)?;
        let asked = Asked { circle: wanted.circle.clone(), since: wanted.since.clone() };
        let loaded = Loaded::load(&page, &path.id, &asked).await?;
        let typed = opened(&loaded, &wanted).ok_or(Fault::Form)?;
        show(&form_part(&page, &loaded, typed, Vec::new(), None))
    };
    shown.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

/// A form as it opens: on what this office said, or empty.
fn opened(loaded: &Loaded, wanted: &Wanted) -> Option<Typed> {
    let sheet = loaded.sheet()?;
    let mut typed = Typed {
        circle: wanted.circle.clone(),
        since: wanted.since.clone(),
        group: wanted.group.clone(),
        ..Typed::default()
    };
    if wanted.kind.is_empty() {
        let code = field(&wanted.field).map_or(wanted.field.as_str(), |known| known.code);
        typed.field = vec![code.to_owned()];
    } else {
        let fields = FIELDS.iter().filter(|known| known.grouped && kind_of(known.code) == wanted.kind);
        typed.field = fields.map(|known| known.code.to_owned()).collect();
        // Two offices may begin a group at once: the number alone would make one relative of two.
        let office = loaded.own.short();
        let office = office.get(..4).unwrap_or_default();
        typed.group = format!("{}.{office}", view::next_group(sheet, &wanted.kind));
    }
    let first = typed.field.first()?;
    typed.slot = match wanted.slot.is_empty() {
        true => slot(first, &typed.group),
        false => wanted.slot.clone(),
    };
    typed.stand = stand(sheet, first, &typed.group);
    let said = sheet.claims.iter().find(|claim| claim.item.to_string() == wanted.item);
    if let Some(said) = said.filter(|said| said.written.partner == loaded.own) {
        fill(&mut typed, said);
    }
    Some(typed)
}

fn fill(typed: &mut Typed, said: &ClaimView) {
    let source = &said.claim.source;
    typed.item = said.item.to_string();
    typed.value = vec![as_typed(&said.claim.value)];
    typed.source_kind = match source.kind {
        SourceKind::Document => "document",
        SourceKind::Person => "person",
        SourceKind::Office | SourceKind::Disclosed => "office",
        SourceKind::ListLine => "list_line",
    }
    .to_owned();
    typed.source = source.text.clone();
    typed.given_by = source.given_by.clone();
    typed.confidence = source.confidence.clone();
    typed.from = source.from.as_ref().map(|date| date.line()).unwrap_or_default();
    typed.to = source.to.as_ref().map(|date| date.line()).unwrap_or_default();
}

/// A value as a person would type it.
fn as_typed(value: &Value) -> Private<String> {
    match value {
        Value::Text(text) => text.clone(),
        other => other.line(),
    }
}

fn form_part<'a>(
    page: &'a Page,
    loaded: &Loaded,
    typed: Typed,
    wrong: Vec<(usize, String)>,
    fault: Option<Failure>,
) -> FormPart<'a> {
    let row = |(at, code): (usize, &String)| {
        let value = typed.value.get(at).cloned().unwrap_or_default();
        let wrong = wrong.iter().find(|(place, _)| *place == at).map(|(_, what)| what.clone());
        row(page, code, value, wrong)
    };
    let rows = typed.field.iter().enumerate().map(row).collect();
    let (name, readers, colour) = who_reads(page, loaded);
    FormPart { page, base: page.base(), id: loaded.id(), name, readers, colour, rows, typed, fault }
}

fn who_reads(page: &Page, loaded: &Loaded) -> (Private<String>, Vec<String>, usize) {
    let colour = loaded.sheet().map_or(1, |sheet| loaded.making(page).circle_colour(&sheet.circle));
    match loaded.named() {
        Some(named) => (named.circle_name.clone(), named.readers.clone(), colour),
        None => (Private::default(), Vec::new(), colour),
    }
}

fn row(page: &Page, code: &str, value: Private<String>, wrong: Option<String>) -> Row {
    let t = page.t;
    let holds = field(code).map_or(Holds::Text, |known| known.holds);
    let mut options: Vec<(String, String)> = match holds {
        Holds::Code(codes) => codes.iter().map(|code| ((*code).to_owned(), t.label("code", code))).collect(),
        Holds::Flag => {
            vec![("yes".to_owned(), t.say("value-yes")), ("no".to_owned(), t.say("value-no"))]
        }
        _ => Vec::new(),
    };
    // A code that this build does not know stays what it is.
    if !options.is_empty() && !value.is_empty() && !options.iter().any(|(code, _)| code == value.reveal()) {
        options.push((value.reveal().clone(), shown::visible(value.reveal())));
    }
    let hint = match holds {
        Holds::Date => Some(t.say("new-born-how")),
        Holds::Outside => Some(t.say("new-number-how")),
        Holds::Name => Some(t.say("case-hint-name")),
        Holds::Place => Some(t.say("case-hint-place")),
        Holds::Case => Some(t.say("case-hint-case")),
        _ => None,
    };
    let lines = holds == Holds::Text;
    Row { code: code.to_owned(), label: t.label("field", code), value, options, hint, lines, wrong }
}

pub(super) async fn claim(Path(path): Path<InCase>, Sent(page, typed): Sent<Typed>) -> Response {
    saved(&page, &path.id, typed).await.unwrap_or_else(|fault| beside(&page, fault))
}

async fn saved(page: &Page, id: &str, typed: Typed) -> Result<Response, Fault> {
    page.only(May::Claim)?;
    let asked = Asked { circle: typed.circle.clone(), since: typed.since.clone() };
    let wrong = judged(page, &typed);
    let failure = if wrong.is_empty() {
        let request =
            Request::CaseClaim { circle: typed.circle.clone(), case: id.to_owned(), claims: claims(&typed) };
        match page.ask(request).await {
            Ok(_) => return body_again(page, id, &asked).await,
            Err(fault) => Some(in_form(fault)?),
        }
    } else {
        None
    };
    let loaded = Loaded::load(page, id, &asked).await?;
    let slot = typed.slot.clone();
    refused(show(&form_part(page, &loaded, typed, wrong, failure))?, &slot)
}

/// The claims of a form: fields that were left empty say nothing.
fn claims(typed: &Typed) -> Vec<ClaimIn> {
    let said = typed.field.iter().zip(&typed.value).filter(|(_, value)| !value.reveal().trim().is_empty());
    let claim = |(field, value): (&String, &Private<String>)| ClaimIn {
        field: field.clone(),
        group: typed.group.clone(),
        value: value.clone(),
        source_kind: typed.source_kind.clone(),
        source: typed.source.clone(),
        given_by: typed.given_by.clone(),
        confidence: typed.confidence.clone(),
        from: typed.from.clone(),
        to: typed.to.clone(),
        replaces: if typed.item.is_empty() { Vec::new() } else { vec![typed.item.clone()] },
    };
    said.map(claim).collect()
}

/// What cannot be read, by its place in the form, in the reader's language.
fn judged(page: &Page, typed: &Typed) -> Vec<(usize, String)> {
    let read = typed.field.iter().zip(&typed.value).enumerate().filter_map(|(at, (code, value))| {
        // Cases and items go by names that the node alone knows.
        let by_name = field(code).is_some_and(|known| matches!(known.holds, Holds::Case | Holds::Item));
        match parse_value(code, value.reveal()) {
            Ok(_) | Err(ValueFault::Empty) => None,
            Err(_) if by_name => None,
            Err(fault) => Some((at, said(page, fault))),
        }
    });
    let wrong: Vec<(usize, String)> = read.collect();
    match wrong.is_empty() && claims(typed).is_empty() {
        true => vec![(0, said(page, ValueFault::Empty))],
        false => wrong,
    }
}

fn said(page: &Page, fault: ValueFault) -> String {
    let t = page.t;
    match fault {
        ValueFault::Empty => t.say("case-wrong-empty"),
        ValueFault::TooLong => t.say("case-wrong-long"),
        ValueFault::Control => t.say("case-wrong-control"),
        ValueFault::Date => t.say("case-wrong-date"),
        ValueFault::Flag => t.say("case-wrong-choice"),
        ValueFault::Number => t.say("case-wrong-number"),
        ValueFault::Outside => t.say("case-wrong-outside"),
        ValueFault::Case | ValueFault::Item => t.say("case-wrong-case"),
        ValueFault::Code(Some(near)) => t.s("case-wrong-near", t.label("code", near)),
        ValueFault::Code(None) => t.say("case-wrong-choice"),
    }
}

/// What a form can say of itself; the rest goes its way.
fn in_form(fault: Fault) -> Result<Failure, Fault> {
    match fault {
        Fault::Node(failure) if failure.kind != FailureKind::Locked => Ok(failure),
        other => Err(other),
    }
}

/// The form again, where it stood.
fn refused(form: Response, slot: &str) -> Result<Response, Fault> {
    // Slots are codes of ours; anything else stands where faults do.
    let plain = !slot.is_empty() && slot.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let to = if plain { format!("#slot-{slot}") } else { "#said".to_owned() };
    let head = [("hx-retarget", to), ("hx-reswap", "innerHTML".to_owned())];
    Ok((StatusCode::UNPROCESSABLE_ENTITY, head, form).into_response())
}

/// A fault of what has no form, beside the page.
fn beside(page: &Page, fault: Fault) -> Response {
    let head = [("hx-retarget", "#said"), ("hx-reswap", "innerHTML")];
    (head, fault::answer(page, fault)).into_response()
}

fn reason_part<'a>(
    page: &'a Page,
    loaded: &Loaded,
    same: bool,
    typed: Reasoned,
    fault: Option<Failure>,
) -> ReasonPart<'a> {
    let (name, readers, colour) = who_reads(page, loaded);
    ReasonPart { page, base: page.base(), id: loaded.id(), name, readers, colour, same, typed, fault }
}

async fn reason_form(page: &Page, id: &str, same: bool, typed: Reasoned) -> Result<Response, Fault> {
    page.only(May::Claim)?;
    let asked = Asked { circle: typed.circle.clone(), since: typed.since.clone() };
    let loaded = Loaded::load(page, id, &asked).await?;
    show(&reason_part(page, &loaded, same, typed, None))
}

async fn reasoned(page: &Page, id: &str, same: bool, typed: Reasoned) -> Result<Response, Fault> {
    page.only(May::Claim)?;
    let asked = Asked { circle: typed.circle.clone(), since: typed.since.clone() };
    let (circle, case, reason) = (typed.circle.clone(), id.to_owned(), typed.reason.clone());
    let request = match same {
        true => Request::CaseSame { circle, case, other: typed.other.reveal().trim().to_owned(), reason },
        false => Request::CaseWithdraw { circle, case, items: vec![typed.item.clone()], reason },
    };
    match page.ask(request).await {
        Ok(_) => body_again(page, id, &asked).await,
        Err(fault) => {
            let failure = in_form(fault)?;
            let loaded = Loaded::load(page, id, &asked).await?;
            let slot = typed.slot.clone();
            refused(show(&reason_part(page, &loaded, same, typed, Some(failure)))?, &slot)
        }
    }
}

pub(super) async fn withdraw_form(
    page: Page,
    Path(path): Path<InCase>,
    Query(typed): Query<Reasoned>,
) -> Response {
    reason_form(&page, &path.id, false, typed).await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

pub(super) async fn withdraw(Path(path): Path<InCase>, Sent(page, typed): Sent<Reasoned>) -> Response {
    reasoned(&page, &path.id, false, typed).await.unwrap_or_else(|fault| beside(&page, fault))
}

pub(super) async fn same_form(
    page: Page,
    Path(path): Path<InCase>,
    Query(typed): Query<Reasoned>,
) -> Response {
    reason_form(&page, &path.id, true, typed).await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

pub(super) async fn same(Path(path): Path<InCase>, Sent(page, typed): Sent<Reasoned>) -> Response {
    reasoned(&page, &path.id, true, typed).await.unwrap_or_else(|fault| beside(&page, fault))
}

/// Says which claim this office works with.
pub(super) async fn prefer(Path(path): Path<InCase>, Sent(page, typed): Sent<Reasoned>) -> Response {
    let done = async {
        page.only(May::Claim)?;
        let asked = Asked { circle: typed.circle.clone(), since: typed.since.clone() };
        let (circle, case) = (typed.circle.clone(), path.id.clone());
        page.ask(Request::CasePrefer { circle, case, item: typed.item.clone() }).await?;
        body_again(&page, &path.id, &asked).await
    };
    done.await.unwrap_or_else(|fault| beside(&page, fault))
}

impl FormPart<'_> {
    fn kinds(&self) -> [(&'static str, String); 4] {
        let t = self.page.t;
        [
            ("office", t.say("case-source-office")),
            ("document", t.say("case-source-document")),
            ("person", t.say("case-source-person")),
            ("list_line", t.say("case-source-list")),
        ]
    }

    fn confidences(&self) -> [(&'static str, String); 3] {
        let label = |code| (code, self.page.t.label("code", code));
        [label("confirmed"), label("reported"), label("inferred")]
    }

    fn typed_value(&self, text: &Private<String>) -> Html {
        shown::value(text)
    }

    fn is_chosen(&self, row: &Row, code: &str) -> bool {
        row.value.reveal() == code
    }

    /// Whether anything is said of how it is known: else those fields stay folded.
    fn knows_how(&self) -> bool {
        let typed = &self.typed;
        !(typed.given_by.is_empty()
            && typed.confidence.is_empty()
            && typed.from.is_empty()
            && typed.to.is_empty())
    }
}

impl ReasonPart<'_> {
    fn typed_value(&self, text: &Private<String>) -> Html {
        shown::value(text)
    }
}
