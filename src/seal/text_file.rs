//! Signed records as text: what is sent by mail, printed, or carried on a stick.
//!
//! The record's bytes in base64 between two marker lines. Mail programs change line ends and add blank lines around, so
//! these are forgiven; everything between the markers is read strictly, so that one record has one text.

use crate::codec::Malformed;
use base64::{Engine, prelude::BASE64_STANDARD};

/// Characters of a full line.
pub(super) const LINE: usize = 64;

fn markers(title: &str) -> (String, String) {
    (format!("-----BEGIN HOMEWARD {title}-----"), format!("-----END HOMEWARD {title}-----"))
}

/// Bytes as text, with a line end after the last line.
pub(super) fn write(title: &str, bytes: &[u8]) -> String {
    let (begin, end) = markers(title);
    let encoded = BASE64_STANDARD.encode(bytes);
    let mut text = String::with_capacity(encoded.len() + encoded.len() / LINE + 120);
    text.push_str(&begin);
    for (place, letter) in encoded.chars().enumerate() {
        if place % LINE == 0 {
            text.push('\n');
        }
        text.push(letter);
    }
    text.push('\n');
    text.push_str(&end);
    text.push('\n');
    text
}

/// Reads the bytes back out of a text of at most `limit` bytes.
///
/// # Errors
/// [`Malformed`].
pub(super) fn read(what: &'static str, title: &str, limit: usize, text: &str) -> Result<Vec<u8>, Malformed> {
    if text.len() > limit {
        return Err(Malformed::TooLong { what, limit });
    }
    let (begin, end) = markers(title);
    let strict = Malformed::NotStrict(what);
    let mut lines = text.trim().lines();
    if lines.next() != Some(begin.as_str()) || lines.next_back() != Some(end.as_str()) {
        return Err(strict);
    }
    let lines: Vec<&str> = lines.collect();
    let (last, full) = lines.split_last().ok_or(strict)?;
    if full.iter().any(|line| line.len() != LINE) || last.is_empty() || last.len() > LINE {
        return Err(strict);
    }
    BASE64_STANDARD.decode(lines.concat()).map_err(|_| strict)
}
