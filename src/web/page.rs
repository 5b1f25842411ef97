//! What every page needs: who sits there, in which language, how things stand, and where its links lead.

use super::fault::{self, Fault, Told};
use super::session::{Desk, Session, Theme};
use super::shown::Html;
use super::texts::{Language, Texts};
use super::{dates, shown};
use crate::case::{Date, DateStyle, Value, parse_date};
use crate::node::{
    Answer, Asked, Duty, Failure, FailureKind, OperatorView, PartnerStatus, Request, Said, StatusView,
};
use crate::private::Private;
use crate::time::Millis;
use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::{Html as HtmlBody, IntoResponse, Response};
use std::time::Duration;
use tokio::sync::OnceCell;

/// How long what a page does not wait for is put off.
const LATER: Duration = Duration::from_secs(1);

/// A request of a session: the way to the node and all that pages are made with.
pub(super) struct Page {
    pub(super) desk: Desk,
    pub(super) session: Session,
    pub(super) t: &'static Texts,
    /// Whether a part of a page was asked for, to stand in the page that is open.
    pub(super) part: bool,
    /// Whether the page asks by itself, to keep itself up to date.
    alone: bool,
    /// For a page that will listen for news: how cases and links stood before anything of it was read.
    stood: Option<(u64, u64)>,
    status: OnceCell<Box<StatusView>>,
}

impl FromRequestParts<Desk> for Page {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Response> {
        let Some(session) = parts.extensions.get::<Session>().cloned() else {
            return Err(fault::no_session());
        };
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let accepted = || Language::accepted(header("accept-language").unwrap_or_default());
        let t = Texts::of(session.language.unwrap_or_else(accepted));
        let part = header("hx-request").is_some();
        let alone = header("x-desk-alone").is_some();
        if !alone {
            desk.touch(&session);
        }
        let mut page =
            Self { desk: desk.clone(), session, t, part, alone, stood: None, status: OnceCell::new() };
        if !part && parts.method == Method::GET {
            // A locked node has no news.
            if let Ok(Answer::Pulse { cases, links, .. }) = page.ask(Request::Pulse { case: None }).await {
                page.stood = Some((cases, links));
            }
        }
        Ok(page)
    }
}

impl Page {
    /// Where the session's pages lie.
    pub(super) fn base(&self) -> String {
        format!("/d/{}", self.session.path)
    }

    /// Who sits there; the page to say so if nobody did.
    pub(super) fn operator(&self) -> Result<&OperatorView, Fault> {
        self.session.operator.as_ref().ok_or(Fault::WhoIsThere)
    }

    pub(super) fn role(&self) -> Option<Duty> {
        self.session.operator.as_ref().map(|operator| operator.role)
    }

    /// Whether whoever sits there may do something.
    pub(super) fn may(&self, what: May) -> bool {
        self.role().is_some_and(|role| what.allows(role))
    }

    /// Stops who may not.
    pub(super) fn only(&self, what: May) -> Result<(), Fault> {
        self.operator()?;
        if self.may(what) { Ok(()) } else { Err(Fault::NotYourRole) }
    }

    /// Asks the node in the name of whoever sits there.
    pub(super) async fn ask(&self, request: Request) -> Result<Answer, Fault> {
        Ok(self.converse(request).await?.last)
    }

    /// Asks for what the page does not wait for, a little later: what fails then is noticed the next time.
    pub(super) fn ask_later(&self, request: Request) {
        let desk = self.desk.clone();
        let asked = self.asked(request);
        tokio::spawn(async move {
            tokio::time::sleep(LATER).await;
            let _ = desk.way().ask_alone(asked).await;
        });
    }

    fn asked(&self, request: Request) -> Asked {
        let operator = self.session.operator.as_ref();
        Asked { operator: operator.map(|operator| operator.name.clone()).unwrap_or_default(), request }
    }

