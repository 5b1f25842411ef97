//! The strict codec: DAG-CBOR, and every decoder encodes again and compares.
//!
//! `serde_ipld_dagcbor` refuses trailing bytes, unsorted and duplicate keys, non-minimal integers, tags and deep
//! nesting. It lets indefinite strings and missing optional fields through; encoding what was decoded and comparing
//! closes both, so each value has exactly one encoding, and signed bytes can be hashed without doubt.

use serde::{Serialize, de::DeserializeOwned};
use thiserror::Error;

/// Bytes that are not what they should be. Says the kind, never the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Malformed {
    /// Longer than the limit of its kind.
    #[error("{what} is longer than {limit} bytes")]
    TooLong {
        /// What it should have been.
        what: &'static str,
        /// The limit in bytes.
        limit: usize,
    },
    /// Not the strict encoding of this kind.
    #[error("{0} is not in its strict form")]
    NotStrict(&'static str),
    /// Well encoded, but against a rule of this kind.
    #[error("{what}: {rule}")]
    Rule {
        /// What it should have been.
        what: &'static str,
        /// The rule in words.
        rule: &'static str,
    },
    /// A version that this build does not know: to be held, not refused.
    #[error("{0} is of a later version than this program knows")]
    LaterVersion(&'static str),
    /// The signature does not fit the bytes and the signer.
    #[error("{0} does not carry a valid signature")]
    Signature(&'static str),
}

/// The one encoding of a value. Our own types always encode: what cannot (a NaN) is never built.
///
/// # Panics
/// If a type of ours holds what CBOR cannot: our own bug.
#[allow(clippy::expect_used)]
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    serde_ipld_dagcbor::to_vec(value).expect("every type of ours has an encoding")
}

/// Decodes at most `limit` bytes and accepts only what `encode` would have written.
///
/// # Errors
/// [`Malformed::TooLong`], [`Malformed::NotStrict`].
pub fn decode<T: Serialize + DeserializeOwned>(
    what: &'static str,
    bytes: &[u8],
    limit: usize,
) -> Result<T, Malformed> {
    if bytes.len() > limit {
        return Err(Malformed::TooLong { what, limit });
    }
    let value: T = serde_ipld_dagcbor::from_slice(bytes).map_err(|_| Malformed::NotStrict(what))?;
    let again = serde_ipld_dagcbor::to_vec(&value).map_err(|_| Malformed::NotStrict(what))?;
    if again == bytes { Ok(value) } else { Err(Malformed::NotStrict(what)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_encoding_is_read() {
        assert_eq!(decode::<u64>("n", &[0x05], 9), Ok(5));
        // non-minimal integer, trailing byte, indefinite bytes, half float
        for bad in [&[0x18, 0x05][..], &[0x05, 0x05], &[0x5f, 0x41, 0x01, 0xff], &[0xf9, 0x3c, 0x00]] {
            assert!(decode::<u64>("n", bad, 9).is_err());
        }
        let text: Result<String, _> = decode("t", &[0x7f, 0x61, 0x61, 0xff], 9);
        assert_eq!(text, Err(Malformed::NotStrict("t")));
        assert_eq!(decode::<u64>("n", &[0; 10], 9), Err(Malformed::TooLong { what: "n", limit: 9 }));
    }
}
