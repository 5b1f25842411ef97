//! Partners: how links stand and what was confirmed, bundles, cards, circles, the machines of this office.

mod bundles;
mod cards;
mod circles;
mod links;
mod machines;
mod map;
mod qr;
mod size;

use crate::node::{Answer, CardView, CircleView, Request};
use crate::web::fault::{self, Fault};
use crate::web::page::Page;
use crate::web::session::Desk;
use axum::Router;
use axum::http::HeaderValue;
use axum::response::Response;
use axum::routing::{get, post};

/// The paths of these pages.
pub(in crate::web) fn routes() -> Router<Desk> {
    Router::new()
        .route("/partners", get(links::page))
        .route("/partners/live", get(links::live))
        .route("/partners/pause", post(links::pause))
        .route("/partners/resume", post(links::resume))
        .route("/partners/sync", post(links::sync))
        .route("/partners/bundle/out", post(bundles::out))
        .route("/partners/bundle/in", post(bundles::take_in))
        .route("/partners/cards", get(cards::page).post(cards::import))
        .route("/partners/cards/{id}", get(cards::card))
        .route("/partners/cards/{id}/file", get(cards::file))
        .route("/partners/cards/{id}/trust", post(cards::trust))
        .route("/partners/cards/{id}/distrust", post(cards::distrust))
        .route("/partners/circles", get(circles::page))
        .route("/partners/circles/new", get(circles::new_form).post(circles::new))
        .route("/partners/circles/{id}/hide", post(circles::hide))
        .route("/partners/machines", get(machines::page))
}

/// One of the pages here, as the tabs above each name it.
struct Tab {
    path: &'static str,
    label: String,
    is_here: bool,
}

/// The tabs, with the open one marked by its path.
fn tabs(page: &Page, here: &str) -> Vec<Tab> {
    let t = page.t;
    let all = [
        ("partners", t.say("partners-tab-links")),
        ("partners/circles", t.say("partners-tab-circles")),
        ("partners/cards", t.say("partners-tab-cards")),
        ("partners/machines", t.say("partners-tab-machines")),
    ];
    all.map(|(path, label)| Tab { path, label, is_here: path == here }).into()
}

async fn all_cards(page: &Page) -> Result<Vec<CardView>, Fault> {
    match page.ask(Request::CardList).await? {
        Answer::Cards { cards } => Ok(cards),
        _ => Err(page.unexpected()),
    }
}

async fn all_circles(page: &Page) -> Result<Vec<CircleView>, Fault> {
    match page.ask(Request::CircleList).await? {
        Answer::Circles { circles } => Ok(circles),
        _ => Err(page.unexpected()),
    }
}

/// A fault of something that a part of a page asked for: said beside the page, which stays as it is.
fn refused(page: &Page, fault: Fault) -> Response {
    let mut answer = fault::answer(page, fault);
    if page.part {
        let headers = answer.headers_mut();
        headers.insert("hx-retarget", HeaderValue::from_static("#said"));
        headers.insert("hx-reswap", HeaderValue::from_static("innerHTML"));
    }
    answer
}

/// A file's name for a download: letters and digits of the Latin script, nothing that a header or a disk obeys.
fn file_name(name: &str, id: &str, end: &str) -> String {
    let plain: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect();
    match plain.is_empty() {
        true => format!("{id}.{end}"),
        false => format!("{}.{end}", plain.to_lowercase()),
    }
}

/// Bytes that a browser keeps as a file and never shows.
fn download(name: &str, bytes: Vec<u8>) -> Response {
    use axum::response::IntoResponse;
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers =
        [("content-type", "application/octet-stream".to_owned()), ("content-disposition", disposition)];
    (headers, bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_by_plain_letters() {
        assert_eq!(file_name("Doha", "3fa2", "card"), "doha.card");
        assert_eq!(file_name("Київ", "3fa2", "card"), "3fa2.card");
        assert_eq!(file_name("a\"; x=\r\n../b", "3fa2", "bundle"), "axb.bundle");
    }
}
