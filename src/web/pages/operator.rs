//! Who sits at the machine: every edit carries their name, and their role bounds what the desk offers.

use super::settings::Kept;
use crate::node::{Answer, Asked, Duty, OperatorView, Request};
use crate::private::Private;
use crate::web::fault::{self, Fault};
use crate::web::form::Sent;
use crate::web::page::{Frame, Page, show};
use crate::web::shown::{self, Html};
use askama::Template;
use axum::response::Response;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "operator.html")]
struct OperatorPage<'a> {
    frame: Frame,
    page: &'a Page,
    known: Vec<OperatorView>,
    roles: [Duty; 5],
}

/// What the page sends: somebody known, or a new name with a role.
#[derive(Deserialize)]
pub(in crate::web) struct Choice {
    name: Private<String>,
    #[serde(default)]
    role: Option<Duty>,
}

pub(in crate::web) async fn page(page: Page) -> Response {
    shown_page(&page).await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

async fn shown_page(page: &Page) -> Result<Response, Fault> {
    let known = operators(page).await?;
    let frame = page.bare_frame(page.t.say("operator-title"));
    show(&OperatorPage { frame, page, known, roles: Duty::ALL })
}

async fn operators(page: &Page) -> Result<Vec<OperatorView>, Fault> {
    match page.ask(Request::OperatorList).await? {
        Answer::Operators { operators } => Ok(operators),
        _ => Err(page.unexpected()),
    }
}

pub(in crate::web) async fn choose(Sent(page, choice): Sent<Choice>) -> Response {
    match chosen(&page, choice).await {
        Ok(()) => fault::elsewhere(&page, "start"),
        Err(fault) => fault::answer(&page, fault),
    }
}

async fn chosen(page: &Page, choice: Choice) -> Result<(), Fault> {
    let name = Private::new(choice.name.reveal().trim().to_owned());
    if let Some(role) = choice.role {
        page.ask(Request::OperatorPut { name: name.clone(), role }).await?;
    }
    let known = operators(page).await?.into_iter().find(|known| known.name == name).ok_or(Fault::Form)?;
    // What they keep here comes back with them.
    let asked = Asked { operator: name, request: Request::DeskRead { key: Kept::KEY.into() } };
    let kept = match page.desk.way().ask(asked).await?.last {
        Answer::DeskNote { text: Some(text) } => Kept::read(&text),
        _ => Kept::default(),
    };
    page.desk.change(&page.session, |session| {
        session.operator = Some(known);
        kept.apply(session);
    });
    Ok(())
}

impl OperatorPage<'_> {
    fn value(&self, text: &Private<String>) -> Html {
        shown::value(text)
    }
}
