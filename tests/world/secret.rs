//! What an office must never be sent: everything by which a circle that it is not in could be known, as bytes.

use homeward::id::CircleId;
use homeward::log::{Kind, Segment};
use homeward::seal::EpochBody;
use std::collections::BTreeSet;

/// Bytes of one thing that is looked for in frames.
const LENGTH: usize = 32;
/// Sealed bodies are known by pieces this far apart: any whole range of a body holds one.
const STRIDE: usize = 4096;

/// What must not be in any frame to one office.
pub(crate) struct Untold {
    /// By their first two bytes, so that a frame is looked through once.
    begins: Vec<bool>,
    known: BTreeSet<[u8; LENGTH]>,
}

impl Default for Untold {
    fn default() -> Self {
        Self { begins: vec![false; 1 << 16], known: BTreeSet::new() }
    }
}

fn begin(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

impl Untold {
    fn add(&mut self, bytes: &[u8]) {
        if let Some(piece) = bytes.first_chunk::<LENGTH>() {
            self.begins[begin(piece)] = true;
            self.known.insert(*piece);
        }
    }

    /// A circle: its id is its charter's hash, and every message about it names it.
    pub(crate) fn add_circle(&mut self, circle: &CircleId) {
        self.add(&circle.0);
    }

    /// A segment: header by hash, body by hash and pieces, epoch, and each age file of an epoch.
    pub(crate) fn add_segment(&mut self, segment: &Segment) {
        let header = segment.header();
        self.add(&header.hash().0);
        self.add(&header.body.0);
        self.add(&header.epoch.0);
        self.add(&header.plain.0);
        if header.kind == Kind::Epoch {
            // The plain start of an epoch's body is the same for all; its files are not, past the age header's line.
            for file in EpochBody::decode(segment.body()).unwrap().files {
                self.add_pieces(file.file.get(64..).unwrap_or_default());
            }
        } else {
            self.add_pieces(segment.body().get(64..).unwrap_or_default());
        }
    }

    fn add_pieces(&mut self, body: &[u8]) {
        for piece in body.chunks(STRIDE) {
            self.add(piece);
        }
    }

    /// Whether something of it stands in a frame.
    pub(crate) fn is_in(&self, frame: &[u8]) -> bool {
        frame.windows(LENGTH).any(|window| self.begins[begin(window)] && self.known.contains(window))
    }

    /// How many things are looked for.
    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }
}
