//! Cards and trust.

use super::failure::{bad_input, internal, not_allowed, not_found};
use super::people::Trust;
use super::running::Node;
use super::{Answer, Failure, Request};
use crate::id::PartnerId;
use crate::seal::{Card, SafetyPhrase, card_from_text, card_to_text, is_demo_partner};
use crate::sign::Signed;
use crate::sync::Input;

pub(super) fn answer(node: &Node, request: Request) -> Result<Answer, Failure> {
    match request {
        Request::CardList => {
            let house = node.shared.house();
            let mut cards: Vec<_> = house.people.cards.values().map(|card| house.people.view(card)).collect();
            cards.sort_by_key(|card| (!card.own, card.name.clone()));
            Ok(Answer::Cards { cards })
        }
        Request::CardShow { partner } => one(node, &partner_or_own(node, partner.as_deref())?),
        Request::CardExport { partner } => {
            let partner = partner_or_own(node, partner.as_deref())?;
            let house = node.shared.house();
            let card = card_of(house.people.cards.get(&partner))?;
            Ok(Answer::CardFile { name: card.name.clone(), text: card_to_text(card) })
        }
        Request::CardImport { text } => import(node, &text),
        Request::CardTrust { partner, phrase, introduced_by } => {
            trust(node, &partner, phrase.as_deref(), introduced_by.as_deref())
        }
        Request::CardDistrust { partner } => {
            let partner = node.shared.house().people.find(&partner)?;
            let mut house = node.shared.house();
            if partner == house.people.own {
                return Err(not_allowed("this office's own card is always trusted", "Name another partner."));
            }
            let mut standing = house.people.standing.get(&partner).cloned().unwrap_or_default();
            standing.trust = None;
            standing.distrusted = true;
            house.keep_standing(partner, standing)?;
            drop(house);
            node.driver().rest_circles();
            node.nudge();
            one(node, &partner)
        }
        _ => Err(internal("no request about cards")),
    }
}

fn partner_or_own(node: &Node, named: Option<&str>) -> Result<PartnerId, Failure> {
    let house = node.shared.house();
    named.map_or(Ok(house.people.own), |named| house.people.find(named))
}

fn card_of(card: Option<&Signed<Card>>) -> Result<&Signed<Card>, Failure> {
    card.ok_or_else(|| {
        not_found("that partner's card is not here", "Take it in with `homeward card import FILE`.")
    })
}

fn one(node: &Node, partner: &PartnerId) -> Result<Answer, Failure> {
    let house = node.shared.house();
    let card = card_of(house.people.cards.get(partner))?;
    Ok(Answer::Cards { cards: vec![house.people.view(card)] })
}

fn import(node: &Node, text: &str) -> Result<Answer, Failure> {
    let card = card_from_text(text).map_err(|fault| {
        bad_input(format!("this is no card: {fault}"), "Ask the partner to send the card again.")
    })?;
    let partner = card.partner;
    {
        let mut house = node.shared.house();
        if is_demo_partner(&partner) && !house.demo {
            return Err(demo_card());
        }
        if let Some(held) = house.people.cards.get(&partner)
            && held.revision > card.revision
        {
            return Err(bad_input(
                format!(
                    "a newer card of this partner is here: revision {}, this one is {}",
                    held.revision, card.revision
                ),
                "Ask the partner for its newest card; nothing was changed.",
            ));
        }
        let name = card.name.to_lowercase();
        let taken = house
            .people
            .cards
            .values()
            .any(|other| other.partner != partner && other.name.to_lowercase() == name);
        if taken {
            house.notice(format!(
                "Two partners call themselves {}: name them by the start of the id.",
                card.name
            ));
        }
        house.keep_card(&card, None)?;
    }
    let mut driver = node.driver();
    driver.hand(Input::Card(Box::new(card)));
    driver.learn_ways(node.shared.house());
    drop(driver);
    node.nudge();
    one(node, &partner)
}

fn demo_card() -> Failure {
    not_allowed(
        "this is the card of a demo partner: its keys are published, so anyone can speak in its name",
        "It has a place in demo homes alone. Ask the partner for its own card; nothing was changed.",
    )
}

fn trust(
    node: &Node,
    named: &str,
    phrase: Option<&str>,
    introduced_by: Option<&str>,
) -> Result<Answer, Failure> {
    let partner = {
        let mut house = node.shared.house();
        let partner = house.people.find(named)?;
        if partner == house.people.own {
            return Err(not_allowed("this office's own card is always trusted", "Name another partner."));
        }
        if is_demo_partner(&partner) && !house.demo {
            return Err(demo_card());
        }
        let since = house.now();
        let trust = match (phrase, introduced_by) {
            (Some(typed), None) if SafetyPhrase::of(&partner).matches(typed) => Trust::ByPhrase { since },
            (Some(_), None) => {
                return Err(not_allowed(
                    "the safety phrase does not match",
                    "Ask the partner over a call to read all twelve words or numbers again. If they still differ, \
                     somebody has exchanged the card: do not trust it.",
                ));
            }
            (None, Some(by)) => {
                let by = house.people.find(by)?;
                // This office can introduce to its own new machine whom another machine of it knows.
                let alone = house.people.certificates(&house.people.own).len() < 2;
                if by == partner || (by == house.people.own && alone) || !house.people.trusts(&by) {
                    return Err(not_allowed(
                        "only a partner who is trusted here can introduce another",
                        "Compare the safety phrase with the partner itself: `homeward card trust PARTNER`.",
                    ));
                }
                Trust::Introduced { by, since }
            }
            _ => {
                return Err(bad_input(
                    "trust needs the safety phrase, or who introduces",
                    "Type all twelve words, or use --introduced-by PARTNER.",
                ));
            }
        };
        let mut standing = house.people.standing.get(&partner).cloned().unwrap_or_default();
        standing.trust = Some(trust);
        standing.distrusted = false;
        house.keep_standing(partner, standing)?;
        partner
    };
    let accepted = node.shared.house().accept_circles()?;
    for circle in accepted {
        node.driver().hand(Input::Accepted { circle });
    }
    node.driver().rest_circles();
    node.shared.want_replay();
    node.catch_up()?;
    node.nudge();
    one(node, &partner)
}
