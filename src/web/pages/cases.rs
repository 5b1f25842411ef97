//! The list of cases: filters as you type, scrolls through all of them, a part at a time.

use crate::case::STAGES;
use crate::node::{
    Answer, CaseFilter, CaseOrder, CaseRow, CircleView, ClaimIn, Request, TableWanted, Written,
};
use crate::private::Private;
use crate::web::dates;
use crate::web::fault::{self, Fault};
use crate::web::form::Sent;
use crate::web::handed::{self, Sheet};
use crate::web::page::{Frame, Here, May, Page, piece, show};
use crate::web::shown::{self, Html};
use crate::web::texts::Texts;
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::{Deserialize, Serialize};

/// Rows in one part of the list: twice what a usual window shows, so that a key pressed in the filter is answered at once.
const PART_ROWS: usize = 30;
/// Filters that one person keeps.
const KEPT_FILTERS: usize = 30;

/// A filter as the page's form sends it: everything is text, and empty fields ask for nothing.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Form {
    pub(in crate::web) q: Private<String>,
    circle: String,
    stage: String,
    from: String,
    to: String,
    differs: String,
    conflict: String,
    changed: String,
    waiting: String,
    order: String,
    #[serde(skip_serializing)]
    skip: usize,
    /// The kept filter's name, when one is kept.
    #[serde(skip_serializing)]
    name: Private<String>,
    /// For whom, what for and in which form, when the list is handed out.
    #[serde(skip_serializing)]
    recipient: Private<String>,
    #[serde(skip_serializing)]
    purpose: Private<String>,
    #[serde(skip_serializing)]
    kind: String,
}

impl Form {
    fn filter(&self) -> CaseFilter {
        let is_on = |field: &str| !field.is_empty();
        CaseFilter {
            text: self.q.clone(),
            circle: is_on(&self.circle).then(|| self.circle.clone()),
            stage: self.stage.clone(),
            born_from: self.from.trim().parse().ok(),
            born_to: self.to.trim().parse().ok(),
            differs: is_on(&self.differs),
            conflict: is_on(&self.conflict),
            changed: is_on(&self.changed),
            waiting: is_on(&self.waiting),
            order: match self.order.as_str() {
                "changed" => CaseOrder::Changed,
                "number" => CaseOrder::Number,
                _ => CaseOrder::Name,
            },
        }
    }
}

/// A filter that somebody keeps under a name.
#[derive(Clone, Serialize, Deserialize)]
struct KeptFilter {
    name: Private<String>,
    form: Form,
}

const KEPT: &str = "filters";

#[derive(Template)]
#[template(path = "cases.html")]
struct CasesPage<'a> {
    frame: Frame,
    page: &'a Page,
    form: Form,
    circles: Vec<CircleView>,
    kept: Vec<KeptFilter>,
    rows: Html,
}

#[derive(Template)]
#[template(path = "cases_rows.html")]
struct Rows<'a> {
    page: &'a Page,
    base: String,
    total: usize,
    skip: usize,
    cases: Vec<CaseRow>,
}

#[derive(Template)]
#[template(path = "case_new.html")]
struct NewPage<'a> {
    frame: Frame,
    page: &'a Page,
    circles: Vec<CircleView>,
}

pub(in crate::web) async fn page(page: Page, Query(form): Query<Form>) -> Response {
    cases_page(&page, form).await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

async fn cases_page(page: &Page, form: Form) -> Result<Response, Fault> {
    page.only(May::SeeCases)?;
    let rows = piece(&some_rows(page, &form).await?)?;
    let frame = page.frame(Here::Cases, page.t.say("cases-title")).await?;
    show(&CasesPage { frame, page, rows, circles: circles(page).await?, kept: kept(page).await?, form })
}

/// A part of the list: what scrolling and typing ask for.
pub(in crate::web) async fn rows(page: Page, Query(form): Query<Form>) -> Response {
    let shown = async {
        page.only(May::SeeCases)?;
        show(&some_rows(&page, &form).await?)
    };
    shown.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

async fn some_rows<'a>(page: &'a Page, form: &Form) -> Result<Rows<'a>, Fault> {
    let request = Request::CaseFilter { filter: form.filter(), skip: form.skip, limit: PART_ROWS };
    let Answer::CaseList { total, cases } = page.ask(request).await? else { return Err(page.unexpected()) };
    Ok(Rows { page, base: page.base(), total, skip: form.skip, cases })
}

/// The circles that cases can be opened in, by name.
pub(in crate::web) async fn circles(page: &Page) -> Result<Vec<CircleView>, Fault> {
    let Answer::Circles { circles } = page.ask(Request::CircleList).await? else {
        return Err(page.unexpected());
    };
    Ok(circles.into_iter().filter(CircleView::is_open).collect())
}

async fn kept(page: &Page) -> Result<Vec<KeptFilter>, Fault> {
    let Answer::DeskNote { text } = page.ask(Request::DeskRead { key: KEPT.into() }).await? else {
        return Err(page.unexpected());
    };
    Ok(text.and_then(|text| serde_json::from_str(text.reveal()).ok()).unwrap_or_default())
}

/// Keeps the filter under a name; without fields under that name, forgets it.
pub(in crate::web) async fn keep_filter(Sent(page, form): Sent<Form>) -> Response {
    let done = async {
        page.only(May::SeeCases)?;
        let mut filters = kept(&page).await?;
        let name = form.name.clone();
        filters.retain(|kept| kept.name != name);
        let bare = Form { name: Private::default(), ..form };
        if bare != Form::default() && !name.reveal().trim().is_empty() && filters.len() < KEPT_FILTERS {
            filters.push(KeptFilter { name, form: bare });
        }
        let text = Private::new(serde_json::to_string(&filters).map_err(|_| Fault::Template)?);
        page.ask(Request::DeskWrite { key: KEPT.into(), text }).await
    };
    match done.await {
        Ok(_) => fault::elsewhere(&page, "cases"),
        Err(fault) => fault::answer(&page, fault),
    }
}

