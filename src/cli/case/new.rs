use super::claims::Claims;
use crate::cli::desk::Desk;
use crate::node::{Failure, Request};

/// Open a case, or tell another circle of a known one.
///
/// At least one claim: a name, or a number in a list. `homeward case claim --help` lists the fields.
#[derive(clap::Args)]
pub(super) struct New {
    /// The circle whose members will read it
    #[arg(long, short, value_name = "CIRCLE")]
    circle: String,
    /// A case that another circle knows already: the same child, a sheet of its own here
    #[arg(long, value_name = "CASE")]
    case: Option<String>,
    #[command(flatten)]
    claims: Claims,
}

pub(super) fn run(desk: &mut Desk, args: New) -> Result<(), Failure> {
    let request =
        Request::CaseNew { circle: args.circle.clone(), case: args.case, claims: args.claims.taken()? };
    let written = super::write(desk, request, &args.circle, "A case is open")?;
    desk.out.line(format!("  show it with `homeward case show {}`", written.case.short()));
    Ok(())
}
