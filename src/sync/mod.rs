//! Who says what next: the hub, its sessions and frames. Pure: no await, clock, socket or file.
//!
//! The hub is a function of (moment, input). The driver hands each [`Input`] to [`Hub::handle`], then drains
//! [`Hub::poll`] until it is empty, and calls again with [`Input::Wake`] no later than [`Hub::wake_at`]. Time, chance,
//! signatures and disk results are inputs; same inputs, same outputs, byte for byte.
//!
//! What the room promises:
//! - Nothing is acknowledged (named in signed heads) before the disk said [`Input::Saved`].
//! - A circle is named, and its segments and records are sent, to its members and carriers alone: every message about
//!   a circle passes `Hub::tell` (`session.rs`).
//! - Frames and bundles pass one gate (`gate.rs`). No input of a peer can panic, and none changes what another sees.
//!
//! Left out on purpose: addresses (`net` and `node` know them), opening segments, grants' contents, idle links.
#![doc = include_str!("FORMAT.md")]

mod branches;
mod bundle;
mod circle;
mod deadlines;
mod dial;
mod directory;
mod fault;
mod forks;
mod gate;
mod hello;
mod hub;
mod message;
mod opening;
mod placing;
mod port;
mod receipts;
mod receiving;
mod records;
mod sending;
mod session;
mod status;
mod turns;
mod weight;

pub use bundle::{BundleCircle, BundleLog, BundlePlan};
pub use fault::{CloseCode, Fault};
pub use hub::Hub;
pub use message::RecordKind;
#[doc(hidden)]
pub use message::frame_again;
pub use port::{
    Arrival, Arrived, BranchMove, CarriedItem, CarriedSummary, CircleRecord, CircleStart, Event, Input,
    LinkId, LogStart, Me, Output, PeerMemory, SaveBatch, Start, Ticket, Told, Why,
};
pub use status::{CircleStatus, ForkStatus, HubStatus, LogStatus, NodeStatus, PeerCircleStatus};
pub use turns::Turns;
pub use weight::Weight;
