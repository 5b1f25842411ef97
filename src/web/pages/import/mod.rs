//! Lists: taken in row by row, first as a try.
//!
//! The browser keeps the file and sends it along at each step; here it is read and forgotten, and never reaches a disk
//! in the clear. What was chosen for its columns is kept for whoever sits there, under the headings that it has.

mod columns;

use crate::limit;
use crate::node::{Answer, CircleView, Failure, FailureKind, ImportRow, ListLook, Request, RowOutcome};
use crate::private::Private;
use crate::web::fault::{self, Fault};
use crate::web::form::Dropped;
use crate::web::handed::{self, Sheet};
use crate::web::page::{Frame, Here, May, Page, show};
use crate::web::session::Desk;
use crate::web::shown::{self, Html};
use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::Query;
use axum::response::Response;
use axum::routing::{get, post};
use columns::{Choices, Column};
use serde::{Deserialize, Serialize};

/// Rows of a result that are shown; the file that can be saved has all.
const SHOWN_ROWS: usize = 1_000;

/// The paths of these pages.
pub(in crate::web) fn routes() -> Router<Desk> {
    Router::new()
        .route("/import", get(page))
        .route("/import/look", post(look))
        .route("/import/run", post(run))
        .route("/import/result", post(result))
}

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    frame: Frame,
    no_circle: bool,
}

#[derive(Template)]
#[template(path = "import_map.html")]
struct Map<'a> {
    page: &'a Page,
    circles: Vec<CircleView>,
    look: ListLook,
    choices: Choices,
    columns: Vec<Column>,
    /// Whether the choices are those of the last time.
    remembered: bool,
}

#[derive(Template)]
#[template(path = "import_run.html")]
struct Ran<'a> {
    page: &'a Page,
    base: String,
    dry: bool,
    counts: [(RowOutcome, usize); 4],
    total: usize,
    rows: Vec<ImportRow>,
    /// All rows, for the file that can be saved.
    result: Private<String>,
}

