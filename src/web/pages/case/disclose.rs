//! Telling another circle: choose claims, choose who shall know, see exactly what they will learn, confirm.
//!
//! What is confirmed is what was looked at: the look itself carries the claims and the circle, and a change of either
//! takes it away until it is looked at again.

use super::view::{Making, SectionPart};
use super::{Asked, InCase, Loaded};
use crate::node::{Answer, CircleView, Request};
use crate::private::Private;
use crate::web::fault::{self, Fault};
use crate::web::form::Sent;
use crate::web::page::{Frame, Here, May, Page, show};
use crate::web::shown::{self, Html};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use serde::Deserialize;

/// What is to be told.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Telling {
    /// From which circle.
    circle: String,
    to: String,
    item: Vec<String>,
    reason: Private<String>,
}

#[derive(Template)]
#[template(path = "case_disclose.html")]
struct DisclosePage<'a> {
    frame: Frame,
    page: &'a Page,
    id: String,
    circle: String,
    name: Private<String>,
    readers: Vec<String>,
    colour: usize,
    sections: Vec<SectionPart>,
    targets: Vec<CircleView>,
    plain: bool,
}

/// What another circle would learn.
#[derive(Template)]
#[template(path = "case_learn.html")]
struct LearnPart<'a> {
    page: &'a Page,
    base: String,
    id: String,
    telling: Telling,
    to: Private<String>,
    readers: Vec<String>,
    /// Readers that do not know of this sheet now.
    newcomers: Vec<String>,
    lines: Vec<Learned>,
    /// Chosen, and told before.
    known: usize,
}

struct Learned {
    label: String,
    value: Html,
    source: Vec<(String, Html)>,
}

pub(super) async fn page(page: Page, Path(path): Path<InCase>, Query(asked): Query<Asked>) -> Response {
    let shown = async {
        page.only(May::Disclose)?;
        let loaded = Loaded::load(&page, &path.id, &asked).await?;
        let part = loaded.part(&page)?;
        let targets: Vec<CircleView> =
            loaded.open.iter().filter(|circle| circle.circle.hex() != part.circle).cloned().collect();
        let mut frame = page.frame(Here::Cases, page.t.say("case-disclose-title")).await?;
        // No news: what was ticked stays ticked.
        frame.case = String::new();
        let plain = part.sections.iter().all(|section| section.said() == 0);
        show(&DisclosePage {
            frame,
            page: &page,
            id: loaded.id(),
            circle: part.circle,
            name: part.name,
            readers: part.readers,
            colour: part.colour,
            sections: part.sections,
            targets,
            plain,
        })
    };
    shown.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

/// Says what they would learn, and writes nothing.
pub(super) async fn look(Path(path): Path<InCase>, Sent(page, telling): Sent<Telling>) -> Response {
    looked(&page, &path.id, telling).await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

async fn looked(page: &Page, id: &str, telling: Telling) -> Result<Response, Fault> {
    page.only(May::Disclose)?;
    if telling.item.is_empty() || telling.to.is_empty() {
        let (to, readers) = (Private::default(), Vec::new());
        let (newcomers, lines) = (Vec::new(), Vec::new());
        let (base, id) = (page.base(), id.to_owned());
        return show(&LearnPart { page, base, id, telling, to, readers, newcomers, lines, known: 0 });
    }
    let asked = Asked { circle: telling.circle.clone(), since: String::new() };
    let loaded = Loaded::load(page, id, &asked).await?;
    let Answer::Disclosure { to, readers, claims, .. } = page.ask(request(id, &telling, true)).await? else {
        return Err(page.unexpected());
    };
    let making: Making<'_> = loaded.making(page);
    let lines = claims.iter().map(|claim| Learned {
        label: page.t.label("field", &claim.field),
        value: making.value(&claim.value),
        source: making.source(claim),
    });
    let lines: Vec<Learned> = lines.collect();
    let know = loaded.named().map(|named| named.readers.clone()).unwrap_or_default();
    let newcomers = readers.iter().filter(|reader| !know.contains(reader)).cloned().collect();
    let known = telling.item.len().saturating_sub(lines.len());
    let (base, id) = (page.base(), loaded.id());
    show(&LearnPart { page, base, id, telling, to: to.into(), readers, newcomers, lines, known })
}

pub(super) async fn tell(Path(path): Path<InCase>, Sent(page, telling): Sent<Telling>) -> Response {
    told(&page, &path.id, &telling).await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

async fn told(page: &Page, id: &str, telling: &Telling) -> Result<Response, Fault> {
    page.only(May::Disclose)?;
    page.ask(request(id, telling, false)).await?;
    Ok(fault::elsewhere(page, &format!("case/{id}?circle={}", telling.to)))
}

fn request(id: &str, telling: &Telling, dry_run: bool) -> Request {
    Request::CaseDisclose {
        from: telling.circle.clone(),
        to: telling.to.clone(),
        case: id.to_owned(),
        items: telling.item.clone(),
        reason: telling.reason.clone(),
        dry_run,
    }
}

impl LearnPart<'_> {
    fn typed_value(&self, text: &Private<String>) -> Html {
        shown::value(text)
    }
}
