//! What waits, what is counted and what is handed out, asked as the desk asks.

use crate::node::trial::Trial;
use crate::node::{
    Answer, CaseFilter, ClaimIn, ConflictKind, ExportNote, FailureKind, OverviewView, Request, TableWanted,
    WorkView,
};
use crate::private::Private;
use crate::register::{Count, CountedBy};

fn work(trial: &Trial) -> WorkView {
    match trial.ask(Request::Worklist { limit: 10 }).unwrap() {
        Answer::Worklist(work) => *work,
        other => panic!("worklist expected, not {other:?}"),
    }
}

fn claim(field: &str, value: &str) -> ClaimIn {
    ClaimIn { field: field.into(), value: value.into(), ..ClaimIn::default() }
}

fn new_case(trial: &Trial, claims: Vec<ClaimIn>) -> String {
    trial.written(Request::CaseNew { circle: "families".into(), case: None, claims }).case.hex()
}

fn plan(trial: &Trial, case: &str, key: &str, value: &str) {
    let (circle, key) = ("families".into(), key.into());
    let request = Request::CasePlan { circle, case: case.into(), key, value: value.into(), shown: None };
    trial.written(request);
}

fn counts(answer: Answer) -> OverviewView {
    match answer {
        Answer::Overview(counts) => counts,
        other => panic!("counts expected, not {other:?}"),
    }
}

fn table(view: &OverviewView, by: CountedBy) -> Vec<(String, Count)> {
    let table = view.tables.iter().find(|table| table.by == by).unwrap();
    table.lines.iter().map(|line| (line.what.reveal().clone(), line.count)).collect()
}

fn journal(trial: &Trial) -> Vec<ExportNote> {
    match trial.ask(Request::ExportLog).unwrap() {
        Answer::Exports { exports } => exports,
        other => panic!("journal expected, not {other:?}"),
    }
}

#[test]
fn what_two_offices_leave_open_is_in_both_worklists_and_the_urgent_case_comes_first() {
    let (kyiv, doha) = (Trial::new("kyiv"), Trial::new("doha"));
    kyiv.trust(&doha);
    doha.trust(&kyiv);
    kyiv.circle("families", &["doha"]);
    let calm = new_case(&kyiv, vec![claim("name", "Petrenko, Ivan")]);
    let urgent = new_case(&kyiv, vec![claim("name", "Koval, Olena"), claim("urgency", "critical")]);
    plan(&kyiv, &calm, "task/visa/who", "Doha");
    kyiv.hand_to(&doha, "doha");
    for case in [&calm, &urgent] {
        plan(&kyiv, case, "case//stage", "located");
        plan(&doha, case, "case//stage", "tracing");
    }
    let circle = || "families".to_owned();
    for (office, year) in [(&kyiv, "2014"), (&doha, "2015")] {
        let claims = vec![claim("birth_date", year)];
        office.written(Request::CaseClaim { circle: circle(), case: calm.clone(), claims });
    }
    kyiv.hand_to(&doha, "doha");
    doha.hand_to(&kyiv, "kyiv");

    let seen = work(&kyiv);
    assert_eq!((seen.conflict_cases, seen.differing_cases, seen.waiting_cases), (2, 1, 0));
    let open: Vec<String> = seen.conflicts.iter().map(|one| one.case.hex()).collect();
    assert_eq!(open, [urgent.clone(), calm.clone()], "the critical one first");
    assert!(seen.conflicts.iter().all(|one| one.kind == ConflictKind::Plan && one.field == "case//stage"));
    assert_eq!((seen.differences.len(), seen.differences[0].field.as_str()), (1, "birth_date"));
    let waits = work(&doha);
    assert_eq!(
        (waits.waiting_cases, waits.waiting[0].case.hex()),
        (1, calm.clone()),
        "a task of that office"
    );

    let take = Some(seen.conflicts[0].values[0].item.to_string());
    let key = seen.conflicts[0].field.clone();
    kyiv.written(Request::CaseSettle { circle: circle(), case: urgent, key, take, value: None });
    assert_eq!(work(&kyiv).conflict_cases, 1);
    // One case is shown of those asked for, and all are counted.
    let Answer::Worklist(one) = doha.ask(Request::Worklist { limit: 1 }).unwrap() else { panic!() };
    assert_eq!((one.conflict_cases, one.conflicts.len()), (2, 1));
}

