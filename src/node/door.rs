//! How a door reaches a node: through the control socket of the running one, or by opening the vault itself.

use super::desk::{DeskService, DeskWay};
use super::failure::{fail, internal};
use super::home::{Home, missing};
use super::house::House;
use super::locking::Keeper;
use super::running::Node;
use super::{Answer, Asked, CardView, Failure, FailureKind, NodeInfo, socket};
use crate::private::Private;
use crate::seal::KeyBundle;
use crate::store::{StoreFault, Vault, VaultDisk};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
pub struct Door(Way);

enum Way {
    /// A running node: each request is a connection of its own.
    Running(PathBuf),
    /// The vault, opened here.
    Here(Box<Node>),
}

impl Door {
    /// Opens the way: the running node's socket if there is one (no passphrase), else the vault.
    ///
    /// # Errors
    /// [`FailureKind::InUse`], [`FailureKind::Locked`], [`FailureKind::NotFound`] (no home), [`FailureKind::Disk`].
    pub fn open(home: &Path, ask: AskPassphrase<'_>) -> Result<Door, Failure> {
        let place = Home(std::path::absolute(home).unwrap_or_else(|_| home.to_owned()));
        if !place.exists() {
            return Err(missing(home));
        }
        if socket::connect(&place.0).is_some() {
            return Ok(Door(Way::Running(place.0)));
        }
        let keys = place.unlock(&ask()?)?;
        Self::here(House::open(&place, keys)?)
    }

    /// Opens a home whose vault lies on any disk, with keys that are unlocked: for tests that cut the power, fill the
    /// disk or go back in time.
    ///
    /// # Errors
    /// As for [`Door::open`].
    pub fn open_on(home: &Path, keys: KeyBundle, disk: Arc<dyn VaultDisk>) -> Result<Door, Failure> {
        let place = Home(home.to_owned());
        let opened = Vault::open_on(disk, keys.vault.bytes())?;
        Self::here(House::of(&place, keys, opened)?)
    }

    fn here(house: House) -> Result<Door, Failure> {
        let node = Node::at_rest(house)?;
        match node.catch_up() {
            // It is shown as it stands: who only reads needs no more.
            Err(_) if node.shared.vault.is_unsure() => {}
            other => other?,
        }
        Ok(Door(Way::Here(Box::new(node))))
    }

    /// Brings two nodes at rest together until both hold the same, without sockets: for tests.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn meet(&self, other: &Door) -> Result<(), Failure> {
        match (&self.0, &other.0) {
            (Way::Here(one), Way::Here(other)) => super::meeting::meet(one, other),
            _ => Err(internal("only nodes at rest meet here")),
        }
    }

    /// Asks; `on` sees each `Row` and `Progress` as it comes; the last answer is returned.
    ///
    /// # Errors
    /// [`Failure`]; an [`Answer::Failed`] comes back as this.
    pub fn ask(&mut self, asked: Asked, on: &mut dyn FnMut(Answer)) -> Result<Answer, Failure> {
        match &self.0 {
            Way::Running(home) => {
                let stream = socket::connect(home).ok_or_else(|| {
                    fail(
                        FailureKind::InUse,
                        "the running node stopped",
                        "Ask again; the vault is opened here then.",
                    )
                })?;
                socket::ask(stream, &asked, on)
            }
            Way::Here(node) => node.answer(asked, on),
        }
    }

    /// Whether a running node answers.
    pub fn is_running(&self) -> bool {
        matches!(self.0, Way::Running(_))
    }
}

/// How a node is to run.
pub struct RunOptions<'a> {
    /// Who knows the passphrase; `None`: it begins locked.
    pub ask: Option<AskPassphrase<'a>>,
    /// What serves the desk's pages, unless the config turns it off.
    pub desk: Option<DeskService>,
}

/// Runs the node until it is stopped (SIGTERM, SIGINT, [`super::Request::Stop`]). `ready` is called once it listens,
/// with who it is unless it is locked.
///
/// # Errors
/// [`Failure`].
pub fn run(
    home: &Path,
    options: RunOptions<'_>,
    ready: &mut dyn FnMut(Option<&NodeInfo>),
) -> Result<(), Failure> {
    let place = Home(std::path::absolute(home).unwrap_or_else(|_| home.to_owned()));
    if !place.exists() {
        return Err(missing(home));
    }
    if socket::connect(&place.0).is_some() {
        return Err(Failure::from(StoreFault::InUse));
    }
    let desk = match options.desk {
        Some(service) => place.config()?.desk()?.map(|address| (service, address)),
        None => None,
    };
    let keeper = Keeper::open(place.clone(), options.ask.map(|ask| ask()).transpose()?)?;
    let desk = match desk {
        Some((service, address)) => Some((service, desk_socket(&keeper, address)?)),
        None => None,
    };
    let listener = socket::listen(&place.0).map_err(|error| {
        fail(
            FailureKind::Disk,
            format!("the control socket cannot be made: {}", error.kind()),
            "A home's path must be short (at most about 100 bytes) and on a disk that has sockets.",
        )
    })?;
    listener.set_nonblocking(true).map_err(|_| internal("the control socket cannot be watched"))?;
    ready(keeper.info().as_ref());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|_| internal("the system gives no event loop"))?;
    runtime.block_on(async {
        if let Some((service, socket)) = desk {
            tokio::spawn(service(DeskWay::new(&keeper), socket));
        }
        serve(&keeper, listener).await;
    });
    drop(runtime);
    keeper.end();
    let _ = std::fs::remove_file(socket::path(&place.0));
    Ok(())
}

/// The desk's socket, on loopback alone.
fn desk_socket(keeper: &Keeper, address: std::net::SocketAddr) -> Result<std::net::TcpListener, Failure> {
    let taken = |error: std::io::Error| {
        fail(
            FailureKind::BadInput,
            format!("the desk cannot be served at {address}: {}", error.kind()),
            "Change `desk` in config.toml to a port that is free here, or to \"off\".",
        )
    };
    let socket = std::net::TcpListener::bind(address).map_err(taken)?;
    socket.set_nonblocking(true).map_err(taken)?;
    keeper.entry().serve_at(socket.local_addr().map_err(taken)?);
    Ok(socket)
}

/// Takes connections until a signal or `stop` comes.
async fn serve(keeper: &Arc<Keeper>, listener: std::os::unix::net::UnixListener) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(listener), Ok(mut term), Ok(mut interrupt)) = (
        tokio::net::UnixListener::from_std(listener),
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        return;
    };
    let mut look = tokio::time::interval(std::time::Duration::from_millis(50));
    loop {
        tokio::select! {
            _ = term.recv() => return,
            _ = interrupt.recv() => return,
            _ = look.tick() => {
                if keeper.stopping() {
                    return;
                }
                keeper.look();
            }
            taken = listener.accept() => {
                if let Ok((stream, _)) = taken
                    && let Ok(stream) = stream.into_std()
                {
                    let keeper = Arc::clone(keeper);
                    // One thread for each request: a person's verbs are few, and some of them wait.
                    let _ = std::thread::Builder::new().name("request".into()).spawn(move || answer(&keeper, &stream));
                }
            }
        }
    }
}

fn answer(keeper: &Keeper, stream: &UnixStream) {
    if stream.set_nonblocking(false).is_ok() {
        // A door that went away is its own affair.
        let _ = socket::serve(stream, |asked, on| keeper.answer(asked, on));
    }
}
