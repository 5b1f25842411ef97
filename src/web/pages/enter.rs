//! The way in: a link opens the desk once, and gives this browser a session.

use crate::web::fault;
use crate::web::page::{May, Page};
use crate::web::session::{COOKIE, Desk};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// Takes the link's token and gives the session's two secrets for it: the path to go to, and a cookie bound to it.
pub(in crate::web) async fn enter(State(desk): State<Desk>, Path(token): Path<String>) -> Response {
    let Some(entered) = desk.enter(&token) else { return fault::no_session() };
    let cookie = format!("{COOKIE}={}; Path=/d/{}; HttpOnly; SameSite=Strict", entered.cookie, entered.path);
    // By a page of its own: a browser that came from another program sends a strict cookie only on the next step.
    let to = format!("/d/{}/start", entered.path);
    (StatusCode::SEE_OTHER, [("location", to), ("set-cookie", cookie)]).into_response()
}

/// The first page: to unlock, to say who is there, else what their role works with.
pub(in crate::web) async fn first(page: Page) -> Response {
    let to = if page.desk.way().is_locked() {
        "unlock"
    } else if page.session.operator.is_none() {
        "operator"
    } else if page.may(May::SeeCases) {
        "cases"
    } else {
        "overview"
    };
    fault::elsewhere(&page, to)
}
