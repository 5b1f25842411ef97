//! Language and look: one click, kept for whoever sits there.

use crate::node::Request;
use crate::private::Private;
use crate::web::fault;
use crate::web::form::Sent;
use crate::web::session::{Session, Theme};
use crate::web::texts::Language;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

/// What somebody chose, as it is kept at the desk.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Kept {
    language: String,
    theme: String,
}

impl Kept {
    /// Under which name it is kept.
    pub(in crate::web) const KEY: &'static str = "settings";

    /// Reads what was kept; nothing if another version wrote it.
    pub(in crate::web) fn read(text: &Private<String>) -> Self {
        serde_json::from_str(text.reveal()).unwrap_or_default()
    }

    /// Puts it into a session.
    pub(in crate::web) fn apply(&self, session: &mut Session) {
        session.language = Language::of_code(&self.language).or(session.language);
        session.theme = match self.theme.as_str() {
            "light" => Theme::Light,
            "dark" => Theme::Dark,
            "system" => Theme::System,
            _ => session.theme,
        };
    }
}

/// Takes a choice and comes back to the page that is open.
pub(in crate::web) async fn change(Sent(page, sent): Sent<Kept>) -> Response {
    let mut session = page.session.clone();
    sent.apply(&mut session);
    page.desk.change(&page.session, |known| sent.apply(known));
    if session.operator.is_some() {
        let theme = match session.theme {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        };
        let language = session.language.map(Language::code).unwrap_or_default().to_owned();
        let kept = Kept { language, theme: theme.to_owned() };
        let text = Private::new(serde_json::to_string(&kept).unwrap_or_default());
        // Kept for the next time; that it could not be is no reason to refuse it now.
        let _ = page.ask(Request::DeskWrite { key: Kept::KEY.into(), text }).await;
    }
    match page.part {
        true => ([("hx-refresh", "true")], StatusCode::NO_CONTENT).into_response(),
        false => fault::elsewhere(&page, "start"),
    }
}
