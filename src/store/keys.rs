//! Epoch secrets: what opens the segments that are held. Losing them makes a circle unreadable here, which is how a
//! circle is erased.

use super::{Name, Records, StoreFault, Writer};
use crate::codec;
use crate::id::{CircleId, EpochId};
use crate::limit;
use crate::seal::EpochSecret;
use zeroize::Zeroizing;

/// Keeps the secret of an epoch of a circle. `false`: it is held already.
///
/// # Errors
/// [`StoreFault`].
pub fn put_epoch(
    writer: &mut Writer<'_>,
    circle: &CircleId,
    secret: &EpochSecret,
) -> Result<bool, StoreFault> {
    let epoch = secret.key.id();
    let mut all = epoch_ids(writer, circle)?;
    if all.contains(&epoch) {
        return Ok(false);
    }
    all.push(epoch);
    let bytes = Zeroizing::new(codec::encode(secret));
    writer.put(&Name::Epoch(epoch), &bytes)?;
    writer.put(&Name::EpochList(*circle), &codec::encode(&all))?;
    Ok(true)
}

/// The secret of one epoch.
///
/// # Errors
/// [`StoreFault`].
pub fn epoch(records: &impl Records, epoch: &EpochId) -> Result<Option<EpochSecret>, StoreFault> {
    let Some(bytes) = records.get(&Name::Epoch(*epoch))?.map(Zeroizing::new) else { return Ok(None) };
    Ok(Some(codec::decode("epoch secret", &bytes, limit::RECORD_BYTES)?))
}

/// The epochs of a circle whose secrets are held, in the order in which they came.
///
/// # Errors
/// [`StoreFault`].
pub fn epoch_ids(records: &impl Records, circle: &CircleId) -> Result<Vec<EpochId>, StoreFault> {
    match records.get(&Name::EpochList(*circle))? {
        Some(bytes) => Ok(codec::decode("list of epochs", &bytes, limit::VAULT_RECORD_BYTES)?),
        None => Ok(Vec::new()),
    }
}

/// Throws away every secret of a circle. Returns how many. What redb had written of them stays in free pages of the
/// file, sealed, until those are used again.
///
/// # Errors
/// [`StoreFault`].
pub fn forget_epochs(writer: &mut Writer<'_>, circle: &CircleId) -> Result<usize, StoreFault> {
    let all = epoch_ids(writer, circle)?;
    for epoch in &all {
        writer.remove(&Name::Epoch(*epoch))?;
    }
    writer.remove(&Name::EpochList(*circle))?;
    Ok(all.len())
}
