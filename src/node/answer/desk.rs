//! What the desk asks about itself.

use crate::private::Private;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// What somebody does at this machine: bounds what the desk offers. What reaches partners is bounded by circles alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// Registers, traces, writes claims, plans.
    CaseWorker,
    /// All of it, and approves, settles, closes.
    Supervisor,
    /// Imports and answers lists, agrees, plans routes.
    Mediator,
    /// Checks a leg: sees cases and writes in their plans and notes.
    Desk,
    /// Reads logs and counts; no case.
    Auditor,
}

impl Duty {
    /// In the order in which a page offers them.
    pub const ALL: [Duty; 5] =
        [Duty::CaseWorker, Duty::Supervisor, Duty::Mediator, Duty::Desk, Duty::Auditor];

    /// Its code: the key of its label.
    pub fn code(self) -> &'static str {
        match self {
            Self::CaseWorker => "case_worker",
            Self::Supervisor => "supervisor",
            Self::Mediator => "mediator",
            Self::Desk => "desk",
            Self::Auditor => "auditor",
        }
    }
}

/// Somebody who works at this machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OperatorView {
    /// The name that stands beside what they write.
    pub name: Private<String>,
    /// What they do.
    pub role: Duty,
    /// Since when they are known here.
    pub since: Millis,
}

/// Which cases a list is to show. Empty fields ask for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CaseFilter {
    /// Names, numbers, places, in any script and in part.
    pub text: Private<String>,
    /// A circle by its name or the start of its id.
    pub circle: Option<String>,
    /// The code of a stage.
    pub stage: String,
    /// Born in this year or later.
    pub born_from: Option<u16>,
    /// Born in this year or before.
    pub born_to: Option<u16>,
    /// Offices differ.
    pub differs: bool,
    /// The plan has a conflict.
    pub conflict: bool,
    /// Changed here since this person last looked at it.
    pub changed: bool,
    /// This office, or this person, is named in an open task or as responsible; or the plan has a conflict.
    pub waiting: bool,
    /// What the list is sorted by.
    pub order: CaseOrder,
}

/// What a list is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseOrder {
    /// How well it meets the text; without one by name, those without a name last.
    #[default]
    Name,
    /// The last change first.
    Changed,
    /// Numbers in lists.
    Number,
}
