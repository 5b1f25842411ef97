use super::desk::{Desk, absolute};
use super::out::Out;
use super::quiet::unexpected;
use super::{files, verify, words};
use crate::node::{Answer, EvidenceHeld, EvidenceWanted, Failure, ForkHeld, ReceiptHeld, Request};
use std::path::PathBuf;

/// What this node can show to anyone: that a log has two branches, and what partners signed to hold.
///
/// Without --out lists what is held. With it, writes one piece as a file that `homeward verify` checks on any machine,
/// without keys. The file is not secret: it names partners and nodes by their keys, but nothing of any case.
#[derive(clap::Args)]
pub(super) struct Evidence {
    /// Write one piece to this new file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The proof that a log has two branches, by the start of its id
    #[arg(long, value_name = "ID", requires = "out", conflicts_with = "receipt")]
    fork: Option<String>,
    /// The last receipt of this partner
    #[arg(long, value_name = "PARTNER", requires = "out")]
    receipt: Option<String>,
    /// Of one circle alone
    #[arg(long, short, value_name = "CIRCLE")]
    circle: Option<String>,
    /// Leave the partners' cards out: names and addresses
    #[arg(long, requires = "out")]
    no_cards: bool,
}

pub(super) fn run(desk: &mut Desk, args: Evidence) -> Result<(), Failure> {
    let Some(path) = args.out else { return list(desk, args.circle) };
    let path = absolute(&path)?;
    files::can_be_new(&path)?;
    let which = match (args.fork, args.receipt) {
        (Some(id), _) => EvidenceWanted::Fork(id),
        (None, Some(partner)) => EvidenceWanted::Receipt(partner),
        (None, None) => EvidenceWanted::Only,
    };
    let request = Request::EvidenceExport { which, circle: args.circle, cards: !args.no_cards };
    let Answer::EvidenceFile { bytes } = desk.ask_quietly(request)? else { return Err(unexpected()) };
    let shown = crate::node::verify(&bytes)?;
    files::write_new(&path, &bytes)?;
    desk.out.answer(&Answer::EvidenceShown(Box::new(shown.clone())));
    let out = &mut desk.out;
    out.line(format!("The evidence is in {}.", path.display()));
    out.line("Anyone can check it with `homeward verify`: it needs no home and no keys.");
    out.line("It names partners and nodes, openly; nothing of any case is in it.");
    out.gap();
    verify::show(out, &shown);
    Ok(())
}

fn list(desk: &mut Desk, circle: Option<String>) -> Result<(), Failure> {
    let Answer::Evidence { held } = desk.ask(Request::EvidenceList { circle })? else {
        return Err(unexpected());
    };
    let out = &mut desk.out;
    if held.is_empty() {
        out.line(
            "No evidence is held here: no log has two branches, and no partner has signed what it holds yet.",
        );
    }
    for one in &held {
        match one {
            EvidenceHeld::Fork(fork) => one_fork(out, fork),
            EvidenceHeld::Receipt(receipt) => one_receipt(out, receipt),
        }
    }
    Ok(())
}

fn one_fork(out: &mut Out, fork: &ForkHeld) {
    out.line(format!(
        "Fork {}: a log of {}'s node {} in {} has two branches from number {} on",
        fork.proof.short(),
        fork.partner,
        fork.node.short(),
        fork.circle_name.reveal(),
        fork.number
    ));
    if let Some(at) = fork.first_seen {
        out.line(format!("  first seen here {}", words::moment_utc(at)));
    }
    out.line(match fork.settled {
        Some(number) => format!("  {} has settled it: it counts through number {number}", fork.partner),
        None => format!("  counts through number {} until {} settles it", fork.number - 1, fork.partner),
    });
}

fn one_receipt(out: &mut Out, receipt: &ReceiptHeld) {
    let all = words::count(receipt.segments, "segment", "segments");
    out.line(format!(
        "Receipt of {} (node {}) in {}, signed {}: {all}, {} of this office",
        receipt.partner,
        receipt.node.short(),
        receipt.circle_name.reveal(),
        words::moment_utc(receipt.time),
        receipt.ours
    ));
}
