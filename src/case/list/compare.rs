//! A line of a list against what this office already said from the same line.
//!
//! Rules: a value that is the same changes nothing; a value that changed becomes a claim that replaces the old one;
//! a cell that is now empty withdraws nothing (a list that leaves something out does not deny it) and is reported.
//! What a person took back or replaced by hand is not said again until the list says something new. So a second run
//! of the same file changes nothing.

use super::super::edit::{Claim, SourceKind};
use super::map::ListMap;
use super::read::Row;
use crate::id::ItemRef;
use crate::limit::EDIT_ITEMS;

/// A claim of our own on the line's case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What it is called by.
    pub item: ItemRef,
    /// What it says.
    pub claim: Claim,
    /// Whether it stands: neither withdrawn nor replaced.
    pub live: bool,
}

/// What a line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowPlan {
    /// Nothing was said from this line before: all its claims.
    New(Vec<Claim>),
    /// Something changed.
    Changed {
        /// What is said now, naming what it replaces.
        claims: Vec<Claim>,
        /// What was said from this line and is no longer on it. Left standing.
        left_out: Vec<ItemRef>,
    },
    /// Nothing to say.
    Unchanged {
        /// What was said from this line and is no longer on it. Left standing.
        left_out: Vec<ItemRef>,
    },
}

impl ListMap {
    /// Whether a claim came from the line of this list with this number.
    pub fn said(&self, row: &Row, claim: &Claim) -> bool {
        claim.source.kind == SourceKind::ListLine
            && *claim.source.text.reveal() == self.source_text(row.number.reveal())
    }
}

/// Sets a line against our own claims on its case. Claims that did not come from this line are not looked at, so
/// all of the partner's own claims may be handed in.
pub fn compare(map: &ListMap, row: &Row, own: &[Held]) -> RowPlan {
    let own: Vec<&Held> = own.iter().filter(|held| map.said(row, &held.claim)).collect();
    if own.is_empty() {
        return RowPlan::New(row.claims.clone());
    }
    let claims: Vec<Claim> = row.claims.iter().filter_map(|claim| change(claim, &own)).collect();
    let on_line = |held: &Held| row.claims.iter().any(|claim| same_place(claim, &held.claim));
    let left_out = own.iter().filter(|held| held.live && !on_line(held)).map(|held| held.item).collect();
    if claims.is_empty() { RowPlan::Unchanged { left_out } } else { RowPlan::Changed { claims, left_out } }
}

/// The claim to make for one cell, if any.
fn change(claim: &Claim, own: &[&Held]) -> Option<Claim> {
    let here = || own.iter().filter(|held| same_place(claim, &held.claim));
    let mut live = here().filter(|held| held.live).peekable();
    if live.peek().is_none() {
        let said_before = here().any(|held| held.claim.value == claim.value);
        return (!said_before).then(|| claim.clone());
    }
    let others: Vec<ItemRef> =
        live.clone().filter(|held| held.claim.value != claim.value).map(|h| h.item).collect();
    // Said by two of our nodes at once, once as it is now and once otherwise: the one that fits is made to stand alone.
    (!others.is_empty()).then(|| {
        let replaces = live.map(|held| held.item).take(EDIT_ITEMS).collect();
        Claim { replaces, ..claim.clone() }
    })
}

fn same_place(one: &Claim, other: &Claim) -> bool {
    one.field == other.field && one.group == other.group
}

#[cfg(test)]
mod tests {
    use super::super::read::read_list;
    use super::*;
    use crate::case::Source;
    use crate::id::{EditRef, InstanceId, Life, NodeId};

    fn map() -> ListMap {
        ListMap::parse(
            r#"
            list = "spring-list"
            number = "No"
            [columns."Name"]
            field = "name"
            [columns."Town"]
            field = "birthplace"
            "#,
        )
        .unwrap()
    }

    fn row(name: &str, town: &str) -> Row {
        let read = read_list(format!("No,Name,Town\nS1,{name},{town}\n").as_bytes(), &map()).unwrap();
        read.rows.into_iter().next().unwrap()
    }

    fn item(number: u64) -> ItemRef {
        let life = Life { node: NodeId([2; 32]), instance: InstanceId([3; 16]) };
        ItemRef { edit: EditRef { life, number }, place: 0 }
    }

