//! Looks at a folder as a thief would: at every byte of every file.

use super::offices::failure;
use crate::node::{Failure, FailureKind};
use std::fs;
use std::path::Path;

/// What a search of a folder saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Search {
    /// Files read.
    pub(super) files: usize,
    /// Bytes read.
    pub(super) bytes: usize,
    /// Places where one of the words begins.
    pub(super) found: usize,
}

/// Reads all files under a folder and looks for words as UTF-8. Links, sockets and other special files are left out.
///
/// # Errors
/// A file or folder that cannot be read: then nothing can be said of it.
pub(super) fn search(folder: &Path, words: &[&str]) -> Result<Search, Failure> {
    let words: Vec<&[u8]> =
        words.iter().map(|word| word.as_bytes()).filter(|word| !word.is_empty()).collect();
    let mut seen = Search::default();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(unread)? {
            let entry = entry.map_err(unread)?;
            let kind = match entry.file_type() {
                Ok(kind) => kind,
                // A running node replaces small files: gone is not hidden.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(unread(error)),
            };
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                match fs::read(entry.path()) {
                    Ok(bytes) => {
                        seen.files += 1;
                        seen.bytes += bytes.len();
                        seen.found += count(&bytes, &words);
                    }
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    Err(error) => return Err(unread(error)),
                }
            }
        }
    }
    Ok(seen)
}

/// Places at which one of the words begins.
fn count(bytes: &[u8], words: &[&[u8]]) -> usize {
    let mut starts = [false; 256];
    for first in words.iter().filter_map(|word| word.first()) {
        if let Some(start) = starts.get_mut(usize::from(*first)) {
            *start = true;
        }
    }
    let mut found = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if starts.get(usize::from(*byte)) == Some(&true) {
            let rest = bytes.get(at..).unwrap_or_default();
            found += words.iter().filter(|word| rest.starts_with(word)).count();
        }
    }
    found
}

fn unread(error: std::io::Error) -> Failure {
    failure(
        FailureKind::Disk,
        &format!("A file of the demo could not be read: {}.", error.kind()),
        "Look at the folder's permissions and try again.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_wherever_it_stands() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("deep")).unwrap();
        let mut text = vec![0xd0; 5000];
        text.extend("Тополин".as_bytes());
        std::io::Write::write_all(&mut fs::File::create(folder.path().join("deep/a")).unwrap(), &text)
            .unwrap();
        std::io::Write::write_all(&mut fs::File::create(folder.path().join("b")).unwrap(), "Топ".as_bytes())
            .unwrap();
        let seen = search(folder.path(), &["Тополин", "0142"]).unwrap();
        assert_eq!(seen, Search { files: 2, bytes: text.len() + 6, found: 1 });
    }

    #[test]
    fn words_that_overlap_are_both_found() {
        assert_eq!(count(b"aab", &[b"aa", b"ab", b"b", b"aabc"]), 3);
    }
}
