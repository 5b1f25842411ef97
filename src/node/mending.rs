//! After a disk fault: the vault is opened anew, the house read anew from it, and the hub begins again.
//!
//! A write that failed may be on the disk or not, so nothing in memory is believed any more: what was being saved is
//! sent again by whoever sent it, what a person was told had failed is there or not, and shown as it is. It is what
//! happens when the program starts, without its end. Until the disk takes writes again, reading goes on.

use super::beginning;
use super::driver::Driver;
use super::running::Node;
use super::shared::Shared;
use super::{Failure, Request};
use crate::time::Millis;
use std::sync::{Mutex, PoisonError};

/// How long the disk is left alone after it refused, and at most.
const FIRST_WAIT_MS: u64 = 500;
const LONGEST_WAIT_MS: u64 = 15_000;

/// When the disk is to be tried again.
#[derive(Default)]
pub(super) struct Patience {
    next: Option<(Millis, u64)>,
}

impl Patience {
    /// Whether it is time; if so, it is not for a while, twice as long as the last.
    fn is_over(&mut self, now: Millis) -> bool {
        let wait = match self.next {
            Some((at, _)) if now < at => return false,
            Some((_, wait)) => (wait * 2).min(LONGEST_WAIT_MS),
            None => FIRST_WAIT_MS,
        };
        self.next = Some((now.plus(wait), wait));
        true
    }
}

/// Mends what a disk fault broke, if it is time to try. For the driver's thread, which holds no lock when it calls.
pub(super) fn look_after(driver: &Mutex<Driver>, shared: &Shared, patience: &mut Patience, now: Millis) {
    if !shared.vault.is_unsure() {
        *patience = Patience::default();
    } else if patience.is_over(now) {
        // Told by `status` as long as it lasts.
        let _ = mend(driver, shared);
    }
}

/// Opens the vault anew and begins again from what it holds.
fn mend(driver: &Mutex<Driver>, shared: &Shared) -> Result<(), Failure> {
    let replaying = shared.one_replay();
    let mut driver = driver.lock().unwrap_or_else(PoisonError::into_inner);
    let beginning = {
        let mut house = shared.house();
        // Another thread may have been quicker.
        if !house.vault.is_unsure() {
            return Ok(());
        }
        let lost = house.vault.recover()?;
        house.read_again(lost)?;
        // Only those who show what they hold to the new hub are believed to agree with it.
        shared.watch(|watch| watch.agreed.clear());
        beginning::start(&mut house)?
    };
    driver.renew(beginning);
    drop((driver, replaying));
    shared.want_replay();
    Ok(())
}

impl Node {
    /// Before a request is answered: mends what can be mended. What only reads is answered in any case.
    pub(super) fn ready_for(&self, request: &Request) -> Result<(), Failure> {
        match self.ready_to_write() {
            Err(_) if request.only_reads() => Ok(()),
            other => other,
        }
    }

    /// Mends what can be mended.
    pub(super) fn ready_to_write(&self) -> Result<(), Failure> {
        if !self.shared.vault.is_unsure() {
            return Ok(());
        }
        mend(self.driver_lock(), &self.shared)?;
        self.catch_up()
    }
}

impl Shared {
    /// What a person should know as long as the disk refuses.
    pub(super) fn disk_notice(&self) -> Option<String> {
        self.vault.is_unsure().then(|| {
            "The disk refused to write: nothing new is taken in or acknowledged until it does. Free some space, or look \
             at the disk; this node goes on by itself."
                .to_owned()
        })
    }
}
