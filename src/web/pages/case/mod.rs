//! A case: one page, with everything that its readers know of it.
//!
//! One circle's sheet is shown at a time, under a band that says in words and colour who reads it, before anything is
//! typed; the head speaks of all sheets. The page keeps itself up to date: its parts are fetched anew when the case
//! changes, and a form that is open then stays as it is ([`form`]).

mod disclose;
mod export;
mod form;
mod head;
mod view;

use super::plan;
use crate::case::SheetView;
use crate::id::PartnerId;
use crate::node::{Answer, CaseView, CircleView, NamedSheet, PartnerCircle, Request, StatusView};
use crate::private::Private;
use crate::time::Millis;
use crate::web::fault::{self, Fault};
use crate::web::page::{Frame, Here, May, Page, piece, show};
use crate::web::session::Desk;
use crate::web::shown::Html;
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use axum::routing::{get, post};
use head::Head;
use serde::Deserialize;
pub(super) use view::slot;
use view::{FieldPart, Making, Past, SheetPart};

/// The paths of these pages.
pub(in crate::web) fn routes() -> Router<Desk> {
    Router::new()
        .route("/case/{id}", get(page))
        .route("/case/{id}/head", get(head))
        .route("/case/{id}/body", get(body))
        .route("/case/{id}/sent", get(sent))
        .route("/case/{id}/claims", get(claims))
        .route("/case/{id}/form", get(form::open))
        .route("/case/{id}/claim", post(form::claim))
        .route("/case/{id}/withdraw", get(form::withdraw_form).post(form::withdraw))
        .route("/case/{id}/prefer", post(form::prefer))
        .route("/case/{id}/same", get(form::same_form).post(form::same))
        .route("/case/{id}/disclose", get(disclose::page).post(disclose::tell))
        .route("/case/{id}/disclose/look", post(disclose::look))
        .route("/case/{id}/export", get(export::page).post(export::take))
        .route("/case/{id}/print", get(export::paper))
}

/// Which case a path names.
#[derive(Deserialize)]
struct InCase {
    id: String,
}

/// Which circle's sheet is shown, and since when things are new.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    circle: String,
    since: String,
}

/// A case as it was loaded for a page.
struct Loaded {
    case: CaseView,
    own: PartnerId,
    /// Circles that can be written in.
    open: Vec<CircleView>,
    /// The sheet that is shown.
    chosen: usize,
    since: Millis,
}

impl Loaded {
    async fn load(page: &Page, id: &str, asked: &Asked) -> Result<Self, Fault> {
        page.only(May::SeeCases)?;
        let case = Request::CaseShow { case: id.to_owned(), circle: None };
        let Answer::Case(case) = page.ask(case).await? else { return Err(page.unexpected()) };
        let Answer::Info(info) = page.ask(Request::Info).await? else { return Err(page.unexpected()) };
        let open = super::cases::circles(page).await?;
        let chosen = chosen(&case.sheets, &asked.circle);
        let since = asked.since.parse().map_or(page.now(), Millis);
        Ok(Self { case, own: info.partner, open, chosen, since })
    }

    fn id(&self) -> String {
        self.case.case.hex()
    }

    fn making<'a>(&'a self, page: &'a Page) -> Making<'a> {
        Making { page, case: &self.case, own: self.own, since: self.since }
    }

    fn named(&self) -> Option<&NamedSheet> {
        self.case.sheets.get(self.chosen)
    }

    fn sheet(&self) -> Option<&SheetView> {
        self.named().and_then(|named| named.sheet.as_ref())
    }

    /// The circle whose sheet is shown, in hex.
    fn circle(&self) -> String {
        self.sheet().map(|sheet| sheet.circle.hex()).unwrap_or_default()
    }

    fn part(&self, page: &Page) -> Result<SheetPart, Fault> {
        let named = self.named().ok_or_else(|| page.unexpected())?;
        Ok(self.making(page).sheet(named))
    }

    /// Whether whoever sits there may write on the sheet that is shown.
    fn writes(&self, page: &Page) -> bool {
        let here = self.sheet().map(|sheet| sheet.circle);
        page.may(May::Claim) && self.open.iter().any(|circle| Some(circle.circle) == here)
    }
}

/// The sheet of the circle that is asked for; else the one with the most to say.
fn chosen(sheets: &[NamedSheet], circle: &str) -> usize {
    let said = |named: &NamedSheet| named.sheet.as_ref().map_or(0, |sheet| sheet.current().count());
    let is_asked =
        |named: &NamedSheet| named.sheet.as_ref().is_some_and(|sheet| sheet.circle.hex() == circle);
    let most = (0..sheets.len()).rev().max_by_key(|at| sheets.get(*at).map(said));
    sheets.iter().position(is_asked).or(most).unwrap_or_default()
}

#[derive(Template)]
#[template(path = "case.html")]
struct CasePage<'a> {
    frame: Frame,
    page: &'a Page,
    id: String,
    circle: String,
    since: Millis,
    tabs: Vec<Tab>,
    head: Html,
    plan: Html,
    body: Html,
}

