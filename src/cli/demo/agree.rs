//! Whether offices hold, have read and show the same, as their nodes tell it.

use super::desk::Circle;
use super::offices::{Offices, Who};
use crate::case::SheetView;
use crate::id::CircleId;
use crate::node::{CircleStatus, Failure, PartnerCircle, StatusView};
use std::collections::{BTreeMap, BTreeSet};

/// The ids of the three circles.
pub(super) type CircleIds = BTreeMap<Circle, CircleId>;

/// What four nodes said of themselves, one after the other.
pub(super) struct Standing {
    statuses: BTreeMap<Who, StatusView>,
    ids: CircleIds,
}

impl Standing {
    /// Asks all four.
    ///
    /// # Errors
    /// What a node fails with.
    pub(super) fn ask(offices: &Offices, ids: &CircleIds) -> Result<Self, Failure> {
        let mut statuses = BTreeMap::new();
        for office in offices.all() {
            statuses.insert(office.who(), office.status()?);
        }
        Ok(Self { statuses, ids: ids.clone() })
    }

    /// How a circle stands at an office; `None` if it does not know of it.
    pub(super) fn circle(&self, who: Who, circle: Circle) -> Option<&CircleStatus> {
        let id = self.ids.get(&circle)?.hex();
        self.statuses.get(&who)?.circles.iter().find(|status| status.circle == id)
    }

    /// What one office knows of another in a circle, from the other's signatures.
    pub(super) fn confirmed(&self, who: Who, circle: Circle, other: Who) -> Option<&PartnerCircle> {
        let id = self.ids.get(&circle)?.hex();
        let partner = self.statuses.get(&who)?.partners.iter().find(|p| p.partner == other.name())?;
        // A circle that is only carried goes by the start of its id: its name is sealed.
        partner.circles.iter().find(|c| {
            let name = c.circle_name.reveal();
            name == circle.name() || (name.len() >= 8 && id.starts_with(name.as_str()))
        })
    }

    /// Whether every partner of every circle knows of it.
    pub(super) fn all_known(&self) -> bool {
        Circle::ALL.into_iter().all(|circle| circle.partners().all(|who| self.circle(who, circle).is_some()))
    }

    /// Whether every partner of the circle holds the same segments, and every member has read them all.
    pub(super) fn is_level(&self, circle: Circle) -> bool {
        let mut segments = BTreeSet::new();
        let mut edits = BTreeSet::new();
        for who in circle.partners() {
            let Some(status) = self.circle(who, circle) else { return false };
            if status.waiting_edits > 0 || status.refused > 0 || status.forked > 0 || status.segments == 0 {
                return false;
            }
            segments.insert(status.segments);
            if circle.members().contains(&who) {
                if status.to_replay > 0 || status.held > 0 {
                    return false;
                }
                edits.insert((status.edits, status.cases));
            }
        }
        segments.len() == 1 && edits.len() == 1
    }

    /// Whether all circles are level.
    pub(super) fn all_level(&self) -> bool {
        Circle::ALL.into_iter().all(|circle| self.is_level(circle))
    }

    /// Whether every partner of every circle has confirmed to every other that it holds all.
    pub(super) fn all_confirmed(&self) -> bool {
        Circle::ALL.into_iter().all(|circle| {
            circle.partners().all(|who| {
                circle.partners().filter(|other| *other != who).all(|other| {
                    self.confirmed(who, circle, other).is_some_and(|c| c.ours == c.ours_held && c.lacks == 0)
                })
            })
        })
    }
}

/// How many sheets of a circle were compared over all its members, and how many of them differ anywhere.
///
/// # Errors
/// What a node fails with.
pub(super) fn compare_sheets(offices: &Offices, circle: Circle) -> Result<Compared, Failure> {
    let mut cases = BTreeSet::new();
    for who in circle.members() {
        cases.extend(offices.at(*who).cases(circle)?.into_iter().map(|row| row.case));
    }
    let mut compared = Compared { sheets: 0, differing: 0 };
    for case in cases {
        let case = case.hex();
        let mut shown = Vec::new();
        for who in circle.members() {
            shown.push(offices.at(*who).sheet(circle, &case)?.map(as_any_office_shows_it));
        }
        compared.sheets += 1;
        let same =
            shown.iter().all(Option::is_some) && shown.windows(2).all(|pair| pair.first() == pair.last());
        compared.differing += usize::from(!same);
    }
    Ok(compared)
}

/// What a comparison found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Compared {
    /// Sheets compared.
    pub(super) sheets: usize,
    /// Sheets that one member lacks or shows otherwise.
    pub(super) differing: usize,
}

/// A sheet without the one thing that each office knows for itself: when it first saw an edit.
fn as_any_office_shows_it(sheet: SheetView) -> Option<serde_json::Value> {
    let mut value = serde_json::to_value(sheet).ok()?;
    forget(&mut value, "first_seen");
    Some(value)
}

fn forget(value: &mut serde_json::Value, key: &str) {
    match value {
        serde_json::Value::Object(map) => {
            map.remove(key);
            map.values_mut().for_each(|inner| forget(inner, key));
        }
        serde_json::Value::Array(list) => list.iter_mut().for_each(|inner| forget(inner, key)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_time_of_first_sight_is_forgotten() {
        let mut value =
            serde_json::json!({"a": [{"first_seen": 5, "time": 6}], "first_seen": 7, "b": "first_seen"});
        forget(&mut value, "first_seen");
        assert_eq!(value, serde_json::json!({"a": [{"time": 6}], "b": "first_seen"}));
    }
}
