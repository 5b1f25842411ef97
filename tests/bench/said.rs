//! What people write on both sides while there is no link, and how long it takes until both show it.

use crate::offices::{CIRCLE, Pair};
use crate::process::{Running, agrees, shows};
use crate::work::Work;
use homeward::id::CaseId;
use homeward::node::{ClaimIn, Request};
use homeward::private::Private;
use std::time::{Duration, Instant};

/// Claims of two sides on other cases, before they met.
pub(crate) struct Said {
    /// Of each side: the case and the words.
    sides: [Vec<(CaseId, String)>; 2],
}

impl Said {
    /// One claim on each of so many cases on each side. No case is changed on both.
    pub(crate) fn on_both(near: &mut Running, far: &mut Running, work: &Work, cases: u32) -> Self {
        let step = work.cases() / cases;
        let side = |node: &mut Running, place: u32, who: &str| {
            let said: Vec<(CaseId, String)> = (0..cases)
                .map(|at| {
                    (work.case_id(at * step + place), format!("{who} {at}: бачили біля вокзалу, перевірити"))
                })
                .collect();
            for (case, words) in &said {
                let claim = ClaimIn {
                    field: "remark".into(),
                    value: Private::new(words.clone()),
                    ..ClaimIn::default()
                };
                node.ask(Request::CaseClaim { circle: CIRCLE.into(), case: case.hex(), claims: vec![claim] });
            }
            said
        };
        Self { sides: [side(near, 0, "Північ"), side(far, step / 2, "Південь")] }
    }

    /// From the word to dial until both hold and show what the other wrote. `edits` were there before.
    pub(crate) fn meet(&self, near: &mut Running, far: &mut Running, pair: &Pair, edits: u64) -> Duration {
        let [here, there] = &pair.places;
        let cases = u64::from(pair.work.cases());
        let all = edits + self.sides.iter().map(|side| side.len() as u64).sum::<u64>();
        let look = Duration::from_millis(1);
        let begun = Instant::now();
        near.dial();
        near.wait(look, |status| agrees(status, &there.name) && shows(status, cases, all));
        far.wait(look, |status| agrees(status, &here.name) && shows(status, cases, all));
        let took = begun.elapsed();
        let [ours, theirs] = &self.sides;
        for (node, said) in [(near, theirs), (far, ours)] {
            for (case, words) in said {
                let shown = node.ask(Request::CaseShow { case: case.hex(), circle: None });
                let shown = serde_json::to_string(&shown).unwrap();
                assert!(
                    shown.contains(words.as_str()),
                    "a case does not show what the other side said of it"
                );
            }
        }
        took
    }
}
