//! What waits here: conflicts to settle, differences, what could not be taken in, cases that wait or changed. Each line
//! leads to the case, at the field that it is about.

use crate::case::{FIELDS, Holds, PLAN_FIELDS};
use crate::node::{
    Answer, CaseRow, CircleStatus, ConflictKind, ConflictView, Failure, FailureKind, Request, WorkView,
};
use crate::private::Private;
use crate::web::fault::{self, Fault};
use crate::web::form::Sent;
use crate::web::page::{Frame, Here, May, Page, piece, show};
use crate::web::session::Desk;
use crate::web::shown::Html;
use askama::Template;
use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Cases of each kind that are shown; all others are counted.
const SHOWN: usize = 25;

/// The paths of these pages.
pub(in crate::web) fn routes() -> Router<Desk> {
    Router::new()
        .route("/worklist", get(page))
        .route("/worklist/part", get(part))
        .route("/worklist/settle", post(settle))
}

#[derive(Template)]
#[template(path = "worklist.html")]
struct WorklistPage {
    frame: Frame,
    work: Html,
}

#[derive(Template)]
#[template(path = "worklist_part.html")]
struct Work<'a> {
    page: &'a Page,
    base: String,
    work: WorkView,
    stuck: Vec<CircleStatus>,
    /// What could not be done just now.
    fault: Option<Failure>,
}