#[test]
fn counts_look_at_rows_and_what_leaves_tells_no_small_one() {
    let trial = Trial::new("kyiv");
    trial.circle("families", &[]);
    for n in 0..12 {
        let case =
            new_case(&trial, vec![claim("name", &format!("Koval, N{n}")), claim("birth_date", "2015")]);
        if n < 2 {
            plan(&trial, &case, "case//stage", "reunited");
        }
    }
    let all = counts(trial.ask(Request::Overview).unwrap());
    assert_eq!(all.total, Count::Exactly(12));
    let stages = table(&all, CountedBy::Stage);
    let count = |stages: &[(String, Count)], code: &str| {
        stages.iter().find(|(what, _)| what == code).map(|(_, count)| *count).unwrap()
    };
    assert_eq!(
        (count(&stages, "reunited"), count(&stages, "not_said")),
        (Count::Exactly(2), Count::Exactly(10))
    );
    assert_eq!(table(&all, CountedBy::Circle), [("families".to_owned(), Count::Exactly(12))]);
    assert_eq!(table(&all, CountedBy::Office), [("kyiv".to_owned(), Count::Exactly(12))]);
    assert_eq!(table(&all, CountedBy::Month).last().unwrap().1, Count::Exactly(12), "opened this month");
    let over = |by: CountedBy, what: &str| {
        let over = all.over_time.iter().find(|over| over.by == by).unwrap();
        let line =
            over.lines.iter().find(|(named, _)| named.reveal() == what).map(|(_, counts)| counts.clone());
        line.unwrap_or_else(|| panic!("{what} is counted"))
    };
    for (by, what, now) in [
        (CountedBy::Stage, "reunited", 2),
        (CountedBy::Stage, "not_said", 10),
        (CountedBy::Office, "kyiv", 12),
    ] {
        let counts = over(by, what);
        assert_eq!((counts.len(), counts[10], counts[11]), (12, 0, now), "{what}: a month ago and now");
    }

    let taken = |recipient: &str| Request::ExportTable {
        table: TableWanted::Counts,
        recipient: recipient.into(),
        purpose: "yearly report".into(),
    };
    assert_eq!(trial.refused(taken(" ")).kind, FailureKind::BadInput);
    assert!(journal(&trial).is_empty(), "nothing left");
    let out = counts(trial.ask(taken("the ministry")).unwrap());
    assert!(out.over_time.is_empty(), "twelve tables of the same cases tell what each of them hides");
    let stages = table(&out, CountedBy::Stage);
    // 12 in all are known: were only the two hidden, they would be told by what is shown.
    assert_eq!((count(&stages, "reunited"), count(&stages, "not_said")), (Count::Few, Count::Withheld));
    assert!(out.tables.iter().flat_map(|table| &table.lines).all(|line| match line.count {
        Count::Exactly(number) => number >= 5 && line.days.is_none(),
        _ => true,
    }));
    let noted = journal(&trial);
    assert_eq!(
        (noted.len(), noted[0].what.as_str(), noted[0].recipient.reveal().as_str()),
        (1, "counts", "the ministry")
    );
}

#[test]
fn a_list_that_is_handed_out_is_in_the_journal_first() {
    let trial = Trial::new("kyiv");
    trial.circle("families", &[]);
    new_case(&trial, vec![claim("name", "Koval, Olena")]);
    new_case(&trial, vec![claim("name", "Petrenko, Ivan")]);
    let filter = CaseFilter { text: "Koval".into(), ..CaseFilter::default() };
    let request = Request::ExportTable {
        table: TableWanted::Cases(filter),
        recipient: "the court in Tallinn".into(),
        purpose: "hearing".into(),
    };
    let Answer::CaseList { total, cases } = trial.ask(request).unwrap() else { panic!() };
    assert_eq!((total, cases.len()), (1, 1));
    let noted = journal(&trial);
    assert_eq!((noted.len(), noted[0].what.as_str()), (1, "list of 1 cases"));
    assert_eq!(noted[0].operator, Private::from("Desk 1"));
}

#[test]
fn a_workbook_is_looked_at_and_taken_in_like_any_list() {
    let trial = Trial::new("kyiv");
    trial.circle("families", &[]);
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in (0..).zip([["№", "Прізвище", "Стать"], ["1", "Коваль", "ж"], ["2", "Петренко", "ч"]])
    {
        for (column, cell) in (0..).zip(line) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    let file = book.save_to_buffer().unwrap();
    let look = trial.ask(Request::ListLook { file: file.clone(), sheet: String::new() }).unwrap();
    let Answer::ListLook(look) = look else { panic!() };
    assert_eq!(
        (look.rows, look.guesses.as_slice()),
        (2, &["#", "name.surname", "sex"].map(str::to_owned)[..])
    );
    let map = "list = \"l\"\nnumber = \"№\"\n[columns.\"Прізвище\"]\nfield = \"name.surname\"\n\
               [columns.\"Стать\"]\nfield = \"sex\"\nvalues = { \"ж\" = \"female\", \"ч\" = \"male\" }\n";
    let import = |csv| Request::Import { circle: "families".into(), csv, map: map.into(), dry_run: false };
    let Answer::Imported { new, refused, .. } = trial.ask(import(file)).unwrap() else { panic!() };
    assert_eq!((new, refused), (2, 0));
    assert_eq!(trial.refused(import(b"PK\x03\x04".to_vec())).kind, FailureKind::BadInput);
}
