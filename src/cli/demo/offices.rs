//! Four offices of the demo: homes in one temporary folder, and a process each.
//!
//! However the demo ends, by itself or by a signal, the processes that were started here are ended by their id and the
//! folder is removed, unless the person asked to keep them. Only `kill -9` of the demo itself is out of reach. Unix
//! only, as modes of files, groups of processes and signals are.

use super::interrupt::Interrupt;
use super::patience;
use crate::node::{self, Answer, Asked, Door, Failure, FailureKind, InitOptions, Request};
use crate::private::Private;
use std::cell::RefCell;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The passphrase of every demo home: their keys are published, there is nothing to keep.
const PASSPHRASE: &str = "four offices one way home";
/// scrypt's least cost: these homes guard nothing.
const SCRYPT_LOG_N: u8 = 15;

/// An office of the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    /// An ombudsman's office.
    Kyiv,
    /// The mediators.
    Doha,
    /// A counterpart office.
    Moscow,
    /// A transit desk.
    Tallinn,
}

impl Who {
    /// In the order in which the demo speaks of them.
    pub(super) const ALL: [Who; 4] = [Who::Kyiv, Who::Doha, Who::Moscow, Who::Tallinn];

    /// The partner's name on its card.
    pub(super) fn name(self) -> &'static str {
        match self {
            Who::Kyiv => "kyiv",
            Who::Doha => "doha",
            Who::Moscow => "moscow",
            Who::Tallinn => "tallinn",
        }
    }

    /// As a sentence has it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Who::Kyiv => "Kyiv",
            Who::Doha => "Doha",
            Who::Moscow => "Moscow",
            Who::Tallinn => "Tallinn",
        }
    }

    /// Who sits at the machine: an invented name.
    pub(super) fn operator(self) -> &'static str {
        match self {
            Who::Kyiv => "Oksana",
            Who::Doha => "Khalid",
            Who::Moscow => "Irina",
            Who::Tallinn => "Mart",
        }
    }

    /// All but this one.
    pub(super) fn others(self) -> impl Iterator<Item = Who> {
        Who::ALL.into_iter().filter(move |who| *who != self)
    }
}

/// The offices and their folder.
pub(super) struct Offices {
    root: PathBuf,
    passphrase_file: PathBuf,
    kyiv: Office,
    doha: Office,
    moscow: Office,
    tallinn: Office,
    keep: bool,
}

/// One office: a home, maybe a process, maybe an open door.
pub(super) struct Office {
    who: Who,
    home: PathBuf,
    port: u16,
    /// Set while the process that was started here has not been waited for.
    child: RefCell<Option<Child>>,
    /// Kept open between requests.
    door: RefCell<Option<Door>>,
    interrupt: Interrupt,
}

impl Offices {
    /// Makes the folder and the four homes, with ports that are free now and each other's addresses in the configs.
    ///
    /// # Errors
    /// The disk, no free port, or what `init` fails with.
    pub(super) fn make(keep: bool, interrupt: &Interrupt) -> Result<Self, Failure> {
        let root = temporary_folder()?;
        let passphrase_file = root.join("passphrase");
        // Ports stay bound until every home is made, so that no two are the same.
        let bound = Who::ALL.iter().map(|_| free_port()).collect::<Result<Vec<_>, _>>()?;
        let office = |who: Who| Office {
            who,
            home: root.join(who.name()),
            port: bound.get(who as usize).map_or(0, |bound| bound.port),
            child: RefCell::new(None),
            door: RefCell::new(None),
            interrupt: interrupt.clone(),
        };
        // From here on the folder is removed by `Drop`, even if a home cannot be made.
        let offices = Self {
            kyiv: office(Who::Kyiv),
            doha: office(Who::Doha),
            moscow: office(Who::Moscow),
            tallinn: office(Who::Tallinn),
            keep,
            passphrase_file,
            root,
        };
        write_private(&offices.passphrase_file, PASSPHRASE.as_bytes())?;
        for office in offices.all() {
            office.init()?;
            office.learn_addresses(&offices)?;
        }
        Ok(offices)
    }

