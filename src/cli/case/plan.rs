use super::{labels, parted};
use crate::cli::desk::Desk;
use crate::node::{Failure, Request};

/// Write a value of the plan, which all members of the circle edit together.
///
/// Keys are `kind/id/field`: `case//stage`, `leg/2/border_point`, `task/visa/due`. An empty value clears. If somebody
/// else wrote another value meanwhile, both stand as a conflict until one is settled.
#[derive(clap::Args)]
#[command(after_long_help = labels::plan_known())]
pub(super) struct Plan {
    /// The case
    case: String,
    /// What is planned, as `leg/2/border_point=Narva`
    #[arg(value_name = "KEY=VALUE")]
    value: String,
    /// The circle
    #[arg(long, short, value_name = "CIRCLE")]
    circle: String,
    /// The values that were on the screen when this was decided, as `case show` names them; `none` for an empty
    /// field. Without it: those that stand now. May be given several times
    #[arg(long, value_name = "ITEM")]
    shown: Vec<String>,
}

pub(super) fn run(desk: &mut Desk, args: Plan) -> Result<(), Failure> {
    let (key, value) = parted(&args.value, "leg/2/border_point=Narva")?;
    let shown = match args.shown.as_slice() {
        [] => None,
        [none] if none == "none" => Some(Vec::new()),
        items => Some(items.to_vec()),
    };
    let request = Request::CasePlan {
        circle: args.circle.clone(),
        case: args.case,
        key: key.to_owned(),
        value: value.into(),
        shown,
    };
    super::write(desk, request, &args.circle, "Planned").map(|_| ())
}
