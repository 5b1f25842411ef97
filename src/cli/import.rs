use super::desk::Desk;
use super::quiet::unexpected;
use super::{files, words};
use crate::limit::{LIST_FILE_BYTES, LIST_MAP_BYTES};
use crate::node::{Answer, Failure, FailureKind, ImportRow, Request, RowOutcome};
use std::path::PathBuf;

/// Take a partner's list in: a CSV or XLSX file, row by row.
///
/// The map names which column is which field. A row whose number is known here changes that case; others open one.
/// Importing the same list again changes nothing. Rows that were refused are told one by one, with exit code 2.
#[derive(clap::Args)]
pub(super) struct Import {
    /// The list, as CSV in UTF-8 or as XLSX; `-` reads stdin
    file: PathBuf,
    /// The circle whose members will read it
    #[arg(long, short, value_name = "CIRCLE")]
    circle: String,
    /// Which column is which field, as TOML
    #[arg(long, value_name = "FILE")]
    map: PathBuf,
    /// Only say what would happen
    #[arg(long)]
    dry_run: bool,
    /// Tell of unchanged rows too
    #[arg(long)]
    all: bool,
}

pub(super) fn run(desk: &mut Desk, args: Import) -> Result<(), Failure> {
    let map = files::read_text(&args.map, LIST_MAP_BYTES, "map")?;
    let csv = files::read(&args.file, LIST_FILE_BYTES, "list")?;
    let request = Request::Import { circle: args.circle, csv, map, dry_run: args.dry_run };
    let answer = desk.ask_along(request, &mut |out, part| {
        if let Answer::Row(row) = part
            && (args.all || row.outcome != RowOutcome::Unchanged)
        {
            out.line(line(&row));
        }
    })?;
    let Answer::Imported { dry_run, new, changed, unchanged, refused } = answer else {
        return Err(unexpected());
    };
    let would = if dry_run { "would be " } else { "" };
    desk.out.line(format!(
        "{}: {new} {would}new, {changed} {would}changed, {unchanged} as they were, {refused} refused.",
        words::count_of(new + changed + unchanged + refused, "row", "rows"),
    ));
    if dry_run {
        let rest = if new + changed > 0 { " Without --dry-run it will be." } else { "" };
        desk.out.line(format!("Nothing was written.{rest}"));
    }
    if refused > 0 {
        return Err(Failure {
            kind: FailureKind::BadInput,
            what: format!("{} refused", words::count_of(refused, "row was", "rows were")),
            then: "Correct those in the list and import it again; the others stay as they are.".into(),
        });
    }
    Ok(())
}

fn line(row: &ImportRow) -> String {
    let case = row.case.map_or_else(String::new, |case| format!("  case {}", case.short()));
    let detail = if row.detail.is_empty() { String::new() } else { format!("  {}", row.detail) };
    format!("line {:<5} {:<12} {:<9}{case}{detail}", row.line, row.number.reveal(), words::code(&row.outcome))
}