    /// As [`Page::ask`], with the rows before the answer.
    pub(super) async fn converse(&self, request: Request) -> Result<Said, Fault> {
        let asked = self.asked(request);
        let said = match self.alone {
            true => self.desk.way().ask_alone(asked).await,
            false => self.desk.way().ask(asked).await,
        };
        match said {
            Ok(Said { last: Answer::Failed(failure), .. }) | Err(failure) => Err(failure.into()),
            Ok(said) => Ok(said),
        }
    }

    /// The node's answer was of a kind that was not asked for.
    pub(super) fn unexpected(&self) -> Fault {
        Fault::Node(Failure {
            kind: FailureKind::Internal,
            what: "an answer was of another kind than the question".into(),
            then: "Open the page again.".into(),
        })
    }

    pub(super) fn now(&self) -> Millis {
        self.desk.way().now()
    }

    /// How the node stands: asked once for a page.
    pub(super) async fn status(&self) -> Result<&StatusView, Fault> {
        let asked = self.status.get_or_try_init(async || match self.ask(Request::Status).await? {
            Answer::Status(status) => Ok(status),
            _ => Err(self.unexpected()),
        });
        asked.await.map(|status| &**status)
    }

    /// The frame around a page: title, who is there, how links stand.
    pub(super) async fn frame(&self, here: Here, title: String) -> Result<Frame, Fault> {
        Ok(Frame::new(self, here, title, self.status().await?))
    }

    /// The frame of a page that is shown before anything of the node is.
    pub(super) fn bare_frame(&self, title: String) -> Frame {
        Frame::new(self, Here::Nowhere, title, &StatusView::default())
    }

    // -- texts that templates ask for -------------------------------------------------------------------------------

    /// Somebody's words on one line.
    pub(super) fn text(&self, text: &Private<String>) -> Html {
        shown::text(text)
    }

    /// A failure in words.
    pub(super) fn told(&self, failure: &Failure) -> Told {
        fault::told(self, failure)
    }

    /// A partner's or circle's name.
    pub(super) fn name(&self, name: &str) -> Html {
        shown::plain(name)
    }

    /// Somebody's words where no HTML can stand: in an option of a list.
    pub(super) fn plain(&self, text: &Private<String>) -> String {
        shown::visible(text.reveal())
    }

    pub(super) fn moment(&self, at: &Millis) -> String {
        dates::moment(self.t, *at)
    }

    pub(super) fn ago(&self, at: &Millis) -> String {
        dates::ago(self.t, self.now(), *at)
    }

    pub(super) fn date(&self, date: &Date) -> String {
        dates::date(self.t, date)
    }

    /// A date as it is typed, in the words of the language; as it stands if it is none.
    pub(super) fn typed_date(&self, text: &Private<String>) -> Html {
        match parse_date(text.reveal(), DateStyle::TYPED) {
            Some(date) => self.value(&Value::Date(date)),
            None => shown::text(text),
        }
    }

    /// A value as people read it, in their language.
    pub(super) fn value(&self, value: &Value) -> Html {
        match value {
            Value::Text(text) => shown::text(text),
            Value::Code(code) => shown::plain(&self.t.label("code", code.reveal())),
            // Our own text, with the marks that its language puts into dates.
            Value::Date(date) => Html::made(format!("<bdi>{}</bdi>", self.date(date))),
            Value::Number(number) => match u64::try_from(*number) {
                Ok(number) => shown::plain(&self.t.number(number)),
                Err(_) => shown::plain(&number.to_string()),
            },
            Value::Flag(true) => shown::plain(&self.t.say("value-yes")),
            Value::Flag(false) => shown::plain(&self.t.say("value-no")),
            Value::Case(case) => shown::plain(&case.short()),
            other => shown::text(&other.line()),
        }
    }
}

/// What roles bound. Everything that is not named here is for all who see cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum May {
    /// See cases at all.
    SeeCases,
    /// Open cases, make and withdraw claims.
    Claim,
    /// Set plan values, write in the note.
    Plan,
    /// Settle conflicts.
    Settle,
    /// Tell another circle.
    Disclose,
    /// Take lists in.
    Import,
    /// Hand something out.
    Export,
    /// Make circles, trust cards, carry bundles, pause links.
    Arrange,
    /// See counts and the journal of exports.
    Look,
}

