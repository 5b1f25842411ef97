//! The bench of a flood: how much longer a known peer takes to sync a thousand edits while strangers' handshakes come
//! at full speed from eight addresses and fifty nodes of hostile partners say what they must not, over real QUIC.
//!
//! ```text
//! cargo bench --bench flood
//! ```
//!
//! Two homes, each a process. The flood is a third process, and goes to the one that listens. It runs at the lowest
//! priority: on a machine of two cores it would else be measured how well an attacker's own work slows its victim's
//! machine. Rounds with and without the flood take turns; medians are compared. Without `--bench` (as `cargo test
//! --benches` runs it) one small round is tried and nothing is kept.

// A panic here ends the bench and says why.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
// It measures, so it has a clock; what it writes need not outlast it.
#![allow(clippy::disallowed_methods)]

#[path = "../hub/chance.rs"]
#[allow(dead_code)]
mod chance;
#[allow(dead_code)]
mod figures;
#[path = "../hub/hostile.rs"]
mod hostile;
#[allow(dead_code)] // benches share it, and each uses what it needs
mod offices;
#[allow(dead_code)]
mod process;
#[path = "../strangers/mod.rs"]
mod strangers;
#[path = "flood/throw.rs"]
mod throw;
#[allow(dead_code)] // as above
mod work;

use figures::{Figures, Unit};
use homeward::id::{CaseId, CircleId};
use homeward::node::{ClaimIn, Request};
use homeward::private::Private;
use offices::{CIRCLE, Pair};
use process::Running;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use work::Size;

const SEED: u64 = 1;
/// The hostile partners' 52 nodes, of which fifty come. Few cases: they only have to be there.
const SIZE: Size = Size { cases: 200, rounds: 6, partners: 4, nodes_each: 13 };
const ROUNDS: usize = 5;
const EDITS: u32 = 1_000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--throw") {
        throw::throw(&arguments[at + 1], CircleId::from_hex(&arguments[at + 2]).unwrap(), &SIZE);
        return;
    }
    let measures = arguments.iter().any(|argument| argument == "--bench");
    let (rounds, edits) = if measures { (ROUNDS, EDITS) } else { (1, 40) };
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    let mut figures = Figures::new(format!(
        "A known peer's {edits} edits through a flood, {} cores, {}",
        std::thread::available_parallelism().map_or(1, usize::from),
        if cfg!(debug_assertions) { "debug build" } else { "release build" },
    ));
    let pair = offices::pair(&target.join("bench/flood"), SEED, SIZE);
    let [near, far] = &pair.places;
    let mut victim = Running::start(far);
    near.dials(&far.name, &victim.address);
    let mut peer = Running::start(near);
    peer.dial();
    let mut expected = pair.counts.edits;
    victim.wait(Duration::from_millis(50), |status| {
        status.circles.first().is_some_and(|c| c.edits >= expected)
    });
    let (mut calm, mut flooded) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        for flood in [false, true] {
            peer.pause();
            let begun = Instant::now();
            write(&mut peer, &pair, edits, round);
            figures.note(format!("{edits} edits written in {:.1} s", begun.elapsed().as_secs_f64()));
            expected += u64::from(edits);
            let thrown = flood.then(|| Thrown::at(&victim.address, &pair.circle));
            let worked = victim.cpu_s();
            let begun = Instant::now();
            peer.dial();
            victim.wait(Duration::from_millis(2), |status| {
                status.circles.first().is_some_and(|circle| circle.edits >= expected)
            });
            let took = begun.elapsed().as_secs_f64();
            let cpu = victim.cpu_s() - worked;
            if flood { &mut flooded } else { &mut calm }.push(took);
            let said = thrown.map_or_else(|| "calm".to_owned(), Thrown::end);
            figures.note(format!("{took:.3} s, processor time of the victim {cpu:.2} s; {said}"));
        }
    }
    let (calm, flooded) = (median(calm), median(flooded));
    figures.goal("flood_calm_s", "without the flood", calm, Unit::Seconds, 2.0);
    figures.goal("flood_s", "through the flood", flooded, Unit::Seconds, 4.0);
    figures.goal(
        "flood_ratio",
        "ratio of a known peer's time under the flood",
        flooded / calm,
        Unit::Times,
        2.0,
    );
    figures.note(format!("peak memory of the victim {:.1} MB", victim.peak_bytes() as f64 / 1e6));
    if measures {
        figures.keep(&target, "flood");
    }
    peer.stop();
    victim.stop();
}

/// So many edits, a claim each, while there is no link.
fn write(node: &mut Running, pair: &Pair, edits: u32, round: usize) {
    for at in 0..edits {
        let case: CaseId = pair.work.case_id(at % pair.work.cases());
        let value = Private::new(format!("{round}.{at}: бачили біля вокзалу, перевірити"));
        let claim = ClaimIn { field: "remark".into(), value, ..ClaimIn::default() };
        node.ask(Request::CaseClaim { circle: CIRCLE.into(), case: case.hex(), claims: vec![claim] });
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// A flood under way. Ended when dropped.
struct Thrown {
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Thrown {
    /// Begins, and waits until it is in full swing.
    fn at(address: &str, circle: &CircleId) -> Self {
        let mut child = Command::new("nice")
            .args(["-n", "19"])
            .arg(std::env::current_exe().unwrap())
            .args(["--throw", address, &circle.hex()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said = Arc::new(Mutex::new(lines.next().unwrap().unwrap()));
        let last = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                *last.lock().unwrap() = line;
            }
        });
        Self { child, said }
    }

    fn end(self) -> String {
        self.said.lock().unwrap().clone()
    }
}

impl Drop for Thrown {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
