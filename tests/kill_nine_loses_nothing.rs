//! A node that is killed with SIGKILL at any moment has kept every edit that it acknowledged, and says none twice.
//!
//! Two offices run in processes of their own. In each round one of them is killed during edits after the k-th
//! acknowledged one, during an import after the k-th acknowledged row, or in the middle of a sync; k, who and when
//! follow from the seed. It starts again on the same home; then both are asked for everything. `HOMEWARD_ROUNDS`
//! sets the number of rounds.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

mod offices;

use homeward::id::{CaseId, EditRef};
use homeward::node::{Answer, Request, RowOutcome, Written};
use offices::{Office, Seeded, asked, found, introduce, level, new_case, note, wait_for};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::mpsc;

/// Rounds in the gate.
const ROUNDS: usize = 50;
/// Edits that would be written if nothing happened: far more than are ever waited for.
const RUN: usize = 400;
/// Lines of a list.
const LINES: usize = 160;
const CIRCLE: &str = "families";
const MAP: &str = "list = \"kill-list\"\nnumber = \"No\"\n[columns.Name]\nfield = \"name.whole\"\n";

/// What was acknowledged, by whom, and must be there for ever: what it was said by, and its text in the note, if any.
#[derive(Default)]
struct Ledger {
    edits: BTreeMap<CaseId, BTreeSet<EditRef>>,
}

impl Ledger {
    fn add(&mut self, written: &Written) {
        assert!(
            self.edits.entry(written.case).or_default().insert(written.edit),
            "the same name was given to two edits"
        );
    }

    /// Every acknowledged edit of a case is there, and no edit is there twice.
    fn check(&self, office: &mut Office, case: CaseId) -> Vec<EditRef> {
        let there = office.history(CIRCLE, case);
        let distinct: BTreeSet<EditRef> = there.iter().copied().collect();
        assert_eq!(distinct.len(), there.len(), "{}: an edit is there twice", office.name);
        let lost = self.edits.get(&case).map_or(0, |edits| edits.difference(&distinct).count());
        assert_eq!(lost, 0, "{}: acknowledged edits are lost", office.name);
        there
    }
}

struct Pair {
    offices: [Office; 2],
    circle: String,
    ledger: Ledger,
    /// Instances of both: a crash is no new life.
    lives: [homeward::id::InstanceId; 2],
}

impl Pair {
    fn new(root: &Path) -> Self {
        let (mut kyiv, mut doha) = (Office::new(root, "kyiv"), Office::new(root, "doha"));
        introduce(&mut [&mut kyiv, &mut doha]);
        kyiv.dials(&doha);
        doha.dials(&kyiv);
        let circle = found(&mut kyiv, CIRCLE, &["doha"], &[]);
        kyiv.start();
        doha.start();
        let lives = [kyiv.info().instance, doha.info().instance];
        let mut pair = Self { offices: [kyiv, doha], circle, ledger: Ledger::default(), lives };
        pair.level();
        pair
    }

    fn level(&mut self) {
        let [kyiv, doha] = &mut self.offices;
        // A partner that was just gone is dialled later and later: now is sooner.
        for office in [&mut *kyiv, &mut *doha] {
            office.ask(Request::Resume { partner: None });
        }
        level(&mut [kyiv, doha], &self.circle);
    }

    fn restart(&mut self, who: usize) {
        self.offices[who].start();
        assert_eq!(self.offices[who].info().instance, self.lives[who], "a crash is no new life");
    }

    fn case(&mut self, who: usize, name: &str) -> CaseId {
        let written = new_case(&mut self.offices[who], CIRCLE, name);
        self.ledger.add(&written);
        written.case
    }

