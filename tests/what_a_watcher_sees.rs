//! Whoever watches a link sees that two addresses talk, when and how much, and nothing else that a mechanism of ours
//! could hide.
//!
//! What remains visible, in plain words: both addresses and ports; that it is QUIC and that the protocol is called
//! `homeward/1` (the first packet of a handshake can be opened by anyone); when they talk and how many bytes go which
//! way, hence roughly how much is written and when. What is not: who they are (no server name, and the keys they show
//! each other are sealed), what is said, exact lengths of segments (they come in classes), round trips (no spin bit).
//!
//! That a caller without the post-quantum key exchange is turned away is shown in `tests/strangers_are_refused.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

mod figures;
mod offices;
mod watcher;

use homeward::node::{Asked, ClaimIn, Request};
use offices::{Office, PASSPHRASE, Seeded, claim, found, introduce, level, new_case};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use watcher::{Bytes, Tap, extensions, first_messages};

const CIRCLE: &str = "Sonnenblumenkreis";
const NAME: &str = "Zhuravelnyk";
const NOTE: &str = "called-from-the-station";
/// The group's number as IANA has it.
const X25519MLKEM768: usize = 0x11ec;

fn stands_in(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|part| part == what)
}

#[test]
fn a_watcher_sees_no_name_no_word_and_one_key_exchange() {
    let folder = tempfile::tempdir().unwrap();
    let [mut one, mut two] = ["quillhaven", "marlbrook"].map(|name| Office::new(folder.path(), name));
    introduce(&mut [&mut one, &mut two]);
    let tap = Tap::before(format!("127.0.0.1:{}", two.port).parse().unwrap());
    let config = one.home.join("config.toml");
    let mut text = fs::read_to_string(&config).unwrap();
    text.push_str(&format!("\n[partner.marlbrook]\naddress = \"{}\"\n", tap.address));
    fs::write(config, text).unwrap();
    let circle = found(&mut one, CIRCLE, &["marlbrook"], &[]);
    let mut seeded = Seeded::new(41);
    one.start();
    two.start();
    let case = new_case(&mut one, CIRCLE, NAME).case;
    for round in 0..40 {
        let words = usize::try_from(seeded.below(6_000)).unwrap();
        let text = format!("{NOTE} {} {}", "and waited ".repeat(words / 20), seeded.text(words));
        one.ask(Request::CaseClaim {
            circle: CIRCLE.into(),
            case: case.hex(),
            claims: vec![claim("remark", &text)],
        });
        if round % 4 == 0 {
            level(&mut [&mut one, &mut two], &circle);
        }
    }
    two.ask(Request::CaseClaim {
        circle: CIRCLE.into(),
        case: case.hex(),
        claims: vec![claim("last_residence", NAME)],
    });
    level(&mut [&mut one, &mut two], &circle);
    let mut words: Vec<Vec<u8>> =
        [NAME, NOTE, CIRCLE, "quillhaven", "marlbrook", "Desk 1", "and waited", PASSPHRASE]
            .map(|word| word.as_bytes().to_vec())
            .to_vec();
    // Nor do the parties' names stand anywhere, as bytes or in letters.
    for office in [&mut one, &mut two] {
        let info = office.info();
        for id in [info.partner.hex(), info.node.hex()] {
            let bytes = (0..id.len()).step_by(2).map(|at| u8::from_str_radix(&id[at..at + 2], 16).unwrap());
            words.push(bytes.collect());
            words.push(id.into_bytes());
        }
    }
    let seen = tap.seen();
    assert!(
        seen.len() > 60 && seen.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > 60_000,
        "{}",
        seen.len()
    );
    for (_, datagram) in &seen {
        for word in &words {
            assert!(
                !stands_in(datagram, word),
                "{:?} can be read on the wire",
                String::from_utf8_lossy(word)
            );
        }
    }

    // The first packets, opened.
    let (client, server) = first_messages(&seen);
    for word in &words {
        assert!(!stands_in(&client, word) && !stands_in(&server, word), "in the first packets");
    }
    let (asked, answered) = (extensions(&client), extensions(&server));
    assert!(!asked.contains_key(&0), "a server name");
    for (number, name) in [(35, "ticket"), (41, "remembered key"), (42, "early data")] {
        assert!(!asked.contains_key(&number) && !answered.contains_key(&number), "a {name}");
    }
    // supported_groups, key_share: one group, and a share of it alone.
    let mut groups = Bytes(&asked[&10]);
    let mut groups = groups.counted(2);
    assert_eq!((groups.number(2), groups.0.len()), (X25519MLKEM768, 0));
    let mut shares = Bytes(&asked[&51]);
    let mut shares = shares.counted(2);
    assert_eq!(shares.number(2), X25519MLKEM768);
    shares.counted(2);
    assert!(shares.0.is_empty(), "another share");
    assert_eq!(Bytes(&answered[&51]).number(2), X25519MLKEM768);
    assert_eq!(asked[&16], b"\0\x0b\x0ahomeward/1", "the protocol's name is what a watcher can read");

    // The spin bit of short headers (RFC 9000, section 17.4) would turn with each round trip. Ours is chance.
    for way in [true, false] {
        let short = seen.iter().filter(|(up, bytes)| *up == way && bytes[0] & 0xc0 == 0x40);
        let spins: Vec<bool> = short.map(|(_, bytes)| bytes[0] & 0x20 != 0).collect();
        let turns = spins.windows(2).filter(|pair| pair[0] != pair[1]).count();
        let set = spins.iter().filter(|spin| **spin).count();
        assert!(spins.len() >= 40, "{}", spins.len());
        for part in [set, turns] {
            assert!(part > spins.len() / 4 && part < spins.len() * 3 / 4, "{part} of {}", spins.len());
        }
    }
}

