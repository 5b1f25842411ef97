//! Text from people on a terminal: characters that steer a screen are shown, never obeyed.
//!
//! A name with an escape sequence could clear the screen or rewrite lines already printed; a direction override could
//! make one value read as another. Both come from partners who do not trust each other. So control characters, the
//! controls of reading direction, and characters that have no width and no shape are written as `\u{202e}`. What
//! scripts need to join letters (U+200C, U+200D) stays.

use crate::case::hides as steers;
use std::borrow::Cow;
use std::fmt::Write as _;

/// One line, safe to print: line ends too are shown, as `\n`.
pub(super) fn line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            '\t' => safe.push_str("\\t"),
            c if steers(c) => {
                // Writing to a String cannot fail.
                let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
            }
            c => safe.push(c),
        }
    }
    Cow::Owned(safe)
}

/// JSON, safe to print and still the same JSON: steering characters stand only inside its strings, where `\u202e`
/// means the same.
pub(super) fn json(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if steers(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_steers_is_shown() {
        assert_eq!(line("Ма\u{202e}рія"), "Ма\\u{202e}рія");
        assert_eq!(line("\u{1b}[2Jgone"), "\\u{1b}[2Jgone");
        assert_eq!(line("one\ntwo\r\tthree\u{7f}\u{9b}31m"), "one\\ntwo\\r\\tthree\\u{7f}\\u{9b}31m");
        assert_eq!(line("tag\u{e0041}"), "tag\\u{e0041}");
    }

    #[test]
    fn what_scripts_need_stays() {
        for text in ["Марія Їжак", "می\u{200c}خواهم", "عبد الله", "Ο", "e\u{301}", "o'Brien \\u"]
        {
            assert!(matches!(line(text), Cow::Borrowed(same) if same == text));
        }
    }

    proptest! {
        #[test]
        fn no_line_steers(text in any::<String>()) {
            prop_assert!(!line(&text).chars().any(steers));
        }

        #[test]
        fn json_stays_the_same_json(text in any::<String>()) {
            let written = serde_json::to_string(&text).unwrap();
            let safe = json(&written);
            prop_assert!(!safe.chars().any(steers));
            prop_assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), text);
        }
    }
}
