//! Whoever takes the disk reads nothing: no word that people wrote, no passphrase, in any file of any home, in what
//! the processes wrote to their output at the most talkative level, in the temporary folder, or in a bundle.
//!
//! Words are planted in names, notes, claims, reasons, a list, a circle's name, the operator's name and an export; two
//! members and a carrier write, import, sync, are killed in the middle of it, make and take a bundle and export. Every
//! byte that is left on the disk is then looked through, at rest, while running and after the crash, for the words in
//! UTF-8 and UTF-16, upper and lower case, base64 and hex, for the keys that a search folds them to, and inside
//! whatever unpacks as zstd.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

mod offices;

use base64::Engine as _;
use homeward::case::fold_keys;
use homeward::node::{Answer, Asked, Request};
use offices::{Office, PASSPHRASE, claim, found, introduce, level, new_case, note, wait_for};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

/// Words that no file of another kind has, each planted in another place.
const NAME: &str = "Жовтоцвіт Квітослава";
const LATIN: &str = "Zhuravelnyk";
const NOTE: &str = "телефонувала тітка Горпина";
const CLAIM: &str = "Вишневотополинська 14-б";
const REASON: &str = "miswritten-by-the-registrar";
const CIRCLE: &str = "Sonnenblumenkreis";
const OPERATOR: &str = "Dzvenyslava";
const LISTED: &str = "Квасолинський";
const PURPOSE: &str = "кревноспоріднення";
const RUN: &str = "дзвінок-без-відповіді";
const PLAN: &str = "Petropavlivskyi-crossing";
const CANARIES: [&str; 11] = [NAME, LATIN, NOTE, CLAIM, REASON, CIRCLE, OPERATOR, LISTED, PURPOSE, RUN, PLAN];

/// Shorter ones would be found by chance.
const SHORTEST: usize = 6;

/// What is looked for: bytes, and which word they stand for in which form.
struct Scanner(Vec<(Vec<u8>, String)>);

impl Scanner {
    fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut forms: BTreeMap<Vec<u8>, String> = BTreeMap::new();
        for phrase in words {
            let mut texts: BTreeSet<String> = phrase.split(' ').map(str::to_owned).collect();
            texts.insert(phrase.to_owned());
            texts.extend(fold_keys(phrase));
            let texts =
                texts.iter().flat_map(|text| [text.clone(), text.to_lowercase(), text.to_uppercase()]);
            for text in texts.filter(|text| text.chars().count() >= SHORTEST) {
                for (form, bytes) in forms_of(&text) {
                    forms.entry(bytes).or_insert(format!("{text} as {form}"));
                }
            }
        }
        assert!(forms.keys().all(|bytes| bytes.len() >= SHORTEST));
        Self(forms.into_iter().collect())
    }

    /// What stands in these bytes, or in what they unpack to.
    fn find(&self, bytes: &[u8]) -> Vec<String> {
        let mut found = self.find_plain(bytes);
        for at in memmem(bytes, &[0x28, 0xb5, 0x2f, 0xfd]) {
            let mut unpacked = Vec::new();
            if let Ok(decoder) = zstd::Decoder::new(&bytes[at..]) {
                let _ = decoder.take(1 << 20).read_to_end(&mut unpacked);
            }
            found.extend(self.find_plain(&unpacked));
        }
        found
    }

    fn find_plain(&self, bytes: &[u8]) -> Vec<String> {
        let mut by_start: BTreeMap<[u8; 4], Vec<usize>> = BTreeMap::new();
        for (at, (form, _)) in self.0.iter().enumerate() {
            by_start.entry(*form.first_chunk().unwrap()).or_default().push(at);
        }
        // A table of first pairs keeps the walk over megabytes cheap.
        let mut begins = vec![false; 1 << 16];
        for start in by_start.keys() {
            begins[usize::from(u16::from_be_bytes([start[0], start[1]]))] = true;
        }
        let mut found = BTreeSet::new();
        for (at, window) in bytes.windows(4).enumerate() {
            if !begins[usize::from(u16::from_be_bytes([window[0], window[1]]))] {
                continue;
            }
            let start = <[u8; 4]>::try_from(window).unwrap();
            for form in by_start.get(&start).into_iter().flatten() {
                let (form, name) = &self.0[*form];
                if bytes[at..].starts_with(form) {
                    found.insert(name.clone());
                }
            }
        }
        found.into_iter().collect()
    }

    /// Every file below a folder in which something is readable.
    fn scan(&self, folder: &Path, spared: &[PathBuf]) -> Vec<(PathBuf, Vec<String>)> {
        let files = files_below(folder);
        let read = files.iter().filter(|file| !spared.contains(file));
        // Names of files are read as well.
        read.map(|file| {
            let mut found = self.find(&fs::read(file).unwrap_or_default());
            found.extend(self.find(file.file_name().unwrap().as_encoded_bytes()));
            (file.clone(), found)
        })
        .filter(|(_, found)| !found.is_empty())
        .collect()
    }
}

