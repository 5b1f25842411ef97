//! After a lock no key is left in the node's memory: not in what is used, not in what was freed, not on a stack.
//!
//! Two offices write and sync, one is locked, and every readable page of its process is looked through for its keys:
//! the vault's key and what is made of it, the seeds of the node's three keys, what signing makes of them, the keys of
//! epochs, the passphrase. Before the lock the same look must find some, or it would prove nothing. The real program
//! lets nobody look (`tests/quiet.rs`) but whoever may trace any process; so the same node is looked at in a child of
//! this test too, which keeps itself open.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

mod figures;
mod offices;

use homeward::node::{Answer, Request, RunOptions};
use homeward::private::Private;
use homeward::seal::{KeyBundle, unlock_with_passphrase};
use homeward::sign::{Domain, hash};
use homeward::store::{Vault, circles, keys};
use offices::{Office, PASSPHRASE, asked, claim, found, introduce, level, new_case, note, wait_for};
use sha2::{Digest, Sha512};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// As the program has it.
#[global_allocator]
static MEMORY: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

const CIRCLE: &str = "families";
const CHILD: &str = "HOMEWARD_TEST_CHILD_OF";
/// Pages are read in pieces of so many bytes, which overlap by the longest needle.
const PIECE_BYTES: usize = 4 * 1024 * 1024;
const OVERLAP: usize = 64;

/// What is looked for: a name and its bytes.
type Needles = Vec<(String, Vec<u8>)>;

/// All secrets of a home at rest.
fn secrets(home: &Path) -> Needles {
    let locked = fs::read(home.join("keys/node.age")).unwrap();
    let keys = KeyBundle::decode(&unlock_with_passphrase(&PASSPHRASE.into(), &locked).unwrap()).unwrap();
    let vault_key = keys.vault.bytes().reveal();
    let mut needles = vec![
        ("the passphrase".to_owned(), PASSPHRASE.as_bytes().to_vec()),
        ("the vault's key".to_owned(), vault_key.to_vec()),
    ];
    for part in ["file", "seal"] {
        let made = hash(Domain::VaultName, &[vault_key, part.as_bytes()]).0;
        needles.push((format!("the vault's {part} key"), made.to_vec()));
    }
    let seeds = [
        ("signing", keys.node.signing_seed()),
        ("link", keys.node.link_seed()),
        ("age", keys.node.age_seed().clone()),
    ];
    for (name, seed) in seeds {
        needles.push((format!("the {name} seed"), seed.reveal().to_vec()));
        if name != "age" {
            // RFC 8032: the scalar and the prefix, each as good as the seed.
            let mut expanded: [u8; 64] = Sha512::digest(seed.reveal()).into();
            needles.push((format!("the {name} prefix"), expanded[32..].to_vec()));
            expanded[0] &= 248;
            expanded[31] = (expanded[31] & 127) | 64;
            needles.push((format!("the {name} scalar"), expanded[..32].to_vec()));
        }
    }
    let vault = Vault::open(home, keys.vault.bytes()).unwrap().vault;
    vault
        .read(|reader| {
            for known in circles::list(reader)? {
                for epoch in keys::epoch_ids(reader, &known.charter.circle())? {
                    let secret = keys::epoch(reader, &epoch)?.unwrap();
                    needles.push(("an epoch's key".to_owned(), secret.key.0.reveal().to_vec()));
                    needles.push(("an epoch's chain key".to_owned(), secret.chain.reveal().to_vec()));
                    let text = homeward::seal::epoch_identity_text(&secret.key);
                    needles.push((
                        "an epoch's identity in letters".to_owned(),
                        text.reveal().as_bytes().to_vec(),
                    ));
                }
            }
            Ok::<(), homeward::store::StoreFault>(())
        })
        .unwrap();
    needles
}

/// Which needles stand in a process's memory, and how much was looked at. `None`: the system does not let us look.
fn look(process: u32, needles: &Needles) -> Option<(BTreeSet<String>, u64)> {
    let memory = File::open(format!("/proc/{process}/mem")).ok()?;
    let mut begins = vec![false; 1 << 16];
    for (_, needle) in needles {
        begins[usize::from(u16::from_be_bytes([needle[0], needle[1]]))] = true;
    }
    let (mut found, mut seen) = (BTreeSet::new(), 0);
    let mut piece = vec![0; PIECE_BYTES];
    for line in fs::read_to_string(format!("/proc/{process}/maps")).ok()?.lines() {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next().unwrap(), words.next().unwrap());
        // What cannot be written was never computed. (This test's own text holds the passphrase.)
        if !rights.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let (mut at, to) = (u64::from_str_radix(from, 16).unwrap(), u64::from_str_radix(to, 16).unwrap());
        while at < to {
            let wanted = usize::try_from(to - at).unwrap().min(PIECE_BYTES);
            let Ok(read) = memory.read_at(&mut piece[..wanted], at) else { break };
            if read == 0 {
                break;
            }
            seen += read as u64;
            let piece = &piece[..read];
            for (place, pair) in piece.windows(2).enumerate() {
                if begins[usize::from(u16::from_be_bytes([pair[0], pair[1]]))] {
                    let here = needles.iter().filter(|(_, needle)| piece[place..].starts_with(needle));
                    for (name, _) in here {
                        if std::env::var_os("HOMEWARD_TELL").is_some() {
                            eprintln!("{name} at {:x} in {line}", at + place as u64);
                        }
                        found.insert(name.clone());
                    }
                }
            }
            at += (if at + (read as u64) < to { read.saturating_sub(OVERLAP).max(1) } else { read }) as u64;
        }
    }
    assert!(seen > 1 << 20, "hardly any memory was read");
    Some((found, seen))
}

