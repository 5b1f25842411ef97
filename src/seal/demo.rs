//! Demo partners: keys that everyone can compute, for demonstrations, training and tests.
//!
//! Their secrets follow from a published constant, so nothing said under them is secret or proven. Doors warn
//! whenever [`is_demo_partner`] holds. Their cards stand in `keys/`.

use super::{Card, NodeSecret, PartnerSecret, card, certificate};
use crate::id::PartnerId;
use crate::private::Private;
use crate::sign::{Domain, Signed, hash};
use crate::time::Millis;

/// The names of the demo partners.
pub const DEMO_PARTNERS: [&str; 4] = ["kyiv", "doha", "moscow", "tallinn"];

/// The published constant behind all demo keys.
const CONSTANT: &[u8] = b"Homeward demo keys: published, so worthless as secrets";
/// When demo certificates and cards were signed: 2026-01-01T00:00:00Z.
const SIGNED_AT: Millis = Millis(1_767_225_600_000);

fn seed(name: &str, part: &str) -> Private<[u8; 32]> {
    Private::new(hash(Domain::Demo, &[CONSTANT, name.as_bytes(), part.as_bytes()]).0)
}

/// A demo partner's key. Any name gives one; those of [`DEMO_PARTNERS`] alone are known to [`is_demo_partner`], so doors
/// must offer no other.
pub fn demo_partner(name: &str) -> PartnerSecret {
    PartnerSecret::from_chance(seed(name, "partner").reveal())
}

/// The keys of a demo partner's one node.
pub fn demo_node(name: &str) -> NodeSecret {
    NodeSecret::from_seeds(&seed(name, "signing"), &seed(name, "link"), seed(name, "age"))
}

/// A demo partner's card: its one node, no address, the same bytes each time.
///
/// # Panics
/// If the name has more than 57 bytes or control characters: a caller's bug.
#[allow(clippy::expect_used)]
pub fn demo_card(name: &str) -> Signed<Card> {
    let partner = demo_partner(name);
    certificate(&partner, &demo_node(name).public(), 1, SIGNED_AT)
        .and_then(|word| card(&partner, &format!("{name} (demo)"), &[word], Vec::new(), 1, SIGNED_AT))
        .expect("demo cards are well formed")
}

/// Whether a partner is one of the demo partners, whose secrets are public.
pub fn is_demo_partner(partner: &PartnerId) -> bool {
    DEMO_PARTNERS.iter().any(|name| demo_partner(name).partner_id() == *partner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demo_partners_are_known_and_others_are_not() {
        for name in DEMO_PARTNERS {
            assert!(is_demo_partner(&demo_partner(name).partner_id()));
        }
        assert!(!is_demo_partner(&PartnerSecret::from_chance(&[1; 32]).partner_id()));
    }

    #[test]
    fn a_demo_card_is_the_same_each_time() {
        assert_eq!(demo_card("kyiv").bytes(), demo_card("kyiv").bytes());
        assert_ne!(demo_card("kyiv").partner, demo_card("doha").partner);
    }
}
