//! Evidence is checked whole: a fork proof and a partner's receipt, made by real homes, hold; with any byte changed, cut
//! short or lengthened, they show nothing.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

mod figures;
mod forked;
mod offices;

use forked::Forked;
use homeward::node::{Shown, verify};
use offices::Office;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Of the changes tried in process so many are tried with the program too.
const WITH_THE_PROGRAM: usize = 24;

struct Files {
    folder: tempfile::TempDir,
    fork: Vec<u8>,
    receipt: Vec<u8>,
}

/// Both kinds of evidence, exported by the program.
fn files() -> Files {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = Forked::found_out(folder.path());
    let export = |office: &mut Office, file: &str, which: &[&str]| {
        office.close();
        let path = folder.path().join(file);
        let mut command = homeward();
        command.arg("--home").arg(&office.home);
        command.arg("--passphrase-file").arg(offices::passphrase_file(folder.path()));
        command.args(["evidence", "--out"]).arg(&path).args(which);
        let done = command.output().unwrap();
        assert!(done.status.success(), "{}", text(&done));
        std::fs::read(path).unwrap()
    };
    let mut listed = homeward();
    scene.moscow.close();
    listed.arg("--home").arg(&scene.moscow.home);
    listed.arg("--passphrase-file").arg(offices::passphrase_file(folder.path())).arg("evidence");
    let listed = String::from_utf8(listed.output().unwrap().stdout).unwrap();
    let id = listed.split("Fork ").nth(1).unwrap_or_else(|| panic!("{listed}")).split(':').next().unwrap();
    let fork = export(&mut scene.moscow, "fork.evidence", &["--fork", id]);
    let receipt = export(&mut scene.kyiv, "receipt.evidence", &["--receipt", "doha"]);
    drop(scene);
    Files { folder, fork, receipt }
}

fn homeward() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_homeward"));
    command.env_clear();
    command
}

/// `homeward verify` on a machine that has no home, no keys and no user's folder.
fn verified(folder: &Path, bytes: &[u8]) -> Output {
    let path: PathBuf = folder.join("shown.evidence");
    std::fs::write(&path, bytes).unwrap();
    homeward().arg("verify").arg(path).output().unwrap()
}

fn text(done: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr))
}

#[test]
fn with_any_byte_changed_evidence_shows_nothing() {
    let Files { folder, fork, receipt } = files();
    assert!(matches!(verify(&fork).unwrap().shows, Shown::Fork { .. }));
    assert!(matches!(verify(&receipt).unwrap().shows, Shown::Receipt { .. }));
    let mut tried = 0;
    for (kind, whole) in [("fork", &fork), ("receipt", &receipt)] {
        let held = verified(folder.path(), whole);
        assert_eq!(held.status.code(), Some(0), "{kind}: {}", text(&held));
        assert!(text(&held).contains("It proves"));

        let mut bad: Vec<(String, Vec<u8>)> = Vec::new();
        for at in 0..whole.len() {
            let bit = 1u8 << (at % 8);
            let flipped = whole[at] ^ bit;
            let next = whole[at].wrapping_add(1);
            let third = if flipped == next { whole[at].wrapping_sub(1) } else { next };
            for byte in [flipped, third] {
                let mut bytes = whole.clone();
                bytes[at] = byte;
                bad.push((format!("byte {at} made {byte}"), bytes));
            }
            bad.push((format!("cut after {at} bytes"), whole[..at].to_vec()));
        }
        for more in [&b"\0"[..], b"\n", b" ", &whole[..1], &whole[..]] {
            bad.push((format!("{} bytes more", more.len()), [whole, more].concat()));
            bad.push((format!("{} bytes before", more.len()), [more, whole].concat()));
        }
        let every = bad.len() / WITH_THE_PROGRAM;
        for (place, (what, bytes)) in bad.iter().enumerate() {
            assert!(verify(bytes).is_err(), "{kind}: {what}");
            if place % every == 0 {
                let refused = verified(folder.path(), bytes);
                assert_eq!(refused.status.code(), Some(2), "{kind}: {what}: {}", text(&refused));
                assert!(refused.stdout.is_empty(), "{kind}: {what}: {}", text(&refused));
            }
        }
        tried += bad.len();
    }
    figures::note(&format!("evidence files changed, cut or lengthened, all refused: {tried}"));
}
