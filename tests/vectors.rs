//! Formats do not drift: our own are pinned byte for byte, and published vectors of age and Ed25519 give what they
//! should.
//!
//! The pinned bytes stand in `tests/vectors/` and `keys/`. A format that changes on purpose is a new version with new
//! vectors; `HOMEWARD_WRITE_VECTORS=1` writes those that are missing, and never one that is there.

// A test says that it fails by panicking; clippy knows tests by their attribute alone, not the functions they share.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "vectors/age.rs"]
mod age_files;
#[path = "vectors/ed25519.rs"]
mod ed25519;
#[path = "vectors/evidence.rs"]
mod evidence;
#[path = "vectors/inflate.rs"]
mod inflate;
#[path = "vectors/records.rs"]
mod records;
#[path = "vectors/sealed.rs"]
mod sealed;
#[path = "vectors/wrong.rs"]
mod wrong;

use std::io::Write;
use std::path::{Path, PathBuf};

/// A path in the repository.
fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The published suites; `None`, with the reason noted, where they are not at hand.
fn suites(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("HOMEWARD_DATA").map_or_else(|| here("../shared/data"), PathBuf::from);
    let path = root.join(name);
    if path.exists() {
        return Some(path);
    }
    let note = here("target/skipped.txt");
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(note).unwrap();
    writeln!(file, "vectors: {name} is not in $HOMEWARD_DATA or ../shared/data").unwrap();
    None
}

/// The pinned text of a file. While vectors are being written, a missing one becomes what `make` says.
fn pinned(path: &str, make: impl FnOnce() -> String) -> String {
    let path = here(path);
    if !path.exists() && std::env::var_os("HOMEWARD_WRITE_VECTORS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::File::create(&path).unwrap().write_all(make().as_bytes()).unwrap();
    }
    std::fs::read_to_string(&path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
}

/// The pinned bytes of a vector: hex in lines of 64 characters.
fn pinned_bytes(name: &str, make: impl FnOnce() -> Vec<u8>) -> Vec<u8> {
    let text = pinned(&format!("tests/vectors/{name}.hex"), || {
        let hex = homeward::id::hex(&make());
        hex.as_bytes().chunks(64).map(|line| format!("{}\n", std::str::from_utf8(line).unwrap())).collect()
    });
    homeward::id::unhex(&text.replace('\n', "")).expect("a vector is hex")
}

/// Fails unless the pinned bytes are exactly these.
fn same_as_pinned(name: &str, bytes: &[u8]) {
    let stored = pinned_bytes(name, || bytes.to_vec());
    assert!(stored == bytes, "{name}: this build writes other bytes than tests/vectors/{name}.hex");
}
