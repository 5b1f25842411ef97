use super::desk::Desk;
use crate::node::{Failure, Request};

/// Lock the running node: it wipes its keys, forgets what it has read and ends its links.
///
/// It keeps running and answers nothing but `status`, `unlock` and `stop`. What was written is on disk and goes out
/// after `homeward unlock`. A node that nobody has asked anything for a while locks by itself: see
/// `lock_after_minutes` in config.toml.
#[derive(clap::Args)]
pub(super) struct Lock {}

pub(super) fn run(desk: &mut Desk, _: Lock) -> Result<(), Failure> {
    desk.reach_running("Nothing is open then: each verb asks for the passphrase and forgets it at its end.")?;
    desk.ask(Request::Lock)?;
    desk.out.line("Locked: its keys are wiped and its links have ended. `homeward unlock` goes on.");
    Ok(())
}
