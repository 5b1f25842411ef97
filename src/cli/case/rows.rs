//! The list of cases on a terminal.

use crate::cli::out::Out;
use crate::cli::words;
use crate::node::CaseRow;
use crate::private::Private;

/// A line of head and a line of detail for each case.
pub(super) fn show(out: &mut Out, total: usize, cases: &[CaseRow]) {
    for case in cases {
        out.heading(head(case));
        out.line(format!("  {}", detail(case)));
        let open = open(case);
        if !open.is_empty() {
            out.notable(format!("  {open}"));
        }
    }
    match (total, cases.len()) {
        (0, _) => {}
        (total, shown) if shown < total => {
            out.line(format!("{shown} of {}.", words::count_of(total, "case", "cases")));
        }
        (total, _) => out.line(format!("{}.", words::count_of(total, "case", "cases"))),
    }
}

fn head(case: &CaseRow) -> String {
    let names = match case.names.is_empty() {
        true => "no name yet".to_owned(),
        false => joined(&case.names, " | "),
    };
    format!("{}  {names}", case.case.short())
}

fn detail(case: &CaseRow) -> String {
    let mut parts = Vec::new();
    if !case.births.is_empty() {
        // A row holds one date of a circle. Where offices differ it must not pass for the only one.
        let which = if case.differs > 0 { " (said last)" } else { "" };
        parts.push(format!("born {}{which}", joined(&case.births, " | ")));
    }
    for values in [&case.numbers, &case.stages] {
        if !values.is_empty() {
            parts.push(joined(values, " | "));
        }
    }
    parts.push(format!("in {}", joined(&case.circles, ", ")));
    parts.push(format!("last edit {}", words::moment_utc(case.last)));
    parts.join("; ")
}

fn open(case: &CaseRow) -> String {
    let mut parts = Vec::new();
    if case.conflicts > 0 {
        parts.push(words::count_of(case.conflicts, "conflict in the plan", "conflicts in the plan"));
    }
    if case.differs > 0 {
        parts.push(format!("offices differ on {}", words::count_of(case.differs, "field", "fields")));
    }
    if !case.same.is_empty() {
        let cases: Vec<String> = case.same.iter().map(|same| same.short()).collect();
        parts.push(format!("said to be the same child as {}", cases.join(", ")));
    }
    parts.join("; ")
}

fn joined(texts: &[Private<String>], between: &str) -> String {
    texts.iter().map(|text| text.reveal().as_str()).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::CaseId;
    use crate::time::Millis;

    #[test]
    fn a_row_says_what_is_open() {
        let mut row = CaseRow {
            case: CaseId([0xab; 16]),
            circles: vec!["families".into(), "list".into()],
            names: vec!["Верба, Олена".into(), "VERBA Olena".into()],
            births: vec!["2014-05".into()],
            numbers: vec!["kyiv-list:K0001".into()],
            stages: vec![],
            differs: 0,
            conflicts: 0,
            last: Millis(1_795_356_300_000),
            same: vec![],
            urgency: "".into(),
            seen: Millis(0),
            changed: false,
            waiting: false,
        };
        assert_eq!(head(&row), "abababab  Верба, Олена | VERBA Olena");
        assert_eq!(
            detail(&row),
            "born 2014-05; kyiv-list:K0001; in families, list; last edit 2026-11-22 14:05 UTC"
        );
        assert_eq!(open(&row), "");
        (row.differs, row.conflicts, row.names) = (2, 1, vec![]);
        row.same = vec![CaseId([0xcd; 16])];
        assert_eq!(head(&row), "abababab  no name yet");
        assert!(detail(&row).starts_with("born 2014-05 (said last); "));
        assert_eq!(
            open(&row),
            "1 conflict in the plan; offices differ on 2 fields; said to be the same child as cdcdcdcd"
        );
    }
}
