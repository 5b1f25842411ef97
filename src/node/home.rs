//! A home: the folder of one node, how it is made and how its keys are unlocked.
//!
//! ```text
//! home/                       0700
//!   config.toml               settings, nothing secret
//!   keys/node.age             node keys and vault key, under the passphrase (scrypt)
//!   keys/node.recovery.age    the same, for the recovery phrase on paper
//!   keys/partner.age          the partner key, under the passphrase: to be moved to a stick
//!   keys/partner.recovery.age the same, for the recovery phrase
//!   request.txt               a new machine's request, until its office's card is taken in
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
    CardAddress, DEMO_PARTNERS, KeyBundle, NodeSecret, PartnerBundle, PartnerSecret, Recipient,
    RecoveryPhrase, SealFault, VaultKey, card, certificate, demo_node, demo_partner, lock_for_recovery,
    lock_with_passphrase, unlock_with_passphrase, unlock_with_recovery,
};
use crate::store::{StoreFault, Vault, files};
use std::path::{Path, PathBuf};

/// A key file, in bytes.
pub(super) const KEY_FILE_BYTES: usize = 64 * 1024;
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

    /// A key under the passphrase: `node` or `partner`.
    pub(super) fn key_file(&self, name: &str) -> PathBuf {
        self.keys().join(format!("{name}.age"))
    }

    /// The same for the recovery phrase.
    pub(super) fn recovery_file(&self, name: &str) -> PathBuf {
        self.keys().join(format!("{name}.recovery.age"))
    }

    pub(super) fn node_key(&self) -> PathBuf {
        self.key_file("node")
    }

    pub(crate) fn partner_key(&self) -> PathBuf {
        self.key_file("partner")
    }

    /// The request of a machine that its office has not certified yet: while it lies here, there is no vault.
    pub(super) fn request_file(&self) -> PathBuf {
        self.0.join("request.txt")
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
        if self.request_file().is_file() {
            return Err(super::joining::awaits_card());
        }
        self.unlock_node(passphrase)
    }

    /// The same, whether or not the machine is a node of its office yet.
    pub(super) fn unlock_node(&self, passphrase: &Private<String>) -> Result<KeyBundle, Failure> {
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
    pub(super) fn unlock_on_paper(&self, name: &str, typed: &Private<String>) -> Option<Private<Vec<u8>>> {
        let phrase = RecoveryPhrase::parse(typed).ok()?;
        let locked = files::read_key_file(&self.recovery_file(name), KEY_FILE_BYTES).ok()?;
        unlock_with_recovery(&phrase, &locked).ok()
    }

    /// Unlocks the partner key, from where it lies now.
    pub(super) fn unlock_partner(
        &self,
        at: Option<&Path>,
        passphrase: &Private<String>,
    ) -> Result<PartnerSecret, Failure> {
        let own = self.partner_key();
        let path = at.unwrap_or(&own);
        if let Some(opened) = at.and_then(|at| on_paper(at, passphrase)) {
            return Ok(PartnerBundle::decode(&opened).map_err(|_| damaged_key())?.partner);
        }
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

/// What the recovery words open of a key file on a stick: the file itself, or the one for recovery beside it.
fn on_paper(path: &Path, typed: &Private<String>) -> Option<Private<Vec<u8>>> {
    let phrase = RecoveryPhrase::parse(typed).ok()?;
    [path.to_owned(), path.with_extension("recovery.age")].iter().find_map(|path| {
        let locked = files::read_key_file(path, KEY_FILE_BYTES).ok()?;
        unlock_with_recovery(&phrase, &locked).ok()
    })
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
    let mut chance = Chance::system()?;
    let (partner, node) = match &options.demo {
        None => (PartnerSecret::from_chance(&chance.bytes32()), new_node(&mut chance)),
        Some(name) if DEMO_PARTNERS.contains(&name.as_str()) => (demo_partner(name), demo_node(name)),
        Some(name) => {
            let known = DEMO_PARTNERS.join(", ");
            return Err(bad_input(
                format!("there is no demo partner {name:?}"),
                format!("Use one of {known}."),
            ));
        }
    };
    init_with(&options, partner, node, Before::default(), chance)
}

/// What an office said of itself before: nothing if it is new.
#[derive(Default)]
pub(super) struct Before {
    /// The highest serial of its certificates.
    pub(super) serial: u64,
    /// The revision of its last card.
    pub(super) revision: u64,
}

pub(super) fn new_node(chance: &mut Chance) -> NodeSecret {
    let mut seeds = zeroize::Zeroizing::new([0; 96]);
    chance.fill(&mut *seeds);
    NodeSecret::from_chance(&seeds)
}

/// Makes a home for a partner's key and a node's: its card names this node alone.
pub(super) fn init_with(
    options: &InitOptions,
    partner: PartnerSecret,
    node: NodeSecret,
    before: Before,
    mut chance: Chance,
) -> Result<Initialised, Failure> {
    plain_name(&options.name)?;
    let now = super::clock::Clock::new().now();
    let certificate = certificate(&partner, &node.public(), before.serial + 1, now).map_err(own_fault)?;
    let addresses = options
        .address
        .iter()
        .map(|address| CardAddress { node: node.node_id(), address: address.clone() })
        .collect();
    let own = std::slice::from_ref(&certificate);
    let card = card(&partner, &options.name, own, addresses, before.revision + 1, now).map_err(|fault| {
        bad_input(format!("the card cannot be made: {fault}"), "Choose another name or address.")
    })?;
    let site = Site::prepare(options)?;
    let recovery = RecoveryPhrase::from_chance(chance.bytes16());
    let bundle = KeyBundle { node, vault: VaultKey::from_chance(chance.bytes32()) };
    let phrase = recovery.recipient();
    site.lock("partner", &phrase, &PartnerBundle { partner }.encode())?;
    let vault = Vault::create(&site.home.0, bundle.vault.bytes())?;
    House::found(&vault, &card, &certificate, InstanceId(chance.bytes16()), options.demo.is_some())?;
    drop(vault);
    // Last: a home without its node key is no home, so a crash on the way leaves something that `init` can say is not
    // empty, and nothing that looks whole.
    site.lock("node", &phrase, &bundle.encode())?;
    let house = House::open(&site.home, bundle)?;
    Ok(Initialised {
        info: house.info(),
        card: house.people.view(&card),
        recovery: recovery.words(),
        partner_key: site.home.partner_key(),
    })
}

/// The folder of a new home, and how its keys are locked.
pub(super) struct Site<'a> {
    pub(super) home: Home,
    passphrase: &'a Private<String>,
    scrypt_log_n: u8,
}

impl<'a> Site<'a> {
    /// Makes the folders of a new home, with its settings.
    pub(super) fn prepare(options: &'a InitOptions) -> Result<Self, Failure> {
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
        let config = template(options.listen.as_deref());
        Config::parse(&config)?;
        let home = Home(std::path::absolute(&options.home).unwrap_or_else(|_| options.home.clone()));
        files::private_folder(&home.0)?;
        files::private_folder(&home.keys())?;
        files::write_private(&home.config_file(), config.as_bytes())?;
        Ok(Self { home, passphrase: &options.passphrase, scrypt_log_n: options.scrypt_log_n })
    }

    /// Locks a key under the passphrase and, in a second file, for the recovery phrase.
    pub(super) fn lock(
        &self,
        name: &str,
        recovery: &Recipient,
        plaintext: &Private<Vec<u8>>,
    ) -> Result<(), Failure> {
        let locked = lock_with_passphrase(self.passphrase, self.scrypt_log_n, plaintext).map_err(own_seal)?;
        files::write_private(&self.home.key_file(name), &locked)?;
        let locked = lock_for_recovery(recovery, plaintext).map_err(own_seal)?;
        files::write_private(&self.home.recovery_file(name), &locked)?;
        Ok(())
    }
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
pub(super) fn plain_name(name: &str) -> Result<(), Failure> {
    if name.trim() != name || name.is_empty() || name.chars().any(crate::case::steers) {
        return Err(bad_input(
            "this name has characters that cannot be seen, or none",
            "Choose a name of plain letters, like `kyiv`.",
        ));
    }
    Ok(())
}

pub(super) fn own_fault(fault: crate::codec::Malformed) -> Failure {
    internal(fault.to_string())
}

pub(super) fn own_seal(fault: SealFault) -> Failure {
    internal(fault.to_string())
}
