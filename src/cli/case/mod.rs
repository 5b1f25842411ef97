//! Verbs on cases: one file each.

mod claim;
mod claims;
mod conflicts;
mod disclose;
mod find;
mod history;
mod labels;
mod list;
mod new;
mod note;
mod plan;
mod prefer;
mod rows;
mod same;
mod settle;
mod sheet;
mod show;
mod withdraw;

use super::desk::Desk;
use super::quiet::unexpected;
use super::words;
use crate::node::{Answer, Failure, FailureKind, Request, Written};

/// Cases: what the offices say of a child, and what they plan together.
///
/// A case is named by its list number (`K0001`, `kyiv-list:K0001`) or the start of its id, a claim by the name that
/// `case show` prints behind it.
#[derive(clap::Args)]
pub(super) struct Case {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand)]
enum Verb {
    New(new::New),
    Show(show::Show),
    Claim(claim::Claim),
    Withdraw(withdraw::Withdraw),
    Prefer(prefer::Prefer),
    Plan(plan::Plan),
    Note(note::Note),
    List(list::List),
    Find(find::Find),
    History(history::History),
    Conflicts(conflicts::Conflicts),
    Settle(settle::Settle),
    Disclose(disclose::Disclose),
    Same(same::Same),
}

pub(super) fn run(desk: &mut Desk, args: Case) -> Result<(), Failure> {
    match args.verb {
        Verb::New(args) => new::run(desk, args),
        Verb::Show(args) => show::run(desk, args),
        Verb::Claim(args) => claim::run(desk, args),
        Verb::Withdraw(args) => withdraw::run(desk, args),
        Verb::Prefer(args) => prefer::run(desk, args),
        Verb::Plan(args) => plan::run(desk, args),
        Verb::Note(args) => note::run(desk, args),
        Verb::List(args) => list::run(desk, args),
        Verb::Find(args) => find::run(desk, args),
        Verb::History(args) => history::run(desk, args),
        Verb::Conflicts(args) => conflicts::run(desk, args),
        Verb::Settle(args) => settle::run(desk, args),
        Verb::Disclose(args) => disclose::run(desk, args),
        Verb::Same(args) => same::run(desk, args),
    }
}

/// Asks for something to be written and tells what was, with warnings on stderr. `circle` as the person named it;
/// `what` opens the sentence: "Withdrawn".
fn write(desk: &mut Desk, request: Request, circle: &str, what: &str) -> Result<Written, Failure> {
    let Answer::Written(written) = desk.ask(request)? else { return Err(unexpected()) };
    for line in words::written(&written, circle, what) {
        desk.out.line(line);
    }
    for warning in &written.warnings {
        desk.out.remark(warning);
    }
    Ok(written)
}

/// `key=value` in two.
fn parted<'a>(typed: &'a str, example: &str) -> Result<(&'a str, &'a str), Failure> {
    match typed.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim(), value.trim())),
        // What was typed may be what a person said: it is not repeated.
        _ => Err(Failure {
            kind: FailureKind::BadInput,
            what: "an argument has no `=` between what it is about and its value".into(),
            then: format!("Write it as in {example}."),
        }),
    }
}