fn forms_of(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let utf16: Vec<u16> = text.encode_utf16().collect();
    let mut forms = vec![
        ("UTF-8", text.as_bytes().to_vec()),
        ("UTF-16LE", utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect()),
        ("UTF-16BE", utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect()),
        ("hex", text.bytes().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()),
    ];
    // Base64 looks different at each of three places; its ends depend on what stands beside and are left out.
    for before in 0..3 {
        let mut padded = vec![0; before];
        padded.extend_from_slice(text.as_bytes());
        let whole = base64::engine::general_purpose::STANDARD_NO_PAD.encode(&padded);
        let from = before.div_ceil(3) * 4;
        let through = padded.len() / 3 * 4;
        if through > from + SHORTEST {
            forms.push(("base64", whole.as_bytes()[from..through].to_vec()));
        }
    }
    forms
}

fn memmem(bytes: &[u8], what: &[u8]) -> Vec<usize> {
    bytes.windows(what.len()).enumerate().filter(|(_, window)| *window == what).map(|(at, _)| at).collect()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => files.extend(files_below(&entry.path())),
            kind if kind.is_file() => files.push(entry.path()),
            _ => {}
        }
    }
    files
}

/// Nobody else on the machine may as much as open a file of a home.
fn check_modes(home: &Path) {
    for path in files_below(home).into_iter().chain([home.to_owned()]) {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", path.display());
    }
}

#[test]
fn the_scanner_finds_what_is_planted() {
    let folder = tempfile::tempdir().unwrap();
    let scanner = Scanner::new(CANARIES);
    assert!(scanner.scan(folder.path(), &[]).is_empty());
    for canary in CANARIES {
        let mut planted: Vec<Vec<u8>> = forms_of(canary).into_iter().map(|(_, bytes)| bytes).collect();
        planted.extend(
            fold_keys(canary).into_iter().filter(|key| key.len() >= SHORTEST).map(String::into_bytes),
        );
        planted.push(canary.to_lowercase().into_bytes());
        planted.push(zstd::encode_all(canary.as_bytes(), 3).unwrap());
        for (at, mut form) in planted.into_iter().enumerate() {
            // Somewhere in the middle of a file.
            let mut bytes: Vec<u8> =
                (0..50_000u32).map(|n| n.to_le_bytes()[usize::from(n % 3 == 0)]).collect();
            bytes.append(&mut form);
            bytes.extend(vec![7; 1000]);
            fs::write(folder.path().join("control"), &bytes).unwrap();
            let found = scanner.scan(folder.path(), &[]);
            assert_eq!(found.len(), 1, "form {at} of {canary}");
        }
    }
    fs::write(folder.path().join("control"), "nothing").unwrap();
    fs::write(folder.path().join(LATIN), "a file's name").unwrap();
    assert_eq!(scanner.scan(folder.path(), &[]).len(), 1);
}

/// Asks as the operator whose name is a canary.
fn ask(office: &Office, request: Request) -> Answer {
    let asked = Asked { operator: OPERATOR.into(), request };
    offices::open(&office.home).unwrap().ask(asked, &mut |_| ()).unwrap()
}

