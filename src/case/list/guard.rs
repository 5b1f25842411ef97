//! Cells that a spreadsheet would run as a formula (OWASP, "CSV injection").

use std::borrow::Cow;

/// What makes a spreadsheet compute instead of show, with the full-width forms that some treat alike.
fn starts_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// A cell for export: what would be a formula gets an apostrophe before it, which spreadsheets show as text.
pub fn guard_cell(text: &str) -> Cow<'_, str> {
    let bare = text.trim_start_matches([' ', '\'', '\u{a0}']);
    if starts_formula(text) || starts_formula(bare) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Takes off the apostrophe that [`guard_cell`] put on, so that what was exported is imported as it was.
pub fn unguard_cell(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if guard_cell(rest) == text => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_become_text() {
        for formula in ["=1+1", "+380 00 000", "-1", "@SUM(A1)", "\t=1", "  =1", "'=1", "＝1"] {
            assert!(guard_cell(formula).starts_with('\''), "{formula}");
        }
        for text in ["", "Marusia", "'Abd", "2014-05-16", "a=b"] {
            assert_eq!(guard_cell(text), text);
        }
    }

    proptest! {
        #[test]
        fn what_was_guarded_comes_back(text in "[-=+@' \\ta-z]{0,6}|\\PC{0,10}") {
            let guarded = guard_cell(&text);
            prop_assert!(!starts_formula(&guarded));
            // A text that looks guarded already was not written by us unguarded.
            prop_assert_eq!(unguard_cell(&guarded), text.as_str());
        }
    }
}
