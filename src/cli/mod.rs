//! The doors on a terminal: one file per verb.
