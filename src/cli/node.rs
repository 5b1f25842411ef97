use super::desk::Desk;
use super::out::Out;
use super::quiet::unexpected;
use super::words;
use crate::node::{Answer, Failure, NodeCircle, NodeLog, NodeView, Request};

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
}

pub(super) fn run(desk: &mut Desk, args: Node) -> Result<(), Failure> {
    match args.verb {
        Verb::List => list(desk),
    }
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
    out.heading(format!("{}  {here}{card}", node.node.short()));
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
