//! Other implementations of the formats that Homeward writes open what it seals and exports, and it opens what they
//! seal; another implementation's handshakes get a stranger nowhere.
//!
//! npm `age-encryption` and `@automerge/automerge`, PyPI `pyrage` and `aioquic`, in pinned versions, installed below
//! `target/` for these tests alone. Where node, Python or a registry is not at hand, a line in `target/skipped.txt` says
//! which test was left out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "a test that stumbles should say where"
)]

mod figures;
mod offices;

use base64::{Engine, prelude::BASE64_STANDARD};
use homeward::node::{Answer, Request};
use homeward::private::Private;
use homeward::seal::{
    AgeEnvelope, Envelope, EpochKey, HybridIdentity, demo_node, epoch_identity_text, lock_with_passphrase,
    unlock_with_passphrase,
};
use offices::{Office, found, introduce, level, new_case, note};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

/// What an installation or a script may take, in seconds: it guards, nothing is measured by it.
const DEADLINE: &str = "240";

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs a program to its end; whether it ended well.
fn runs(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).output().is_ok_and(|output| output.status.success())
}

/// A program under a deadline.
fn within(program: &Path) -> Command {
    let mut command = Command::new("timeout");
    command.arg(DEADLINE).arg(program);
    command
}

/// One installation at a time, though tests run side by side.
static INSTALLING: Mutex<()> = Mutex::new(());

/// A folder with the npm packages and the scripts; `None`, with the reason noted, where they cannot be had.
fn npm() -> Option<PathBuf> {
    let _one = INSTALLING.lock();
    let folder = here("target/others/npm");
    fs::create_dir_all(&folder).unwrap();
    for name in ["age.mjs", "automerge.mjs"] {
        fs::copy(here("tests/others").join(name), folder.join(name)).unwrap();
    }
    let lock = fs::read(here("tests/others/package-lock.json")).unwrap();
    let installed = folder.join("installed.json");
    if fs::read(&installed).is_ok_and(|before| before == lock) {
        return Some(folder);
    }
    for name in ["package.json", "package-lock.json"] {
        fs::copy(here("tests/others").join(name), folder.join(name)).unwrap();
    }
    let mut install = within(Path::new("npm"));
    install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0"]);
    if !runs(install.arg("--fetch-timeout=20000").current_dir(&folder)) {
        figures::skipped(
            "other implementations: npm could not install age-encryption and @automerge/automerge",
        );
        return None;
    }
    fs::write(installed, lock).unwrap();
    Some(folder)
}

/// A Python with the packages; `None`, with the reason noted, where they cannot be had.
fn python() -> Option<PathBuf> {
    let _one = INSTALLING.lock();
    let folder = here("target/others/python");
    let python = folder.join("bin/python3");
    let list = fs::read(here("tests/others/requirements.txt")).unwrap();
    let installed = folder.join("installed.txt");
    if fs::read(&installed).is_ok_and(|before| before == list) {
        return Some(python);
    }
    let made = runs(within(Path::new("python3")).args(["-m", "venv", "--clear"]).arg(&folder));
    let mut install = within(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]);
    install.args(["--only-binary", ":all:", "--retries", "0", "--timeout", "20", "--requirement"]);
    if !made || !runs(install.arg(here("tests/others/requirements.txt"))) {
        figures::skipped("other implementations: pip could not install pyrage and aioquic");
        return None;
    }
    fs::write(installed, list).unwrap();
    Some(python)
}

