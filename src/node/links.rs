//! Links as tasks: what reads, writes, dials and accepts while the driver decides.
//!
//! Each link has a reader and a writer. A reader takes no more from its link than the driver has room for; the hub
//! bounds what it hands to a writer. Everything reaches the driver as an event on one channel, in order per link.

use crate::id::{LinkKey, NodeId};
use crate::limit;
use crate::net::{Endpoint, FrameReceiver, FrameSender, Link, LinkFault, LinkHandle, NetConfig, Pins};
use crate::sync::{LinkId, Why};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc as tasks};

/// How long a link may take to deliver what was handed to it before it is closed.
const CLOSING: Duration = Duration::from_secs(2);

/// How often a link is looked at for whether its peer still answers.
const LOOK: Duration = Duration::from_secs(4);
/// Looks without an answer after which a link is given up.
const UNANSWERED_LOOKS: u32 = 3;

/// What happened on the network.
pub(crate) enum NetEvent {
    /// A link is up.
    Up { link: LinkId, dialled: bool, peer: LinkKey, exporter: [u8; 32] },
    /// A frame came. The permit gives its room back when it is dropped.
    Frame { link: LinkId, bytes: Vec<u8>, room: OwnedSemaphorePermit },
    /// The link took so many bytes.
    Room { link: LinkId, bytes: usize },
    /// A link ended.
    Down { link: LinkId, why: Why },
    /// A dial came to nothing.
    DialFailed { node: NodeId },
    /// Something other than the network wants the driver's attention.
    Nudge,
}

/// Link keys that may call: those of the certificates held.
#[derive(Default)]
pub(crate) struct KnownKeys(RwLock<BTreeSet<LinkKey>>);

impl KnownKeys {
    pub(crate) fn set(&self, keys: BTreeSet<LinkKey>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }
}

impl Pins for KnownKeys {
    fn is_known(&self, key: &LinkKey) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(key)
    }
}

enum ToLink {
    Frame(Vec<u8>),
    Close(u32),
}

struct Out {
    frames: tasks::UnboundedSender<ToLink>,
    handle: LinkHandle,
}

/// Figures of all links since the start.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Carried {
    pub(crate) sent_bytes: u64,
    pub(crate) received_bytes: u64,
}

/// The network side of a running node.
pub(crate) struct Links {
    runtime: Runtime,
    shared: Arc<Shared>,
}

struct Shared {
    endpoint: Endpoint,
    events: mpsc::Sender<NetEvent>,
    open: RwLock<BTreeMap<LinkId, Out>>,
    next: AtomicU64,
    ended: RwLock<Carried>,
}

impl Links {
    /// Binds the socket and starts to accept, if the node listens.
    pub(crate) fn start(
        config: NetConfig,
        known: Arc<KnownKeys>,
        events: mpsc::Sender<NetEvent>,
    ) -> Result<Self, LinkFault> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("links")
            .on_thread_stop(crate::private::wipe_stack)
            .enable_all()
            .build()
            .map_err(|error| LinkFault::Socket(error.kind()))?;
        let accepts = config.accepts;
        let endpoint = {
            let _inside = runtime.enter();
            Endpoint::bind(config, known)?
        };
        let shared = Arc::new(Shared {
            endpoint,
            events,
            open: RwLock::default(),
            next: AtomicU64::new(1),
            ended: RwLock::default(),
        });
        if accepts {
            let shared = Arc::clone(&shared);
            runtime.spawn(async move {
                while let Some(incoming) = shared.endpoint.accept().await {
                    let shared = Arc::clone(&shared);
                    tokio::spawn(async move {
                        // A stranger or a broken handshake: nothing to tell anyone.
                        if let Ok(link) = incoming.finish().await {
                            serve(shared, link);
                        }
                    });
                }
            });
        }
        Ok(Self { runtime, shared })
    }

    /// The address that was bound.
    pub(crate) fn local_address(&self) -> Option<SocketAddr> {
        self.shared.endpoint.local_address().ok()
    }

    /// Dials; the outcome comes as an event.
    pub(crate) fn dial(&self, node: NodeId, address: String, peer: LinkKey) {
        let shared = Arc::clone(&self.shared);
        self.runtime.spawn(async move {
            match dial(&shared, &address, peer).await {
                Some(link) => serve(shared, link),
                None => drop(shared.events.send(NetEvent::DialFailed { node })),
            }
        });
    }

    /// Hands a frame to a link. One that is gone takes nothing: the driver hears of its end.
    pub(crate) fn send(&self, link: LinkId, frame: Vec<u8>) {
        if let Some(out) = self.shared.open.read().unwrap_or_else(PoisonError::into_inner).get(&link) {
            let _ = out.frames.send(ToLink::Frame(frame));
        }
    }

    /// Ends a link after what was handed to it.
    pub(crate) fn close(&self, link: LinkId, code: u32) {
        if let Some(out) = self.shared.open.read().unwrap_or_else(PoisonError::into_inner).get(&link) {
            let _ = out.frames.send(ToLink::Close(code));
        }
    }

    /// Ends every link.
    pub(crate) fn close_all(&self) {
        for out in self.shared.open.read().unwrap_or_else(PoisonError::into_inner).values() {
            out.handle.close(0);
        }
    }

    /// UDP payload of all links so far, ended ones too.
    pub(crate) fn carried(&self) -> Carried {
        let mut all = *self.shared.ended.read().unwrap_or_else(PoisonError::into_inner);
        for out in self.shared.open.read().unwrap_or_else(PoisonError::into_inner).values() {
            let stats = out.handle.stats();
            all.sent_bytes += stats.sent_bytes;
            all.received_bytes += stats.received_bytes;
        }
        all
    }

    /// Closes everything; peers hear of it if they can within two seconds.
    pub(crate) fn stop(self) {
        self.shared.endpoint.close();
        let shared = Arc::clone(&self.shared);
        self.runtime.block_on(async move {
            let _ = tokio::time::timeout(CLOSING, shared.endpoint.idle()).await;
        });
        self.runtime.shutdown_timeout(CLOSING);
    }
}

