//! The count of durable commits, kept in a small file beside the vault.
//!
//! After a crash, damage can make redb fall back one commit without a word, and a restored file looks whole. So each
//! durable commit raises a count inside the vault, and then here. A vault that counts less than this file has lost
//! something that may have been said to others.
//!
//! Two slots, a disk page each, are written in turn and synced: a torn write spoils one and leaves the count before
//! it. A slot is sealed under the vault key with the vault's id, so that it can be neither forged nor taken from
//! another vault. Whoever puts back both files at once is not seen here, but by peers who hold what we said since.

use super::sealing::{OVERHEAD_BYTES, Sealing};
use super::{Name, StoreFault};
use redb::StorageBackend;

/// Where the second slot begins: another sector, another page.
const SLOT_STRIDE: u64 = 4096;
/// The vault's id and the count.
const PLAIN_BYTES: usize = 16 + 8;
const SLOT_BYTES: usize = PLAIN_BYTES + OVERHEAD_BYTES;
const FILE_BYTES: u64 = SLOT_STRIDE + SLOT_BYTES as u64;

/// The file, behind the same trait as the vault's, so that tests can cut the power on both.
#[derive(Debug)]
pub(super) struct Tally(Box<dyn StorageBackend>);

impl Tally {
    pub(super) fn new(backend: Box<dyn StorageBackend>) -> Self {
        Self(backend)
    }

    /// The highest count that stands there for this vault; `None` if no slot is whole.
    pub(super) fn read(&self, sealing: &Sealing, id: &[u8; 16]) -> Result<Option<u64>, StoreFault> {
        let length = self.0.len()?;
        let mut highest = None;
        for start in [0, SLOT_STRIDE] {
            if length < start + SLOT_BYTES as u64 {
                continue;
            }
            let mut sealed = [0; SLOT_BYTES];
            self.0.read(start, &mut sealed)?;
            highest = highest.max(read_slot(sealing, id, &sealed));
        }
        Ok(highest)
    }

    /// Writes a count durably, into the slot that does not hold the one before.
    pub(super) fn write(&self, sealing: &Sealing, id: &[u8; 16], count: u64) -> Result<(), StoreFault> {
        let mut plain = [0; PLAIN_BYTES];
        let (id_part, count_part) = plain.split_at_mut(id.len());
        id_part.copy_from_slice(id);
        count_part.copy_from_slice(&count.to_be_bytes());
        let sealed = sealing.seal(&Name::Count.encode(), &plain)?;
        if self.0.len()? != FILE_BYTES {
            self.0.set_len(FILE_BYTES)?;
        }
        self.0.write((count % 2) * SLOT_STRIDE, &sealed)?;
        self.0.sync_data()?;
        Ok(())
    }
}

fn read_slot(sealing: &Sealing, id: &[u8; 16], sealed: &[u8]) -> Option<u64> {
    let plain = sealing.open(&Name::Count.encode(), sealed)?;
    let (of, count) = plain.split_first_chunk::<16>()?;
    (of == id).then(|| count.try_into().ok().map(u64::from_be_bytes)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::private::Private;
    use redb::backends::InMemoryBackend;

    #[test]
    fn the_higher_whole_slot_counts() {
        let sealing = Sealing::new(&Private::new([1; 32]));
        let id = [7; 16];
        let tally = Tally::new(Box::new(InMemoryBackend::new()));
        assert_eq!(tally.read(&sealing, &id), Ok(None));
        tally.write(&sealing, &id, 4).unwrap();
        assert_eq!(tally.read(&sealing, &id), Ok(Some(4)));
        tally.write(&sealing, &id, 5).unwrap();
        assert_eq!(tally.read(&sealing, &id), Ok(Some(5)));
        // a torn write of 5 leaves 4
        tally.0.write(SLOT_STRIDE + 30, &[0; 4]).unwrap();
        assert_eq!(tally.read(&sealing, &id), Ok(Some(4)));
        // another vault's count is none of ours
        assert_eq!(tally.read(&sealing, &[8; 16]), Ok(None));
        assert_eq!(tally.read(&Sealing::new(&Private::new([2; 32])), &id), Ok(None));
    }
}
