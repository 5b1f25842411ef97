//! Text that people wrote, as HTML: escaped, each piece in its own direction, and nothing in it obeyed.
//!
//! Characters that steer or hide are shown by their numbers. A word that mixes Latin with Cyrillic letters is marked:
//! two names that look alike may be two names.

use crate::case::hides;
use crate::private::Private;
use askama::filters::HtmlSafe;
use std::fmt::{self, Write};

/// HTML that was made here.
#[derive(Clone, Default)]
pub(super) struct Html(String);

impl HtmlSafe for Html {}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Html {
    /// HTML made elsewhere in this room, by a template.
    pub(super) fn made(html: String) -> Self {
        Self(html)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// On one line, in a direction of its own.
pub(super) fn text(text: &Private<String>) -> Html {
    plain(text.reveal())
}

/// The same for text that is not private: names of partners, codes.
pub(super) fn plain(text: &str) -> Html {
    let mut html = String::with_capacity(text.len() + 16);
    html.push_str("<bdi>");
    put(&mut html, text, false);
    html.push_str("</bdi>");
    Html(html)
}

/// With its lines: notes, remarks.
pub(super) fn lines(text: &Private<String>) -> Html {
    let mut html = String::with_capacity(text.len_bytes() + 16);
    for line in text.reveal().split('\n') {
        html.push_str("<p dir=\"auto\">");
        put(&mut html, line, true);
        html.push_str("</p>");
    }
    Html(html)
}

/// Inside an attribute or a form's field: as it is, escaped; browsers do not obey there what they show in boxes.
pub(super) fn value(text: &Private<String>) -> Html {
    let mut html = String::with_capacity(text.len_bytes() + 8);
    text.reveal().chars().for_each(|c| escape(&mut html, c));
    Html(html)
}

/// Plain text for a sentence: what steers or hides stands by its number.
pub(super) fn visible(text: &str) -> String {
    // The isolates that fluent puts around what it is given are its own affair.
    text.chars().fold(String::with_capacity(text.len()), |mut all, c| {
        match hides(c) {
            // Writing to a String cannot fail.
            true => drop(write!(all, "U+{:04X}", u32::from(c))),
            false => all.push(c),
        }
        all
    })
}

fn put(html: &mut String, text: &str, tabs: bool) {
    for (at, word) in text.split(' ').enumerate() {
        if at > 0 {
            html.push(' ');
        }
        let mixed = mixes(word);
        if mixed {
            html.push_str("<mark class=\"mixed\">");
        }
        for c in word.chars() {
            if hides(c) && !(tabs && c == '\t') {
                // Writing to a String cannot fail.
                let _ = write!(html, "<span class=\"steers\">U+{:04X}</span>", u32::from(c));
            } else {
                escape(html, c);
            }
        }
        if mixed {
            html.push_str("</mark>");
        }
    }
}

fn escape(html: &mut String, c: char) {
    match c {
        '&' => html.push_str("&amp;"),
        '<' => html.push_str("&lt;"),
        '>' => html.push_str("&gt;"),
        '"' => html.push_str("&quot;"),
        '\'' => html.push_str("&#39;"),
        c => html.push(c),
    }
}

/// Whether a word has both Latin and Cyrillic letters.
fn mixes(word: &str) -> bool {
    let latin = word.chars().any(|c| c.is_ascii_alphabetic() || matches!(c, '\u{c0}'..='\u{24f}'));
    latin && word.chars().any(|c| matches!(c, '\u{400}'..='\u{52f}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_is_obeyed() {
        let shown = |name: &str| text(&Private::from(name)).to_string();
        assert_eq!(shown("<script>\"&'"), "<bdi>&lt;script&gt;&quot;&amp;&#39;</bdi>");
        assert_eq!(
            shown("Taras\u{202e}x\n"),
            "<bdi>Taras<span class=\"steers\">U+202E</span>x<span class=\"steers\">U+000A</span></bdi>"
        );
        assert_eq!(shown("Oлена Taras"), "<bdi><mark class=\"mixed\">Oлена</mark> Taras</bdi>");
        assert_eq!(shown("نور Олена"), "<bdi>نور Олена</bdi>");
        assert_eq!(value(&Private::from("\"><script>")).to_string(), "&quot;&gt;&lt;script&gt;");
        assert_eq!(
            lines(&Private::from("a\n<b>\u{7}")).to_string(),
            "<p dir=\"auto\">a</p><p dir=\"auto\">&lt;b&gt;<span class=\"steers\">U+0007</span></p>"
        );
    }
}
