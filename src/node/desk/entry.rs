//! Who may come in to the desk: links that open it once.
//!
//! A link holds a random token, of which only the hash is kept. It is good for a few minutes and for one use; what it
//! gives in return, a session of one browser, is the desk's own affair.

use crate::id::Hash;
use crate::node::Failure;
use crate::node::chance::Chance;
use crate::node::failure::not_found;
use crate::sign::{Domain, hash};
use crate::time::Millis;
use crate::{id, limit};
use std::net::SocketAddr;

/// What is known at the desk's door.
pub(in crate::node) struct Entry {
    chance: Chance,
    /// Where the desk is served, if it is.
    address: Option<SocketAddr>,
    /// Hashes of tokens that are out, and until when they are good.
    out: Vec<(Hash, Millis)>,
}

impl Entry {
    pub(in crate::node) fn new(chance: Chance) -> Self {
        Self { chance, address: None, out: Vec::new() }
    }

    /// The desk is served here.
    pub(in crate::node) fn serve_at(&mut self, address: SocketAddr) {
        self.address = Some(address);
    }

    /// A new link. The oldest goes when too many are out.
    pub(in crate::node) fn link(&mut self, now: Millis) -> Result<String, Failure> {
        let address = self.address.ok_or_else(|| {
            not_found(
                "this node serves no desk",
                "`desk = \"off\"` in config.toml turns it off. Take the line out and start the node again.",
            )
        })?;
        let token = self.secret();
        self.out.retain(|(_, until)| now < *until);
        if self.out.len() >= limit::DESK_LINKS {
            self.out.remove(0);
        }
        self.out.push((named(&token), Millis(now.0 + limit::DESK_LINK_MS)));
        Ok(format!("http://{address}/open/{token}"))
    }

    /// Takes a token back: whether it was out and still good.
    pub(in crate::node) fn redeem(&mut self, token: &str, now: Millis) -> bool {
        let named = named(token);
        let Some(at) = self.out.iter().position(|(known, _)| *known == named) else { return false };
        let (_, until) = self.out.remove(at);
        now < until
    }

    pub(in crate::node) fn secret(&mut self) -> String {
        id::hex(&self.chance.bytes32())
    }
}

fn named(token: &str) -> Hash {
    hash(Domain::DeskToken, &[token.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        let mut entry = Entry::new(Chance::staged([7; 32]));
        entry.serve_at("127.0.0.1:7400".parse().unwrap());
        entry
    }

    fn token(link: &str) -> String {
        link.strip_prefix("http://127.0.0.1:7400/open/").unwrap().to_owned()
    }

    #[test]
    fn a_link_opens_once_and_not_for_ever() {
        let mut entry = entry();
        let one = token(&entry.link(Millis(0)).unwrap());
        assert!(!entry.redeem("", Millis(1)));
        assert!(!entry.redeem(&one.to_uppercase(), Millis(1)));
        assert!(entry.redeem(&one, Millis(1)));
        assert!(!entry.redeem(&one, Millis(1)), "it was used");
        let late = token(&entry.link(Millis(0)).unwrap());
        assert!(!entry.redeem(&late, Millis(limit::DESK_LINK_MS)), "it lay about for too long");
    }

    #[test]
    fn few_links_are_out_at_once() {
        let mut entry = entry();
        let first = token(&entry.link(Millis(0)).unwrap());
        let rest: Vec<String> =
            (0..limit::DESK_LINKS).map(|_| token(&entry.link(Millis(0)).unwrap())).collect();
        assert!(!entry.redeem(&first, Millis(1)), "the oldest had to go");
        assert!(rest.iter().all(|token| entry.redeem(token, Millis(1))));
    }

    #[test]
    fn a_node_without_a_desk_gives_no_link() {
        assert!(Entry::new(Chance::staged([7; 32])).link(Millis(0)).is_err());
    }
}
