//! What is kept of partners (their newest card, whether and why they are trusted) and of peers' nodes (what they were
//! last known to hold). Bytes are the caller's, but for the card.

use super::{Name, Records, StoreFault, Writer};
use crate::codec;
use crate::id::{CircleId, NodeId, PartnerId};
use crate::limit;
use crate::seal::Card;
use crate::sign::Signed;

/// Keeps a partner's card if it is newer than the one held. `false`: it is not.
///
/// # Errors
/// [`StoreFault`].
pub fn put_card(writer: &mut Writer<'_>, card: &Signed<Card>) -> Result<bool, StoreFault> {
    if self::card(writer, &card.partner)?.is_some_and(|held| held.revision >= card.revision) {
        return Ok(false);
    }
    list_partner(writer, &card.partner)?;
    writer.put(&Name::Card(card.partner), card.bytes())?;
    Ok(true)
}

/// A partner's newest card.
///
/// # Errors
/// [`StoreFault`].
pub fn card(records: &impl Records, partner: &PartnerId) -> Result<Option<Signed<Card>>, StoreFault> {
    Ok(records.get(&Name::Card(*partner))?.map(|bytes| Signed::decode_own_store(&bytes)).transpose()?)
}

/// Keeps what is said of the trust in a partner.
///
/// # Errors
/// [`StoreFault`].
pub fn put_trust(writer: &mut Writer<'_>, partner: &PartnerId, bytes: &[u8]) -> Result<(), StoreFault> {
    list_partner(writer, partner)?;
    writer.put(&Name::Trust(*partner), bytes)
}

/// What is said of the trust in a partner.
///
/// # Errors
/// [`StoreFault`].
pub fn trust(records: &impl Records, partner: &PartnerId) -> Result<Option<Vec<u8>>, StoreFault> {
    records.get(&Name::Trust(*partner))
}

/// Partners of whom a card or a trust record is held, in the order in which they came.
///
/// # Errors
/// [`StoreFault`].
pub fn partners(records: &impl Records) -> Result<Vec<PartnerId>, StoreFault> {
    match records.get(&Name::PartnerList)? {
        Some(bytes) => Ok(codec::decode("list of partners", &bytes, limit::VAULT_RECORD_BYTES)?),
        None => Ok(Vec::new()),
    }
}

/// Keeps what is remembered of a peer's node in a circle: its last heads, say.
///
/// # Errors
/// [`StoreFault`].
pub fn put_peer(
    writer: &mut Writer<'_>,
    node: &NodeId,
    circle: &CircleId,
    bytes: &[u8],
) -> Result<(), StoreFault> {
    writer.put(&Name::Peer(*node, *circle), bytes)
}

/// What is remembered of a peer's node in a circle.
///
/// # Errors
/// [`StoreFault`].
pub fn peer(records: &impl Records, node: &NodeId, circle: &CircleId) -> Result<Option<Vec<u8>>, StoreFault> {
    records.get(&Name::Peer(*node, *circle))
}

fn list_partner(writer: &mut Writer<'_>, partner: &PartnerId) -> Result<(), StoreFault> {
    let mut all = partners(writer)?;
    if !all.contains(partner) {
        all.push(*partner);
        writer.put(&Name::PartnerList, &codec::encode(&all))?;
    }
    Ok(())
}
