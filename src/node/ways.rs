//! What a driver sends through: the links of a running node, or what a stage takes note of.

use super::links::{Carried, Links};
use crate::id::{LinkKey, NodeId};
use crate::sync::LinkId;

/// Ways to other nodes. What comes of a call is heard later, as an event.
pub(crate) trait Ways: Send {
    /// Dials a node.
    fn dial(&self, node: NodeId, address: String, peer: LinkKey);
    /// Hands a frame to a link; one that is gone takes nothing.
    fn send(&self, link: LinkId, frame: Vec<u8>);
    /// Ends a link after what was handed to it.
    fn close(&self, link: LinkId, code: u32);
    /// Ends every link.
    fn close_all(&self);
    /// Figures of all links so far.
    fn carried(&self) -> Carried;
    /// Ends all of it.
    fn stop(self: Box<Self>);
}

impl Ways for Links {
    fn dial(&self, node: NodeId, address: String, peer: LinkKey) {
        Links::dial(self, node, address, peer);
    }

    fn send(&self, link: LinkId, frame: Vec<u8>) {
        Links::send(self, link, frame);
    }

    fn close(&self, link: LinkId, code: u32) {
        Links::close(self, link, code);
    }

    fn close_all(&self) {
        Links::close_all(self);
    }

    fn carried(&self) -> Carried {
        Links::carried(self)
    }

    fn stop(self: Box<Self>) {
        Links::stop(*self);
    }
}
