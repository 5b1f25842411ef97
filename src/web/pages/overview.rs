//! Counts: by stage, circle, office, age and over time; what leaves the machine tells no small ones apart. And the
//! journal of all that ever left it.

use super::plan;
use crate::node::{Answer, ExportNote, OverTime, OverviewView, Request, TableWanted};
use crate::private::Private;
use crate::register::{Count, CountTable, Counted, CountedBy};
use crate::web::dates;
use crate::web::fault;
use crate::web::form::Sent;
use crate::web::handed::{Form, Sheet};
use crate::web::page::{Frame, Here, May, Page, show};
use crate::web::session::Desk;
use crate::web::shown::Html;
use crate::web::texts::Texts;
use askama::Template;
use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

/// Lines of the journal that are shown.
const JOURNAL: usize = 200;
/// How wide and high a chart of months is drawn, in its own units; a month's column with its gap.
const CHART_WIDTH: u64 = 650;
const CHART_HEIGHT: u64 = 150;
const COLUMN: u64 = 50;
/// How high the small chart of a line is drawn, and how wide each of its columns.
const SPARK_HEIGHT: u64 = 20;
const SPARK_COLUMN: usize = 8;

/// The paths of these pages.
pub(in crate::web) fn routes() -> Router<Desk> {
    Router::new().route("/overview", get(page)).route("/overview/export", post(export))
}

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage<'a> {
    frame: Frame,
    page: &'a Page,
    total: u64,
    tables: Vec<CountTable>,
    over_time: Vec<OverTime>,
    journal: Vec<ExportNote>,
    exports: usize,
}

