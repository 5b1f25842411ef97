use super::desk::Desk;
use crate::node::{Failure, Request};

/// Stop the running node in good order.
#[derive(clap::Args)]
pub(super) struct Stop {}

pub(super) fn run(desk: &mut Desk, _: Stop) -> Result<(), Failure> {
    desk.reach_running("There is nothing to stop; `homeward status` tells how things stand.")?;
    desk.ask(Request::Stop)?;
    desk.out.line("The node is stopping. All that was written is on disk.");
    Ok(())
}
