use super::claims::reason;
use crate::cli::desk::Desk;
use crate::cli::quiet::unexpected;
use crate::cli::{prompt, words};
use crate::node::{Answer, Failure, FailureKind, Request};

/// Tell chosen claims to another circle, which is recorded in both.
///
/// What has been told cannot be taken back. At a terminal it is shown first, with who will read it, and asked.
#[derive(clap::Args)]
pub(super) struct Disclose {
    /// The case
    case: String,
    /// The claims, as `case show` names them
    #[arg(required = true)]
    items: Vec<String>,
    /// The circle that knows them
    #[arg(long, value_name = "CIRCLE")]
    from: String,
    /// The circle to be told
    #[arg(long, value_name = "CIRCLE")]
    to: String,
    /// Why: it stands in the record, on the sheet that they come from
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Only show what the other circle would learn
    #[arg(long)]
    dry_run: bool,
    /// Tell without being asked again
    #[arg(long, conflicts_with = "dry_run")]
    yes: bool,
}

pub(super) fn run(desk: &mut Desk, args: Disclose) -> Result<(), Failure> {
    let reason = reason(args.reason)?;
    let told = |dry_run| Request::CaseDisclose {
        from: args.from.clone(),
        to: args.to.clone(),
        case: args.case.clone(),
        items: args.items.clone(),
        reason: reason.clone(),
        dry_run,
    };
    if args.dry_run {
        let answer = desk.ask(told(true))?;
        show(desk, &answer)?;
        desk.out.line("Nothing was told.");
        return Ok(());
    }
    if !args.yes {
        if !prompt::possible() || desk.out.is_json() {
            return Err(Failure {
                kind: FailureKind::BadInput,
                what: "there is no terminal to ask whether it shall be told; nothing was".into(),
                then: "Look at it with --dry-run, then say --yes.".into(),
            });
        }
        let answer = desk.ask_quietly(told(true))?;
        show(desk, &answer)?;
        if !prompt::agreed("Tell them? It cannot be taken back.")? {
            desk.out.line("Nothing was told.");
            return Ok(());
        }
    }
    super::write(desk, told(false), &args.to, "Told").map(|_| ())
}

fn show(desk: &mut Desk, answer: &Answer) -> Result<(), Failure> {
    let Answer::Disclosure { to, readers, lines, .. } = answer else { return Err(unexpected()) };
    desk.out.heading(format!("{to} would learn"));
    if lines.is_empty() {
        desk.out.line("  nothing that it was not told already");
    }
    for line in lines {
        desk.out.line(format!("  {}", line.reveal()));
    }
    desk.out.line(format!("  read by {}", words::list(readers)));
    Ok(())
}
