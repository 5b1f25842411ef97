use super::desk::Desk;
use super::out::Out;
use super::quiet::unexpected;
use super::words::{self, Span};
use crate::node::{Answer, Failure, FailureKind, Request, SyncedPartner};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Sync now, with all partners or with one.
///
/// A running node syncs by itself whenever there is a link; this does it once and says how it went. Exit code 7 if no
/// partner was reached.
#[derive(clap::Args)]
pub(super) struct Sync {
    /// With this partner alone
    partner: Option<String>,
    /// Give up on a partner after so long without progress: seconds, or `90s`, `5m`, `2h`
    #[arg(long, value_name = "TIME", default_value = "60s")]
    patience: Span,
}

pub(super) fn run(desk: &mut Desk, args: Sync) -> Result<(), Failure> {
    let mut shown = Shown::new(&desk.out);
    let request = Request::Sync { partner: args.partner, patience_s: args.patience.0 };
    let answer = desk.ask_along(request, &mut |out, part| shown.show(out, part));
    shown.clear();
    let Answer::Synced { partners } = answer? else { return Err(unexpected()) };
    for partner in &partners {
        tell(&mut desk.out, partner);
    }
    if partners.is_empty() {
        desk.out.line(
            "There is no partner to sync with yet: see `homeward card list` and `homeward circle list`.",
        );
    } else if partners.iter().all(|partner| !partner.reached) {
        return Err(Failure {
            kind: FailureKind::Unreachable,
            what: "no partner was reached; what was written here waits and is not lost".into(),
            then:
                "Try again when there is a link, or carry a bundle: `homeward bundle out --for PARTNER FILE`."
                    .into(),
        });
    }
    Ok(())
}

fn tell(out: &mut Out, partner: &SyncedPartner) {
    let line = format!("{:<20} {}", partner.partner, state(partner));
    if partner.in_sync { out.line(line) } else { out.notable(line) }
}

fn state(partner: &SyncedPartner) -> String {
    let moved = format!(
        "{} came, {} confirmed",
        words::count(partner.received, "segment", "segments"),
        words::count(partner.confirmed, "segment", "segments")
    );
    match (partner.reached, partner.in_sync) {
        (true, true) => format!("both hold the same; {moved}"),
        (true, false) if partner.note.is_empty() => format!("not done; {moved}"),
        (true, false) => format!("not done: {}; {moved}", partner.note),
        (false, _) if partner.note.is_empty() => "not reached".to_owned(),
        (false, _) => partner.note.clone(),
    }
}

/// Progress on stderr: a bar for a person, a line for each new step elsewhere.
pub(super) struct Shown {
    bar: Option<ProgressBar>,
    last: (String, Option<String>),
}

impl Shown {
    /// What suits where `out` goes.
    pub(super) fn new(out: &Out) -> Self {
        use std::io::IsTerminal;
        let person = out.is_terminal() && !out.is_json() && std::io::stderr().is_terminal();
        let bar = person.then(|| ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()));
        Self { bar, last: Default::default() }
    }

    /// Shows how far it is.
    pub(super) fn show(&mut self, out: &mut Out, part: Answer) {
        let Answer::Progress { step, partner, done, of } = part else { return };
        let with = partner.as_ref().map_or_else(String::new, |name| format!("{name}: "));
        let what = super::escape::line(&format!("{with}{step}")).into_owned();
        let Some(bar) = &self.bar else {
            // A line when the step changes, not for each of thousands of segments.
            if (&step, &partner) != (&self.last.0, &self.last.1) {
                out.remark(&format!("... {what}"));
                self.last = (step, partner);
            }
            return;
        };
        // A template that does not parse leaves the bar's own, which is as good.
        let template = if of > 0 { "{msg} {wide_bar} {pos}/{len}" } else { "{spinner} {msg} {pos}" };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        if of > 0 {
            bar.set_length(of);
        }
        bar.set_message(what);
        bar.set_position(done);
    }

    /// Takes the bar off the screen.
    pub(super) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_it_went_is_one_line() {
        let mut partner = SyncedPartner {
            partner: "doha".into(),
            reached: true,
            in_sync: true,
            received: 1,
            confirmed: 12,
            note: "both hold the same".into(),
        };
        assert_eq!(state(&partner), "both hold the same; 1 segment came, 12 segments confirmed");
        (partner.in_sync, partner.note) = (false, "the link was cut".into());
        assert_eq!(state(&partner), "not done: the link was cut; 1 segment came, 12 segments confirmed");
        (partner.reached, partner.note) = (false, String::new());
        assert_eq!(state(&partner), "not reached");
    }
}