/// Runs a script on JSON; its answer as JSON.
fn script(mut command: Command, jobs: &Value) -> Value {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(jobs.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{command:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn node_script(folder: &Path, name: &str, jobs: &Value) -> Value {
    let mut command = within(Path::new("node"));
    command.arg(folder.join(name)).current_dir(folder);
    script(command, jobs)
}

fn python_script(python: &Path, name: &str, jobs: &Value) -> Value {
    let mut command = within(python);
    command.arg(here("tests/others").join(name));
    script(command, jobs)
}

fn text(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

fn bytes(text: &Value) -> Vec<u8> {
    BASE64_STANDARD.decode(text.as_str().unwrap_or_else(|| panic!("bytes expected, not {text}"))).unwrap()
}

/// Plaintexts of several lengths: nothing, a line, one chunk of age to the byte and one byte more.
fn plaintexts() -> Vec<Vec<u8>> {
    [0, 40, 65_536, 65_537, 200_000].map(|length| (0..length).map(|n| (n * 7 % 251) as u8).collect()).to_vec()
}

fn epoch() -> EpochKey {
    EpochKey(Private::new([0x41; 32]))
}

/// What age sealed in a work file of ours: length, zstd frame and padding.
fn padded(plain: &[u8]) -> Vec<u8> {
    let sealed = AgeEnvelope.seal_work(&epoch(), plain).unwrap();
    let identity: age::x25519::Identity = epoch_identity_text(&epoch()).reveal().parse().unwrap();
    age::decrypt(&identity, &sealed).unwrap()
}

/// X25519 both ways, and files under a passphrase that we lock: `run` takes jobs.
fn x25519_agrees(who: &str, run: impl Fn(&Value) -> Value) {
    let identity = epoch_identity_text(&epoch()).reveal().clone();
    let recipient = identity.parse::<age::x25519::Identity>().unwrap().to_public().to_string();
    assert_eq!(run(&json!([{"do": "recipient", "identity": identity}]))[0]["recipient"], recipient, "{who}");

    let locked =
        lock_with_passphrase(&"three grey herons".into(), 12, &Private::new(b"a key".to_vec())).unwrap();
    let mut jobs = vec![json!({"do": "open", "passphrase": "three grey herons", "file": text(&locked)})];
    for plain in plaintexts() {
        let file = text(&AgeEnvelope.seal_work(&epoch(), &plain).unwrap());
        jobs.push(json!({"do": "open", "identity": identity, "file": file}));
        jobs.push(json!({"do": "seal", "recipients": [recipient], "plain": text(&padded(&plain))}));
    }
    let answers = run(&jobs.into());
    assert_eq!(bytes(&answers[0]["plain"]), b"a key", "{who} opens a key file");
    for (at, plain) in plaintexts().iter().enumerate() {
        assert_eq!(bytes(&answers[1 + 2 * at]["plain"]), padded(plain), "{who} opens a segment");
        let opened = AgeEnvelope.open_work(&epoch(), &bytes(&answers[2 + 2 * at]["file"])).unwrap();
        assert_eq!(opened.reveal(), plain, "we open what {who} sealed");
    }
    // And it notices what was bent.
    let mut bent = AgeEnvelope.seal_work(&epoch(), b"a segment").unwrap();
    *bent.last_mut().unwrap() ^= 1;
    let answers = run(&json!([{"do": "open", "identity": identity, "file": text(&bent)}]));
    assert!(answers[0]["refused"].is_string(), "{who} opens a bent file");
}

#[test]
fn age_encryption_for_node_opens_what_we_seal_and_we_what_it_seals() {
    let Some(folder) = npm() else { return };
    let run = |jobs: &Value| node_script(&folder, "age.mjs", jobs);
    x25519_agrees("age-encryption", run);

    // Post-quantum recipients, one and two of them.
    let seeds = [demo_node("kyiv"), demo_node("doha")].map(|node| node.age_seed().clone());
    let identities = seeds.clone().map(HybridIdentity::new);
    let recipients: Vec<String> = identities.iter().map(|identity| identity.recipient().text()).collect();
    let keys: Vec<String> = identities.iter().map(|identity| identity.text().reveal().clone()).collect();
    for (key, recipient) in keys.iter().zip(&recipients) {
        let answers = run(&json!([{"do": "recipient", "identity": key}]));
        assert_eq!(answers[0]["recipient"], *recipient, "both derive the same recipient");
    }
    let both: Vec<_> = identities.iter().map(HybridIdentity::recipient).collect();
    for plain in plaintexts() {
        let sealed = AgeEnvelope.seal_to(&both, &plain).unwrap();
        let open = |key: &String| json!({"do": "open", "identity": key, "file": text(&sealed)});
        let seal = |to: &[String]| json!({"do": "seal", "recipients": to, "plain": text(&plain)});
        let jobs = json!([open(&keys[0]), open(&keys[1]), seal(&recipients[..1]), seal(&recipients)]);
        let answers = run(&jobs);
        assert_eq!(bytes(&answers[0]["plain"]), plain);
        assert_eq!(bytes(&answers[1]["plain"]), plain);
        for (answer, seed) in [(2, 0), (3, 0), (3, 1)] {
            let opened = AgeEnvelope.open_as(&seeds[seed], &bytes(&answers[answer]["file"])).unwrap();
            assert_eq!(opened.reveal(), &plain);
        }
        assert!(AgeEnvelope.open_as(&seeds[1], &bytes(&answers[2]["file"])).is_err(), "sealed to one alone");
    }
    let answers =
        run(&json!([{"do": "seal", "passphrase": "three grey herons", "work": 12, "plain": text(b"a key")}]));
    let opened = unlock_with_passphrase(&"three grey herons".into(), &bytes(&answers[0]["file"])).unwrap();
    assert_eq!(opened.reveal(), b"a key");
    figures::note("age-encryption 0.3.1 (npm): X25519, post-quantum and passphrase files open both ways");
}

#[test]
fn pyrage_opens_what_we_seal_and_we_what_it_seals() {
    let Some(python) = python() else { return };
    x25519_agrees("pyrage", |jobs| python_script(&python, "age.py", jobs));
    figures::note("pyrage 1.4.0 (PyPI): X25519 files open both ways, a key file opens");
}

/// A home with a circle of its own and a case with claims, a plan and a note; everything exported.
fn exported(root: &Path) -> PathBuf {
    let mut kyiv = Office::new(root, "kyiv");
    let mut doha = Office::new(root, "doha");
    introduce(&mut [&mut kyiv, &mut doha]);
    found(&mut kyiv, "families", &["doha"], &[]);
    for name in ["Marusia Vesnova", "Тарас Бондар", "طفل 🦋"] {
        let case = new_case(&mut kyiv, "families", name).case;
        kyiv.ask(note("families", case, "seen by the desk: ї 🦋 é"));
        kyiv.ask(note("families", case, "a second line"));
        let claim = offices::claim("birth_date", "2015");
        kyiv.ask(Request::CaseClaim { circle: "families".into(), case: case.hex(), claims: vec![claim] });
    }
    // What is written is cut into segments once there is somewhere to send it.
    let (partner, file) = ("doha".to_owned(), root.join("bundle").to_str().unwrap().to_owned());
    kyiv.ask(Request::BundleOut { partner, file, all: true });
    let dir = root.join("everything");
    let (text, passphrase) = (dir.to_str().unwrap().to_owned(), "a dry well".into());
    let Answer::ExportedAll { sheets, .. } = kyiv.ask(Request::ExportAll { dir: text, passphrase }) else {
        panic!("an export expected")
    };
    assert_eq!(sheets, 3);
    dir
}

/// The files of one kind below a folder.
fn below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(below(&path, ending));
        } else if path.to_str().unwrap().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn what_we_export_opens_elsewhere() {
    let Some(folder) = npm() else { return };
    let root = tempfile::tempdir().unwrap();
    let dir = exported(root.path());

    // The sheets, in the other implementation of Automerge: the same heads, content and changes.
    let files = below(&dir, ".automerge");
    assert_eq!(files.len(), 3);
    let answers = node_script(&folder, "automerge.mjs", &json!(files));
    for (file, answer) in files.iter().zip(answers.as_array().unwrap()) {
        let ours = automerge::Automerge::load(&fs::read(file).unwrap()).unwrap();
        let heads = |document: &automerge::Automerge| {
            let mut heads: Vec<String> = document.get_heads().iter().map(ToString::to_string).collect();
            heads.sort();
            heads
        };
        let theirs = |value: &Value| {
            let mut heads: Vec<String> =
                value.as_array().unwrap().iter().map(|head| head.as_str().unwrap().to_owned()).collect();
            heads.sort();
            heads
        };
        assert_eq!(theirs(&answer["heads"]), heads(&ours), "the same heads");
        assert_eq!(answer["content"], serde_json::to_value(automerge::AutoSerde::from(&ours)).unwrap());
        assert!(answer["changes"].as_u64().unwrap() >= 4, "history and all");
        let again = automerge::Automerge::load(&bytes(&answer["saved"])).unwrap();
        assert_eq!(heads(&again), heads(&ours), "what it saves again is the same document");
        let changed = automerge::Automerge::load(&bytes(&answer["changed"]["saved"])).unwrap();
        assert_eq!(heads(&changed), theirs(&answer["changed"]["heads"]), "and may go on elsewhere");
    }

    // The segments, as the export's own README says: the keys under the passphrase, then each file with its key.
    let locked = fs::read(dir.join("epochs.age")).unwrap();
    let answers = node_script(
        &folder,
        "age.mjs",
        &json!([{"do": "open", "passphrase": "a dry well", "file": text(&locked)}]),
    );
    let keys = String::from_utf8(bytes(&answers[0]["plain"])).unwrap();
    let keys: Vec<&str> = keys.lines().filter(|line| line.starts_with("AGE-SECRET-KEY-1")).collect();
    let segments: Vec<PathBuf> =
        below(&dir, ".age").into_iter().filter(|path| !path.ends_with("epochs.age")).collect();
    assert!(!keys.is_empty() && !segments.is_empty());
    let job = |path: &PathBuf, key: &&str| json!({"do": "open", "identity": key, "file": text(&fs::read(path).unwrap())});
    let jobs: Vec<Value> = segments.iter().flat_map(|path| keys.iter().map(|key| job(path, key))).collect();
    let answers = node_script(&folder, "age.mjs", &jobs.into());
    for answers in answers.as_array().unwrap().chunks(keys.len()) {
        let plain = answers.iter().find(|answer| answer["plain"].is_string());
        let padded = bytes(&plain.expect("one of the keys opens it")["plain"]);
        let length = u32::from_be_bytes(padded[..4].try_into().unwrap()) as usize;
        let edits = zstd::decode_all(&padded[4..4 + length]).unwrap();
        assert!(!edits.is_empty());
    }
    figures::note(
        "@automerge/automerge 3.5.0 (npm): exported sheets have the same heads, content and changes",
    );
}

/// The most memory that a process had, in MiB.
fn peak_mib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() / 1024
}

#[test]
fn a_stranger_with_another_quic_gets_nowhere_and_a_friend_is_served() {
    let Some(python) = python() else { return };
    let root = tempfile::tempdir().unwrap();
    let (mut kyiv, mut doha) = (Office::new(root.path(), "kyiv"), Office::new(root.path(), "doha"));
    introduce(&mut [&mut kyiv, &mut doha]);
    doha.dials(&kyiv);
    let circle = found(&mut kyiv, "families", &["doha"], &[]);
    kyiv.start();
    let mut stranger = within(&python);
    stranger.arg(here("tests/others/stranger.py")).arg(kyiv.port.to_string());
    stranger.arg(std::str::from_utf8(homeward::net::ALPN).unwrap()).arg("5");
    let stranger = stranger.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    // A friend comes in the middle of it.
    doha.start();
    new_case(&mut kyiv, "families", "Marusia Vesnova");
    level(&mut [&mut kyiv, &mut doha], &circle);
    let output = stranger.wait_with_output().unwrap();
    assert!(output.status.success());
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["completed"], 0, "{answer}");
    assert!(answer["sent"].as_u64().unwrap() > 700, "{answer}");
    // And goes on after it.
    new_case(&mut doha, "families", "Taras Bondar");
    level(&mut [&mut kyiv, &mut doha], &circle);
    let memory = peak_mib(kyiv.process());
    assert!(memory < 400, "{memory} MiB");
    for office in [&mut kyiv, &mut doha] {
        let told = fs::read_to_string(&office.err).unwrap();
        assert!(!told.contains("panicked"), "{told}");
        office.stop();
    }
    figures::note(&format!(
        "aioquic 1.7.2 (PyPI) as a stranger: {} datagrams, no handshake completed; ends: {}",
        answer["sent"], answer["ends"]
    ));
}