/// The node of this test's child: runs as the program does, without making itself unreadable.
#[test]
fn child_of_a_test() {
    let Some(home) = std::env::var_os(CHILD) else { return };
    let file = Path::new(&home).with_file_name("passphrase");
    let mut ask = || {
        let words = zeroize::Zeroizing::new(fs::read(&file).unwrap());
        Ok(Private::from(std::str::from_utf8(&words).unwrap()))
    };
    homeward::node::run(Path::new(&home), RunOptions { ask: Some(&mut ask), desk: None }, &mut |_| ())
        .unwrap();
}

/// A child process that is ended however a test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn run_in_child(home: &Path) -> Running {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_of_a_test"])
        .env(CHILD, home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let running = Running(child);
    wait_for("the child's node", || UnixStream::connect(home.join("node.sock")).ok());
    running
}

fn run_program(home: &Path) -> Running {
    let child = Command::new(env!("CARGO_BIN_EXE_homeward"))
        .arg("--home")
        .arg(home)
        .arg("--passphrase-file")
        .arg(home.with_file_name("passphrase"))
        .arg("run")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let running = Running(child);
    wait_for("the program's node", || UnixStream::connect(home.join("node.sock")).ok());
    running
}

fn ask(office: &Office, request: Request) -> Answer {
    offices::open(&office.home).unwrap().ask(asked(request), &mut |_| ()).unwrap()
}

/// Writes, syncs, locks, looks; unlocks over the socket, works on, locks, looks. False: nobody may look.
fn goes_through(start: fn(&Path) -> Running) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let [mut kyiv, mut doha] = ["kyiv", "doha"].map(|name| Office::new(folder.path(), name));
    introduce(&mut [&mut kyiv, &mut doha]);
    kyiv.dials(&doha);
    let circle = found(&mut kyiv, CIRCLE, &["doha"], &[]);
    kyiv.close();
    doha.start();
    let running = start(&kyiv.home);
    let case = new_case(&mut kyiv, CIRCLE, "Zhuravelnyk, Kvitoslava").case;
    level(&mut [&mut kyiv, &mut doha], &circle);
    doha.ask(Request::CaseClaim {
        circle: CIRCLE.into(),
        case: case.hex(),
        claims: vec![claim("last_residence", "Vyshneva 14")],
    });
    level(&mut [&mut kyiv, &mut doha], &circle);
    // Only now are the epoch keys known; the look at a running node comes after the look at its secrets at rest.
    kyiv.close();
    ask(&kyiv, Request::Lock);
    let needles = secrets(&kyiv.home);
    assert!(needles.len() >= 13, "keys of two logs' epochs are looked for: {}", needles.len());
    let Some((left, seen)) = look(running.0.id(), &needles) else { return false };
    assert!(left.is_empty(), "left in memory after the lock: {left:#?}");

    for round in 0..2 {
        ask(&kyiv, Request::Unlock { passphrase: PASSPHRASE.into() });
        ask(&kyiv, note(CIRCLE, case, &format!("round {round}")));
        level(&mut [&mut kyiv, &mut doha], &circle);
        let (open, _) = look(running.0.id(), &needles).unwrap();
        for key in ["the vault's seal key", "the signing seed", "the link seed", "the age seed"] {
            assert!(open.contains(key), "the look finds nothing: {open:#?}");
        }
        ask(&kyiv, Request::Lock);
        let (left, _) = look(running.0.id(), &needles).unwrap();
        assert!(left.is_empty(), "left in memory after another lock: {left:#?}");
    }
    figures::note(&format!("memory looked through for keys after a lock: {} MiB", seen >> 20));
    true
}

#[test]
fn a_locked_node_holds_no_key() {
    assert!(goes_through(run_in_child), "a process may look at its child");
}

#[test]
fn the_locked_program_holds_no_key() {
    if !goes_through(run_program) {
        figures::skipped(
            "the program's memory after a lock: nobody may look at it here, which is its purpose",
        );
    }
}
