//! Homeward: a secure, offline-first sync node.

#![forbid(unsafe_code)]

pub mod case;
pub mod codec;
pub mod id;
pub mod limit;
pub mod log;
pub mod private;
pub mod seal;
pub mod sign;
pub mod time;
