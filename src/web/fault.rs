//! What went wrong, as a page says it: what happened, then what to do. Strangers hear nothing.

use super::page::Page;
use super::shown::Html;
use super::texts::Language;
use crate::node::{Failure, FailureKind};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html as HtmlBody, IntoResponse, Redirect, Response};

/// Why a page could not be shown.
#[derive(Debug)]
pub(super) enum Fault {
    /// The node said why.
    Node(Failure),
    /// Nobody said yet who sits there.
    WhoIsThere,
    /// The role of whoever sits there does not do this.
    NotYourRole,
    /// What was sent cannot be read.
    Form,
    /// There is no such page.
    NoPage,
    /// A template failed: our own mistake.
    Template,
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::Node(failure)
    }
}

/// The code of a kind of failure: the key of its heading.
pub(super) fn code(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::NotFound => "not_found",
        FailureKind::BadInput => "bad_input",
        FailureKind::NotAllowed => "not_allowed",
        FailureKind::Unreachable => "unreachable",
        FailureKind::Disk => "disk",
        FailureKind::InUse => "in_use",
        FailureKind::Locked => "locked",
        FailureKind::Damaged => "damaged",
        FailureKind::Internal => "internal",
    }
}

/// A fault in words.
pub(super) struct Told {
    pub(super) heading: String,
    /// What to do, in the reader's language, where the node's own words are in another.
    pub(super) remedy: Option<String>,
    /// The language of the words below.
    pub(super) lang: &'static str,
    pub(super) dir: &'static str,
    pub(super) what: Html,
    pub(super) then: Html,
}

/// What the node says went wrong: it says it in English.
pub(super) fn told(page: &Page, failure: &Failure) -> Told {
    let (t, kind) = (page.t, code(failure.kind));
    Told {
        heading: t.label("fault", kind),
        remedy: (t.language() != Language::English).then(|| t.label("remedy", kind)),
        lang: Language::English.code(),
        dir: Language::English.direction(),
        what: page.name(&failure.what),
        then: page.name(&failure.then),
    }
}

#[derive(Template)]
#[template(path = "fault.html")]
struct FaultPage<'a> {
    frame: super::page::Frame,
    told: Told,
    page: &'a Page,
}

#[derive(Template)]
#[template(path = "fault_part.html")]
struct FaultPart {
    told: Told,
}

/// A fault as an answer: a page of its own, or a part that stands where the answer would have stood.
pub(super) fn answer(page: &Page, fault: Fault) -> Response {
    let status = match &fault {
        Fault::Node(Failure { kind: FailureKind::Locked, .. }) => return elsewhere(page, "unlock"),
        Fault::WhoIsThere => return elsewhere(page, "operator"),
        Fault::Node(failure) => match failure.kind {
            FailureKind::NotFound => StatusCode::NOT_FOUND,
            FailureKind::BadInput => StatusCode::UNPROCESSABLE_ENTITY,
            FailureKind::NotAllowed => StatusCode::FORBIDDEN,
            FailureKind::InUse | FailureKind::Unreachable => StatusCode::CONFLICT,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        },
        Fault::NotYourRole => StatusCode::FORBIDDEN,
        Fault::Form => StatusCode::UNPROCESSABLE_ENTITY,
        Fault::NoPage => StatusCode::NOT_FOUND,
        Fault::Template => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let t = page.t;
    let ours = |heading: &str, what: &str, then: &str| Told {
        heading: t.say(heading),
        remedy: None,
        lang: t.language().code(),
        dir: t.language().direction(),
        what: page.name(&t.say(what)),
        then: page.name(&t.say(then)),
    };
    let told = match fault {
        Fault::Node(failure) => told(page, &failure),
        Fault::NotYourRole => ours("wrong-role", "wrong-role-what", "wrong-role-then"),
        Fault::Form => ours("wrong-form", "wrong-form-what", "wrong-form-then"),
        Fault::NoPage => ours("wrong-page", "wrong-page-what", "wrong-page-then"),
        Fault::WhoIsThere | Fault::Template => ours("wrong-ours", "wrong-ours-what", "wrong-ours-then"),
    };
    let made = match page.part {
        true => FaultPart { told }.render(),
        false => FaultPage { frame: page.bare_frame(told.heading.clone()), told, page }.render(),
    };
    match made {
        Ok(html) => (status, HtmlBody(html)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Another page is to be seen first. A part of a page sends the whole page there.
pub(super) fn elsewhere(page: &Page, path: &str) -> Response {
    let to = format!("{}/{path}", page.base());
    match page.part {
        true => ([("hx-redirect", to)], StatusCode::NO_CONTENT).into_response(),
        false => Redirect::to(&to).into_response(),
    }
}

/// To whoever has no session: that there is one way in, and nothing else.
pub(super) fn no_session() -> Response {
    const PAGE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Homeward</title>\
                        <link rel=\"stylesheet\" href=\"/a/desk.css\"><body class=\"alone\"><main>\
                        <h1>Homeward</h1><p>This page is not open here. Type <code>homeward open</code> on this \
                        machine: it gives a link that opens the desk once.</p></main></body></html>";
    (StatusCode::NOT_FOUND, [("hx-refresh", "true")], HtmlBody(PAGE)).into_response()
}
