//! Links: who is linked, what each partner has confirmed, what waits for it. Keeps itself up to date.

use super::map::{self, Map, Place, Standing};
use super::{all_cards, all_circles, refused, size, tabs};
use crate::node::{
    Answer, CircleView, ExportNote, PartnerCircle, PartnerStatus, Request, StatusView, SyncedPartner,
};
use crate::private::Private;
use crate::time::Millis;
use crate::web::fault::{self, Fault};
use crate::web::form::Sent;
use crate::web::page::{Frame, Here, May, Page, piece, show};
use crate::web::shown::{self, Html};
use crate::web::texts::Dated;
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

/// How long a sync that a page asked for may stand still, in seconds.
const PATIENCE_S: u64 = 8;
/// The shortest time that a speed is told from, in milliseconds.
const SPEED_FROM_MS: u64 = 500;

#[derive(Template)]
#[template(path = "partners.html")]
struct LinksPage<'a> {
    frame: Frame,
    page: &'a Page,
    tabs: Vec<super::Tab>,
    live: Html,
    most: usize,
}

/// What keeps itself up to date.
#[derive(Template)]
#[template(path = "partners_live.html")]
struct Live<'a> {
    page: &'a Page,
    base: String,
    map: Map,
    rows: Vec<PartnerRow>,
    notices: Vec<String>,
    paused: bool,
    may_arrange: bool,
    flow: Flow,
    traffic: String,
}

#[derive(Template)]
#[template(path = "partners_synced.html")]
struct Synced<'a> {
    page: &'a Page,
    lines: Vec<(String, String)>,
}

/// Bytes over all links at a moment: the page sends them back with its next question, and a speed comes of it.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Flow {
    at: u64,
    sent: u64,
    received: u64,
}

impl Flow {
    /// Bytes a second since then, out and in; `None` if there is nothing to tell it from.
    fn speed_since(self, before: Flow) -> Option<(u64, u64)> {
        let passed = self.at.checked_sub(before.at).filter(|ms| *ms >= SPEED_FROM_MS && before.at > 0)?;
        let speed = |now: u64, then: u64| Some(now.checked_sub(then)?.saturating_mul(1000) / passed);
        Some((speed(self.sent, before.sent)?, speed(self.received, before.received)?))
    }
}

/// One partner, in words.
struct PartnerRow {
    id: String,
    name: String,
    standing: Standing,
    word: String,
    contact: String,
    way: String,
    bundle: String,
    waits: String,
    paused: bool,
    circles: Vec<CircleRow>,
}

/// What one partner confirmed in one circle, in words.
struct CircleRow {
    name: Private<String>,
    held: String,
    held_all: bool,
    applied: String,
    confirmed: String,
    waits: String,
    lacking: String,
}

