use super::desk::Desk;
use crate::node::{Failure, Request};

/// Dial and accept again after a pause.
#[derive(clap::Args)]
pub(super) struct Resume {
    /// This partner alone; without it everyone, those paused by name too
    partner: Option<String>,
}

pub(super) fn run(desk: &mut Desk, args: Resume) -> Result<(), Failure> {
    desk.ask(Request::Resume { partner: args.partner.clone() })?;
    match args.partner {
        Some(partner) => desk.out.line(format!("Resumed with {partner}.")),
        None => desk.out.line("Resumed with everyone."),
    }
    Ok(())
}
