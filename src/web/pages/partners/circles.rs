//! Circles: who reads, who carries, how many cases; making one.

use super::{all_cards, all_circles, refused, tabs};
use crate::node::{Answer, CardView, CircleView, Request, TrustView};
use crate::private::Private;
use crate::web::fault::{self, Fault};
use crate::web::form::Sent;
use crate::web::page::{Frame, Here, May, Page, show};
use crate::web::shown::{self, Html};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "circles.html")]
struct CirclesPage<'a> {
    frame: Frame,
    page: &'a Page,
    tabs: Vec<super::Tab>,
    circles: Vec<CircleView>,
    hidden: Vec<CircleView>,
}

#[derive(Template)]
#[template(path = "circle_new.html")]
struct NewPage<'a> {
    frame: Frame,
    page: &'a Page,
    tabs: Vec<super::Tab>,
    others: Vec<CardView>,
    not_trusted: usize,
}

/// What is about to be made, to be read once more: it can never be changed.
#[derive(Template)]
#[template(path = "circle_sure.html")]
struct SurePage<'a> {
    frame: Frame,
    page: &'a Page,
    tabs: Vec<super::Tab>,
    name: Private<String>,
    members: Vec<CardView>,
    carriers: Vec<CardView>,
}

pub(in crate::web) async fn page(page: Page) -> Response {
    let made = async {
        page.only(May::Look)?;
        let (hidden, circles) = all_circles(&page).await?.into_iter().partition(|circle| circle.hidden);
        let frame = page.frame(Here::Partners, page.t.say("partners-tab-circles")).await?;
        let tabs = tabs(&page, "partners/circles");
        show(&CirclesPage { frame, page: &page, tabs, circles, hidden })
    };
    made.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

pub(in crate::web) async fn new_form(page: Page) -> Response {
    let made = async {
        page.only(May::Arrange)?;
        let others: Vec<CardView> = all_cards(&page).await?.into_iter().filter(|card| !card.own).collect();
        let all = others.len();
        let others: Vec<CardView> = others.into_iter().filter(is_trusted).collect();
        let frame = page.frame(Here::Partners, page.t.say("partners-circle-new")).await?;
        let not_trusted = all - others.len();
        let tabs = tabs(&page, "partners/circles");
        show(&NewPage { frame, page: &page, tabs, others, not_trusted })
    };
    made.await.unwrap_or_else(|fault| fault::answer(&page, fault))
}

fn is_trusted(card: &CardView) -> bool {
    !matches!(card.trust, TrustView::NotYet { .. })
}

/// A circle as the form sends it: the name, and for each partner its id and what it shall be.
struct Draft {
    name: Private<String>,
    members: Vec<String>,
    carriers: Vec<String>,
    is_sure: bool,
}

impl Draft {
    fn read(fields: Vec<(String, Private<String>)>) -> Self {
        let mut draft =
            Self { name: Private::default(), members: Vec::new(), carriers: Vec::new(), is_sure: false };
        for (field, value) in fields {
            match field.strip_prefix("p-") {
                Some(partner) => match value.reveal().as_str() {
                    "reads" => draft.members.push(partner.to_owned()),
                    "carries" => draft.carriers.push(partner.to_owned()),
                    _ => {}
                },
                None if field == "name" => draft.name = Private::new(value.reveal().trim().to_owned()),
                None => draft.is_sure |= field == "sure",
            }
        }
        draft
    }
}

/// Shows first who will read, then makes it.
pub(in crate::web) async fn new(Sent(page, fields): Sent<Vec<(String, Private<String>)>>) -> Response {
    let done = async {
        page.only(May::Arrange)?;
        let draft = Draft::read(fields);
        if draft.is_sure {
            let Draft { name, members, carriers, .. } = draft;
            page.ask(Request::CircleNew { name, members, carriers }).await?;
            return Ok(fault::elsewhere(&page, "partners/circles"));
        }
        let cards = all_cards(&page).await?;
        let chosen = |ids: &[String]| -> Vec<CardView> {
            cards.iter().filter(|card| ids.contains(&card.partner.hex())).cloned().collect()
        };
        let frame = page.frame(Here::Partners, page.t.say("partners-circle-new")).await?;
        let mut members = chosen(&draft.members);
        members.splice(0..0, cards.iter().filter(|card| card.own).cloned());
        let (name, carriers) = (draft.name.clone(), chosen(&draft.carriers));
        let tabs = tabs(&page, "partners/circles");
        show(&SurePage { frame, page: &page, tabs, name, members, carriers })
    };
    done.await.unwrap_or_else(|fault| refused(&page, fault))
}

/// Which circle a path means.
#[derive(Deserialize)]
pub(in crate::web) struct InCircle {
    id: String,
}

/// Whether a circle is to be hidden or shown.
#[derive(Deserialize)]
pub(in crate::web) struct Hiding {
    #[serde(default)]
    hide: String,
}

pub(in crate::web) async fn hide(Path(wanted): Path<InCircle>, Sent(page, hiding): Sent<Hiding>) -> Response {
    let done = async {
        page.only(May::Arrange)?;
        let request = Request::CircleHide { circle: wanted.id.clone(), hide: !hiding.hide.is_empty() };
        match page.ask(request).await? {
            Answer::Circles { .. } => Ok(fault::elsewhere(&page, "partners/circles")),
            _ => Err(page.unexpected()),
        }
    };
    done.await.unwrap_or_else(|fault: Fault| refused(&page, fault))
}

impl CirclesPage<'_> {
    /// Its name, or the start of its id: what is only carried cannot be read.
    fn title(&self, circle: &CircleView) -> Html {
        match circle.name.is_empty() {
            true => shown::plain(&circle.circle.short()),
            false => self.page.text(&circle.name),
        }
    }

    fn is_carried(&self, circle: &CircleView) -> bool {
        // As answers name it: the type itself stands on a floor that pages do not look at.
        serde_json::to_value(circle.role).is_ok_and(|role| role == "carrier")
    }

    fn names(&self, names: &[String]) -> String {
        self.page.t.list(names)
    }
}

impl SurePage<'_> {
    fn value(&self, text: &Private<String>) -> Html {
        shown::value(text)
    }

    fn names(&self, cards: &[CardView]) -> String {
        let names: Vec<&str> = cards.iter().map(|card| card.name.as_str()).collect();
        self.page.t.list(&names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_what_was_marked() {
        let field = |name: &str, value: &str| (name.to_owned(), Private::from(value));
        let draft = Draft::read(vec![
            field("name", " families "),
            field("p-aa", "reads"),
            field("p-bb", "carries"),
            field("p-cc", "no"),
            field("other", "reads"),
        ]);
        assert_eq!(*draft.name.reveal(), "families");
        assert_eq!((draft.members, draft.carriers), (vec!["aa".to_owned()], vec!["bb".to_owned()]));
        assert!(!draft.is_sure);
        assert!(Draft::read(vec![field("sure", "1")]).is_sure);
    }
}
