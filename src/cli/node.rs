use super::desk::{Desk, absolute};
use super::out::Out;
use super::quiet::unexpected;
use super::{node_add, passphrase, prompt, words};
use crate::node::{
    self, Answer, BranchView, CloseDraft, Closing, Failure, FailureKind, LogDraft, NodeCircle, NodeLog,
    NodeView, Request,
};
use std::path::PathBuf;

/// This office's own machines.
///
/// Each machine (node) of an office has keys of its own, which the office's partner key vouches for.
#[derive(clap::Args)]
pub(super) struct Node {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// List the machines of this office and what they wrote
    List,
    Add(node_add::Add),
    Accept(node_add::Accept),
    /// Close a lost machine of this office: nothing that it writes from now on counts
    ///
    /// Says, circle by circle and signed with the partner key, through where that machine's logs count: all that is
    /// here, if nothing else is asked for. Whoever hears of it ends links with that machine, and nothing more that it
    /// writes counts.
    ///
    /// It cannot call back what that machine holds: whoever has its keys can read all that it could ever read. And it
    /// protects only what is written by those who have heard of it, so let all partners hear of it soon.
    Close(Close),
    /// Settle a fork: say which branch of a log of this office counts; the machine goes on
    ///
    /// A log gets two branches when a machine is copied, or put back from a backup, and both go on. Partners take none
    /// of it from there on until this office says which branch counts. What stands on the other is kept and shown as
    /// disowned, and the machine goes on in a new log.
    Settle(Settle),
}

/// What both ways of closing take.
#[derive(clap::Args)]
struct Signing {
    /// The machine, by the start of its id
    node: String,
    /// In one circle alone
    #[arg(long, short, value_name = "CIRCLE")]
    circle: Option<String>,
    /// A branch that counts, by the start of its id; may be given more than once [default: the one that stands here]
    #[arg(long = "branch", value_name = "ID")]
    branches: Vec<String>,
    /// A log counts through this number; may be given more than once
    #[arg(long, value_name = "LOG=NUMBER")]
    through: Vec<String>,
    /// The partner key's file, where it was moved to
    #[arg(long, value_name = "FILE")]
    partner_key: Option<PathBuf>,
    /// Do not ask for a yes
    #[arg(long)]
    yes: bool,
}

#[derive(clap::Args)]
struct Close {
    #[command(flatten)]
    signing: Signing,
    /// Nothing that this machine ever wrote counts
    #[arg(long, conflicts_with_all = ["through", "branches"])]
    none: bool,
}

#[derive(clap::Args)]
struct Settle {
    #[command(flatten)]
    signing: Signing,
}

pub(super) fn run(desk: &mut Desk, args: Node) -> Result<(), Failure> {
    match args.verb {
        Verb::List => list(desk),
        Verb::Add(args) => node_add::add(desk, args),
        Verb::Accept(args) => node_add::accept(desk, args),
        Verb::Close(Close { signing, none }) => close(desk, signing, true, none),
        Verb::Settle(Settle { signing }) => close(desk, signing, false, false),
    }
}

/// Drafts, shows, asks, signs, takes in.
fn close(desk: &mut Desk, args: Signing, retire: bool, none: bool) -> Result<(), Failure> {
    let partner_key = args.partner_key.map(|path| absolute(&path)).transpose()?;
    let closing = Closing { retire, none, through: args.through, branches: args.branches };
    let request = Request::CloseDraft { node: args.node, circle: args.circle, closing };
    let Answer::CloseDraft(draft) = desk.ask_quietly(request)? else { return Err(unexpected()) };
    let mut told = draft.clone();
    // What is to be signed stands in the rest, in words.
    told.circles.iter_mut().for_each(|circle| circle.body.clear());
    desk.out.answer(&Answer::CloseDraft(told));
    show_draft(&mut desk.out, &draft);
    if !args.yes && !agreed(retire)? {
        return Err(refused("it was left as it is; nothing was signed", "Ask again when you are sure."));
    }
    let home = desk.standing_home()?;
    let file = desk.passphrase_file().map(PathBuf::from);
    let mut unlock = || passphrase::unlock(file.as_deref());
    let signed = node::sign_closures(&home, &mut unlock, partner_key.as_deref(), &draft)?;
    let closures = signed.into_iter().map(Into::into).collect();
    let Answer::Closed { .. } = desk.ask(Request::CloseTake { closures })? else { return Err(unexpected()) };
    desk.out.gap();
    match retire {
        true => desk.out.line(format!("Node {} is closed.", draft.node.short())),
        false => desk.out.line(format!("The fork of node {} is settled.", draft.node.short())),
    }
    desk.out.line("Partners hear of it with the next sync or bundle.");
    Ok(())
}

fn agreed(retire: bool) -> Result<bool, Failure> {
    if !prompt::possible() {
        return Err(refused(
            "this needs a yes, and there is nobody to ask; nothing was signed",
            "Read what is shown, and say --yes.",
        ));
    }
    prompt::agreed(if retire { "Close this machine for good?" } else { "Shall these branches count?" })
}

