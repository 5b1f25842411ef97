//! The bench of a sync, on the work on which other tools were measured: two homes, two processes, one machine.
//!
//! ```text
//! cargo bench --bench sync                          all of it: some minutes
//! HOMEWARD_BENCH_CASES=1000 cargo bench --bench sync  the same on fewer cases, to try something
//! ```
//!
//! Without `--bench` (as `cargo test --benches` runs it) a very small work goes through loopback alone: the bench still
//! works, and nothing was measured. Figures go to `target/bench/sync.json` and are appended to `target/figures.txt`.
//!
//! What is timed begins with the word to dial: both nodes are up and unlocked. It ends when signatures say so: a node
//! holds what its partner's signed heads name. Edits are counted as shown when sheets, rows and search have them.

// A panic here ends the bench and says why.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
// It measures, so it has a clock; what it writes need not outlast it.
#![allow(clippy::disallowed_methods)]

mod figures;
mod links;
#[allow(dead_code)] // benches share it, and each uses what it needs
mod offices;
mod process;
#[path = "../relay/mod.rs"]
mod relay;
mod said;
mod work;

use figures::{Figures, Unit};
use homeward::node::{Answer, Request};
use offices::Pair;
use process::{Running, agrees, shows, unlocking};
use said::Said;
use std::path::Path;
use std::time::{Duration, Instant};
use work::Size;

/// What the work is made from: printed with every figure.
const SEED: u64 = 1;
/// Cases that each side changes before they meet again.
const CHANGED: u32 = 100;
/// Cases of the homes that meet over emulated links.
const LINK_CASES: u32 = 300;

fn main() {
    let measures = std::env::args().any(|argument| argument == "--bench");
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    let folder = target.join("bench");
    let cases = std::env::var("HOMEWARD_BENCH_CASES").ok().map(|cases| cases.parse().unwrap());
    let size = match (measures, cases) {
        (true, None) => Size::FULL,
        (true, Some(cases)) => Size { cases, ..Size::FULL },
        (false, _) => Size { cases: 40, rounds: 6, partners: 2, nodes_each: 2 },
    };
    let changed = if measures { CHANGED.min(size.cases / 2) } else { 5 };
    let mut figures = Figures::new(format!(
        "Sync of {} cases, seed {SEED}, {} cores, {}",
        size.cases,
        std::thread::available_parallelism().map_or(1, usize::from),
        if cfg!(debug_assertions) { "debug build" } else { "release build" },
    ));
    // Beside a measure that may run at the same time.
    let name = if measures { "full" } else { "small" };
    let pair = offices::pair(&folder.join(name), SEED, size);
    describe(&pair, &mut figures);
    full(&pair, &size, changed, &mut figures);
    if measures {
        let size = Size { cases: LINK_CASES, ..Size::FULL };
        links::measure(&folder.join("links"), SEED, size, changed, &mut figures);
        figures.keep(&target, "sync");
    }
}

fn describe(pair: &Pair, figures: &mut Figures) {
    let (counts, turns) = (&pair.counts, pair.counts.turns);
    figures.note(format!(
        "{} edits in {} segments of {:.1} MB, {turns} turns, {} views moved, {:.1}% of edits beside a concurrent one",
        counts.edits,
        pair.segments,
        pair.sealed_bytes as f64 / 1e6,
        pair.moved,
        counts.beside as f64 * 100.0 / counts.edits as f64
    ));
    assert!(
        counts.beside * 20 >= counts.edits,
        "seed {SEED}: one edit in twenty stands beside a concurrent one"
    );
    figures.note(format!(
        "cutting and sealing {:.3} s; a bundle of all until it is shown {:.3} s",
        pair.cutting.as_secs_f64(),
        pair.taking_in.as_secs_f64()
    ));
}

/// All of the work to an empty home, then what changed on each side, then a start.
fn full(pair: &Pair, size: &Size, changed: u32, figures: &mut Figures) {
    let (cases, edits) = (u64::from(pair.work.cases()), pair.counts.edits);
    let [near, far] = &pair.places;
    let mut empty = Running::start(far);
    near.dials(&far.name, &empty.address);
    let mut full = Running::start(near);
    let begun = Instant::now();
    full.dial();
    full.wait(Duration::from_millis(10), |status| agrees(status, &far.name));
    figures.goal("full_stored_s", "full: stored and acknowledged", seconds(begun), Unit::Seconds, 1.5);
    empty.wait(Duration::from_millis(50), |status| shows(status, cases, edits));
    figures.goal("full_searchable_s", "full: all searchable", seconds(begun), Unit::Seconds, 10.0);
    let wire = full.carried_bytes() as f64;
    figures.goal("full_wire_bytes", "full: bytes on the wire, both ways", wire, Unit::Bytes, 28e6);
    let (sender, receiver) = (full.peak_bytes() as f64, empty.peak_bytes() as f64);
    figures.goal("peak_sender_bytes", "full: peak memory of the sender", sender, Unit::Bytes, 300e6);
    figures.goal("peak_receiver_bytes", "full: peak memory of the receiver", receiver, Unit::Bytes, 300e6);
    figures.note(format!("processor time {:.2} s sender, {:.2} s receiver", full.cpu_s(), empty.cpu_s()));

    // The first words of a node in a circle bring its epoch key, sealed to every node there: once in 30 days.
    full.pause();
    let said = Said::on_both(&mut full, &mut empty, &pair.work, 1);
    let before = full.carried_bytes();
    let took = said.meet(&mut full, &mut empty, pair, edits);
    figures.note(format!(
        "the first words of each side, with epochs sealed to {} nodes: {:.3} s, {:.1} KB",
        size.nodes() + 2,
        took.as_secs_f64(),
        (full.carried_bytes() - before) as f64 / 1e3
    ));

    full.pause();
    let said = Said::on_both(&mut full, &mut empty, &pair.work, changed);
    let before = full.carried_bytes();
    let worked = (full.cpu_s(), empty.cpu_s());
    let took = said.meet(&mut full, &mut empty, pair, edits + 2);
    let wire = (full.carried_bytes() - before) as f64;
    let what = format!("{changed} edits on each side: both hold and show them");
    figures.goal("incremental_s", &what, took.as_secs_f64(), Unit::Seconds, 0.06);
    figures.goal("incremental_wire_bytes", "the same: bytes, both ways", wire, Unit::Bytes, 40e3);
    figures.note(format!(
        "the same, and showing all of them: processor time {:.2} s and {:.2} s",
        full.cpu_s() - worked.0,
        empty.cpu_s() - worked.1
    ));
    full.stop();
    empty.stop();

    let (unlocking, begun) = (unlocking(near), Instant::now());
    let mut again = Running::start(near);
    let listens = begun.elapsed();
    let list = Request::CaseList { circle: None, open_only: false, skip: 0, limit: 50 };
    let Answer::CaseList { total, .. } = again.ask(list) else { panic!("a list was asked") };
    let took = begun.elapsed().saturating_sub(unlocking);
    assert_eq!(total as u64, cases, "seed {SEED}: every case is listed");
    figures.goal(
        "first_list_s",
        "start to the first list, scrypt apart",
        took.as_secs_f64(),
        Unit::Seconds,
        1.0,
    );
    figures
        .note(format!("of that {:.3} s until it listens", listens.saturating_sub(unlocking).as_secs_f64()));
    again.stop();
}

fn seconds(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64()
}