/// A circle that knows of the case.
struct Tab {
    circle: String,
    name: Private<String>,
    readers: Vec<String>,
    colour: usize,
    is_here: bool,
    fresh: usize,
}

#[derive(Template)]
#[template(path = "case_head.html")]
struct HeadPart<'a> {
    page: &'a Page,
    base: String,
    id: String,
    circle: String,
    head: Head,
}

#[derive(Template)]
#[template(path = "case_body.html")]
struct BodyPart<'a> {
    page: &'a Page,
    base: String,
    id: String,
    part: SheetPart,
    writes: bool,
    sent: Html,
    since: Millis,
}

#[derive(Template)]
#[template(path = "case_claims.html")]
struct ClaimsPart<'a> {
    page: &'a Page,
    base: String,
    id: String,
    field: FieldPart,
    writes: bool,
}

#[derive(Template)]
#[template(path = "case_sent.html")]
struct SentPart<'a> {
    page: &'a Page,
    base: String,
    id: String,
    /// Each reader elsewhere, and what of ours it has not confirmed.
    readers: Vec<Reached>,
}

/// How far one reader is.
struct Reached {
    partner: String,
    /// Edits and parcels that it has not signed for.
    waits: u64,
    confirmed: Option<Millis>,
}

async fn page(page: Page, Path(path): Path<InCase>, Query(asked): Query<Asked>) -> Response {
    case_page(&page, &path.id, asked).await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

/// Whoever sits there looks at a case now; when they last did. To write that down is left for after the page.
async fn looked(page: &Page, id: &str) -> Result<Option<Millis>, Fault> {
    let visit = Request::DeskVisit { case: id.to_owned() };
    let Answer::Visited { before } = page.ask(visit).await? else { return Err(page.unexpected()) };
    page.ask_later(Request::DeskKeep);
    Ok(before)
}

async fn case_page(page: &Page, id: &str, mut asked: Asked) -> Result<Response, Fault> {
    page.only(May::SeeCases)?;
    let before = looked(page, id).await?;
    // What was not there at the first look of all is new; before that nothing is: all of it would be.
    if let (true, Some(before)) = (asked.since.is_empty(), before) {
        asked.since = before.0.to_string();
    }
    let loaded = Loaded::load(page, id, &asked).await?;
    let making = loaded.making(page);
    let tabs = loaded.case.sheets.iter().enumerate().map(|(at, named)| {
        let sheet = named.sheet.as_ref();
        let claims = sheet.iter().flat_map(|sheet| &sheet.claims);
        Tab {
            circle: sheet.map(|sheet| sheet.circle.hex()).unwrap_or_default(),
            name: named.circle_name.clone(),
            readers: named.readers.clone(),
            colour: view::colour(at),
            is_here: at == loaded.chosen,
            fresh: claims.filter(|claim| making.is_fresh(&claim.written)).count(),
        }
    });
    let tabs: Vec<Tab> = tabs.collect();
    // The plan of the sheet that is shown: its form must say who reads it, too.
    let shown = CaseView { sheets: loaded.named().cloned().into_iter().collect(), ..loaded.case.clone() };
    let plan = plan::section(page, &shown)?;
    let head = piece(&head_part(page, &loaded))?;
    let body = piece(&body_part(page, &loaded).await?)?;
    let title = loaded.case.title.first().map(|name| page.plain(name));
    let mut frame = page
        .frame(Here::Cases, title.unwrap_or_else(|| page.t.s("case-short", loaded.case.case.short())))
        .await?;
    frame.case = loaded.id();
    let (id, circle, since) = (loaded.id(), loaded.circle(), loaded.since);
    show(&CasePage { frame, page, id, circle, since, tabs, head, plan, body })
}

async fn head(page: Page, Path(path): Path<InCase>, Query(asked): Query<Asked>) -> Response {
    let shown = async {
        let loaded = Loaded::load(&page, &path.id, &asked).await?;
        show(&head_part(&page, &loaded))
    };
    shown.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

fn head_part<'a>(page: &'a Page, loaded: &Loaded) -> HeadPart<'a> {
    let head = loaded.making(page).head();
    HeadPart { page, base: page.base(), id: loaded.id(), circle: loaded.circle(), head }
}

async fn body(page: Page, Path(path): Path<InCase>, Query(asked): Query<Asked>) -> Response {
    let shown = async {
        let loaded = Loaded::load(&page, &path.id, &asked).await?;
        show(&body_part(&page, &loaded).await?)
    };
    shown.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

async fn body_part<'a>(page: &'a Page, loaded: &Loaded) -> Result<BodyPart<'a>, Fault> {
    let sent = piece(&sent_part(page, loaded).await?)?;
    let (part, writes) = (loaded.part(page)?, loaded.writes(page));
    Ok(BodyPart { page, base: page.base(), id: loaded.id(), part, writes, sent, since: loaded.since })
}

