use super::{labels, sheet};
use crate::case::{Did, Effect, HistoryEntry};
use crate::cli::desk::Desk;
use crate::cli::quiet::unexpected;
use crate::cli::words;
use crate::id::PartnerId;
use crate::node::{Answer, Failure, Request};

/// Show every edit of a case, the oldest first, or the case as it stood after one.
#[derive(clap::Args)]
pub(super) struct History {
    /// The case
    case: String,
    /// One circle's sheet alone
    #[arg(long, short, value_name = "CIRCLE")]
    circle: Option<String>,
    /// Show the case as its author saw it at this edit
    #[arg(long, value_name = "EDIT", requires = "circle")]
    at: Option<String>,
    /// With --at: withdrawn and replaced claims too
    #[arg(long, requires = "at")]
    all: bool,
}

pub(super) fn run(desk: &mut Desk, args: History) -> Result<(), Failure> {
    if let (Some(edit), Some(circle)) = (args.at, args.circle.clone()) {
        let request = Request::CaseAt { case: args.case, circle, edit: edit.clone() };
        let Answer::Case(case) = desk.ask(request)? else { return Err(unexpected()) };
        desk.out.notable(format!("As it stood at edit {edit}; `homeward case show` shows it as it stands."));
        sheet::show(&mut desk.out, &case, args.all);
        return Ok(());
    }
    let request = Request::CaseHistory { case: args.case, circle: args.circle };
    let Answer::History { case, sheets } = desk.ask(request)? else { return Err(unexpected()) };
    for (place, history) in sheets.iter().enumerate() {
        if place > 0 {
            desk.out.gap();
        }
        let edits = words::count_of(history.entries.len(), "edit", "edits");
        desk.out.heading(format!(
            "Case {} in {}: {edits}; all times are UTC",
            case.short(),
            history.circle_name.reveal()
        ));
        for entry in &history.entries {
            for line in lines(entry, &history.partners) {
                desk.out.line(line);
            }
        }
    }
    Ok(())
}

fn lines(entry: &HistoryEntry, partners: &[(PartnerId, String)]) -> Vec<String> {
    let written = &entry.written;
    let operator = match written.operator.is_empty() {
        true => String::new(),
        false => format!(" ({})", written.operator.reveal()),
    };
    let effect = match entry.effect {
        Effect::Whole => "",
        Effect::Partly => " [in part: some of what it names was not there]",
        Effect::Nothing => " [changed nothing: what it names was not there]",
    };
    let left_out = if entry.disowned { " [does not count]" } else { "" };
    let mut lines = vec![format!(
        "  {}  {:<14} {}{operator}: {}{effect}{left_out}",
        words::moment(written.time),
        words::edit(&entry.edit),
        words::partner(partners, &written.partner),
        did(&entry.did),
    )];
    if let Did::Noted(splice) = &entry.did {
        for (mark, text) in [("-", &splice.remove), ("+", &splice.insert)] {
            lines.extend(text.reveal().lines().map(|line| format!("      {mark} {line}")));
        }
    }
    lines.extend(words::seen_late(written).map(|seen| format!("      {seen}")));
    lines
}

fn did(did: &Did) -> String {
    match did {
        Did::Claimed(fields) => {
            let mut labels: Vec<&str> = fields.iter().map(|field| labels::field(field)).collect();
            labels.dedup();
            format!("said {}", labels.join(", "))
        }
        Did::Withdrew { items, reason } => format!("withdrew {}: {}", words::items(items), reason.reveal()),
        Did::Planned(key) => format!("planned {}", labels::plan(key)),
        Did::PlannedInVain(key, value) => format!("planned {}: {}", labels::plan(key), words::value(value)),
        Did::Noted(splice) => format!("wrote in the note, at character {}", splice.at),
        Did::Acted => "made a statement".to_owned(),
        Did::Filed => "added a file".to_owned(),
        Did::Told(circle) => format!("told circle {}", circle.short()),
        Did::Nothing => "nothing".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Splice, Written};
    use crate::id::{EditRef, InstanceId, Life, NodeId};
    use crate::time::Millis;

    #[test]
    fn an_edit_says_who_what_and_what_became_of_it() {
        let life = Life { node: NodeId([0xab; 32]), instance: InstanceId([1; 16]) };
        let mut entry = HistoryEntry {
            edit: EditRef { life, number: 7 },
            written: Written {
                partner: PartnerId([1; 32]),
                operator: "Desk 2".into(),
                time: Millis(1_795_356_300_000),
                first_seen: Millis(1_795_356_400_000),
            },
            did: Did::Claimed(vec!["name".into(), "birth_date".into()]),
            effect: Effect::Whole,
            disowned: false,
        };
        let partners = [(PartnerId([1; 32]), "doha".to_owned())];
        assert_eq!(
            lines(&entry, &partners),
            ["  2026-11-22 14:05  abababab.7     doha (Desk 2): said Name, Date of birth"]
        );
        entry.did = Did::Noted(Splice { at: 3, remove: "".into(), insert: "one\ntwo".into() });
        entry.effect = Effect::Nothing;
        entry.written.first_seen = Millis(1_795_356_300_000 + 48 * 3600 * 1000);
        assert_eq!(
            lines(&entry, &partners),
            [
                "  2026-11-22 14:05  abababab.7     doha (Desk 2): wrote in the note, at character 3 [changed nothing: what it names was not there]",
                "      + one",
                "      + two",
                "      first seen here 2026-11-24 14:05",
            ]
        );
    }
}
