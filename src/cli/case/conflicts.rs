use super::labels;
use crate::cli::desk::Desk;
use crate::cli::quiet::unexpected;
use crate::cli::words;
use crate::node::{Answer, ConflictKind, Failure, Request};

/// Show what is open: plan values to settle, and claims on which offices differ.
#[derive(clap::Args)]
pub(super) struct Conflicts {
    /// Of one case alone
    case: Option<String>,
    /// Of one circle alone
    #[arg(long, short, value_name = "CIRCLE")]
    circle: Option<String>,
}

pub(super) fn run(desk: &mut Desk, args: Conflicts) -> Result<(), Failure> {
    let request = Request::CaseConflicts { circle: args.circle, case: args.case };
    let Answer::Conflicts { conflicts } = desk.ask(request)? else { return Err(unexpected()) };
    let out = &mut desk.out;
    if conflicts.is_empty() {
        out.line("No plan value is in conflict, and no claims differ.");
    }
    for conflict in &conflicts {
        let (kind, label) = match conflict.kind {
            ConflictKind::Plan => ("conflict", labels::plan_text(&conflict.field)),
            ConflictKind::Claim => ("offices differ", labels::field(&conflict.field).to_owned()),
        };
        let (case, circle) = (conflict.case.short(), conflict.circle_name.reveal());
        out.heading(format!("{case}  {}; {circle}; {label}: {kind}", conflict.title.reveal()));
        for value in &conflict.values {
            out.line(format!("  {} — {}; {}", value.value.reveal(), value.partner, value.item.short()));
        }
        let (field, circle) = (words::argument(&conflict.field), words::argument(circle));
        let then = match conflict.kind {
            ConflictKind::Plan => {
                format!("to settle: `homeward case settle {case} {field} -c {circle} --take ITEM`")
            }
            ConflictKind::Claim => {
                format!(
                    "all stand; to say which you work with: `homeward case prefer {case} ITEM -c {circle}`"
                )
            }
        };
        out.line(format!("  {then}"));
    }
    Ok(())
}
