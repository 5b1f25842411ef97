//! Closures of our own partner: kept here, then handed to the hub, which spreads and obeys them like any other's.

use super::failure::{bad_input, not_allowed, not_found};
use super::house::House;
use super::running::Node;
use super::{Failure, running};
use crate::log::Closure;
use crate::sign::Signed;
use crate::store::circles::{self, CircleRecord as StoredRecord};
use crate::store::{StoreFault, circles::RecordKind as StoredKind};
use crate::sync::{CircleRecord, Input};

/// Takes in closures that our partner's key signed: durable first, then said to the hub. Says how many were new.
///
/// For an answering file. No lock may be held.
///
/// # Errors
/// Another partner's closure, a circle that is not held here, the disk. Nothing was kept then.
pub(super) fn take_closures(node: &Node, closures: Vec<Signed<Closure>>) -> Result<usize, Failure> {
    let records = node.shared.house().take_closures(closures)?;
    let new = records.len();
    if new > 0 {
        let mut driver = node.driver();
        driver.hand(Input::OwnRecords { records });
        running::renew_if_due(&mut driver, &node.shared);
        drop(driver);
        node.shared.want_replay();
        node.nudge();
    }
    Ok(new)
}

impl House {
    /// Keeps closures of our own partner's nodes and gives those that were new.
    pub(crate) fn take_closures(
        &mut self,
        closures: Vec<Signed<Closure>>,
    ) -> Result<Vec<CircleRecord>, Failure> {
        for closure in &closures {
            if closure.partner != self.people.own {
                return Err(not_allowed(
                    "that closure was signed by another partner",
                    "Each partner closes its own nodes: sign it with this office's partner key.",
                ));
            }
            let circle = self.circles.get(&closure.circle).ok_or_else(|| {
                not_found("that closure is of a circle that is not held here", "See `homeward circle list`.")
            })?;
            if !circle.charter().is_member(&closure.partner) {
                return Err(bad_input(
                    "that closure is of a circle in which this office writes nothing",
                    "Nodes are closed in circles of which their partner is a member.",
                ));
            }
        }
        let mut new = Vec::new();
        self.vault.write(|writer| {
            for closure in &closures {
                let stored = StoredRecord {
                    kind: StoredKind::Closure,
                    hash: closure.hash(),
                    bytes: closure.bytes().to_vec(),
                };
                if circles::put_record(writer, &closure.circle, &stored)? {
                    new.push(CircleRecord::Closure(closure.clone()));
                }
            }
            Ok::<(), StoreFault>(())
        })?;
        for record in &new {
            if let Some(circle) = self.circles.get_mut(&record.circle()) {
                circle.cut.learn(record);
                circle.look_at_cuts();
            }
        }
        Ok(new)
    }
}