async fn page(page: Page) -> Response {
    let shown = async {
        page.only(May::Import)?;
        let no_circle = super::cases::circles(&page).await?.is_empty();
        let frame = page.frame(Here::Import, page.t.say("import-title")).await?;
        show(&ImportPage { frame, no_circle })
    };
    shown.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

/// What a page sends: its choices on the first line, as a form writes them, then the file.
fn parts(body: &Bytes) -> Result<(Choices, &[u8]), Fault> {
    let at = body.iter().position(|byte| *byte == b'\n').ok_or(Fault::Form)?;
    let (form, file) = body.split_at_checked(at).ok_or(Fault::Form)?;
    if form.len() > limit::DESK_FORM_BYTES {
        return Err(Fault::Form);
    }
    let choices = serde_html_form::from_bytes(form).map_err(|_| Fault::Form)?;
    Ok((choices, file.get(1..).unwrap_or_default()))
}

/// Looks at the file: its columns, and what they seem to hold.
async fn look(Dropped(page, body): Dropped) -> Response {
    let shown = async {
        page.only(May::Import)?;
        let (sent, file) = parts(&body)?;
        let look = looked(&page, file, &sent.sheet).await?;
        let kept = columns::remembered(&page, &look).await?;
        let remembered = kept.is_some() && sent.to.len() != look.headings.len();
        let choices = sent.settled(&look, kept);
        let columns = columns::columns(&page, &look, &choices);
        let circles = super::cases::circles(&page).await?;
        show(&Map { page: &page, circles, look, choices, columns, remembered })
    };
    shown.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

async fn looked(page: &Page, file: &[u8], sheet: &Private<String>) -> Result<ListLook, Fault> {
    let request = Request::ListLook { file: file.to_vec(), sheet: sheet.reveal().clone() };
    match page.ask(request).await? {
        Answer::ListLook(look) => Ok(*look),
        _ => Err(page.unexpected()),
    }
}

/// Takes the list in, or only says what would happen.
async fn run(Dropped(page, body): Dropped) -> Response {
    let shown = async {
        page.only(May::Import)?;
        let (choices, file) = parts(&body)?;
        let dry = choices.apply.is_empty();
        let look = looked(&page, file, &choices.sheet).await?;
        let map = choices.map(&page, &look)?;
        columns::remember(&page, &look, &choices).await?;
        let circle = choices.circle.clone();
        let said = page
            .converse(Request::Import { circle, csv: file.to_vec(), map: map.text(), dry_run: dry })
            .await?;
        let Answer::Imported { new, changed, unchanged, refused, .. } = said.last else {
            return Err(page.unexpected());
        };
        let rows = said.rows.into_iter().filter_map(|answer| match answer {
            Answer::Row(row) => Some(row),
            _ => None,
        });
        let mut rows: Vec<ImportRow> = rows.collect();
        let result = serde_json::to_string(&rows.iter().map(Line::of).collect::<Vec<_>>());
        let result = Private::new(result.map_err(|_| Fault::Template)?);
        let total = rows.len();
        // What a person should look at stands first.
        rows.sort_by_key(|row| weight(row.outcome));
        rows.truncate(SHOWN_ROWS);
        let counts = [
            (RowOutcome::Refused, refused),
            (RowOutcome::New, new),
            (RowOutcome::Changed, changed),
            (RowOutcome::Unchanged, unchanged),
        ];
        show(&Ran { page: &page, base: page.base(), dry, counts, total, rows, result })
    };
    shown.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

fn weight(outcome: RowOutcome) -> u8 {
    match outcome {
        RowOutcome::Refused => 0,
        RowOutcome::Changed => 1,
        RowOutcome::New => 2,
        RowOutcome::Unchanged => 3,
    }
}

/// A row of a result, as the page keeps it until somebody saves it.
#[derive(Serialize, Deserialize)]
struct Line {
    line: usize,
    number: Private<String>,
    outcome: RowOutcome,
    case: String,
    detail: String,
}

impl Line {
    fn of(row: &ImportRow) -> Self {
        Self {
            line: row.line,
            number: row.number.clone(),
            outcome: row.outcome,
            case: row.case.map(|case| case.hex()).unwrap_or_default(),
            detail: row.detail.clone(),
        }
    }
}

/// In which form something is to be saved.
#[derive(Deserialize)]
struct As {
    #[serde(default)]
    form: String,
}

/// The result as a file: what the page was told, in the form of a table.
async fn result(Query(wanted): Query<As>, Dropped(page, body): Dropped) -> Response {
    let made = async {
        page.only(May::Import)?;
        let lines: Vec<Line> = serde_json::from_slice(&body).map_err(|_| Fault::Form)?;
        if lines.len() > limit::LIST_ROWS {
            return Err(Fault::Form);
        }
        let t = page.t;
        let headings = ["import-line", "import-number", "import-outcome", "import-case", "import-detail"];
        let lines = lines.into_iter().map(|line| {
            vec![
                line.line.to_string(),
                line.number.reveal().clone(),
                t.say(outcome_key(line.outcome)),
                line.case,
                line.detail,
            ]
        });
        let sheet = Sheet { headings: headings.map(|key| t.say(key)).to_vec(), lines: lines.collect() };
        sheet.hand_over("result", handed::Form::named(&wanted.form))
    };
    made.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

fn outcome_key(outcome: RowOutcome) -> &'static str {
    match outcome {
        RowOutcome::New => "import-new",
        RowOutcome::Changed => "import-changed",
        RowOutcome::Unchanged => "import-unchanged",
        RowOutcome::Refused => "import-refused",
    }
}

/// A mistake that a person made in the form, in their language.
fn slip(page: &Page, what: &str) -> Fault {
    Fault::Node(Failure {
        kind: FailureKind::BadInput,
        what: page.t.say(what),
        then: page.t.say("import-slip-then"),
    })
}

impl Map<'_> {
    fn targets(&self) -> Vec<(String, Vec<(&'static str, String)>)> {
        columns::targets(self.page.t)
    }

    fn value(&self, text: &Private<String>) -> Html {
        shown::value(text)
    }
}

impl Ran<'_> {
    fn outcome(&self, outcome: &RowOutcome) -> String {
        self.page.t.say(outcome_key(*outcome))
    }

    fn number(&self, number: &usize) -> String {
        self.page.t.number(*number as u64)
    }

    fn class(&self, outcome: &RowOutcome) -> &'static str {
        match outcome {
            RowOutcome::New => "is-new-row",
            RowOutcome::Changed => "is-changed-row",
            RowOutcome::Unchanged => "is-same-row",
            RowOutcome::Refused => "is-refused-row",
        }
    }

    /// Whether there is anything to take in.
    fn can_apply(&self) -> bool {
        let takes = |(outcome, count): &(RowOutcome, usize)| {
            matches!(outcome, RowOutcome::New | RowOutcome::Changed) && *count > 0
        };
        self.dry && self.counts.iter().any(takes)
    }

    fn value(&self) -> Html {
        shown::value(&self.result)
    }
}
