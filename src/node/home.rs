//! A home: the folder of one node, how it is made and how its keys are unlocked.
//!
//! ```text
//! home/                       0700
//!   config.toml               settings, nothing secret
//!   keys/node.age             node keys and vault key, under the passphrase (scrypt)
//!   keys/node.recovery.age    the same, for the recovery phrase on paper
//!   keys/partner.age          the partner key, under the passphrase: to be moved to a stick
//!   keys/partner.recovery.age the same, for the recovery phrase
//!   vault.redb, vault.count   everything else, sealed
//!   node.sock                 the control socket while the node runs
//! ```

use super::chance::Chance;
use super::config::{Config, template};
use super::failure::{bad_input, fail, internal, not_found};
use super::house::House;
use super::{CardChanges, CardView, Failure, FailureKind, InitOptions, Initialised};
use crate::id::InstanceId;
use crate::private::Private;
use crate::seal::{
    CardAddress, DEMO_PARTNERS, KeyBundle, NodeSecret, PartnerBundle, PartnerSecret, RecoveryPhrase,
    SealFault, VaultKey, card, certificate, demo_node, demo_partner, lock_for_recovery, lock_with_passphrase,
    unlock_with_passphrase, unlock_with_recovery,
};
use crate::store::{StoreFault, Vault, files};
use std::path::{Path, PathBuf};

/// A key file, in bytes.
const KEY_FILE_BYTES: usize = 64 * 1024;
/// A config file, in bytes.
const CONFIG_BYTES: usize = 64 * 1024;
/// The least work factor of scrypt.
const SCRYPT_LEAST: u8 = 15;
/// The greatest.
const SCRYPT_MOST: u8 = 22;

/// Where things lie in a home.
#[derive(Clone, Debug)]
pub(crate) struct Home(pub(crate) PathBuf);

impl Home {
    pub(super) fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    pub(super) fn node_key(&self) -> PathBuf {
        self.keys().join("node.age")
    }

    pub(crate) fn partner_key(&self) -> PathBuf {
        self.keys().join("partner.age")
    }

    pub(super) fn node_paper(&self) -> PathBuf {
        self.keys().join("node.recovery.age")
    }

    pub(super) fn config_file(&self) -> PathBuf {
        self.0.join("config.toml")
    }

    /// Whether there is a home.
    pub(crate) fn exists(&self) -> bool {
        self.node_key().is_file()
    }

    /// The settings; all default where there is no file.
    pub(crate) fn config(&self) -> Result<Config, Failure> {
        match files::read_bounded(&self.config_file(), CONFIG_BYTES) {
            Ok(bytes) => Config::parse(&String::from_utf8_lossy(&bytes)),
            Err(StoreFault::Missing) => Ok(Config::default()),
            Err(fault) => Err(fault.into()),
        }
    }

    /// The settings as they stand in their file; empty where there is none.
    pub(super) fn config_bytes(&self) -> Result<Vec<u8>, Failure> {
        match files::read_bounded(&self.config_file(), CONFIG_BYTES) {
            Err(StoreFault::Missing) => Ok(Vec::new()),
            other => Ok(other?),
        }
    }

    /// Unlocks the node's keys.
    pub(crate) fn unlock(&self, passphrase: &Private<String>) -> Result<KeyBundle, Failure> {
        let opened = match self.unlock_on_paper("node", passphrase) {
            Some(opened) => opened,
            None => {
                let locked = files::read_key_file(&self.node_key(), KEY_FILE_BYTES)?;
                unlock_with_passphrase(passphrase, &locked).map_err(wrong_passphrase)?
            }
        };
        KeyBundle::decode(&opened).map_err(|_| damaged_key())
    }

    /// What the recovery words open, if these are they. Words that were chosen as a passphrase open nothing here.
    fn unlock_on_paper(&self, name: &str, typed: &Private<String>) -> Option<Private<Vec<u8>>> {
        let phrase = RecoveryPhrase::parse(typed).ok()?;
        let path = self.keys().join(format!("{name}.recovery.age"));
        let locked = files::read_key_file(&path, KEY_FILE_BYTES).ok()?;
        unlock_with_recovery(&phrase, &locked).ok()
    }