pub(in crate::web) async fn new_form(page: Page) -> Response {
    let shown = async {
        page.only(May::Claim)?;
        let frame = page.frame(Here::Cases, page.t.say("new-title")).await?;
        show(&NewPage { frame, page: &page, circles: circles(&page).await? })
    };
    shown.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

/// A new case as the page's form sends it.
#[derive(Deserialize)]
pub(in crate::web) struct NewCase {
    circle: String,
    #[serde(default)]
    surname: Private<String>,
    #[serde(default)]
    given: Private<String>,
    #[serde(default)]
    patronymic: Private<String>,
    #[serde(default)]
    born: Private<String>,
    #[serde(default)]
    number: Private<String>,
    #[serde(default)]
    source: Private<String>,
}

impl NewCase {
    fn claims(&self) -> Vec<ClaimIn> {
        let trimmed = |text: &Private<String>| text.reveal().trim().to_owned();
        let name = match (trimmed(&self.surname), trimmed(&self.given), trimmed(&self.patronymic)) {
            (surname, given, _) if surname.is_empty() && given.is_empty() => String::new(),
            (surname, given, patronymic) => format!("{surname}, {given} {patronymic}"),
        };
        let claims =
            [("name", name), ("birth_date", trimmed(&self.born)), ("outside_id", trimmed(&self.number))];
        let given = claims.into_iter().filter(|(_, value)| !value.is_empty());
        let claim = |(field, value): (&str, String)| ClaimIn {
            field: field.to_owned(),
            value: Private::new(value),
            source: self.source.clone(),
            ..ClaimIn::default()
        };
        given.map(claim).collect()
    }
}

pub(in crate::web) async fn new(Sent(page, sent): Sent<NewCase>) -> Response {
    let done = async {
        page.only(May::Claim)?;
        let request = Request::CaseNew { circle: sent.circle.clone(), case: None, claims: sent.claims() };
        match page.ask(request).await? {
            Answer::Written(Written { case, .. }) => Ok(case),
            _ => Err(page.unexpected()),
        }
    };
    match done.await {
        Ok(case) => fault::elsewhere(&page, &format!("case/{}", case.hex())),
        Err(fault) => fault::answer(&page, fault),
    }
}

/// What is shown, as a table for a spreadsheet: the journal says who took it, and for whom.
pub(in crate::web) async fn export(Sent(page, form): Sent<Form>) -> Response {
    let made = async {
        page.only(May::Export)?;
        let request = Request::ExportTable {
            table: TableWanted::Cases(form.filter()),
            recipient: form.recipient.clone(),
            purpose: form.purpose.clone(),
        };
        let Answer::CaseList { cases, .. } = page.ask(request).await? else { return Err(page.unexpected()) };
        sheet(page.t, &cases).hand_over("cases", handed::Form::named(&form.kind))
    };
    made.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

/// Rows of the list as a table.
fn sheet(t: &Texts, cases: &[CaseRow]) -> Sheet {
    let joined =
        |all: &[Private<String>]| all.iter().map(|one| one.reveal().as_str()).collect::<Vec<_>>().join("; ");
    let labels = |family: &str, codes: &[Private<String>]| {
        codes.iter().map(|code| t.label(family, code.reveal())).collect::<Vec<_>>().join("; ")
    };
    let headings = [
        "cases-column-name",
        "cases-column-born",
        "cases-column-stage",
        "cases-column-number",
        "cases-column-circle",
        "cases-conflict",
        "cases-differs",
        "cases-urgency",
        "cases-column-last",
        "cases-id",
    ];
    let line = |row: &CaseRow| {
        vec![
            joined(&row.names),
            joined(&row.births),
            labels("stage", &row.stages),
            joined(&row.numbers),
            joined(&row.circles),
            row.conflicts.to_string(),
            row.differs.to_string(),
            if row.urgency.is_empty() { String::new() } else { t.label("code", row.urgency.reveal()) },
            dates::stamp(row.last),
            row.case.hex(),
        ]
    };
    Sheet { headings: headings.map(|key| t.say(key)).to_vec(), lines: cases.iter().map(line).collect() }
}

impl CasesPage<'_> {
    fn value(&self, text: &Private<String>) -> Html {
        shown::value(text)
    }

    fn stages(&self) -> Vec<(&'static str, String)> {
        STAGES.iter().map(|stage| (stage.code, self.page.t.label("stage", stage.code))).collect()
    }

    /// The columns of the list, by what their style is called.
    fn columns(&self) -> [(&'static str, String); 7] {
        let t = self.page.t;
        [
            ("name", t.say("cases-column-name")),
            ("born", t.say("cases-column-born")),
            ("stage", t.say("cases-column-stage")),
            ("marks", t.say("cases-column-marks")),
            ("number", t.say("cases-column-number")),
            ("circle", t.say("cases-column-circle")),
            ("last", t.say("cases-column-last")),
        ]
    }

    fn query(&self, kept: &KeptFilter) -> String {
        serde_html_form::to_string(&kept.form).unwrap_or_default()
    }
}

impl Rows<'_> {
    /// The first names that offices use; the others are told by their number.
    fn name(&self, row: &CaseRow) -> Html {
        match row.names.first() {
            Some(name) => self.page.text(name),
            None => self.page.name(&self.page.t.say("cases-no-name")),
        }
    }

    fn stage(&self, code: &Private<String>) -> Html {
        self.page.name(&self.page.t.label("stage", code.reveal()))
    }
}
