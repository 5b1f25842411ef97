//! Acts: statements that are signed by themselves and never change.
//!
//! An act's signature stands over the statement's own bytes under [`Domain::Act`], so a consent or a receipt can be
//! shown and verified apart from the log that it travelled in. The bytes are kept as the signer saw them. A receipt
//! names the offer that it answers by [`Act::hash`]. Kinds are data; a kind that this build does not know is kept
//! and shown. Which acts a stage should have stands in `stage.rs`.

use super::check::{check_value, is_code};
use super::edit::Act;
use super::value::Value;
use crate::codec::{self, Malformed};
use crate::id::{CaseId, Hash, NodeId, PartnerId};
use crate::limit::{ACT_FIELDS, ACT_STATEMENT_BYTES};
use crate::sign::{self, Domain, Sign};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

const WHAT: &str = "act";

/// What an act says. Version 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// 1.
    pub version: u16,
    /// What kind of act: a code, see [`ACT_KINDS`].
    pub kind: String,
    /// The case it is about.
    pub case: CaseId,
    /// In whose name it is made.
    pub partner: PartnerId,
    /// The node that signs.
    pub node: NodeId,
    /// When, by the author's clock.
    pub time: Millis,
    /// What it says, by code: sorted, each code once.
    pub fields: Vec<(String, Value)>,
    /// The act that this one answers: a receipt's offer.
    pub answers: Option<Hash>,
}

/// One known kind of act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActKind {
    /// Its code.
    pub code: &'static str,
    /// In plain English.
    pub label: &'static str,
    /// The fields that it usually has, in the order of a form.
    pub fields: &'static [&'static str],
    /// The kind of act that it answers.
    pub answers: Option<&'static str>,
}

const fn kind(code: &'static str, label: &'static str, fields: &'static [&'static str]) -> ActKind {
    ActKind { code, label, fields, answers: None }
}

/// Every kind of act that this build knows.
pub const ACT_KINDS: &[ActKind] = &[
    kind(
        "consent",
        "Consent",
        &["who", "relation", "purpose", "scope", "withheld_from", "decision", "until", "file"],
    ),
    kind("wishes", "The child's wishes", &["said", "heard_by", "place", "date"]),
    kind("verification", "Verification of kinship", &["who", "relation", "how", "document", "outcome"]),
    kind("match_decision", "Decision on a match", &["other_case", "decision", "reasons", "who"]),
    kind("best_interests", "Best-interests decision", &["panel", "date", "decision", "file"]),
    kind("agreement", "Agreement", &["scope", "decision", "who", "date", "conditions"]),
    kind(
        "handover_offer",
        "Handover: given",
        &["leg", "giver", "taker", "place", "date", "condition", "papers", "medicines", "belongings"],
    ),
    ActKind {
        code: "handover_receipt",
        label: "Handover: taken",
        fields: &["leg", "giver", "taker", "place", "date", "condition", "papers", "medicines", "belongings"],
        answers: Some("handover_offer"),
    },
    kind("identity_event", "Identity event", &["event", "before", "after", "by", "date", "document"]),
    kind("tracing_action", "Action of tracing", &["what", "place", "date", "outcome"]),
    kind("follow_up", "Follow-up visit", &["date", "who", "findings", "next"]),
    kind("disclosure_note", "Note on a disclosure", &["to", "purpose", "who"]),
    kind("closing", "Closing", &["reason", "approved_by", "retention_until"]),
];

/// The known kind of this code.
pub fn act_kind(code: &str) -> Option<&'static ActKind> {
    ACT_KINDS.iter().find(|kind| kind.code == code)
}

impl Statement {
    /// A statement of the version that this build writes; fields are put in order.
    pub fn new(
        kind: &str,
        case: CaseId,
        (partner, node): (PartnerId, NodeId),
        time: Millis,
        mut fields: Vec<(String, Value)>,
        answers: Option<Hash>,
    ) -> Self {
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        Self { version: 1, kind: kind.to_owned(), case, partner, node, time, fields, answers }
    }

