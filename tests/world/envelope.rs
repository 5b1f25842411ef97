//! What seals in a world: age, or a seeded stand-in that needs no chance of its own, so that the same seed gives the
//! same bytes. Either one counts what it opened.

use homeward::limit;
use homeward::private::Private;
use homeward::seal::{AgeEnvelope, Envelope, EpochKey, HybridIdentity, Recipient, SealFault};
use homeward::sign::{Domain, hash};
use std::sync::atomic::{AtomicU64, Ordering};

/// The stand-in: a keystream and a tag, both out of the house's one hash. No secrecy against anyone who knows it, but
/// like age it opens for the right key alone, and whole or not at all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StandIn;

const TAG: usize = 32;

/// The plaintext's own hash is tag and nonce in one: the same plaintext under the same key gives the same bytes.
fn close(key: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let tag = hash(Domain::Chance, &[b"tag", key, plaintext]).0;
    let mut sealed = tag.to_vec();
    sealed.extend_from_slice(plaintext);
    stream(key, &tag, &mut sealed[TAG..]);
    sealed
}

fn stream(key: &[u8], tag: &[u8], text: &mut [u8]) {
    for (block, chunk) in text.chunks_mut(32).enumerate() {
        let pad = hash(Domain::Chance, &[b"stream", key, tag, &(block as u64).to_be_bytes()]).0;
        for (byte, pad) in chunk.iter_mut().zip(pad) {
            *byte ^= pad;
        }
    }
}

fn unclose(key: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (tag, text) = sealed.split_at_checked(TAG)?;
    let mut text = text.to_vec();
    stream(key, tag, &mut text);
    (hash(Domain::Chance, &[b"tag", key, &text]).0 == *tag).then_some(text)
}

/// What stands before a stanza: whose it is. Names no circle.
fn mark(recipient: &Recipient) -> [u8; 32] {
    hash(Domain::Chance, &[b"recipient", &recipient.0]).0
}

/// A stanza: mark, then the sealed file key.
const STANZA: usize = 32 + TAG + 32;

impl Envelope for StandIn {
    fn seal_work(&self, epoch: &EpochKey, plaintext: &[u8]) -> Result<Vec<u8>, SealFault> {
        if plaintext.len() + TAG > limit::SEGMENT_PLAIN_BYTES {
            return Err(SealFault::Damaged);
        }
        Ok(close(epoch.0.reveal(), plaintext))
    }

    fn open_work(&self, epoch: &EpochKey, sealed: &[u8]) -> Result<Private<Vec<u8>>, SealFault> {
        unclose(epoch.0.reveal(), sealed).map(Private::new).ok_or(SealFault::NotForUs)
    }

    fn seal_to(&self, recipients: &[Recipient], plaintext: &[u8]) -> Result<Vec<u8>, SealFault> {
        if recipients.is_empty() || recipients.len() > limit::PARTNER_NODES {
            return Err(SealFault::Recipient);
        }
        let key = hash(Domain::Chance, &[b"file", &mark(&recipients[0]), plaintext]).0;
        let mut file = vec![recipients.len() as u8];
        for recipient in recipients {
            file.extend_from_slice(&mark(recipient));
            file.extend_from_slice(&close(&recipient.0, &key));
        }
        file.extend_from_slice(&close(&key, plaintext));
        Ok(file)
    }

    fn open_as(&self, secret: &Private<[u8; 32]>, sealed: &[u8]) -> Result<Private<Vec<u8>>, SealFault> {
        let recipient = HybridIdentity::new(secret.clone()).recipient();
        let (count, rest) = sealed.split_first().ok_or(SealFault::Damaged)?;
        let (stanzas, body) =
            rest.split_at_checked(usize::from(*count) * STANZA).ok_or(SealFault::Damaged)?;
        let ours = stanzas.chunks(STANZA).find(|stanza| stanza[..32] == mark(&recipient));
        let key = unclose(&recipient.0, &ours.ok_or(SealFault::NotForUs)?[32..]).ok_or(SealFault::Damaged)?;
        unclose(&key, body).map(Private::new).ok_or(SealFault::Damaged)
    }
}

/// An envelope that counts.
pub(crate) struct Counting {
    inner: Box<dyn Envelope>,
    opened: AtomicU64,
    tried: AtomicU64,
}

impl Counting {
    pub(crate) fn new(age: bool) -> Self {
        let inner: Box<dyn Envelope> = if age { Box::new(AgeEnvelope) } else { Box::new(StandIn) };
        Self { inner, opened: AtomicU64::new(0), tried: AtomicU64::new(0) }
    }

    /// How much was opened with keys held here.
    pub(crate) fn opened(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }

    /// How often opening was tried.
    pub(crate) fn tried(&self) -> u64 {
        self.tried.load(Ordering::Relaxed)
    }

    fn count<T>(&self, outcome: Result<T, SealFault>) -> Result<T, SealFault> {
        self.tried.fetch_add(1, Ordering::Relaxed);
        self.opened.fetch_add(u64::from(outcome.is_ok()), Ordering::Relaxed);
        outcome
    }
}

impl Envelope for Counting {
    fn seal_work(&self, epoch: &EpochKey, plaintext: &[u8]) -> Result<Vec<u8>, SealFault> {
        self.inner.seal_work(epoch, plaintext)
    }

    fn open_work(&self, epoch: &EpochKey, sealed: &[u8]) -> Result<Private<Vec<u8>>, SealFault> {
        self.count(self.inner.open_work(epoch, sealed))
    }

    fn seal_to(&self, recipients: &[Recipient], plaintext: &[u8]) -> Result<Vec<u8>, SealFault> {
        self.inner.seal_to(recipients, plaintext)
    }

    fn open_as(&self, secret: &Private<[u8; 32]>, sealed: &[u8]) -> Result<Private<Vec<u8>>, SealFault> {
        self.count(self.inner.open_as(secret, sealed))
    }
}
