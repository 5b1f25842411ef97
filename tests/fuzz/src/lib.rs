//! Every door through which bytes of others come in, as functions of bytes.
//!
//! libFuzzer calls them (`targets/`), and so does `tests/corpora_hold.rs` with every input kept here, whole, cut and
//! bent. A door says whether it took the input; what it must never do is panic, hang, take memory without bound, or
//! take something and give back other bytes: each function asserts what its format promises.
//!
//! A signature stops most of what a fuzzer invents. So the records' doors have two ways in, chosen by the first byte:
//! the record as it comes, and a body that is signed here with keys that everyone may know (those of the demo
//! partners). No check is switched off anywhere.

// A test says that it fails by panicking.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, unreachable_pub)]
#![allow(dead_code, reason = "each user takes its part")]

pub mod age_files;
pub mod bundle;
pub mod files;
pub mod hub;
pub mod records;
pub mod seeds;
pub mod segment;

/// A door: whether it took the input.
pub type Door = fn(&[u8]) -> bool;

/// All doors, as `targets/` names them. Those that face a peer first.
pub const DOORS: [(&str, Door); 24] = [
    ("frame", records::frame),
    ("header", records::header),
    ("segment", segment::segment),
    ("card", records::card),
    ("charter", records::charter),
    ("closure", records::closure),
    ("grant", records::grant),
    ("bundle", bundle::bundle),
    ("fork_proof", records::fork_proof),
    ("heads", records::heads),
    ("certificate", records::certificate),
    ("hub", hub::hub),
    ("epoch_body", records::epoch_body),
    ("evidence", records::evidence),
    ("node_request", records::node_request),
    ("age_header", age_files::header),
    ("stanza", age_files::stanza),
    ("sealed", age_files::sealed),
    ("backup", files::backup),
    ("list", files::list),
    ("list_map", files::list_map),
    ("config", files::config),
    ("key_file", files::key_file),
    ("request", files::request),
];

/// Enters a door by name.
pub fn enter(name: &str, bytes: &[u8]) -> bool {
    let (_, door) = DOORS.iter().find(|(door, _)| *door == name).expect("a door of this name");
    door(bytes)
}

/// What a fuzzer gave, read from the front; nothing left reads as zeros.
pub struct Given<'a>(pub &'a [u8]);

impl<'a> Given<'a> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    pub fn number(&mut self) -> u64 {
        u64::from(self.byte()) << 8 | u64::from(self.byte())
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end.max(1)
    }

    pub fn pick<'b, T>(&mut self, from: &'b [T]) -> &'b T {
        &from[self.below(from.len())]
    }

    /// At most so many bytes.
    pub fn bytes(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// A length of two bytes, and so many bytes.
    pub fn piece(&mut self) -> &'a [u8] {
        let length = self.number() as usize;
        self.bytes(length)
    }
}
