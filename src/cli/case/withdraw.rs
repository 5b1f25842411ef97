use super::claims::reason;
use crate::cli::desk::Desk;
use crate::node::{Failure, Request};

/// Withdraw what this office said; it stays in the history.
#[derive(clap::Args)]
pub(super) struct Withdraw {
    /// The case
    case: String,
    /// This office's own claims, acts or files, as `case show` names them
    #[arg(required = true)]
    items: Vec<String>,
    /// The circle
    #[arg(long, short, value_name = "CIRCLE")]
    circle: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

pub(super) fn run(desk: &mut Desk, args: Withdraw) -> Result<(), Failure> {
    let request = Request::CaseWithdraw {
        circle: args.circle.clone(),
        case: args.case,
        items: args.items,
        reason: reason(args.reason)?,
    };
    super::write(desk, request, &args.circle, "Withdrawn").map(|_| ())
}
