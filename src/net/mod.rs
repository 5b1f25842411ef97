//! QUIC with pinned raw keys: a link is a stream of frames between two nodes that know each other's link key.
//!
//! What holds here: nobody whose key is not pinned gets as far as a frame; a frame longer than
//! [`crate::limit::FRAME_BYTES`] is refused before memory is taken for it; the bytes on their way to a peer are
//! bounded. The room spawns nothing of its own (quinn drives its socket on the caller's tokio runtime): `node`
//! awaits its futures, and dropping one never tears a frame. Who may speak for which partner is not decided here
//! but by the `Hello` of `sync`, over [`LinkHandle::exporter`].
//!
//! Seam for paths other than QUIC: `tls` and `keys` know nothing of QUIC, `framing` is a pure function of bytes, and no
//! quinn type leaves this room. A TCP path needs its own way to make a [`Link`], nothing else.
#![doc = include_str!("FORMAT.md")]

mod admission;
mod endpoint;
mod fault;
mod framing;
mod keys;
mod link;
mod settings;
mod tls;

pub use admission::{Admission, Answer, Place, Source};
pub use endpoint::{Endpoint, Incoming, NetConfig, Steady};
pub use fault::{Blame, LinkFault};
pub use keys::Pins;
pub use link::{FrameReceiver, FrameSender, Link, LinkHandle, LinkStats};
pub use settings::{Congestion, Settings};
pub use tls::ALPN;
