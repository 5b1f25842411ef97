//! Edits in words: who, when, and what each did.

use crate::case::{Did, Effect, HistoryEntry, SheetView, Splice};
use crate::id::{CircleId, EditRef, PartnerId};
use crate::node::{CaseView, SheetHistory};
use crate::private::Private;
use crate::time::Millis;
use crate::web::page::Page;
use crate::web::pages::plan;
use crate::web::shown::{self, Html};

/// From how long on an edit that came after it was written is marked: clocks differ by minutes, days are a story.
const LATE_MS: u64 = 60 * 60 * 1000;
/// Letters of a note's change that a line shows.
const NOTE_POINTS: usize = 160;
/// Values that a line shows.
const VALUES: usize = 4;

/// An edit as a line of the list.
pub(super) struct Line {
    /// Its place among all, from 0 for the first that was written.
    pub(super) at: usize,
    pub(super) circle: String,
    pub(super) edit: String,
    pub(super) who: Html,
    pub(super) office: Html,
    pub(super) color: usize,
    pub(super) circle_name: Html,
    pub(super) when: String,
    /// When it was first seen here, if that was late.
    pub(super) seen: Option<String>,
    pub(super) did: String,
    /// What it says, a piece each.
    pub(super) detail: Vec<Piece>,
    pub(super) is_new: bool,
    pub(super) is_disowned: bool,
    /// What is said if it did less than it says.
    pub(super) effect: Option<String>,
}

/// A piece of what an edit says.
pub(super) struct Piece {
    /// `ins`, `del` or nothing.
    pub(super) kind: &'static str,
    pub(super) label: String,
    pub(super) text: Html,
}

/// What tells the edits of one case.
pub(super) struct Teller<'a> {
    page: &'a Page,
    case: &'a CaseView,
    sheets: &'a [SheetHistory],
    own: PartnerId,
    since: Option<Millis>,
}

impl<'a> Teller<'a> {
    pub(super) fn new(
        page: &'a Page,
        case: &'a CaseView,
        sheets: &'a [SheetHistory],
        own: PartnerId,
        since: Option<Millis>,
    ) -> Self {
        Self { page, case, sheets, own, since }
    }

    /// All edits of all sheets, the last first.
    pub(super) fn lines(&self) -> Vec<Line> {
        let entries =
            self.sheets.iter().flat_map(|sheet| sheet.entries.iter().map(move |entry| (sheet, entry)));
        let mut entries: Vec<_> = entries.collect();
        entries.sort_by_key(|(_, entry)| (entry.written.time, entry.edit, entry.disowned));
        let lines = entries.iter().enumerate().map(|(at, (sheet, entry))| self.line(at, sheet, entry));
        let mut lines: Vec<Line> = lines.collect();
        lines.reverse();
        lines
    }

    fn line(&self, at: usize, sheet: &SheetHistory, entry: &HistoryEntry) -> Line {
        let (t, page) = (self.page.t, self.page);
        let office = sheet.partners.iter().find(|(id, _)| *id == entry.written.partner);
        let office = office.map_or_else(|| entry.written.partner.short(), |(_, name)| name.clone());
        let view = self.view(&sheet.circle);
        let members = view.map(|view| view.members.as_slice()).unwrap_or_default();
        let me = self.page.session.operator.as_ref().map(|operator| &operator.name);
        Line {
            at,
            circle: sheet.circle.hex(),
            edit: entry.edit.to_string(),
            who: page.text(&entry.written.operator),
            office: page.name(&office),
            color: members.iter().position(|id| *id == entry.written.partner).unwrap_or(5) % 6 + 1,
            circle_name: page.text(&sheet.circle_name),
            when: page.moment(&entry.written.time),
            seen: is_late(entry).then(|| page.moment(&entry.written.first_seen)),
            did: self.did(&entry.did, &entry.edit, view),
            detail: self.detail(&entry.did, &entry.edit, view),
            is_new: is_new(entry, self.since, &self.own, me),
            is_disowned: entry.disowned,
            effect: match entry.effect {
                Effect::Whole => None,
                Effect::Partly => Some(t.say("history-partly")),
                Effect::Nothing => Some(t.say("history-nothing")),
            },
        }
    }

    fn view(&self, circle: &CircleId) -> Option<&SheetView> {
        self.case.sheets.iter().filter_map(|named| named.sheet.as_ref()).find(|view| view.circle == *circle)
    }

    fn did(&self, did: &Did, edit: &EditRef, view: Option<&SheetView>) -> String {
        let t = self.page.t;
        match did {
            Did::Claimed(fields) => t.n("history-claimed", fields.len()),
            Did::Withdrew { items, .. } => t.n("history-withdrew", items.len()),
            Did::Planned(key) => t.s("history-planned", plan::label(t, key)),
            Did::PlannedInVain(key, _) => t.s("history-planned-vain", plan::label(t, key)),
            Did::Noted(_) => t.say("history-noted"),
            Did::Acted => {
                let act = view.and_then(|view| view.acts.iter().find(|act| act.item.edit == *edit));
                let kind = act.and_then(|act| act.act.check(&edit.life.node).ok());
                match kind {
                    Some(statement) => t.s("history-acted-as", t.label("act", &statement.kind)),
                    None => t.say("history-acted"),
                }
            }
            Did::Filed => t.say("history-filed"),
            Did::Told(circle) => {
                let named = self.sheets.iter().find(|sheet| sheet.circle == *circle);
                let name = named.map_or_else(|| circle.short(), |sheet| self.page.plain(&sheet.circle_name));
                t.s("history-told", name)
            }
            Did::Nothing => t.say("history-did-nothing"),
        }
    }

