//! A node at work: the driver's thread, the replay's thread, links and the control socket.

use super::beginning;
use super::clock::Clock;
use super::driver::Driver;
use super::failure::{fail, internal};
use super::house::House;
use super::links::{Links, NetEvent};
use super::lives::Word;
use super::shared::Shared;
use super::{Answer, Asked, Failure, FailureKind, answering, mending, replay, tell};
use crate::id::NodeId;
use crate::net::{LinkFault, NetConfig, Settings};
use crate::private::wipe_stack;
use crate::time::Millis;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How many frames the driver hears before it lets a request in.
const FRAMES_AT_ONCE: usize = 256;
/// The shortest rest of the replay's thread before something that waits for its turn.
const SOON: Duration = Duration::from_millis(100);
/// The longest sleep of the driver's thread.
const IDLE: Duration = Duration::from_millis(500);

/// A node whose vault is open.
pub(crate) struct Node {
    pub(crate) shared: Arc<Shared>,
    driver: Arc<Mutex<Driver>>,
    clock: Clock,
    threads: Mutex<Threads>,
}

#[derive(Default)]
struct Threads {
    events: Option<Sender<NetEvent>>,
    joins: Vec<JoinHandle<()>>,
}

impl Node {
    /// A node at rest: no thread, no link.
    pub(crate) fn at_rest(mut house: House) -> Result<Self, Failure> {
        let beginning = beginning::start(&mut house)?;
        let clock = house.clock.clone();
        let shared = Arc::new(Shared::new(house));
        let driver = Driver::new(&shared, beginning);
        Ok(Self { driver: Arc::new(Mutex::new(driver)), shared, clock, threads: Mutex::default() })
    }

    pub(crate) fn driver(&self) -> MutexGuard<'_, Driver> {
        self.driver.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn driver_lock(&self) -> &Mutex<Driver> {
        &self.driver
    }

    pub(crate) fn now(&self) -> Millis {
        self.clock.now()
    }

    fn node_id(&self) -> NodeId {
        self.shared.house().life.node
    }

    /// By the clock that never goes back.
    pub(crate) fn steady(&self) -> Millis {
        self.clock.steady()
    }

    /// Whether threads are at work.
    pub(crate) fn is_running(&self) -> bool {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).events.is_some()
    }

    /// Brings sheets up to date here and now: for a node at rest, which has no thread for it.
    pub(crate) fn catch_up(&self) -> Result<(), Failure> {
        if !self.is_running() {
            replay::replay_all(&self.shared)?;
        }
        Ok(())
    }

    /// Starts threads and links.
    pub(crate) fn start(&self) -> Result<(), Failure> {
        let (events, inbox) = mpsc::channel();
        let (config, seed) = {
            let house = self.shared.house();
            (house.config.clone(), house.secret.link_seed())
        };
        let mut settings = Settings::default();
        settings.gso = config.segmentation_offload.unwrap_or(settings.gso);
        settings.mtu_discovery = config.mtu_discovery.unwrap_or(settings.mtu_discovery);
        let clock = self.clock.clone();
        let listen = config.listen.unwrap_or_else(|| std::net::SocketAddr::from(([0, 0, 0, 0], 0)));
        let net = NetConfig {
            listen,
            accepts: config.listen.is_some(),
            link_seed: zeroize::Zeroizing::new(*seed.reveal()),
            settings,
            clock: Arc::new(move || clock.steady()),
        };
        let known = Arc::clone(&self.driver().known);
        let links = Links::start(net, known, events.clone()).map_err(|fault| cannot_listen(&fault))?;
        if config.listen.is_some() {
            self.shared.house().listening = links.local_address().map(|address| address.to_string());
        }
        self.driver().set_links(Box::new(links));
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        threads.events = Some(events);
        let (driver, shared, clock) =
            (Arc::clone(&self.driver), Arc::clone(&self.shared), self.clock.clone());
        threads.joins.push(spawn("driver", move || drive(&driver, &shared, &inbox, &clock))?);
        let (driver, shared) = (Arc::clone(&self.driver), Arc::clone(&self.shared));
        threads.joins.push(spawn("replay", move || replay_on(&driver, &shared))?);
        tell::started(&self.node_id(), config.listen.is_some());
        Ok(())
    }

    /// Wakes the driver's thread: something is due earlier than it thinks.
    pub(crate) fn nudge(&self) {
        if let Some(events) = &self.threads.lock().unwrap_or_else(PoisonError::into_inner).events {
            let _ = events.send(NetEvent::Nudge);
        }
    }

    /// Ends threads and links in good order.
    pub(crate) fn stop(&self) {
        self.shared.stop();
        self.nudge();
        let joins = {
            let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
            threads.events = None;
            std::mem::take(&mut threads.joins)
        };
        for join in joins {
            let _ = join.join();
        }
        let links = self.driver().take_links();
        if let Some(links) = links {
            links.stop();
        }
        self.driver().rest();
        self.shared.stopped();
        tell::stopped(&self.node_id());
    }

    /// Sets a node at work that its caller drives: no thread and no socket, and it answers as a running node does.
    pub(super) fn stage(&self, ways: Box<dyn super::ways::Ways>) -> Receiver<NetEvent> {
        let (events, inbox) = mpsc::channel();
        self.driver().set_links(ways);
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).events = Some(events);
        inbox
    }

    /// Answers a request.
    pub(crate) fn answer(&self, asked: Asked, on: &mut dyn FnMut(Answer)) -> Result<Answer, Failure> {
        answering::answer(self, asked, on)
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, Failure> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            work();
            wipe_stack();
        })
        .map_err(|_| internal("the system gives no thread"))
}

