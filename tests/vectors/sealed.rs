//! What was sealed once opens for ever, and what follows from keys never changes.

use crate::{pinned, pinned_bytes, same_as_pinned};
use homeward::id::{Hash, PartnerId};
use homeward::private::Private;
use homeward::seal::{
    AgeEnvelope, DEMO_PARTNERS, Envelope, EpochKey, EpochSecret, KeyBundle, PartnerBundle, RecoveryPhrase,
    SafetyPhrase, VaultKey, card_from_text, card_to_text, demo_card, demo_node, demo_partner,
    epoch_identity_text, lock_for_recovery, lock_with_passphrase, unlock_with_passphrase,
    unlock_with_recovery,
};
use homeward::sign::{Domain, hash};

fn epoch() -> EpochKey {
    EpochKey(Private::new([0x11; 32]))
}

#[test]
fn a_work_file_sealed_once_opens_for_ever() {
    let text = "two pages of one case, ".repeat(50);
    let sealed = pinned_bytes("sealed_work", || AgeEnvelope.seal_work(&epoch(), text.as_bytes()).unwrap());
    assert_eq!(AgeEnvelope.open_work(&epoch(), &sealed).unwrap().reveal(), text.as_bytes());
    // And any age program opens it with the identity that an export writes.
    let identity: age::x25519::Identity = epoch_identity_text(&epoch()).reveal().parse().unwrap();
    assert!(age::decrypt(&identity, &sealed).is_ok());
}

#[test]
fn a_file_sealed_to_a_node_once_opens_for_ever() {
    let node = demo_node("doha");
    let sealed = pinned_bytes("sealed_to_node", || {
        AgeEnvelope.seal_to(&[node.recipient().clone()], b"an epoch").unwrap()
    });
    assert_eq!(AgeEnvelope.open_as(node.age_seed(), &sealed).unwrap().reveal(), b"an epoch");
}

#[test]
fn key_files_locked_once_open_for_ever() {
    let passphrase = "three grey herons".into();
    let phrase = RecoveryPhrase::from_chance([0x2a; 16]);
    let bundle = KeyBundle { node: demo_node("tallinn"), vault: VaultKey::from_chance([0x33; 32]) };
    same_as_pinned("node_key_file_plain", bundle.encode().reveal());
    let partner = PartnerBundle { partner: demo_partner("tallinn") };
    same_as_pinned("partner_key_file_plain", partner.encode().reveal());
    let locked = pinned_bytes("locked_with_passphrase", || {
        lock_with_passphrase(&passphrase, 2, &bundle.encode()).unwrap()
    });
    assert_eq!(unlock_with_passphrase(&passphrase, &locked), Ok(bundle.encode()));
    let locked = pinned_bytes("locked_for_recovery", || {
        lock_for_recovery(&phrase.recipient(), &bundle.encode()).unwrap()
    });
    assert_eq!(unlock_with_recovery(&phrase, &locked), Ok(bundle.encode()));
    let written = RecoveryPhrase::parse(&phrase.words()).unwrap();
    assert_eq!(unlock_with_recovery(&written, &locked), Ok(bundle.encode()));
}

#[test]
fn what_follows_from_keys_never_changes() {
    let secret = EpochSecret { key: epoch(), chain: Private::new([0x22; 32]) };
    same_as_pinned("epoch_secret", secret.encode().reveal());
    assert_eq!(EpochSecret::decode(&pinned_bytes("epoch_secret", Vec::new)), Ok(secret.clone()));
    same_as_pinned("epoch_id", secret.key.id().as_bytes());
    same_as_pinned("plain_chain", secret.plain_next(&Hash::ZERO, b"first").as_bytes());
    same_as_pinned("hash_of_fields", hash(Domain::Body, &[b"ab", b"", b"c"]).as_bytes());
    same_as_pinned("recovery_seed", RecoveryPhrase::from_chance([0x2a; 16]).seed().reveal());
    let phrase = SafetyPhrase::of(&PartnerId([7; 32]));
    let words =
        pinned("tests/vectors/safety_phrase.txt", || format!("{}\n{}\n", phrase.words(), phrase.digits()));
    assert_eq!(words, format!("{}\n{}\n", phrase.words(), phrase.digits()));
    assert!(words.lines().all(|line| phrase.matches(line)));
    assert!(!SafetyPhrase::of(&PartnerId([8; 32])).matches(words.lines().next().unwrap()));
}

#[test]
fn the_cards_in_keys_are_those_of_the_demo_partners() {
    for name in DEMO_PARTNERS {
        let text = pinned(&format!("keys/{name}.card"), || card_to_text(&demo_card(name)));
        assert_eq!(text, card_to_text(&demo_card(name)), "{name}");
        let card = card_from_text(&text).unwrap();
        assert_eq!(card.partner, demo_partner(name).partner_id());
        assert_eq!(card.nodes()[0].node, demo_node(name).node_id());
    }
    let found = std::fs::read_dir(crate::here("keys")).unwrap().count();
    assert_eq!(found, DEMO_PARTNERS.len(), "keys/ holds public cards only");
}

#[test]
fn all_domains_differ() {
    use homeward::sign::Domain::*;
    let all = [
        Charter,
        Header,
        Body,
        Certificate,
        Card,
        Closure,
        Heads,
        HeadsEntries,
        Grant,
        Epoch,
        PlainChain,
        Act,
        Hello,
        Actor,
        Genesis,
        SafetyPhrase,
        Records,
        VaultName,
        Piece,
        Demo,
        Bundle,
        Recovery,
        Chance,
    ];
    let strings: std::collections::BTreeSet<&str> = all.iter().map(|domain| domain.as_str()).collect();
    assert_eq!(strings.len(), all.len());
    assert!(strings.iter().all(|name| name.starts_with("homeward/1 ")));
}