#[test]
fn nothing_is_readable_at_rest() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let [mut kyiv, mut doha, mut tallinn] = ["kyiv", "doha", "tallinn"].map(|name| Office::new(root, name));
    let secret = Scanner::new(CANARIES.into_iter().chain([PASSPHRASE]));
    // Recovery phrases are ordinary words: only the whole of one is looked for.
    let phrases: Vec<String> = [&kyiv, &doha, &tallinn].map(|office| office.recovery.clone()).to_vec();
    assert!(phrases.iter().all(|phrase| phrase.split_whitespace().count() >= 10));
    let spared = [offices::passphrase_file(root)];
    let check = |when: &str| {
        let found = secret.scan(root, &spared);
        assert!(found.is_empty(), "{when}: readable: {found:#?}");
        for file in files_below(root) {
            let bytes = fs::read(&file).unwrap_or_default();
            let readable = phrases.iter().any(|phrase| !memmem(&bytes, phrase.as_bytes()).is_empty());
            assert!(!readable, "{when}: a recovery phrase stands in {}", file.display());
        }
        for home in ["kyiv", "doha", "tallinn"] {
            check_modes(&root.join(home));
        }
    };

    introduce(&mut [&mut kyiv, &mut doha, &mut tallinn]);
    for office in [&mut kyiv, &mut doha, &mut tallinn] {
        office.log_level = Some("trace");
    }
    kyiv.dials(&doha);
    kyiv.dials(&tallinn);
    doha.dials(&tallinn);
    let circle = found(&mut kyiv, CIRCLE, &["doha"], &["tallinn"]);
    let case = new_case(&mut kyiv, CIRCLE, NAME).case;
    kyiv.close();
    check("written at rest");

    for office in [&mut kyiv, &mut doha, &mut tallinn] {
        office.start();
    }
    ask(&kyiv, note(CIRCLE, case, NOTE));
    let Answer::Written(written) = ask(
        &kyiv,
        Request::CaseClaim {
            circle: CIRCLE.into(),
            case: case.hex(),
            claims: vec![claim("last_residence", CLAIM), claim("name.whole", LATIN)],
        },
    ) else {
        panic!("written expected")
    };
    ask(
        &kyiv,
        Request::CaseWithdraw {
            circle: CIRCLE.into(),
            case: case.hex(),
            items: vec![written.items[0].to_string()],
            reason: REASON.into(),
        },
    );
    ask(
        &kyiv,
        Request::CasePlan {
            circle: CIRCLE.into(),
            case: case.hex(),
            key: "leg/1/border_point".into(),
            value: PLAN.into(),
            shown: None,
        },
    );
    let mut csv = "No,Name\n".to_owned();
    for line in 0..40 {
        csv.push_str(&format!("{line},{LISTED} {line}\n"));
    }
    let map = "list = \"a-list\"\nnumber = \"No\"\n[columns.Name]\nfield = \"name.whole\"\n".to_owned();
    ask(&kyiv, Request::Import { circle: CIRCLE.into(), csv: csv.into_bytes(), map, dry_run: false });
    level(&mut [&mut kyiv, &mut doha, &mut tallinn], &circle);
    check("while running");

    // Killed while somebody writes.
    let (sender, receiver) = mpsc::channel();
    let home = kyiv.home.clone();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut door = offices::open(&home).unwrap();
            while door.ask(offices::asked(note(CIRCLE, case, RUN)), &mut |_| ()).is_ok() {
                if sender.send(()).is_err() {
                    return;
                }
            }
        });
        assert_eq!(receiver.iter().take(10).count(), 10);
        kyiv.kill();
        drop(receiver);
    });
    check("after a crash");

    // What waits goes by hand, to a member and to a carrier.
    let bundle = |name: &str| root.join(name).to_str().unwrap().to_owned();
    for (partner, all) in [("doha", false), ("tallinn", true)] {
        let file = bundle(&format!("{partner}.bundle"));
        ask(&kyiv, Request::BundleOut { partner: partner.into(), file, all });
    }
    check("with bundles");
    ask(&doha, Request::BundleIn { file: bundle("doha.bundle") });
    ask(&tallinn, Request::BundleIn { file: bundle("tallinn.bundle") });
    kyiv.start();
    level(&mut [&mut kyiv, &mut doha, &mut tallinn], &circle);
    ask(
        &doha,
        Request::ExportCase {
            case: case.hex(),
            circle: Some(CIRCLE.into()),
            recipient: PURPOSE.into(),
            purpose: PURPOSE.into(),
        },
    );
    let Answer::Exports { exports } = ask(&doha, Request::ExportLog) else { panic!("exports expected") };
    assert_eq!(exports[0].purpose.reveal(), PURPOSE);
    ask(&doha, Request::CaseFind { text: LISTED.into(), circle: None });
    ask(&doha, Request::Check);
    // The words are really there for those who may read them, and their list finds them.
    for office in [&mut kyiv, &mut doha] {
        let shown = serde_json::to_string(&office.sheet(CIRCLE, case).unwrap()).unwrap();
        for word in [NAME, LATIN, NOTE, CLAIM, REASON, RUN, PLAN, OPERATOR] {
            let there = word.split(' ').all(|part| shown.contains(part));
            assert!(there, "{}: {word} is not shown", office.name);
        }
        assert_eq!(office.cases(CIRCLE).len(), 41);
        let found = office.ask(Request::CaseFind { text: LISTED.into(), circle: None });
        assert!(matches!(found, Answer::CaseList { total, .. } if total >= 40), "{found:?}");
    }
    let carried = wait_for("the carrier's circle", || tallinn.circle(&circle));
    assert!(carried.role == "carrier" && carried.segments > 0 && carried.edits == 0);
    check("before the end");
    for office in [&mut kyiv, &mut doha, &mut tallinn] {
        office.stop();
    }
    check("at rest");
    for office in [&kyiv, &doha, &tallinn] {
        assert!(fs::read_to_string(&office.out).unwrap().contains("Stop it with"), "outputs were kept");
        let log = fs::read_to_string(&office.err).unwrap();
        assert!(log.contains("link up") && log.contains("TRACE"), "the log was kept, at its most talkative");
        // Other crates would tell addresses.
        assert!(log.lines().all(|line| line.contains(" homeward::node::tell: ")), "others write in the log");
        assert!(!log.contains("127.0.0.1"), "an address stands in the log");
    }
}
