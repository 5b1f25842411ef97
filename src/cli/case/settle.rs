use crate::cli::desk::Desk;
use crate::node::{Failure, Request};
use crate::private::Private;

/// Settle a plan field that has several values: take one, or write another.
#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("how").required(true).args(["take", "value"])))]
pub(super) struct Settle {
    /// The case
    case: String,
    /// The field of the plan, as `leg/2/border_point`
    key: String,
    /// The circle
    #[arg(long, short, value_name = "CIRCLE")]
    circle: String,
    /// The value that stays, as `case conflicts` names it
    #[arg(long, value_name = "ITEM")]
    take: Option<String>,
    /// A value that stands in place of all
    #[arg(long, value_name = "TEXT")]
    value: Option<String>,
}

pub(super) fn run(desk: &mut Desk, args: Settle) -> Result<(), Failure> {
    let request = Request::CaseSettle {
        circle: args.circle.clone(),
        case: args.case,
        key: args.key,
        take: args.take,
        value: args.value.map(Private::new),
    };
    super::write(desk, request, &args.circle, "Settled").map(|_| ())
}