pub(in crate::web) async fn page(page: Page) -> Response {
    let shown = async {
        page.only(May::Look)?;
        let live = piece(&live_part(&page, Flow::default()).await?)?;
        let frame = page.frame(Here::Partners, page.t.say("nav-partners")).await?;
        let most = crate::limit::DESK_BUNDLE_BYTES;
        show(&LinksPage { frame, page: &page, tabs: tabs(&page, "partners"), live, most })
    };
    shown.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

pub(in crate::web) async fn live(page: Page, Query(before): Query<Flow>) -> Response {
    let shown = async {
        page.only(May::Look)?;
        show(&live_part(&page, before).await?)
    };
    shown.await.unwrap_or_else(|fault| refused(&page, fault))
}

/// Whom a button means; everyone if nobody is named.
#[derive(Deserialize)]
pub(in crate::web) struct Whom {
    #[serde(default)]
    partner: String,
}

impl Whom {
    fn partner(self) -> Option<String> {
        (!self.partner.is_empty()).then_some(self.partner)
    }
}

pub(in crate::web) async fn pause(Sent(page, whom): Sent<Whom>) -> Response {
    let request = Request::Pause { partner: whom.partner() };
    arranged(&page, request).await.unwrap_or_else(|fault| refused(&page, fault))
}

pub(in crate::web) async fn resume(Sent(page, whom): Sent<Whom>) -> Response {
    let request = Request::Resume { partner: whom.partner() };
    arranged(&page, request).await.unwrap_or_else(|fault| refused(&page, fault))
}

/// Does it, and shows how things stand then.
async fn arranged(page: &Page, request: Request) -> Result<Response, Fault> {
    page.only(May::Arrange)?;
    page.ask(request).await?;
    match page.part {
        true => show(&live_part(page, Flow::default()).await?),
        false => Ok(fault::elsewhere(page, "partners")),
    }
}

/// Syncs, and says how it went: as long as partners bring news, and a few seconds more.
pub(in crate::web) async fn sync(Sent(page, whom): Sent<Whom>) -> Response {
    let done = async {
        page.only(May::Arrange)?;
        let request = Request::Sync { partner: whom.partner(), patience_s: PATIENCE_S };
        let Answer::Synced { partners } = page.ask(request).await? else { return Err(page.unexpected()) };
        if !page.part {
            return Ok(fault::elsewhere(&page, "partners"));
        }
        let lines = partners.into_iter().map(|one| (one.partner.clone(), synced(&page, &one))).collect();
        show(&Synced { page: &page, lines })
    };
    done.await.unwrap_or_else(|fault| refused(&page, fault))
}

fn synced(page: &Page, one: &SyncedPartner) -> String {
    let t = page.t;
    let mut said = vec![match (one.in_sync, one.reached) {
        (true, _) => t.say("partners-synced-same"),
        (false, true) => t.say("partners-synced-partly"),
        (false, false) => t.say("partners-synced-unreached"),
    }];
    if one.received > 0 {
        said.push(t.n("partners-synced-received", one.received));
    }
    if one.confirmed > 0 {
        said.push(t.n("partners-synced-confirmed", one.confirmed));
    }
    said.join(&t.say("list-comma"))
}

async fn live_part<'a>(page: &'a Page, before: Flow) -> Result<Live<'a>, Fault> {
    let status = page.status().await?;
    let cards = all_cards(page).await?;
    let circles = all_circles(page).await?;
    let Answer::Exports { exports } = page.ask(Request::ExportLog).await? else {
        return Err(page.unexpected());
    };
    // Both lists are by name, then by id: where a name stands twice, the order tells whose is whose.
    let ids = cards.iter().filter(|card| !card.own).map(|card| card.partner.hex());
    let rows: Vec<PartnerRow> = status
        .partners
        .iter()
        .zip(ids)
        .map(|(partner, id)| row(page, status, partner, id, &circles, &exports))
        .collect();
    let places: Vec<Place> = rows
        .iter()
        .map(|row| Place {
            name: row.name.clone(),
            standing: row.standing,
            carries: only_carries(&row.name, &circles),
            word: row.word.clone(),
        })
        .collect();
    let now = Flow { at: page.now().0, sent: status.sent_bytes, received: status.received_bytes };
    Ok(Live {
        page,
        base: page.base(),
        map: map::map(&status.name, &places),
        rows,
        paused: status.paused,
        may_arrange: page.may(May::Arrange),
        traffic: traffic(page, now, before),
        flow: now,
        notices: status.notices.clone(),
    })
}

fn traffic(page: &Page, now: Flow, before: Flow) -> String {
    let t = page.t;
    let total = t.ss("partners-traffic", size::size(t, now.sent), size::size(t, now.received));
    match now.speed_since(before) {
        Some((0, 0)) | None => total,
        Some((out, back)) => {
            let speed = t.ss("partners-speed", size::size(t, out), size::size(t, back));
            format!("{total} {speed}")
        }
    }
}

fn row(
    page: &Page,
    status: &StatusView,
    partner: &PartnerStatus,
    id: String,
    circles: &[CircleView],
    exports: &[ExportNote],
) -> PartnerRow {
    let t = page.t;
    let standing = standing(status.paused, partner);
    let confirmed = partner.circles.iter().any(|circle| circle.confirmed_at.is_some());
    let way = match (partner.reachable, partner.last_contact, confirmed) {
        (true, ..) => t.say("partners-way-link"),
        (false, Some(_), _) => t.say("partners-way-link-before"),
        // What is confirmed came with signatures; where there never was a link, a bundle brought them.
        (false, None, true) => t.say("partners-way-bundle"),
        (false, None, false) => String::new(),
    };
    let last_bundle = exports
        .iter()
        .rev()
        .find(|note| note.what.starts_with("a bundle") && *note.recipient.reveal() == partner.partner);
    let bundle = last_bundle.map_or_else(String::new, |note| {
        t.ss("partners-bundle-last", Dated(page.ago(&note.time)), note.operator.reveal())
    });
    let waits = waits(
        page,
        partner.circles.iter().map(|circle| circle.lacks).sum(),
        partner.circles.iter().map(|circle| circle.waiting_edits).sum(),
    );
    PartnerRow {
        id,
        name: partner.partner.clone(),
        standing,
        word: t.say(standing.key()),
        contact: partner.last_contact.map_or_else(
            || t.say("partners-contact-none"),
            |at| t.s("partners-contact", Dated(page.ago(&at))),
        ),
        way,
        bundle,
        waits,
        paused: partner.paused,
        circles: partner
            .circles
            .iter()
            .map(|circle| circle_row(page, circle, carries(&partner.partner, circle, circles)))
            .collect(),
    }
}

