//! What a process must not tell by itself: panics print a place and nothing else, logs are off unless asked for.

use crate::node::{Failure, FailureKind};
use std::io::IsTerminal;

/// How much to tell on stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Level {
    /// What went wrong.
    Error,
    /// And what is odd.
    Warn,
    /// And what is done.
    Info,
    /// And how.
    Debug,
    /// Everything.
    Trace,
}

/// A panic is a mistake of ours, and its message may hold what people wrote: only the place is printed.
pub fn silence_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        // stderr may be closed; there is nobody to tell then.
        let _ = std::io::Write::write_fmt(
            &mut std::io::stderr(),
            format_args!(
                "homeward stopped{place}; this is a mistake in Homeward\n  Nothing that was written is lost. Please \
                 tell those who look after this machine the line above.\n"
            ),
        );
    }));
}

/// Turns the log on, for this house's own events alone: libraries would print addresses.
pub(super) fn log_to_stderr(level: Level) {
    let level = match level {
        Level::Error => "error",
        Level::Warn => "warn",
        Level::Info => "info",
        Level::Debug => "debug",
        Level::Trace => "trace",
    };
    let filter = tracing_subscriber::EnvFilter::new(format!("homeward={level}"));
    // An error means that a log stands already, which suits as well.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .try_init();
}

/// An answer that does not fit its request: the running node is another version, or ours is wrong.
pub(super) fn unexpected() -> Failure {
    Failure {
        kind: FailureKind::Internal,
        what: "the node answered something else than was asked".into(),
        then: "If a node is running, it may be another version: `homeward stop`, then try again.".into(),
    }
}
