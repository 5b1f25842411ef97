use super::rows;
use crate::cli::desk::Desk;
use crate::cli::quiet::unexpected;
use crate::node::{Answer, Failure, Request};

/// List the cases known here.
#[derive(clap::Args)]
pub(super) struct List {
    /// Of one circle alone
    #[arg(long, short, value_name = "CIRCLE")]
    circle: Option<String>,
    /// Only those with conflicts in the plan or claims that differ
    #[arg(long)]
    open: bool,
    /// Leave out so many at the start
    #[arg(long, value_name = "N", default_value_t = 0)]
    skip: usize,
    /// At most so many; 0 for all
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
}

/// Whether there are circles whose cases a list leaves out.
fn left_out(desk: &mut Desk) -> Result<bool, Failure> {
    let Answer::Circles { circles } = desk.ask_quietly(Request::CircleList)? else {
        return Err(unexpected());
    };
    Ok(circles.iter().any(|circle| circle.cases > 0 && (circle.hidden || !circle.waits_for.is_empty())))
}

pub(super) fn run(desk: &mut Desk, args: List) -> Result<(), Failure> {
    let request =
        Request::CaseList { circle: args.circle, open_only: args.open, skip: args.skip, limit: args.limit };
    let Answer::CaseList { total, cases } = desk.ask(request)? else { return Err(unexpected()) };
    if total == 0 {
        let shown = match args.open {
            true => "No case has conflicts or differing claims.",
            false => "No case is here yet: `homeward case new` or `homeward import`.",
        };
        match left_out(desk)? {
            true => desk.out.line("No case to show. Circles that are held or hidden are left out: `homeward circle list --all`."),
            false => desk.out.line(shown),
        }
    }
    rows::show(&mut desk.out, total, &cases);
    Ok(())
}
