//! Secrecy: keys, certificates and cards, epochs, and the envelope around all that is sealed. Pure but for age and
//! HPKE, which draw their own chance and are called in `age_envelope` and `hybrid` alone.
#![doc = include_str!("FORMAT.md")]

mod age_envelope;
mod age_header;
mod card;
mod card_file;
mod demo;
mod envelope;
mod epoch_record;
mod epochs;
mod hybrid;
mod keys;
mod locked;
mod padding;
mod recovery;
mod request;
mod text_file;
mod words;

pub use age_envelope::{AgeEnvelope, epoch_identity_text};
pub use age_header::age_header_length;
pub use card::{Card, CardAddress, Certificate};
pub use card_file::{card_from_text, card_to_text};
pub use demo::{DEMO_PARTNERS, demo_card, demo_node, demo_partner, is_demo_partner};
pub use envelope::{Envelope, EpochKey, EpochSecret, Recipient, SealFault};
pub use epoch_record::{EpochBody, EpochFile, Grant};
pub use epochs::{make_grant, new_epoch, open_epoch, open_grant};
pub use hybrid::HybridIdentity;
pub use keys::{NodePublic, NodeSecret, PartnerSecret, VaultKey, card, certificate, vouches};
pub use locked::{
    KeyBundle, PartnerBundle, lock_for_recovery, lock_with_passphrase, unlock_with_passphrase,
    unlock_with_recovery,
};
pub use padding::padme;
pub use recovery::{PhraseFault, RecoveryPhrase};
pub use request::{NodeRequest, node_request, request_from_text, request_to_text};
pub use words::SafetyPhrase;
