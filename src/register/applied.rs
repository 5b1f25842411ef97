//! An edit ready to be applied to its sheet: a pointer into its packed segment, and what it rests on.

use super::packed::{Packed, Steps};
use crate::case::Edit;
use crate::codec::Malformed;
use crate::id::{EditRef, Life, PartnerId};
use crate::time::Millis;
use std::sync::Arc;

/// A checked segment with whose it is, when it came and what its edits rest on.
#[derive(Debug)]
pub(super) struct Spoken {
    pub(super) partner: PartnerId,
    pub(super) first_seen: Millis,
    pub(super) packed: Packed,
    /// Its contexts, in edit numbers.
    pub(super) rests: Steps,
}

/// One edit ready to be applied: 16 bytes, so that those of a whole circle fit in memory.
#[derive(Clone, Debug)]
pub struct Applied {
    spoken: Arc<Spoken>,
    index: u32,
}

impl Applied {
    pub(super) fn new(spoken: &Arc<Spoken>, index: u32) -> Self {
        Self { spoken: Arc::clone(spoken), index }
    }

    /// What the edit is called.
    pub fn id(&self) -> EditRef {
        self.spoken.packed.edit_ref(self.index as usize)
    }

    /// Whose it is.
    pub fn partner(&self) -> PartnerId {
        self.spoken.partner
    }

    /// Which log it stands in.
    pub fn life(&self) -> Life {
        self.spoken.packed.place().life
    }

    /// When this node first saw it.
    pub fn first_seen(&self) -> Millis {
        self.spoken.first_seen
    }

    /// The last edit of a log that it rests on; `None` or 0 if it knew none of them. The own log is not asked for.
    pub fn rests_on(&self, life: &Life) -> Option<u64> {
        self.spoken.rests.at(life, self.index)
    }

    /// The edit itself.
    ///
    /// # Errors
    /// [`Malformed`] never: what is packed was checked.
    pub fn edit(&self) -> Result<Edit, Malformed> {
        self.spoken.packed.edit(self.index as usize)
    }
}
