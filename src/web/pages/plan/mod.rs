//! The plan of a case: stage, legs, tasks, papers, visits, the shared note. A section of the case's page.
//!
//! All members of a circle edit the plan together. A form carries the values that it showed; what it saves replaces
//! those alone. What others wrote meanwhile stays beside it as a conflict, said at once, settled by a later edit.

mod form;
mod item;
mod note;
mod route;
mod sheet;
#[cfg(test)]
pub(in crate::web::pages) mod trial;
mod way;

use crate::case::{PlanKey, SheetView};
use crate::node::{Answer, CaseView, Request, Written};
use crate::private::Private;
use crate::web::fault::{self, Fault};
use crate::web::form::Sent;
use crate::web::page::{Frame, Here, May, Page, piece, show};
use crate::web::session::Desk;
use crate::web::shown::Html;
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::HeaderValue;
use axum::response::Response;
use axum::routing::{get, post};
use form::Form;
pub(in crate::web::pages) use item::is_clear;
use serde::Deserialize;
use sheet::{Entry, Input, Item, PlanSheet};
pub(in crate::web::pages) use sheet::{bare, label, value};

/// Which case.
#[derive(Deserialize)]
pub(in crate::web) struct InCase {
    pub(in crate::web) id: String,
}

/// The paths of what is done in the plan.
pub(in crate::web) fn routes() -> Router<Desk> {
    Router::new()
        .route("/case/{id}/plan", get(page).post(save))
        .route("/case/{id}/plan/settle", post(settle))
        .route("/case/{id}/note", get(note::read).post(note::write))
}

#[derive(Template)]
#[template(path = "plan.html")]
struct PlanPage {
    frame: Frame,
    section: Html,
}

#[derive(Template)]
#[template(path = "plan_section.html")]
struct Section<'a> {
    page: &'a Page,
    base: String,
    case: String,
    may_plan: bool,
    may_settle: bool,
    sheets: Vec<PlanSheet>,
    /// What happened to what was sent, if anything was.
    said: Option<Said>,
}

/// What is said of what was saved.
struct Said {
    text: String,
    /// Whether it asks for something.
    asks: bool,
}

/// The plans of a case's sheets, as a section of its page. It keeps itself up to date from `case/ID/plan`.
///
/// # Errors
/// [`Fault`].
pub(in crate::web) fn section(page: &Page, case: &CaseView) -> Result<Html, Fault> {
    made(page, case, None)
}

fn made(page: &Page, case: &CaseView, said: Option<Said>) -> Result<Html, Fault> {
    let sheets = case.sheets.iter().map(|named| PlanSheet::new(page, case, named)).collect();
    piece(&Section {
        page,
        base: page.base(),
        case: case.case.hex(),
        may_plan: page.may(May::Plan),
        may_settle: page.may(May::Settle),
        sheets,
        said,
    })
}

impl Section<'_> {
    /// Whether a field is shown by the item's head already.
    fn stands_above(&self, item: &Item, entry: &Entry) -> bool {
        match (item.kind.as_str(), entry.code.as_str()) {
            ("leg", "from" | "to" | "border_point") => !entry.in_conflict,
            ("leg" | "paper", "state") => item.state.is_some(),
            ("task" | "paper", "what") => !entry.in_conflict,
            ("task", "done") => item.is_done,
            _ => false,
        }
    }
}

async fn whole(page: &Page, id: &str) -> Result<CaseView, Fault> {
    match page.ask(Request::CaseShow { case: id.to_owned(), circle: None }).await? {
        Answer::Case(case) => Ok(case),
        _ => Err(page.unexpected()),
    }
}

/// One circle's sheet of a case.
async fn one_sheet(page: &Page, id: &str, circle: &str) -> Result<SheetView, Fault> {
    let request = Request::CaseShow { case: id.to_owned(), circle: Some(circle.to_owned()) };
    let Answer::Case(case) = page.ask(request).await? else { return Err(page.unexpected()) };
    case.sheets.into_iter().next().and_then(|named| named.sheet).ok_or(Fault::NoPage)
}

