//! Keeping quiet: no core dumps, no reader of our memory, no file that others can read.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit, umask};

/// Called first thing in `main`: before any key or file is touched.
pub fn keep_quiet() {
    umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    // Where the system refuses, the rest still holds: a node must run on what there is.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}
