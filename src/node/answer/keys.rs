//! Answers about keys: who asks for them, what this machine lacks, new machines of this office.

use crate::id::NodeId;
use crate::private::Private;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// Keys asked for and lacking.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct GrantsView {
    /// The safety words of this machine's keys, to be read out to whoever must agree.
    pub words: Vec<String>,
    /// The same as numbers.
    pub numbers: Vec<String>,
    /// New machines of partners that ask for what lost ones could read.
    pub asked: Vec<GrantAsked>,
    /// What this machine lacks.
    pub lacking: Vec<KeysLacking>,
}

/// A machine that waits for a person's yes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GrantAsked {
    /// Its partner's name.
    pub partner: String,
    /// It.
    pub node: NodeId,
    /// Keys that it asks for, by circle.
    pub circles: Vec<(Private<String>, u64)>,
    /// Since when.
    pub since: Millis,
}

/// Keys that this machine lacks of one partner in one circle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysLacking {
    /// Who wrote what cannot be read.
    pub partner: String,
    /// In which circle.
    pub circle_name: Private<String>,
    /// How many keys.
    pub keys: u64,
}

/// What a new machine asks its office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeRequestView {
    /// The machine.
    pub node: NodeId,
    /// Where it may be dialled; empty if it only dials.
    pub address: String,
    /// The safety words of its keys.
    pub words: Vec<String>,
    /// The same as numbers.
    pub numbers: Vec<String>,
    /// When it was made, by that machine's clock.
    pub time: Millis,
}
