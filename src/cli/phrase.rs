//! Safety phrases at a terminal: shown to be read out, typed as they were heard.

use super::out::Out;
use super::{files, prompt};
use crate::node::{Failure, FailureKind};
use std::path::Path;

/// The longest file of a phrase, in bytes.
const PHRASE_FILE_BYTES: usize = 4 * 1024;
/// Words, or numbers, in a phrase.
const COUNT: usize = 12;

/// Shows a phrase in words and in numbers.
pub(super) fn show(out: &mut Out, words: &[String], numbers: &[String]) {
    for row in words.chunks(6) {
        out.line(format!("  {}", row.join(" ")));
    }
    out.line("or as numbers:");
    for row in numbers.chunks(6) {
        out.line(format!("  {}", row.join(" ")));
    }
}

/// A phrase as it was heard: from a file, a terminal (after a remark that says whose), or stdin.
pub(super) fn heard(out: &mut Out, file: Option<&Path>, remark: &str) -> Result<String, Failure> {
    let stated = match file {
        Some(file) => files::read_text(file, PHRASE_FILE_BYTES, "phrase file")?,
        None if prompt::possible() => {
            let mut stated = String::new();
            out.remark(remark);
            // The phrase may be typed over several lines.
            while stated.split_whitespace().count() < COUNT {
                stated.push_str(&prompt::line("Twelve words or numbers, as you hear them:")?);
                stated.push(' ');
            }
            stated
        }
        None => files::read_text("-".as_ref(), PHRASE_FILE_BYTES, "phrase")?,
    };
    let words: Vec<&str> = stated.split_whitespace().collect();
    if words.len() != COUNT {
        return Err(Failure {
            kind: FailureKind::BadInput,
            what: "a safety phrase has twelve words, or twelve numbers".into(),
            then: "Type all of them: a part would be easy to forge.".into(),
        });
    }
    Ok(words.join(" "))
}
