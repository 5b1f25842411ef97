use super::desk::Desk;
use super::init::{SCRYPT_LOG_N, SCRYPT_LOG_N_ADVISED, show_words};
use super::passphrase;
use crate::node::{self, Failure, NewLocks};
use std::path::PathBuf;

/// Change the passphrase of this home's keys, and the recovery words if they may have been seen.
///
/// Asks for the old passphrase (or the recovery words, if it is forgotten), then for the new one twice. A copy of the
/// home that was made before still opens with what opened it then.
#[derive(clap::Args)]
pub(super) struct Passphrase {
    /// Read the new passphrase from the first line of this file; only its owner may read it
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<PathBuf>,
    /// Draw new recovery words too, and print them once: the old ones open nothing here any more
    #[arg(long)]
    new_recovery_words: bool,
    /// How hard the new passphrase is to guess, as a power of two; 18 takes about a second
    #[arg(long, value_name = "N", default_value_t = SCRYPT_LOG_N, value_parser = clap::value_parser!(u8).range(15..=22))]
    scrypt_log_n: u8,
}

pub(super) fn run(desk: &mut Desk, args: Passphrase) -> Result<(), Failure> {
    let home = desk.standing_home()?;
    let old = passphrase::unlock(desk.passphrase_file())?;
    if args.scrypt_log_n < SCRYPT_LOG_N_ADVISED {
        desk.out.remark("Below 18 a passphrase is cheaper to guess for whoever takes this machine.");
    }
    let new = passphrase::choose(args.new_passphrase_file.as_deref(), "of this home's keys")?;
    if passphrase::is_short(&new) {
        desk.out.remark(passphrase::SHORT);
    }
    let locks = NewLocks { passphrase: new, scrypt_log_n: args.scrypt_log_n, words: args.new_recovery_words };
    let relocked = node::relock(&home, &old, &locks)?;
    let partner = relocked.partner;
    // The words come before the files: a machine that stops between the two leaves no home whose words nobody saw.
    if let Some(words) = &relocked.words {
        show_words(&mut desk.out, words);
        desk.out.gap();
    }
    let words = relocked.words.clone();
    relocked.write()?;
    desk.out.json(&serde_json::json!({ "answer": "relocked", "partner": partner, "recovery": words }));
    desk.out.line("The new passphrase opens this home's keys; the old one does not any more.");
    if words.is_some() {
        desk.out.line("So do the new recovery words; the old ones open nothing here any more.");
    }
    if !partner {
        desk.out
            .line("The partner key is not in this home: on its stick it keeps the passphrase that it has.");
    }
    Ok(())
}
