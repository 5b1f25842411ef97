//! The same over links that people have: far, slow, lossy, and one that freezes.

use crate::figures::{Figures, Unit};
use crate::offices::{self, Pair};
use crate::process::{Running, agrees, shows};
use crate::relay::{Relay, RelayConfig};
use crate::said::Said;
use crate::work::Size;
use std::path::Path;
use std::time::Duration;

/// Seeds of the lossy link.
const SEEDS: u64 = 20;
/// Of the lossy link: a round trip in milliseconds, bits per second, and datagrams lost.
const LOSSY: (u64, u64, f64) = (300, 128_000, 0.02);
/// UDP payload after which a flow of the freezing link carries nothing more.
const FREEZES_AFTER: u64 = 16 * 1024;

/// What it took to meet once over a link.
struct Met {
    seconds: f64,
    /// UDP payload in the direction that carried more.
    busier_bytes: u64,
    flows: u64,
}

/// Two small homes that agree, and then meet over one link after the other.
pub(crate) fn measure(folder: &Path, seed: u64, size: Size, changed: u32, figures: &mut Figures) {
    let mut homes = Homes::new(folder, seed, size);
    figures.note(format!(
        "links: {changed} changed cases of {} on each side, from the word to dial",
        size.cases
    ));
    let met = homes.meet(RelayConfig::link(150, 1_000_000), changed);
    let what = format!("150 ms, 1 Mbit/s ({:.1} KB in the busier direction)", met.busier_bytes as f64 / 1e3);
    figures.goal("link_150ms_1mbit_s", &what, met.seconds, Unit::Seconds, 0.70);
    let met = homes.meet(RelayConfig::link(600, 128_000), changed);
    let what =
        format!("600 ms, 128 kbit/s ({:.1} KB in the busier direction)", met.busier_bytes as f64 / 1e3);
    figures.goal("link_600ms_128kbit_s", &what, met.seconds, Unit::Seconds, 2.8);

    let (round_trip_ms, rate, loss) = LOSSY;
    let mut met: Vec<(f64, Met)> = (1..=SEEDS)
        .map(|seed| {
            let met =
                homes.meet(RelayConfig { seed, loss, ..RelayConfig::link(round_trip_ms, rate) }, changed);
            let floor = 3.0 * round_trip_ms as f64 / 1e3 + met.busier_bytes as f64 * 8.0 / rate as f64;
            (met.seconds / floor, met)
        })
        .collect();
    met.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let ratio = (met[SEEDS as usize / 2 - 1].0 + met[SEEDS as usize / 2].0) / 2.0;
    let what =
        format!("300 ms, 2% loss, 128 kbit/s: median of {SEEDS} seeds, of 3 round trips and bytes / rate");
    figures.goal("link_lossy_ratio", &what, ratio, Unit::Times, 1.5);
    let of = |place: usize| format!("{:.2} s ({:.2} times)", met[place].1.seconds, met[place].0);
    figures.note(format!(
        "of these: fastest {}, median {}, slowest {}",
        of(0),
        of(met.len() / 2),
        of(met.len() - 1)
    ));

    let met = homes
        .meet(RelayConfig { freeze_after_bytes: Some(FREEZES_AFTER), ..RelayConfig::default() }, changed);
    figures.note(format!(
        "a link that freezes after 16 KB: all through after {:.2} s and {} flows",
        met.seconds, met.flows
    ));
}

struct Homes {
    pair: Pair,
    far: Running,
    edits: u64,
}

impl Homes {
    fn new(folder: &Path, seed: u64, size: Size) -> Self {
        let pair = offices::pair(folder, seed, size);
        let (edits, cases) = (pair.counts.edits, u64::from(size.cases));
        let [here, there] = &pair.places;
        let mut far = Running::start(there);
        here.dials(&there.name, &far.address);
        let mut near = Running::start(here);
        near.dial();
        near.wait(Duration::from_millis(5), |status| agrees(status, &there.name));
        far.wait(Duration::from_millis(5), |status| shows(status, cases, edits));
        // The first words of each side, with their epoch keys.
        near.pause();
        Said::on_both(&mut near, &mut far, &pair.work, 1).meet(&mut near, &mut far, &pair, edits);
        near.pause();
        near.stop();
        Self { pair, far, edits: edits + 2 }
    }

    /// Both sides change cases, then meet over this link.
    fn meet(&mut self, config: RelayConfig, changed: u32) -> Met {
        let [here, there] = &self.pair.places;
        let relay = Relay::start(config, self.far.address.parse().unwrap());
        here.dials(&there.name, &relay.address().to_string());
        let mut near = Running::start(here);
        let said = Said::on_both(&mut near, &mut self.far, &self.pair.work, changed);
        let took = said.meet(&mut near, &mut self.far, &self.pair, self.edits);
        self.edits += 2 * u64::from(changed);
        let busier_bytes = relay.bytes_up().max(relay.bytes_down());
        near.pause();
        near.stop();
        Met { seconds: took.as_secs_f64(), busier_bytes, flows: relay.flows() }
    }
}
