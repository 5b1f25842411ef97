//! Files that people hand to a node: backups, lists and their maps, config, key files; and the control socket's line.

use super::Given;
use homeward::case::{ListMap, guard_cell, read_list, unguard_cell};
use homeward::limit;
use homeward::node::{Asked, config_again};
use homeward::private::Private;
use homeward::seal::{
    EpochSecret, KeyBundle, PartnerBundle, RecoveryPhrase, SafetyPhrase, age_header_length, demo_partner,
    unlock_with_passphrase,
};
use homeward::store::{About, BackupReader, VAULT_FILE, Vault, back_up};
use std::path::Path;

/// The vault key of the backup that is kept here.
pub fn vault_key() -> Private<[u8; 32]> {
    Private::new([0x5a; 32])
}

/// What the backup that is kept here says of itself.
pub fn about() -> About {
    About { time: homeward::time::Millis(7), config: b"operator = \"Desk 1\"\n".to_vec() }
}

/// A backup makes a whole vault, or none.
pub fn backup(bytes: &[u8]) -> bool {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let folder = folder.expect("a folder");
    let home = folder.path().join("home");
    homeward::store::files::private_folder(&home).expect("a folder");
    let reader = BackupReader::open(bytes);
    if let Ok(reader) = &reader {
        assert!(reader.locks().len() <= 3, "one lock of each kind");
    }
    match reader.and_then(|reader| reader.restore(&home, &vault_key())) {
        Ok((opened, about)) => {
            assert!(opened.fell_back, "what was restored is known to be older");
            let reader = opened.vault.reader().expect("a reader");
            let held = back_up(&reader, &[], &about, &mut std::io::sink()).expect("a backup of it");
            assert_eq!(held, records_in(bytes), "the same records");
            drop(reader);
            drop(opened);
            Vault::open(&home, &vault_key()).expect("it opens again");
            true
        }
        Err(_) => {
            assert!(!home.join(VAULT_FILE).exists(), "a refused backup leaves no vault");
            let left: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").collect();
            assert_eq!(left.len(), 1, "nothing is written beside the home");
            false
        }
    }
}

/// How many records a whole backup holds.
fn records_in(backup: &[u8]) -> u64 {
    let mut rest = &backup[18..];
    while let Some(([kind, length @ ..], after)) = rest.split_first_chunk::<5>().filter(|_| rest[0] != 0) {
        assert!((1..=3).contains(kind));
        rest = &after[u32::from_be_bytes(*length) as usize..];
    }
    rest = &rest[1..];
    let mut count = 0;
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        match u32::from_be_bytes(*length) {
            0 => break,
            length => rest = &after[32 + length as usize..],
        }
        count += 1;
    }
    count
}

/// The map that lists are read with here.
pub const MAP: &str = r#"list = "list"
number = "No"
required = ["Surname"]
ignore = ["Note"]
[columns."Surname"]
field = "name.surname"
[columns."Given"]
field = "name.given"
[columns."Born"]
field = "birth_date"
dates = ["day_first", "year"]
[columns."Sex"]
field = "sex"
values = { "m" = "male", "f" = "female" }
[columns."Mother"]
field = "relative.name"
group = "mother"
with = { "relative.relation" = "mother" }
"#;

/// A list under a right map: each line is read or refused, once.
pub fn list(bytes: &[u8]) -> bool {
    let map = ListMap::parse(MAP).expect("a right map");
    let Ok(read) = read_list(bytes, &map) else { return false };
    let mut lines: Vec<u64> = read.rows.iter().map(|row| row.line).collect();
    lines.extend(read.refused.iter().map(|refused| refused.line));
    lines.sort_unstable();
    assert!(lines.windows(2).all(|pair| pair[0] < pair[1]), "a line is read or refused, once");
    assert!(lines.len() <= limit::LIST_ROWS);
    let ends = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64;
    assert!(lines.last().is_none_or(|last| *last <= ends + 1), "lines are the file's");
    for row in &read.rows {
        assert!(row.claims.len() <= limit::EDIT_CLAIMS && !row.number.is_empty());
        let change = homeward::case::Change::Claims(row.claims.clone());
        let time = homeward::time::Millis(1);
        let case = homeward::id::CaseId([1; 16]);
        let edit = homeward::case::Edit { case, time, operator: "desk".into(), change };
        assert_eq!(edit.check(), Ok(()), "a line that is read is a sound edit");
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        assert_eq!(unguard_cell(&guard_cell(text)), text);
    }
    !read.rows.is_empty()
}

