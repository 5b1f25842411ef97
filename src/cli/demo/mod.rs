//! The demo: four offices on this machine, four children on the way home, and everything that can go wrong between.
//!
//! It starts real nodes as processes with homes of their own, joined by real QUIC on loopback, and tells a story.
//! Each statement is made after asking the nodes through their control sockets; one that does not hold is marked,
//! repeated at the end, and makes the exit code. How long it takes decides nothing. What it leaves out on purpose:
//! hostile partners and damaged disks, which are for the tests.

mod agree;
mod children;
mod crash;
mod desk;
mod disk;
mod ending;
mod interrupt;
mod offices;
mod patience;
mod story;
mod told;

use crate::node::{Answer, Failure, FailureKind, Request, Stopwatch};
use interrupt::Interrupt;
use offices::{Offices, Who};
use told::Told;

/// Show four offices at work on this machine: cut links, a killed node, a stick, and nothing lost.
///
/// Starts four nodes with homes in a temporary folder, tells what they do and checks every statement by asking them.
/// Exits with 0 only if all of them held. All children are invented.
#[derive(clap::Args)]
pub(super) struct Demo {
    /// Leave the nodes running and the homes in place, and say how to play with them
    #[arg(long)]
    keep: bool,
    /// The same, and print a link to each office's desk
    #[arg(long)]
    desk: bool,
}

/// Tells the story; fails if a statement did not hold.
///
/// # Errors
/// [`FailureKind::Internal`] if a statement did not hold, or what kept the story from being told to its end.
pub(super) fn run(args: Demo) -> Result<(), Failure> {
    let start = Stopwatch::start();
    let mut told = Told::new();
    told::lines("", "Homeward: four offices, four nodes, and children on their way home.");
    told::lines("", "Everything below was asked of the nodes. All children are invented.");
    let offices = Offices::make(args.keep || args.desk, &Interrupt::listen())?;
    told::lines("", &format!("The homes are in {}.", offices.root().display()));
    let went = story::tell(&mut told, &offices);
    if went.is_err() || !told.failed().is_empty() {
        for line in offices.last_words() {
            told.say(&line);
        }
    }
    if args.keep || args.desk {
        say_how_to_play(&offices);
        if args.desk {
            say_links(&offices)?;
        }
    } else if went.is_ok() {
        told.step("Everyone goes home.");
        let ended = offices.stop();
        told.hold("All four nodes ended in good order. Nothing is left running.", ended == Who::ALL.len());
    }
    drop(offices);
    told::put("");
    for statement in told.failed() {
        told::lines(" ✗ ", statement);
    }
    let seconds = start.elapsed().as_secs_f64();
    told::lines(
        "",
        &format!("{} statements held, {} did not; {seconds:.1} s.", told.held(), told.failed().len()),
    );
    went?;
    if told.failed().is_empty() {
        return Ok(());
    }
    Err(offices::failure(
        FailureKind::Internal,
        "Not every statement of the demo held.",
        "Those that did not are listed above: each is a mistake in Homeward.",
    ))
}

fn say_how_to_play(offices: &Offices) {
    // Run by `cargo`, the program is on no path.
    let program =
        std::env::current_exe().map_or_else(|_| "homeward".to_owned(), |file| file.display().to_string());
    let names = Who::ALL.map(Who::name).join(" ");
    told::put("");
    told::put("The four nodes are still running. To look around:");
    told::put("");
    told::put(&format!("  hw={program}"));
    told::put(&format!("  homes={}", offices.root().display()));
    told::put(&format!("  for o in {names}; do $hw --home $homes/$o status; done"));
    told::put("  $hw --home $homes/kyiv case list --circle list");
    told::put("  $hw --home $homes/doha case conflicts");
    told::put("  $hw --home $homes/tallinn pause");
    told::put("");
    told::put(&format!("Their passphrase is in {}.", offices.passphrase_file().display()));
    told::put("When you are done:");
    told::put("");
    told::put(&format!("  for o in {names}; do $hw --home $homes/$o stop; done"));
    told::put("  rm -r $homes");
}

/// A link to each office's desk: each opens once.
fn say_links(offices: &Offices) -> Result<(), Failure> {
    told::lines("", "Their desks. Each link opens once, within ten minutes; `homeward open` gives another:");
    for office in offices.all() {
        let Answer::DeskLink { url } = office.ask(Request::DeskLink)? else { continue };
        told::put(&format!("  {:<8} {}", office.who().name(), url.reveal()));
    }
    Ok(())
}
