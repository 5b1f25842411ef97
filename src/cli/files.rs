//! Files that a person hands in, and files that are handed out.

use crate::node::{ExportedFile, Failure, FailureKind};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The longest name of an exported file, in bytes.
const NAME_BYTES: usize = 120;

/// A file's bytes, or those of stdin for `-`, at most `limit`. `what` names it in a sentence: "card file".
pub(super) fn read(path: &Path, limit: usize, what: &str) -> Result<Vec<u8>, Failure> {
    let unreadable = |_| wrong(format!("the {what} could not be read"), "Check its path and whose it is.");
    let source: Box<dyn Read> = match path.as_os_str() == "-" {
        true => Box::new(std::io::stdin().lock()),
        false => Box::new(File::open(path).map_err(unreadable)?),
    };
    let mut bytes = Vec::new();
    source.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > limit {
        return Err(wrong(
            format!("the {what} is longer than {} may be", super::words::size(limit as u64)),
            "",
        ));
    }
    Ok(bytes)
}

/// The same as text.
pub(super) fn read_text(path: &Path, limit: usize, what: &str) -> Result<String, Failure> {
    let mut text = String::from_utf8(read(path, limit, what)?)
        .map_err(|_| wrong(format!("the {what} is not UTF-8 text"), ""))?;
    if text.starts_with('\u{feff}') {
        // What some editors put before text.
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

/// That a file which the node is to write can be new: nothing stands there, and its folder does.
pub(super) fn can_be_new(path: &Path) -> Result<(), Failure> {
    if path.symlink_metadata().is_ok() {
        return Err(exists(path));
    }
    match path.parent().is_some_and(Path::is_dir) {
        true => Ok(()),
        false => Err(wrong(
            format!("{} is in no folder that exists", path.display()),
            "Make the folder, or name another.",
        )),
    }
}

/// That a folder which is to be filled is new or empty.
pub(super) fn can_be_filled(folder: &Path) -> Result<(), Failure> {
    if folder.components().as_path().is_symlink() {
        return Err(wrong(
            format!("{} is a link to another place; nothing was written", folder.display()),
            "Name the folder itself.",
        ));
    }
    match std::fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Ok(false) => Err(wrong(
            format!("{} is not empty; nothing was written", folder.display()),
            "Name an empty folder, or one that does not exist.",
        )),
        Err(_) => Err(wrong(
            format!("{} is no folder that can be read", folder.display()),
            "Name an empty folder, or one that does not exist.",
        )),
    }
}

fn exists(path: &Path) -> Failure {
    wrong(
        format!("{} exists already; it was left as it is", path.display()),
        "Name a file that does not exist.",
    )
}

/// Writes one new file for its owner alone: whole and durably, or not at all.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    place_new(path, bytes).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => exists(path),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Failure {
            kind: FailureKind::Disk,
            what: format!("{} could not be written: the disk is full", path.display()),
            then: "Free some space and try again; nothing was left there.".into(),
        },
        _ => Failure {
            kind: FailureKind::Disk,
            what: format!("{} could not be written", path.display()),
            then: "Check the folder and whether the disk is full.".into(),
        },
    })
}

/// Written beside its place, synced, and given its name only then, if nothing has it.
fn place_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if path.symlink_metadata().is_ok() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    let name = path.file_name().ok_or(ErrorKind::InvalidInput)?;
    let beside = path.with_file_name(format!(".{}.{}.new", name.to_string_lossy(), std::process::id()));
    let placed = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| rename_new(&beside, path));
    if placed.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    placed?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A folder that cannot be synced holds a synced file.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// Renames, and takes no other file's place.
fn rename_new(from: &Path, to: &Path) -> std::io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Not every disk knows this; that nothing stood there was seen a moment ago.
        Err(Errno::INVAL | Errno::NOSYS) => std::fs::rename(from, to),
        other => Ok(other?),
    }
}

/// Writes exported files into a folder, which is made if need be. None is written unless all can be by their names;
/// what is there already is never written over.
pub(super) fn hand_out(folder: &Path, files: &[ExportedFile]) -> Result<Vec<PathBuf>, Failure> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for file in files {
        let path = folder.join(&file.name);
        if !is_safe_name(&file.name) || paths.contains(&path) {
            return Err(Failure {
                kind: FailureKind::Internal,
                what: "the node named an exported file in a way that is not safe to write".into(),
                then: "Nothing was written.".into(),
            });
        }
        if path.symlink_metadata().is_ok() {
            return Err(wrong(
                format!("{} exists already; nothing was written", path.display()),
                "Name an empty folder, or one that does not exist.",
            ));
        }
        paths.push(path);
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|_| Failure {
        kind: FailureKind::Disk,
        what: format!("the folder {} could not be made", folder.display()),
        then: "Check the path and whether the disk is full.".into(),
    })?;
    for (file, path) in files.iter().zip(&paths) {
        write_new(path, file.bytes.reveal())?;
    }
    // So that the names, too, outlive a power cut. A folder that cannot be synced holds synced files.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(paths)
}

/// A plain name: letters, digits, `-`, `_` and `.`, the first no dot. No way out of the folder, no hidden file, no
/// name that a terminal or another system reads otherwise.
fn is_safe_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= NAME_BYTES
        && !name.starts_with(['.', '-'])
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

fn wrong(what: String, then: &str) -> Failure {
    Failure { kind: FailureKind::BadInput, what, then: then.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn file(name: &str) -> ExportedFile {
        ExportedFile { name: name.into(), bytes: b"bytes".to_vec().into() }
    }

    #[test]
    fn exported_files_are_their_owner_s_alone() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("for/doha");
        let paths = hand_out(&folder, &[file("case.csv"), file("case.json")]).unwrap();
        assert_eq!(paths.len(), 2);
        for path in &paths {
            assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(std::fs::read(path).unwrap(), b"bytes");
        }
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn nothing_is_written_over_or_beside() {
        let place = tempfile::tempdir().unwrap();
        hand_out(place.path(), &[file("case.csv")]).unwrap();
        let again = hand_out(place.path(), &[file("new.csv"), file("case.csv")]).unwrap_err();
        assert_eq!(again.kind, FailureKind::BadInput);
        assert!(!place.path().join("new.csv").exists());
        for name in
            ["", ".", "..", "../out", "/etc/x", "a/b", "a\\b", ".hidden", "-rf", "a b", "a\n", "naïve", "C:x"]
        {
            let refused = hand_out(place.path(), &[file("first.csv"), file(name)]).unwrap_err();
            assert_eq!(refused.kind, FailureKind::Internal, "{name:?}");
        }
        assert!(!place.path().join("first.csv").exists());
        assert!(hand_out(place.path(), &[file("twice.csv"), file("twice.csv")]).is_err());
    }

    #[test]
    fn what_is_handed_in_is_bounded() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("list.csv");
        write_new(&path, "\u{feff}abc".as_bytes()).unwrap();
        assert_eq!(read_text(&path, 6, "list").unwrap(), "abc");
        assert_eq!(read(&path, 5, "list").unwrap_err().kind, FailureKind::BadInput);
        assert_eq!(read(&place.path().join("none"), 5, "list").unwrap_err().kind, FailureKind::BadInput);
    }
}