async fn page(page: Page) -> Response {
    let shown = async {
        page.only(May::Look)?;
        let Answer::Overview(counts) = page.ask(Request::Overview).await? else {
            return Err(page.unexpected());
        };
        let Answer::Exports { exports: mut journal } = page.ask(Request::ExportLog).await? else {
            return Err(page.unexpected());
        };
        let exports = journal.len();
        journal.reverse();
        journal.truncate(JOURNAL);
        let total = counts.total.number().unwrap_or_default();
        let frame = page.frame(Here::Overview, page.t.say("overview-title")).await?;
        let OverviewView { tables, over_time, .. } = counts;
        show(&OverviewPage { frame, page: &page, total, tables, over_time, journal, exports })
    };
    shown.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

/// For whom counts are handed out, and what for.
#[derive(Deserialize)]
struct Taken {
    recipient: Private<String>,
    purpose: Private<String>,
    #[serde(default)]
    kind: String,
}

async fn export(Sent(page, sent): Sent<Taken>) -> Response {
    let made = async {
        page.only(May::Export)?;
        let Taken { recipient, purpose, kind } = sent;
        let asked = Request::ExportTable { table: TableWanted::Counts, recipient, purpose };
        let Answer::Overview(counts) = page.ask(asked).await? else { return Err(page.unexpected()) };
        sheet(page.t, &counts).hand_over("overview", Form::named(&kind))
    };
    made.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

/// Counts as one table.
fn sheet(t: &Texts, counts: &OverviewView) -> Sheet {
    let number = |count: Count| match count {
        Count::Exactly(number) => number.to_string(),
        Count::Few => t.say("overview-few"),
        Count::Withheld => t.say("overview-withheld"),
    };
    let mut lines = vec![vec![t.say("overview-all"), String::new(), number(counts.total)]];
    for table in &counts.tables {
        for line in &table.lines {
            lines.push(vec![heading(t, table.by), label(t, table.by, line), number(line.count)]);
        }
    }
    let headings = ["overview-counted-by", "overview-what", "overview-cases"];
    Sheet { headings: headings.map(|key| t.say(key)).to_vec(), lines }
}

fn heading(t: &Texts, by: CountedBy) -> String {
    t.say(match by {
        CountedBy::Stage => "overview-by-stage",
        CountedBy::Circle => "overview-by-circle",
        CountedBy::Office => "overview-by-office",
        CountedBy::Age => "overview-by-age",
        CountedBy::Quiet => "overview-by-quiet",
        CountedBy::Month => "overview-by-month",
        CountedBy::Differs => "overview-by-differs",
        CountedBy::Conflict => "overview-by-conflict",
        CountedBy::Urgency => "overview-by-urgency",
    })
}

fn label(t: &Texts, by: CountedBy, line: &Counted) -> String {
    let what = line.what.reveal().as_str();
    match (by, what) {
        (_, "not_said") => t.say("overview-not-said"),
        (CountedBy::Stage, code) => t.label("stage", code),
        (CountedBy::Urgency, code) => t.label("code", code),
        (CountedBy::Differs | CountedBy::Conflict, "yes") => t.say("value-yes"),
        (CountedBy::Differs | CountedBy::Conflict, _) => t.say("value-no"),
        (CountedBy::Age, "18+") => plan::bare(&t.n("overview-age-from", 18_u64)),
        (CountedBy::Age, band) => match band.split_once('-').map(|(a, b)| (a.parse(), b.parse())) {
            Some((Ok(from), Ok(to))) => {
                let number = |n: u64| t.number(n);
                plan::bare(&t.ss("overview-age-band", number(from), number(to)))
            }
            _ => band.to_owned(),
        },
        (CountedBy::Quiet, "week") => t.say("overview-quiet-week"),
        (CountedBy::Quiet, "month") => t.say("overview-quiet-month"),
        (CountedBy::Quiet, "quarter") => t.say("overview-quiet-quarter"),
        (CountedBy::Quiet, "year") => t.say("overview-quiet-year"),
        (CountedBy::Quiet, _) => t.say("overview-quiet-more"),
        (CountedBy::Month, "before") => t.say("overview-before"),
        (CountedBy::Month, month) => dates::month_named(t, month),
        (CountedBy::Circle | CountedBy::Office, name) => name.to_owned(),
    }
}

/// A line of counts over time.
struct Over<'t> {
    label: Html,
    /// Heights of its columns, of [`SPARK_HEIGHT`], in the order in which the language is read.
    bars: Vec<(usize, u64)>,
    counts: &'t [u64],
}

/// A column of the chart of months.
struct Bar {
    x: u64,
    y: u64,
    height: u64,
    label: String,
    number: String,
}

impl OverviewPage<'_> {
    fn heading(&self, table: &CountTable) -> String {
        heading(self.page.t, table.by)
    }

    fn label(&self, table: &CountTable, line: &Counted) -> Html {
        self.page.name(&label(self.page.t, table.by, line))
    }

    fn code(&self, table: &CountTable) -> String {
        format!("{:?}", table.by).to_lowercase()
    }

    fn is_months(&self, table: &CountTable) -> bool {
        table.by == CountedBy::Month
    }

    /// Lines worth a place on the screen: of stages those that are in use.
    fn lines<'t>(&self, table: &'t CountTable) -> Vec<&'t Counted> {
        let stage = |line: &&Counted| table.by != CountedBy::Stage || line.count != Count::Exactly(0);
        table.lines.iter().filter(stage).collect()
    }

    /// How long the bar of a line is, of a hundred.
    fn share(&self, table: &CountTable, line: &Counted) -> u64 {
        let largest = table.lines.iter().filter_map(|line| line.count.number()).max().unwrap_or_default();
        line.count.number().unwrap_or_default() * 100 / largest.max(1)
    }

    fn number(&self, line: &Counted) -> String {
        line.count.number().map(|number| self.page.t.number(number)).unwrap_or_default()
    }

    fn has_days(&self, table: &CountTable) -> bool {
        table.by == CountedBy::Stage
    }

    fn days(&self, line: &Counted) -> String {
        line.days.map(|days| self.page.t.n("overview-days", days)).unwrap_or_default()
    }

    /// The columns of months; time goes as the language is read.
    fn bars(&self, table: &CountTable) -> Vec<Bar> {
        let right_to_left = self.frame.dir == "rtl";
        let count = table.lines.len() as u64;
        let bar = |(at, line): (u64, &Counted)| {
            let place = if right_to_left { count - 1 - at } else { at };
            let height = self.share(table, line) * CHART_HEIGHT / 100;
            let label = match line.what.reveal().as_str() {
                "before" => "…".to_owned(),
                month => {
                    self.page.t.number(month.split('-').nth(1).and_then(|m| m.parse().ok()).unwrap_or(0))
                }
            };
            Bar { x: place * COLUMN, y: 20 + CHART_HEIGHT - height, height, label, number: self.number(line) }
        };
        (0..).zip(&table.lines).map(bar).collect()
    }

    fn heading_over(&self, over: &OverTime) -> String {
        self.page.t.say(match over.by {
            CountedBy::Office => "overview-over-office",
            _ => "overview-over-stage",
        })
    }

    fn note_over(&self, over: &OverTime) -> String {
        self.page.t.say(match over.by {
            CountedBy::Office => "overview-over-office-note",
            _ => "overview-over-stage-note",
        })
    }

    fn code_over(&self, over: &OverTime) -> String {
        format!("{:?}", over.by).to_lowercase()
    }

    /// Months with their names and their numbers.
    fn months(&self, over: &OverTime) -> Vec<(String, String)> {
        let number =
            |month: &String| month.split('-').nth(1).and_then(|month| month.parse().ok()).unwrap_or(0);
        let t = self.page.t;
        over.months.iter().map(|month| (dates::month_named(t, month), t.number(number(month)))).collect()
    }

    fn lines_over<'t>(&self, over: &'t OverTime) -> Vec<Over<'t>> {
        let most = over.lines.iter().flat_map(|(_, counts)| counts).max().copied().unwrap_or_default().max(1);
        let line = |(what, counts): &'t (Private<String>, Vec<u64>)| {
            let counted = Counted { what: what.clone(), count: Count::Exactly(0), days: None };
            let place = |at: usize| if self.frame.dir == "rtl" { counts.len() - 1 - at } else { at };
            // What is there at all shows.
            let height = |count: u64| (count * SPARK_HEIGHT).div_ceil(most);
            let bars =
                counts.iter().enumerate().map(|(at, count)| (place(at) * SPARK_COLUMN, height(*count)));
            let label = self.page.name(&label(self.page.t, over.by, &counted));
            Over { label, bars: bars.collect(), counts }
        };
        over.lines.iter().map(line).collect()
    }

    fn number_over(&self, count: &u64) -> String {
        self.page.t.number(*count)
    }

    fn chart_width(&self) -> u64 {
        CHART_WIDTH
    }

    /// What left, in the reader's language as far as it is a sentence of ours.
    fn what(&self, note: &ExportNote) -> Html {
        let t = self.page.t;
        let number =
            |text: &str| text.split(' ').find_map(|word| word.parse::<u64>().ok()).unwrap_or_default();
        let what = note.what.as_str();
        let text = match what {
            "everything" => t.say("overview-took-everything"),
            "counts" => t.say("overview-took-counts"),
            "a bundle" | "a bundle of all that is shared" => t.say("overview-took-bundle"),
            _ if what.starts_with("list of ") => t.n("overview-took-list", number(what)),
            _ if what.starts_with("backup ") => t.say("overview-took-backup"),
            _ => match what.strip_prefix("case ") {
                Some(case) => t.s("overview-took-case", case.get(..8).unwrap_or(case)),
                None => what.to_owned(),
            },
        };
        self.page.name(&text)
    }
}
