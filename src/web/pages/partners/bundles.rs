//! Bundles by button and by drag: what a partner lacks as a download, and what one brought.

use super::{download, file_name, refused};
use crate::limit;
use crate::node::{Answer, Failure, FailureKind, Request};
use crate::web::fault::{self, Fault};
use crate::web::form::Sent;
use crate::web::page::{May, Page, show};
use crate::web::session::Desk;
use askama::Template;
use axum::body::to_bytes;
use axum::extract::{FromRequestParts, State};
use axum::response::Response;
use serde::Deserialize;

/// For whom a bundle is to be made.
#[derive(Deserialize)]
pub(in crate::web) struct Wanted {
    partner: String,
    /// All that is shared, not only what the partner lacks.
    #[serde(default)]
    all: String,
}

/// A bundle as a download. Nothing of it stays on this machine but a line in the journal.
pub(in crate::web) async fn out(Sent(page, wanted): Sent<Wanted>) -> Response {
    let made = async {
        page.only(May::Arrange)?;
        let all = !wanted.all.is_empty();
        let request = Request::BundleMake { partner: wanted.partner.clone(), all };
        let Answer::Exported { files } = page.ask(request).await? else { return Err(page.unexpected()) };
        let file = files.into_iter().next().ok_or_else(|| page.unexpected())?;
        let short: String = wanted.partner.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
        Ok(download(&file_name(&file.name, &short, "bundle"), file.bytes.reveal().clone()))
    };
    made.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

#[derive(Template)]
#[template(path = "partners_bundle.html")]
struct Taken<'a> {
    page: &'a Page,
    from: String,
    new_segments: usize,
    known_segments: usize,
    new_records: usize,
    missing: Vec<String>,
}

/// Takes a bundle in that was dropped on the page, and says what came and what is still missing.
pub(in crate::web) async fn take_in(State(desk): State<Desk>, request: axum::extract::Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let page = match Page::from_request_parts(&mut parts, &desk).await {
        Ok(page) => page,
        Err(answer) => return answer,
    };
    let taken = async {
        // Before the body is read.
        page.only(May::Arrange)?;
        let bytes = to_bytes(body, limit::DESK_BUNDLE_BYTES).await.map_err(|_| too_long())?;
        let request = Request::BundleTake { bytes: bytes.into() };
        let Answer::BundleRead { from, new_segments, known_segments, new_records, missing } =
            page.ask(request).await?
        else {
            return Err(page.unexpected());
        };
        show(&Taken { page: &page, from, new_segments, known_segments, new_records, missing })
    };
    taken.await.unwrap_or_else(|fault| refused(&page, fault))
}

fn too_long() -> Fault {
    Fault::Node(Failure {
        kind: FailureKind::BadInput,
        what: "the file broke off, or is longer than 64 MiB, which is more than the desk takes in".into(),
        then: "Take it in in a terminal: `homeward bundle in FILE`. Nothing was changed.".into(),
    })
}
