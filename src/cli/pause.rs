use super::desk::Desk;
use super::words;
use crate::node::{Failure, Request};

/// Neither dial nor accept, until resumed: with all partners or with one.
#[derive(clap::Args)]
pub(super) struct Pause {
    /// This partner alone
    partner: Option<String>,
}

pub(super) fn run(desk: &mut Desk, args: Pause) -> Result<(), Failure> {
    desk.ask(Request::Pause { partner: args.partner.clone() })?;
    match args.partner {
        Some(partner) => {
            let named = words::argument(&partner);
            desk.out.line(format!("Paused with {partner}. `homeward resume {named}` goes on."))
        }
        None => desk.out.line("Paused with everyone. `homeward resume` goes on."),
    }
    Ok(())
}
