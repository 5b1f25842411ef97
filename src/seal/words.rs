//! Safety phrases: what two people read to each other over the telephone to know that they hold the right key.
//!
//! 132 bits of the hash of a partner's key, as twelve words or twelve numbers: a forger who wants a key with the same
//! phrase must search them all. Words are English (BIP-39's list); numbers are read in any language.

use super::NodePublic;
use crate::id::{Hash, PartnerId};
use crate::sign::{Domain, hash};
use bip39::Language;
use std::fmt::Write as _;

/// Words, and numbers, in a phrase.
const COUNT: usize = 12;
/// Bits that one of them stands for.
const BITS: usize = 11;
/// Characters of typed text that are looked at: no phrase is longer.
const TYPED_CHARACTERS: usize = 512;

/// The phrase of one partner key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SafetyPhrase([u16; COUNT]);

impl SafetyPhrase {
    /// The phrase of a partner's key.
    pub fn of(partner: &PartnerId) -> Self {
        Self::from_digest(&hash(Domain::SafetyPhrase, &[&partner.0]))
    }

    /// The phrase of one machine's keys: all three, as a certificate would name them.
    pub fn of_node(node: &NodePublic) -> Self {
        let fields: [&[u8]; 3] = [&node.node.0, &node.link.0, &node.recipient.0];
        Self::from_digest(&hash(Domain::NodePhrase, &fields))
    }

    fn from_digest(digest: &Hash) -> Self {
        let mut numbers = [0; COUNT];
        for (place, number) in numbers.iter_mut().enumerate() {
            *number = (place * BITS..(place + 1) * BITS).fold(0, |number, bit| {
                let byte = digest.0.get(bit / 8).copied().unwrap_or_default();
                number << 1 | u16::from(byte >> (7 - bit % 8) & 1)
            });
        }
        Self(numbers)
    }

    /// Twelve numbers of 0 to 2047.
    pub fn numbers(&self) -> [u16; COUNT] {
        self.0
    }

    /// Twelve English words with a space between.
    pub fn words(&self) -> String {
        let list = Language::English.word_list();
        let words: Vec<&str> =
            self.0.iter().filter_map(|number| list.get(usize::from(*number)).copied()).collect();
        words.join(" ")
    }

    /// Twelve numbers of four digits with a space between.
    pub fn digits(&self) -> String {
        let mut text = String::with_capacity(COUNT * 5);
        for (place, number) in self.0.iter().enumerate() {
            // Writing to a String cannot fail.
            let _ = write!(text, "{}{number:04}", if place == 0 { "" } else { " " });
        }
        text
    }

    /// Whether typed text is this phrase, in words or in numbers: case, spacing and marks between are forgiven, digits
    /// may be Latin, Arabic or Persian, words may be mixed with numbers.
    pub fn matches(&self, typed: &str) -> bool {
        let text: String =
            typed.chars().take(TYPED_CHARACTERS + 1).flat_map(char::to_lowercase).map(latin).collect();
        if text.chars().count() > TYPED_CHARACTERS {
            return false;
        }
        // Numbers run together, or in groups of another size: digits alone count, if they are all there.
        let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
        if digits.len() == COUNT * 4 && !text.chars().any(char::is_alphabetic) {
            return digits.iter().copied().eq(self.digits().chars().filter(char::is_ascii_digit));
        }
        let list = Language::English.word_list();
        let read = |token: &str| match token.parse::<u16>() {
            Ok(number) => Some(number),
            Err(_) => list.iter().position(|word| *word == token).and_then(|place| u16::try_from(place).ok()),
        };
        let tokens = text.split(|letter: char| !letter.is_alphanumeric()).filter(|token| !token.is_empty());
        tokens.map(read).eq(self.0.iter().map(|number| Some(*number)))
    }
}

/// Arabic and Persian digits as Latin ones.
fn latin(letter: char) -> char {
    let digit = match letter {
        '\u{660}'..='\u{669}' => u32::from(letter) - 0x660,
        '\u{6f0}'..='\u{6f9}' => u32::from(letter) - 0x6f0,
        _ => return letter,
    };
    char::from_digit(digit, 10).unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrase() -> SafetyPhrase {
        SafetyPhrase::of(&PartnerId([7; 32]))
    }

    #[test]
    fn words_and_numbers_are_the_first_132_bits() {
        let digest = hash(Domain::SafetyPhrase, &[&[7; 32]]);
        let bits: String = digest.0.iter().map(|byte| format!("{byte:08b}")).collect();
        for (place, number) in phrase().numbers().into_iter().enumerate() {
            assert_eq!(format!("{number:011b}"), bits[place * 11..(place + 1) * 11]);
        }
        assert_eq!(phrase().words().split(' ').count(), 12);
        assert_eq!(phrase().digits().len(), 59);
        assert_ne!(phrase(), SafetyPhrase::of(&PartnerId([8; 32])));
    }

    #[test]
    fn a_phrase_is_known_however_it_is_typed() {
        let (words, digits) = (phrase().words(), phrase().digits());
        let arabic: String = digits
            .chars()
            .map(|d| d.to_digit(10).and_then(|d| char::from_u32(0x660 + d)).unwrap_or(d))
            .collect();
        let plain: Vec<String> = phrase().numbers().iter().map(u16::to_string).collect();
        for typed in [
            words.clone(),
            words.to_uppercase(),
            format!("\t{}\n", words.replace(' ', "  ,\n")),
            digits.clone(),
            digits.replace(' ', ""),
            digits.replace(' ', "-"),
            plain.join(" "),
            arabic,
        ] {
            assert!(phrase().matches(&typed));
        }
    }

    #[test]
    fn another_phrase_is_not_taken_for_it() {
        let other = SafetyPhrase::of(&PartnerId([8; 32]));
        let words = phrase().words();
        let eleven = words.rsplit_once(' ').unwrap().0.to_owned();
        let swapped: Vec<&str> = words.split(' ').rev().collect();
        let digits = phrase().digits();
        for typed in [
            other.words(),
            other.digits(),
            eleven.clone(),
            format!("{words} abandon"),
            format!("{eleven} zzzz"),
            swapped.join(" "),
            digits.replace(' ', "")[..44].to_owned(),
            format!("{digits} {}", "0".repeat(2000)),
            String::new(),
        ] {
            assert!(!phrase().matches(&typed), "{typed}");
        }
    }
}
