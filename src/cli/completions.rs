use super::Homeward;
use super::desk::Desk;
use crate::node::Failure;
use clap::CommandFactory;

/// Print completions for a shell.
#[derive(clap::Args)]
pub(super) struct Completions {
    /// Which shell
    shell: clap_complete::Shell,
}

pub(super) fn run(desk: &mut Desk, args: Completions) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Homeward::command(), "homeward", &mut script);
    desk.out.raw(&String::from_utf8_lossy(&script));
    Ok(())
}
