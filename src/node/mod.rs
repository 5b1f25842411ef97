//! The house: clock, tasks, keys and glue. Alone spawns tasks and threads, alone holds unlocked keys.

mod answer;
mod door;
mod request;

pub use answer::*;
pub use door::{AskPassphrase, CardChanges, Door, InitOptions, Initialised, init, run, sign_card};
pub use request::{Asked, ClaimIn, Request};
