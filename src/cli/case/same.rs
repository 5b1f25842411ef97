use super::claims::reason;
use crate::cli::desk::Desk;
use crate::node::{Failure, Request};

/// Say that two cases are the same child; both stay, each points at the other.
#[derive(clap::Args)]
pub(super) struct Same {
    /// One case
    case: String,
    /// The other
    other: String,
    /// The circle
    #[arg(long, short, value_name = "CIRCLE")]
    circle: String,
    /// On what grounds
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

pub(super) fn run(desk: &mut Desk, args: Same) -> Result<(), Failure> {
    let request = Request::CaseSame {
        circle: args.circle.clone(),
        case: args.case,
        other: args.other,
        reason: reason(args.reason)?,
    };
    super::write(desk, request, &args.circle, "Said to be the same child").map(|_| ())
}
