//! The voice of the demo: numbered steps, short lines within 80 columns, and statements that hold or do not.
//!
//! A statement is said only about what was asked of the nodes. One that does not hold is marked where it stands and
//! said again at the end. A terminal that went away (`| head`) is no reason to stop halfway and leave nodes running,
//! so what cannot be written is dropped.

use std::io::Write as _;

/// Columns that a line may take.
const COLUMNS: usize = 80;
/// What stands before a line of a step: three columns.
const INDENT: &str = "   ";

/// What was told so far.
pub(super) struct Told {
    step: u32,
    held: usize,
    failed: Vec<String>,
}

impl Told {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self { step: 0, held: 0, failed: Vec::new() }
    }

    /// Starts the next step.
    pub(super) fn step(&mut self, title: &str) {
        self.step += 1;
        put("");
        lines(&format!("{}. ", self.step), title);
    }

    /// Tells what happens.
    pub(super) fn say(&self, text: &str) {
        lines(INDENT, text);
    }

    /// States something that was asked of the nodes, and whether it held.
    pub(super) fn hold(&mut self, what: &str, holds: bool) {
        if holds {
            self.held += 1;
            lines(" ✓ ", what);
        } else {
            self.failed.push(format!("step {}: {what}", self.step));
            lines(" ✗ ", what);
        }
    }

    /// Statements that held.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Statements that did not hold, with their step.
    pub(super) fn failed(&self) -> &[String] {
        &self.failed
    }
}

/// Writes a text under a mark, wrapped.
pub(super) fn lines(mark: &str, text: &str) {
    let mut first = true;
    for line in wrapped(text, COLUMNS.saturating_sub(mark.chars().count())) {
        let lead = if first { mark.to_owned() } else { " ".repeat(mark.chars().count()) };
        put(&format!("{lead}{line}"));
        first = false;
    }
}

/// Writes rows under each other, each column as wide as its widest cell, the last one wrapped.
pub(super) fn table(rows: &[Vec<String>]) {
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    for row in rows {
        let mut lead = String::from(INDENT);
        let last = row.len().saturating_sub(1);
        for (column, cell) in row.iter().enumerate().take(last) {
            let room = width(column).saturating_sub(cell.chars().count());
            lead.push_str(cell);
            lead.push_str(&" ".repeat(room + 2));
        }
        match row.last() {
            Some(cell) if !cell.is_empty() => lines(&lead, cell),
            _ => put(lead.trim_end()),
        }
    }
}

/// Writes one line as it is.
pub(super) fn put(line: &str) {
    let _ = writeln!(std::io::stdout(), "{}", crate::cli::escape::line(line));
}

/// A text in lines of at most `width` code points, broken between words; a longer word stands alone.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut done = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            done.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    done.push(line);
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_nothing_is_left_out() {
        let text = "Хлопчик семи років чекає з бабусею в посольстві, and four offices work on the way home";
        for width in 1..60 {
            let lines = wrapped(text, width);
            assert_eq!(lines.join(" "), text);
            assert!(lines.iter().all(|line| line.chars().count() <= width || !line.contains(' ')), "{width}");
        }
    }

    #[test]
    fn what_did_not_hold_is_remembered_with_its_step() {
        let mut told = Told::new();
        told.step("a");
        told.hold("this", true);
        told.hold("that", false);
        assert_eq!((told.held(), told.failed()), (1, &["step 1: that".to_owned()][..]));
    }
}
