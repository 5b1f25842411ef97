//! What an office may set about its links, and quinn's limits, each set by hand: its defaults trust the peer.

use super::fault::LinkFault;
use crate::limit;
use quinn::congestion::{BbrConfig, ControllerFactory, CubicConfig, NewRenoConfig};
use quinn::{EndpointConfig, IdleTimeout, MtuDiscoveryConfig, TransportConfig, VarInt};
use std::sync::Arc;
use std::time::Duration;

/// Bytes that a peer may send ahead of what this node has read: at most so much memory for each link, and enough for
/// 100 Mbit/s at 150 ms.
pub(super) const RECEIVE_WINDOW: u32 = 2 * 1024 * 1024;
/// The most that this node keeps for a peer until it is acknowledged, in bytes.
pub(super) const SEND_WINDOW_MAX: u64 = 2 * 1024 * 1024;
/// The least, in bytes: two seconds at 128 kbit/s.
pub(super) const SEND_WINDOW_MIN: u64 = 32 * 1024;
/// Bytes sent before the first acknowledgement: twice what RFC 9002 recommends. A day's exchange is 10 to 30 KB, and at
/// 600 ms it then needs no second round trip (measured: 20 KB at 128 kbit/s in 3.4 s instead of 4.9 s).
const INITIAL_WINDOW: u64 = 24_000;
/// What [`Congestion::Steady`] keeps of its window when packets are lost.
const STEADY: f32 = 0.85;
/// Bytes kept of a caller that has not been looked at yet: a ClientHello with its key share fills two packets.
const INCOMING_BYTES: u64 = 16 * 1024;

/// How the sending rate follows the path.
///
/// Measured on the tests' emulator (medians; the ideal is three round trips and the bytes at the line's rate):
///
/// | path and payload | ideal | steady | cubic | bbr | new reno |
/// |---|---|---|---|---|---|
/// | 300 ms, 128 kbit/s, 2 % lost, 30 KB each way | 2.8 s | 3.1 s | 3.1 s | 3.2 s | 3.1 s |
/// | 600 ms, 128 kbit/s, 2 % lost, 20 KB each way | 3.1 s | 3.4 s | 3.3 s | 3.3 s | 3.3 s |
/// | 150 ms, 1 Mbit/s, 2 % lost, 200 KB each way | 2.1 s | 2.9 s | 3.3 s | 2.8 s, bytes x1.8 | 5.1 s |
/// | 40 ms, 8 Mbit/s, 1 % lost, 4 MB one way | 4.1 s | 6.7 s | 11.8 s | 4.5 s, bytes x1.8 | 13.6 s |
/// | 150 ms, 1 Mbit/s, 32 KB queue, 400 KB one way | 3.7 s | 3.6 s | 3.6 s | 3.8 s, bytes x1.8 | 3.6 s |
/// | 150 ms, 20 Mbit/s, 256 KB queue, 24 MB one way | 10.1 s | 10.7 s | 10.6 s | 11.7 s, bytes x1.8 | 11.2 s |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Congestion {
    /// NewReno (RFC 9002) that gives way by 15 % instead of half: on radio links most losses are not congestion.
    #[default]
    Steady,
    /// CUBIC (RFC 9438).
    Cubic,
    /// BBR, version 1, which quinn calls experimental. Fast on lossy lines; sends up to twice the bytes.
    Bbr,
    /// NewReno (RFC 9002).
    NewReno,
}

impl Congestion {
    fn factory(self) -> Arc<dyn ControllerFactory + Send + Sync> {
        match self {
            Self::Steady => {
                let mut config = NewRenoConfig::default();
                config.initial_window(INITIAL_WINDOW).loss_reduction_factor(STEADY);
                Arc::new(config)
            }
            Self::Cubic => {
                let mut config = CubicConfig::default();
                config.initial_window(INITIAL_WINDOW);
                Arc::new(config)
            }
            // It brings a larger first window of its own, and stalls with a smaller one.
            Self::Bbr => Arc::new(BbrConfig::default()),
            Self::NewReno => {
                let mut config = NewRenoConfig::default();
                config.initial_window(INITIAL_WINDOW);
                Arc::new(config)
            }
        }
    }
}