    /// Killed after the k-th acknowledged edit, while somebody writes on.
    fn killed_while_writing(&mut self, round: usize, chance: &mut Seeded) {
        let who = usize::try_from(chance.below(2)).unwrap();
        let after = 1 + usize::try_from(chance.below(30)).unwrap();
        let case = self.case(who, "Осінній Марко");
        let (sender, receiver) = mpsc::channel();
        let home = self.offices[who].home.clone();
        let mut acknowledged: Vec<(usize, Written)> = Vec::new();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let mut door = offices::open(&home).unwrap();
                for line in 0..RUN {
                    let request = note(CIRCLE, case, &mark(round, line));
                    // It is gone, and with it the answer.
                    let Ok(Answer::Written(written)) = door.ask(asked(request), &mut |_| ()) else { return };
                    if sender.send((line, written)).is_err() {
                        return;
                    }
                }
            });
            acknowledged.extend(receiver.iter().take(after));
            self.offices[who].kill();
            acknowledged.extend(receiver.iter());
        });
        assert!((after..RUN).contains(&acknowledged.len()), "killed in the middle of it");
        for (_, written) in &acknowledged {
            self.ledger.add(written);
        }
        self.restart(who);
        let check = |pair: &mut Self, at: usize| {
            let there = pair.ledger.check(&mut pair.offices[at], case);
            let note = pair.offices[at].sheet(CIRCLE, case).unwrap().note.reveal().clone();
            let times = |line: usize| note.lines().filter(|text| *text == mark(round, line)).count();
            for (line, _) in &acknowledged {
                assert_eq!(times(*line), 1, "an acknowledged line stands in the note once");
            }
            let all: usize = (0..RUN).map(times).sum();
            assert!((0..RUN).all(|line| times(line) <= 1), "said twice");
            // The edit under way may be durable before its answer came.
            assert!(all <= acknowledged.len() + 1, "{all} of {}", acknowledged.len());
            assert_eq!(there.len(), all + 1, "one edit for each line, and the first");
        };
        check(self, who);
        self.level();
        check(self, 1 - who);
    }

    /// Killed after the k-th acknowledged row of a list.
    fn killed_in_an_import(&mut self, round: usize, chance: &mut Seeded) {
        let who = usize::try_from(chance.below(2)).unwrap();
        let after = 1 + usize::try_from(chance.below(LINES as u64 - 40)).unwrap();
        let mut csv = "No,Name\n".to_owned();
        for line in 0..LINES {
            writeln!(csv, "{round}-{line},Invented Name {line}").unwrap();
        }
        let (sender, receiver) = mpsc::channel();
        let home = self.offices[who].home.clone();
        let mut rows = Vec::new();
        let list = csv.clone();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let mut door = offices::open(&home).unwrap();
                let import = Request::Import {
                    circle: CIRCLE.into(),
                    csv: list.into_bytes(),
                    map: MAP.into(),
                    dry_run: false,
                };
                let _ = door.ask(asked(import), &mut |answer| {
                    if let Answer::Row(row) = answer {
                        let _ = sender.send(row);
                    }
                });
            });
            rows.extend(receiver.iter().take(after));
            self.offices[who].kill();
            rows.extend(receiver.iter());
        });
        assert!(rows.len() >= after && rows.iter().all(|row| row.outcome == RowOutcome::New));
        self.restart(who);
        let before: BTreeMap<String, CaseId> =
            rows.into_iter().map(|row| (row.number.reveal().clone(), row.case.unwrap())).collect();
        // The rest of the list is taken in; what was acknowledged stands as it was, under the same cases.
        let (again, counts) = self.offices[who].import(CIRCLE, csv.as_bytes(), MAP);
        assert_eq!(counts.iter().sum::<usize>(), LINES);
        assert_eq!((counts[1], counts[3]), (0, 0));
        let mut cases = BTreeSet::new();
        for row in again {
            assert!(cases.insert(row.case.unwrap()), "one case for one line");
            if let Some(case) = before.get(row.number.reveal()) {
                assert_eq!((row.case, row.outcome), (Some(*case), RowOutcome::Unchanged));
            }
        }
        self.level();
        // One edit for each line, at both.
        for office in &mut self.offices {
            let one = cases.iter().nth(usize::try_from(chance.below(LINES as u64)).unwrap()).unwrap();
            assert_eq!(office.history(CIRCLE, *one).len(), 1);
        }
    }

    /// The one that sends or the one that receives is killed at some moment of a sync.
    fn killed_in_a_sync(&mut self, round: usize, chance: &mut Seeded) {
        let writer = usize::try_from(chance.below(2)).unwrap();
        let killed = usize::try_from(chance.below(2)).unwrap();
        for office in &mut self.offices {
            office.ask(Request::Pause { partner: None });
        }
        let case = self.case(writer, "Тополин Левко");
        // Several segments' worth of text that no compression makes small.
        for line in 0..12 {
            let text = format!("{} {}", mark(round, line), chance.text(12_000));
            let request = Request::CaseClaim {
                circle: CIRCLE.into(),
                case: case.hex(),
                claims: vec![offices::claim("note", &text)],
            };
            let written = self.offices[writer].written(request);
            self.ledger.add(&written);
        }
        let before = self.offices[1 - writer].circle(&self.circle).unwrap().segments;
        for office in &mut self.offices {
            office.ask(Request::Resume { partner: None });
        }
        match chance.below(4) {
            // At once: links are being made.
            0 => {}
            // A link is up.
            1 => wait_for("a link", || {
                self.offices[writer].status().partners.iter().any(|one| one.reachable).then_some(())
            }),
            // The receiver has stored something.
            2 => wait_for("a segment", || {
                let now = self.offices[1 - writer].circle(&self.circle).unwrap().segments;
                (now > before).then_some(())
            }),
            // The writer has cut what waited.
            _ => wait_for("a cut", || {
                (self.offices[writer].circle(&self.circle).unwrap().waiting_edits == 0).then_some(())
            }),
        }
        self.offices[killed].kill();
        self.restart(killed);
        self.ledger.check(&mut self.offices[writer], case);
        self.level();
        let there = self.ledger.check(&mut self.offices[1 - writer], case);
        assert_eq!(there.len(), 13);
    }
}

