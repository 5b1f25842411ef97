//! One node is killed in the middle of an edit run and started again.

use super::children::{self, TWO};
use super::desk::Circle;
use super::offices::{self, Who};
use super::patience::PATIENCE;
use super::story::{Acknowledged, Story};
use crate::node::{Answer, Failure, Written};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::mpsc;
use std::thread;

/// The office whose machine fails.
const WHO: Who = Who::Doha;
/// Acknowledged edits after which it is killed.
const KILL_AFTER: usize = 25;
/// Edits that the run would make if nothing happened: so many that it is never through by then.
const RUN: usize = 500;

impl Story<'_> {
    /// Kills a node under the hands of somebody who writes, starts it again and counts.
    pub(super) fn lose_power(&mut self) -> Result<(), Failure> {
        self.told.step("A machine dies.");
        self.told.say(&format!(
            "{}: {} notes call after call for him. In the middle of it the node is killed (kill -9).",
            TWO.called,
            WHO.title()
        ));
        let office = self.offices.at(WHO);
        let case = self.cases.two.clone();
        let before = office.history(Circle::List, &case)?.len();
        let first_process = office.process();
        // The writer opens a way of its own.
        let (sender, receiver) = mpsc::channel();
        let acknowledged: Vec<Written> = thread::scope(|scope| {
            let (home, case) = (office.home().to_owned(), case.clone());
            scope.spawn(move || write_on(&home, &case, &sender));
            let mut written = Vec::new();
            while written.len() < KILL_AFTER {
                match receiver.recv_timeout(PATIENCE) {
                    Ok(one) => written.push(one),
                    Err(_) => break,
                }
            }
            office.kill();
            // What was acknowledged before the end counts too; the channel ends with the writer.
            written.extend(receiver.iter());
            written
        });
        let count = acknowledged.len();
        self.told.hold(
            &format!("It died in the middle: {count} of {RUN} calls had been acknowledged."),
            (KILL_AFTER..RUN).contains(&count),
        );
        self.offices.start(WHO)?;
        self.pause_all(WHO)?;
        let edits: Vec<_> = acknowledged.iter().map(|written| written.edit).collect();
        for edit in &edits {
            self.ledger.push(Acknowledged {
                who: WHO,
                circle: Circle::List,
                case: case.clone(),
                edit: *edit,
            });
        }
        self.told.hold(
            "It runs again, as another process on the same home.",
            office.process().is_some() && office.process() != first_process,
        );
        let after = office.history(Circle::List, &case)?;
        let there = edits.iter().all(|edit| after.iter().filter(|entry| *entry == edit).count() == 1);
        self.told.hold("Every call that had been acknowledged is there, once.", there);
        // The call under way may have become durable before its answer was sent: one more, never a repeat.
        let distinct: BTreeSet<_> = after.iter().collect();
        let more = after.len().saturating_sub(before + count);
        let note =
            office.sheet(Circle::List, &case)?.map(|sheet| sheet.note.reveal().clone()).unwrap_or_default();
        let lines = (0..RUN).map(|number| note.matches(children::run_mark(number).as_str()).count());
        let twice = lines.clone().any(|times| times > 1);
        let noted: usize = lines.sum();
        self.told.hold(
            &format!("Nothing is there twice; {more} more was on its way to being acknowledged."),
            !twice && distinct.len() == after.len() && more <= 1 && noted == count + more,
        );
        Ok(())
    }
}

/// Writes line after line until the node is gone.
fn write_on(home: &Path, case: &str, acknowledged: &mpsc::Sender<Written>) {
    let Ok(mut door) = offices::open(home) else { return };
    for number in 0..RUN {
        let asked = offices::asked(WHO, children::run_line(case, number));
        let Ok(Answer::Written(written)) = door.ask(asked, &mut |_| ()) else { return };
        if acknowledged.send(written).is_err() {
            return;
        }
    }
}