fn standing(all_paused: bool, partner: &PartnerStatus) -> Standing {
    match (all_paused || partner.paused, partner.reachable, partner.last_contact) {
        (true, ..) => Standing::Paused,
        (false, true, _) => Standing::Up,
        (false, false, Some(_)) => Standing::Down,
        (false, false, None) => Standing::Never,
    }
}

/// Whether a partner carries a circle; what we carry ourselves has no name here, and may say nothing of it.
fn carries(partner: &str, shared: &PartnerCircle, circles: &[CircleView]) -> bool {
    let circle = circles.iter().find(|circle| circle.name == shared.circle_name);
    circle.is_some_and(|circle| circle.carriers.iter().any(|name| name == partner))
}

fn only_carries(partner: &str, circles: &[CircleView]) -> bool {
    let named = |names: &[String]| names.iter().any(|name| name == partner);
    circles.iter().any(|circle| named(&circle.carriers)) && !circles.iter().any(|c| named(&c.members))
}

fn circle_row(page: &Page, circle: &PartnerCircle, carries: bool) -> CircleRow {
    let t = page.t;
    let of = |part: u64| t.ss("partners-of", t.number(part), t.number(circle.ours));
    let confirmed = circle.confirmed_at.is_some();
    CircleRow {
        name: circle.circle_name.clone(),
        held: match (confirmed, circle.ours) {
            (false, _) => t.say("partners-confirmed-none"),
            (true, 0) => t.say("partners-nothing-of-ours"),
            (true, _) => of(circle.ours_held),
        },
        held_all: confirmed && circle.ours_held >= circle.ours,
        applied: match (carries, circle.ours, circle.ours_applied) {
            (true, ..) => t.say("partners-applied-sealed"),
            (false, 0, _) => String::new(),
            // What a partner has applied shows in what it writes.
            (false, _, 0) if confirmed => t.say("partners-applied-unknown"),
            (false, _, 0) => String::new(),
            (false, _, applied) => of(applied),
        },
        confirmed: circle.confirmed_at.map_or_else(String::new, |at: Millis| page.ago(&at)),
        waits: waits(page, circle.lacks, circle.waiting_edits),
        lacking: match circle.we_lack {
            0 => String::new(),
            lacking => t.n("partners-segments", lacking),
        },
    }
}

/// What waits for a partner, in words; empty if nothing does.
fn waits(page: &Page, segments: u64, edits: u64) -> String {
    let t = page.t;
    let mut all = Vec::new();
    if segments > 0 {
        all.push(t.n("partners-segments", segments));
    }
    if edits > 0 {
        all.push(t.n("partners-edits", edits));
    }
    all.join(&t.say("list-comma"))
}

impl Live<'_> {
    /// A name for a sentence that a button is called by.
    fn plain(&self, name: &str) -> String {
        shown::visible(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_told_from_two_looks_alone() {
        let at = |at, sent, received| Flow { at, sent, received };
        assert_eq!(at(5_000, 3_000, 800).speed_since(at(3_000, 1_000, 800)), Some((1_000, 0)));
        assert_eq!(at(5_000, 3_000, 0).speed_since(Flow::default()), None, "a page that just opened");
        assert_eq!(at(3_100, 3_000, 0).speed_since(at(3_000, 0, 0)), None, "too soon");
        assert_eq!(at(2_000, 0, 0).speed_since(at(3_000, 0, 0)), None, "a clock that went back");
        assert_eq!(at(5_000, 10, 0).speed_since(at(3_000, 900, 0)), None, "a node that began anew");
    }

    #[test]
    fn how_a_link_stands() {
        let partner = |paused, reachable, met: bool| PartnerStatus {
            paused,
            reachable,
            last_contact: met.then_some(Millis(1)),
            ..PartnerStatus::default()
        };
        assert_eq!(standing(false, &partner(false, true, true)), Standing::Up);
        assert_eq!(standing(false, &partner(false, false, true)), Standing::Down);
        assert_eq!(standing(false, &partner(false, false, false)), Standing::Never);
        assert_eq!(standing(false, &partner(true, false, true)), Standing::Paused);
        assert_eq!(standing(true, &partner(false, true, true)), Standing::Paused, "everyone is paused");
    }
}
