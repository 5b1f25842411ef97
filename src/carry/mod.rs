//! Bundles and mailboxes: segments that travel by hand.
