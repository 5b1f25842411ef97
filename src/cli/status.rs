use super::desk::Desk;
use super::out::Out;
use super::quiet::unexpected;
use super::words;
use crate::node::{Answer, CircleStatus, Failure, ForkHeld, PartnerCircle, PartnerStatus, Request};

/// How everything stands: links, what partners confirmed to hold and to have applied, what waits.
#[derive(clap::Args)]
pub(super) struct Status {}

pub(super) fn run(desk: &mut Desk, _: Status) -> Result<(), Failure> {
    let status = match desk.ask(Request::Status)? {
        Answer::Status(status) => status,
        Answer::Locked => {
            desk.out.line("The node runs and is locked: it holds no key and has no link.");
            desk.out.line("Open it with `homeward unlock`.");
            return Ok(());
        }
        _ => return Err(unexpected()),
    };
    let out = &mut desk.out;
    let runs = match (status.running, status.paused) {
        (false, _) => "at rest; `homeward run` starts it",
        (true, true) => "runs, paused with everyone; `homeward resume` goes on",
        (true, false) => "runs",
    };
    out.heading(format!("{} {runs}", status.name));
    if let Some(address) = &status.listening {
        out.line(format!("  listens on {address}"));
    }
    if status.running {
        let (sent, received) = (words::size(status.sent_bytes), words::size(status.received_bytes));
        out.line(format!("  sent {sent} and received {received} since it started"));
    }
    for notice in &status.notices {
        out.notable(format!("! {notice}"));
    }
    for partner in &status.partners {
        out.gap();
        one_partner(out, partner);
    }
    if !status.circles.is_empty() {
        out.gap();
        out.heading("Here");
    }
    for circle in &status.circles {
        one_circle(out, circle);
    }
    Ok(())
}

fn one_partner(out: &mut Out, partner: &PartnerStatus) {
    let link = match (partner.paused, partner.reachable) {
        (true, _) => "paused, ",
        (false, true) => "linked, ",
        (false, false) if partner.last_contact.is_some() => "no link, ",
        (false, false) => "",
    };
    let contact = match partner.last_contact {
        Some(at) => format!("last contact {}", words::moment_utc(at)),
        None => "no link so far".to_owned(),
    };
    out.heading(format!("{}: {link}{contact}", partner.partner));
    for circle in &partner.circles {
        for line in lines(&partner.partner, circle) {
            out.line(line);
        }
    }
}

/// What one partner confirmed in one circle.
fn lines(partner: &str, circle: &PartnerCircle) -> Vec<String> {
    let name = circle.circle_name.reveal();
    let mut lines = vec![match circle.confirmed_at {
        None => format!("  {name}: {partner} has not confirmed anything yet"),
        Some(at) if circle.ours == 0 => {
            let at = words::moment_utc(at);
            format!("  {name}: {partner} showed at {at} what it holds; nothing of yours is to be held yet")
        }
        Some(at) => {
            let at = words::moment_utc(at);
            let held = match circle.ours.saturating_sub(circle.ours_held) {
                0 => "held everything of yours".to_owned(),
                _ => format!(
                    "held {} of your {}",
                    circle.ours_held,
                    words::count(circle.ours, "segment", "segments")
                ),
            };
            let applied = match circle.ours.saturating_sub(circle.ours_applied) {
                // What a partner has applied shows in what it writes.
                _ if circle.ours > 0 && circle.ours_applied == 0 => "has not written since".to_owned(),
                0 => "had applied all".to_owned(),
                rest => format!("had applied all but {rest}"),
            };
            format!("  {name}: {partner} {held} at {at}, {applied}")
        }
    }];
    let mut more = Vec::new();
    if circle.lacks > 0 {
        more.push(format!(
            "{} not confirmed by {partner}",
            words::count(circle.lacks, "segment here", "segments here")
        ));
    }
    if circle.we_lack > 0 {
        more.push(format!("{} still to come from it", words::count(circle.we_lack, "segment", "segments")));
    }
    if circle.waiting_edits > 0 {
        more.push(format!("{} to send", words::count(circle.waiting_edits, "edit waits", "edits wait")));
    }
    if !more.is_empty() {
        lines.push(format!("    {}", more.join("; ")));
    }
    lines
}

