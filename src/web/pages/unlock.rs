//! The page of a locked node: a passphrase, and nothing else.

use crate::node::{Failure, FailureKind, Request};
use crate::private::Private;
use crate::web::fault::{self, Fault};
use crate::web::form::Sent;
use crate::web::page::{Frame, Page, show};
use crate::web::shown::Html;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "unlock.html")]
struct UnlockPage {
    frame: Frame,
    refused: Option<Html>,
}

/// What the page sends.
#[derive(Deserialize)]
pub(in crate::web) struct Unlock {
    passphrase: Private<String>,
}

pub(in crate::web) async fn page(page: Page) -> Response {
    if !page.desk.way().is_locked() {
        return fault::elsewhere(&page, "start");
    }
    shown(&page, None)
}

pub(in crate::web) async fn unlock(Sent(page, sent): Sent<Unlock>) -> Response {
    match page.ask(Request::Unlock { passphrase: sent.passphrase }).await {
        Ok(_) => fault::elsewhere(&page, "start"),
        Err(Fault::Node(Failure { kind: FailureKind::Locked, what, .. })) => {
            let refused = page.name(&what);
            let mut answer = shown(&page, Some(refused));
            *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            answer
        }
        Err(fault) => fault::answer(&page, fault),
    }
}

/// Locks the node. The page that opens it again stays.
pub(in crate::web) async fn lock(page: Page) -> Response {
    match page.ask(Request::Lock).await {
        Ok(_) => fault::elsewhere(&page, "unlock"),
        Err(fault) => fault::answer(&page, fault),
    }
}

fn shown(page: &Page, refused: Option<Html>) -> Response {
    let frame = page.bare_frame(page.t.say("unlock-title"));
    show(&UnlockPage { frame, refused }).unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}
