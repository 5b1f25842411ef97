//! The worst that a member can put into one segment takes bounded memory and time: each bomb goes off in a process of its
//! own, whose peak memory the system knows.

// A panic in a test is its failing.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
// It says how long the worst took.
#![allow(clippy::disallowed_methods)]

mod figures;

use homeward::case::{Change, Claim, Edit, Source, Splice, Value};
use homeward::codec::Malformed;
use homeward::id::{CaseId, CircleId, Hash, InstanceId, Life, NodeId, PartnerId};
use homeward::limit;
use homeward::register::{
    Body, Context, Cuts, Layout, Opened, Packed, Place, Reach, Stamped, Work, replay_case,
};
use homeward::seal::{AgeEnvelope, Envelope, EpochKey, epoch_identity_text};
use homeward::time::Millis;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

/// What a bomb may take more than nothing does, in bytes. A segment is at most 8 MiB inflated.
const PEAK_BYTES: u64 = 96 * 1024 * 1024;
/// Names the bomb to a child.
const BOMB: &str = "HOMEWARD_BOMB";

/// Sets one off; `true` if its segment was refused.
type Bomb = fn() -> bool;

const BOMBS: [(&str, Bomb); 9] = [
    ("nothing", || true),
    ("zstd that says it is longer than it may be", || inflates(limit::SEGMENT_INFLATED_BYTES + 1)),
    ("zstd of a gigabyte", || inflates(1 << 30)),
    ("10,000 sheets", || replays(sheets())),
    ("claims at their limit", || replays(claims())),
    ("60 KB of note on each of 40 sheets", || replays(notes(40, 60_000))),
    ("7 MiB of note on one sheet", || replays(notes(1, 120 * 60_000))),
    ("as many small splices as fit", || replays(splices())),
    ("documents that mean harm, as plaintext", documents),
];

#[test]
fn the_worst_segments_stay_small() {
    let mut base = 0;
    let mut worst = (0, "nothing", 0.0);
    for (name, _) in BOMBS {
        let begun = Instant::now();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "one_bomb", "--nocapture", "--test-threads=1"])
            .env(BOMB, name)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success(), "{name}: {said}{}", String::from_utf8_lossy(&child.stderr));
        let line = said
            .lines()
            .find_map(|line| line.split_once("peak "))
            .unwrap_or_else(|| panic!("{name}: {said}"));
        let peak: u64 = line.1.trim().parse().unwrap();
        if name == "nothing" {
            base = peak;
        }
        let more = peak.saturating_sub(base);
        println!("{name}: {} KiB more than nothing, {:.1} s", more / 1024, begun.elapsed().as_secs_f64());
        assert!(more <= PEAK_BYTES, "{name} takes {more} bytes");
        if more > worst.0 {
            worst = (more, name, begun.elapsed().as_secs_f64());
        }
    }
    figures::note(&format!(
        "peak memory under the bombs: {:.1} MiB ({}, {:.1} s), of {} bombs",
        worst.0 as f64 / f64::from(1 << 20),
        worst.1,
        worst.2,
        BOMBS.len() - 1
    ));
}

/// What the children run; on its own it does nothing.
#[test]
fn one_bomb() {
    let Ok(name) = std::env::var(BOMB) else { return };
    let (_, bomb) = BOMBS.iter().find(|(bomb, _)| *bomb == name).unwrap();
    let refused = bomb();
    let must_be_refused = ["zstd", "7 MiB of note", "documents"].iter().any(|start| name.starts_with(start));
    assert!(refused || !must_be_refused, "{name} is taken");
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    println!("peak {}", line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024);
}

/// A good age file of the right epoch whose plaintext inflates to so many zeros.
fn inflates(length: usize) -> bool {
    let epoch = EpochKey([7; 32].into());
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.set_pledged_src_size(Some(length as u64)).unwrap();
    encoder.include_contentsize(true).unwrap();
    let zeros = vec![0; 1 << 16];
    let mut left = length;
    while left > 0 {
        let some = left.min(zeros.len());
        encoder.write_all(&zeros[..some]).unwrap();
        left -= some;
    }
    let packed = encoder.finish().unwrap();
    let mut padded = (packed.len() as u32).to_be_bytes().to_vec();
    padded.extend(packed);
    let identity: age::x25519::Identity = epoch_identity_text(&epoch).reveal().parse().unwrap();
    let sealed = age::encrypt(&identity.to_public(), &padded).unwrap();
    assert!(sealed.len() < limit::SEGMENT_SEALED_BYTES, "it fits into a segment");
    AgeEnvelope.open_work(&epoch, &sealed).is_err()
}

