//! The log: every line that this house writes for whoever looks after the machine stands here.
//!
//! Nothing else may call `tracing` (`tests/house_rules.rs` sees to it), and nothing here takes text that was made
//! elsewhere: what can be told are counts, times, codes, words of our own, and names of nodes and circles in their short
//! form, which tells two apart and identifies neither. No person's word, no name of a partner, no address and no key has a way in.
//! What other crates tell is filtered out, for they tell addresses.

use super::{Failure, FailureKind};
use crate::id::{CircleId, NodeId};
use crate::sync::{CloseCode, Fault, SaveBatch, Why};
use std::time::Duration;
use tracing::{debug, error, info, trace, warn};

pub(super) fn started(node: &NodeId, listens: bool) {
    info!(node = node.short(), listens, "started");
}

pub(super) fn stopped(node: &NodeId) {
    info!(node = node.short(), "stopped");
}

pub(super) fn locked() {
    info!("locked");
}

pub(super) fn unlocked() {
    info!("unlocked");
}

pub(super) fn left_alone(minutes: u64) {
    info!(minutes, "nobody asked anything: it locks");
}

/// A peer proved who it is.
pub(super) fn link_up(node: &NodeId) {
    info!(node = node.short(), "link up");
}

/// A peer is gone, or a caller was refused, which then has no name.
pub(super) fn link_down(node: Option<&NodeId>, fault: Option<Fault>) {
    let node = node.map(NodeId::short).unwrap_or_default();
    match fault {
        None => info!(node, "link down"),
        Some(fault) => warn!(node, code = fault.code().code(), fault = kind_of(fault), "link refused"),
    }
}

/// A link of the transport, before anyone proved anything.
pub(super) fn connected(link: u64, dialled: bool) {
    debug!(link, dialled, "connected");
}

pub(super) fn disconnected(link: u64, why: Why) {
    match why {
        Why::Lost => debug!(link, "disconnected: lost"),
        Why::Closed(code) => debug!(link, code, "disconnected: closed"),
    }
}

pub(super) fn closing(link: u64, code: CloseCode) {
    debug!(link, code = code.code(), "closing");
}

pub(super) fn dialling(node: &NodeId) {
    debug!(node = node.short(), "dialling");
}

pub(super) fn not_reached(node: &NodeId) {
    debug!(node = node.short(), "not reached");
}

pub(super) fn agreed(node: &NodeId) {
    debug!(node = node.short(), "both hold the same");
}

pub(super) fn frame(link: u64, bytes: usize) {
    trace!(link, bytes, "frame");
}

pub(super) fn saved(batch: &SaveBatch) {
    let (segments, records, cards) = (batch.segments.len(), batch.records.len(), batch.cards.len());
    debug!(segments, records, cards, "saved");
}

pub(super) fn cut(segments: usize) {
    debug!(segments, "cut");
}

pub(super) fn fork_seen(circle: &CircleId, number: u64) {
    warn!(circle = circle.short(), number, "a log has two branches");
}

pub(super) fn segment_refused(circle: &CircleId, number: u64, fault: Fault) {
    warn!(circle = circle.short(), number, fault = kind_of(fault), "a segment breaks a rule");
}

pub(super) fn restored(node: &NodeId) {
    warn!(node = node.short(), "a peer holds less than it did");
}

pub(super) fn new_life() {
    warn!("this node goes on as a new life");
}

/// One circle's part of a round.
pub(super) fn replayed(circle: &CircleId, segments: usize, edits: u64, took: Duration) {
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    debug!(circle = circle.short(), segments, edits, ms, "replayed");
}

/// What went wrong here, by its kind: its words may name files and cases.
pub(super) fn failed(doing: &'static str, failure: &Failure) {
    let kind = failure_kind(failure.kind);
    match failure.kind {
        FailureKind::Disk | FailureKind::Damaged | FailureKind::Internal => error!(doing, kind, "failed"),
        _ => debug!(doing, kind, "failed"),
    }
}

pub(super) fn answered(took: Duration) {
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    trace!(ms, "a request was answered");
}

fn failure_kind(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::NotFound => "not found",
        FailureKind::BadInput => "bad input",
        FailureKind::NotAllowed => "not allowed",
        FailureKind::Unreachable => "unreachable",
        FailureKind::Disk => "disk",
        FailureKind::InUse => "in use",
        FailureKind::Locked => "locked",
        FailureKind::Damaged => "damaged",
        FailureKind::Internal => "internal",
    }
}

fn kind_of(fault: Fault) -> &'static str {
    match fault {
        Fault::Message(_) => "message",
        Fault::OutOfTurn => "out of turn",
        Fault::Silent => "silent",
        Fault::Version => "version",
        Fault::UnknownPartner => "unknown partner",
        Fault::Certificate => "certificate",
        Fault::HelloSignature => "hello signature",
        Fault::Closed => "closed node",
        Fault::OtherNode => "other node",
        Fault::NotShared => "not shared",
        Fault::Rule(_) => "rule",
        Fault::Breach(_) => "breach",
        Fault::Heads => "heads",
        // Faults that others add later have a code all the same.
        _ => "other",
    }
}
