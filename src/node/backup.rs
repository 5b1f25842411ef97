//! A backup, taken while the node runs: one sealed file of all that cannot be rebuilt.
//!
//! It is made of one view of the vault, so that edits written meanwhile are in it whole or not at all, and nobody waits
//! for it. Whoever can open this home can open it (the key files lie in it as they are), and whoever holds an offline
//! identity that was named: for these the keys are locked anew.

use super::failure::{bad_input, internal};
use super::home::Home;
use super::running::Node;
use super::{Answer, Failure};
use crate::limit;
use crate::private::Private;
use crate::seal::{AgeEnvelope, Envelope as _, KeyBundle, Recipient, VaultKey};
use crate::store::{About, Lock, LockKind, StoreFault, back_up, files};
use std::path::Path;

/// Writes a backup to a new file.
pub(super) fn write(
    node: &Node,
    file: &str,
    named: &[String],
    operator: &Private<String>,
) -> Result<Answer, Failure> {
    let path = super::bundles::new_file(file)?;
    let (vault, locks, about, recipients) = {
        let mut house = node.shared.house();
        let texts: Vec<&String> = named.iter().chain(&house.config.backup_recipients).collect();
        let recipients = read_recipients(&texts)?;
        let mut locks = house.home.locks()?;
        if !recipients.is_empty() {
            // Keys that others can open are handed out: written down like every export.
            house.note_export(
                operator,
                format!("backup for {} offline identities", recipients.len()),
                Private::default(),
                Private::default(),
            )?;
            let vault = VaultKey::from_chance(*house.vault.key().reveal());
            let bundle = KeyBundle { node: (*house.secret).clone(), vault };
            let bytes = AgeEnvelope
                .seal_to(&recipients, bundle.encode().reveal())
                .map_err(|fault| internal(fault.to_string()))?;
            locks.push(Lock { kind: LockKind::Offline, bytes });
        }
        let about = About { time: house.now(), config: house.home.config_bytes()? };
        (std::sync::Arc::clone(&house.vault), locks, about, recipients.len())
    };
    let reader = vault.reader()?;
    let (records, bytes) = files::write_private_with(&path, |out| {
        let records = back_up(&reader, &locks, &about, out)?;
        Ok::<_, StoreFault>((records, out.metadata()?.len()))
    })?;
    Ok(Answer::BackedUp { records, bytes, offline: recipients })
}

/// Offline recipients, each once.
fn read_recipients(texts: &[&String]) -> Result<Vec<Recipient>, Failure> {
    let mut recipients: Vec<Recipient> = Vec::new();
    for text in texts {
        let recipient = Recipient::parse(text.trim()).map_err(|_| {
            bad_input(
                "a backup recipient is no `age1pq1...`",
                "Make an identity with `age-keygen -pq` on a machine that stays offline, and copy its public key whole.",
            )
        })?;
        if !recipients.contains(&recipient) {
            recipients.push(recipient);
        }
    }
    if recipients.len() > limit::BACKUP_RECIPIENTS {
        return Err(bad_input(
            format!("a backup is sealed to at most {} offline identities", limit::BACKUP_RECIPIENTS),
            "Name fewer; `backup_recipients` in config.toml count too.",
        ));
    }
    Ok(recipients)
}

impl Home {
    /// The home's own key files, as they are locked.
    fn locks(&self) -> Result<Vec<Lock>, Failure> {
        let mut locks = Vec::new();
        for (kind, path) in [(LockKind::Passphrase, self.node_key()), (LockKind::Recovery, self.node_paper())]
        {
            match read(&path) {
                Ok(bytes) => locks.push(Lock { kind, bytes }),
                // A home may have lost the one or the other; not both.
                Err(StoreFault::Missing) => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        if locks.is_empty() { Err(StoreFault::Missing.into()) } else { Ok(locks) }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, StoreFault> {
    files::read_key_file(path, limit::KEY_FILE_BYTES)
}
