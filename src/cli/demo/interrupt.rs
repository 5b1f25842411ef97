//! Ctrl-C, SIGTERM or a closed terminal in the middle of the story: it ends early, but it ends what it started.

use super::offices::failure;
use crate::node::{Failure, FailureKind};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::signal::unix::{SignalKind, signal};

/// Whether somebody asked the demo to stop.
#[derive(Clone, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens for signals from now on, on a thread that lasts as long as the program.
    pub(super) fn listen() -> Self {
        let asked = Self::default();
        let heard = asked.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            // Without it, a signal ends the demo at once, as it ends any program.
            if let Ok(runtime) = runtime {
                runtime.block_on(async {
                    while one_signal().await {
                        heard.0.store(true, Ordering::Relaxed)
                    }
                });
            }
        });
        asked
    }

    /// An error once somebody asked.
    ///
    /// # Errors
    /// [`FailureKind::Internal`]: the story was not told to its end.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.0.load(Ordering::Relaxed) {
            let then = "Start it again with `homeward demo`.";
            return Err(failure(FailureKind::Internal, "The demo was stopped before its end.", then));
        }
        Ok(())
    }
}

/// Waits for the next signal; false if signals cannot be heard here.
fn one_signal() -> impl Future<Output = bool> {
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let heard = kinds.map(signal);
    async move {
        let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = heard else { return false };
        tokio::select! {
            one = interrupt.recv() => one.is_some(),
            one = terminate.recv() => one.is_some(),
            one = hangup.recv() => one.is_some(),
        }
    }
}
