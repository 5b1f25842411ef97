use super::desk::Desk;
use super::passphrase;
use crate::node::{self, Answer, DeskService, Failure, RunOptions};
use std::path::PathBuf;

/// Run the node: listen, dial and sync until it is stopped.
///
/// Stops in good order on Ctrl-C, on SIGTERM and on `homeward stop`. While it runs, other verbs reach it without a
/// passphrase, and `homeward open` opens its desk in a browser.
#[derive(clap::Args)]
pub(super) struct Run {
    /// Begin locked: no passphrase is asked for until `homeward unlock`, or until somebody opens it at the desk
    #[arg(long)]
    locked: bool,
}

pub(super) fn run(desk: &mut Desk, args: Run, service: DeskService) -> Result<(), Failure> {
    let home = desk.standing_home()?;
    let file = desk.passphrase_file().map(PathBuf::from);
    let out = &mut desk.out;
    let mut ask = || passphrase::unlock(file.as_deref());
    let options = RunOptions { ask: if args.locked { None } else { Some(&mut ask) }, desk: Some(service) };
    node::run(&home, options, &mut |info| {
        match info {
            Some(info) => {
                out.answer(&Answer::Info(info.clone()));
                out.line(format!("{} runs, node {}.", info.name, info.node.short()));
                if info.demo {
                    out.notable(
                        "It is a demo home: its keys are published. Never put a real child's data in it.",
                    );
                }
                match &info.listening {
                    Some(address) => out.line(format!("It listens on {address}.")),
                    None => out.line("It listens nowhere and dials its partners."),
                }
            }
            None => {
                out.answer(&Answer::Locked);
                out.line(
                    "It runs locked: open it with `homeward unlock`, or at its desk with `homeward open`.",
                );
            }
        }
        out.line("Stop it with Ctrl-C or `homeward stop`.");
        // Whoever started it may wait for this line.
        out.went_out();
    })?;
    desk.out.line("Stopped. All that was written is on disk.");
    Ok(())
}
