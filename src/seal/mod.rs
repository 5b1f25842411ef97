//! Secrecy: keys, certificates and cards, epochs, and the envelope around all that is sealed. Pure but for age and
//! HPKE, which draw their own chance and are called in `envelope` alone.
#![doc = include_str!("FORMAT.md")]

mod card;
mod envelope;

pub use card::{Card, CardAddress, Certificate};
pub use envelope::{Envelope, EpochKey, EpochSecret, Recipient, SealFault};
