//! The config file of a home: TOML, every key optional, unknown keys refused with the nearest right name.

use super::{Failure, FailureKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// What a home's `config.toml` says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// Where to listen for other nodes; without it the node only dials.
    pub(crate) listen: Option<SocketAddr>,
    /// The operator's name on edits when no `--as` is given.
    pub(crate) operator: Option<String>,
    /// Whether packets may be handed to the system in batches (off where a virtual machine mangles them).
    pub(crate) segmentation_offload: Option<bool>,
    /// Whether larger packets are tried (off on links that lose them).
    pub(crate) mtu_discovery: Option<bool>,
    /// Offline recipients that every backup is sealed to as well: `age1pq1...`.
    pub(crate) backup_recipients: Vec<String>,
    /// Minutes without a person's request after which a running node locks itself; 0: never.
    pub(crate) lock_after_minutes: Option<u32>,
    /// Where the desk is served: an address of this machine alone, or `off`.
    pub(crate) desk: Option<String>,
    /// Per partner, by the name on its card or the start of its id.
    pub(crate) partner: BTreeMap<String, PartnerConfig>,
}

/// What the config says of one partner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PartnerConfig {
    /// Where to dial it, over what its card says: `host:port`.
    pub(crate) address: Option<String>,
}

/// Minutes after which a desk that was left alone is locked, if the config does not say.
const LOCK_AFTER_MINUTES: u32 = 30;

const KEYS: [&str; 9] = [
    "listen",
    "operator",
    "segmentation_offload",
    "mtu_discovery",
    "backup_recipients",
    "lock_after_minutes",
    "desk",
    "partner",
    "address",
];

/// The file that `init` writes.
pub(crate) fn template(listen: Option<&str>) -> String {
    let listen = match listen {
        Some(address) => format!("listen = \"{address}\""),
        None => "# listen = \"0.0.0.0:7373\"".to_owned(),
    };
    format!(
        "# Homeward: settings of this node. Every line may be left out.\n\n\
         # Where to listen for other nodes (UDP). Without it this node only dials.\n{listen}\n\n\
         # The operator's name on edits when no --as is given.\n# operator = \"Desk 1\"\n\n\
         # Hand packets to the system in batches. Turn off if links stall on a virtual machine.\n\
         # segmentation_offload = true\n\n\
         # Try larger packets. Turn off on links that lose them.\n# mtu_discovery = true\n\n\
         # Offline identities (age1pq1...) that open every backup too.\n# backup_recipients = []\n\n\
         # Lock after so many minutes without a request of a person: keys are wiped and links end until\n\
         # `homeward unlock`. 0 is for a machine that nobody sits at, like a carrier's.\n\
         # lock_after_minutes = {LOCK_AFTER_MINUTES}\n\n\
         # Where the desk's pages are served: an address of this machine alone; port 0 takes any. \"off\" for none.\n\
         # desk = \"127.0.0.1:0\"\n\n\
         # Where to dial a partner, over what its card says.\n# [partner.doha]\n# address = \"192.0.2.7:7373\"\n"
    )
}

impl Config {
    /// Milliseconds without a person's request after which a running node locks itself; 0: never.
    pub(crate) fn lock_after(&self) -> u64 {
        u64::from(self.lock_after_minutes.unwrap_or(LOCK_AFTER_MINUTES)) * 60_000
    }

    /// Where the desk is to be served; `None` if it is not.
    ///
    /// # Errors
    /// [`FailureKind::BadInput`]: no address, or one that other machines reach.
    pub(crate) fn desk(&self) -> Result<Option<SocketAddr>, Failure> {
        let here = SocketAddr::from(([127, 0, 0, 1], 0));
        match self.desk.as_deref() {
            None => Ok(Some(here)),
            Some("off") => Ok(None),
            Some(address) => match address.parse::<SocketAddr>() {
                Ok(address) if address.ip() == here.ip() => Ok(Some(address)),
                _ => Err(Failure {
                    kind: FailureKind::BadInput,
                    what: "`desk` in config.toml is neither 127.0.0.1 with a port nor `off`".to_owned(),
                    then: "The desk is for this machine alone: write desk = \"127.0.0.1:7400\".".to_owned(),
                }),
            },
        }
    }

