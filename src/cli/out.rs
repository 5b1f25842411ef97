//! Where a verb prints: lines for people, or answers as JSON, never both.
//!
//! All text goes through [`super::escape`], so no verb can forget it. A reader that went away (`| head`) is no fault:
//! the verb goes on to its end in silence, because what it does matters more than what it prints.

use super::escape;
use crate::node::{Answer, Failure};
use std::io::{ErrorKind, IsTerminal, Write};

/// The way to stdout and stderr.
pub(super) struct Out {
    sink: Box<dyn Write>,
    json: bool,
    colour: bool,
    terminal: bool,
    answered: bool,
    /// The first write that failed for another reason than a reader gone.
    failed: bool,
    gone: bool,
}

impl Out {
    /// To stdout.
    pub(super) fn new(json: bool) -> Self {
        let terminal = std::io::stdout().is_terminal();
        let colour = terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self::to(Box::new(std::io::stdout()), json, colour, terminal)
    }

    pub(super) fn to(sink: Box<dyn Write>, json: bool, colour: bool, terminal: bool) -> Self {
        Self { sink, json, colour, terminal, answered: false, failed: false, gone: false }
    }

    /// Whether a person looks on: progress bars and questions make sense.
    pub(super) fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Whether answers are printed as JSON.
    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// One line for people. Nothing in JSON.
    pub(super) fn line(&mut self, text: impl AsRef<str>) {
        if !self.json {
            let safe = escape::line(text.as_ref());
            self.write(safe.trim_end(), true);
        }
    }

    /// An empty line.
    pub(super) fn gap(&mut self) {
        self.line("");
    }

    /// A line that heads others.
    pub(super) fn heading(&mut self, text: impl AsRef<str>) {
        self.toned("1", text.as_ref());
    }

    /// A line that wants to be looked at.
    pub(super) fn notable(&mut self, text: impl AsRef<str>) {
        self.toned("33", text.as_ref());
    }

    /// Several lines of somebody's text, each with the same indent.
    pub(super) fn paragraph(&mut self, indent: &str, text: &str) {
        for line in text.lines() {
            self.line(format!("{indent}{line}"));
        }
    }

    /// A file's text as it stands, for files and pipes; on a terminal as a paragraph. Nothing beside a JSON answer.
    pub(super) fn raw(&mut self, text: &str) {
        if self.answered {
            return;
        }
        if self.terminal && !self.json {
            self.paragraph("", text);
        } else {
            self.write(text, false);
        }
    }

    /// An answer as JSON; nothing for people.
    pub(super) fn answer(&mut self, answer: &Answer) {
        match serde_json::to_value(answer) {
            Ok(value) => self.json(&value),
            // Answers are plain data and serialise. If one did not, silence would read as success.
            Err(_) => self.failed = self.json || self.failed,
        }
    }

    /// Anything as one line of JSON; nothing for people.
    pub(super) fn json(&mut self, value: &serde_json::Value) {
        if self.json {
            self.answered = true;
            self.write(&escape::json(&sorted(value.clone()).to_string()), true);
        }
    }

    /// A failure: a sentence on stderr, and in JSON an answer too unless one was given already.
    pub(super) fn failure(&mut self, failure: &Failure) {
        if !self.answered {
            self.answer(&Answer::Failed(failure.clone()));
        }
        self.remark(&format!("homeward: {}", failure.what));
        if !failure.then.is_empty() {
            self.remark(&format!("  {}", failure.then));
        }
    }

    /// A line on stderr: warnings, advice, what is being waited for.
    pub(super) fn remark(&mut self, text: &str) {
        // A closed stderr has nobody to tell.
        let _ = writeln!(std::io::stderr(), "{}", escape::line(text));
    }

    /// Whether all that was printed went out (to whoever still reads).
    pub(super) fn went_out(&mut self) -> bool {
        if !self.gone {
            let flushed = self.sink.flush();
            self.note(flushed);
        }
        !self.failed
    }

