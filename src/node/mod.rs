//! The house: clock, tasks, keys and glue. Alone spawns tasks and threads, alone holds unlocked keys.

mod answer;
mod clock;
mod config;
mod door;
mod quiet;
mod request;
mod socket;

pub use answer::*;
pub use door::{AskPassphrase, CardChanges, Door, InitOptions, Initialised, init, run, sign_card};
pub use quiet::keep_quiet;
pub use request::{Asked, ClaimIn, Request};
