//! The recovery phrase: twelve words on paper that open a vault and its backups when all else is lost.
//!
//! BIP-39 English words for 16 bytes of chance, the last word with a checksum of four bits. Twelve words are what a
//! person copies without error; 128 bits are beyond guessing. The words make the seed of an mlkem768x25519 identity.

use super::{HybridIdentity, Recipient};
use crate::private::Private;
use crate::sign::{Domain, hash};
use bip39::{Language, Mnemonic};
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

/// Words in a phrase.
const WORDS: usize = 12;
/// Letters that tell every word of the list apart.
const ENOUGH_LETTERS: usize = 4;

/// Why typed text is no recovery phrase. Names places, never words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PhraseFault {
    /// Not twelve words.
    #[error("it has {0} words instead of 12")]
    Count(usize),
    /// A word that is not in the list; places count from 1.
    #[error("word {0} is not in the list")]
    Unknown(usize),
    /// All words are in the list, but one is wrong or two are exchanged.
    #[error("its words do not fit together: one is wrong, or two are exchanged")]
    Checksum,
}

/// Twelve words that open a vault.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryPhrase(Private<[u8; 16]>);

impl RecoveryPhrase {
    /// From 16 bytes of chance.
    pub fn from_chance(chance: [u8; 16]) -> Self {
        Self(Private::new(chance))
    }

    /// Reads what a person types: case, line breaks, numbers before the words and all but the first four letters of a
    /// word are forgiven.
    ///
    /// # Errors
    /// [`PhraseFault`].
    pub fn parse(typed: &Private<String>) -> Result<Self, PhraseFault> {
        let lower = Zeroizing::new(typed.reveal().to_lowercase());
        let typed_words: Vec<&str> =
            lower.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty()).collect();
        if typed_words.len() != WORDS {
            return Err(PhraseFault::Count(typed_words.len()));
        }
        let mut phrase = Zeroizing::new(String::with_capacity(WORDS * 9));
        for (place, word) in typed_words.iter().enumerate() {
            phrase.push_str(full_word(word).ok_or(PhraseFault::Unknown(place + 1))?);
            phrase.push(' ');
        }
        let mnemonic = Mnemonic::parse_in_normalized(Language::English, phrase.trim_end())
            .map_err(|_| PhraseFault::Checksum)?;
        let entropy = Zeroizing::new(mnemonic.to_entropy());
        let chance =
            <[u8; 16]>::try_from(entropy.as_slice()).map_err(|_| PhraseFault::Count(typed_words.len()))?;
        Ok(Self(Private::new(chance)))
    }

    /// The twelve words, to print on paper.
    ///
    /// # Panics
    /// If the library refuses 16 bytes: our own bug.
    #[allow(clippy::expect_used)]
    pub fn words(&self) -> Private<String> {
        let mnemonic = Mnemonic::from_entropy(self.0.reveal()).expect("16 bytes make twelve words");
        Private::new(mnemonic.words().collect::<Vec<_>>().join(" "))
    }

    /// The seed of the identity that opens what was locked for this phrase.
    pub fn seed(&self) -> Private<[u8; 32]> {
        Private::new(hash(Domain::Recovery, &[self.0.reveal()]).0)
    }

    /// What to lock to: is kept in the open, so that backups can be made without the phrase.
    pub fn recipient(&self) -> Recipient {
        HybridIdentity::new(self.seed()).recipient()
    }
}

/// The word of the list that was meant.
pub(super) fn full_word(typed: &str) -> Option<&'static str> {
    let list = Language::English.word_list();
    if let Some(word) = list.iter().find(|word| **word == typed) {
        return Some(word);
    }
    // Typed in full the word would have been found; shortened or misspelt at its end, its first letters tell it.
    let start = typed.get(..ENOUGH_LETTERS).filter(|_| typed.len() == ENOUGH_LETTERS)?;
    list.iter().find(|word| word.starts_with(start)).copied()
}

impl fmt::Debug for RecoveryPhrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryPhrase")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_reads_back_however_it_is_typed() {
        let phrase = RecoveryPhrase::from_chance([0x5a; 16]);
        let words = phrase.words();
        assert_eq!(words.reveal().split(' ').count(), 12);
        let short: Vec<String> =
            words.reveal().split(' ').map(|word| word.chars().take(4).collect()).collect();
        let numbered: Vec<String> =
            words.reveal().split(' ').enumerate().map(|(at, word)| format!("{}. {word}", at + 1)).collect();
        for typed in [
            words.reveal().clone(),
            words.reveal().to_uppercase(),
            format!("  {}\r\n", words.reveal().replace(' ', "\n  ")),
            short.join(" "),
            numbered.join("\n"),
        ] {
            assert_eq!(RecoveryPhrase::parse(&Private::new(typed)), Ok(phrase.clone()));
        }
    }

    #[test]
    fn the_words_are_those_of_bip39() {
        // The first vector of the BIP-39 reference.
        let words = RecoveryPhrase::from_chance([0; 16]).words();
        let mut expected = vec!["abandon"; 11];
        expected.push("about");
        assert_eq!(words.reveal(), &expected.join(" "));
    }

    #[test]
    fn mistakes_are_told_by_place() {
        let parse = |text: &str| RecoveryPhrase::parse(&text.into());
        let (eleven, ten) = (["abandon"; 11].join(" "), ["abandon"; 10].join(" "));
        assert_eq!(parse(""), Err(PhraseFault::Count(0)));
        assert_eq!(parse(&eleven), Err(PhraseFault::Count(11)));
        assert_eq!(parse(&format!("{ten} heronn about")), Err(PhraseFault::Unknown(11)));
        assert_eq!(parse(&format!("{eleven} abandon")), Err(PhraseFault::Checksum));
        assert_eq!(parse(&format!("{ten} ёжик about")), Err(PhraseFault::Unknown(11)));
        assert_eq!(format!("{:?}", RecoveryPhrase::from_chance([0; 16])), "RecoveryPhrase");
    }

    #[test]
    fn four_letters_tell_every_word() {
        for word in Language::English.word_list() {
            let start: String = word.chars().take(ENOUGH_LETTERS).collect();
            assert_eq!(full_word(&start), Some(*word), "{start}");
        }
    }
}
