//! One UDP socket that dials and, if it may, lets callers in.

use super::admission::{Admission, Answer, Place, Source};
use super::fault::LinkFault;
use super::keys::{LinkSigner, Pins};
use super::link::Link;
use super::settings::Settings;
use super::tls;
use crate::id::LinkKey;
use crate::time::Millis;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use zeroize::Zeroizing;

/// Close code of a link that is no longer needed.
pub(super) const CODE_DONE: u32 = 0;
/// Close code of a stream whose framing was broken.
pub(super) const CODE_FRAMING: u32 = 1;

/// What a host name would be. Never sent; quinn wants one.
const NO_NAME: &str = "homeward";

/// How an endpoint is set up.
pub struct NetConfig {
    /// The address to bind; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Whether callers are let in. Nodes that only dial answer nobody.
    pub accepts: bool,
    /// The seed of this node's Ed25519 link key.
    pub link_seed: Zeroizing<[u8; 32]>,
    /// What an office may set.
    pub settings: Settings,
    /// A steady clock, by which callers are paced.
    pub clock: Steady,
}

/// A clock that never jumps back.
pub type Steady = Arc<dyn Fn() -> Millis + Send + Sync>;

/// A bound socket: dials nodes and lets callers in. Closes its links when dropped.
///
/// Must be made within a tokio runtime, on which quinn drives the socket.
pub struct Endpoint {
    quic: quinn::Endpoint,
    signer: LinkSigner,
    settings: Settings,
    accepts: bool,
    gate: Arc<Gate>,
    /// Sockets that dialled, as long as their links live.
    dialling: Mutex<Vec<quinn::Endpoint>>,
}

impl Endpoint {
    /// Binds the socket. `pins` is asked at each caller's handshake.
    ///
    /// # Errors
    /// [`LinkFault::Socket`], [`LinkFault::Settings`].
    pub fn bind(config: NetConfig, pins: Arc<dyn Pins>) -> Result<Self, LinkFault> {
        let signer = LinkSigner::from_seed(&config.link_seed);
        let server = match config.accepts {
            true => Some(config.settings.server(tls::server(&signer, pins)?)?),
            false => None,
        };
        let socket = std::net::UdpSocket::bind(config.listen).map_err(|e| LinkFault::Socket(e.kind()))?;
        let quic = quinn::Endpoint::new(Settings::endpoint(), server, socket, Arc::new(quinn::TokioRuntime))
            .map_err(|e| LinkFault::Socket(e.kind()))?;
        let rule = Mutex::new(Admission::new((config.clock)()));
        let gate = Arc::new(Gate { rule, clock: config.clock });
        let dialling = Mutex::default();
        Ok(Self { quic, signer, settings: config.settings, accepts: config.accepts, gate, dialling })
    }

