use super::desk::Desk;
use super::quiet::unexpected;
use super::sync::Shown;
use super::words;
use crate::node::{Answer, Failure, FailureKind, Request};

/// Verify everything that is stored, and rebuild what is derived from it.
///
/// Reads every segment again: header, chain, signature, contents; builds every sheet anew and compares. Exit code 9
/// if something is damaged.
#[derive(clap::Args)]
pub(super) struct Check {}

pub(super) fn run(desk: &mut Desk, _: Check) -> Result<(), Failure> {
    let mut shown = Shown::new(&desk.out);
    let answer = desk.ask_along(Request::Check, &mut |out, part| shown.show(out, part));
    shown.clear();
    let Answer::Checked(found) = answer? else { return Err(unexpected()) };
    let out = &mut desk.out;
    out.line(format!(
        "{} verified, {} opened and read again, {} rebuilt.",
        words::count(found.segments, "segment", "segments"),
        found.opened,
        words::count(found.sheets, "sheet", "sheets"),
    ));
    if found.differing > 0 {
        let sheets = words::count(found.differing, "sheet", "sheets");
        out.notable(format!("{sheets} had differed from the segments; what the segments say stands now."));
    }
    if found.damage.is_empty() {
        out.line("Nothing is damaged.");
        return Ok(());
    }
    for damage in &found.damage {
        out.notable(format!("  {damage}"));
    }
    Err(Failure {
        kind: FailureKind::Damaged,
        what: format!("the check found damage in {}", words::count_of(found.damage.len(), "place", "places")),
        then: "What is damaged here can be fetched again: sync with a partner, or take a bundle in.".into(),
    })
}
