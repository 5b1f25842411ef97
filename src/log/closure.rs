//! Through where a log counts: fork proofs and closures.

use crate::codec::{self, Malformed};
use crate::id::{CircleId, Hash, InstanceId, Life, NodeId, PartnerId};
use crate::limit;
use crate::log::Header;
use crate::sign::{Domain, Record, Signed};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// Through where one log of the closed node counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosurePoint {
    /// Which life of the node's store.
    pub instance: InstanceId,
    /// The last number that counts; 0: none of it.
    pub number: u64,
    /// The header that stands there: names the branch of a forked log. [`Hash::ZERO`] for number 0.
    pub hash: Hash,
}

/// Signed by the partner key: how far each log of one of its nodes in one circle counts. The highest serial rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    /// 1.
    pub version: u16,
    /// The circle.
    pub circle: CircleId,
    /// The partner that closes, and signs.
    pub partner: PartnerId,
    /// Its node.
    pub node: NodeId,
    /// Counts up: of two closures of one node in one circle the higher serial rules.
    pub serial: u64,
    /// Whether the node goes on writing (a fork settled) or is retired (a machine lost).
    pub retired: bool,
    /// When, by the signer's clock.
    pub time: Millis,
    /// The logs, sorted by instance. A log that is not named does not count at all if the node is retired.
    pub through: Vec<ClosurePoint>,
}

impl Record for Closure {
    const WHAT: &'static str = "closure";
    const DOMAIN: Domain = Domain::Closure;
    const LIMIT: usize = limit::RECORD_BYTES;

    fn signer(&self) -> [u8; 32] {
        self.partner.0
    }

    fn check(&self) -> Result<(), Malformed> {
        let rule = |rule| Err(Malformed::Rule { what: Self::WHAT, rule });
        if !self.through.windows(2).all(|p| match p {
            [a, b] => a.instance < b.instance,
            _ => true,
        }) {
            return rule("logs stand sorted and once");
        }
        if self.through.iter().any(|p| (p.number == 0) != (p.hash == Hash::ZERO)) {
            return rule("number 0 alone has no header");
        }
        if !self.time.in_range() {
            return rule("time is out of range");
        }
        Ok(())
    }
}

impl Signed<Closure> {
    /// Of two closures of one node in one circle that of the higher rank rules: the higher serial, and of one serial the
    /// higher hash, so that all agree.
    pub fn rank(&self) -> (u64, Hash) {
        (self.serial, self.hash())
    }
}

/// Two signed headers of one log with the same number and different hashes: a node spoke with two tongues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForkProof {
    one: Signed<Header>,
    other: Signed<Header>,
}

#[derive(Serialize, Deserialize)]
struct ForkWire(#[serde(with = "serde_bytes")] Vec<u8>, #[serde(with = "serde_bytes")] Vec<u8>);

impl ForkProof {
    /// Two headers as a proof; `None` if they prove nothing. The order does not matter.
    pub fn new(a: Signed<Header>, b: Signed<Header>) -> Option<Self> {
        let proves = a.log() == b.log() && a.number == b.number && a.hash() != b.hash();
        let (one, other) = if a.hash() < b.hash() { (a, b) } else { (b, a) };
        proves.then_some(Self { one, other })
    }

    /// The number from which on the log does not count.
    pub fn number(&self) -> u64 {
        self.one.number
    }

    /// Whose log.
    pub fn life(&self) -> Life {
        self.one.life()
    }

    /// Both headers, the lower hash first.
    pub fn headers(&self) -> [&Signed<Header>; 2] {
        [&self.one, &self.other]
    }

    /// As bytes.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(&ForkWire(self.one.bytes().to_vec(), self.other.bytes().to_vec()))
    }

    /// Reads and verifies both signatures.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let ForkWire(one, other) = codec::decode("fork proof", bytes, limit::RECORD_BYTES)?;
        let one: Signed<Header> = Signed::decode(&one)?;
        let other: Signed<Header> = Signed::decode(&other)?;
        if one.hash() >= other.hash() {
            return Err(Malformed::Rule { what: "fork proof", rule: "the lower hash stands first" });
        }
        Self::new(one, other)
            .ok_or(Malformed::Rule { what: "fork proof", rule: "two headers of one log and number" })
    }
}

/// The last number of a log that counts, given the lowest number with two known headers and the ruling closure.
///
/// `None`: no bound. A closure names the branch, so it overrules the fork.
pub fn counts_through(
    instance: InstanceId,
    lowest_fork: Option<u64>,
    ruling: Option<&Closure>,
) -> Option<u64> {
    match ruling {
        Some(closure) => match closure.through.iter().find(|point| point.instance == instance) {
            Some(point) => Some(point.number),
            None if closure.retired => Some(0),
            None => lowest_fork.map(|number| number.saturating_sub(1)),
        },
        None => lowest_fork.map(|number| number.saturating_sub(1)),
    }
}

/// The same, given where the log stands: a closure that names a segment of another branch, or one that is not here yet,
/// bounds the log by what all branches share. `stands`: the header of a number of the log as it is.
pub fn bounded_by(
    instance: InstanceId,
    lowest_fork: Option<u64>,
    ruling: Option<&Closure>,
    stands: impl Fn(u64) -> Option<Hash>,
) -> Option<u64> {
    let point = ruling.and_then(|closure| closure.through.iter().find(|point| point.instance == instance));
    let Some(point) = point.filter(|point| point.number > 0) else {
        return counts_through(instance, lowest_fork, ruling);
    };
    let here = stands(point.number);
    if here == Some(point.hash) {
        return Some(point.number);
    }
    let other = here.is_some().then_some(point.number);
    let lowest = [lowest_fork, other].into_iter().flatten().min();
    Some(lowest.map_or(point.number, |number| number.saturating_sub(1).min(point.number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closure(retired: bool, through: &[(u8, u64)]) -> Closure {
        let point = |(instance, number): &(u8, u64)| ClosurePoint {
            instance: InstanceId([*instance; 16]),
            number: *number,
            hash: if *number == 0 { Hash::ZERO } else { Hash([1; 32]) },
        };
        Closure {
            version: 1,
            circle: CircleId([1; 32]),
            partner: PartnerId([2; 32]),
            node: NodeId([3; 32]),
            serial: 1,
            retired,
            time: Millis(0),
            through: through.iter().map(point).collect(),
        }
    }

    #[test]
    fn a_log_counts_through_its_closure_else_to_its_fork_else_wholly() {
        let log = InstanceId([7; 16]);
        let (names_it, names_another) = (&[(7, 5)][..], &[(8, 5)][..]);
        for (fork, ruling, through) in [
            (None, None, None),
            (Some(4), None, Some(3)),
            (Some(1), None, Some(0)),
            // The closure chose a branch: it overrules the fork, both ways.
            (Some(4), Some(closure(false, names_it)), Some(5)),
            (None, Some(closure(true, names_it)), Some(5)),
            (None, Some(closure(true, &[(7, 0)])), Some(0)),
            (None, Some(closure(true, names_another)), Some(0)),
            (Some(4), Some(closure(true, names_another)), Some(0)),
            (None, Some(closure(false, names_another)), None),
            (Some(4), Some(closure(false, names_another)), Some(3)),
        ] {
            assert_eq!(counts_through(log, fork, ruling.as_ref()), through, "{fork:?} {ruling:?}");
        }
    }
}