    /// Unlocks the partner key, from where it lies now.
    fn unlock_partner(
        &self,
        at: Option<&Path>,
        passphrase: &Private<String>,
    ) -> Result<PartnerSecret, Failure> {
        let own = self.partner_key();
        let path = at.unwrap_or(&own);
        let locked = files::read_key_file(path, KEY_FILE_BYTES).map_err(|fault| match fault {
            StoreFault::Missing => not_found(
                "the partner key is not here",
                "Put in the stick that holds it and name the file with --partner-key FILE.",
            ),
            other => other.into(),
        })?;
        let opened = match self.unlock_on_paper("partner", passphrase) {
            Some(opened) => opened,
            None => unlock_with_passphrase(passphrase, &locked).map_err(wrong_passphrase)?,
        };
        Ok(PartnerBundle::decode(&opened).map_err(|_| damaged_key())?.partner)
    }
}

pub(crate) fn missing(home: &Path) -> Failure {
    not_found(
        format!("there is no home at {}", home.display()),
        "Make one with `homeward init`, or name another with --home DIR.",
    )
}

pub(super) fn wrong_passphrase(fault: SealFault) -> Failure {
    match fault {
        SealFault::Passphrase => fail(
            FailureKind::Locked,
            "the passphrase does not open the keys",
            "Type it again, or the twelve recovery words in its place; nothing was changed.",
        ),
        _ => damaged_key(),
    }
}

pub(super) fn damaged_key() -> Failure {
    fail(
        FailureKind::Damaged,
        "a key file is damaged",
        "Put the file back from a backup, or type the twelve recovery words in place of the passphrase.",
    )
}

/// Makes a home.
///
/// # Errors
/// [`FailureKind::BadInput`] for a folder that is not empty, a work factor out of range or a name that is no name;
/// [`FailureKind::Disk`].
pub fn init(options: InitOptions) -> Result<Initialised, Failure> {
    if !(SCRYPT_LEAST..=SCRYPT_MOST).contains(&options.scrypt_log_n) {
        return Err(bad_input(
            format!("a scrypt work factor of {} is out of range", options.scrypt_log_n),
            format!("Use {SCRYPT_LEAST} to {SCRYPT_MOST}; 18 takes about a second."),
        ));
    }
    if options.passphrase.is_empty() {
        return Err(bad_input(
            "the passphrase is empty",
            "Choose one that others cannot guess: six words, say.",
        ));
    }
    if std::fs::read_dir(&options.home).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(bad_input(
            format!("{} is not empty", options.home.display()),
            "Name a folder that is empty or does not exist yet.",
        ));
    }
    plain_name(&options.name)?;
    let config = template(options.listen.as_deref());
    Config::parse(&config)?;
    let home = Home(std::path::absolute(&options.home).unwrap_or_else(|_| options.home.clone()));
    let mut chance = Chance::system()?;
    let clock = super::clock::Clock::new();
    let (partner, node) = match &options.demo {
        None => {
            let mut seeds = [0; 96];
            chance.fill(&mut seeds);
            (PartnerSecret::from_chance(&chance.bytes32()), NodeSecret::from_chance(&seeds))
        }
        Some(name) if DEMO_PARTNERS.contains(&name.as_str()) => (demo_partner(name), demo_node(name)),
        Some(name) => {
            let known = DEMO_PARTNERS.join(", ");
            return Err(bad_input(
                format!("there is no demo partner {name:?}"),
                format!("Use one of {known}."),
            ));
        }
    };
    let certificate = certificate(&partner, &node.public(), 1, clock.now()).map_err(own_fault)?;
    let addresses = options
        .address
        .iter()
        .map(|address| CardAddress { node: node.node_id(), address: address.clone() })
        .collect();
    let card = card(&partner, &options.name, std::slice::from_ref(&certificate), addresses, 1, clock.now())
        .map_err(|fault| {
        bad_input(format!("the card cannot be made: {fault}"), "Choose another name or address.")
    })?;

    files::private_folder(&home.0)?;
    files::private_folder(&home.keys())?;
    files::write_private(&home.config_file(), config.as_bytes())?;
    let recovery = RecoveryPhrase::from_chance(chance.bytes16());
    let lock = |name: &str, plaintext: &Private<Vec<u8>>| -> Result<(), Failure> {
        let locked =
            lock_with_passphrase(&options.passphrase, options.scrypt_log_n, plaintext).map_err(own_seal)?;
        files::write_private(&home.keys().join(format!("{name}.age")), &locked)?;
        let locked = lock_for_recovery(&recovery.recipient(), plaintext).map_err(own_seal)?;
        files::write_private(&home.keys().join(format!("{name}.recovery.age")), &locked)?;
        Ok(())
    };
    let bundle = KeyBundle { node, vault: VaultKey::from_chance(chance.bytes32()) };
    lock("partner", &PartnerBundle { partner }.encode())?;
    let vault = Vault::create(&home.0, bundle.vault.bytes())?;
    House::found(&vault, &card, &certificate, InstanceId(chance.bytes16()), options.demo.is_some())?;
    drop(vault);
    // Last: a home without its node key is no home, so a crash on the way leaves something that `init` can say is not
    // empty, and nothing that looks whole.
    lock("node", &bundle.encode())?;
    let house = House::open(&home, bundle)?;
    Ok(Initialised {
        info: house.info(),
        card: house.people.view(&card),
        recovery: recovery.words(),
        partner_key: home.partner_key(),
    })
}

