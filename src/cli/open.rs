use super::desk::Desk;
use super::quiet::unexpected;
use crate::node::{Answer, Failure, Request};
use std::process::{Command, Stdio};

/// Open the desk of the running node in a browser.
///
/// Prints a link that opens once, within ten minutes, and hands it to the browser of this machine. The desk is served to
/// this machine alone.
#[derive(clap::Args)]
pub(super) struct Open {
    /// Only print the link
    #[arg(long)]
    print: bool,
}

pub(super) fn run(desk: &mut Desk, args: Open) -> Result<(), Failure> {
    desk.reach_running(
        "Start it first: `homeward run`, or `homeward run --locked` to type the passphrase at the desk.",
    )?;
    let Answer::DeskLink { url } = desk.ask(Request::DeskLink)? else { return Err(unexpected()) };
    desk.out.line(url.reveal());
    if !args.print {
        let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
        let opened = Command::new(opener)
            .arg(url.reveal())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if !opened.is_ok_and(|status| status.success()) {
            desk.out.remark("Open the link above in a browser of this machine.");
        }
    }
    Ok(())
}
