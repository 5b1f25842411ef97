//! What anyone was told is kept reaches everyone it is for, and all of them show the same, whatever links, disks,
//! clocks, machines and partners do.
//!
//! `HOMEWARD_SEEDS` sets how many worlds are tried, `HOMEWARD_FIRST_SEED` from which on. A world that fails says how to
//! run it again; `HOMEWARD_STEPS` and `HOMEWARD_WITHOUT` (faults by name, with commas) make it smaller, `HOMEWARD_WITH` brings in
//! faults that are not in the gate yet, `HOMEWARD_ALOUD` reads the diary out as it is written.

// Helpers of tests stand outside of test functions: what may panic there is the test's own word.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods)]

mod figures;
mod storm;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, Once};
use storm::weather::{Plan, Storm};

const WORLDS: u64 = 300;
/// How often a world that broke a law is run again to make it smaller.
const SHRINKS: u64 = 16;
/// Age draws its own chance and takes its time: fewer and smaller worlds.
const AGE_WORLDS: u64 = 10;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

fn seeds(standard: u64) -> Range<u64> {
    let first = number("HOMEWARD_FIRST_SEED").unwrap_or(0);
    first..first + number("HOMEWARD_SEEDS").unwrap_or(standard)
}

/// The plan of a seed, made smaller if the environment says so.
fn plan(seed: u64, age: bool) -> Plan {
    let mut plan = Plan { age, ..Plan::of(seed) };
    plan.steps = number("HOMEWARD_STEPS").unwrap_or(if age { 12 } else { plan.steps });
    plan.without = faults_in("HOMEWARD_WITHOUT");
    plan.with = faults_in("HOMEWARD_WITH");
    plan
}

fn faults_in(name: &str) -> BTreeSet<String> {
    let list = std::env::var(name).unwrap_or_default();
    list.split(',').map(|fault| fault.trim().to_owned()).filter(|fault| !fault.is_empty()).collect()
}

thread_local! {
    /// What the world that ran last on this thread said when it failed.
    static SAID: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Panics of worlds are kept for their report: a world is tried several times before anyone reads of it.
fn keep_what_is_said() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if std::thread::current().name() == Some("world") {
                SAID.with(|said| *said.borrow_mut() = Some(panic.to_string()));
            } else {
                before(panic);
            }
        }));
    });
}

/// What became of a plan: how the world ended, or what it said when a law broke.
struct Outcome {
    tally: BTreeMap<&'static str, u64>,
    worst: BTreeMap<&'static str, u64>,
    diary: Vec<String>,
    broken: Option<String>,
    trace: String,
}

fn run(plan: &Plan) -> Outcome {
    let storm: RefCell<Option<Storm>> = RefCell::new(None);
    let broken = catch_unwind(AssertUnwindSafe(|| {
        let mut made = storm.borrow_mut();
        made.insert(Storm::new(plan.clone())).blow();
    }))
    .err()
    .map(|_| SAID.with(|said| said.borrow_mut().take()).unwrap_or_default());
    let storm = storm.into_inner();
    let world = storm.as_ref().map(|storm| &storm.world);
    Outcome {
        tally: world.map(|world| world.figures()).unwrap_or_default(),
        worst: world.map(|world| world.worst.0.clone()).unwrap_or_default(),
        diary: world.map(|world| world.diary.clone()).unwrap_or_default(),
        trace: match (world, &broken) {
            (Some(world), None) => format!("{} {}", world.trace, world.all_shown()),
            _ => String::new(),
        },
        broken,
    }
}

/// A smaller plan that breaks too: fewer steps by halving, then fewer kinds of faults.
fn shrink(mut plan: Plan, mut outcome: Outcome) -> (Plan, Outcome) {
    let mut tries = SHRINKS;
    let mut smaller = |plan: &mut Plan, outcome: &mut Outcome, tried: Plan| {
        if tries == 0 {
            return false;
        }
        tries -= 1;
        let again = run(&tried);
        let breaks = again.broken.is_some();
        if breaks {
            (*plan, *outcome) = (tried, again);
        }
        breaks
    };
    let mut step = plan.steps / 2;
    while step > 0 {
        let tried = Plan { steps: plan.steps - step, ..plan.clone() };
        if !smaller(&mut plan, &mut outcome, tried) {
            step /= 2;
        }
        step = step.min(plan.steps / 2);
    }
    for (fault, weight) in storm::weather::FAULTS {
        if weight > 0 && outcome.tally.contains_key(fault) {
            let mut tried = plan.clone();
            tried.without.insert(fault.to_owned());
            smaller(&mut plan, &mut outcome, tried);
        }
    }
    (plan, outcome)
}

