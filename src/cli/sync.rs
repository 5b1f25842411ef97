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
    let received = words::count(partner.received, "segment", "segments");
    let state = match (partner.reached, partner.in_sync) {
        (false, _) => "not reached".to_owned(),
        (true, true) => {
            format!("in sync: both hold the same; {received} came, {} confirmed", partner.confirmed)
        }
        (true, false) => format!("not done: {received} came, {} confirmed", partner.confirmed),
    };
    let line = format!("{:<20} {state}", partner.partner);
    if partner.in_sync {
        out.line(line)
    } else {
        out.notable(line)
    }
    if !partner.note.is_empty() {
        out.line(format!("  {}", partner.note));
    }
}

/// Progress: a bar for a person, a line for each new step elsewhere.
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
                out.line(what);
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
