//! A new machine's request: "these are my keys; make me a node of my office".
//!
//! Made on the new machine, signed by its own node key, and carried to where the partner key is. The signature shows
//! that whoever made the request has the keys; that it is the right machine is shown by its safety words, which a person
//! reads off one screen and compares with the other. Only a certificate by the partner key gives a node any standing.

use super::{NodePublic, NodeSecret, Recipient, SafetyPhrase, text_file};
use crate::codec::Malformed;
use crate::id::{LinkKey, NodeId};
use crate::limit;
use crate::sign::{Domain, Record, Signed};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

const TITLE: &str = "NODE REQUEST";

/// What a new machine asks to be certified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeRequest {
    /// 1.
    pub version: u16,
    /// The machine's signing key, which signs this.
    pub node: NodeId,
    /// Its TLS key.
    pub link: LinkKey,
    /// Its age recipient: an mlkem768x25519 public key of 1,216 bytes.
    #[serde(with = "serde_bytes")]
    pub recipient: Vec<u8>,
    /// Where it may be dialled, `host:port`; empty if it only dials.
    pub address: String,
    /// When, by its clock.
    pub time: Millis,
}

impl Record for NodeRequest {
    const WHAT: &'static str = "node request";
    const DOMAIN: Domain = Domain::NodeRequest;
    const LIMIT: usize = 4096;

    fn signer(&self) -> [u8; 32] {
        self.node.0
    }

    fn check(&self) -> Result<(), Malformed> {
        let rule = |rule| Err(Malformed::Rule { what: Self::WHAT, rule });
        if self.recipient.len() != super::card::RECIPIENT_BYTES {
            return rule("the recipient has 1,216 bytes");
        }
        if self.link.0 == self.node.0 {
            return rule("node and link keys are different keys");
        }
        if self.address.len() > limit::ADDRESS_BYTES || self.address.chars().any(char::is_control) {
            return rule("an address has at most 255 bytes and no control characters");
        }
        if !self.time.in_range() {
            return rule("time is out of range");
        }
        Ok(())
    }
}

impl NodeRequest {
    /// The keys, as a certificate would name them.
    pub fn keys(&self) -> NodePublic {
        NodePublic { node: self.node, link: self.link, recipient: Recipient(self.recipient.clone()) }
    }

    /// The words that stand for these keys on both screens.
    pub fn phrase(&self) -> SafetyPhrase {
        SafetyPhrase::of_node(&self.keys())
    }
}

/// Makes the request of a machine with these keys.
///
/// # Errors
/// [`Malformed`] if the address or the time breaks a rule.
pub fn node_request(
    node: &NodeSecret,
    address: &str,
    time: Millis,
) -> Result<Signed<NodeRequest>, Malformed> {
    let keys = node.public();
    let request = NodeRequest {
        version: 1,
        node: keys.node,
        link: keys.link,
        recipient: keys.recipient.0,
        address: address.to_owned(),
        time,
    };
    Signed::sign(request, node)
}

/// The request as text, with a line end after the last line.
pub fn request_to_text(request: &Signed<NodeRequest>) -> String {
    text_file::write(TITLE, request.bytes())
}

/// Reads a request from text and checks it.
///
/// # Errors
/// [`Malformed`].
pub fn request_from_text(text: &str) -> Result<Signed<NodeRequest>, Malformed> {
    Signed::decode(&text_file::read("node request file", TITLE, limit::REQUEST_TEXT_BYTES, text)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::{card_from_text, certificate, demo_node, demo_partner};

    fn request() -> Signed<NodeRequest> {
        node_request(&demo_node("kyiv"), "node.example:4433", Millis(7)).unwrap()
    }

    #[test]
    fn a_request_reads_back_as_mail_brings_it() {
        let text = request_to_text(&request());
        for text in [text.clone(), text.replace('\n', "\r\n"), format!("\n{text}\n\n")] {
            assert_eq!(request_from_text(&text), Ok(request()));
        }
        assert!(card_from_text(&text).is_err(), "a request is no card");
        assert!(request_from_text(&text.replace("NODE REQUEST", "CARD")).is_err());
        assert!(request_from_text(&text.repeat(2)).is_err());
        let long = format!("{text}{}", " ".repeat(limit::REQUEST_TEXT_BYTES));
        assert!(request_from_text(&long).is_err());
    }

    #[test]
    fn any_changed_letter_is_refused() {
        let text = request_to_text(&request());
        for at in 0..text.trim_end().len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(request_from_text(&changed).is_err(), "place {at}");
        }
    }

    #[test]
    fn a_request_is_signed_by_its_own_node() {
        let other = Signed::sign(request().get().clone(), &demo_node("doha"));
        assert!(other.is_err());
    }

    #[test]
    fn the_words_are_those_of_the_keys_alone() {
        let words = request().phrase().words();
        let later = node_request(&demo_node("kyiv"), "", Millis(9)).unwrap();
        assert_eq!(later.phrase().words(), words);
        let word = certificate(&demo_partner("kyiv"), &request().keys(), 4, Millis(1)).unwrap();
        assert_eq!(SafetyPhrase::of_node(&word.keys()).words(), words);
        let mut other = request().keys();
        other.recipient.0[0] ^= 1;
        assert_ne!(SafetyPhrase::of_node(&other).words(), words);
        assert_ne!(SafetyPhrase::of_node(&demo_node("doha").public()).words(), words);
    }
}
