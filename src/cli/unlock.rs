use super::desk::Desk;
use super::passphrase;
use super::quiet::unexpected;
use crate::node::{Answer, Failure, Request};

/// Unlock the running node with its passphrase, or with the recovery words: it goes on, links too.
#[derive(clap::Args)]
pub(super) struct Unlock {}

pub(super) fn run(desk: &mut Desk, _: Unlock) -> Result<(), Failure> {
    desk.reach_running("Start one with `homeward run`, which asks for the passphrase.")?;
    if !matches!(desk.ask_quietly(Request::Status)?, Answer::Locked) {
        desk.out.answer(&Answer::Done);
        desk.out.line("It was not locked.");
        return Ok(());
    }
    let passphrase = passphrase::unlock(desk.passphrase_file())?;
    let Answer::Info(info) = desk.ask(Request::Unlock { passphrase })? else { return Err(unexpected()) };
    desk.out.line(format!("Unlocked: {} goes on.", info.name));
    Ok(())
}
