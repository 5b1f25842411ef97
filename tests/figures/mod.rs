//! What the gate prints at its end: figures of what was tried, and checks that had to be skipped.

#![allow(dead_code, unreachable_pub)]

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

/// Adds a line, say `worlds run: 300`, to `target/figures.txt`.
pub fn note(line: &str) {
    add("figures.txt", line);
}

/// Adds a reason to `target/skipped.txt`: a check was left out, and why.
pub fn skipped(reason: &str) {
    add("skipped.txt", reason);
}

/// One write, so that tests which run side by side do not mix their lines. What cannot be written fails no test.
fn add(file: &str, line: &str) {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    let _ = fs::create_dir_all(&target);
    if let Ok(mut file) = OpenOptions::new().create(true).append(true).open(target.join(file)) {
        let _ = file.write_all(format!("{line}\n").as_bytes());
    }
}
