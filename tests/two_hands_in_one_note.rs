//! Two people write in one note at once, and nobody loses a letter: what the page's script does with both texts is
//! tried by a script beside it (`src/web/assets/plan_test.js`), where a program is there to run it.

#![allow(clippy::unwrap_used)] // a test says what it found by failing

mod figures;

use std::path::Path;
use std::process::Command;

#[test]
fn what_one_has_not_sent_goes_into_what_the_other_wrote() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/assets/plan_test.js");
    match Command::new("node").arg(&script).output() {
        Ok(ran) => assert!(
            ran.status.success() && ran.stdout.starts_with(b"all holds"),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        ),
        Err(_) => figures::skipped("the script of the shared note: there is no program `node` to run it"),
    }
}
