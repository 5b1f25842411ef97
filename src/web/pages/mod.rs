//! The pages, one file each.

pub(super) mod case;
pub(super) mod cases;
pub(super) mod enter;
pub(super) mod history;
pub(super) mod import;
pub(super) mod links;
pub(super) mod operator;
pub(super) mod overview;
pub(super) mod partners;
pub(super) mod plan;
pub(super) mod settings;
pub(super) mod unlock;
pub(super) mod worklist;

use super::session::Desk;
use axum::Router;
use axum::routing::{get, post};

/// All pages of a session.
pub(super) fn all() -> Router<Desk> {
    Router::new()
        .route("/start", get(enter::first))
        .route("/unlock", get(unlock::page).post(unlock::unlock))
        .route("/lock", post(unlock::lock))
        .route("/operator", get(operator::page).post(operator::choose))
        .route("/links", get(links::part))
        .route("/settings", post(settings::change))
        .route("/cases", get(cases::page))
        .route("/cases/rows", get(cases::rows))
        .route("/cases/new", get(cases::new_form).post(cases::new))
        .route("/cases/export", post(cases::export))
        .route("/cases/filters", post(cases::keep_filter))
        .merge(case::routes())
        .merge(plan::routes())
        .merge(history::routes())
        .merge(worklist::routes())
        .merge(partners::routes())
        .merge(import::routes())
        .merge(overview::routes())
}
