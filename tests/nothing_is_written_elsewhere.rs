//! What others call things never becomes a path, and what is handed out never follows a link or takes the place of a
//! file: whoever prepares a folder, a stick or a name gains nothing by it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "a test that stumbles should say where"
)]

mod figures;
mod offices;

use homeward::id::CaseId;
use homeward::node::{Answer, FailureKind, Request};
use homeward::seal::{PartnerSecret, card, card_to_text};
use homeward::time::Millis;
use offices::{Office, claim, found, introduce, passphrase_file};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Names that lead out of a folder, hide, steer a screen or read as something else.
const NAMES: [&str; 10] = [
    "../../outside",
    "/etc/outside",
    "..",
    ".hidden",
    "-rf",
    "a\\..\\outside",
    "kyiv\u{202e}drac.exe",
    "\u{2066}doha\u{2069}",
    "nul\u{200b}l",
    "C:outside",
];

/// Every file, folder and link below a folder, with what it holds.
fn tree(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let about = path.symlink_metadata().unwrap();
        if about.is_dir() {
            found.extend(tree(&path));
        } else if about.is_file() {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
        found.entry(path).or_default();
    }
    found
}

/// Names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A verb, in a process of its own.
fn verb(office: &mut Office, arguments: &[&str]) -> Output {
    office.close();
    let root = office.home.parent().unwrap();
    Command::new(env!("CARGO_BIN_EXE_homeward"))
        .arg("--home")
        .arg(&office.home)
        .arg("--passphrase-file")
        .arg(passphrase_file(root))
        .args(["--as", "Desk 1"])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// Whether text steers the screen that it stands on.
fn steers(text: &str) -> bool {
    text.chars().any(|c| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Two offices in a circle, with a case: both called as others like.
fn pair(root: &Path, name: &str) -> (Office, Office, CaseId) {
    let (mut kyiv, mut doha) = (Office::new(root, "kyiv"), Office::new(root, "doha"));
    introduce(&mut [&mut kyiv, &mut doha]);
    found(&mut kyiv, name, &["doha"], &[]);
    let claims = vec![claim("name.whole", name)];
    let case = kyiv.written(Request::CaseNew { circle: name.to_owned(), case: None, claims }).case;
    (kyiv, doha, case)
}

#[test]
fn no_name_becomes_a_path_or_steers_a_screen() {
    let root = tempfile::tempdir().unwrap();
    let (mut kyiv, _doha, _) = pair(root.path(), "families");
    let mut cases = Vec::new();
    for (at, name) in NAMES.into_iter().enumerate() {
        // A partner of this name, with a card that everyone believes.
        let partner = PartnerSecret::from_chance(&[at as u8 + 1; 32]);
        let text = card_to_text(&card(&partner, name, &[], Vec::new(), 1, Millis(1)).unwrap());
        kyiv.ask(Request::CardImport { text });
        // Our own doors take no name that steers a screen; cards of others bring it all the same.
        if !steers(name) {
            found(&mut kyiv, name, &["doha"], &[]);
            let claims = vec![claim("name.whole", name)];
            let new = Request::CaseNew { circle: name.to_owned(), case: None, claims };
            cases.push((name, kyiv.written(new).case));
        }
    }
    let before = tree(root.path());
    let says_nothing = |output: Output| {
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !steers(&told), "{told}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.is_empty() && !steers(&text), "{text:?}");
    };
    says_nothing(verb(&mut kyiv, &["card", "list"]));
    says_nothing(verb(&mut kyiv, &["circle", "list"]));
    let handed = root.path().join("handed");
    for (at, (name, case)) in cases.iter().enumerate() {
        let (case, to) = (case.hex(), handed.join(at.to_string()));
        let (who, purpose) = (format!("--for={name}"), format!("--purpose={name}"));
        says_nothing(verb(&mut kyiv, &["export", &case, "--to", path(&to), &who, &purpose]));
        assert_eq!(names(&to).len(), 2, "a document and its JSON");
    }
    let everything = root.path().join("everything");
    let (dir, passphrase) = (path(&everything).to_owned(), "a dry well".into());
    kyiv.ask(Request::ExportAll { dir, passphrase });
    assert!(names(&everything).contains(&"README.txt".to_owned()));

    // All that is new stands in the two folders, under plain names.
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    for new in tree(root.path()).keys().filter(|path| !before.contains_key(*path)) {
        let inside = new.starts_with(&handed) || new.starts_with(&everything);
        assert!(inside || new.starts_with(&kyiv.home), "{new:?}");
        let last = new.file_name().unwrap().to_str().unwrap();
        assert!(last.chars().all(plain) && !last.starts_with(['.', '-']), "{new:?}");
    }
    figures::note(&format!("names that would be paths or steer a screen: {} tried, none did", NAMES.len()));
}

#[test]
fn a_name_with_a_line_end_is_no_card() {
    let partner = PartnerSecret::from_chance(&[9; 32]);
    for name in ["a\nb", "a\u{1b}[2Jb", "a\u{0}b", "a\u{85}b"] {
        assert!(card(&partner, name, &[], Vec::new(), 1, Millis(1)).is_err(), "{name:?}");
    }
}

#[test]
fn what_is_handed_out_follows_no_link_and_takes_no_place() {
    let root = tempfile::tempdir().unwrap();
    let (mut kyiv, _doha, case) = pair(root.path(), "families");
    let elsewhere = root.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o755)).unwrap();
    let kept = root.path().join("kept");
    fs::write(&kept, "what stood here").unwrap();
    let stick = root.path().join("stick");
    fs::create_dir(&stick).unwrap();
    symlink(&elsewhere, stick.join("to-a-folder")).unwrap();
    symlink(elsewhere.join("new"), stick.join("to-nothing")).unwrap();
    symlink(&kept, stick.join("to-a-file")).unwrap();
    fs::write(stick.join("a-file"), "what stood here").unwrap();
    fs::create_dir(stick.join("a-folder")).unwrap();
    fs::write(stick.join("a-folder/README.txt"), "what stood here").unwrap();
    let (before, link) = (tree(&stick), fs::read_link(stick.join("to-a-file")).unwrap());

    let mut refused = 0;
    for place in ["to-a-folder", "to-a-folder/", "to-nothing", "to-a-file", "a-file", "a-folder"] {
        let place = format!("{}/{place}", path(&stick));
        for arguments in [
            &["bundle", "out", "--for", "doha", &place][..],
            &["card", "export", "--to", &place],
            &["export", &case.hex(), "--to", &place, "--for", "doha", "--purpose", "a hearing"],
            &["export", "--all", &place, "--export-passphrase-file", path(&passphrase_file(root.path()))],
        ] {
            let output = verb(&mut kyiv, arguments);
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!output.status.success() && !told.is_empty(), "{arguments:?}: {told}");
            refused += 1;
        }
        // And past the verb's own look, as the socket takes it.
        let partner = "doha".to_owned();
        let bundle = Request::BundleOut { partner, file: place.clone(), all: true };
        let all = Request::ExportAll { dir: place.clone(), passphrase: "a dry well".into() };
        for request in [bundle, all] {
            let failure = kyiv.try_ask(request, &mut |_| ()).unwrap_err();
            assert_ne!(failure.kind, FailureKind::Internal, "{place}: {failure:?}");
            refused += 1;
        }
        kyiv.close();
    }
    assert_eq!(tree(&stick), before, "the stick is as it was");
    assert_eq!(fs::read_link(stick.join("to-a-file")).unwrap(), link);
    assert_eq!(names(&elsewhere), Vec::<String>::new(), "nothing was written through a link");
    assert_eq!(fs::metadata(&elsewhere).unwrap().permissions().mode() & 0o777, 0o755);
    assert_eq!(fs::read_to_string(&kept).unwrap(), "what stood here");
    figures::note(&format!(
        "places that are links or taken: {refused} exports refused, nothing changed there"
    ));

    // Nothing was wrong but the place.
    let output = verb(&mut kyiv, &["bundle", "out", "--for", "doha", path(&stick.join("new"))]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_pipe_or_a_folder_in_place_of_a_bundle_is_not_waited_for() {
    let root = tempfile::tempdir().unwrap();
    let mut kyiv = Office::new(root.path(), "kyiv");
    let pipe = root.path().join("bundle");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for file in [path(&pipe), path(root.path()), "/dev/zero"] {
        let failure = kyiv.try_ask(Request::BundleIn { file: file.into() }, &mut |_| ()).unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadInput, "{file}: {failure:?}");
    }
}

#[test]
fn a_bundle_writes_nothing_but_the_vault() {
    let root = tempfile::tempdir().unwrap();
    let (mut kyiv, mut doha, _) = pair(root.path(), "../../outside");
    let file = root.path().join("bundle");
    let partner = "doha".to_owned();
    kyiv.ask(Request::BundleOut { partner, file: path(&file).into(), all: true });
    kyiv.close();
    let before = tree(root.path());
    let Answer::BundleRead { new_records, .. } = doha.ask(Request::BundleIn { file: path(&file).into() })
    else {
        panic!("a bundle that was read expected")
    };
    assert!(new_records > 0);
    doha.close();
    for new in tree(root.path()).keys().filter(|path| !before.contains_key(*path)) {
        assert!(new.starts_with(&doha.home), "{new:?}");
    }
}
