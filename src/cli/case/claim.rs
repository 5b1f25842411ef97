use super::claims::Claims;
use super::labels;
use crate::cli::desk::Desk;
use crate::node::{Failure, Request};

/// Say what this office knows, with its source.
///
/// What other offices say stays beside it. Up to 64 claims at once; --group, --source and the like hold for all of
/// them.
#[derive(clap::Args)]
#[command(after_long_help = labels::fields_known())]
pub(super) struct Claim {
    /// The case
    case: String,
    /// The circle whose members will read it
    #[arg(long, short, value_name = "CIRCLE")]
    circle: String,
    #[command(flatten)]
    claims: Claims,
}

pub(super) fn run(desk: &mut Desk, args: Claim) -> Result<(), Failure> {
    let request =
        Request::CaseClaim { circle: args.circle.clone(), case: args.case, claims: args.claims.taken()? };
    super::write(desk, request, &args.circle, "Claimed").map(|_| ())
}
