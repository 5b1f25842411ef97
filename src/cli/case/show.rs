use super::sheet;
use crate::cli::desk::Desk;
use crate::cli::quiet::unexpected;
use crate::node::{Answer, Failure, Request};

/// Show a case: what each office says, what is planned, and who reads it.
#[derive(clap::Args)]
pub(super) struct Show {
    /// The case
    case: String,
    /// One circle's sheet alone
    #[arg(long, short, value_name = "CIRCLE")]
    circle: Option<String>,
    /// Withdrawn, replaced and earlier values too
    #[arg(long)]
    all: bool,
}

pub(super) fn run(desk: &mut Desk, args: Show) -> Result<(), Failure> {
    let request = Request::CaseShow { case: args.case, circle: args.circle };
    let Answer::Case(case) = desk.ask(request)? else { return Err(unexpected()) };
    sheet::show(&mut desk.out, &case, args.all);
    Ok(())
}