fn refused(what: &str, then: &str) -> Failure {
    Failure { kind: FailureKind::BadInput, what: what.into(), then: then.into() }
}

fn show_draft(out: &mut Out, draft: &CloseDraft) {
    let node = draft.node.short();
    let this = if draft.this { " (this machine)" } else { "" };
    out.heading(match draft.retire {
        true => format!("To close node {node} of this office{this}"),
        false => format!("To settle the fork of node {node} of this office{this}"),
    });
    for circle in &draft.circles {
        out.line(format!("  {}", circle.circle_name.reveal()));
        if circle.logs.is_empty() {
            out.line("    nothing that it wrote is here");
        }
        for log in &circle.logs {
            show_log(out, log);
        }
    }
    out.gap();
    let lines: &[&str] = match draft.retire {
        true => &[
            "Whoever hears of this ends links with that machine. What it wrote beyond these numbers does not count: it is",
            "kept where it came, and shown as disowned. This protects what is written from then on, by those who have",
            "heard of it. It calls nothing back: whoever has that machine's keys can read all that it could ever read.",
        ],
        false => &[
            "A fork may come of an honest copy. What stands on another branch, or after these numbers, is kept and shown",
            "as disowned; it is not lost, and can be said again. The machine goes on in a new log.",
        ],
    };
    lines.iter().for_each(|line| out.line(line));
}

fn show_log(out: &mut Out, log: &LogDraft) {
    let through = match log.through {
        0 => "nothing of it counts".to_owned(),
        number => format!("counts through {number}"),
    };
    out.line(format!("    log {}: {through}", log.instance.short()));
    if log.branches.len() < 2 {
        return;
    }
    for branch in &log.branches {
        out.line(format!("      {}", one_branch(branch)));
    }
}

/// A branch in a line: which, how far, when, how much, and who stands on it.
fn one_branch(branch: &BranchView) -> String {
    let chosen = if branch.chosen { "counts" } else { "disowned" };
    let mut line = format!("branch {} ({chosen}): ", branch.branch.short());
    match branch.held {
        true => line.push_str(&match branch.through == branch.from {
            true => format!("number {}", branch.from),
            false => format!("numbers {} to {}", branch.from, branch.through),
        }),
        false => line.push_str(&format!("from number {} on, only the proof of it is here", branch.from)),
    }
    match branch.cut {
        Some((first, last)) if first == last => line.push_str(&format!(", cut {}", words::moment_utc(first))),
        Some((first, last)) => {
            line.push_str(&format!(", cut {} to {}", words::moment(first), words::moment_utc(last)));
        }
        None => {}
    }
    if let Some(edits) = branch.edits.filter(|_| branch.held) {
        line.push_str(&format!(", {}", words::count(edits, "edit", "edits")));
    }
    let mut standing: Vec<&str> = branch.standing.iter().map(String::as_str).collect();
    if branch.here {
        standing.insert(0, "this node");
    }
    if !standing.is_empty() {
        line.push_str(&format!("; held by {}", words::list(&standing)));
    }
    line
}

fn list(desk: &mut Desk) -> Result<(), Failure> {
    let Answer::Nodes { nodes } = desk.ask(Request::NodeList)? else { return Err(unexpected()) };
    for node in &nodes {
        one_node(&mut desk.out, node);
    }
    Ok(())
}

fn one_node(out: &mut Out, node: &NodeView) {
    let here = match (node.this, node.contact.filter(|at| at.0 > 0)) {
        (true, _) => "this machine".to_owned(),
        (false, Some(at)) => format!("last contact {}", words::moment_utc(at)),
        (false, None) => "no contact so far".to_owned(),
    };
    let card = if node.on_card { "" } else { ", not on this office's card" };
    out.heading(format!("Node {}: {here}{card}", node.node.short()));
    for circle in &node.circles {
        one_circle(out, circle);
    }
}

fn one_circle(out: &mut Out, circle: &NodeCircle) {
    let closed = if circle.retired { ": closed" } else { "" };
    out.line(format!("  {}{closed}", circle.circle_name.reveal()));
    for log in &circle.logs {
        out.line(format!("    {}", one_log(log)));
    }
}

/// A log in a line: which life, how far it is here, through where it counts.
fn one_log(log: &NodeLog) -> String {
    let mut line = format!(
        "log {}: {}",
        log.instance.short(),
        words::count(log.segments, "segment here", "segments here")
    );
    if let Some(last) = log.last {
        line.push_str(&format!(", the last of {}", words::moment_utc(last)));
    }
    match log.through {
        Some(0) => line.push_str("; does not count"),
        Some(number) => line.push_str(&format!("; counts through {number}")),
        None => {}
    }
    if let Some(number) = log.fork {
        line.push_str(&format!("; two branches from {number} on"));
    }
    line
}
