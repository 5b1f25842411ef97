//! Frames in a stream of bytes: four bytes of length, big end first, then the frame. Pure; fit for any carrier.

use super::fault::LinkFault;
use crate::limit;

/// Bytes of the length before each frame.
const PREFIX: usize = 4;

/// Appends a frame with its length.
///
/// # Errors
/// [`LinkFault::OwnFrameLength`] for a frame of no bytes or of more than the limit; nothing is appended then.
pub(super) fn append(buffer: &mut Vec<u8>, frame: &[u8]) -> Result<(), LinkFault> {
    let length = u32::try_from(frame.len()).map_err(|_| LinkFault::OwnFrameLength)?;
    if frame.is_empty() || frame.len() > limit::FRAME_BYTES {
        return Err(LinkFault::OwnFrameLength);
    }
    buffer.extend_from_slice(&length.to_be_bytes());
    buffer.extend_from_slice(frame);
    Ok(())
}

/// Cuts a stream of bytes back into frames.
#[derive(Default)]
pub(super) struct Deframer {
    prefix: Vec<u8>,
    /// The frame under way and its full length.
    frame: Option<(Vec<u8>, usize)>,
}

impl Deframer {
    /// Takes bytes from the front of `input`; gives a frame as soon as one is complete.
    ///
    /// # Errors
    /// [`LinkFault::FrameLength`], before any memory is taken for the frame.
    pub(super) fn take(&mut self, input: &mut &[u8]) -> Result<Option<Vec<u8>>, LinkFault> {
        if self.frame.is_none() {
            self.prefix.extend_from_slice(front(input, PREFIX - self.prefix.len()));
            let Ok(prefix) = <[u8; PREFIX]>::try_from(self.prefix.as_slice()) else {
                return Ok(None);
            };
            let length = usize::try_from(u32::from_be_bytes(prefix)).map_err(|_| LinkFault::FrameLength)?;
            if length == 0 || length > limit::FRAME_BYTES {
                return Err(LinkFault::FrameLength);
            }
            self.prefix.clear();
            self.frame = Some((Vec::with_capacity(length), length));
        }
        let Some((frame, length)) = &mut self.frame else { return Ok(None) };
        frame.extend_from_slice(front(input, *length - frame.len()));
        let complete = frame.len() == *length;
        Ok(if complete { self.frame.take().map(|(frame, _)| frame) } else { None })
    }

    /// Whether the stream may end here: no frame has begun.
    pub(super) fn is_between_frames(&self) -> bool {
        self.prefix.is_empty() && self.frame.is_none()
    }
}

/// Splits up to `count` bytes off the front.
fn front<'a>(input: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at(count.min(input.len()));
    *input = rest;
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn frames_come_out_as_they_went_in_however_the_stream_is_cut(
            frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..300), 0..20),
            cuts in prop::collection::vec(1usize..50, 1..50),
        ) {
            let mut stream = Vec::new();
            for frame in &frames {
                append(&mut stream, frame).unwrap();
            }
            let mut deframer = Deframer::default();
            let (mut rest, mut got, mut cut) = (stream.as_slice(), Vec::new(), cuts.iter().cycle());
            while !rest.is_empty() {
                let mut piece = front(&mut rest, *cut.next().unwrap());
                while !piece.is_empty() {
                    got.extend(deframer.take(&mut piece).unwrap());
                }
            }
            prop_assert_eq!(got, frames);
            prop_assert!(deframer.is_between_frames());
        }
    }

    #[test]
    fn a_length_out_of_bounds_is_refused_before_memory_is_taken() {
        for length in [0u32, limit::FRAME_BYTES as u32 + 1, u32::MAX] {
            let mut deframer = Deframer::default();
            assert_eq!(deframer.take(&mut &length.to_be_bytes()[..]), Err(LinkFault::FrameLength));
            assert!(deframer.frame.is_none());
        }
        let mut deframer = Deframer::default();
        let mut longest = &(limit::FRAME_BYTES as u32).to_be_bytes()[..];
        assert_eq!(deframer.take(&mut longest), Ok(None));
        assert!(!deframer.is_between_frames());
    }

    #[test]
    fn our_own_frames_obey_too() {
        let mut buffer = Vec::new();
        assert_eq!(append(&mut buffer, &[]), Err(LinkFault::OwnFrameLength));
        assert_eq!(append(&mut buffer, &vec![0; limit::FRAME_BYTES + 1]), Err(LinkFault::OwnFrameLength));
        assert!(buffer.is_empty());
        assert_eq!(append(&mut buffer, &vec![0; limit::FRAME_BYTES]), Ok(()));
    }
}
