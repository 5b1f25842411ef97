//! What pages are made with besides text: styles and scripts, part of the program.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// All styles as one: a page waits for each file that it names.
const STYLES: &str = concat!(
    include_str!("assets/desk.css"),
    include_str!("assets/case.css"),
    include_str!("assets/plan.css"),
    include_str!("assets/partners.css"),
    include_str!("assets/work.css"),
);

/// All scripts as one; the libraries first. Strict as each is by itself, where its own word for it stands first.
const SCRIPTS: &str = concat!(
    "\"use strict\";\n",
    include_str!("assets/htmx-2.0.11.min.js"),
    "\n",
    include_str!("assets/idiomorph-ext-0.8.0.min.js"),
    "\n",
    include_str!("assets/desk.js"),
    include_str!("assets/open.js"),
    include_str!("assets/case.js"),
    include_str!("assets/plan.js"),
    include_str!("assets/partners.js"),
    include_str!("assets/work.js"),
);

const ASSETS: [(&str, &str, &[u8]); 3] = [
    ("desk.css", CSS, STYLES.as_bytes()),
    ("desk.js", JS, SCRIPTS.as_bytes()),
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
