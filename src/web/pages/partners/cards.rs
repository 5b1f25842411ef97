//! Cards: who the partners are, how far each is trusted, and the phrase that is read out over a call.

use super::qr::{Qr, qr};
use super::{all_cards, download, file_name, refused, tabs};
use crate::limit;
use crate::node::{Answer, CardView, Failure, FailureKind, Request, TrustView};
use crate::web::fault::{self, Fault};
use crate::web::form::{Dropped, Sent};
use crate::web::page::{Frame, Here, May, Page, show};
use crate::web::shown;
use crate::web::texts::Dated;
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "cards.html")]
struct CardsPage<'a> {
    frame: Frame,
    page: &'a Page,
    tabs: Vec<super::Tab>,
    cards: Vec<CardView>,
    most: usize,
}

#[derive(Template)]
#[template(path = "card.html")]
struct CardPage<'a> {
    frame: Frame,
    page: &'a Page,
    tabs: Vec<super::Tab>,
    card: CardView,
    id: String,
    /// Trusted partners who could have introduced this one: id and name.
    introducers: Vec<(String, String)>,
    shown: Option<Qr>,
    /// Whether the picture holds the whole card, or only what it is compared by.
    whole: bool,
}

/// Which card a path means.
#[derive(Deserialize)]
pub(in crate::web) struct InCard {
    id: String,
}

pub(in crate::web) async fn page(page: Page) -> Response {
    let made = async {
        page.only(May::Look)?;
        let cards = all_cards(&page).await?;
        let frame = page.frame(Here::Partners, page.t.say("partners-tab-cards")).await?;
        let most = limit::CARD_TEXT_BYTES;
        show(&CardsPage { frame, page: &page, tabs: tabs(&page, "partners/cards"), cards, most })
    };
    made.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

/// Takes a card in that was dropped on the page, and shows it: trusting it is a step of its own.
pub(in crate::web) async fn import(Dropped(page, bytes): Dropped) -> Response {
    let done = async {
        page.only(May::Arrange)?;
        let text = Some(bytes.to_vec()).filter(|bytes| bytes.len() <= limit::CARD_TEXT_BYTES);
        let text = text.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(no_card)?;
        one(&page, Request::CardImport { text }).await
    };
    match done.await {
        Ok(card) => fault::elsewhere(&page, &format!("partners/cards/{}", card.partner.hex())),
        Err(fault) => refused(&page, fault),
    }
}

fn no_card() -> Fault {
    Fault::Node(Failure {
        kind: FailureKind::BadInput,
        what: "this file is no card".into(),
        then: "Choose the file that the partner sent; its name ends in .card. Nothing was changed.".into(),
    })
}

pub(in crate::web) async fn card(page: Page, Path(wanted): Path<InCard>) -> Response {
    let made = async {
        page.only(May::Look)?;
        let card = one(&page, Request::CardShow { partner: Some(wanted.id.clone()) }).await?;
        let id = card.partner.hex();
        let (shown, whole) = picture(&page, &card).await?;
        let trusted = all_cards(&page).await?.into_iter().filter(|other| {
            let is_trusted = matches!(other.trust, TrustView::ByPhrase { .. } | TrustView::Introduced { .. });
            is_trusted && other.partner != card.partner
        });
        let introducers = trusted.map(|other| (other.partner.hex(), shown::visible(&other.name))).collect();
        let frame = page.frame(Here::Partners, shown::visible(&card.name)).await?;
        let tabs = tabs(&page, "partners/cards");
        show(&CardPage { frame, page: &page, tabs, card, id, introducers, shown, whole })
    };
    made.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

/// The whole card as a picture if it fits into one; else what it is compared by, if that may be shown here.
async fn picture(page: &Page, card: &CardView) -> Result<(Option<Qr>, bool), Fault> {
    let (_, text) = card_file(page, &card.partner.hex()).await?;
    if let Some(whole) = qr(&text) {
        return Ok((Some(whole), true));
    }
    let compared = format!("Homeward {}\n{}", card.partner.hex(), card.numbers.join(" "));
    Ok((qr(&compared).filter(|_| may_be_read(card)), false))
}

/// Whether the phrase may stand on this screen. That of a card that is not trusted yet is to be heard from its office:
/// here it would be copied from the very card that it should be compared with.
fn may_be_read(card: &CardView) -> bool {
    !matches!(card.trust, TrustView::NotYet { .. })
}

pub(in crate::web) async fn file(page: Page, Path(wanted): Path<InCard>) -> Response {
    let made = async {
        page.only(May::Look)?;
        let (name, text) = card_file(&page, &wanted.id).await?;
        let short: String = wanted.id.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
        Ok(download(&file_name(&name, &short, "card"), text.into_bytes()))
    };
    made.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

/// How somebody came to trust: by what was heard, or on a partner's word.
#[derive(Deserialize)]
pub(in crate::web) struct Grounds {
    #[serde(default)]
    phrase: String,
    #[serde(default)]
    introduced_by: String,
}

pub(in crate::web) async fn trust(
    Path(wanted): Path<InCard>,
    Sent(page, grounds): Sent<Grounds>,
) -> Response {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let request = Request::CardTrust {
        partner: wanted.id,
        phrase: given(&grounds.phrase),
        introduced_by: given(&grounds.introduced_by),
    };
    changed(&page, request).await
}

pub(in crate::web) async fn distrust(Path(wanted): Path<InCard>, Sent(page, _): Sent<Grounds>) -> Response {
    changed(&page, Request::CardDistrust { partner: wanted.id }).await
}

async fn changed(page: &Page, request: Request) -> Response {
    let done = async {
        page.only(May::Arrange)?;
        one(page, request).await
    };
    match done.await {
        Ok(card) => fault::elsewhere(page, &format!("partners/cards/{}", card.partner.hex())),
        Err(fault) => refused(page, fault),
    }
}

async fn one(page: &Page, request: Request) -> Result<CardView, Fault> {
    match page.ask(request).await? {
        Answer::Cards { cards } => cards.into_iter().next().ok_or_else(|| page.unexpected()),
        _ => Err(page.unexpected()),
    }
}

async fn card_file(page: &Page, partner: &str) -> Result<(String, String), Fault> {
    match page.ask(Request::CardExport { partner: Some(partner.to_owned()) }).await? {
        Answer::CardFile { name, text } => Ok((name, text)),
        _ => Err(page.unexpected()),
    }
}

/// How far a card is trusted, in words.
fn trust_words(page: &Page, trust: &TrustView) -> String {
    let t = page.t;
    match trust {
        TrustView::Own => t.say("partners-trust-own"),
        TrustView::ByPhrase { since } => t.s("partners-trust-phrase", Dated(page.moment(since))),
        TrustView::Introduced { by, since } => {
            t.ss("partners-trust-introduced", by, Dated(page.moment(since)))
        }
        TrustView::NotYet { brought_by } if brought_by.is_empty() => t.say("partners-trust-not"),
        TrustView::NotYet { brought_by } => t.s("partners-trust-not-brought", t.list(brought_by)),
    }
}

impl CardsPage<'_> {
    fn trust(&self, card: &CardView) -> String {
        trust_words(self.page, &card.trust)
    }
}

impl CardPage<'_> {
    fn trust(&self) -> String {
        trust_words(self.page, &self.card.trust)
    }

    fn may_be_read(&self) -> bool {
        may_be_read(&self.card)
    }

    /// Words and numbers side by side.
    fn phrase(&self) -> impl Iterator<Item = (&String, &String)> {
        self.card.words.iter().zip(&self.card.numbers)
    }
}
