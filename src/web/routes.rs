//! Which path shows which page.

use super::session::Desk;
use super::{assets, fault, guard, news, pages};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// All of the desk.
pub(super) fn all(desk: Desk) -> Router {
    let session = pages::all()
        .route("/events", get(news::events))
        .fallback(no_page)
        .layer(from_fn_with_state(desk.clone(), guard::session));
    Router::new()
        .route("/open/{token}", get(pages::enter::enter))
        .route("/a/{name}", get(assets::asset))
        .nest("/d/{session}", session)
        .fallback(nothing)
        // Bodies are bounded where they are read.
        .layer(DefaultBodyLimit::disable())
        .layer(map_response(plain_refusals))
        .layer(from_fn_with_state(desk.clone(), guard::everything))
        .with_state(desk)
}

async fn no_page(page: super::page::Page) -> Response {
    fault::answer(&page, fault::Fault::NoPage)
}

async fn nothing() -> Response {
    fault::no_session()
}

/// What the server itself refuses is told without details: they may quote what was sent.
async fn plain_refusals(answer: Response) -> Response {
    match answer.status() {
        StatusCode::METHOD_NOT_ALLOWED | StatusCode::BAD_REQUEST | StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            // Nor does it take the place of what stands on the page.
            (answer.status(), [("hx-reswap", "none")]).into_response()
        }
        _ => answer,
    }
}
