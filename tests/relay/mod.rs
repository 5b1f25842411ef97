//! A bad network on loopback: UDP datagrams through a seeded model of a link.
//!
//! Each direction is a queue that drains at a fixed rate and drops at its tail, then chance (loss, duplicates,
//! reordering), then a propagation delay. A *flow* is a client's address and port; it has its own socket towards the
//! target, so the target sees flows as different callers. The same seed makes the same choice for the n-th datagram of
//! a direction; when datagrams arrive is the machine's affair.

// Each test and bench uses the part it needs.
#![allow(dead_code, unreachable_pub)]
// A panic in a test is its failing.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
// The emulator stands for the world outside, which has a clock of its own.
#![allow(clippy::disallowed_methods)]

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// What the network is like. The default is perfect.
#[derive(Clone, Debug)]
pub struct RelayConfig {
    /// Decides every loss, duplicate and reordering.
    pub seed: u64,
    /// Propagation delay of each direction, in milliseconds: half the round trip.
    pub delay_ms: u64,
    /// Probability that a datagram is lost after it was queued.
    pub loss: f64,
    /// Bits of UDP payload per second, for each direction; none: no limit.
    pub rate_bits_per_s: Option<u64>,
    /// Bytes that may wait in a direction's queue; what does not fit is dropped.
    pub queue_bytes: u64,
    /// Probability that a datagram is held back, so that later ones pass it.
    pub reorder: f64,
    /// Probability that a datagram arrives twice.
    pub duplicate: f64,
    /// UDP payload bytes, both ways together, after which a flow carries nothing more, ever.
    pub freeze_after_bytes: Option<u64>,
    /// Spans in milliseconds since the start, in which nothing passes.
    pub cuts_ms: Vec<(u64, u64)>,
}

impl Default for RelayConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            delay_ms: 0,
            loss: 0.0,
            rate_bits_per_s: None,
            queue_bytes: 64 * 1024,
            reorder: 0.0,
            duplicate: 0.0,
            freeze_after_bytes: None,
            cuts_ms: Vec::new(),
        }
    }
}

impl RelayConfig {
    /// A round trip in milliseconds and a rate in bits per second.
    pub fn link(round_trip_ms: u64, rate_bits_per_s: u64) -> Self {
        Self { delay_ms: round_trip_ms / 2, rate_bits_per_s: Some(rate_bits_per_s), ..Self::default() }
    }
}

/// Client to target, or back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Up,
    Down,
}

/// A running relay. Stops when dropped.
pub struct Relay {
    inner: Arc<Inner>,
    address: SocketAddr,
}

impl Relay {
    /// Starts a relay in front of `target`.
    pub fn start(config: RelayConfig, target: SocketAddr) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let chance = |way: u64| Chance(config.seed.wrapping_mul(2).wrapping_add(way));
        let ways = [Queue::new(chance(0)), Queue::new(chance(1))];
        let inner = Arc::new(Inner {
            config,
            target,
            socket,
            started: Instant::now(),
            ways: ways.map(Mutex::new),
            air: Mutex::default(),
            arrived: Condvar::new(),
            cut: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
            flows: AtomicU64::new(0),
        });
        let (reading, sending) = (inner.clone(), inner.clone());
        thread::spawn(move || reading.read_clients());
        thread::spawn(move || sending.deliver());
        Self { inner, address }
    }

    /// Where clients dial.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// UDP payload bytes that clients have sent, lost ones included.
    pub fn bytes_up(&self) -> u64 {
        lock(&self.inner.ways[0]).bytes
    }

    /// UDP payload bytes that the target has sent, lost ones included.
    pub fn bytes_down(&self) -> u64 {
        lock(&self.inner.ways[1]).bytes
    }

    /// Datagrams of both directions that were not delivered.
    pub fn dropped(&self) -> u64 {
        self.inner.ways.iter().map(|way| lock(way).dropped).sum()
    }

    /// Datagrams of both directions that came in.
    pub fn datagrams(&self) -> u64 {
        self.inner.ways.iter().map(|way| lock(way).datagrams).sum()
    }

    /// Flows seen so far.
    pub fn flows(&self) -> u64 {
        self.inner.flows.load(Ordering::Acquire)
    }

    /// Cuts the network, or joins it again. What is on its way still arrives.
    pub fn cut(&self, cut: bool) {
        self.inner.cut.store(cut, Ordering::Release);
    }

    /// Stops: nothing passes any more.
    pub fn stop(&self) {
        self.inner.stopped.store(true, Ordering::Release);
        self.inner.arrived.notify_all();
        // Wakes the thread that waits for clients.
        let _ = self.inner.socket.send_to(&[], self.address);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop();
    }
}

struct Inner {
    config: RelayConfig,
    target: SocketAddr,
    socket: UdpSocket,
    started: Instant,
    ways: [Mutex<Queue>; 2],
    air: Mutex<Air>,
    arrived: Condvar,
    cut: AtomicBool,
    stopped: AtomicBool,
    flows: AtomicU64,
}

/// One direction: counters, the queue before the air, and its chance.
struct Queue {
    bytes: u64,
    datagrams: u64,
    dropped: u64,
    /// When all that is queued will have left.
    drained: Option<Instant>,
    chance: Chance,
}

impl Queue {
    fn new(chance: Chance) -> Self {
        Self { bytes: 0, datagrams: 0, dropped: 0, drained: None, chance }
    }