/// What an office may set about its links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Hand packets to the system in batches. Some virtual machines mangle them.
    pub gso: bool,
    /// Look for packets above 1,200 bytes. It costs 4 KB on each link, and a lossy path can mislead it.
    pub mtu_discovery: bool,
    /// Milliseconds of silence after which a sign of life is sent: less than what address translators forget.
    pub keep_alive_ms: u64,
    /// Milliseconds of silence after which a link counts as lost.
    pub idle_ms: u64,
    /// Milliseconds that a handshake may take.
    pub handshake_ms: u64,
    /// The round trip to assume before one was measured, in milliseconds: a third of the wait before the first packet is
    /// sent again. At 150 a satellite link sends 5 KB twice; at 500 nothing is better than at 333 (RFC 9002).
    pub initial_rtt_ms: u64,
    /// How the sending rate follows the path.
    pub congestion: Congestion,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            gso: true,
            mtu_discovery: false,
            keep_alive_ms: 15_000,
            idle_ms: 45_000,
            handshake_ms: 20_000,
            initial_rtt_ms: 333,
            congestion: Congestion::default(),
        }
    }
}

impl Settings {
    /// Every limit of a connection. `streams`: how many the peer may open.
    pub(super) fn transport(&self, streams: u32) -> Result<Arc<TransportConfig>, LinkFault> {
        let idle =
            IdleTimeout::try_from(Duration::from_millis(self.idle_ms)).map_err(|_| LinkFault::Settings)?;
        let mut transport = TransportConfig::default();
        transport
            .max_concurrent_bidi_streams(streams.into())
            .max_concurrent_uni_streams(VarInt::from_u32(0))
            .stream_receive_window(RECEIVE_WINDOW.into())
            .receive_window(RECEIVE_WINDOW.into())
            .send_window(SEND_WINDOW_MIN)
            .datagram_receive_buffer_size(None)
            .datagram_send_buffer_size(0)
            .allow_spin(false)
            .max_idle_timeout(Some(idle))
            .keep_alive_interval((self.keep_alive_ms > 0).then(|| Duration::from_millis(self.keep_alive_ms)))
            .initial_rtt(Duration::from_millis(self.initial_rtt_ms))
            .mtu_discovery_config(self.mtu_discovery.then(MtuDiscoveryConfig::default))
            .enable_segmentation_offload(self.gso);
        transport.congestion_controller_factory(self.congestion.factory());
        Ok(Arc::new(transport))
    }

    /// Every limit of a socket.
    pub(super) fn endpoint() -> EndpointConfig {
        let mut config = EndpointConfig::default();
        // QUIC version 1, none of the drafts.
        config.supported_versions(vec![1]);
        config
    }

    /// Every limit on callers.
    pub(super) fn server(&self, tls: rustls::ServerConfig) -> Result<quinn::ServerConfig, LinkFault> {
        let tls = quinn::crypto::rustls::QuicServerConfig::try_from(tls).map_err(|_| LinkFault::Settings)?;
        let mut server = quinn::ServerConfig::with_crypto(Arc::new(tls));
        let mut tokens = quinn::ValidationTokenConfig::default();
        tokens.sent(0);
        tokens.log(Arc::new(quinn::NoneTokenLog));
        server
            .transport_config(self.transport(1)?)
            .validation_token_config(tokens)
            // Twice, so that a caller above the limit hears a refusal; above this, quinn is silent.
            .max_incoming(2 * limit::HANDSHAKES)
            .incoming_buffer_size(INCOMING_BYTES)
            .incoming_buffer_size_total(INCOMING_BYTES * limit::HANDSHAKES as u64);
        Ok(server)
    }

    /// For one dial.
    pub(super) fn client(&self, tls: rustls::ClientConfig) -> Result<quinn::ClientConfig, LinkFault> {
        let tls = quinn::crypto::rustls::QuicClientConfig::try_from(tls).map_err(|_| LinkFault::Settings)?;
        let mut client = quinn::ClientConfig::new(Arc::new(tls));
        client.transport_config(self.transport(0)?).token_store(Arc::new(quinn::NoneTokenStore));
        Ok(client)
    }
}