fn life() -> Life {
    Life { node: NodeId([3; 32]), instance: InstanceId([4; 16]) }
}

fn case(n: usize) -> CaseId {
    CaseId(((n + 1) as u128).to_be_bytes())
}

fn edit(on: usize, change: Change) -> Edit {
    Edit { case: case(on), time: Millis(1_790_000_000_000), operator: "desk".into(), change }
}

fn claim(text: String) -> Change {
    let claim = Claim {
        field: "remark".to_owned(),
        value: Value::Text(text.into()),
        group: String::new(),
        source: Source::default(),
        replaces: Vec::new(),
        origin: None,
    };
    Change::Claims(vec![claim])
}

fn sheets() -> Vec<Edit> {
    (0..limit::SEGMENT_EDITS).map(|n| edit(n, claim(format!("{n}")))).collect()
}

fn claims() -> Vec<Edit> {
    (0..500).map(|n| edit(n % 7, claim("x".repeat(limit::CLAIM_TEXT_BYTES)))).collect()
}

fn note(on: usize, at: u64, text: String) -> Edit {
    edit(on, Change::Note(Splice { at, remove: String::new().into(), insert: text.into() }))
}

/// So many letters of note on each of so many sheets.
fn notes(sheets: usize, letters: usize) -> Vec<Edit> {
    let piece = 15_000;
    (0..sheets)
        .flat_map(|on| (0..letters.div_ceil(piece)).map(move |n| note(on, (n * 7) as u64, "x".repeat(piece))))
        .collect()
}

/// Each at the front of the note, on one sheet.
fn splices() -> Vec<Edit> {
    (0..limit::SEGMENT_EDITS).map(|n| note(0, 0, format!("{}", n % 10).repeat(6))).collect()
}

/// Packs edits as a member would, and takes them in as a node does; `true` if they are refused.
fn replays(edits: Vec<Edit>) -> bool {
    let place = Place { circle: CircleId([1; 32]), life: life(), number: 2 };
    let context = Arc::new(Context::new());
    let edits = edits.into_iter().map(|edit| Stamped { edit, context: Arc::clone(&context) }).collect();
    let work = Work { place, first: 1, circle_name: None, pins: Vec::new(), edits };
    let bytes = work.encode().unwrap();
    assert!(bytes.reveal().len() <= limit::SEGMENT_INFLATED_BYTES, "it fits into a segment");
    drop(work);
    let packed = match Packed::decode(bytes.reveal(), place) {
        Ok(packed) => packed,
        Err(Malformed::Rule { .. }) => return true,
        Err(other) => panic!("{other}"),
    };
    let partner = PartnerId([1; 32]);
    let mut reach = Reach::new(partner);
    let opened = [(1, Body::Epoch), (2, Body::Work(Box::new(packed)))].map(|(number, body)| Opened {
        life: life(),
        number,
        partner,
        header: Hash([number as u8; 32]),
        first_seen: Millis(1),
        body,
    });
    let plan = reach.plan(opened.into(), &Cuts::new());
    let layout = Arc::new(Layout::new(place.circle, &[partner]).ok().unwrap());
    // Sheet by sheet, as a node with one core does.
    for (case, edits) in &plan.cases {
        replay_case(None, &layout, *case, edits).ok().unwrap();
    }
    !plan.refused.is_empty()
}

/// Automerge documents made to hurt its decoder: here they meet another one.
fn documents() -> bool {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let data = std::env::var("HOMEWARD_DATA").map_or(base, PathBuf::from);
    let mut read = 0;
    for folder in ["automerge-hostile", "automerge-crashers"] {
        let Ok(entries) = std::fs::read_dir(data.join(folder)) else {
            figures::skipped("bombs: the hostile documents are not here");
            return true;
        };
        for entry in entries.flatten().filter(|entry| entry.path().is_file()) {
            let bytes = std::fs::read(entry.path()).unwrap();
            let place = Place { circle: CircleId([1; 32]), life: life(), number: 2 };
            if Packed::decode(&bytes, place).is_ok() {
                return false;
            }
            read += 1;
        }
    }
    read > 0
}