/// Of which field everything is wanted that was ever said.
#[derive(Default, Deserialize)]
#[serde(default)]
struct OfField {
    field: String,
    group: String,
    #[serde(flatten)]
    asked: Asked,
}

/// Everything that was said of one field, with source and time: most of a case's text, and seldom looked at.
async fn claims(page: Page, Path(path): Path<InCase>, Query(of): Query<OfField>) -> Response {
    let shown = async {
        let loaded = Loaded::load(&page, &path.id, &of.asked).await?;
        let fields = loaded.part(&page)?.sections.into_iter().flat_map(|section| section.groups);
        let mut fields = fields.flat_map(|group| group.fields);
        let field = fields.find(|field| field.code == of.field && field.group == of.group);
        let field = field.ok_or(Fault::NoPage)?;
        show(&ClaimsPart {
            page: &page,
            base: page.base(),
            id: loaded.id(),
            field,
            writes: loaded.writes(&page),
        })
    };
    shown.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

/// The sheet after something was written on it.
async fn body_again(page: &Page, id: &str, asked: &Asked) -> Result<Response, Fault> {
    // Whoever writes looks at it.
    looked(page, id).await?;
    if !page.part {
        return Ok(fault::elsewhere(
            page,
            &format!("case/{id}?circle={}&since={}", asked.circle, asked.since),
        ));
    }
    let loaded = Loaded::load(page, id, asked).await?;
    show(&body_part(page, &loaded).await?)
}

async fn sent(page: Page, Path(path): Path<InCase>, Query(asked): Query<Asked>) -> Response {
    let shown = async {
        let loaded = Loaded::load(&page, &path.id, &asked).await?;
        show(&sent_part(&page, &loaded).await?)
    };
    shown.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

async fn sent_part<'a>(page: &'a Page, loaded: &Loaded) -> Result<SentPart<'a>, Fault> {
    let status = page.status().await?;
    let readers = loaded.named().map(|named| reached(status, named)).unwrap_or_default();
    Ok(SentPart { page, base: page.base(), id: loaded.id(), readers })
}

/// How far each other reader of a sheet's circle is, from what it signed.
fn reached(status: &StatusView, named: &NamedSheet) -> Vec<Reached> {
    let here = |circle: &&PartnerCircle| circle.circle_name == named.circle_name;
    let readers = status.partners.iter().filter(|partner| named.readers.contains(&partner.partner));
    let each = readers.filter_map(|partner| {
        let circle = partner.circles.iter().find(here)?;
        let waits = circle.lacks + circle.waiting_edits;
        Some(Reached { partner: partner.partner.clone(), waits, confirmed: circle.confirmed_at })
    });
    each.collect()
}

impl HeadPart<'_> {
    fn label(&self, family: &str, code: &Private<String>) -> String {
        self.page.t.label(family, code.reveal())
    }

    fn is_urgent(&self, code: &Private<String>) -> bool {
        code.reveal() != "normal"
    }

    /// `11 or 12`, `9 to 12`.
    fn age(&self) -> Option<String> {
        let t = self.page.t;
        self.head.age.map(|(least, most)| match most - least {
            0 => t.n("case-age", most),
            1 => t.ns("case-age-or", most, t.number(least)),
            _ => t.ns("case-age-to", most, t.number(least)),
        })
    }
}

impl BodyPart<'_> {
    /// What begins another relative, stay, action or document.
    fn add_kind(&self, kind: &str) -> String {
        let t = self.page.t;
        match kind {
            "relative" => t.say("case-add-relative"),
            "whereabouts" => t.say("case-add-whereabouts"),
            "tracing" => t.say("case-add-tracing"),
            "document" => t.say("case-add-document"),
            _ => t.say("case-add"),
        }
    }
}

impl CasePage<'_> {
    fn several(&self) -> bool {
        self.tabs.len() > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::PartnerStatus;

    fn status(lacks: u64, waiting_edits: u64) -> StatusView {
        let circle = |name: &str| PartnerCircle {
            circle_name: name.into(),
            lacks,
            waiting_edits,
            confirmed_at: Some(Millis(7)),
            ..PartnerCircle::default()
        };
        let partner = |name: &str| PartnerStatus {
            partner: name.into(),
            circles: vec![circle("families"), circle("list")],
            ..PartnerStatus::default()
        };
        StatusView { partners: vec![partner("doha"), partner("moscow")], ..StatusView::default() }
    }

    #[test]
    fn only_readers_of_the_circle_are_waited_for() {
        let named = NamedSheet {
            circle_name: "families".into(),
            readers: vec!["doha".into(), "kyiv".into()],
            sheet: None,
        };
        let waits = |status| {
            let all = reached(&status, &named).into_iter();
            all.map(|one| (one.partner, one.waits)).collect::<Vec<_>>()
        };
        assert_eq!(waits(status(2, 1)), vec![("doha".to_owned(), 3)]);
        assert_eq!(waits(status(0, 0)), vec![("doha".to_owned(), 0)]);
    }
}