    fn toned(&mut self, tone: &str, text: &str) {
        if self.json {
            return;
        }
        let safe = escape::line(text);
        if self.colour {
            self.write(&format!("\u{1b}[{tone}m{safe}\u{1b}[0m"), true);
        } else {
            self.write(&safe, true);
        }
    }

    fn write(&mut self, text: &str, end: bool) {
        if self.gone {
            return;
        }
        let written = self.sink.write_all(text.as_bytes());
        let written = written.and_then(|()| if end { self.sink.write_all(b"\n") } else { Ok(()) });
        self.note(written);
    }

    fn note(&mut self, written: std::io::Result<()>) {
        match written {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => self.gone = true,
            Err(_) => (self.gone, self.failed) = (true, true),
        }
    }
}

/// What a verb prints for people, without colour.
#[cfg(test)]
pub(super) fn printed(print: impl FnOnce(&mut Out)) -> String {
    tests::printed(false, false, print)
}

/// Keys in the order of the alphabet, whichever order a crate elsewhere in the build wants maps to keep: what is printed
/// is a promise to programs.
fn sorted(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<(String, Value)> = fields.into_iter().collect();
            fields.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Object(fields.into_iter().map(|(key, value)| (key, sorted(value))).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    struct Wall(ErrorKind);

    impl Write for Wall {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Err(self.0.into())
        }
    }

    pub(super) fn printed(json: bool, colour: bool, print: impl FnOnce(&mut Out)) -> String {
        let page = Page::default();
        print(&mut Out::to(Box::new(page.clone()), json, colour, false));
        String::from_utf8(page.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn nothing_that_is_printed_steers_the_screen() {
        let text = printed(false, false, |out| {
            out.line("a\u{1b}[2J");
            out.heading("b\u{202e}");
            out.notable("c\u{9b}");
            out.paragraph("  ", "d\ne\u{7}");
        });
        assert_eq!(text, "a\\u{1b}[2J\nb\\u{202e}\nc\\u{9b}\n  d\n  e\\u{7}\n");
    }

    #[test]
    fn colour_is_ours_alone() {
        assert_eq!(printed(false, true, |out| out.heading("x\u{1b}[0m")), "\u{1b}[1mx\\u{1b}[0m\u{1b}[0m\n");
    }

    #[test]
    fn json_is_answers_alone() {
        let text = printed(true, true, |out| {
            out.line("for people");
            out.answer(&Answer::Done);
            out.failure(&Failure {
                kind: crate::node::FailureKind::Disk,
                what: String::new(),
                then: String::new(),
            });
        });
        assert_eq!(text, "{\"answer\":\"done\"}\n");
    }

    #[test]
    fn keys_stand_in_the_order_of_the_alphabet() {
        let text = printed(true, false, |out| {
            out.json(&serde_json::json!({"b": [{"d": 1, "c": 2}], "a": {"f": null, "e": "x"}}));
        });
        assert_eq!(text, "{\"a\":{\"e\":\"x\",\"f\":null},\"b\":[{\"c\":2,\"d\":1}]}\n");
    }

    #[test]
    fn a_failure_is_an_answer_too() {
        let failure =
            Failure { kind: crate::node::FailureKind::Disk, what: "full".into(), then: String::new() };
        let text = printed(true, false, |out| out.failure(&failure));
        let Answer::Failed(read) = serde_json::from_str(&text).unwrap() else { panic!("{text}") };
        assert_eq!(read, failure);
    }

    #[test]
    fn a_reader_gone_is_no_fault_and_a_full_disk_is() {
        for (kind, fine) in [(ErrorKind::BrokenPipe, true), (ErrorKind::StorageFull, false)] {
            let mut out = Out::to(Box::new(Wall(kind)), false, false, false);
            out.line("x");
            assert_eq!(out.went_out(), fine);
        }
    }
}