    /// The value of a field.
    pub fn field(&self, code: &str) -> Option<&Value> {
        self.fields.iter().find(|(known, _)| known == code).map(|(_, value)| value)
    }

    fn check(&self) -> Result<(), Malformed> {
        let rule = |rule| Err(Malformed::Rule { what: WHAT, rule });
        if self.version != 1 {
            return rule("this program writes version 1");
        }
        if !is_code(&self.kind) || !self.fields.iter().all(|(code, _)| is_code(code)) {
            return rule("kinds and fields are codes");
        }
        if !self.time.in_range() {
            return rule("the time is in range");
        }
        if self.fields.len() > ACT_FIELDS {
            return rule("fields are counted");
        }
        if !self.fields.is_sorted_by(|a, b| a.0 < b.0) {
            return rule("fields are sorted, each once");
        }
        if self.fields.iter().any(|(_, value)| check_value(value).is_err()) {
            return rule("values are sound");
        }
        Ok(())
    }
}

/// Every statement of every version, as far as all versions agree.
#[derive(Deserialize)]
struct AnyVersion {
    version: u16,
}

impl Act {
    /// Signs a statement with the node's key.
    ///
    /// # Errors
    /// [`Malformed`] if the statement breaks a rule, is too long, or names another node than the signer.
    pub fn sign(statement: &Statement, signer: &dyn Sign) -> Result<Self, Malformed> {
        statement.check()?;
        if signer.public() != statement.node.0 {
            return Err(Malformed::Signature(WHAT));
        }
        let bytes = codec::encode(statement);
        if bytes.len() > ACT_STATEMENT_BYTES {
            return Err(Malformed::TooLong { what: WHAT, limit: ACT_STATEMENT_BYTES });
        }
        let signature = signer.sign(Domain::Act, &bytes);
        Ok(Self { statement: bytes, signature })
    }

    /// Reads the statement and verifies its signature.
    ///
    /// `author` is the node whose log the act stands in. That the node is the named partner's is the certificate's
    /// to say, and that the case is the edit's case is the reader's to compare.
    ///
    /// # Errors
    /// [`Malformed`]; [`Malformed::LaterVersion`] is to be shown as such, for its signature may well hold.
    pub fn check(&self, author: &NodeId) -> Result<Statement, Malformed> {
        if self.statement.len() > ACT_STATEMENT_BYTES {
            return Err(Malformed::TooLong { what: WHAT, limit: ACT_STATEMENT_BYTES });
        }
        if !sign::verify(&author.0, Domain::Act, &self.statement, &self.signature) {
            return Err(Malformed::Signature(WHAT));
        }
        let any: AnyVersion =
            serde_ipld_dagcbor::from_slice(&self.statement).map_err(|_| Malformed::NotStrict(WHAT))?;
        if any.version > 1 {
            return Err(Malformed::LaterVersion(WHAT));
        }
        let statement: Statement = codec::decode(WHAT, &self.statement, ACT_STATEMENT_BYTES)?;
        statement.check()?;
        if statement.node == *author { Ok(statement) } else { Err(Malformed::Signature(WHAT)) }
    }

