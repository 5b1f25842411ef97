//! Exit codes: one table, shown at the foot of `homeward --help`, so that scripts can tell what went wrong.

use crate::node::FailureKind;

/// What the command line or a file handed in got wrong. Also what clap exits with.
pub(super) const BAD_INPUT: u8 = 2;
/// The disk, the vault, or the output.
pub(super) const DISK: u8 = 8;

const TABLE: &[(u8, &str)] = &[
    (0, "done"),
    (1, "a mistake in Homeward itself"),
    (BAD_INPUT, "the command, or a file handed in, is wrong"),
    (3, "what was asked for does not exist, or its name is not unique"),
    (4, "not allowed: not trusted, not a member, not this office's own"),
    (5, "locked: the passphrase is missing or does not open the keys"),
    (6, "in use: another process has this home"),
    (7, "no partner could be reached"),
    (DISK, "the disk or the vault could not be read or written"),
    (9, "something that is stored is damaged"),
];

/// The exit code of a failure.
pub(super) fn code(kind: FailureKind) -> u8 {
    match kind {
        FailureKind::Internal => 1,
        FailureKind::BadInput => BAD_INPUT,
        FailureKind::NotFound => 3,
        FailureKind::NotAllowed => 4,
        FailureKind::Locked => 5,
        FailureKind::InUse => 6,
        FailureKind::Unreachable => 7,
        FailureKind::Disk => DISK,
        FailureKind::Damaged => 9,
    }
}

/// The table as the foot of the help text.
pub(super) fn footer() -> String {
    let rows: Vec<String> = TABLE.iter().map(|(code, meaning)| format!("  {code}  {meaning}")).collect();
    format!("Exit codes:\n{}", rows.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_its_own_row() {
        use FailureKind::*;
        let kinds =
            [Internal, BadInput, NotFound, NotAllowed, Locked, InUse, Unreachable, Disk, Damaged].map(code);
        let rows: Vec<u8> = TABLE.iter().map(|(code, _)| *code).collect();
        assert_eq!(rows, (0..=9).collect::<Vec<u8>>());
        assert_eq!(kinds.to_vec(), (1..=9).collect::<Vec<u8>>());
        assert!(kinds.iter().all(|code| footer().contains(&format!("\n  {code}  "))));
    }
}