fn one_circle(out: &mut Out, circle: &CircleStatus) {
    let (cases, edits) =
        (words::count(circle.cases, "case", "cases"), words::count(circle.edits, "edit", "edits"));
    let segments = words::count(circle.segments, "segment", "segments");
    let held = match circle.role.as_str() {
        "carrier" => format!("{segments}, sealed for its members"),
        _ => format!("{cases}, {edits}, {segments}"),
    };
    out.line(format!("  {:<20} {}: {held}", circle.circle_name.reveal(), circle.role));
    let states = [
        (circle.to_replay, "still to be read"),
        (circle.held, "held: no key yet, or written by a later version"),
        (circle.refused, "refused: they break a rule"),
    ];
    for (number, state) in states.into_iter().filter(|(number, _)| *number > 0) {
        out.notable(format!("    {} {state}", words::count(number, "segment", "segments")));
    }
    for fork in &circle.forks {
        fork_lines(fork).iter().for_each(|line| out.notable(line));
    }
    if circle.disowned > 0 {
        out.notable(format!(
            "    {} shown as disowned",
            words::count(circle.disowned, "edit does not count, and is", "edits do not count, and are")
        ));
    }
    if circle.waiting_edits > 0 {
        out.line(format!(
            "    {} to be sent",
            words::count(circle.waiting_edits, "own edit waits", "own edits wait")
        ));
    }
    if !circle.waits_for.is_empty() {
        out.notable(format!("    held until you trust {}", words::list(&circle.waits_for)));
    }
}

/// A fork accuses nobody: a machine that was copied, or put back from a backup, makes one in all honesty.
fn fork_lines(fork: &ForkHeld) -> Vec<String> {
    let node = fork.node.short();
    let whose = match fork.own {
        true => format!("of this office's node {node}"),
        false => format!("of {}'s node {node}", fork.partner),
    };
    if let Some(number) = fork.settled {
        return vec![format!("    a log {whose} had two branches; settled: it counts through {number}")];
    }
    let mut lines = vec![
        format!("    a log {whose} has two branches from number {} on, and counts up to there;", fork.number),
        "      a machine that was copied or put back from a backup can do that".to_owned(),
    ];
    lines.push(match fork.own {
        true => format!("      `homeward node settle {node}` says which counts"),
        false => format!("      {} can settle it with `homeward node settle {node}`", fork.partner),
    });
    lines.push(format!(
        "      `homeward evidence --fork {} --out FILE` shows it to anyone",
        fork.proof.short()
    ));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Millis;

    #[test]
    fn held_and_applied_are_told_apart() {
        let circle = PartnerCircle {
            circle_name: "families".into(),
            confirmed_at: Some(Millis(1_795_356_300_000)),
            ours: 12,
            ours_held: 12,
            ours_applied: 9,
            ..PartnerCircle::default()
        };
        assert_eq!(
            lines("doha", &circle),
            ["  families: doha held everything of yours at 2026-11-22 14:05 UTC, had applied all but 3"]
        );
        let circle = PartnerCircle {
            ours_held: 11,
            ours_applied: 12,
            lacks: 1,
            we_lack: 2,
            waiting_edits: 4,
            ..circle
        };
        assert_eq!(
            lines("doha", &circle),
            [
                "  families: doha held 11 of your 12 segments at 2026-11-22 14:05 UTC, had applied all",
                "    1 segment here not confirmed by doha; 2 segments still to come from it; 4 edits wait to send",
            ]
        );
        assert_eq!(
            lines("doha", &PartnerCircle { circle_name: "families".into(), ..PartnerCircle::default() }),
            ["  families: doha has not confirmed anything yet"]
        );
    }
}
