use super::rows;
use crate::cli::desk::Desk;
use crate::cli::quiet::unexpected;
use crate::node::{Answer, Failure, Request};

/// Find cases by a name, in any script and spelling, or by a number.
#[derive(clap::Args)]
pub(super) struct Find {
    /// What to look for
    #[arg(required = true)]
    text: Vec<String>,
    /// Of one circle alone
    #[arg(long, short, value_name = "CIRCLE")]
    circle: Option<String>,
}

pub(super) fn run(desk: &mut Desk, args: Find) -> Result<(), Failure> {
    let request = Request::CaseFind { text: args.text.join(" ").into(), circle: args.circle };
    let Answer::CaseList { total, cases } = desk.ask(request)? else { return Err(unexpected()) };
    if total == 0 {
        desk.out.line(
            "No case matches. Names that sound alike are found too, but not every other form: try a part.",
        );
    }
    rows::show(&mut desk.out, total, &cases);
    Ok(())
}
