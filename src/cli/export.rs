use super::desk::{Desk, absolute, absolute_text};
use super::quiet::unexpected;
use super::{files, passphrase, words};
use crate::node::{Answer, Failure, Request};
use crate::private::Private;
use std::path::{Path, PathBuf};

/// Hand a case to another tool, or everything to another decade.
///
/// Each export is written down here, that of a case with its recipient and purpose: `homeward export --log`.
#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["case", "all", "log"])))]
pub(super) struct Export {
    /// The case, by its list number or the start of its id
    #[arg(requires_all = ["to", "recipient", "purpose"])]
    case: Option<String>,
    /// The folder to write its files to
    #[arg(long, value_name = "DIR", conflicts_with_all = ["all", "log"])]
    to: Option<PathBuf>,
    /// One circle's sheet alone
    #[arg(long, short, value_name = "CIRCLE", conflicts_with_all = ["all", "log"])]
    circle: Option<String>,
    /// Who it is for
    #[arg(long = "for", id = "recipient", value_name = "RECIPIENT", conflicts_with_all = ["all", "log"])]
    recipient: Option<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["all", "log"])]
    purpose: Option<String>,
    /// Write everything to this empty or new folder: age files, keys under a passphrase, and how to read them
    #[arg(long, value_name = "DIR")]
    all: Option<PathBuf>,
    /// Read the passphrase that closes the exported keys from this file
    #[arg(long, value_name = "FILE", requires = "all")]
    export_passphrase_file: Option<PathBuf>,
    /// List the exports made here
    #[arg(long)]
    log: bool,
}

pub(super) fn run(desk: &mut Desk, args: Export) -> Result<(), Failure> {
    match (args.case, args.to, args.all) {
        (Some(case), Some(to), _) => {
            let request = Request::ExportCase {
                case,
                circle: args.circle,
                recipient: Private::new(args.recipient.unwrap_or_default()),
                purpose: Private::new(args.purpose.unwrap_or_default()),
            };
            one_case(desk, request, &to)
        }
        (_, _, Some(dir)) => everything(desk, &dir, args.export_passphrase_file.as_deref()),
        _ => made(desk),
    }
}

fn one_case(desk: &mut Desk, request: Request, to: &Path) -> Result<(), Failure> {
    let folder = absolute(to)?;
    // Before it is asked for: what was not handed out must not stand in the list of exports.
    files::can_be_filled(&folder)?;
    let Answer::Exported { files: handed } = desk.ask_quietly(request)? else { return Err(unexpected()) };
    let paths = files::hand_out(&folder, &handed)?;
    // The bytes are in the files; the answer says where.
    let listed = handed.iter().zip(&paths);
    let listed: Vec<_> = listed
        .map(|(file, path)| serde_json::json!({"name": file.name, "path": path, "bytes": file.bytes.reveal().len()}))
        .collect();
    desk.out.json(&serde_json::json!({"answer": "exported", "files": listed}));
    desk.out.line(format!(
        "{} written, for their owner alone to read:",
        words::count_of(paths.len(), "file was", "files were")
    ));
    for path in &paths {
        desk.out.line(format!("  {}", path.display()));
    }
    desk.out.line("They are not sealed: hand them over by a way that you trust, and delete them afterwards.");
    Ok(())
}

fn everything(desk: &mut Desk, dir: &Path, passphrase_file: Option<&Path>) -> Result<(), Failure> {
    let dir = absolute_text(dir)?;
    desk.standing_home()?;
    let passphrase = passphrase::choose(passphrase_file, "of the export")?;
    let answer = desk.ask(Request::ExportAll { dir, passphrase })?;
    let Answer::ExportedAll { dir, segments, epochs, sheets } = answer else { return Err(unexpected()) };
    desk.out.line(format!("Everything is in {dir}."));
    desk.out.line(format!("  {}", words::count_of(segments, "segment", "segments")));
    desk.out.line(format!("  {}", words::count_of(epochs, "epoch key", "epoch keys")));
    desk.out.line(format!("  {}", words::count_of(sheets, "sheet", "sheets")));
    desk.out.line(
        "Whoever has the folder reads the sheets: they are not sealed. The segments open with the passphrase",
    );
    desk.out.line("alone, in any age program. Keep the folder where only this office can reach it.");
    Ok(())
}

fn made(desk: &mut Desk) -> Result<(), Failure> {
    let Answer::Exports { exports } = desk.ask(Request::ExportLog)? else { return Err(unexpected()) };
    if exports.is_empty() {
        desk.out.line("No export was made here.");
    }
    for export in &exports {
        let who = match export.operator.is_empty() {
            true => String::new(),
            false => format!(" by {}", export.operator.reveal()),
        };
        desk.out.line(format!("{}  {}{who}", words::moment_utc(export.time), export.what));
        if !export.recipient.is_empty() {
            desk.out.line(format!("  for     {}", export.recipient.reveal()));
        }
        if !export.purpose.is_empty() {
            desk.out.line(format!("  purpose {}", export.purpose.reveal()));
        }
    }
    Ok(())
}
