//! What anyone was told is kept reaches everyone it is for, and all of them show the same, whatever links, disks and
//! machines do.
//!
//! `HOMEWARD_SEEDS` sets how many worlds are tried, or which: `HOMEWARD_SEEDS=17..18`.

// Helpers of tests stand outside of test functions: what may panic there is the test's own word.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod world;

use std::collections::BTreeSet;
use std::io::Write;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use world::storm::{Size, Storm};

const WORLDS: Range<u64> = 0..150;
const SIZE: Size = Size { offices: 5, circles: 4, edits: 30 };
/// Age draws its own chance and takes its time: fewer and smaller worlds.
const AGE_WORLDS: Range<u64> = 0..20;
const AGE_SIZE: Size = Size { offices: 3, circles: 2, edits: 16 };

fn seeds(standard: Range<u64>) -> Range<u64> {
    let Ok(text) = std::env::var("HOMEWARD_SEEDS") else { return standard };
    match text.split_once("..") {
        Some((from, to)) => from.parse().unwrap()..to.parse().unwrap(),
        None => 0..text.parse().unwrap(),
    }
}

/// What was done in all worlds together.
#[derive(Default)]
struct Figures {
    worlds: AtomicU64,
    edits: AtomicU64,
    frames: AtomicU64,
    crashes: AtomicU64,
}

impl Figures {
    fn add(&self, storm: &Storm) {
        self.worlds.fetch_add(1, Ordering::Relaxed);
        self.edits.fetch_add(storm.world.told.len() as u64, Ordering::Relaxed);
        self.frames.fetch_add(storm.world.net.frames as u64, Ordering::Relaxed);
        self.crashes.fetch_add(storm.world.crashes, Ordering::Relaxed);
    }

    /// Told to whoever reads the gate's report.
    fn tell(&self, sealed: &str) {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/figures.txt");
        let line = format!(
            "worlds run ({sealed}): {}, with {} edits acknowledged, {} frames looked through, {} machines stopped\n",
            self.worlds.load(Ordering::Relaxed),
            self.edits.load(Ordering::Relaxed),
            self.frames.load(Ordering::Relaxed),
            self.crashes.load(Ordering::Relaxed),
        );
        print!("{line}");
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        file.and_then(|mut file| file.write_all(line.as_bytes())).unwrap();
    }
}

/// Runs a storm for each seed on all cores. A world that fails prints its seed.
fn storms(seeds: Range<u64>, size: Size, age: bool) -> Figures {
    let (next, figures) = (AtomicU64::new(seeds.start), Figures::default());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        break;
                    }
                    let mut storm = Storm::new(seed, size, age);
                    storm.blow();
                    figures.add(&storm);
                }
            });
        }
    });
    figures
}

#[test]
fn what_was_told_reaches_everyone_it_is_for_and_all_show_the_same() {
    let worlds = seeds(WORLDS);
    let figures = storms(worlds.clone(), SIZE, false);
    figures.tell("seeded envelope");
    // The worlds are not idle ones.
    if worlds == WORLDS {
        assert!(figures.edits.load(Ordering::Relaxed) > 2_000);
        assert!(figures.crashes.load(Ordering::Relaxed) > 100);
    }
}

#[test]
fn the_same_holds_under_age() {
    let worlds = seeds(AGE_WORLDS);
    let figures = storms(worlds.start..worlds.end.min(worlds.start + 20), AGE_SIZE, true);
    figures.tell("age");
}

#[test]
fn the_same_seed_is_the_same_world() {
    let mut traces = BTreeSet::new();
    for seed in seeds(WORLDS).take(3) {
        let run = || {
            let mut storm = Storm::new(seed, SIZE, false);
            storm.blow();
            (storm.world.trace, storm.world.all_shown())
        };
        let (first, second) = (run(), run());
        assert_eq!(first.0, second.0, "seed {seed}: the frames differ");
        assert!(first == second, "seed {seed}: the sheets differ");
        assert!(traces.insert(first.0), "seed {seed}: the trace says nothing");
    }
}
