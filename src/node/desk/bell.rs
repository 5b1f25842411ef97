//! The bell: rings when anything that a page may show has changed.

use std::sync::Arc;
use tokio::sync::watch;

/// Counts how often it rang. Clones are the same bell.
#[derive(Clone)]
pub(in crate::node) struct Bell(Arc<watch::Sender<u64>>);

impl Default for Bell {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Bell {
    /// Rings it. Nobody has to listen.
    pub(in crate::node) fn ring(&self) {
        self.0.send_modify(|rung| *rung += 1);
    }

    /// Waits until it has rung more often than this.
    pub(super) async fn rung_since(&self, since: u64) -> u64 {
        let mut ear = self.0.subscribe();
        match ear.wait_for(|rung| *rung > since).await {
            Ok(rung) => *rung,
            // The bell is held here, so there is one.
            Err(_) => since,
        }
    }
}
