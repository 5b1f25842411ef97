//! The house stays as it was planned: imports go down, files stay small, clocks and people's words stay in their rooms.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // a test that cannot read the house must stop

use std::path::{Path, PathBuf};

/// Every Rust file under `src` and `tests`, with its text.
fn files(root: &str) -> Vec<(String, String)> {
    fn walk(dir: &Path, out: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.ends_with("tests/fuzz/target") {
                // Built, not written.
            } else if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                out.push(path);
            }
        }
    }
    let base = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    walk(&base.join(root), &mut paths);
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(base).unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect()
}

/// A file's text without its unit tests and comments: what the rules are about.
fn code(text: &str) -> String {
    let text = text.split("\n#[cfg(test)]\nmod tests").next().unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The room that a file under `src` stands in, or "words" for floor 0.
fn room(name: &str) -> &str {
    let mut parts = name.trim_start_matches("src/").split('/');
    let first = parts.next().unwrap();
    if parts.next().is_some() { first } else { "words" }
}

/// What each room may import of ours. `words` may be imported by all.
const MAY_IMPORT: [(&str, &[&str]); 12] = [
    ("words", &[]),
    ("case", &["case"]),
    ("seal", &["seal"]),
    ("log", &["log"]),
    ("register", &["register", "case", "seal", "log"]),
    ("sync", &["sync", "log", "seal"]),
    ("store", &["store", "log", "seal"]),
    ("net", &["net", "sync", "seal"]),
    ("carry", &["carry", "log", "seal"]),
    ("node", &["node", "case", "seal", "log", "register", "sync", "store", "net", "carry"]),
    ("cli", &["cli", "node", "case", "register"]),
    ("web", &["web", "node", "case", "register"]),
];
const ROOMS: [&str; 11] =
    ["case", "seal", "log", "register", "sync", "store", "net", "carry", "node", "cli", "web"];

#[test]
fn imports_go_down_only() {
    let mut wrong = Vec::new();
    for (name, text) in files("src") {
        if name == "src/lib.rs" || name == "src/main.rs" {
            continue;
        }
        let here = room(&name);
        let allowed = MAY_IMPORT
            .iter()
            .find(|(room, _)| *room == here)
            .unwrap_or_else(|| panic!("no rule for {here}"))
            .1;
        for used in ROOMS {
            let code = code(&text);
            let names_it =
                ["::", "{", ",", ";"].iter().any(|end| code.contains(&format!("crate::{used}{end}")));
            if names_it && !allowed.contains(&used) {
                wrong.push(format!("{name} imports {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Crates that a room must not see (design, the table of rooms).
const NEVER: [(&str, &[&str]); 9] = [
    ("case", &["automerge", "age", "tokio", "quinn", "redb"]),
    ("seal", &["automerge", "tokio", "quinn", "redb"]),
    ("log", &["automerge", "age", "tokio", "quinn", "redb"]),
    ("register", &["tokio", "age", "quinn", "redb"]),
    ("sync", &["tokio", "quinn", "automerge", "age", "redb"]),
    ("store", &["tokio", "quinn", "automerge", "age"]),
    ("net", &["redb", "automerge", "age"]),
    ("cli", &["automerge", "age", "quinn", "redb"]),
    ("web", &["automerge", "age", "quinn", "redb"]),
];

#[test]
fn rooms_do_not_see_what_is_not_theirs() {
    let mut wrong = Vec::new();
    for (name, text) in files("src") {
        let here = room(&name);
        let code = code(&text);
        for (_, crates) in NEVER.iter().filter(|(room, _)| *room == here) {
            for used in *crates {
                let names_it = code.match_indices(&format!("{used}::")).any(|(at, _)| {
                    !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
                });
                if names_it {
                    wrong.push(format!("{name} uses {used}"));
                }
            }
        }
        if ["case", "seal", "log", "register", "sync", "words"].contains(&here) {
            for impure in [
                "std::fs",
                "std::net",
                "std::thread",
                "std::time",
                "SystemTime",
                "Instant::",
                "std::env",
                "HashMap",
                "HashSet",
                "static mut",
                "thread_local!",
                "OnceLock",
                "LazyLock",
                ".await",
                "getrandom",
            ] {
                // age's own trait asks for a set of labels with one label in it.
                let asked_by_age = name == "src/seal/hybrid.rs" && impure == "HashSet";
                if code.contains(impure) && !asked_by_age {
                    wrong.push(format!("{name} is to be pure and has {impure}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_stay_small() {
    for root in ["src", "tests"] {
        for (name, text) in files(root) {
            let lines = text.lines().count();
            assert!(lines <= 700, "{name} has {lines} lines: split it by idea");
        }
    }
}

#[test]
fn the_clock_stands_in_one_place() {
    for (name, text) in files("src") {
        let code = code(&text);
        for clock in ["SystemTime::now", "Instant::now", "Timestamp::now", "Zoned::now"] {
            assert!(!code.contains(clock) || name == "src/node/clock.rs", "{name} reads a clock");
        }
    }
}

/// Where people's words may be looked at: sealing, the codec and sheets of `register`, search keys, lists, typed
/// values, the glue that hands them on, and the doors.
const MAY_REVEAL: [&str; 10] = [
    "src/seal/",
    "src/register/",
    "src/case/",
    "src/node/",
    "src/cli/",
    "src/web/",
    "src/private.rs",
    "src/store/sealing.rs",
    "src/carry/",
    "src/net/",
];

#[test]
fn words_are_revealed_where_they_may_be() {
    for (name, text) in files("src") {
        if code(&text).contains(".reveal()") {
            assert!(MAY_REVEAL.iter().any(|place| name.starts_with(place)), "{name} reveals private text");
        }
    }
}

/// Log lines are written in one file, and nothing that was written or named by people has a way into it: its functions
/// take no text but words of our own, and no field is formatted by `Debug` or `Display`.
#[test]
fn the_log_takes_no_words() {
    for (name, text) in files("src") {
        let tells = code(&text).contains("tracing::");
        assert!(!tells || name == "src/node/tell.rs", "{name} writes log lines");
    }
    let (_, text) = files("src").into_iter().find(|(name, _)| name == "src/node/tell.rs").unwrap();
    for line in code(&text).lines() {
        let takes = line.replace("&'static str", "");
        assert!(!line.starts_with("pub") || !(takes.contains("str") || takes.contains("String")), "{line}");
        for formats in ["= ?", "= %", "(?", "(%", "{}", "{:", "format", ".hex()", "to_string"] {
            assert!(!line.contains(formats), "{line}");
        }
    }
}

#[test]
fn nothing_is_left_behind() {
    let marks = [
        ["todo", "!("],
        ["unimplemented", "!("],
        ["dbg", "!("],
        ["#[ig", "nore"],
        ["FIX", "ME"],
        ["XX", "X"],
    ];
    for root in ["src", "tests"] {
        for (name, text) in files(root) {
            for mark in marks.map(|halves| halves.concat()) {
                assert!(!text.contains(&mark), "{name} holds {mark}");
            }
        }
    }
}

#[test]
fn keys_holds_public_cards_alone() {
    let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("keys");
    let mut names: Vec<String> =
        std::fs::read_dir(keys).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["doha.card", "kyiv.card", "moscow.card", "tallinn.card"]);
}

/// Where bytes that others wrote become records and segments, and what for. Everything else reads our own store, which
/// [`homeward::sign::Signed::decode_own_store`] is for.
const READS_OTHERS: [(&str, &str); 22] = [
    ("src/sync/gate.rs", "the gate: frames and bundles end up here"),
    ("src/sync/hello.rs", "a hello's certificate: kept once the hello holds"),
    ("src/sync/receipts.rs", "heads of the very peer that sends them, and their entries"),
    ("src/sync/receiving.rs", "a body joins the header that the gate judged, and goes back to the gate"),
    ("src/sync/port.rs", "circle records, read for the gate"),
    (
        "src/sync/records.rs",
        "circle records, judged by the rules of their circle: the other half of the gate",
    ),
    ("src/log/heads.rs", "heads kept as evidence"),
    ("src/seal/request.rs", "a new machine's request, which its own partner signs or does not"),
    ("src/carry/item.rs", "a bundle's statement names its maker"),
    ("src/carry/reader.rs", "a bundle's statement, judged before its items go to the gate"),
    ("src/carry/evidence.rs", "evidence, judged without a node: nothing of it is kept"),
    ("src/node/evidence.rs", "our own records, to be written as evidence"),
    ("src/node/closing.rs", "a closure by our own partner, checked before it is kept and said to the hub"),
    ("src/node/branches.rs", "our own store, looked at again"),
    ("src/node/cuts.rs", "our own store: the proofs and closures that cut logs"),
    ("src/node/check.rs", "our own store, every signature verified again"),
    ("src/node/beginning.rs", "our own store, at the start of a hub"),
    ("src/node/cut.rs", "segments of our own making"),
    ("src/log/closure.rs", "the two headers of a fork proof"),
    ("src/seal/card.rs", "certificates on a card that was verified"),
    ("src/seal/card_file.rs", "a card that a person takes in: `card import`, which goes to the hub"),
    ("src/seal/keys.rs", "certificates of our own nodes, from files of our own"),
];

#[test]
fn what_others_wrote_is_read_where_it_is_judged() {
    let reads = [
        "Signed::decode(",
        "Segment::new(",
        "ForkProof::decode(",
        "CircleRecord::decode(",
        "HeldHeads::decode(",
    ];
    let mut wrong = Vec::new();
    for (name, text) in files("src") {
        let code = code(&text);
        // Turbofish forms name the kind of record.
        let turbofish = code.match_indices("Signed::<").any(|(at, _)| {
            code[at..].split_once('>').is_some_and(|(_, after)| after.starts_with("::decode("))
        });
        let plain = reads.iter().any(|read| {
            code.match_indices(read).any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric()))
        });
        if (turbofish || plain) && !READS_OTHERS.iter().any(|(allowed, _)| *allowed == name) {
            wrong.push(name);
        }
    }
    assert!(
        wrong.is_empty(),
        "bytes of others are read outside the gate: say in the list why, or hand them to it: {wrong:#?}"
    );
    for (name, _) in READS_OTHERS {
        assert!(
            Path::new(env!("CARGO_MANIFEST_DIR")).join(name).exists(),
            "{name} is gone: take it off the list"
        );
    }
}

/// What is promised to others names the tests that show it, and those tests are there.
#[test]
fn every_promise_names_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let promises = std::fs::read_to_string(root.join(".github/SECURITY.md")).unwrap();
    let rows: Vec<&str> =
        promises.lines().filter(|line| line.starts_with("| ") && line.contains("`tests/")).collect();
    assert!(rows.len() >= 14, "each row of the table of threats has its promise");
    let named: Vec<&str> = promises.split('`').filter(|word| word.starts_with("tests/")).collect();
    for test in named {
        assert!(root.join(test).is_file(), "{test} is promised and is not there");
    }
}
