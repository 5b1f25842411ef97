use super::desk::{Desk, absolute, absolute_text};
use super::quiet::unexpected;
use super::{files, words};
use crate::node::{Answer, Failure, Request};
use std::path::PathBuf;

/// Bundles: sync by a file on a stick, where there is no link.
#[derive(clap::Args)]
pub(super) struct Bundle {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// Write what a partner lacks to a file that only its nodes can open
    Out {
        /// Who will take it in
        #[arg(long = "for", value_name = "PARTNER")]
        partner: String,
        /// The new file
        file: PathBuf,
        /// Everything the partner may have, not only what it lacks
        #[arg(long)]
        all: bool,
    },
    /// Take in a bundle that was made for this office
    In {
        /// The file
        file: PathBuf,
    },
}

pub(super) fn run(desk: &mut Desk, args: Bundle) -> Result<(), Failure> {
    match args.verb {
        Verb::Out { partner, file, all } => {
            files::can_be_new(&absolute(&file)?)?;
            out(desk, partner, absolute_text(&file)?, all)
        }
        Verb::In { file } => take_in(desk, absolute_text(&file)?),
    }
}

fn out(desk: &mut Desk, partner: String, file: String, all: bool) -> Result<(), Failure> {
    let request = Request::BundleOut { partner: partner.clone(), file: file.clone(), all };
    let Answer::BundleWritten { segments, records, bytes } = desk.ask(request)? else {
        return Err(unexpected());
    };
    desk.out.line(format!(
        "A bundle for {partner} is in {file}: {}, {}, {}.",
        words::count_of(segments, "segment", "segments"),
        words::count_of(records, "record", "records"),
        words::size(bytes)
    ));
    desk.out.line("It can travel by any hand: only that partner's nodes can open it.");
    Ok(())
}

fn take_in(desk: &mut Desk, file: String) -> Result<(), Failure> {
    let answer = desk.ask(Request::BundleIn { file })?;
    let Answer::BundleRead { from, new_segments, known_segments, new_records, missing } = answer else {
        return Err(unexpected());
    };
    desk.out.line(format!(
        "A bundle from {from}: {}, {known_segments} known already; {}.",
        words::count_of(new_segments, "new segment", "new segments"),
        words::count_of(new_records, "new record", "new records")
    ));
    if missing.is_empty() {
        desk.out.line(format!("Nothing that {from} holds is missing here."));
    }
    for sentence in &missing {
        desk.out.notable(format!("  {sentence}"));
    }
    Ok(())
}
