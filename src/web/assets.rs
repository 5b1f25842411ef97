//! What pages are made with besides text: styles and scripts, part of the program.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

const ASSETS: [(&str, &str, &[u8]); 13] = [
    ("desk.css", CSS, include_bytes!("assets/desk.css")),
    ("desk.js", JS, include_bytes!("assets/desk.js")),
    ("case.css", CSS, include_bytes!("assets/case.css")),
    ("case.js", JS, include_bytes!("assets/case.js")),
    ("plan.css", CSS, include_bytes!("assets/plan.css")),
    ("plan.js", JS, include_bytes!("assets/plan.js")),
    ("partners.css", CSS, include_bytes!("assets/partners.css")),
    ("partners.js", JS, include_bytes!("assets/partners.js")),
    ("work.css", CSS, include_bytes!("assets/work.css")),
    ("work.js", JS, include_bytes!("assets/work.js")),
    ("htmx.js", JS, include_bytes!("assets/htmx-2.0.11.min.js")),
    ("idiomorph.js", JS, include_bytes!("assets/idiomorph-ext-0.8.0.min.js")),
    ("icon.svg", SVG, include_bytes!("assets/icon.svg")),
];

/// An asset by its name. They hold nobody's words, so browsers may keep them for an hour.
pub(super) async fn asset(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|(known, ..)| *known == name) {
        Some((_, media, bytes)) => {
            ([("content-type", *media), ("cache-control", "max-age=3600")], *bytes).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
