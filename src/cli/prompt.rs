//! Questions to a person at the terminal.
//!
//! Hidden input is edited by `rpassword`, but the terminal is set and set back here: rpassword 7.5 answers Ctrl-C by
//! ending the process while the terminal still hides what is typed, which leaves a person with a dead shell.

use crate::node::{Failure, FailureKind};
use crate::private::Private;
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, IsTerminal, Read, Write};

/// The longest line that a person types, in bytes.
const LINE_BYTES: u64 = 8 * 1024;

/// Whether a person can be asked.
pub(super) fn possible() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks a question and reads a line. The question goes to stderr: stdout may be a file.
pub(super) fn line(question: &str) -> Result<String, Failure> {
    let mut stderr = std::io::stderr();
    // If the question cannot be shown there is nobody to answer, and reading ends.
    let _ = write!(stderr, "{} ", super::escape::line(question)).and_then(|()| stderr.flush());
    let mut answer = String::new();
    match std::io::stdin().lock().take(LINE_BYTES).read_line(&mut answer) {
        Ok(0) | Err(_) => {
            let _ = writeln!(stderr);
            Err(no_answer())
        }
        Ok(_) => Ok(answer.trim().to_owned()),
    }
}

/// Asks for a plain yes.
pub(super) fn agreed(question: &str) -> Result<bool, Failure> {
    let answer = line(&format!("{question} [yes/no]"))?;
    Ok(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
}

/// Asks and hides what is typed. `None` if there is no terminal, or nobody at it: a script that redirects all three
/// streams is never left waiting for a key.
pub(super) fn hidden(question: &str) -> Option<Result<Private<String>, Failure>> {
    if !std::io::stdin().is_terminal() && !std::io::stderr().is_terminal() && !std::io::stdout().is_terminal()
    {
        return None;
    }
    let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
    let keyboard = terminal.try_clone().ok()?;
    let mut screen = terminal.try_clone().ok()?;
    let hiding = Hiding::start(terminal)?;
    // The terminal was opened a moment ago; if it went away since, reading says so.
    let _ = write!(screen, "{question} ").and_then(|()| screen.flush());
    let config = rpassword::ConfigBuilder::new().input_reader(Keys(keyboard)).output_discard().build();
    let typed = rpassword::read_password_with_config(config);
    drop(hiding);
    let _ = writeln!(screen);
    Some(typed.map(Private::new).map_err(|_| no_answer()))
}

fn no_answer() -> Failure {
    Failure {
        kind: FailureKind::BadInput,
        what: "the question was left without an answer; nothing was done".into(),
        then: String::new(),
    }
}

/// A terminal that shows nothing of what is typed and gives out each key at once, until it is dropped.
struct Hiding {
    terminal: File,
    before: Termios,
}

impl Hiding {
    fn start(terminal: File) -> Option<Self> {
        let before = tcgetattr(&terminal).ok()?;
        let mut hidden = before.clone();
        hidden.local_modes -= LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG;
        hidden.special_codes[SpecialCodeIndex::VMIN] = 1;
        hidden.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(&terminal, OptionalActions::Now, &hidden).ok()?;
        Some(Self { terminal, before })
    }
}

impl Drop for Hiding {
    fn drop(&mut self) {
        // Nothing can be done if the terminal has gone.
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
    }
}

/// Keys as they are typed; Ctrl-C ends the reading, so that the terminal is set back before anything else happens.
struct Keys(File);

impl Read for Keys {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.0.read(into)?;
        match into.get(..read).is_some_and(|keys| keys.contains(&3)) {
            true => Err(std::io::Error::other("interrupted")),
            false => Ok(read),
        }
    }
}
