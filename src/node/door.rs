//! How a door reaches a node: through the control socket of the running one, or by opening the vault itself.

use super::{Answer, Asked, CardView, Failure, FailureKind, NodeInfo};
use crate::private::Private;
use std::path::{Path, PathBuf};

/// Asks a person (or a file) for the passphrase: called once, and only if the keys must be unlocked here.
pub type AskPassphrase<'a> = &'a mut dyn FnMut() -> Result<Private<String>, Failure>;

/// What `init` needs.
pub struct InitOptions {
    /// The folder to make; must not exist or be empty.
    pub home: PathBuf,
    /// What the partner calls itself.
    pub name: String,
    /// The passphrase of the keys.
    pub passphrase: Private<String>,
    /// scrypt's work factor as a power of two: 15 to 22.
    pub scrypt_log_n: u8,
    /// Where to listen: `host:port`, written to the config; a node without it only dials.
    pub listen: Option<String>,
    /// The address to put on the card.
    pub address: Option<String>,
    /// Take the published keys of this demo partner (`kyiv`, `doha`, `moscow`, `tallinn`).
    pub demo: Option<String>,
}

/// What `init` made.
pub struct Initialised {
    /// The node.
    pub info: NodeInfo,
    /// Own card.
    pub card: CardView,
    /// The recovery phrase: to be printed once, for paper.
    pub recovery: Private<String>,
    /// The partner key's file: to be moved to a stick.
    pub partner_key: PathBuf,
}

/// What to change on the own card.
#[derive(Default)]
pub struct CardChanges {
    /// A new name.
    pub name: Option<String>,
    /// A new address for this node; `Some("")` takes it off.
    pub address: Option<String>,
}

/// An open way to a node.
pub struct Door {}

impl Door {
    /// Opens the way: the running node's socket if there is one (no passphrase), else the vault.
    ///
    /// # Errors
    /// [`FailureKind::InUse`], [`FailureKind::Locked`], [`FailureKind::NotFound`] (no home), [`FailureKind::Disk`].
    pub fn open(_home: &Path, _ask: AskPassphrase<'_>) -> Result<Door, Failure> {
        Err(unbuilt())
    }

    /// Asks; `on` sees each `Row` and `Progress` as it comes; the last answer is returned.
    ///
    /// # Errors
    /// [`Failure`]; an [`Answer::Failed`] comes back as this.
    pub fn ask(&mut self, _asked: Asked, _on: &mut dyn FnMut(Answer)) -> Result<Answer, Failure> {
        Err(unbuilt())
    }

    /// Whether a running node answers.
    pub fn is_running(&self) -> bool {
        false
    }
}

/// Makes a home.
///
/// # Errors
/// [`Failure`].
pub fn init(_options: InitOptions) -> Result<Initialised, Failure> {
    Err(unbuilt())
}

/// Runs the node until it is stopped (SIGTERM, SIGINT, [`super::Request::Stop`]). `ready` is called once it listens.
///
/// # Errors
/// [`Failure`].
pub fn run(_home: &Path, _ask: AskPassphrase<'_>, _ready: &mut dyn FnMut(&NodeInfo)) -> Result<(), Failure> {
    Err(unbuilt())
}

/// Signs a new revision of the own card with the partner key (a file, maybe on a stick).
///
/// # Errors
/// [`Failure`].
pub fn sign_card(
    _home: &Path,
    _ask: AskPassphrase<'_>,
    _partner_key: Option<&Path>,
    _changes: CardChanges,
) -> Result<CardView, Failure> {
    Err(unbuilt())
}

fn unbuilt() -> Failure {
    Failure { kind: FailureKind::Internal, what: "not built".into(), then: String::new() }
}
