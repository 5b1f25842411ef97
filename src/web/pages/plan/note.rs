//! The shared note: written by several people at once, at one machine and at several.
//!
//! A page sends the smallest change that it made and which text it made it against. Where the note has moved on, nothing
//! is written: the page gets the note as it stands, puts what it has not sent yet into it (`assets/plan.js`) and sends
//! again. So no letter is lost and none lands where nobody meant it.

use super::{InCase, one_sheet, sheet};
use crate::case::{Did, HistoryEntry};
use crate::id::PartnerId;
use crate::node::{Answer, Request};
use crate::private::Private;
use crate::time::Millis;
use crate::web::fault::{self, Fault};
use crate::web::form::Sent;
use crate::web::page::{May, Page};
use crate::web::shown;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

/// How long the name of whoever wrote last stands at the place.
const LATELY_MS: u64 = 5 * 60 * 1000;
/// How many names at most.
const FLAGS: usize = 8;

/// Whose note.
#[derive(Deserialize)]
pub(in crate::web) struct Of {
    circle: String,
}

/// A change as a page sends it.
#[derive(Deserialize)]
pub(in crate::web) struct Change {
    circle: String,
    /// In code points.
    at: u64,
    remove: Private<String>,
    insert: Private<String>,
    /// The print of the note that it was made against.
    seen: String,
}

/// The note as it stands.
#[derive(Serialize)]
struct Stand {
    text: Private<String>,
    /// Whether what was sent was written.
    took: bool,
    flags: Vec<Flag>,
}

/// Where somebody else wrote last.
#[derive(Serialize)]
struct Flag {
    /// In code points, behind what was written.
    at: u64,
    who: Private<String>,
    /// The office's color, 1 to 6.
    color: usize,
    /// How long it still stands.
    left_ms: u64,
}

pub(in crate::web) async fn read(
    Path(InCase { id }): Path<InCase>,
    page: Page,
    Query(of): Query<Of>,
) -> Response {
    let stand = async {
        page.only(May::SeeCases)?;
        stand(&page, &id, &of.circle, false).await
    };
    stand.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

pub(in crate::web) async fn write(
    Path(InCase { id }): Path<InCase>,
    Sent(page, change): Sent<Change>,
) -> Response {
    let written = async {
        page.only(May::Plan)?;
        let circle = change.circle.clone();
        let view = one_sheet(&page, &id, &circle).await?;
        if print(view.note.reveal()) != change.seen {
            return stand(&page, &id, &circle, false).await;
        }
        let Change { circle, at, remove, insert, .. } = change;
        let note =
            Request::CaseNote { circle: circle.clone(), case: id.clone(), at: Some(at), remove, insert };
        page.ask(note).await?;
        stand(&page, &id, &circle, true).await
    };
    written.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

async fn stand(page: &Page, case: &str, circle: &str, took: bool) -> Result<Response, Fault> {
    let history = Request::CaseHistory { case: case.to_owned(), circle: Some(circle.to_owned()) };
    let Answer::History { sheets, .. } = page.ask(history).await? else { return Err(page.unexpected()) };
    let Answer::Info(own) = page.ask(Request::Info).await? else { return Err(page.unexpected()) };
    // Read last: flags may lag behind the text, never the other way round.
    let view = one_sheet(page, case, circle).await?;
    let operator = page.operator()?.name.clone();
    let names = sheets.iter().flat_map(|sheet| &sheet.partners);
    let office = |partner: &PartnerId| names.clone().find(|(id, _)| id == partner).map(|(_, name)| name);
    let entries = sheets.iter().flat_map(|sheet| &sheet.entries);
    let places = last_places(entries, &(own.partner, operator), page.now(), view.note.len_points() as u64);
    let flags = places.into_iter().map(|place| {
        let office = office(&place.partner).cloned().unwrap_or_else(|| place.partner.short());
        let who = sheet::bare(&page.t.ss("note-flag", place.operator.reveal(), office));
        let color = view.members.iter().position(|member| *member == place.partner).unwrap_or(5) % 6 + 1;
        Flag { at: place.at, who: Private::new(who), color, left_ms: place.left_ms }
    });
    let stand = Stand { flags: flags.collect(), text: view.note, took };
    let json = serde_json::to_string(&stand).map_err(|_| Fault::Template)?;
    Ok(([("content-type", "application/json")], json).into_response())
}

/// Where somebody wrote last.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    partner: PartnerId,
    operator: Private<String>,
    at: u64,
    left_ms: u64,
}

/// Where others wrote last within [`LATELY_MS`], as of the note today: what was written since moves the place.
fn last_places<'a>(
    entries: impl Iterator<Item = &'a HistoryEntry>,
    me: &(PartnerId, Private<String>),
    now: Millis,
    length: u64,
) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for entry in entries.filter(|entry| !entry.disowned) {
        let Did::Noted(splice) = &entry.did else { continue };
        let (gone, come) = (splice.remove.len_points() as u64, splice.insert.len_points() as u64);
        for place in places.iter_mut().filter(|place| place.at > splice.at) {
            place.at = place.at.saturating_sub(gone).max(splice.at) + come;
        }
        let who = (entry.written.partner, &entry.written.operator);
        places.retain(|place| (place.partner, &place.operator) != who);
        // By this node's clock: another's may be wrong.
        let passed = now.since(entry.written.first_seen);
        if who == (me.0, &me.1) || passed >= LATELY_MS {
            continue;
        }
        places.push(Place {
            partner: who.0,
            operator: who.1.clone(),
            at: splice.at.saturating_add(come),
            left_ms: LATELY_MS - passed,
        });
    }
    let from = places.len().saturating_sub(FLAGS);
    let mut places = places.split_off(from);
    places.iter_mut().for_each(|place| place.at = place.at.min(length));
    places
}

