use super::desk::Desk;
use super::quiet::unexpected;
use super::{init, passphrase, words};
use crate::node::{self, Answer, Failure, Opener, Request};
use std::path::PathBuf;

/// Make a home out of a backup.
///
/// It goes on as a new life of the node. Edits that waited when the backup was made may have been sent since: they wait
/// until a partner has shown what it holds. If no partner can tell, and nothing of the earlier machine is left,
/// `homeward restore --go` sends them on your word.
#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["file", "go"])))]
pub(super) struct Restore {
    /// The backup; the home is made in the folder named by --home, which must be empty or new
    file: Option<PathBuf>,
    /// Open it with this offline identity (a file with `AGE-SECRET-KEY-PQ-1...`); the home gets a new passphrase
    #[arg(long, value_name = "FILE", requires = "file")]
    identity: Option<PathBuf>,
    /// In a home that was restored: send what waits now, without a partner's word
    #[arg(long)]
    go: bool,
}

pub(super) fn run(desk: &mut Desk, args: Restore) -> Result<(), Failure> {
    match args.file {
        Some(file) => restore(desk, file, args.identity),
        None => go(desk),
    }
}

fn restore(desk: &mut Desk, file: PathBuf, identity: Option<PathBuf>) -> Result<(), Failure> {
    let home = desk.home()?;
    let opener = match identity {
        None => Opener::Typed(passphrase::unlock(desk.passphrase_file())?),
        Some(identity) => Opener::Offline {
            identity,
            passphrase: passphrase::choose(desk.passphrase_file(), "of the restored keys")?,
            scrypt_log_n: init::SCRYPT_LOG_N,
        },
    };
    let restored = node::restore(&home, &file, &opener)?;
    desk.out.json(&serde_json::json!({
        "answer": "restored",
        "info": restored.info,
        "made": restored.made,
        "waiting": restored.waiting,
    }));
    let out = &mut desk.out;
    out.line(format!("A home for {} stands at {}.", restored.info.name, restored.info.home));
    out.line(format!("  as of   {}", words::moment_utc(restored.made)));
    out.line(format!("  node    {}, in a new life", restored.info.node.short()));
    if restored.waiting > 0 {
        out.line(format!(
            "{} when the backup was made: sent once a partner has shown what it holds.",
            words::count_of(restored.waiting, "edit waited", "edits waited")
        ));
    }
    out.line("What partners got since comes back with the next sync.");
    Ok(())
}

fn go(desk: &mut Desk) -> Result<(), Failure> {
    let Answer::SaidLeft { said } = desk.ask(Request::SayLeft)? else { return Err(unexpected()) };
    match said {
        0 => desk.out.line("No edit of an earlier life waits here that can be sent now."),
        said => desk.out.line(format!(
            "{} of an earlier life will be sent as this node's own.",
            words::count_of(said, "edit", "edits")
        )),
    }
    Ok(())
}