/// A map, and the list that stands behind its first NUL byte.
pub fn list_map(bytes: &[u8]) -> bool {
    let (map, list) = match bytes.iter().position(|byte| *byte == 0) {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &b"No;Name\n1;Ann\n"[..]),
    };
    let Ok(text) = std::str::from_utf8(map) else { return false };
    let Ok(map) = ListMap::parse(text) else { return false };
    assert!(text.len() <= limit::LIST_MAP_BYTES && !map.list().is_empty());
    if let Ok(read) = read_list(list, &map) {
        assert!(read.rows.iter().all(|row| row.claims.len() <= limit::EDIT_CLAIMS));
    }
    true
}

/// What a config says it says again.
pub fn config(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(again) = config_again(text) else { return false };
    assert_eq!(config_again(&again).expect("what was written reads"), again);
    true
}

/// Key files. First byte 0: a locked file; 1: what is in one; 2: a recovery phrase; 3: a safety phrase.
pub fn key_file(bytes: &[u8]) -> bool {
    let mut given = Given(bytes);
    match given.byte() % 4 {
        0 => {
            // An own file may ask for much work: that is waited for by its owner, not here.
            if age_header_length(given.0).is_ok() && work_factor(given.0) > 6 {
                return false;
            }
            let opened = unlock_with_passphrase(&"three grey herons".into(), given.0);
            assert!(unlock_with_passphrase(&"three grey herns".into(), given.0).is_err());
            opened.is_ok()
        }
        1 => {
            let plain = Private::new(given.0.to_vec());
            let node = KeyBundle::decode(&plain).map(|keys| assert_eq!(keys.encode(), plain));
            let partner = PartnerBundle::decode(&plain).map(|keys| assert_eq!(keys.encode(), plain));
            let epoch = EpochSecret::decode(given.0).map(|secret| assert_eq!(secret.encode(), plain));
            let taken = [node.is_ok(), partner.is_ok(), epoch.is_ok()];
            assert!(taken.iter().filter(|taken| **taken).count() <= 1, "no file is read as two kinds");
            taken.contains(&true)
        }
        2 => {
            let typed = String::from_utf8_lossy(given.0).into_owned().into();
            let Ok(phrase) = RecoveryPhrase::parse(&typed) else { return false };
            let again = RecoveryPhrase::parse(&phrase.words()).expect("its own words");
            assert_eq!(again.seed(), phrase.seed());
            true
        }
        _ => {
            let phrase = SafetyPhrase::of(&demo_partner("kyiv").partner_id());
            let typed = String::from_utf8_lossy(given.0);
            let same = phrase.matches(&typed);
            assert!(!SafetyPhrase::of(&demo_partner("doha").partner_id()).matches(&typed) || !same);
            same
        }
    }
}

/// The work factor that a scrypt stanza asks for, as far as it can be read.
fn work_factor(file: &[u8]) -> u32 {
    let line = file.split(|byte| *byte == b'\n').nth(1).unwrap_or_default();
    let last = line.rsplit(|byte| *byte == b' ').next().unwrap_or_default();
    std::str::from_utf8(last).ok().and_then(|text| text.parse().ok()).unwrap_or(99)
}

/// A line on the control socket: what is read is written and read as the same.
pub fn request(bytes: &[u8]) -> bool {
    let Ok(asked) = serde_json::from_slice::<Asked>(bytes) else { return false };
    let line = serde_json::to_string(&asked).expect("a request can be written");
    assert!(!line.contains('\n'), "one request, one line");
    let again: Asked = serde_json::from_str(&line).expect("what was written reads");
    assert_eq!(serde_json::to_string(&again).expect("a request"), line);
    true
}
