use super::Homeward;
use super::desk::{Desk, absolute};
use super::files::write_new;
use crate::node::{Failure, FailureKind};
use clap::CommandFactory;
use std::path::{Path, PathBuf};

/// Print the manual page, or write a page for each verb.
#[derive(clap::Args)]
pub(super) struct Man {
    /// Write all pages to this folder
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

pub(super) fn run(desk: &mut Desk, args: Man) -> Result<(), Failure> {
    let mut command = Homeward::command();
    command.build();
    match args.to {
        None => {
            let page = page(command)?;
            desk.out.raw(&String::from_utf8_lossy(&page));
        }
        Some(folder) => {
            let folder = absolute(&folder)?;
            std::fs::create_dir_all(&folder).map_err(|_| unwritten())?;
            pages(&command, &folder)?;
            desk.out.line(format!("The pages are in {}.", folder.display()));
        }
    }
    Ok(())
}

/// The page of a verb and those of the verbs under it: `homeward-case-show.1`.
fn pages(command: &clap::Command, folder: &Path) -> Result<(), Failure> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    write_new(&folder.join(format!("{name}.1")), &page(command.clone())?)?;
    let verbs = command.get_subcommands().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help");
    verbs.into_iter().try_for_each(|verb| pages(verb, folder))
}

fn page(command: clap::Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page).map_err(|_| unwritten())?;
    Ok(page)
}

fn unwritten() -> Failure {
    Failure {
        kind: FailureKind::Disk,
        what: "the manual pages could not be written".into(),
        then: "Check the folder and whether the disk is full.".into(),
    }
}
