//! Writing a bundle: items in, sealed parts out, one part in memory at a time.

use super::CarryFault;
use super::item::{Counts, FIRST_LINE, FirstItem, ITEM_FRAME_BYTES, Item, PART_FRAME_BYTES, Part, Statement};
use crate::codec;
use crate::limit;
use crate::seal::{Envelope, Recipient};
use crate::sign::Signed;
use serde_bytes::ByteBuf;
use std::io::Write;

/// Writes one bundle. What was written is no bundle before [`BundleWriter::finish`] returned.
pub struct BundleWriter<'e, W> {
    out: W,
    envelope: &'e dyn Envelope,
    recipients: Vec<Recipient>,
    statement: Signed<Statement>,
    items: Vec<ByteBuf>,
    /// Encoded bytes of the part under way.
    part_bytes: usize,
    index: u64,
    written: u64,
    counts: Counts,
}

impl<'e, W: Write> BundleWriter<'e, W> {
    /// Begins a bundle for the nodes of the statement's target. The statement says beforehand how many items of each
    /// kind will follow.
    ///
    /// # Errors
    /// [`CarryFault::Rule`] without recipients, [`CarryFault::Disk`].
    pub fn new(
        mut out: W,
        envelope: &'e dyn Envelope,
        recipients: Vec<Recipient>,
        statement: Signed<Statement>,
    ) -> Result<Self, CarryFault> {
        if recipients.is_empty() || recipients.len() > limit::PARTNER_NODES {
            return Err(CarryFault::Rule("a bundle is sealed to 1 to 16 nodes"));
        }
        out.write_all(FIRST_LINE)?;
        let first = codec::encode(&FirstItem::Statement { bytes: statement.bytes().to_vec() });
        let mut writer = Self {
            out,
            envelope,
            recipients,
            statement,
            items: Vec::new(),
            part_bytes: PART_FRAME_BYTES,
            index: 0,
            written: FIRST_LINE.len() as u64,
            counts: Counts::default(),
        };
        writer.push(first);
        Ok(writer)
    }

    /// Puts an item in.
    ///
    /// # Errors
    /// [`CarryFault::TooLong`], [`CarryFault::Disk`], [`CarryFault::Rule`].
    pub fn put(&mut self, item: &Item) -> Result<(), CarryFault> {
        if !item.within_limits() {
            return Err(CarryFault::TooLong);
        }
        let bytes = codec::encode(item);
        if self.part_bytes + bytes.len() + ITEM_FRAME_BYTES > limit::BUNDLE_PART_BYTES {
            self.seal_part(false)?;
        }
        self.counts.add(item);
        self.push(bytes);
        Ok(())
    }

    /// Writes the last part and hands back what was written to, and how many bytes the bundle has. Syncing a file is
    /// the caller's.
    ///
    /// # Errors
    /// [`CarryFault::NotAsStated`] if the statement promised other numbers; else as for [`BundleWriter::put`].
    pub fn finish(mut self) -> Result<(W, u64), CarryFault> {
        if !self.counts.are_those_of(&self.statement) {
            return Err(CarryFault::NotAsStated);
        }
        self.seal_part(true)?;
        self.out.flush()?;
        Ok((self.out, self.written))
    }

    fn push(&mut self, item: Vec<u8>) {
        self.part_bytes += item.len() + ITEM_FRAME_BYTES;
        self.items.push(ByteBuf::from(item));
    }

    fn seal_part(&mut self, last: bool) -> Result<(), CarryFault> {
        let items = std::mem::take(&mut self.items);
        let part = Part { bundle: self.statement.bundle, index: self.index, last, items };
        let sealed = self.envelope.seal_to(&self.recipients, &codec::encode(&part))?;
        let length = u32::try_from(sealed.len()).map_err(|_| CarryFault::TooLong)?;
        self.written += 4 + u64::from(length);
        if sealed.len() > limit::BUNDLE_PART_SEALED_BYTES || self.written > limit::BUNDLE_BYTES {
            return Err(CarryFault::TooLong);
        }
        self.out.write_all(&length.to_be_bytes())?;
        self.out.write_all(&sealed)?;
        self.index += 1;
        self.part_bytes = PART_FRAME_BYTES;
        Ok(())
    }
}