/// PADME as its paper has it ("PURBs", Nikitin and others, 2019, section 4), written for this test.
fn padme(length: usize) -> usize {
    let exponent = usize::BITS - 1 - length.leading_zeros();
    let kept = u32::BITS - exponent.leading_zeros();
    let unit = 1_usize << exponent.saturating_sub(kept);
    length.div_ceil(unit) * unit
}

/// The plaintext's length of an age file: its header, a nonce of 16 bytes, and a tag of 16 for each 64 KiB.
fn plain_length(file: &[u8]) -> usize {
    let mac = file.windows(5).position(|part| part == b"\n--- ").unwrap() + 5;
    let header = mac + file[mac..].iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let payload = file.len() - header - 16;
    payload - payload.div_ceil(65_536 + 16) * 16
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .unwrap()
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { files_below(&path) } else { vec![path] }
        })
        .collect()
}

/// Batches of edits, each sealed into a segment.
const BATCHES: u64 = 300;

#[test]
fn lengths_of_segments_come_in_few_classes() {
    let folder = tempfile::tempdir().unwrap();
    let [mut one, mut two] = ["quillhaven", "marlbrook"].map(|name| Office::new(folder.path(), name));
    introduce(&mut [&mut one, &mut two]);
    found(&mut one, CIRCLE, &["marlbrook"], &[]);
    let case = new_case(&mut one, CIRCLE, NAME).case;
    let mut seeded = Seeded::new(43);
    let bundle = folder.path().join("bundle");
    let mut written = BTreeSet::new();
    for batch in 0..BATCHES {
        let claims: Vec<ClaimIn> = (0..=seeded.below(4))
            .map(|_| {
                let most = 1 << (4 + seeded.below(8));
                let words = usize::try_from(seeded.below(most)).unwrap();
                claim("marks", &seeded.text(words + 1))
            })
            .collect();
        let length: usize = claims.iter().map(|claim| claim.value.len_bytes()).sum();
        one.ask(Request::CaseClaim { circle: CIRCLE.into(), case: case.hex(), claims });
        written.insert(length);
        let file = bundle.to_str().unwrap().to_owned();
        let bundle_for =
            |partner: &str| Request::BundleOut { partner: partner.into(), file: file.clone(), all: false };
        one.ask(bundle_for("marlbrook"));
        if batch % 25 == 0 {
            // What is confirmed is not bundled again.
            two.ask(Request::BundleIn { file: file.clone() });
            fs::remove_file(&bundle).unwrap();
            two.ask(bundle_for("quillhaven"));
            one.ask(Request::BundleIn { file: file.clone() });
        }
        fs::remove_file(&bundle).unwrap();
    }
    let dir = folder.path().join("all");
    let asked = Asked {
        operator: "Desk 1".into(),
        request: Request::ExportAll { dir: dir.to_str().unwrap().into(), passphrase: PASSPHRASE.into() },
    };
    one.close();
    offices::open(&one.home).unwrap().ask(asked, &mut |_| ()).unwrap();
    let segments: Vec<PathBuf> = files_below(&dir)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "age") && !path.ends_with("epochs.age"))
        .collect();
    assert!(segments.len() as u64 >= BATCHES, "{} segments", segments.len());
    let mut lengths = BTreeSet::new();
    for segment in &segments {
        let length = plain_length(&fs::read(segment).unwrap());
        assert_eq!(length, padme(length), "a length that is no class: {length}");
        lengths.insert(length);
    }
    let (classes, distinct) = (lengths.len(), written.len());
    assert!(classes * 3 < distinct, "{classes} classes for {distinct} different lengths of what was written");
    figures::note(&format!(
        "lengths of {} segments seen by a watcher: {classes} classes for {distinct} true lengths",
        segments.len()
    ));
}
