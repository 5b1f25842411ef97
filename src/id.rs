//! Names of things: keys, hashes and random ids, each a type of its own so that none can stand for another.
//!
//! In CBOR an id is a byte string; in JSON and on a terminal it is lowercase hex. `Debug` prints eight digits:
//! ids of nodes and circles say who talks to whom, so logs carry no more of them than a reader needs.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// Lowercase hex of any bytes.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |four: u8| char::from_digit(u32::from(four), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The bytes that lowercase or uppercase hex stands for; `None` for odd length or other characters.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|p| u8::from_str_radix(p, 16).ok()))
        .collect()
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $length:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $length]);

        impl $name {
            /// Length in bytes.
            pub const LENGTH: usize = $length;

            /// From a slice of exactly the right length.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            /// The raw bytes.
            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }

            /// All of it in hex.
            pub fn hex(&self) -> String {
                hex(&self.0)
            }

            /// From hex of exactly the right length.
            pub fn from_hex(text: &str) -> Option<Self> {
                unhex(text).and_then(|bytes| Self::from_slice(&bytes))
            }

            /// The first eight hex digits: enough to tell two apart on a screen, never enough to trust.
            pub fn short(&self) -> String {
                hex(self.0.get(..4).unwrap_or_default())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.short())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.hex())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.serialize_str(&self.hex())
                } else {
                    serializer.serialize_bytes(&self.0)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let wrong = || de::Error::custom(concat!("not a ", stringify!($name)));
                if deserializer.is_human_readable() {
                    let text = String::deserialize(deserializer)?;
                    Self::from_hex(&text).ok_or_else(wrong)
                } else {
                    let bytes = <serde_bytes::ByteArray<$length>>::deserialize(deserializer)?;
                    Ok(Self(bytes.into_array()))
                }
            }
        }
    };
}

id!(/** A partner: its offline Ed25519 public key. */ PartnerId, 32);
id!(/** A node: its Ed25519 signing public key. */ NodeId, 32);
id!(/** A node's TLS public key (Ed25519), never used to sign statements. */ LinkKey, 32);
id!(/** A circle: the hash of its charter's body. */ CircleId, 32);
id!(/** One life of a node's store: random. */ InstanceId, 16);
id!(/** One child's case: random, drawn by whoever opens the case, the same in every circle's sheet. */ CaseId, 16);
id!(/** SHA-256 over a domain and length-prefixed fields; see [`crate::sign::hash`]. */ Hash, 32);
id!(/** An epoch: the hash of its key. */ EpochId, 32);

impl Hash {
    /// What stands before the first segment of a log.
    pub const ZERO: Hash = Hash([0; 32]);
}

/// A log inside a circle that the context makes plain: one life of one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Life {
    /// The node that writes.
    pub node: NodeId,
    /// Which life of its store.
    pub instance: InstanceId,
}

/// A log: the hash chain of one node's segments in one circle and one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LogId {
    /// The circle it belongs to.
    pub circle: CircleId,
    /// Who writes it.
    pub life: Life,
}

/// An edit inside a circle that the context makes plain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EditRef {
    /// Who wrote it.
    pub life: Life,
    /// 1, 2, 3... in the order of writing within the log.
    pub number: u64,
}

impl fmt::Display for EditRef {
    /// `node-instance-number` in hex and decimal: the key under which sheets file what the edit says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.life.node.hex(), self.life.instance.hex(), self.number)
    }
}

impl EditRef {
    /// Reads what `Display` writes.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let node = NodeId::from_hex(parts.next()?)?;
        let instance = InstanceId::from_hex(parts.next()?)?;
        let number = parts.next()?.parse().ok()?;
        parts.next().is_none().then_some(Self { life: Life { node, instance }, number })
    }
}

/// One item of one edit: the third claim of edit 17, say. What claims, values and acts are called by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ItemRef {
    /// The edit that made it.
    pub edit: EditRef,
    /// Its place in the edit, from 0.
    pub place: u16,
}

impl fmt::Display for ItemRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.edit, self.place)
    }
}

impl ItemRef {
    /// Reads what `Display` writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (edit, place) = text.rsplit_once('-')?;
        Some(Self { edit: EditRef::parse(edit)?, place: place.parse().ok()? })
    }

    /// Twelve characters for screens: six of the node, number and place.
    pub fn short(&self) -> String {
        format!("{}.{}.{}", self.edit.life.node.short(), self.edit.number, self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_reads_back_and_refuses_the_rest() {
        let id = CaseId([0xab; 16]);
        assert_eq!(CaseId::from_hex(&id.hex()), Some(id));
        assert_eq!(CaseId::from_hex("ab"), None);
        assert_eq!(unhex("0g"), None);
        assert_eq!(unhex("éé"), None);
    }

    #[test]
    fn item_names_read_back() {
        let life = Life { node: NodeId([7; 32]), instance: InstanceId([9; 16]) };
        let item = ItemRef { edit: EditRef { life, number: 41 }, place: 3 };
        assert_eq!(ItemRef::parse(&item.to_string()), Some(item));
        assert_eq!(ItemRef::parse("nonsense"), None);
    }
}