fn cannot_listen(fault: &LinkFault) -> Failure {
    fail(
        FailureKind::BadInput,
        format!("the node cannot listen: {fault}"),
        "Change `listen` in config.toml to an address and port that are free here.",
    )
}

/// The driver's thread: events, then what is due, until the node stops.
fn drive(driver: &Mutex<Driver>, shared: &Shared, inbox: &Receiver<NetEvent>, clock: &Clock) {
    let mut patience = mending::Patience::default();
    let mut more_to_hear = false;
    while !shared.stopping() {
        let wait = match more_to_hear {
            true => Duration::ZERO,
            false => locked(driver).next_time().map_or(IDLE, |at| clock.until(at).min(IDLE)),
        };
        let first = match inbox.recv_timeout(wait) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let more = std::iter::from_fn(|| inbox.try_recv().ok());
        more_to_hear = turn(driver, shared, first.into_iter().chain(more));
        mending::look_after(driver, shared, &mut patience, clock.steady());
    }
}

fn locked(driver: &Mutex<Driver>) -> MutexGuard<'_, Driver> {
    driver.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One turn of the driver: what came, some of the frames that wait, what they want saved, what is due; `true` if more
/// frames wait.
///
/// All that came is put in line before any of it is heard: whose turn it is is not who came first. The links bound it.
pub(super) fn turn(driver: &Mutex<Driver>, shared: &Shared, events: impl Iterator<Item = NetEvent>) -> bool {
    let mut driver = locked(driver);
    for event in events {
        driver.on_net(event);
    }
    driver.hear(FRAMES_AT_ONCE);
    driver.on_time();
    renew_if_due(&mut driver, shared);
    driver.can_hear_more()
}

/// Begins a new life if what was met asks for it.
pub(super) fn renew_if_due(driver: &mut Driver, shared: &Shared) {
    if std::mem::take(&mut driver.new_life) {
        begin_anew(driver, shared);
    }
}

/// Another store of this node has written: this one goes on as a new life, with a new hub.
fn begin_anew(driver: &mut Driver, shared: &Shared) {
    let start = {
        let mut house = shared.house();
        // What partners showed before was shown to another life.
        shared.watch(|watch| watch.agreed.clear());
        match house.take_new_life() {
            Ok(()) => beginning::start(&mut house),
            Err(failure) => Err(failure),
        }
    };
    match start {
        Ok(beginning) => driver.renew(beginning),
        Err(failure) => {
            // Until then nothing is cut. A disk that is full has room again one day.
            driver.new_life = true;
            shared.house().notice(format!("A new life could not be taken: {}.", failure.what));
        }
    }
    shared.want_replay();
}

/// The replay's thread.
fn replay_on(driver: &Mutex<Driver>, shared: &Shared) {
    let rest = || {
        let house = shared.house();
        house.next_rebuild().map(|at| house.clock.until(at).max(SOON))
    };
    while shared.wait_for_replay(rest()) {
        shared.let_more_come();
        replay_once(driver, shared);
    }
}

/// Replays what came, and says what an earlier life left waiting.
pub(super) fn replay_once(driver: &Mutex<Driver>, shared: &Shared) {
    if let Err(failure) = replay::replay_all(shared) {
        shared.house().notice(format!("Replay stopped: {}. {}", failure.what, failure.then));
        return;
    }
    // What could not be opened for want of a key is asked for.
    locked(driver).ask_for_keys();
    match say_left(shared) {
        Ok(0) => {}
        Ok(_) => locked(driver).edits_written(),
        Err(failure) => {
            shared.house().notice(format!("Edits left waiting could not be said: {}.", failure.what));
        }
    }
}

/// Says what earlier lives left waiting, as far as partners have shown what they hold.
pub(super) fn say_left(shared: &Shared) -> Result<usize, Failure> {
    let mut house = shared.house();
    let agreed = shared.look(|watch| watch.agreed.clone());
    if agreed.is_empty() { Ok(0) } else { house.say_left(&Word::Of(&agreed)) }
}
