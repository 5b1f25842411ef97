//! A card as text: what is sent by mail, printed, or kept in `keys/`.

use super::{Card, text_file};
use crate::codec::Malformed;
use crate::limit;
use crate::sign::Signed;

const TITLE: &str = "CARD";

/// The card as text, with a line end after the last line.
pub fn card_to_text(card: &Signed<Card>) -> String {
    text_file::write(TITLE, card.bytes())
}

/// Reads a card from text and checks it.
///
/// # Errors
/// [`Malformed`].
pub fn card_from_text(text: &str) -> Result<Signed<Card>, Malformed> {
    Signed::decode(&text_file::read("card file", TITLE, limit::CARD_TEXT_BYTES, text)?)
}

#[cfg(test)]
mod tests {
    use super::text_file::LINE;
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
            ("markers alone", format!("{}\n{}\n", lines[0], lines[lines.len() - 1])),
            ("no end", text.replace(lines[lines.len() - 1], "")),
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
