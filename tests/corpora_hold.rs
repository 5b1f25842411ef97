//! Every input that the fuzz targets keep goes through its door again: whole, cut at many places, and bent at many
//! places. Nothing panics, hangs or takes memory without bound, and what is taken is given back byte for byte.
//!
//! `HOMEWARD_WRITE_CORPORA=1` writes the inputs that the corpora begin with, where they are missing.

// A test says that it fails by panicking; clippy knows tests by their attribute alone, not the functions they share.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, unreachable_pub)]
#![allow(clippy::disallowed_methods, reason = "the time that an input takes is what is measured")]

#[path = "fuzz/src/lib.rs"]
mod doors;
mod figures;

use doors::{DOORS, enter};
use rayon::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What one input may take here, in a build that is not optimised and beside other tests.
const PATIENCE: Duration = Duration::from_secs(20);
/// What all of it together may take at most, in MiB.
const MEMORY_MIB: u64 = 1_024;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The inputs that are kept for a door, by file name.
fn corpus(door: &str) -> Vec<(String, Vec<u8>)> {
    let Ok(folder) = std::fs::read_dir(here("tests/fuzz/corpus").join(door)) else { return Vec::new() };
    let mut inputs: Vec<(String, Vec<u8>)> = folder
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap())
        })
        .collect();
    inputs.sort();
    inputs
}

/// How many cuts and how many bent copies of each input a door sees: a world or a vault is dear.
fn tries(door: &str) -> (usize, usize) {
    match door {
        "hub" | "backup" => (2, 4),
        "age_header" | "stanza" | "sealed" | "key_file" | "segment" => (12, 24),
        _ => (40, 60),
    }
}

struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }
}

/// The input, cut and bent copies of it.
fn variants(door: &str, name: &str, bytes: &[u8]) -> Vec<Vec<u8>> {
    let (cuts, bends) = tries(door);
    let seed = name.bytes().fold(0x9e37_79b9_7f4a_7c15_u64, |sum, byte| sum.rotate_left(7) ^ u64::from(byte));
    let mut chance = Chance(seed | 1);
    let mut all = vec![bytes.to_vec()];
    all.extend((0..cuts).map(|_| bytes[..chance.below(bytes.len() + 1)].to_vec()));
    for _ in 0..bends {
        let mut bent = bytes.to_vec();
        for _ in 0..1 + chance.below(3) {
            match chance.below(8) {
                0 => bent.extend_from_slice(&bytes[..chance.below(9).min(bytes.len())]),
                _ if bent.is_empty() => {}
                1 => drop(bent.remove(chance.below(bent.len()))),
                _ => {
                    let at = chance.below(bent.len());
                    bent[at] ^= 1 << chance.below(8);
                }
            }
        }
        all.push(bent);
    }
    all
}

/// Enters a door; whatever it does not promise is a fault with the input's name.
fn try_door(door: &str, name: &str, bytes: &[u8]) -> bool {
    let clock = Instant::now();
    let taken = catch_unwind(AssertUnwindSafe(|| enter(door, bytes))).unwrap_or_else(|_| {
        panic!("{door}/{name} panicked on {} bytes: {}", bytes.len(), homeward::id::hex(bytes))
    });
    assert!(clock.elapsed() < PATIENCE, "{door}/{name} took {:?}", clock.elapsed());
    taken
}

#[test]
fn every_kept_input_is_taken_whole_or_refused() {
    let (mut inputs, mut taken) = (0, 0);
    for (door, _) in DOORS {
        let corpus = corpus(door);
        assert!(!corpus.is_empty(), "nothing is kept for {door}");
        let counts: Vec<(usize, usize)> = corpus
            .par_iter()
            .map(|(name, bytes)| {
                let variants = variants(door, name, bytes);
                let taken = variants.iter().filter(|bytes| try_door(door, name, bytes)).count();
                (variants.len(), taken)
            })
            .collect();
        inputs += counts.iter().map(|(all, _)| all).sum::<usize>();
        taken += counts.iter().map(|(_, taken)| taken).sum::<usize>();
    }
    let memory = peak_mib();
    assert!(memory < MEMORY_MIB, "{memory} MiB");
    figures::note(&format!(
        "hostile inputs at {} doors: {} refused, {taken} taken whole",
        DOORS.len(),
        inputs - taken
    ));
    figures::note(&format!("memory while they were tried: {memory} MiB at most"));
}

#[test]
fn what_the_corpora_begin_with_is_taken() {
    for (door, name, bytes) in doors::seeds::seeds(&here("tests/vectors")) {
        let path = here("tests/fuzz/corpus").join(door).join(&name);
        if std::env::var_os("HOMEWARD_WRITE_CORPORA").is_some() && !path.exists() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &bytes).unwrap();
        }
        // Worlds in which someone lies are not taken: not everything need arrive there.
        assert!(
            try_door(door, &name, &bytes) || door == "hub",
            "{door}/{name}: a door that takes nothing tests nothing"
        );
    }
}

/// The most memory that this process had, in MiB; 0 where the system does not say.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.trim().strip_suffix(" kB")).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0)
        / 1024
}
