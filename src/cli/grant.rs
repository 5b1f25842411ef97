use super::desk::Desk;
use super::out::Out;
use super::quiet::unexpected;
use super::{phrase, words};
use crate::node::{Answer, Failure, GrantsView, Request};
use std::path::PathBuf;

/// Keys that machines ask for: to read what was written before they came.
///
/// A new machine beside others of its office gets them by itself. When an office has lost all its machines, a person here
/// must first have heard the new machine's words from a person there.
#[derive(clap::Args)]
pub(super) struct Grant {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// List who waits for a yes, what this machine lacks, and the words of this machine
    List,
    /// Give a partner's new machine what its lost ones could read
    ///
    /// Call the other office on a line you know, let a person there read out the words of the new machine (`homeward grant
    /// list` shows them on it), and type what you hear: all twelve words, or all twelve numbers.
    Allow {
        /// Whose machine
        partner: String,
        /// Take the words from this file instead; `-` reads stdin
        #[arg(long, value_name = "FILE")]
        phrase_file: Option<PathBuf>,
    },
}

pub(super) fn run(desk: &mut Desk, args: Grant) -> Result<(), Failure> {
    match args.verb {
        Verb::List => {
            let Answer::Grants(view) = desk.ask(Request::GrantList)? else { return Err(unexpected()) };
            list(&mut desk.out, &view);
            Ok(())
        }
        Verb::Allow { partner, phrase_file } => allow(desk, partner, phrase_file),
    }
}

fn list(out: &mut Out, view: &GrantsView) {
    for asked in &view.asked {
        out.heading(format!(
            "{}: a new machine, {}, asks since {} for what lost ones could read",
            asked.partner,
            asked.node.short(),
            words::moment_utc(asked.since)
        ));
        for (circle, keys) in &asked.circles {
            out.line(format!("  {}: {}", circle.reveal(), words::count(*keys, "key", "keys")));
        }
        out.line(format!(
            "  Let a person there read out the machine's words, then `homeward grant allow {}`.",
            words::argument(&asked.partner)
        ));
    }
    for lacking in &view.lacking {
        out.line(format!(
            "This machine lacks {} of {} in {}, and asks the members for it.",
            words::count(lacking.keys, "key", "keys"),
            lacking.partner,
            lacking.circle_name.reveal()
        ));
    }
    if view.asked.is_empty() && view.lacking.is_empty() {
        out.line("Nobody waits for a yes, and this machine lacks no key.");
    }
    out.gap();
    out.line("Words of this machine, to read out when another office asks:");
    phrase::show(out, &view.words, &view.numbers);
}

fn allow(desk: &mut Desk, partner: String, phrase_file: Option<PathBuf>) -> Result<(), Failure> {
    let remark = format!("Let a person at {partner} read out the words of their new machine.");
    let phrase = phrase::heard(&mut desk.out, phrase_file.as_deref(), &remark)?;
    let request = Request::GrantAllow { partner: partner.clone(), phrase };
    let Answer::Granted { given } = desk.ask(request)? else { return Err(unexpected()) };
    desk.out.line(format!(
        "{} given to {partner}'s new machine: with the next sync, or bundle, it reads what this office can read too.",
        words::count(given, "key", "keys")
    ));
    desk.out.line("What it asks for later, of what it has lost, it gets without another question.");
    Ok(())
}