    /// What becomes of a datagram that comes in now: when its copies arrive.
    fn admit(&mut self, config: &RelayConfig, now: Instant, bytes: u64, passes: bool) -> Vec<Instant> {
        self.bytes += bytes;
        self.datagrams += 1;
        // Always the same number of draws, so that one datagram's fate does not change the next one's.
        let [lost, twice, late] =
            [config.loss, config.duplicate, config.reorder].map(|p| self.chance.hits(p));
        let leaves = match config.rate_bits_per_s {
            _ if !passes => None,
            None => Some(now),
            Some(rate) => {
                let begins = self.drained.map_or(now, |drained| drained.max(now));
                let waiting = (begins - now).as_nanos() * u128::from(rate) / 8 / 1_000_000_000;
                let fits = waiting + u128::from(bytes) <= u128::from(config.queue_bytes);
                let takes = Duration::from_nanos(bytes * 8 * 1_000_000_000 / rate.max(1));
                fits.then(|| *self.drained.insert(begins + takes))
            }
        };
        let Some(leaves) = leaves.filter(|_| !lost) else {
            self.dropped += 1;
            return Vec::new();
        };
        let held = if late { config.delay_ms / 4 + 5 } else { 0 };
        let arrives = leaves + Duration::from_millis(config.delay_ms + held);
        if twice { vec![arrives, arrives + Duration::from_millis(1)] } else { vec![arrives] }
    }
}

/// One client's path: its socket towards the target and what it has carried.
struct Flow {
    client: SocketAddr,
    socket: UdpSocket,
    bytes: AtomicU64,
}

/// What is on its way, by arrival.
#[derive(Default)]
struct Air {
    datagrams: BinaryHeap<Reverse<Datagram>>,
    count: u64,
}

struct Datagram {
    /// When it arrives; datagrams of one moment keep their order.
    due: (Instant, u64),
    way: Way,
    flow: Arc<Flow>,
    payload: Arc<[u8]>,
}

impl PartialEq for Datagram {
    fn eq(&self, other: &Self) -> bool {
        self.due == other.due
    }
}
impl Eq for Datagram {}
impl PartialOrd for Datagram {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Datagram {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.due.cmp(&other.due)
    }
}

impl Inner {
    fn read_clients(self: Arc<Self>) {
        let mut flows: BTreeMap<SocketAddr, Arc<Flow>> = BTreeMap::new();
        let mut buffer = vec![0; 65_536];
        while let Some((length, client)) = self.receive(&self.socket, &mut buffer) {
            let flow = flows.entry(client).or_insert_with(|| self.clone().open(client));
            self.pass(Way::Up, flow, &buffer[..length]);
        }
    }

    fn open(self: Arc<Self>, client: SocketAddr) -> Arc<Flow> {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(self.target).unwrap();
        // Only so that the thread below notices a stop.
        socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let flow = Arc::new(Flow { client, socket, bytes: AtomicU64::new(0) });
        self.flows.fetch_add(1, Ordering::AcqRel);
        let reading = flow.clone();
        thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            while let Some((length, _)) = self.receive(&reading.socket, &mut buffer) {
                self.pass(Way::Down, &reading, &buffer[..length]);
            }
        });
        flow
    }

    /// The next datagram; `None` once the relay has stopped. A target that is not there yet is no reason to stop.
    fn receive(&self, socket: &UdpSocket, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
        loop {
            let received = socket.recv_from(buffer);
            if self.stopped.load(Ordering::Acquire) {
                return None;
            }
            if let Ok(received) = received {
                return Some(received);
            }
        }
    }

    fn pass(&self, way: Way, flow: &Arc<Flow>, payload: &[u8]) {
        let now = Instant::now();
        let bytes = payload.len() as u64;
        let carried = flow.bytes.fetch_add(bytes, Ordering::AcqRel) + bytes;
        let frozen = self.config.freeze_after_bytes.is_some_and(|limit| carried > limit);
        let ms = now.duration_since(self.started).as_millis();
        let in_cut = self.config.cuts_ms.iter().any(|&(a, b)| (u128::from(a)..u128::from(b)).contains(&ms));
        let passes = !frozen && !in_cut && !self.cut.load(Ordering::Acquire);
        let arrivals = lock(&self.ways[way as usize]).admit(&self.config, now, bytes, passes);
        if arrivals.is_empty() {
            return;
        }
        let payload: Arc<[u8]> = payload.into();
        let mut air = lock(&self.air);
        for arrives in arrivals {
            air.count += 1;
            let due = (arrives, air.count);
            let (flow, payload) = (flow.clone(), payload.clone());
            air.datagrams.push(Reverse(Datagram { due, way, flow, payload }));
        }
        self.arrived.notify_one();
    }

    fn deliver(&self) {
        let mut air = lock(&self.air);
        while !self.stopped.load(Ordering::Acquire) {
            let now = Instant::now();
            let due = air.datagrams.peek().map(|Reverse(next)| next.due.0);
            air = match due {
                None => self.arrived.wait(air).unwrap_or_else(PoisonError::into_inner),
                Some(due) if due > now => {
                    let waited = self.arrived.wait_timeout(air, due - now);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                Some(_) => {
                    let datagram = air.datagrams.pop();
                    drop(air);
                    if let Some(Reverse(Datagram { way, flow, payload, .. })) = datagram {
                        // A datagram that cannot be delivered is one that got lost.
                        let _ = match way {
                            Way::Up => flow.socket.send(&payload),
                            Way::Down => self.socket.send_to(&payload, flow.client),
                        };
                    }
                    lock(&self.air)
                }
            };
        }
    }
}

/// splitmix64: small, seeded, the same everywhere.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn hits(&mut self, probability: f64) -> bool {
        let draw = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        draw < probability
    }
}

/// A panic elsewhere is that thread's failure, not this one's.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