    /// What other acts name this one by: the hash of its statement, whoever signed it.
    pub fn hash(&self) -> Hash {
        sign::hash(Domain::Act, &[&self.statement])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::Signature;
    use ed25519_dalek::SigningKey;
    use serde_bytes::ByteBuf;

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[11; 32])
    }

    fn node() -> NodeId {
        NodeId(key().public())
    }

    fn offer() -> Statement {
        let fields = vec![
            ("place".to_owned(), Value::Text("station, platform 2".into())),
            ("leg".to_owned(), Value::Number(2)),
        ];
        Statement::new(
            "handover_offer",
            CaseId([1; 16]),
            (PartnerId([2; 32]), node()),
            Millis(7),
            fields,
            None,
        )
    }

    fn signed(bytes: Vec<u8>) -> Act {
        let signature = Sign::sign(&key(), Domain::Act, &bytes);
        Act { statement: bytes, signature }
    }

    #[test]
    fn an_act_reads_back_and_stands_alone() {
        let act = Act::sign(&offer(), &key()).unwrap();
        let read = act.check(&node()).unwrap();
        assert_eq!(read, offer());
        assert_eq!(read.field("leg"), Some(&Value::Number(2)));
        let receipt = Statement { kind: "handover_receipt".into(), answers: Some(act.hash()), ..offer() };
        let receipt = Act::sign(&receipt, &key()).unwrap();
        assert_eq!(receipt.check(&node()).unwrap().answers, Some(act.hash()));
    }

    #[test]
    fn the_format_stands_still() {
        // Version 1, as FORMAT.md has it: whoever changes these bytes changes the version.
        let act = Act::sign(&offer(), &key()).unwrap();
        assert_eq!(act.hash().hex(), "1f02a1078d8a4499cf7c8e87053d64c388c2c8c140c787e2deb1485f7e643bf6");
    }

    #[test]
    fn no_bit_of_an_act_can_be_changed() {
        let act = Act::sign(&offer(), &key()).unwrap();
        for place in 0..act.statement.len() {
            let mut forged = act.clone();
            forged.statement[place] ^= 1;
            assert!(forged.check(&node()).is_err(), "byte {place}");
        }
        for place in 0..64 {
            let mut forged = act.clone();
            let mut bytes = forged.signature.0;
            bytes[place] ^= 1;
            forged.signature = Signature(bytes);
            assert!(forged.check(&node()).is_err(), "signature byte {place}");
        }
        assert!(act.check(&NodeId([9; 32])).is_err());
    }

    #[test]
    fn nobody_signs_for_another_node() {
        let other = Statement { node: NodeId([9; 32]), ..offer() };
        assert_eq!(Act::sign(&other, &key()), Err(Malformed::Signature(WHAT)));
        assert_eq!(signed(codec::encode(&other)).check(&node()), Err(Malformed::Signature(WHAT)));
    }

    #[test]
    fn statements_have_one_form() {
        let unsorted = Statement { fields: offer().fields.into_iter().rev().collect(), ..offer() };
        assert!(Act::sign(&unsorted, &key()).is_err());
        assert!(matches!(signed(codec::encode(&unsorted)).check(&node()), Err(Malformed::Rule { .. })));
        let twice = Statement { fields: vec![("leg".into(), Value::Flag(true)); 2], ..offer() };
        assert!(Act::sign(&twice, &key()).is_err());
        let mut longer = codec::encode(&offer());
        longer.push(0);
        assert_eq!(signed(longer).check(&node()), Err(Malformed::NotStrict(WHAT)));
        assert!(signed(vec![0xff; 40]).check(&node()).is_err());
        assert!(
            signed(codec::encode(&ByteBuf::from(vec![0; ACT_STATEMENT_BYTES + 1]))).check(&node()).is_err()
        );
    }

    #[test]
    fn later_versions_are_told_apart() {
        let later = Statement { version: 2, ..offer() };
        assert_eq!(signed(codec::encode(&later)).check(&node()), Err(Malformed::LaterVersion(WHAT)));
        let none = Statement { version: 0, ..offer() };
        assert!(matches!(signed(codec::encode(&none)).check(&node()), Err(Malformed::Rule { .. })));
    }

    #[test]
    fn kinds_are_codes_and_answer_known_kinds() {
        for kind in ACT_KINDS {
            assert!(is_code(kind.code) && kind.fields.iter().all(|field| is_code(field)));
            assert!(kind.answers.is_none_or(|code| act_kind(code).is_some()));
        }
    }
}
