//! PADME: padded lengths that leak only O(log log n) bits of the true one, at most 12% longer.
//!
//! Source: "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs" (Nikitin and others, 2019),
//! section 4. A length keeps its highest bits and is rounded up in the rest.

/// The padded length, in bytes, of `length` bytes.
pub fn padme(length: usize) -> usize {
    if length < 2 {
        return length;
    }
    // floor(log2) of the length, and the number of bits that writing this exponent takes.
    let exponent = length.ilog2();
    let kept = exponent.ilog2() + 1;
    let mask = (1_usize << exponent.saturating_sub(kept)) - 1;
    // Only a length within a few parts per thousand of the address space could overflow: no buffer is.
    length.saturating_add(mask) & !mask
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::SEGMENT_PLAIN_BYTES;

    #[test]
    fn known_lengths() {
        for (length, padded) in [
            (0, 0),
            (1, 1),
            (2, 2),
            (8, 8),
            (9, 10),
            (10, 10),
            (100, 104),
            (1_000, 1_024),
            (1_025, 1_088),
            (65_536, 65_536),
            (65_537, 67_584),
            (1_000_000, 1_015_808),
            (SEGMENT_PLAIN_BYTES, SEGMENT_PLAIN_BYTES),
        ] {
            assert_eq!(padme(length), padded, "{length}");
        }
    }

    #[test]
    fn padding_never_shrinks_repeats_nothing_and_stays_within_12_percent() {
        let mut values = std::collections::BTreeSet::new();
        let mut before = 0;
        for length in 0..=SEGMENT_PLAIN_BYTES {
            let padded = padme(length);
            assert!(padded >= length && padded >= before && padded <= SEGMENT_PLAIN_BYTES, "{length}");
            assert!(padded * 100 <= length * 112, "{length}");
            assert_eq!(padme(padded), padded, "{length}");
            values.insert(padded);
            before = padded;
        }
        // What a watcher can tell apart: a few hundred sizes of a million.
        assert!(values.len() < 500, "{}", values.len());
    }
}
