//! A card as text: what is sent by mail, printed, or kept in `keys/`.
//!
//! The record's bytes in base64 between two marker lines. Mail programs change line ends and add blank lines around, so
//! these are forgiven; everything between the markers is read strictly, so that one card has one text.

use super::Card;
use crate::codec::Malformed;
use crate::limit;
use crate::sign::Signed;
use base64::{Engine, prelude::BASE64_STANDARD};

const BEGIN: &str = "-----BEGIN HOMEWARD CARD-----";
const END: &str = "-----END HOMEWARD CARD-----";
/// Characters of a full line.
const LINE: usize = 64;
const WHAT: &str = "card file";

/// The card as text, with a line end after the last line.
pub fn card_to_text(card: &Signed<Card>) -> String {
    let encoded = BASE64_STANDARD.encode(card.bytes());
    let mut text = String::with_capacity(encoded.len() + encoded.len() / LINE + 80);
    text.push_str(BEGIN);
    for (place, letter) in encoded.chars().enumerate() {
        if place % LINE == 0 {
            text.push('\n');
        }
        text.push(letter);
    }
    text.push('\n');
    text.push_str(END);
    text.push('\n');
    text
}

/// Reads a card from text and checks it.
///
/// # Errors
/// [`Malformed`].
pub fn card_from_text(text: &str) -> Result<Signed<Card>, Malformed> {
    if text.len() > limit::CARD_TEXT_BYTES {
        return Err(Malformed::TooLong { what: WHAT, limit: limit::CARD_TEXT_BYTES });
    }
    let strict = Malformed::NotStrict(WHAT);
    let mut lines = text.trim().lines();
    if lines.next() != Some(BEGIN) || lines.next_back() != Some(END) {
        return Err(strict);
    }
    let lines: Vec<&str> = lines.collect();
    let (last, full) = lines.split_last().ok_or(strict)?;
    if full.iter().any(|line| line.len() != LINE) || last.is_empty() || last.len() > LINE {
        return Err(strict);
    }
    let bytes = BASE64_STANDARD.decode(lines.concat()).map_err(|_| strict)?;
    Signed::decode(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::demo_card;

    #[test]
    fn a_card_reads_back_as_mail_brings_it() {
        let card = demo_card("kyiv");
        let text = card_to_text(&card);
        assert!(text.lines().all(|line| line.len() <= LINE));
        for text in
            [text.clone(), text.replace('\n', "\r\n"), format!("\n\n{text}\n"), text.trim().to_owned()]
        {
            assert_eq!(card_from_text(&text), Ok(card.clone()));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let text = card_to_text(&demo_card("kyiv"));
        let lines: Vec<&str> = text.lines().collect();
        let joined = format!("{}\n{}{}\n{}", lines[0], lines[1], lines[2], lines[3..].join("\n"));
        let long = format!("{text}{}", " ".repeat(limit::CARD_TEXT_BYTES));
        for (what, bad) in [
            ("empty", String::new()),
            ("markers alone", format!("{BEGIN}\n{END}\n")),
            ("no end", text.replace(END, "")),
            ("other marker", text.replace("CARD", "CART")),
            ("text before", format!("hello\n{text}")),
            ("a blank line", text.replacen(lines[3], &format!("{}\n", lines[3]), 1)),
            ("a space", text.replacen(lines[3], &lines[3].replacen(&lines[3][..1], " ", 1), 1)),
            ("two lines joined", joined),
            ("a line lost", text.replacen(&format!("{}\n", lines[5]), "", 1)),
            ("quoted", lines.join("\n> ")),
            ("too long", long),
        ] {
            assert!(card_from_text(&bad).is_err(), "{what}");
        }
    }
}
