//! stand-in
use crate::id::{CaseId, CircleId, EditRef};
use serde::{Deserialize, Serialize};
/// x
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SheetView {
    /// x
    pub circle: CircleId,
    /// x
    pub case: CaseId,
}
/// x
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// x
    pub edit: EditRef,
}
