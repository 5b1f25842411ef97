//! Counts of cases, and what of them may leave the machine.
//!
//! A count below [`FEW`] may point at a child, so no table that is handed out shows one, and none can be worked out
//! from the others: the whole of a table is known (every table counts the same cases), so what is hidden must add up to
//! something that tells nothing. [`CountTable::for_export`] hides one larger count along with the small ones, chosen by
//! its place and not by its size, and if even that is not enough, the whole table. Then each small count may be
//! anything from 0 to 4 for all that the published table says, even to whoever knows this rule.

use crate::private::Private;
use serde::{Deserialize, Serialize};

/// From how many cases a count may be handed out.
pub const FEW: u64 = 5;

/// What a table counts by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountedBy {
    /// Stages in use; a case with two of them counts under both.
    Stage,
    /// Circles that know of a case.
    Circle,
    /// Offices that gave the child a name.
    Office,
    /// Years of age.
    Age,
    /// Time since the last change.
    Quiet,
    /// The month in which a case was opened.
    Month,
    /// Whether offices differ on a field.
    Differs,
    /// Whether the plan has a conflict.
    Conflict,
    /// Urgency.
    Urgency,
}

/// A count as it may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// So many.
    Exactly(u64),
    /// Fewer than [`FEW`].
    Few,
    /// Not shown: with it, a small one could be worked out.
    Withheld,
}

impl Count {
    /// The number, if it is shown.
    pub fn number(self) -> Option<u64> {
        match self {
            Self::Exactly(number) => Some(number),
            Self::Few | Self::Withheld => None,
        }
    }
}

/// A line of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// What is counted: a code, a circle's or office's name, `2026-11` for a month.
    pub what: Private<String>,
    /// How many cases.
    pub count: Count,
    /// The middle of the times for which they have been so, in days, where that is known.
    pub days: Option<u64>,
}

/// One table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountTable {
    /// By what.
    pub by: CountedBy,
    /// In the order in which they are read.
    pub lines: Vec<Counted>,
}

impl CountTable {
    /// The table as it may leave the machine.
    #[must_use]
    pub fn for_export(&self) -> Self {
        let counts: Vec<u64> =
            self.lines.iter().map(|line| line.count.number().unwrap_or_default()).collect();
        let shown = publishable(&counts);
        let lines = self.lines.iter().zip(shown).map(|(line, count)| Counted {
            what: line.what.clone(),
            count,
            // The middle of a few is one of them.
            days: None,
        });
        Self { by: self.by, lines: lines.collect() }
    }
}

/// A total as it may leave the machine.
pub fn total_for_export(total: u64) -> Count {
    if total < FEW { Count::Few } else { Count::Exactly(total) }
}

/// What of a table may be shown to whoever knows its sum.
fn publishable(counts: &[u64]) -> Vec<Count> {
    let Some(first) = counts.iter().position(|count| *count < FEW) else {
        return counts.iter().map(|count| Count::Exactly(*count)).collect();
    };
    // By place: a choice by size would tell something of the sizes.
    let after = (0..counts.len()).map(|step| (first + step) % counts.len().max(1));
    let beside = after.into_iter().find(|at| counts.get(*at).is_some_and(|count| *count >= FEW));
    let hidden: u64 = counts
        .iter()
        .enumerate()
        .filter(|(at, count)| **count < FEW || Some(*at) == beside)
        .map(|(_, count)| *count)
        .sum();
    // A small one may be 4 only if the larger one beside it may still be 5.
    let tells = beside.is_none() || hidden < FEW + (FEW - 1);
    counts
        .iter()
        .enumerate()
        .map(|(at, count)| match count {
            _ if tells => Count::Withheld,
            _ if Some(at) == beside => Count::Withheld,
            count if *count < FEW => Count::Few,
            count => Count::Exactly(*count),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_table_of_large_counts_is_shown_as_it_is() {
        assert_eq!(publishable(&[5, 120]), [Count::Exactly(5), Count::Exactly(120)]);
        assert_eq!(publishable(&[]), []);
    }

    #[test]
    fn one_small_count_takes_another_with_it() {
        assert_eq!(
            publishable(&[50, 3, 40, 30]),
            [Count::Exactly(50), Count::Few, Count::Withheld, Count::Exactly(30)]
        );
        // The last one takes the first: places go round.
        assert_eq!(publishable(&[50, 40, 0]), [Count::Withheld, Count::Exactly(40), Count::Few]);
    }

    #[test]
    fn a_table_in_which_even_that_would_tell_is_not_shown() {
        // 6 in all, one of them at least 5: the small one is 0 or 1.
        assert_eq!(publishable(&[5, 1]), [Count::Withheld, Count::Withheld]);
        assert_eq!(publishable(&[1, 2, 4]), [Count::Withheld; 3]);
        assert_eq!(total_for_export(4), Count::Few);
        assert_eq!(total_for_export(5), Count::Exactly(5));
    }

    proptest! {
        /// For each small count and each of 0 to 4 there is a table with the same sum that is published the same.
        #[test]
        fn no_small_count_can_be_worked_out(counts in prop::collection::vec(prop_oneof![0_u64..8, 0_u64..60], 1..7)) {
            let shown = publishable(&counts);
            prop_assert!(counts.iter().zip(&shown).all(|(count, shown)| *count >= FEW || shown.number().is_none()));
            for (at, _) in shown.iter().enumerate().filter(|(_, shown)| **shown == Count::Few) {
                for may_be in 0..FEW {
                    let mut other: Vec<u64> = counts.iter().zip(&shown).map(|(count, shown)| match shown {
                        Count::Few => 0,
                        _ => *count,
                    }).collect();
                    other[at] = may_be;
                    let beside = shown.iter().position(|shown| *shown == Count::Withheld).unwrap();
                    let (sum, without): (u64, u64) = (counts.iter().sum(), other.iter().sum::<u64>() - other[beside]);
                    other[beside] = sum - without;
                    prop_assert_eq!(publishable(&other), shown.clone(), "{:?} for {:?}", other, counts);
                }
            }
            // A table that is withheld whole says nothing but its sum.
            let whole = shown.iter().all(|shown| *shown == Count::Withheld);
            prop_assert!(whole || shown.iter().filter(|shown| **shown == Count::Withheld).count() <= 1);
        }
    }
}
