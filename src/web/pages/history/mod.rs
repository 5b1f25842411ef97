//! The life of a case: every edit of all its sheets in the order in which they were written, and any moment shown as it
//! was.
//!
//! A moment is an edit: what is shown is the sheet as its author saw it, with that edit done. Where offices wrote
//! without seeing each other there is no other truth to show. Of the other sheets the last edit before it is shown.

mod then;
mod told;

use crate::case::HistoryEntry;
use crate::id::EditRef;
use crate::node::{Answer, Request, SheetHistory};
use crate::time::Millis;
use crate::web::fault::{self, Fault};
use crate::web::page::{Frame, Here, May, Page, show};
use crate::web::pages::plan::InCase;
use crate::web::session::Desk;
use crate::web::shown::Html;
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use told::{Line, Teller};

/// The paths of these pages.
pub(in crate::web) fn routes() -> Router<Desk> {
    Router::new().route("/case/{id}/history", get(page)).route("/case/{id}/history/at", get(moment))
}

/// Since when the reader wants to know what is new: milliseconds, as the case's page had them from its visit. Nothing
/// is marked without it: to look at a history is no visit.
#[derive(Deserialize)]
struct Since {
    #[serde(default)]
    since: String,
}

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage<'a> {
    frame: Frame,
    page: &'a Page,
    title: Html,
    list: Html,
    /// Every edit, the last first.
    total: usize,
}

#[derive(Template)]
#[template(path = "history_list.html")]
struct List<'a> {
    page: &'a Page,
    base: String,
    case: String,
    since: String,
    lines: Vec<Line>,
    new: usize,
}

async fn page(
    Path(InCase { id }): Path<InCase>,
    Query(Since { since }): Query<Since>,
    page: Page,
) -> Response {
    let shown = async {
        page.only(May::SeeCases)?;
        let asked = Request::CaseShow { case: id.clone(), circle: None };
        let Answer::Case(case) = page.ask(asked).await? else { return Err(page.unexpected()) };
        let Answer::Info(own) = page.ask(Request::Info).await? else { return Err(page.unexpected()) };
        let sheets = histories(&page, &id).await?;
        let teller = Teller::new(&page, &case, &sheets, own.partner, since.parse().ok().map(Millis));
        let lines = teller.lines();
        let total = lines.len();
        let new = lines.iter().filter(|line| line.is_new).count();
        let list = List { page: &page, base: page.base(), case: case.case.hex(), since, lines, new };
        if page.part {
            return show(&list);
        }
        let list = crate::web::page::piece(&list)?;
        let mut frame = page.frame(Here::Cases, page.t.say("history-title")).await?;
        frame.case = case.case.hex();
        let title = case.title.first().map(|name| page.text(name)).unwrap_or_default();
        show(&HistoryPage { frame, page: &page, title, list, total })
    };
    shown.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

async fn histories(page: &Page, id: &str) -> Result<Vec<SheetHistory>, Fault> {
    let asked = Request::CaseHistory { case: id.to_owned(), circle: None };
    match page.ask(asked).await? {
        Answer::History { sheets, .. } => Ok(sheets),
        _ => Err(page.unexpected()),
    }
}

/// Which moment: an edit of a circle's sheet.
#[derive(Deserialize)]
struct Moment {
    circle: String,
    edit: String,
}

/// A case at one moment, as a part of the page.
async fn moment(
    Path(InCase { id }): Path<InCase>,
    Query(Moment { circle, edit }): Query<Moment>,
    page: Page,
) -> Response {
    let shown = async {
        page.only(May::SeeCases)?;
        let sheets = histories(&page, &id).await?;
        let edit = EditRef::parse(&edit).ok_or(Fault::NoPage)?;
        let of_circle = |sheet: &&SheetHistory| sheet.circle.hex() == circle;
        let chosen = sheets.iter().find(of_circle).ok_or(Fault::NoPage)?;
        let chosen = chosen.entries.iter().find(|entry| entry.edit == edit).ok_or(Fault::NoPage)?;
        let mut parts = Vec::new();
        for sheet in &sheets {
            let Some(last) = last_until(&sheet.entries, chosen) else { continue };
            let asked =
                Request::CaseAt { case: id.clone(), circle: sheet.circle.hex(), edit: last.edit.to_string() };
            let Answer::Case(case) = page.ask(asked).await? else { return Err(page.unexpected()) };
            parts.extend(then::parts(&page, &case, &edit));
        }
        // The sheet that the edit stands on comes first.
        parts.sort_by_key(|part| part.circle != circle);
        show(&then::Then::new(&page, chosen, parts))
    };
    shown.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

/// The last edit of a sheet that counts and was written no later than another; of the same sheet that edit itself.
fn last_until<'a>(entries: &'a [HistoryEntry], until: &HistoryEntry) -> Option<&'a HistoryEntry> {
    let counts = |entry: &&HistoryEntry| !entry.disowned;
    let same = entries.iter().filter(counts).find(|entry| entry.edit == until.edit);
    let place = |entry: &HistoryEntry| (entry.written.time, entry.edit);
    same.or_else(|| entries.iter().filter(counts).rfind(|entry| place(entry) <= place(until)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Did, Effect};
    use crate::web::pages::plan::trial::{edit, written};

    fn entry(number: u64, at: u64, disowned: bool) -> HistoryEntry {
        HistoryEntry {
            edit: edit(number),
            written: written(1, "Olena", at),
            did: Did::Nothing,
            effect: Effect::Whole,
            disowned,
        }
    }

    #[test]
    fn a_moment_of_another_sheet_is_its_last_edit_before() {
        let entries = [entry(1, 10, false), entry(2, 20, false), entry(3, 30, true), entry(4, 40, false)];
        let number = |until: &HistoryEntry| last_until(&entries, until).map(|entry| entry.edit.number);
        assert_eq!(number(&entry(9, 5, false)), None, "the sheet was not there yet");
        assert_eq!(number(&entry(9, 25, false)), Some(2));
        assert_eq!(number(&entry(9, 35, false)), Some(2), "what does not count changed nothing");
        assert_eq!(number(&entry(3, 30, true)), Some(2));
        assert_eq!(number(&entry(4, 40, false)), Some(4));
    }
}