    /// What a sheet holds after claims were made: those replaced no longer stand.
    fn say(held: &mut Vec<Held>, claims: Vec<Claim>) {
        for claim in claims {
            for old in held.iter_mut().filter(|old| claim.replaces.contains(&old.item)) {
                old.live = false;
            }
            held.push(Held { item: item(held.len() as u64 + 1), claim, live: true });
        }
    }

    fn run(held: &mut Vec<Held>, row: &Row) -> RowPlan {
        let plan = compare(&map(), row, held);
        match &plan {
            RowPlan::New(claims) | RowPlan::Changed { claims, .. } => say(held, claims.clone()),
            RowPlan::Unchanged { .. } => {}
        }
        plan
    }

    fn unchanged() -> RowPlan {
        RowPlan::Unchanged { left_out: vec![] }
    }

    #[test]
    fn a_second_run_changes_nothing() {
        let mut held = vec![];
        assert!(
            matches!(run(&mut held, &row("Marusia", "Tokmak")), RowPlan::New(claims) if claims.len() == 3)
        );
        assert_eq!(run(&mut held, &row("Marusia", "Tokmak")), unchanged());
    }

    #[test]
    fn a_corrected_cell_replaces_what_it_said_and_back_again() {
        let mut held = vec![];
        run(&mut held, &row("Marusia", "Tokmak"));
        for (town, replaced) in [("Polohy", 2), ("Tokmak", 4), ("Polohy", 5)] {
            let RowPlan::Changed { claims, left_out } = run(&mut held, &row("Marusia", town)) else {
                panic!("{town} changes something")
            };
            assert_eq!(claims.len(), 1);
            assert_eq!(claims[0].replaces, [item(replaced)]);
            assert_eq!(left_out, []);
            assert_eq!(run(&mut held, &row("Marusia", town)), unchanged());
        }
    }

    #[test]
    fn an_emptied_cell_leaves_what_was_said_and_reports_it() {
        let mut held = vec![];
        run(&mut held, &row("Marusia", "Tokmak"));
        assert_eq!(run(&mut held, &row("Marusia", "")), RowPlan::Unchanged { left_out: vec![item(2)] });
        // and a cell filled later is said
        assert!(matches!(run(&mut vec![], &row("Marusia", "")), RowPlan::New(claims) if claims.len() == 2));
    }

    #[test]
    fn a_cell_filled_later_is_said() {
        let mut held = vec![];
        run(&mut held, &row("Marusia", ""));
        let RowPlan::Changed { claims, .. } = run(&mut held, &row("Marusia", "Tokmak")) else {
            panic!("a new cell")
        };
        assert_eq!((claims.len(), claims[0].replaces.len()), (1, 0));
        assert_eq!(run(&mut held, &row("Marusia", "Tokmak")), unchanged());
    }

    #[test]
    fn what_a_person_took_back_is_not_said_again() {
        let mut held = vec![];
        run(&mut held, &row("Marusia", "Tokmak"));
        held.iter_mut().filter(|h| h.claim.field == "birthplace").for_each(|h| h.live = false);
        assert_eq!(run(&mut held, &row("Marusia", "Tokmak")), unchanged());
        assert!(matches!(run(&mut held, &row("Marusia", "Polohy")), RowPlan::Changed { .. }));
    }

    #[test]
    fn other_sources_are_not_touched() {
        let mut held = vec![];
        run(&mut held, &row("Marusia", "Tokmak"));
        let mut by_hand =
            row("Marusia", "Polohy").claims.into_iter().find(|c| c.field == "birthplace").unwrap();
        by_hand.source = Source { text: "birth certificate".into(), ..Source::default() };
        say(&mut held, vec![by_hand]);
        assert_eq!(run(&mut held, &row("Marusia", "Tokmak")), unchanged());
    }

    #[test]
    fn two_nodes_that_imported_at_once_come_to_one() {
        let mut held = vec![];
        run(&mut held, &row("Marusia", "Tokmak"));
        say(&mut held, row("Marusia", "Polohy").claims);
        let RowPlan::Changed { claims, .. } = run(&mut held, &row("Marusia", "Polohy")) else {
            panic!("settles")
        };
        assert_eq!(claims[0].replaces.len(), 2);
        assert_eq!(run(&mut held, &row("Marusia", "Polohy")), unchanged());
    }
}