    /// Reads the file's text.
    ///
    /// # Errors
    /// [`FailureKind::BadInput`], with the nearest right name for a key that is not known.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        toml::from_str(text).map_err(|error| {
            let message = error.message().to_owned();
            let hint = unknown_key(&message).and_then(nearest);
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            Failure {
                kind: FailureKind::BadInput,
                what: format!(
                    "config.toml cannot be read, line {line}: {}",
                    message.lines().next().unwrap_or_default()
                ),
                then: match hint {
                    Some(key) => format!("Did you mean `{key}`? Correct the line and try again."),
                    None => "Correct the line and try again; text stands in quotes.".to_owned(),
                },
            }
        })
    }
}

/// Reads a config and writes it again. For tests and fuzz targets, from which the config itself stays hidden.
///
/// # Errors
/// [`FailureKind::BadInput`].
#[doc(hidden)]
pub fn config_again(text: &str) -> Result<String, Failure> {
    let config = Config::parse(text)?;
    toml::to_string(&config).map_err(|_| super::socket::internal("a config could not be written"))
}

fn unknown_key(message: &str) -> Option<&str> {
    message.strip_prefix("unknown field `")?.split('`').next()
}

/// The known key nearest to what was typed, if one is near at all.
fn nearest(typed: &str) -> Option<&'static str> {
    KEYS.into_iter()
        .map(|key| (distance(typed, key), key))
        .filter(|(d, key)| *d <= key.len() / 2)
        .min()
        .map(|(_, key)| key)
}

/// Levenshtein distance in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut left = i + 1;
        let mut diagonal = i;
        for (j, y) in b.iter().enumerate() {
            let up = row.get(j + 1).copied().unwrap_or_default();
            let cost = (diagonal + usize::from(x != *y)).min(up + 1).min(left + 1);
            diagonal = up;
            if let Some(cell) = row.get_mut(j) {
                *cell = left;
            }
            left = cost;
        }
        if let Some(cell) = row.last_mut() {
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desk_is_for_this_machine_alone() {
        let desk = |line: &str| Config::parse(line).unwrap().desk();
        assert_eq!(desk("").unwrap(), Some("127.0.0.1:0".parse().unwrap()));
        assert_eq!(desk("desk = \"127.0.0.1:7400\"").unwrap(), Some("127.0.0.1:7400".parse().unwrap()));
        assert_eq!(desk("desk = \"off\"").unwrap(), None);
        for refused in
            ["0.0.0.0:7400", "192.0.2.1:80", "[::1]:7400", "[::]:7400", "localhost:7400", "127.0.0.1", "on"]
        {
            assert!(desk(&format!("desk = \"{refused}\"")).is_err(), "{refused}");
        }
    }

    #[test]
    fn the_template_reads_back() {
        assert_eq!(Config::parse(&template(None)).unwrap(), Config::default());
        assert_eq!(Config::default().lock_after(), 30 * 60_000);
        let config = Config::parse(&template(Some("127.0.0.1:7373"))).unwrap();
        assert_eq!(config.listen, Some("127.0.0.1:7373".parse().unwrap()));
    }

    #[test]
    fn a_slip_of_the_finger_is_named() {
        let failure = Config::parse("lisen = \"127.0.0.1:1\"").unwrap_err();
        assert!(failure.then.contains("`listen`"), "{failure:?}");
        let failure = Config::parse("[partner.doha]\nadress = \"x\"").unwrap_err();
        assert!(failure.then.contains("`address`"), "{failure:?}");
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn a_partner_may_have_an_address() {
        let config = Config::parse("[partner.doha]\naddress = \"[::1]:7\"").unwrap();
        assert_eq!(config.partner["doha"].address.as_deref(), Some("[::1]:7"));
    }
}
