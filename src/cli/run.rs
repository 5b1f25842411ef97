use super::desk::Desk;
use super::passphrase;
use crate::node::{self, Answer, Failure};
use std::path::PathBuf;

/// Run the node: listen, dial and sync until it is stopped.
///
/// Stops in good order on Ctrl-C, on SIGTERM and on `homeward stop`. While it runs, other verbs reach it without a
/// passphrase.
#[derive(clap::Args)]
pub(super) struct Run {}

pub(super) fn run(desk: &mut Desk, _: Run) -> Result<(), Failure> {
    let home = desk.standing_home()?;
    let file = desk.passphrase_file().map(PathBuf::from);
    let out = &mut desk.out;
    node::run(&home, &mut || passphrase::unlock(file.as_deref()), &mut |info| {
        out.answer(&Answer::Info(info.clone()));
        out.line(format!("{} runs, node {}.", info.name, info.node.short()));
        if info.demo {
            out.notable("It is a demo home: its keys are published. Never put a real child's data in it.");
        }
        match &info.listening {
            Some(address) => out.line(format!("It listens on {address}.")),
            None => out.line("It listens nowhere and dials its partners."),
        }
        out.line("Stop it with Ctrl-C or `homeward stop`.");
        // Whoever started it may wait for this line.
        out.went_out();
    })?;
    desk.out.line("Stopped. All that was written is on disk.");
    Ok(())
}
