//! What the corpora begin with: valid inputs of every kind, made from the pinned vectors and fixed scripts.

use super::{age_files, bundle, files, hub, segment};
use homeward::private::Private;
use homeward::seal::{
    AgeEnvelope, Envelope, RecoveryPhrase, SafetyPhrase, card_to_text, demo_card, demo_node,
};
use homeward::seal::{HybridIdentity, demo_partner, node_request, request_to_text};
use homeward::store::{Lock, LockKind, Name, Vault, back_up};
use homeward::time::Millis;
use serde_bytes::ByteBuf;
use std::path::Path;

/// One input: which door, its name, its bytes.
pub type Seed = (&'static str, String, Vec<u8>);

/// All of them. `vectors` is the folder of the pinned vectors.
pub fn seeds(vectors: &Path) -> Vec<Seed> {
    let vector = |name: &str| {
        let text = std::fs::read_to_string(vectors.join(format!("{name}.hex"))).expect("a vector");
        homeward::id::unhex(&text.replace('\n', "")).expect("a vector is hex")
    };
    let mut seeds = Vec::new();
    let mut add = |door, name: &str, bytes: Vec<u8>| seeds.push((door, name.to_owned(), bytes));
    for (kind, frame) in hub::frames() {
        add("frame", &kind, frame);
    }
    // Whole, and as a body that the door signs: an even key number is a node's, an odd one a partner's.
    for (door, name, key) in [
        ("header", "header_first", 1),
        ("header", "header_second", 1),
        ("card", "card", 2),
        ("charter", "charter", 1),
        ("closure", "closure", 2),
        ("grant", "grant", 1),
        ("heads", "heads", 1),
        ("certificate", "certificate", 2),
        ("node_request", "node_request", 1),
    ] {
        let bytes = vector(name);
        let (body, _): (ByteBuf, ByteBuf) = serde_ipld_dagcbor::from_slice(&bytes).expect("a record");
        add(door, &format!("{name}_signed_here"), with(key, &body));
        add(door, name, with(0, &bytes));
    }
    let card = demo_card("kyiv");
    add("card", "text", with(255, card_to_text(&card).as_bytes()));
    let request = node_request(&demo_node("doha"), "127.0.0.1:7", Millis(1)).expect("a request");
    add("node_request", "text", with(255, request_to_text(&request).as_bytes()));
    add("heads", "entries", with(255, &vector("heads_entries")));
    let proof = vector("fork_proof");
    let (one, other): (ByteBuf, ByteBuf) = serde_ipld_dagcbor::from_slice(&proof).expect("a proof");
    let bodies = [one, other].map(|record| {
        let (body, _): (ByteBuf, ByteBuf) = serde_ipld_dagcbor::from_slice(&record).expect("a record");
        body
    });
    add("fork_proof", "fork_proof", with(0, &proof));
    add("fork_proof", "signed_here", [with(1, &piece(&bodies[0])), bodies[1].to_vec()].concat());
    for kind in ["fork", "receipt"] {
        let file = vector(&format!("evidence_{kind}"));
        let map = file["homeward evidence 1\n".len()..file.len() - 32].to_vec();
        add("evidence", kind, with(0, &file));
        add("evidence", &format!("{kind}_sealed_here"), with(1, &map));
    }
    add("epoch_body", "epoch_body", vector("epoch_body"));

    add("segment", "sample", with(0, &segment::sample()));
    let script: Vec<u8> = (0..300u32).map(|n| (n * 53 + n / 5) as u8).collect();
    add("segment", "conversation", with(1, &script));
    for (index, edit) in segment::sample_edits().iter().enumerate().take(16) {
        add("segment", &format!("edit_{index}"), [with(2, &[index as u8, 1]), edit.clone()].concat());
    }
    add("segment", "bent", with(3, &[0, 40, 0, 1, 0, 0]));

    add("age_header", "sealed_work", vector("sealed_work"));
    add("age_header", "sealed_to_node", vector("sealed_to_node"));
    add("age_header", "locked_for_recovery", vector("locked_for_recovery"));
    add("stanza", "stanza", stanza(&vector("sealed_to_node")));
    add("stanza", "recipient", with(255, demo_node("doha").recipient().text().as_bytes()));
    let identity = HybridIdentity::new(Private::new([5; 32])).text();
    add("stanza", "identity", with(255, identity.reveal().as_bytes()));
    add("sealed", "file", with(0, &vector("sealed_work")));
    let frame = homeward_frame(&vector("sealed_work"));
    add("sealed", "padded", with(1, &frame));
    add("sealed", "frame", with(2, &frame[4..4 + frame[3] as usize]));
    add("sealed", "plaintext", with(3, b"two pages of one case"));

    add("bundle", "sealed", with(0, &sealed_bundle()));
    let items: Vec<Vec<u8>> = bundle::items_with(b"xyz");
    let items: Vec<&[u8]> = items.iter().map(Vec::as_slice).collect();
    let file = bundle::file_of([1, 7, 1], &items);
    add("bundle", "open", with(1, &file));
    add("bundle", "parts", with(2, &piece(&file[22..])));
    let pieces: Vec<u8> = items.iter().flat_map(|item| piece(item)).collect();
    add("bundle", "items", [with(3, &[1, 7, 1]), pieces].concat());

    // Four worlds: quiet, stormy, with a liar, with a fork and closures.
    for (name, step) in [("quiet", 3u32), ("stormy", 37), ("liar", 91), ("fork", 149)] {
        let script: Vec<u8> = (0..160u32).map(|n| (n * step + n * n / 7) as u8).collect();
        add("hub", name, script);
    }

    add("backup", "backup", backup());
    add("list", "list", LIST.as_bytes().to_vec());
    add("list_map", "map", [files::MAP.as_bytes(), b"\0", LIST.as_bytes()].concat());
    add("config", "config", CONFIG.as_bytes().to_vec());
    add("key_file", "locked", with(0, &vector("locked_with_passphrase")));
    add("key_file", "node", with(1, &vector("node_key_file_plain")));
    add("key_file", "partner", with(1, &vector("partner_key_file_plain")));
    add("key_file", "epoch", with(1, &vector("epoch_secret")));
    let phrase = RecoveryPhrase::from_chance([0x2a; 16]);
    add("key_file", "recovery", with(2, phrase.words().reveal().as_bytes()));
    let phrase = SafetyPhrase::of(&demo_partner("kyiv").partner_id());
    add("key_file", "safety", with(3, phrase.words().as_bytes()));
    for (index, line) in REQUESTS.iter().enumerate() {
        add("request", &index.to_string(), line.as_bytes().to_vec());
    }
    seeds
}

fn with(first: u8, bytes: &[u8]) -> Vec<u8> {
    [&[first], bytes].concat()
}

fn piece(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes(), bytes].concat()
}

