use super::desk::{Desk, absolute, absolute_text};
use super::quiet::unexpected;
use super::{files, words};
use crate::node::{Answer, Failure, Request};
use std::path::PathBuf;

/// Write everything that cannot be rebuilt to one sealed file, while the node runs or not.
///
/// It opens with this node's passphrase or recovery words, and with the offline identities that are named here or as
/// `backup_recipients` in config.toml. `homeward restore` makes a home of it. The partner key is not in it.
#[derive(clap::Args)]
pub(super) struct Backup {
    /// The new file
    file: PathBuf,
    /// An offline identity's public key (`age1pq1...`, made by `age-keygen -pq`) that opens it too; may be repeated
    #[arg(long = "to", value_name = "RECIPIENT")]
    recipients: Vec<String>,
}

pub(super) fn run(desk: &mut Desk, args: Backup) -> Result<(), Failure> {
    files::can_be_new(&absolute(&args.file)?)?;
    let file = absolute_text(&args.file)?;
    let request = Request::Backup { file: file.clone(), recipients: args.recipients };
    let Answer::BackedUp { records, bytes, offline } = desk.ask(request)? else { return Err(unexpected()) };
    let records = usize::try_from(records).unwrap_or(usize::MAX);
    desk.out.line(format!(
        "A backup is in {file}: {}, {}.",
        words::count_of(records, "record", "records"),
        words::size(bytes)
    ));
    let others = match offline {
        0 => String::new(),
        count => format!(", and with {}", words::count_of(count, "offline identity", "offline identities")),
    };
    desk.out.line(format!("It opens with the passphrase or the recovery words of this node{others}."));
    desk.out.line("Keep it apart from this machine. `homeward restore FILE --home DIR` makes a home of it.");
    Ok(())
}
