//! Reading a bundle: bounded, one part in memory at a time, and exact about where it broke.
//!
//! Nothing of a part is handed out before the whole part was opened and verified. Nothing is written anywhere and no
//! name is taken from the data. The items themselves are judged by whoever takes them in.

use super::item::{ANY_FIRST_LINE, Counts, FIRST_LINE, FirstItem, Item, Part, Statement};
use super::{BrokenAt, CarryFault};
use crate::codec;
use crate::limit;
use crate::private::Private;
use crate::seal::Envelope;
use crate::sign::Signed;
use std::io::Read;

/// Reads one bundle.
pub struct BundleReader<'e, R> {
    input: R,
    envelope: &'e dyn Envelope,
    secret: &'e Private<[u8; 32]>,
    statement: Signed<Statement>,
    /// Items of the part that was opened last, the next one at the end.
    items: Vec<serde_bytes::ByteBuf>,
    at: Position,
    counts: Counts,
    state: State,
}

/// Where in the file the reader stands.
#[derive(Clone, Copy)]
struct Position {
    /// The part being read or given out, and the byte at which it begins.
    part: u64,
    part_start: u64,
    /// The byte behind it.
    end: u64,
}

enum State {
    /// More parts follow.
    Within,
    /// The last part was opened.
    LastPart,
    /// Read to its end, and found whole.
    Done,
    /// Broken: nothing more comes.
    Broken(BrokenAt),
}

impl Position {
    fn broken(&self, fault: CarryFault) -> BrokenAt {
        BrokenAt { part: self.part, offset: self.part_start, fault }
    }
}

impl<'e, R: Read> BundleReader<'e, R> {
    /// Opens a bundle: its first line, its first part, its statement, whose signature and certificate are checked.
    /// Whether its maker is trusted and its target is us, the caller decides.
    ///
    /// # Errors
    /// [`BrokenAt`].
    pub fn open(
        mut input: R,
        envelope: &'e dyn Envelope,
        secret: &'e Private<[u8; 32]>,
    ) -> Result<Self, BrokenAt> {
        let mut at = Position { part: 0, part_start: 0, end: 0 };
        read_first_line(&mut input).map_err(|fault| at.broken(fault))?;
        at.end = FIRST_LINE.len() as u64;
        at.part_start = at.end;
        let (part, end) =
            read_part(&mut input, envelope, secret, at.end).map_err(|fault| at.broken(fault))?;
        at.end = end;
        let last = part.last;
        let (statement, items) = read_statement(part).map_err(|fault| at.broken(fault))?;
        let state = if last { State::LastPart } else { State::Within };
        Ok(Self { input, envelope, secret, statement, items, at, counts: Counts::default(), state })
    }

    /// Who made it, for whom, and what is in it.
    pub fn statement(&self) -> &Signed<Statement> {
        &self.statement
    }

    /// The next item; `None` once the whole bundle was read and is as its statement says.
    ///
    /// # Errors
    /// [`BrokenAt`], and the same again for each later call. Items given before are good.
    pub fn next_item(&mut self) -> Result<Option<Item>, BrokenAt> {
        if let State::Broken(broken) = self.state {
            return Err(broken);
        }
        self.advance().map_err(|fault| {
            let broken = self.at.broken(fault);
            self.state = State::Broken(broken);
            broken
        })
    }

    fn advance(&mut self) -> Result<Option<Item>, CarryFault> {
        loop {
            if let Some(bytes) = self.items.pop() {
                let item: Item = codec::decode("bundle item", &bytes, limit::BUNDLE_PART_BYTES)?;
                if !item.within_limits() {
                    return Err(CarryFault::TooLong);
                }
                self.counts.add(&item);
                return Ok(Some(item));
            }
            match self.state {
                State::Within => self.next_part()?,
                State::LastPart => {
                    if self.input.by_ref().take(1).read_to_end(&mut Vec::new())? != 0 {
                        return Err(CarryFault::BehindTheEnd);
                    }
                    if !self.counts.are_those_of(&self.statement) {
                        return Err(CarryFault::NotAsStated);
                    }
                    self.state = State::Done;
                }
                State::Done => return Ok(None),
                State::Broken(broken) => return Err(broken.fault),
            }
        }
    }

    fn next_part(&mut self) -> Result<(), CarryFault> {
        self.at = Position { part: self.at.part + 1, part_start: self.at.end, end: self.at.end };
        let (part, end) = read_part(&mut self.input, self.envelope, self.secret, self.at.end)?;
        self.at.end = end;
        if part.bundle != self.statement.bundle || part.index != self.at.part {
            return Err(CarryFault::OutOfPlace);
        }
        // A writer never seals an empty part in between: a file of them would keep a reader busy for nothing.
        if part.items.is_empty() && !part.last {
            return Err(CarryFault::Damaged("bundle part"));
        }
        self.items = part.items;
        self.items.reverse();
        if part.last {
            self.state = State::LastPart;
        }
        Ok(())
    }
}

fn read_first_line(input: &mut impl Read) -> Result<(), CarryFault> {
    let mut line = Vec::new();
    input.take(FIRST_LINE.len() as u64).read_to_end(&mut line)?;
    if line == FIRST_LINE {
        Ok(())
    } else if line.len() < FIRST_LINE.len() && FIRST_LINE.starts_with(&line) {
        Err(CarryFault::CutShort)
    } else if line
        .strip_prefix(ANY_FIRST_LINE)
        .is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_digit))
    {
        Err(CarryFault::LaterVersion)
    } else {
        Err(CarryFault::NotABundle)
    }
}

/// One part that begins at `start`, and the byte behind it. Never takes more memory than a part may have, whatever
/// length is claimed.
fn read_part(
    input: &mut impl Read,
    envelope: &dyn Envelope,
    secret: &Private<[u8; 32]>,
    start: u64,
) -> Result<(Part, u64), CarryFault> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length);
    let end = start + 4 + u64::from(length);
    if length as usize > limit::BUNDLE_PART_SEALED_BYTES || end > limit::BUNDLE_BYTES {
        return Err(CarryFault::TooLong);
    }
    let mut sealed = Vec::new();
    input.take(u64::from(length)).read_to_end(&mut sealed)?;
    if sealed.len() < length as usize {
        return Err(CarryFault::CutShort);
    }
    let plain = envelope.open_as(secret, &sealed)?;
    // Records and sealed segments, nothing that people wrote in the clear.
    let part: Part = codec::decode("bundle part", plain.reveal(), limit::BUNDLE_PART_BYTES)?;
    Ok((part, end))
}

/// Takes the statement out of the first part, and leaves the other items, the next one at the end.
fn read_statement(part: Part) -> Result<(Signed<Statement>, Vec<serde_bytes::ByteBuf>), CarryFault> {
    let mut items = part.items;
    items.reverse();
    let first = items.pop().ok_or(CarryFault::Damaged("bundle statement"))?;
    let FirstItem::Statement { bytes } = codec::decode("bundle statement", &first, limit::RECORD_BYTES + 64)?;
    let statement: Signed<Statement> = Signed::decode(&bytes)?;
    if part.index != 0 || part.bundle != statement.bundle {
        return Err(CarryFault::OutOfPlace);
    }
    Ok((statement, items))
}
