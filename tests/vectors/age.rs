//! The published age vectors (C2SP/CCTV): what must open opens, the rest is refused for the reason given.
//!
//! Each file goes two ways: through the age crate alone with our identities, where three classical files are known to
//! end otherwise, and behind our own header check, where none does.

use age::armor::{ArmoredReadError, ArmoredReader};
use age::secrecy::SecretString;
use age::{DecryptError, Decryptor, Identity, scrypt, x25519};
use homeward::private::Private;
use homeward::seal::{HybridIdentity, age_header_length};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// The age crate reads two older stanza forms that the specification refuses, and finds armor only at the very start.
const AGE_ALONE_DIFFERS: [&str; 3] =
    ["armor_whitespace_outside", "stanza_missing_body", "stanza_missing_final_line"];
/// Markers so broken that age takes the file for one without armor, and refuses it as such.
const BROKEN_MARKERS: [&str; 4] =
    ["armor_garbage_leading", "armor_lowercase", "armor_whitespace_begin", "armor_wrong_type"];
/// The highest work factor that the vectors expect to be accepted.
const WORK_FACTOR: u8 = 16;

struct Vector {
    expect: String,
    payload: Option<String>,
    identities: Vec<String>,
    passphrase: Option<String>,
    armored: bool,
    file: Vec<u8>,
}

fn read(path: &Path) -> Vector {
    let bytes = std::fs::read(path).unwrap();
    let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap();
    let mut fields: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for line in std::str::from_utf8(&bytes[..end]).unwrap().lines() {
        let (key, value) = line.split_once(": ").unwrap();
        fields.entry(key).or_default().push(value.to_owned());
    }
    let first = |key: &str| fields.get(key).and_then(|values| values.first().cloned());
    let packed = &bytes[end + 2..];
    Vector {
        expect: first("expect").unwrap(),
        payload: first("payload"),
        identities: fields.get("identity").cloned().unwrap_or_default(),
        passphrase: first("passphrase"),
        armored: first("armored").is_some(),
        file: match first("compressed") {
            Some(_) => crate::inflate::zlib(packed),
            None => packed.to_vec(),
        },
    }
}

fn identities(vector: &Vector) -> Vec<Box<dyn Identity>> {
    let mut all: Vec<Box<dyn Identity>> = vector
        .identities
        .iter()
        .map(|text| -> Box<dyn Identity> {
            match HybridIdentity::parse(&Private::new(text.clone())) {
                Ok(identity) => Box::new(identity),
                Err(_) => Box::new(text.parse::<x25519::Identity>().unwrap()),
            }
        })
        .collect();
    if let Some(passphrase) = &vector.passphrase {
        let mut identity = scrypt::Identity::new(SecretString::from(passphrase.clone()));
        identity.set_max_work_factor(WORK_FACTOR);
        all.push(Box::new(identity));
    }
    all
}

/// Whether age says that the armor was broken.
fn armor_broke(fault: &std::io::Error) -> bool {
    fault.get_ref().is_some_and(|inner| inner.is::<ArmoredReadError>())
}

/// How a file ended, in the suite's words, and what came out of it until then.
fn open(name: &str, file: &[u8], vector: &Vector) -> (&'static str, Vec<u8>) {
    let identities = identities(vector);
    let decryptor = match Decryptor::new_buffered(ArmoredReader::new(file)) {
        Ok(decryptor) => decryptor,
        Err(DecryptError::Io(fault)) if armor_broke(&fault) => return ("armor failure", Vec::new()),
        Err(_) if BROKEN_MARKERS.contains(&name) => return ("armor failure", Vec::new()),
        Err(_) => return ("header failure", Vec::new()),
    };
    match decryptor.decrypt(identities.iter().map(Box::as_ref)) {
        Ok(mut reader) => {
            let mut payload = Vec::new();
            match reader.read_to_end(&mut payload) {
                Ok(_) => ("success", payload),
                Err(fault) if armor_broke(&fault) => ("armor failure", payload),
                Err(_) => ("payload failure", payload),
            }
        }
        Err(DecryptError::NoMatchingKeys | DecryptError::DecryptionFailed) => ("no match", Vec::new()),
        Err(DecryptError::InvalidMac) => ("HMAC failure", Vec::new()),
        Err(_) => ("header failure", Vec::new()),
    }
}

/// The same behind our own check: armor may have blank space around it, the header must be whole and strict.
fn open_checked(name: &str, vector: &Vector) -> (&'static str, Vec<u8>) {
    let file = if vector.armored { vector.file.trim_ascii() } else { &vector.file };
    let mut plain = Vec::new();
    // Armor that breaks is age's to name; a file of another version has no header to check.
    let whole = ArmoredReader::new(file).read_to_end(&mut plain).is_ok();
    if whole && plain.starts_with(b"age-encryption.org/v1\n") && age_header_length(&plain).is_err() {
        return ("header failure", Vec::new());
    }
    open(name, file, vector)
}

fn as_expected(vector: &Vector, (ended, payload): &(&'static str, Vec<u8>)) -> bool {
    let hash = homeward::id::hex(&Sha256::digest(payload));
    *ended == vector.expect && vector.payload.as_ref().is_none_or(|expected| *expected == hash)
}

#[test]
fn all_143_published_age_files_end_as_they_should() {
    let Some(folder) = crate::suites("age-testkit/testdata") else { return };
    let mut names: Vec<String> = std::fs::read_dir(folder.clone())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let hybrid = |name: &str| name.starts_with("hybrid") || name == "armor_hybrid";
    assert_eq!(names.len(), 143);
    assert_eq!(names.iter().filter(|name| hybrid(name)).count(), 19);
    let mut differs = Vec::new();
    for name in &names {
        let vector = read(&folder.join(name));
        if !as_expected(&vector, &open(name, &vector.file, &vector)) {
            differs.push(name.as_str());
        }
        let checked = open_checked(name, &vector);
        assert!(as_expected(&vector, &checked), "{name}: {} instead of {}", checked.0, vector.expect);
    }
    assert_eq!(differs, AGE_ALONE_DIFFERS);
}

#[test]
fn every_published_file_that_opens_passes_our_header_check() {
    let Some(folder) = crate::suites("age-testkit/testdata") else { return };
    let mut passed = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let vector = read(&path);
        if vector.expect == "success" && !vector.armored {
            assert!(age_header_length(&vector.file).is_ok(), "{}", path.display());
            passed += 1;
        }
    }
    assert_eq!(passed, 19);
}