    fn detail(&self, did: &Did, edit: &EditRef, view: Option<&SheetView>) -> Vec<Piece> {
        let (t, page) = (self.page.t, self.page);
        let plain = |label: String, text: Html| Piece { kind: "", label, text };
        match (did, view) {
            (Did::Claimed(_), Some(view)) => {
                let claims = view.claims.iter().filter(|claim| claim.item.edit == *edit);
                let mut pieces: Vec<Piece> = claims
                    .map(|claim| plain(t.label("field", &claim.claim.field), page.value(&claim.claim.value)))
                    .collect();
                let more = pieces.len().saturating_sub(VALUES);
                pieces.truncate(VALUES);
                if more > 0 {
                    pieces.push(plain(String::new(), page.name(&plan::bare(&t.n("history-more", more)))));
                }
                pieces
            }
            (Did::Withdrew { reason, .. }, _) if !reason.is_empty() => {
                vec![plain(t.say("history-reason"), page.text(reason))]
            }
            (Did::Planned(key), Some(view)) => {
                let all =
                    view.planned(key).into_iter().flat_map(|plan| plan.values.iter().chain(&plan.history));
                let value = all.into_iter().find(|value| value.item.edit == *edit);
                value
                    .map(|value| plain(String::new(), plan::value(page, key, &value.value)))
                    .into_iter()
                    .collect()
            }
            (Did::PlannedInVain(key, value), _) => vec![plain(String::new(), plan::value(page, key, value))],
            (Did::Noted(splice), _) => noted(splice),
            (Did::Filed, Some(view)) => {
                let file = view.files.iter().find(|file| file.item.edit == *edit);
                file.map(|file| plain(String::new(), page.text(&file.file.name))).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }
}

/// What a change of the note took out and put in, cut where it is long.
fn noted(splice: &Splice) -> Vec<Piece> {
    let piece = |kind, text: &Private<String>| {
        (!text.is_empty()).then(|| Piece { kind, label: String::new(), text: shown::lines(&cut(text)) })
    };
    [piece("del", &splice.remove), piece("ins", &splice.insert)].into_iter().flatten().collect()
}

fn cut(text: &Private<String>) -> Private<String> {
    if text.len_points() <= NOTE_POINTS {
        return text.clone();
    }
    let start: String = text.reveal().chars().take(NOTE_POINTS).collect();
    Private::new(format!("{start}…"))
}

fn is_late(entry: &HistoryEntry) -> bool {
    entry.written.first_seen.since(entry.written.time) > LATE_MS
}

/// Whether somebody else's edit came here after the reader last looked.
fn is_new(
    entry: &HistoryEntry,
    since: Option<Millis>,
    own: &PartnerId,
    me: Option<&Private<String>>,
) -> bool {
    let mine = entry.written.partner == *own && Some(&entry.written.operator) == me;
    since.is_some_and(|since| entry.written.first_seen > since) && !mine
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::pages::plan::trial::{edit, written};

    fn entry(partner: u8, operator: &str, written_at: u64, seen: u64) -> HistoryEntry {
        let mut written = written(partner, operator, written_at);
        written.first_seen = Millis(seen);
        HistoryEntry { edit: edit(1), written, did: Did::Nothing, effect: Effect::Whole, disowned: false }
    }

    #[test]
    fn what_others_wrote_since_is_new_by_when_it_came() {
        let (own, me) = (PartnerId([1; 32]), Private::from("Olena"));
        let new =
            |entry: &HistoryEntry, since: Option<u64>| is_new(entry, since.map(Millis), &own, Some(&me));
        assert!(new(&entry(2, "Samir", 10, 200), Some(100)), "written before, come after");
        assert!(!new(&entry(2, "Samir", 10, 90), Some(100)));
        assert!(!new(&entry(1, "Olena", 10, 200), Some(100)), "one's own");
        assert!(new(&entry(1, "Dmytro", 10, 200), Some(100)), "a colleague's");
        assert!(!new(&entry(2, "Samir", 10, 200), None), "no visit is known");
    }

    #[test]
    fn late_is_what_came_hours_after() {
        assert!(!is_late(&entry(2, "Samir", 10, 10 + LATE_MS)));
        assert!(is_late(&entry(2, "Samir", 10, 11 + LATE_MS)));
        assert!(!is_late(&entry(2, "Samir", 10 + LATE_MS, 10)), "its author's clock is ahead");
    }

    #[test]
    fn a_change_of_the_note_shows_both_sides() {
        let splice = Splice { at: 0, remove: "<b>".into(), insert: "я".repeat(NOTE_POINTS + 1).into() };
        let pieces = noted(&splice);
        let kinds: Vec<_> = pieces.iter().map(|piece| piece.kind).collect();
        assert_eq!(kinds, ["del", "ins"]);
        assert!(pieces[0].text.to_string().contains("&lt;b&gt;"));
        assert!(pieces[1].text.to_string().contains("я…"));
    }
}