async fn page(Path(InCase { id }): Path<InCase>, page: Page) -> Response {
    let shown = async {
        page.only(May::SeeCases)?;
        let case = whole(&page, &id).await?;
        let section = section(&page, &case)?;
        if page.part {
            return show(&Part { section });
        }
        let mut frame = page.frame(Here::Cases, page.t.say("planning-title")).await?;
        frame.case = case.case.hex();
        show(&PlanPage { frame, section })
    };
    shown.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

#[derive(Template)]
#[template(source = "{{ section }}", ext = "html")]
struct Part {
    section: Html,
}

async fn save(
    Path(InCase { id }): Path<InCase>,
    Sent(page, sent): Sent<Vec<(String, Private<String>)>>,
) -> Response {
    let saved = save_fields(&page, &id, sent).await;
    after(&page, &id, saved).await
}

/// What was written, and by whom it is read.
#[derive(Default)]
struct Saved {
    keys: Vec<PlanKey>,
    circle: String,
    readers: Vec<String>,
    settled: bool,
}

async fn save_fields(page: &Page, id: &str, sent: Vec<(String, Private<String>)>) -> Result<Saved, Fault> {
    page.only(May::Plan)?;
    let mut form = Form::read(sent).ok_or(Fault::Form)?;
    let view = one_sheet(page, id, &form.circle).await?;
    if form.id.is_empty() && form.kind != "case" {
        let Answer::Info(own) = page.ask(Request::Info).await? else { return Err(page.unexpected()) };
        form.id = item::new_id(&view, &form.kind, own.partner.short().get(..3).unwrap_or_default());
    }
    let changes = form.changes(&view);
    // All or nothing, as far as it can be known beforehand: a form that is half saved is hard to read.
    if let Some(wrong) = changes.iter().find(|change| change.cannot_be_read()) {
        return Err(wrong.fault(page));
    }
    let mut saved = Saved { circle: form.circle.clone(), ..Saved::default() };
    for change in changes {
        let request = Request::CasePlan {
            circle: form.circle.clone(),
            case: id.to_owned(),
            key: change.key.to_string(),
            value: change.typed,
            shown: Some(change.shown.iter().map(ToString::to_string).collect()),
        };
        let Answer::Written(Written { readers, .. }) = page.ask(request).await? else {
            return Err(page.unexpected());
        };
        saved.readers = readers;
        saved.keys.push(change.key);
    }
    Ok(saved)
}

/// Which value of a conflict stays.
#[derive(Deserialize)]
struct Settle {
    circle: String,
    key: String,
    take: String,
}

async fn settle(Path(InCase { id }): Path<InCase>, Sent(page, sent): Sent<Settle>) -> Response {
    let settled = async {
        page.only(May::Settle)?;
        let Settle { circle, key, take } = sent;
        let keys = PlanKey::parse(&key).into_iter().collect();
        let request = Request::CaseSettle {
            circle: circle.clone(),
            case: id.clone(),
            key,
            take: Some(take),
            value: None,
        };
        match page.ask(request).await? {
            Answer::Written(Written { readers, .. }) => Ok(Saved { keys, circle, readers, settled: true }),
            _ => Err(page.unexpected()),
        }
    };
    let settled = settled.await;
    after(&page, &id, settled).await
}

/// The section as it stands now, with what became of what was sent. A fault stands beside the form, which stays open
/// with all that was typed.
async fn after(page: &Page, id: &str, saved: Result<Saved, Fault>) -> Response {
    let saved = match saved {
        Ok(saved) if !page.part => {
            drop(saved);
            return fault::elsewhere(page, &format!("case/{id}"));
        }
        Ok(saved) => saved,
        Err(fault) => {
            let mut answer = fault::answer(page, fault);
            let headers = answer.headers_mut();
            headers.insert("hx-retarget", HeaderValue::from_static("#said"));
            headers.insert("hx-reswap", HeaderValue::from_static("innerHTML"));
            return answer;
        }
    };
    let shown = async {
        let case = whole(page, id).await?;
        let said = said(page, &case, &saved);
        show(&Part { section: made(page, &case, Some(said))? })
    };
    shown.await.unwrap_or_else(|fault| fault::answer(page, fault))
}

fn said(page: &Page, case: &CaseView, saved: &Saved) -> Said {
    let t = page.t;
    if saved.keys.is_empty() {
        return Said { text: t.say("planning-nothing"), asks: false };
    }
    let sheets = case.sheets.iter().filter_map(|named| named.sheet.as_ref());
    let here: Vec<&SheetView> =
        sheets.filter(|sheet| sheet.circle.hex().starts_with(&saved.circle)).collect();
    let in_conflict = |key: &&PlanKey| {
        here.iter().filter_map(|sheet| sheet.planned(key)).any(crate::case::PlanView::in_conflict)
    };
    let conflicts: Vec<String> =
        saved.keys.iter().filter(in_conflict).map(|key| sheet::label(t, key)).collect();
    match (conflicts.is_empty(), saved.settled) {
        (false, _) => Said { text: t.s("planning-made-conflict", t.list(&conflicts)), asks: true },
        (true, true) => Said { text: t.s("planning-settled", t.list(&saved.readers)), asks: false },
        (true, false) => Said { text: t.s("planning-saved", t.list(&saved.readers)), asks: false },
    }
}
