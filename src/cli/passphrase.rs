//! The passphrase: from a prompt that shows nothing, or from a file that only its owner can read. Never from an
//! argument or the environment, where every process of the machine could see it.

use super::prompt;
use crate::node::{Failure, FailureKind};
use crate::private::Private;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use zeroize::Zeroizing;

/// The longest passphrase, in bytes.
const PASSPHRASE_BYTES: usize = 1024;
/// Below so many characters a new passphrase gets a word of advice.
const SHORT_CHARS: usize = 16;
/// The word of advice.
pub(super) const SHORT: &str =
    "The passphrase is short. Five or six random words are easier to remember and far harder to guess.";

/// The passphrase of keys that exist.
pub(super) fn unlock(file: Option<&Path>) -> Result<Private<String>, Failure> {
    match file {
        Some(file) => from_file(file),
        None => ask("Passphrase:"),
    }
}

/// The passphrase of a partner key on a stick.
pub(super) fn of_partner_key(file: Option<&Path>) -> Result<Private<String>, Failure> {
    match file {
        Some(file) => from_file(file),
        None => ask("Passphrase of the partner key, or its recovery words:"),
    }
}

/// A new passphrase, asked twice so that a slip of the hand locks nobody out. `whose` ends the question: "of this
/// node's keys".
pub(super) fn choose(file: Option<&Path>, whose: &str) -> Result<Private<String>, Failure> {
    if let Some(file) = file {
        return from_file(file);
    }
    let first = ask(&format!("New passphrase {whose}:"))?;
    let again = ask("The same again:")?;
    if first != again {
        return Err(wrong("the two passphrases differ; nothing was done", "Try again."));
    }
    Ok(first)
}

/// Whether a new passphrase is so short that it should be said.
pub(super) fn is_short(passphrase: &Private<String>) -> bool {
    passphrase.len_points() < SHORT_CHARS
}

fn ask(question: &str) -> Result<Private<String>, Failure> {
    let Some(typed) = prompt::hidden(question) else {
        return Err(Failure {
            kind: FailureKind::Locked,
            what: "the passphrase is needed, and there is no terminal to ask for it".into(),
            then: "Name a file that holds it with --passphrase-file.".into(),
        });
    };
    let typed = typed.map_err(|_| Failure {
        kind: FailureKind::Locked,
        what: "no passphrase was given; nothing was done".into(),
        then: String::new(),
    })?;
    if typed.is_empty() {
        return Err(Failure {
            kind: FailureKind::Locked,
            what: "the passphrase is empty; nothing was done".into(),
            then: String::new(),
        });
    }
    Ok(typed)
}

/// The first line of a file that nobody but its owner can read.
pub(super) fn from_file(path: &Path) -> Result<Private<String>, Failure> {
    let unreadable = |_| wrong("the passphrase file could not be read", "Check its path and whose it is.");
    let mut file = File::open(path).map_err(unreadable)?;
    // Of the open file, not of the path: a path can come to mean another file in between.
    let mode = file.metadata().map_err(unreadable)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(wrong(
            "others than its owner can read the passphrase file",
            "Close it with `chmod 600`, and choose another passphrase if others use this machine.",
        ));
    }
    let mut bytes = Zeroizing::new(vec![0; PASSPHRASE_BYTES + 2]);
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest).map_err(unreadable)? {
            0 => break,
            read => filled += read,
        }
    }
    let bytes = bytes.get(..filled).unwrap_or_default();
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.len() > PASSPHRASE_BYTES {
        return Err(wrong("the first line of the passphrase file is longer than 1,024 bytes", ""));
    }
    let text = std::str::from_utf8(line).map_err(|_| wrong("the passphrase file is not UTF-8 text", ""))?;
    if text.is_empty() {
        return Err(wrong("the first line of the passphrase file is empty", "Write the passphrase there."));
    }
    Ok(Private::from(text))
}

fn wrong(what: &str, then: &str) -> Failure {
    Failure { kind: FailureKind::BadInput, what: what.into(), then: then.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;

    fn read(bytes: &[u8], mode: u32) -> Result<Private<String>, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passphrase");
        let mut file =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&path).unwrap();
        file.set_permissions(std::fs::Permissions::from_mode(mode)).unwrap();
        file.write_all(bytes).unwrap();
        from_file(&path)
    }

    #[test]
    fn the_first_line_counts_without_its_end() {
        for bytes in [&b"three small boats"[..], b"three small boats\n", b"three small boats\r\nmore\n"] {
            assert_eq!(read(bytes, 0o600).unwrap().reveal(), "three small boats");
        }
        assert_eq!(read(" keeps spaces \n".as_bytes(), 0o400).unwrap().reveal(), " keeps spaces ");
        let longest = "x".repeat(PASSPHRASE_BYTES);
        assert_eq!(read(format!("{longest}\r\n").as_bytes(), 0o600).unwrap().reveal(), &longest);
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        for mode in [0o640, 0o604, 0o644, 0o610, 0o660] {
            let failure = read(b"three small boats\n", mode).unwrap_err();
            assert_eq!(failure.kind, FailureKind::BadInput, "{mode:o}");
            assert!(failure.then.contains("chmod 600"), "{mode:o}");
        }
    }

    #[test]
    fn what_is_no_passphrase_is_refused() {
        for bytes in
            [&b""[..], b"\nsecond line\n", b"\r\n", &[0xff, 0xfe, b'\n'], &[b'x'; PASSPHRASE_BYTES + 1]]
        {
            assert_eq!(read(bytes, 0o600).unwrap_err().kind, FailureKind::BadInput);
        }
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(from_file(&folder.path().join("none")).unwrap_err().kind, FailureKind::BadInput);
    }
}
