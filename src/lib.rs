//! Homeward: a secure, offline-first sync node.

#![forbid(unsafe_code)]

// floor 0: words
pub mod codec;
pub mod id;
pub mod limit;
pub mod private;
pub mod sign;
pub mod time;

// floor 1: ground
pub mod case;
pub mod log;
pub mod seal;

// floor 2: brain
pub mod register;
pub mod sync;

// floor 3: edges
pub mod carry;
pub mod net;
pub mod store;

// floor 4: house
pub mod node;

// floor 5: doors
pub mod cli;