    /// One of them.
    pub(super) fn at(&self, who: Who) -> &Office {
        match who {
            Who::Kyiv => &self.kyiv,
            Who::Doha => &self.doha,
            Who::Moscow => &self.moscow,
            Who::Tallinn => &self.tallinn,
        }
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &Office> {
        Who::ALL.into_iter().map(|who| self.at(who))
    }

    /// The folder that holds all homes.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The file with the passphrase of every home.
    pub(super) fn passphrase_file(&self) -> &Path {
        &self.passphrase_file
    }

    /// Starts an office's process and waits until its node answers.
    ///
    /// # Errors
    /// The process cannot be started, ends, or does not answer in time.
    pub(super) fn start(&self, who: Who) -> Result<(), Failure> {
        self.at(who).start(&self.root, &self.passphrase_file)
    }

    /// Asks every node to end in good order and waits for the processes; how many ended so.
    pub(super) fn stop(&self) -> usize {
        self.all().filter(|office| office.stop()).count()
    }

    /// What the processes last wrote to their error output: where to look when something went wrong.
    pub(super) fn last_words(&self) -> Vec<String> {
        let mut said = Vec::new();
        for office in self.all() {
            let text = fs::read_to_string(office.errors_file(&self.root)).unwrap_or_default();
            let tail: Vec<&str> = text.lines().rev().take(3).collect();
            said.extend(tail.iter().rev().map(|line| format!("{}: {line}", office.who.name())));
        }
        said
    }
}

impl Drop for Offices {
    fn drop(&mut self) {
        if self.keep {
            return;
        }
        for office in self.all() {
            office.kill();
        }
        let _ = fs::remove_dir_all(&self.root);
    }
}

impl Office {
    /// Which office.
    pub(super) fn who(&self) -> Who {
        self.who
    }

    /// Its home.
    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// The process's id, while one runs.
    pub(super) fn process(&self) -> Option<u32> {
        self.child.borrow().as_ref().map(Child::id)
    }

    /// Asks its node; the answer that ends the request.
    ///
    /// # Errors
    /// What the node or the way to it fails with.
    pub(super) fn ask(&self, request: Request) -> Result<Answer, Failure> {
        self.interrupt.check()?;
        let mut slot = self.door.borrow_mut();
        let mut door = match slot.take() {
            Some(door) => door,
            None => open(&self.home)?,
        };
        let answer = door.ask(asked(self.who, request), &mut |_| ())?;
        *slot = Some(door);
        Ok(answer)
    }

    /// Closes the way to the node: before it starts, and after it ended.
    pub(super) fn close(&self) {
        self.door.borrow_mut().take();
    }