/// The stanza of a file that is sealed to one node, as the door takes it.
fn stanza(file: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(file);
    let mut lines = text.lines().skip(1);
    let argument = lines.next().and_then(|line| line.split(' ').nth(2)).expect("a stanza").to_owned();
    let body = lines.next().expect("a body");
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = (0u32, 0u32);
    let mut bytes = Vec::new();
    for letter in body.bytes() {
        let value = letters.iter().position(|known| *known == letter).expect("base64") as u32;
        bits = (bits.0 << 6 | value, bits.1 + 6);
        if bits.1 >= 8 {
            bits.1 -= 8;
            bytes.push((bits.0 >> bits.1) as u8);
        }
    }
    [with(1, &piece(argument.as_bytes())), bytes].concat()
}

/// What age sealed in a work file of the known epoch.
fn homeward_frame(sealed: &[u8]) -> Vec<u8> {
    let identity: age::x25519::Identity =
        homeward::seal::epoch_identity_text(&age_files::epoch()).reveal().parse().expect("an identity");
    age::decrypt(&identity, sealed).expect("the known epoch opens it")
}

fn sealed_bundle() -> Vec<u8> {
    let open = bundle::file_of([0, 0, 0], &[]);
    let doha = demo_node("doha");
    let part = AgeEnvelope.seal_to(&[doha.recipient().clone()], &open[22..]).expect("sealed");
    [&open[..18], &(part.len() as u32).to_be_bytes(), &part].concat()
}

fn backup() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let vault = Vault::create(folder.path(), &files::vault_key()).expect("a vault");
    vault.write(|writer| writer.put(&Name::Setting(3), b"kept")).expect("a record");
    let mut bytes = Vec::new();
    let locks = [
        Lock { kind: LockKind::Passphrase, bytes: b"an age file".to_vec() },
        Lock { kind: LockKind::Offline, bytes: b"another".to_vec() },
    ];
    back_up(&vault.reader().expect("a reader"), &locks, &files::about(), &mut bytes).expect("a backup");
    bytes
}

const LIST: &str = "Surname,Given,Born,Sex,Mother,Note,No\r\n\
Melnyk,Ivan,16.05.2014,m,\"Melnyk, Olha\",x,K0001\r\n\
Bondar,\u{41d}\u{456}\u{43d}\u{430},2015,f,,,K0002\r\n\
Short,line\r\n\
Koval,,31.02.2014,q,'=1+1,,K0002\r\n";

const CONFIG: &str = "listen = \"127.0.0.1:7373\"\noperator = \"Desk 1\"\nsegmentation_offload = true\n\
mtu_discovery = false\n[partner.doha]\naddress = \"[::1]:7\"\n";

const REQUESTS: [&str; 4] = [
    r#"{"operator":"Olena","request":{"ask":"info"}}"#,
    r#"{"request":{"ask":"card_import","text":"-----BEGIN"}}"#,
    r#"{"operator":"","request":{"ask":"card_trust","partner":"doha","phrase":null,"introduced_by":null}}"#,
    r#"{"operator":"Ann","request":{"ask":"card_export","partner":"kyiv"}}"#,
];