/// What the reader of a failure needs: how to run it again, what broke, and what came before.
fn report(seed: u64, plan: &Plan, outcome: &Outcome) -> String {
    let broken = outcome.broken.as_deref().unwrap_or_default();
    let last: Vec<&str> = outcome.diary.iter().rev().take(24).rev().map(String::as_str).collect();
    format!(
        "a law broke in the world of seed {seed}\n  run it again: {}\n{broken}\nthe last steps:\n  {}\n",
        plan.command(),
        last.join("\n  ")
    )
}

type Figures = BTreeMap<&'static str, u64>;

/// Runs a storm for each seed, on all cores. Gives what was done and checked in all of them, and the worst of what has a
/// limit.
fn storms(seeds: Range<u64>, age: bool) -> (Figures, Figures) {
    keep_what_is_said();
    let (next, end) = (AtomicU64::new(seeds.start), seeds.end);
    let all: Mutex<(Figures, Figures)> = Mutex::default();
    let broken = Mutex::new(Vec::new());
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                return;
            }
            let plan = plan(seed, age);
            let outcome = run(&plan);
            let mut figures = all.lock().unwrap();
            let (all, worst) = &mut *figures;
            *all.entry("worlds").or_insert(0) += 1;
            for (what, count) in &outcome.tally {
                *all.entry(*what).or_insert(0) += count;
            }
            for (what, much) in &outcome.worst {
                let most = worst.entry(*what).or_insert(0);
                *most = (*most).max(*much);
            }
            drop(figures);
            if let Some(said) = &outcome.broken {
                eprintln!("seed {seed} broke a law: {}", said.lines().nth(1).unwrap_or(said));
                let (plan, outcome) = shrink(plan, outcome);
                let report = report(seed, &plan, &outcome);
                eprintln!("{report}");
                let mut broken = broken.lock().unwrap();
                broken.push(report);
                // Enough to read for a while.
                if broken.len() >= number("HOMEWARD_FAILURES").unwrap_or(5) as usize {
                    next.store(end, Ordering::Relaxed);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            let alone = || {
                // Replay uses all cores; a world uses one, and the others have worlds of their own.
                let pool =
                    rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build().unwrap();
                work();
                drop(pool);
            };
            std::thread::Builder::new().name("world".into()).spawn_scoped(scope, alone).unwrap();
        }
    });
    let broken = broken.into_inner().unwrap();
    assert!(broken.is_empty(), "{} worlds broke a law; the first:\n{}", broken.len(), broken[0]);
    all.into_inner().unwrap()
}

fn tell(sealed: &str, (all, worst): &(Figures, Figures)) {
    let list = |figures: &Figures| -> String {
        let told: Vec<String> = figures.iter().map(|(what, count)| format!("{what} {count}")).collect();
        told.join(", ")
    };
    for line in [
        format!("the world on one seed ({sealed}): {}", list(all)),
        format!("the most in any world ({sealed}): {}", list(worst)),
    ] {
        println!("{line}");
        figures::note(&line);
    }
}

#[test]
fn what_was_told_reaches_everyone_it_is_for_and_all_show_the_same() {
    let all = storms(seeds(WORLDS), false);
    tell("seeded envelope", &all);
    let (all, _) = all;
    // The worlds are not idle ones.
    if all["worlds"] >= WORLDS {
        assert!(all["edits acknowledged"] > 1_500, "{all:?}");
        for (fault, weight) in storm::weather::FAULTS {
            assert!(
                weight == 0 || all.get(fault).is_some_and(|count| *count > 10),
                "{fault} hardly happened"
            );
        }
    }
}

#[test]
fn the_same_holds_under_age() {
    let seeds = seeds(AGE_WORLDS);
    let all = storms(seeds.start..seeds.end.min(seeds.start + AGE_WORLDS), true);
    tell("age", &all);
}

#[test]
fn the_same_seed_is_the_same_world() {
    keep_what_is_said();
    for seed in seeds(WORLDS).take(4) {
        let (first, second) = (run(&plan(seed, false)), run(&plan(seed, false)));
        assert!(first.trace == second.trace, "seed {seed} gave two worlds");
        assert_eq!(first.tally, second.tally, "seed {seed} gave two worlds");
    }
}