/// A short print of a text: whether two notes are the same, told without sending either. FNV-1a over code points.
pub(super) fn print(text: &str) -> String {
    let (length, print) = text.chars().fold((0_u32, 0x811c_9dc5_u32), |(length, print), c| {
        (length.wrapping_add(1), (print ^ u32::from(c)).wrapping_mul(0x0100_0193))
    });
    format!("{length}.{print}")
}

/// The note for those who only read it.
pub(super) fn shown(note: &Private<String>) -> shown::Html {
    if note.is_empty() { shown::Html::default() } else { shown::lines(note) }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{edit, written};
    use super::*;
    use crate::case::{Effect, Splice};

    fn noted(partner: u8, operator: &str, at_ms: u64, at: u64, remove: &str, insert: &str) -> HistoryEntry {
        HistoryEntry {
            edit: edit(at_ms),
            written: written(partner, operator, at_ms),
            did: Did::Noted(Splice { at, remove: remove.into(), insert: insert.into() }),
            effect: Effect::Whole,
            disowned: false,
        }
    }

    fn found(entries: &[HistoryEntry], now: u64, length: u64) -> Vec<(String, u64)> {
        let me = (PartnerId([1; 32]), Private::from("Olena"));
        let places = last_places(entries.iter(), &me, Millis(now), length);
        places.into_iter().map(|place| (place.operator.reveal().clone(), place.at)).collect()
    }

    #[test]
    fn names_stand_where_others_wrote_last_and_move_with_the_text() {
        let entries = [
            noted(2, "Samir", 1_000, 0, "", "Тренер"),
            noted(1, "Olena", 2_000, 0, "", "abc"),
            noted(1, "Dmytro", 3_000, 9, "", "!"),
            noted(2, "Samir", 4_000, 10, "", "xy"),
            noted(1, "Olena", 5_000, 0, "ab", ""),
        ];
        let places = found(&entries, 6_000, 50);
        assert_eq!(places, [("Dmytro".to_owned(), 8), ("Samir".to_owned(), 10)], "not one's own");
        assert_eq!(found(&entries, 6_000, 9), [("Dmytro".to_owned(), 8), ("Samir".to_owned(), 9)]);
        assert_eq!(found(&entries, 3_000 + LATELY_MS, 50), [("Samir".to_owned(), 10)], "only lately");
        let inside = [noted(2, "Samir", 1, 0, "", "abcdef"), noted(1, "Olena", 2, 2, "cdef", "")];
        assert_eq!(found(&inside, 3, 50), [("Samir".to_owned(), 2)], "what they wrote was removed");
    }

    #[test]
    fn prints_are_those_of_the_script() {
        // The same numbers stand in assets/plan_test.js.
        assert_eq!(print(""), "0.2166136261");
        assert_eq!(print("a"), "1.3826002220");
        assert_eq!(print("Тарас\u{1f600}\n"), print("Тарас😀\n"));
        assert_ne!(print("ab"), print("ba"));
    }
}