/// A line of a note as no other round writes it.
fn mark(round: usize, line: usize) -> String {
    format!("call {round}.{line}: nobody answered")
}

#[test]
fn what_was_acknowledged_is_kept_and_said_once() {
    let rounds = std::env::var("HOMEWARD_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS);
    let mut chance = Seeded::new(0x6b69_6c6c);
    let root = tempfile::tempdir().unwrap();
    let mut pair = Pair::new(root.path());
    for round in 0..rounds {
        println!("round {round}");
        match round % 5 {
            0 | 2 => pair.killed_while_writing(round, &mut chance),
            1 => pair.killed_in_an_import(round, &mut chance),
            _ => pair.killed_in_a_sync(round, &mut chance),
        }
    }
    // In the end both show the same, and the edits of each log are 1, 2, 3... without gap or repeat.
    pair.level();
    let [kyiv, doha] = &mut pair.offices;
    assert_eq!(kyiv.all_sheets(CIRCLE), doha.all_sheets(CIRCLE));
    let mut numbers: BTreeMap<_, Vec<u64>> = BTreeMap::new();
    for case in kyiv.cases(CIRCLE) {
        for edit in pair.ledger.check(kyiv, case) {
            numbers.entry(edit.life).or_default().push(edit.number);
        }
    }
    for mut numbers in numbers.into_values() {
        numbers.sort_unstable();
        assert!(
            numbers.iter().copied().eq(1..=numbers.len() as u64),
            "numbers of a log have no gap or repeat"
        );
    }
    for office in &mut pair.offices {
        let Answer::Checked(report) = office.ask(Request::Check) else { panic!("report expected") };
        assert!(report.damage.is_empty() && report.differing == 0, "{report:?}");
        office.stop();
    }
}
