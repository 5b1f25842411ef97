use super::desk::Desk;
use super::out::Out;
use super::{files, words};
use crate::id::{NodeId, PartnerId};
use crate::limit::EVIDENCE_BYTES;
use crate::node::{self, Answer, ClosureSeen, EvidenceView, Failure, LogSeen, SegmentSeen, Shown, Speaker};
use std::path::PathBuf;

/// Check an evidence file, and say what it proves and what it does not.
///
/// Needs no home, no keys and no passphrase: everything is checked from the signatures in the file.
#[derive(clap::Args)]
pub(super) struct Verify {
    /// The file; `-` reads stdin
    file: PathBuf,
}

pub(super) fn run(desk: &mut Desk, args: Verify) -> Result<(), Failure> {
    let view = node::verify(&files::read(&args.file, EVIDENCE_BYTES, "evidence file")?)?;
    desk.out.answer(&Answer::EvidenceShown(Box::new(view.clone())));
    desk.out.heading("The file is whole, and every signature in it holds.");
    desk.out.gap();
    show(&mut desk.out, &view);
    Ok(())
}

/// What a file shows, in words.
pub(super) fn show(out: &mut Out, view: &EvidenceView) {
    if view.speakers.iter().any(|speaker| speaker.demo) {
        out.notable("! A demo office speaks here. Its keys are published: anyone could have made this file.");
        out.gap();
    }
    match &view.shows {
        Shown::Fork { partner, node, number, segments, closure, instance } => {
            out.heading("It proves");
            out.line(format!(
                "  The key of node {}, which {} certified as its own, signed two different",
                node.short(),
                name(view, partner)
            ));
            out.line(format!("  segments as number {number} of its log {}:", instance.short()));
            segments.iter().for_each(|segment| one_segment(out, segment));
            if let Some(closure) = closure {
                out.line(format!("  {}", settled(view, partner, closure)));
            }
            out.gap();
            out.heading("It does not prove");
            out.line(
                "  Why. A machine that was copied, or put back from a backup, does this in all honesty;",
            );
            out.line("  so may one that tells two stories, or somebody who took its keys.");
            out.line("  Which of the two came first: both times are by that node's own clock.");
            out.line("  What they say: both are sealed, and this file holds neither.");
            if closure.is_none() {
                out.line("  That its office has not settled it: such a word may exist elsewhere.");
            }
        }
        Shown::Receipt { partner, node, run, time, logs, .. } => {
            out.heading("It proves");
            out.line(format!(
                "  The key of node {}, which {} certified as its own, signed at {},",
                node.short(),
                name(view, partner),
                words::moment_utc(*time)
            ));
            out.line(format!("  by its own clock, as its statement {run}, that it held of the circle:"));
            logs.iter().for_each(|log| one_log(out, view, log));
            if logs.is_empty() {
                out.line("    nothing");
            }
            out.gap();
            out.heading("It does not prove");
            out.line("  That anyone there opened, read or acted upon it: segments are sealed, and this says \"held\".");
            out.line("  That the clock was right, or that it still holds them.");
            out.line("  What the segments say. Whoever has one can show it by its hash.");
        }
    }
    out.line(
        "  That a name is true: it is what an office calls itself on its card. Compare the safety phrase",
    );
    out.line("  with the office, on a line you know.");
    out.gap();
    out.heading("Who");
    view.speakers.iter().for_each(|speaker| one_speaker(out, speaker));
    out.gap();
    out.heading("Where");
    out.line(format!("  circle   {}", view.circle.hex()));
    out.line(format!("  founded  {} by {}", words::moment_utc(view.founded), name(view, &view.founder)));
    out.line(format!("  read by  {}", names(view, &view.members)));
    if !view.carriers.is_empty() {
        out.line(format!("  carried  {}", names(view, &view.carriers)));
    }
}

fn one_segment(out: &mut Out, segment: &SegmentSeen) {
    let size = words::size(u64::from(segment.length));
    out.line(format!("    {}", segment.hash.hex()));
    out.line(format!(
        "      cut {} by its clock, {size} sealed, after {}",
        words::moment_utc(segment.cut),
        segment.previous.short()
    ));
}

fn settled(view: &EvidenceView, partner: &PartnerId, closure: &ClosureSeen) -> String {
    let counts = match (closure.through, closure.retired) {
        (Some((0, _)), _) | (None, true) => "none of this log counts".to_owned(),
        (Some((number, hash)), _) => format!("this log counts through number {number}, {}", hash.short()),
        (None, false) => "of this log nothing is said".to_owned(),
    };
    let goes = if closure.retired { "the node is closed" } else { "the node goes on" };
    format!(
        "{} has signed, at {} and as its word {} on this node: {goes}; {counts}.",
        name(view, partner),
        words::moment_utc(closure.time),
        closure.serial
    )
}

fn one_log(out: &mut Out, view: &EvidenceView, log: &LogSeen) {
    let whose = match &log.header {
        Some((partner, cut)) => format!(", which {} cut at {}", name(view, partner), words::moment_utc(*cut)),
        None => String::new(),
    };
    out.line(format!(
        "    log {} of node {} through number {}{whose}",
        log.instance.short(),
        log.node.short(),
        log.number
    ));
    out.line(format!("      {}", log.hash.hex()));
}

fn one_speaker(out: &mut Out, speaker: &Speaker) {
    let role = format!("a {}", words::code(&speaker.role));
    let called = speaker.name.as_deref().map_or_else(
        || "a partner that no card in the file names".to_owned(),
        |name| format!("calls itself {name}"),
    );
    out.line(format!("  {}  {called}; {role} of the circle", speaker.partner.short()));
    out.line(format!("    partner key {}", speaker.partner.hex()));
    for node in &speaker.nodes {
        out.line(format!("    node key    {}", NodeId::hex(node)));
    }
    out.line("    safety phrase");
    for row in speaker.words.chunks(6) {
        out.line(format!("      {}", row.join(" ")));
    }
}

/// What a partner is called in the text: its name in quotes is its own word, the digits are its key's.
fn name(view: &EvidenceView, partner: &PartnerId) -> String {
    let known = view.speakers.iter().find(|speaker| speaker.partner == *partner);
    match known.and_then(|speaker| speaker.name.as_deref()) {
        Some(name) => format!("{name} ({})", partner.short()),
        None => format!("partner {}", partner.short()),
    }
}

fn names(view: &EvidenceView, partners: &[PartnerId]) -> String {
    let mut names: Vec<String> = partners.iter().map(|partner| name(view, partner)).collect();
    names.sort();
    names.join(", ")
}
