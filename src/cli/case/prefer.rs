use crate::cli::desk::Desk;
use crate::node::{Failure, Request};

/// Say which of several claims this office works with; the others stay.
#[derive(clap::Args)]
pub(super) struct Prefer {
    /// The case
    case: String,
    /// The claim, this office's own or another's, as `case show` names it
    item: String,
    /// The circle
    #[arg(long, short, value_name = "CIRCLE")]
    circle: String,
}

pub(super) fn run(desk: &mut Desk, args: Prefer) -> Result<(), Failure> {
    let request = Request::CasePrefer { circle: args.circle.clone(), case: args.case, item: args.item };
    super::write(desk, request, &args.circle, "Preferred").map(|_| ())
}