async fn page(page: Page) -> Response {
    let shown = async {
        page.only(May::SeeCases)?;
        let work = piece(&work(&page).await?)?;
        let frame = page.frame(Here::Worklist, page.t.say("worklist-title")).await?;
        show(&WorklistPage { frame, work })
    };
    shown.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

async fn part(page: Page) -> Response {
    let shown = async {
        page.only(May::SeeCases)?;
        show(&work(&page).await?)
    };
    shown.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

async fn work(page: &Page) -> Result<Work<'_>, Fault> {
    let Answer::Worklist(work) = page.ask(Request::Worklist { limit: SHOWN }).await? else {
        return Err(page.unexpected());
    };
    let status = page.status().await?;
    let stuck = |circle: &CircleStatus| {
        circle.refused + circle.held + circle.forked > 0 || !circle.waits_for.is_empty()
    };
    let stuck = status.circles.iter().filter(|circle| stuck(circle)).cloned().collect();
    Ok(Work { page, base: page.base(), work: *work, stuck, fault: None })
}

/// Which of the values of a plan field stays.
#[derive(Deserialize)]
struct Settled {
    circle: String,
    case: String,
    key: String,
    take: String,
    /// The values that stood on the page.
    #[serde(default)]
    shown: Vec<String>,
}

async fn settle(Sent(page, sent): Sent<Settled>) -> Response {
    let done = async {
        page.only(May::Settle)?;
        let fault = match settled(&page, sent).await {
            Err(Fault::Node(failure)) if failure.kind != FailureKind::Locked => Some(failure),
            Err(fault) => return Err(fault),
            Ok(()) => None,
        };
        if !page.part && fault.is_none() {
            return Ok(fault::elsewhere(&page, "worklist"));
        }
        let mut work = work(&page).await?;
        work.fault = fault;
        show(&work)
    };
    done.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

async fn settled(page: &Page, sent: Settled) -> Result<(), Fault> {
    let asked = Request::CaseConflicts { circle: Some(sent.circle.clone()), case: Some(sent.case.clone()) };
    let Answer::Conflicts { conflicts } = page.ask(asked).await? else { return Err(page.unexpected()) };
    let now = conflicts.iter().find(|one| one.kind == ConflictKind::Plan && one.field == sent.key);
    let now: BTreeSet<String> =
        now.map(|one| one.values.iter().map(|value| value.item.to_string()).collect()).unwrap_or_default();
    // Nobody settles what they have not seen.
    if now != sent.shown.iter().cloned().collect() {
        return Err(Fault::Node(Failure {
            kind: FailureKind::InUse,
            what: page.t.say("worklist-moved-what"),
            then: page.t.say("worklist-moved-then"),
        }));
    }
    let Settled { circle, case, key, take, .. } = sent;
    page.ask(Request::CaseSettle { circle, case, key, take: Some(take), value: None }).await?;
    Ok(())
}

impl Work<'_> {
    fn stuck_count(&self) -> u64 {
        self.stuck.iter().map(|circle| circle.refused + circle.held + circle.forked).sum()
    }

    fn stuck_number(&self) -> String {
        self.page.t.number(self.stuck_count())
    }

    fn stuck_words(&self) -> String {
        self.page.t.n("worklist-stuck-parts", self.stuck_count())
    }

    fn number(&self, number: &usize) -> String {
        self.page.t.number(*number as u64)
    }

    fn is_idle(&self) -> bool {
        let work = &self.work;
        work.conflict_cases + work.differing_cases + work.waiting_cases + work.changed_cases == 0
            && self.stuck.is_empty()
    }

    /// What a conflict is about: `Leg 2: Border point`.
    fn about(&self, one: &ConflictView) -> Html {
        let t = self.page.t;
        let label = match one.kind {
            ConflictKind::Claim => t.label("field", &one.field),
            ConflictKind::Plan => {
                let (kind, id, field) = key_parts(&one.field);
                let field = t.label("plan", &format!("{kind}.{field}"));
                match id {
                    "" => field,
                    id => format!("{} {id}: {field}", t.label("kind", kind)),
                }
            }
        };
        self.page.name(&label)
    }

    /// A value as people read it: codes by their labels.
    fn said(&self, one: &ConflictView, value: &Private<String>) -> Html {
        let t = self.page.t;
        let (kind, _, field) = key_parts(&one.field);
        let holds = match one.kind {
            ConflictKind::Claim => {
                FIELDS.iter().find(|known| known.code == one.field).map(|known| known.holds)
            }
            ConflictKind::Plan => PLAN_FIELDS
                .iter()
                .find(|known| known.kind == kind && known.field == field)
                .map(|known| known.holds),
        };
        match holds {
            _ if value.is_empty() => self.page.name(&t.say("worklist-empty-value")),
            Some(Holds::Code(_)) if field == "stage" => self.page.name(&t.label("stage", value.reveal())),
            Some(Holds::Code(_)) => self.page.name(&t.label("code", value.reveal())),
            Some(Holds::Date) => self.page.typed_date(value),
            _ => self.page.text(value),
        }
    }

    /// Where on the page of its case it stands: the address, with the sheet and the place in it.
    fn way(&self, one: &ConflictView) -> String {
        let place = match one.kind {
            ConflictKind::Plan => format!("plan-{}-conflicts", one.circle.short()),
            ConflictKind::Claim => format!("f-{}", super::case::slot(&one.field, &one.group)),
        };
        format!("{}/case/{}?circle={}#{place}", self.base, one.case.hex(), one.circle.hex())
    }

    fn key(&self, one: &ConflictView) -> String {
        let family = if one.kind == ConflictKind::Plan { "plan" } else { "field" };
        // Two relatives of one case may differ in the same field.
        let first = one.values.first().map(|value| value.item.short()).unwrap_or_default();
        let field = one.field.replace(['.', '/'], "-");
        format!("{}-{}-{family}-{field}-{first}", one.circle.short(), one.case.short())
    }

    fn row_name(&self, row: &CaseRow) -> Html {
        match row.names.first() {
            Some(name) => self.page.text(name),
            None => self.page.name(&self.page.t.say("cases-no-name")),
        }
    }

    fn is_urgent(&self, row: &CaseRow) -> bool {
        matches!(row.urgency.reveal().as_str(), "urgent" | "critical")
    }

    fn stage(&self, code: &Private<String>) -> Html {
        self.page.name(&self.page.t.label("stage", code.reveal()))
    }

    fn waits_for(&self, circle: &CircleStatus) -> String {
        self.page.t.list(&circle.waits_for)
    }
}

fn key_parts(key: &str) -> (&str, &str, &str) {
    let mut parts = key.splitn(3, '/');
    let mut next = || parts.next().unwrap_or_default();
    (next(), next(), next())
}