    /// A socket of its own for one dial: a network that has let a flow freeze knows it by its ports, so the next try
    /// must not look like the one before.
    fn socket_towards(&self, address: SocketAddr) -> Result<quinn::Endpoint, LinkFault> {
        let any: IpAddr = match address {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let fault = |e: std::io::Error| LinkFault::Socket(e.kind());
        let socket = std::net::UdpSocket::bind((any, 0)).map_err(fault)?;
        let runtime = Arc::new(quinn::TokioRuntime);
        let quic = quinn::Endpoint::new(Settings::endpoint(), None, socket, runtime).map_err(fault)?;
        let mut dialling = self.dialling.lock().unwrap_or_else(PoisonError::into_inner);
        dialling.retain(|other| other.open_connections() > 0);
        dialling.push(quic.clone());
        Ok(quic)
    }

    fn sockets(&self) -> Vec<quinn::Endpoint> {
        let dialling = self.dialling.lock().unwrap_or_else(PoisonError::into_inner);
        dialling.iter().chain([&self.quic]).cloned().collect()
    }

    /// Dials a node and makes sure that it is the one expected. The link can be written to at once.
    ///
    /// Success says who answers, not that this node was let in: a server that does not know this node's key says so on
    /// the first read ([`LinkFault::UnknownThere`]).
    ///
    /// # Errors
    /// [`LinkFault`].
    pub async fn dial(&self, address: SocketAddr, expected: LinkKey) -> Result<Link, LinkFault> {
        let config = self.settings.client(tls::client(&self.signer, expected)?)?;
        let connecting = self.socket_towards(address)?.connect_with(config, address, NO_NAME).map_err(
            |error| match error {
                quinn::ConnectError::EndpointStopping => LinkFault::ClosedHere,
                quinn::ConnectError::InvalidRemoteAddress(_) => LinkFault::Address,
                _ => LinkFault::Settings,
            },
        )?;
        self.in_time(async {
            let fault = |e| LinkFault::of_connection(&e, true);
            let connection = connecting.await.map_err(fault)?;
            let streams = connection.open_bi().await.map_err(fault)?;
            Link::new(connection, streams, true)
        })
        .await
        // Whoever is reached there may call from there.
        .inspect(|_| self.gate.rule().met(expected, Source::from(address.ip())))
    }

    /// The next caller, not yet known to be anybody; `None` once the endpoint is closed or if it lets nobody in.
    ///
    /// The caller's handshake goes on in [`Incoming::finish`], to be awaited beside further calls of this.
    pub async fn accept(&self) -> Option<Incoming> {
        if !self.accepts {
            return None;
        }
        loop {
            let quic = self.quic.accept().await?;
            let source = Source::from(quic.remote_address().ip());
            match self.gate.judge(source, quic.remote_address_validated()) {
                Answer::Take(place) => {
                    let slot = Slot { gate: self.gate.clone(), source, place: Some(place) };
                    let patience = Duration::from_millis(self.settings.handshake_ms);
                    return Some(Incoming { quic, slot, patience });
                }
                // A caller that cannot be asked to retry is refused by the drop of what `retry` hands back.
                Answer::Retry => drop(quic.retry()),
                Answer::Refuse => quic.refuse(),
            }
        }
    }

    /// The address that was bound.
    ///
    /// # Errors
    /// [`LinkFault::Socket`].
    pub fn local_address(&self) -> Result<SocketAddr, LinkFault> {
        self.quic.local_addr().map_err(|e| LinkFault::Socket(e.kind()))
    }

    /// This node's own link key.
    pub fn link_key(&self) -> LinkKey {
        self.signer.public()
    }

    /// Handshakes of callers in flight.
    pub fn handshakes(&self) -> usize {
        self.gate.rule().in_flight()
    }

    /// Closes every link at once and lets nobody in any more. Await [`Endpoint::idle`] so that peers hear of it.
    pub fn close(&self) {
        for socket in self.sockets() {
            socket.close(CODE_DONE.into(), b"");
        }
    }

    /// Waits until no link is left. Bounded by the caller's patience.
    pub async fn idle(&self) {
        for socket in self.sockets() {
            socket.wait_idle().await;
        }
    }

    async fn in_time<T>(&self, step: impl Future<Output = Result<T, LinkFault>>) -> Result<T, LinkFault> {
        let patience = Duration::from_millis(self.settings.handshake_ms);
        tokio::time::timeout(patience, step).await.unwrap_or(Err(LinkFault::HandshakeTime))
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.close();
    }
}

/// The rule on callers, and the clock that it goes by.
struct Gate {
    rule: Mutex<Admission>,
    clock: Steady,
}

impl Gate {
    fn rule(&self) -> MutexGuard<'_, Admission> {
        self.rule.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn judge(&self, source: Source, proven: bool) -> Answer {
        self.rule().judge((self.clock)(), source, proven)
    }
}

/// A place among the handshakes in flight; given back when dropped.
struct Slot {
    gate: Arc<Gate>,
    source: Source,
    place: Option<Place>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(place) = self.place.take() {
            self.gate.rule().release(place);
        }
    }
}

/// A caller whose handshake is under way. Dropped, it is refused.
pub struct Incoming {
    quic: quinn::Incoming,
    slot: Slot,
    patience: Duration,
}

impl Incoming {
    /// Goes through the handshake and waits for the caller's first bytes.
    ///
    /// Holds its place among the handshakes in flight until then, so a caller that says nothing is sent away in time.
    ///
    /// # Errors
    /// [`LinkFault`]; [`LinkFault::Stranger`] for a key that is not pinned.
    pub async fn finish(self) -> Result<Link, LinkFault> {
        let Self { quic, slot, patience } = self;
        let fault = |e| LinkFault::of_connection(&e, false);
        let handshake = async {
            let connection = quic.accept().map_err(fault)?.await.map_err(fault)?;
            let streams = connection.accept_bi().await.map_err(fault)?;
            Link::new(connection, streams, false)
        };
        let link = tokio::time::timeout(patience, handshake).await.unwrap_or(Err(LinkFault::HandshakeTime));
        if let Ok(link) = &link {
            slot.gate.rule().met(link.peer(), slot.source);
        }
        drop(slot);
        link
    }
}
