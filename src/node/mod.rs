//! The house: clock, tasks, keys and glue.