/// Signs a new revision of the own card with the partner key (a file, maybe on a stick). The node must not run.
///
/// # Errors
/// [`Failure`].
pub fn sign_card(
    home: &Path,
    ask: super::AskPassphrase<'_>,
    partner_key: Option<&Path>,
    changes: CardChanges,
) -> Result<CardView, Failure> {
    let home = Home(home.to_owned());
    if !home.exists() {
        return Err(missing(&home.0));
    }
    let passphrase = ask()?;
    let mut house = House::open(&home, home.unlock(&passphrase)?)?;
    let partner = home.unlock_partner(partner_key, &passphrase)?;
    if partner.partner_id() != house.people.own {
        return Err(bad_input(
            "the partner key is another partner's",
            "Name the file of this partner's key with --partner-key FILE.",
        ));
    }
    let before =
        house.people.cards.get(&house.people.own).cloned().ok_or_else(|| internal("own card missing"))?;
    let mut addresses = before.addresses.clone();
    if let Some(address) = changes.address {
        let node = house.secret.node_id();
        addresses.retain(|known| known.node != node);
        if !address.is_empty() {
            addresses.push(CardAddress { node, address });
        }
    }
    let name = changes.name.unwrap_or_else(|| before.name.clone());
    plain_name(&name)?;
    let card = card(&partner, &name, &before.nodes(), addresses, before.revision + 1, house.clock.now())
        .map_err(|fault| {
            bad_input(format!("the card cannot be made: {fault}"), "Choose another name or address.")
        })?;
    house.keep_card(&card, None)?;
    Ok(house.people.view(&card))
}

/// A name that others will read on their screens: nothing in it may steer them.
fn plain_name(name: &str) -> Result<(), Failure> {
    if name.trim() != name || name.is_empty() || name.chars().any(crate::case::steers) {
        return Err(bad_input(
            "this name has characters that cannot be seen, or none",
            "Choose a name of plain letters, like `kyiv`.",
        ));
    }
    Ok(())
}

fn own_fault(fault: crate::codec::Malformed) -> Failure {
    internal(fault.to_string())
}

fn own_seal(fault: SealFault) -> Failure {
    internal(fault.to_string())
}
