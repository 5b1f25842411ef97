//! `homeward node add` where the partner key is, `homeward node accept` on the new machine.

use super::desk::{Desk, absolute};
use super::{files, passphrase, phrase, prompt, words};
use crate::limit;
use crate::node::{self, Answer, Failure, FailureKind, NodeRequestView};
use std::path::PathBuf;

/// The longest card file, in bytes.
const CARD_FILE_BYTES: usize = limit::CARD_TEXT_BYTES;

/// Make a new machine a node of this office, with the partner key
///
/// Takes the request that `homeward init --join` made on the new machine, shows its words, and signs a card that names it
/// beside the others. The node of this home must be stopped meanwhile.
#[derive(clap::Args)]
pub(super) struct Add {
    /// The request file; `-` reads stdin
    request: PathBuf,
    /// The partner key's file, where it was moved to
    #[arg(long, value_name = "FILE")]
    partner_key: Option<PathBuf>,
    /// Write the new card to this new file, for the new machine
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// The words were compared: do not ask
    #[arg(long)]
    yes: bool,
}

/// Take in the card that names this new machine: from then on it is a node of its office
#[derive(clap::Args)]
pub(super) struct Accept {
    /// The card that `homeward node add` wrote; `-` reads stdin
    card: PathBuf,
}

pub(super) fn add(desk: &mut Desk, args: Add) -> Result<(), Failure> {
    let home = desk.standing_home()?;
    let request = files::read_text(&args.request, limit::REQUEST_TEXT_BYTES, "request file")?;
    let partner_key = args.partner_key.map(|path| absolute(&path)).transpose()?;
    let to = args.to.map(|path| absolute(&path)).transpose()?;
    if let Some(to) = to.as_ref().filter(|to| to.exists()) {
        return Err(Failure {
            kind: FailureKind::BadInput,
            what: format!("{} is there already; nothing was signed", to.display()),
            then: "Name a new file.".into(),
        });
    }
    let file = desk.passphrase_file().map(PathBuf::from);
    let out = &mut desk.out;
    let mut agree = |view: &NodeRequestView| {
        out.heading("Words of the new machine");
        phrase::show(out, &view.words, &view.numbers);
        let address = if view.address.is_empty() { "no address: it dials others" } else { &view.address };
        out.line(format!("  node {}  {address}", view.node.short()));
        if args.yes {
            return Ok(true);
        }
        if !prompt::possible() {
            return Err(Failure {
                kind: FailureKind::BadInput,
                what: "a person must compare the words, and there is no terminal to ask".into(),
                then: "Compare them with what the new machine showed, then add --yes; nothing was signed."
                    .into(),
            });
        }
        prompt::agreed("Did the new machine show the same words?")
    };
    let mut unlock = || passphrase::unlock(file.as_deref());
    let added = node::add_node(&home, &mut unlock, partner_key.as_deref(), &request, &mut agree)?;
    desk.out.answer(&Answer::Cards { cards: vec![added.card.clone()] });
    desk.out.line(format!(
        "Revision {} of this office's card names {}.",
        added.card.revision,
        words::count(added.card.nodes.len() as u64, "machine", "machines")
    ));
    match &to {
        Some(to) => {
            files::write_new(to, added.text.as_bytes())?;
            desk.out.line(format!("On the new machine: `homeward node accept`, with {}.", to.display()));
        }
        None => {
            desk.out.line(
                "On the new machine: `homeward node accept CARD`, with what `homeward card export --to CARD`",
            );
            desk.out.line("writes here.");
        }
    }
    desk.out.line(
        "Partners get the new card with the next sync of this machine, and meet the new one from then on.",
    );
    Ok(())
}

pub(super) fn accept(desk: &mut Desk, args: Accept) -> Result<(), Failure> {
    let home = desk.standing_home()?;
    let card = files::read_text(&args.card, CARD_FILE_BYTES, "card file")?;
    let file = desk.passphrase_file().map(PathBuf::from);
    let mut unlock = || passphrase::unlock(file.as_deref());
    let info = node::accept_card(&home, &mut unlock, &card)?;
    desk.out.answer(&Answer::Info(info.clone()));
    let own = words::argument(&info.name);
    let out = &mut desk.out;
    out.line(format!("This machine is a node of {} now: {}.", info.name, info.node.short()));
    out.gap();
    out.heading("Then");
    out.line("  1. Take the partners' cards in: `homeward card import FILE`. Trust those whose words were compared at");
    out.line(format!(
        "     another machine of this office: `homeward card trust PARTNER --introduced-by {own}`"
    ));
    out.line(format!(
        "  2. Let it meet the others: `homeward sync`. An address of {own}'s other machine, or of a"
    ));
    out.line("     partner, stands in config.toml or on a card.");
    out.line("  What was written before it came it asks the others for, and reads when they have answered.");
    Ok(())
}