impl May {
    /// The table of roles.
    pub(super) fn allows(self, role: Duty) -> bool {
        use Duty::{Auditor, CaseWorker, Desk, Mediator, Supervisor};
        match self {
            Self::SeeCases => role != Auditor,
            Self::Claim => matches!(role, CaseWorker | Supervisor | Mediator),
            Self::Plan => role != Auditor,
            Self::Settle => matches!(role, CaseWorker | Supervisor | Mediator),
            Self::Disclose => matches!(role, Supervisor | Mediator),
            Self::Import => matches!(role, CaseWorker | Supervisor | Mediator),
            Self::Export => matches!(role, Supervisor | Mediator | Desk),
            Self::Arrange => matches!(role, Supervisor | Mediator),
            Self::Look => true,
        }
    }
}

/// Which page is open: marked in the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Here {
    Cases,
    Worklist,
    Partners,
    Import,
    Overview,
    Nowhere,
}

/// A line of the frame's own list of pages.
pub(super) struct Place {
    pub(super) path: &'static str,
    pub(super) label: String,
    pub(super) is_here: bool,
}

/// What stands around a page.
pub(super) struct Frame {
    pub(super) t: &'static Texts,
    pub(super) base: String,
    pub(super) title: String,
    pub(super) lang: &'static str,
    pub(super) dir: &'static str,
    pub(super) theme: &'static str,
    pub(super) office: String,
    pub(super) operator: Option<OperatorView>,
    pub(super) places: Vec<Place>,
    pub(super) partners: Vec<PartnerStatus>,
    pub(super) paused: bool,
    pub(super) languages: [Language; 4],
    /// Which case the page shows, for news of it; empty for none.
    pub(super) case: String,
    /// How all stood before the page was made, so that it hears of nothing that it shows already.
    pub(super) stood: String,
}

impl Frame {
    fn new(page: &Page, here: Here, title: String, status: &StatusView) -> Self {
        let t = page.t;
        let place = |is: Here, path, label: &str, shown: bool| {
            shown.then(|| Place { path, label: t.say(label), is_here: is == here })
        };
        let known = page.session.operator.is_some();
        let cases = page.may(May::SeeCases);
        let places = [
            place(Here::Cases, "cases", "nav-cases", cases),
            place(Here::Worklist, "worklist", "nav-worklist", cases),
            place(Here::Partners, "partners", "nav-partners", known),
            place(Here::Import, "import", "nav-import", page.may(May::Import)),
            place(Here::Overview, "overview", "nav-overview", known),
        ];
        Self {
            t,
            base: page.base(),
            title,
            lang: t.language().code(),
            dir: t.language().direction(),
            theme: match page.session.theme {
                Theme::System => "system",
                Theme::Light => "light",
                Theme::Dark => "dark",
            },
            office: status.name.clone(),
            operator: page.session.operator.clone(),
            places: places.into_iter().flatten().collect(),
            paused: status.paused,
            partners: status.partners.clone(),
            languages: Language::ALL,
            stood: page.stood.map(|(cases, links)| format!("{cases}-{links}")).unwrap_or_default(),
            case: String::new(),
        }
    }

    pub(super) fn name(&self, name: &str) -> Html {
        shown::plain(name)
    }

    pub(super) fn text(&self, text: &Private<String>) -> Html {
        shown::text(text)
    }
}

/// A template as an answer.
pub(super) fn show(template: &impl Template) -> Result<Response, Fault> {
    match template.render() {
        Ok(html) => Ok(HtmlBody(html).into_response()),
        Err(_) => Err(Fault::Template),
    }
}

/// A template as a piece of another.
pub(super) fn piece(template: &impl Template) -> Result<Html, Fault> {
    template.render().map(Html::made).map_err(|_| Fault::Template)
}