async fn dial(shared: &Shared, address: &str, peer: LinkKey) -> Option<Link> {
    for address in tokio::net::lookup_host(address).await.ok()? {
        if let Ok(link) = shared.endpoint.dial(address, peer).await {
            return Some(link);
        }
    }
    None
}

/// Gives a link its number and its two tasks.
fn serve(shared: Arc<Shared>, link: Link) {
    let id = LinkId(shared.next.fetch_add(1, Ordering::Relaxed));
    let handle = link.handle();
    let (frames, outbox) = tasks::unbounded_channel();
    let up = NetEvent::Up {
        link: id,
        dialled: handle.dialled(),
        peer: handle.peer(),
        exporter: handle.exporter(),
    };
    shared
        .open
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(id, Out { frames, handle: handle.clone() });
    if shared.events.send(up).is_err() {
        return;
    }
    let (sender, receiver) = link.split();
    tokio::spawn(write(Arc::clone(&shared), id, sender, outbox, handle.clone()));
    tokio::spawn(watch(handle.clone()));
    tokio::spawn(read(shared, id, receiver, handle));
}

/// Ends a link whose peer has fallen silent while we speak: some networks let a flow begin and then swallow it. To
/// wait for the idle limit would cost most of a minute each time.
async fn watch(handle: LinkHandle) {
    let mut looks = tokio::time::interval(LOOK);
    let mut before = handle.stats();
    let mut unanswered = 0;
    while unanswered < UNANSWERED_LOOKS {
        tokio::select! {
            _ = handle.closed() => return,
            _ = looks.tick() => {}
        }
        let now = handle.stats();
        let spoke = now.sent_bytes > before.sent_bytes || unanswered > 0;
        let heard = now.received_bytes > before.received_bytes;
        unanswered = if spoke && !heard { unanswered + 1 } else { 0 };
        before = now;
    }
    handle.close(0);
}

async fn read(shared: Arc<Shared>, link: LinkId, mut receiver: FrameReceiver, handle: LinkHandle) {
    let room = Arc::new(Semaphore::new(limit::INBOUND_BYTES));
    let why = loop {
        match receiver.next().await {
            Ok(Some(bytes)) => {
                // A frame is at most 64 KiB, so it always fits once the driver has caught up.
                let wanted = u32::try_from(bytes.len().max(limit::FRAME_COST_BYTES)).unwrap_or(u32::MAX);
                let Ok(permit) = Arc::clone(&room).acquire_many_owned(wanted).await else { break Why::Lost };
                if shared.events.send(NetEvent::Frame { link, bytes, room: permit }).is_err() {
                    break Why::Lost;
                }
            }
            Ok(None) => break why(&handle.closed().await),
            Err(fault) => break why(&fault),
        }
    };
    if let Some(out) = shared.open.write().unwrap_or_else(PoisonError::into_inner).remove(&link) {
        let stats = out.handle.stats();
        let mut ended = shared.ended.write().unwrap_or_else(PoisonError::into_inner);
        ended.sent_bytes += stats.sent_bytes;
        ended.received_bytes += stats.received_bytes;
    }
    let _ = shared.events.send(NetEvent::Down { link, why });
}

fn why(fault: &LinkFault) -> Why {
    match fault {
        LinkFault::Closed(code) => Why::Closed(u16::try_from(*code).unwrap_or(0)),
        _ => Why::Lost,
    }
}

async fn write(
    shared: Arc<Shared>,
    link: LinkId,
    mut sender: FrameSender,
    mut outbox: tasks::UnboundedReceiver<ToLink>,
    handle: LinkHandle,
) {
    while let Some(first) = outbox.recv().await {
        let mut next = Some(first);
        let mut taken = 0;
        let mut close = None;
        while let Some(message) = next {
            match message {
                ToLink::Frame(frame) => {
                    taken += frame.len();
                    if sender.queue(&frame).is_err() {
                        close = Some(0);
                    }
                }
                ToLink::Close(code) => close = Some(code),
            }
            next = if close.is_some() { None } else { outbox.try_recv().ok() };
        }
        if let Some(code) = close {
            let _ = tokio::time::timeout(CLOSING, sender.finish()).await;
            handle.close(code);
            return;
        }
        // A fault here is the reader's too, and it reports the end.
        if sender.flush().await.is_err() || shared.events.send(NetEvent::Room { link, bytes: taken }).is_err()
        {
            return;
        }
    }
}