    /// SIGKILL, and waits for the end of the process. Nothing happens if none runs.
    pub(super) fn kill(&self) {
        self.close();
        if let Some(mut child) = self.child.borrow_mut().take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Whether the process ended as it should after being asked to stop.
    fn stop(&self) -> bool {
        let asked = self.ask(Request::Stop).is_ok();
        self.close();
        let ended = patience::until(|| self.has_ended());
        let clean = matches!(ended, Ok(true)) && asked;
        self.kill();
        clean
    }

    /// Whether the process has ended with success; an error if it ended otherwise.
    fn has_ended(&self) -> Result<bool, Failure> {
        let mut slot = self.child.borrow_mut();
        let Some(child) = slot.as_mut() else { return Ok(true) };
        match child.try_wait().map_err(disk("A process could not be looked at"))? {
            None => Ok(false),
            Some(status) => {
                slot.take();
                if status.success() { Ok(true) } else { Err(ended_early(self.who)) }
            }
        }
    }

    fn init(&self) -> Result<(), Failure> {
        node::init(InitOptions {
            home: self.home.clone(),
            name: self.who.name().to_owned(),
            passphrase: Private::from(PASSPHRASE),
            scrypt_log_n: SCRYPT_LOG_N,
            listen: Some(format!("127.0.0.1:{}", self.port)),
            address: None,
            demo: Some(self.who.name().to_owned()),
        })
        .map(|_| ())
    }

    /// Writes the others' addresses into the config: nothing on the cards names a place.
    fn learn_addresses(&self, offices: &Offices) -> Result<(), Failure> {
        let mut text = String::new();
        for other in self.who.others() {
            let (name, port) = (other.name(), offices.at(other).port);
            // Writing to a String cannot fail.
            let _ = write!(text, "\n[partner.{name}]\naddress = \"127.0.0.1:{port}\"\n");
        }
        let file = self.home.join("config.toml");
        OpenOptions::new()
            .append(true)
            .open(file)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(disk("The config of a demo home could not be written"))
    }

    fn start(&self, root: &Path, passphrase_file: &Path) -> Result<(), Failure> {
        self.close();
        let program = std::env::current_exe().map_err(disk("This program's own file was not found"))?;
        let output = root.join(format!("{}.out", self.who.name()));
        let child = Command::new(program)
            .arg("--home")
            .arg(&self.home)
            .arg("--passphrase-file")
            .arg(passphrase_file)
            .arg("run")
            // A Ctrl-C is for the demo, which ends its nodes or, with `--keep`, leaves them.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(new_file(&output)?)
            .stderr(new_file(&self.errors_file(root))?)
            .spawn()
            .map_err(disk("A node's process could not be started"))?;
        self.child.replace(Some(child));
        // `run` says a line once it listens. Before that, opening a door would open the vault and take it away from
        // the process that is just starting.
        let ready = patience::until(|| {
            self.interrupt.check()?;
            if self.has_ended()? {
                return Err(ended_early(self.who));
            }
            Ok(fs::metadata(&output).is_ok_and(|meta| meta.len() > 0))
        })?;
        if ready && patience::until(|| Ok::<_, Failure>(self.answers()))? {
            Ok(())
        } else {
            Err(failure(
                FailureKind::Internal,
                &format!("{}'s node does not answer.", self.who.title()),
                "Try again; if it stays so, `homeward run` on a home of your own shows more.",
            ))
        }
    }

    /// Whether a running node answers `Info` through its socket.
    fn answers(&self) -> bool {
        let open = open(&self.home).is_ok_and(|door| {
            let running = door.is_running();
            if running {
                self.door.replace(Some(door));
            }
            running
        });
        open && matches!(self.ask(Request::Info), Ok(Answer::Info(_)))
    }

    fn errors_file(&self, root: &Path) -> PathBuf {
        root.join(format!("{}.err", self.who.name()))
    }
}

/// Opens a door to a demo home: a running node's, or the vault of one at rest.
///
/// # Errors
/// What [`Door::open`] fails with.
pub(super) fn open(home: &Path) -> Result<Door, Failure> {
    Door::open(home, &mut || Ok(Private::from(PASSPHRASE)))
}

/// A request, asked by the person who sits in that office.
pub(super) fn asked(who: Who, request: Request) -> Asked {
    Asked { operator: Private::from(who.operator()), request }
}

/// A failure in the demo's own words.
pub(super) fn failure(kind: FailureKind, what: &str, then: &str) -> Failure {
    Failure { kind, what: what.to_owned(), then: then.to_owned() }
}

fn ended_early(who: Who) -> Failure {
    failure(
        FailureKind::Internal,
        &format!("{}'s node ended by itself.", who.title()),
        "What it said stands above. Nothing of yours was touched.",
    )
}

fn disk(what: &'static str) -> impl Fn(std::io::Error) -> Failure {
    move |error| {
        failure(
            FailureKind::Disk,
            &format!("{what} ({}).", error.kind()),
            "Look at space and permissions, and try again.",
        )
    }
}

/// A port on loopback that is free for QUIC and TCP, held until dropped.
struct FreePort {
    port: u16,
    _udp: UdpSocket,
    _tcp: TcpListener,
}

fn free_port() -> Result<FreePort, Failure> {
    for _ in 0..64 {
        let Ok(udp) = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)) else { continue };
        let Ok(port) = udp.local_addr().map(|address| address.port()) else { continue };
        if let Ok(tcp) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return Ok(FreePort { port, _udp: udp, _tcp: tcp });
        }
    }
    Err(failure(
        FailureKind::Unreachable,
        "There is no free port on 127.0.0.1.",
        "Is loopback up on this machine?",
    ))
}

/// A folder that did not exist before and that this user alone may enter.
fn temporary_folder() -> Result<PathBuf, Failure> {
    let parent = std::env::temp_dir();
    let mut last = None;
    for attempt in 0..100_u32 {
        let root = parent.join(format!("homeward-demo-{}-{attempt}", std::process::id()));
        match fs::DirBuilder::new().mode(0o700).create(&root) {
            Ok(()) => return Ok(root),
            Err(error) => last = Some(error),
        }
    }
    let error = last.unwrap_or_else(|| std::io::ErrorKind::AlreadyExists.into());
    Err(disk("No temporary folder could be made")(error))
}

/// A file that did not exist before, readable by this user alone. It guards nothing and need not survive a crash.
fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(bytes))
        .map_err(disk("A file of the demo could not be written"))
}

/// An empty file for a process's output: started again, it starts over.
fn new_file(path: &Path) -> Result<fs::File, Failure> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(disk("A file of the demo could not be written"))
}
