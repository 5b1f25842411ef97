//! What pages of work show: lists before they are taken in, what there is to do, counts.

use super::CaseRow;
use crate::id::{CaseId, CircleId, ItemRef};
use crate::private::Private;
use crate::register::{Count, CountTable, CountedBy};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// A list before its map is made.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ListLook {
    /// Sheets of a workbook; none of a CSV.
    pub sheets: Vec<Private<String>>,
    /// Which of them was looked at.
    pub sheet: Private<String>,
    /// What stands between cells.
    pub delimiter: String,
    /// What the first line says.
    pub headings: Vec<Private<String>>,
    /// The first lines after it.
    pub samples: Vec<Vec<Private<String>>>,
    /// Distinct words of each column, lower case; none of a column with many.
    pub words: Vec<Vec<Private<String>>>,
    /// Lines.
    pub rows: usize,
    /// What each column seems to hold, as [`crate::case::TARGETS`] name it; empty where nothing is known.
    pub guesses: Vec<String>,
}

/// One thing on which offices differ.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConflictView {
    /// The circle.
    pub circle: CircleId,
    /// The circle's name.
    pub circle_name: Private<String>,
    /// The case.
    pub case: CaseId,
    /// The child's name, shortest form.
    pub title: Private<String>,
    /// `plan` (to settle) or `claim` (to stand side by side).
    pub kind: ConflictKind,
    /// The field or plan key.
    pub field: String,
    /// Which of several, of a field that a child may have more of: which relative, which stay. Empty otherwise.
    pub group: String,
    /// The values: who says, which item, what.
    pub values: Vec<ConflictValue>,
}

/// What kind of conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictKind {
    /// Concurrent plan values: settle one.
    Plan,
    /// Differing claims: both stand.
    Claim,
}

/// One value of a conflict.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConflictValue {
    /// The item.
    pub item: ItemRef,
    /// Who says it.
    pub partner: String,
    /// What.
    pub value: Private<String>,
}

/// What there is to do. Of each kind so many as were asked for, the most urgent first, and how many there are.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct WorkView {
    /// Plan values to settle.
    pub conflicts: Vec<ConflictView>,
    /// Cases with such.
    pub conflict_cases: usize,
    /// Fields on which offices differ.
    pub differences: Vec<ConflictView>,
    /// Cases with such.
    pub differing_cases: usize,
    /// Cases whose plan names this office or whoever asks.
    pub waiting: Vec<CaseRow>,
    /// How many.
    pub waiting_cases: usize,
    /// Cases that changed since whoever asks last looked.
    pub changed: Vec<CaseRow>,
    /// How many.
    pub changed_cases: usize,
}

/// Counts of cases.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OverviewView {
    /// When they were counted.
    pub at: Millis,
    /// All cases.
    pub total: Count,
    /// By this and that.
    pub tables: Vec<CountTable>,
    /// How it was at the end of each of the last months. Never part of what is handed out: the months together would
    /// tell small counts that each hides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub over_time: Vec<OverTime>,
}

/// Counts of cases at the end of each of some months.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OverTime {
    /// By what: stages, where each case counts once, or offices that say something of a case.
    pub by: CountedBy,
    /// The months, as `2026-11`, the last one up to now.
    pub months: Vec<String>,
    /// What is counted, and how many cases it was at the end of each month.
    pub lines: Vec<(Private<String>, Vec<u64>)>,
}
