//! A case on a terminal: for each circle a sheet, with one line for each claim.
//!
//! Nothing is chosen for the reader: all current claims stand side by side with who says them; where offices differ
//! it is marked, and so is which claim each office works with.

use super::labels;
use crate::case::{ActView, ClaimView, FileView, PlanValueView, PlanView, SheetView, Value, Withdrawal};
use crate::cli::out::Out;
use crate::cli::words;
use crate::id::PartnerId;
use crate::node::{CaseView, NamedSheet};

/// The field by which an office says which claim it works with: shown beside that claim.
const PREFERS: &str = "prefers";

/// Prints all sheets of a case. `all` shows what was withdrawn or replaced too.
pub(super) fn show(out: &mut Out, case: &CaseView, all: bool) {
    out.heading(format!("Case {}", case.case.hex()));
    for line in &case.title {
        out.heading(format!("  {}", line.reveal()));
    }
    for sheet in &case.sheets {
        out.gap();
        one(out, case, sheet, all);
    }
}

fn one(out: &mut Out, case: &CaseView, named: &NamedSheet, all: bool) {
    out.heading(format!("Circle {}: read by {}", named.circle_name.reveal(), words::list(&named.readers)));
    let Some(sheet) = &named.sheet else {
        out.notable("  This sheet could not be opened. `homeward check` builds it anew.");
        return;
    };
    let (partners, circles) = (&case.partners, &case.sheets);
    let page = Page { sheet, partners, circle: named.circle_name.reveal(), circles, all };
    out.line(format!("  last edit {}; all times are UTC", words::moment(sheet.last_edit)));
    page.claims(out);
    page.plan(out);
    page.note(out);
    page.acts(out);
    page.files(out);
    page.told(out);
}

struct Page<'a> {
    sheet: &'a SheetView,
    partners: &'a [(PartnerId, String)],
    circle: &'a str,
    /// The sheets shown, to name circles by.
    circles: &'a [NamedSheet],
    all: bool,
}

impl Page<'_> {
    fn who(&self, partner: &PartnerId) -> String {
        words::partner(self.partners, partner)
    }

    fn claims(&self, out: &mut Out) {
        let mut shown: Vec<&ClaimView> = self
            .sheet
            .claims
            .iter()
            .filter(|view| self.all || (view.is_current() && view.claim.field != PREFERS))
            .collect();
        // Section, then group, then field: what is said of one relative stands together. Sorting is stable, so that
        // claims of one field stay in the order in which they were made.
        shown.sort_by(|a, b| self.order(a).cmp(&self.order(b)));
        let (mut section, mut group, mut field) = (None, "", "");
        for view in shown {
            let claim = &view.claim;
            let its_section = labels::place(&claim.field).0;
            if section != Some(its_section) {
                out.gap();
                out.heading(format!("  {}", labels::section(its_section)));
                (section, group, field) = (Some(its_section), "", "");
            }
            if claim.group != group {
                if !claim.group.is_empty() {
                    out.heading(format!("    {}", claim.group));
                }
                (group, field) = (&claim.group, "");
            }
            // What is said of one relative or stay stands under its code.
            let indent = if group.is_empty() { "" } else { "  " };
            if claim.field != field {
                field = &claim.field;
                self.field(out, view, indent);
            }
            out.line(format!("{indent}      {}", self.claim(view)));
        }
    }

    fn order<'b>(
        &self,
        view: &'b ClaimView,
    ) -> (bool, Option<crate::case::Section>, &'b str, usize, &'b str) {
        let (section, place) = labels::place(&view.claim.field);
        (section.is_none(), section, &view.claim.group, place, &view.claim.field)
    }

    fn field(&self, out: &mut Out, view: &ClaimView, indent: &str) {
        let claim = &view.claim;
        let label = labels::field(&claim.field);
        match self
            .sheet
            .differs
            .iter()
            .any(|differ| differ.field == claim.field && differ.group == claim.group)
        {
            true => out.notable(format!("{indent}    {label}: offices differ")),
            false => out.line(format!("{indent}    {label}")),
        }
    }

    /// `value — who says; source; since when; item [marks]`.
    fn claim(&self, view: &ClaimView) -> String {
        let (claim, written) = (&view.claim, &view.written);
        let mut line = format!(
            "{} — {}; {}; {}; {}",
            words::value(&claim.value),
            self.who(&written.partner),
            words::source(&claim.source),
            words::written_at(written),
            view.item.short(),
        );
        if let Some(origin) = &claim.origin {
            line.push_str(&format!(
                " [told as {} said it {}]",
                self.who(&origin.partner),
                words::moment(origin.time)
            ));
        }
        let mut working: Vec<String> = self
            .sheet
            .prefers
            .iter()
            .filter(|preference| preference.item == view.item)
            .map(|preference| self.who(&preference.partner))
            .collect();
        working.sort();
        if !working.is_empty() {
            line.push_str(&format!(" [preferred by {}]", words::list(&working)));
        }
        if !view.replaced_by.is_empty() {
            line.push_str(&format!(" [replaced by {}]", words::items(&view.replaced_by)));
        }
        line.push_str(&self.withdrawn(&view.withdrawn));
        line.push_str(disowned(view.disowned));
        line
    }

    fn withdrawn(&self, withdrawals: &[Withdrawal]) -> String {
        let mut text = String::new();
        for withdrawal in withdrawals {
            let (when, why) = (words::moment(withdrawal.written.time), withdrawal.reason.reveal());
            text.push_str(&format!(" [withdrawn {when}: {why}]"));
        }
        text
    }

    fn plan(&self, out: &mut Out) {
        let shown: Vec<&PlanView> = self
            .sheet
            .plan
            .iter()
            .filter(|plan| self.all || plan.in_conflict() || !is_cleared(plan))
            .collect();
        if shown.is_empty() {
            return;
        }
        out.gap();
        out.heading("  Plan");
        for plan in shown {
            let label = labels::plan(&plan.key);
            match plan.in_conflict() {
                true => out.notable(format!("    {label}: conflict")),
                false => out.line(format!("    {label}")),
            }
            for value in &plan.values {
                out.line(format!("      {}", self.planned(value)));
            }
            if plan.in_conflict() {
                let case = self.sheet.case.short();
                out.line(format!(
                    "      to settle: `homeward case settle {case} {} -c {} --take ITEM`",
                    words::argument(&plan.key.to_string()),
                    words::argument(self.circle)
                ));
            }
            for value in plan.history.iter().filter(|_| self.all) {
                out.line(format!(
                    "      {} [replaced by {}]",
                    self.planned(value),
                    words::items(&value.replaced_by)
                ));
            }
        }
    }

    fn planned(&self, view: &PlanValueView) -> String {
        let value = match is_empty(&view.value) {
            true => "cleared".to_owned(),
            false => words::value(&view.value),
        };
        let written = &view.written;
        format!(
            "{value} — {}; {}; {}",
            self.who(&written.partner),
            words::written_at(written),
            view.item.short()
        )
    }

    fn note(&self, out: &mut Out) {
        if !self.sheet.note.is_empty() {
            out.gap();
            out.heading("  Note");
            out.paragraph("    ", self.sheet.note.reveal());
        }
    }

    fn acts(&self, out: &mut Out) {
        let shown = |view: &&ActView| self.all || (view.withdrawn.is_empty() && !view.disowned);
        if !self.sheet.acts.iter().any(|view| shown(&view)) {
            return;
        }
        out.gap();
        out.heading("  Statements");
        for view in self.sheet.acts.iter().filter(shown) {
            self.act(out, view);
        }
    }

    /// A statement with its fields; the signature is judged here and now, so that no line says more than it proves.
    fn act(&self, out: &mut Out, view: &ActView) {
        let written = &view.written;
        let said = view.act.check(&view.item.edit.life.node);
        let label = match &said {
            Ok(statement) => {
                crate::case::act_kind(&statement.kind).map_or(statement.kind.as_str(), |kind| kind.label)
            }
            Err(_) => "A statement that this version cannot read, or whose signature does not hold",
        };
        out.line(format!(
            "    {label} — {}; {}; {}{}{}",
            self.who(&written.partner),
            words::written_at(written),
            view.item.short(),
            self.withdrawn(&view.withdrawn),
            disowned(view.disowned),
        ));
        for (field, value) in said.iter().flat_map(|statement| &statement.fields) {
            out.line(format!("      {}: {}", words::spaced(field), words::value(value)));
        }
    }

    fn files(&self, out: &mut Out) {
        let shown = |view: &&FileView| self.all || (view.withdrawn.is_empty() && !view.disowned);
        if !self.sheet.files.iter().any(|view| shown(&view)) {
            return;
        }
        out.gap();
        out.heading("  Files");
        for view in self.sheet.files.iter().filter(shown) {
            let (file, written) = (&view.file, &view.written);
            out.line(format!(
                "    {} ({}, {}) — {}; {}; {}{}{}",
                file.name.reveal(),
                file.media.reveal(),
                words::size(file.length),
                self.who(&written.partner),
                words::written_at(written),
                view.item.short(),
                self.withdrawn(&view.withdrawn),
                disowned(view.disowned),
            ));
            if !file.about.is_empty() {
                out.line(format!("      {}", file.about.reveal()));
            }
        }
    }

    fn told(&self, out: &mut Out) {
        if self.sheet.disclosed.is_empty() {
            return;
        }
        out.gap();
        out.heading("  Told to other circles");
        for view in &self.sheet.disclosed {
            let (told, written) = (&view.disclosed, &view.written);
            let mut readers: Vec<String> = told.readers.iter().map(|reader| self.who(reader)).collect();
            readers.sort();
            let to = self
                .circles
                .iter()
                .find(|named| named.sheet.as_ref().is_some_and(|sheet| sheet.circle == told.to));
            let to = to.map_or_else(|| told.to.short(), |named| named.circle_name.reveal().clone());
            out.line(format!(
                "    {} to circle {} (read by {}) — {}; {}; {}",
                words::items(&told.items),
                to,
                words::list(&readers),
                self.who(&written.partner),
                words::written_at(written),
                told.reason.reveal(),
            ));
        }
    }
}

fn disowned(disowned: bool) -> &'static str {
    if disowned { " [does not count: its log was closed or has two branches]" } else { "" }
}

fn is_empty(value: &Value) -> bool {
    matches!(value, Value::Text(text) if text.is_empty())
}

fn is_cleared(plan: &PlanView) -> bool {
    plan.values.iter().all(|value| is_empty(&value.value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Claim, Difference, Name, PlanKey, Preference, Source, Withdrawal, Written};
    use crate::id::{CaseId, CircleId, EditRef, InstanceId, ItemRef, Life, NodeId};
    use crate::time::Millis;

    #[test]
    fn what_was_seen_late_says_so() {
        let mut late = written(KYIV);
        late.first_seen = Millis(late.time.0 + 25 * 3600 * 1000);
        assert_eq!(words::written_at(&written(KYIV)), "2026-11-22 14:05");
        assert_eq!(words::written_at(&late), "2026-11-22 14:05 (first seen here 2026-11-23 15:05)");
    }

    const KYIV: PartnerId = PartnerId([1; 32]);
    const DOHA: PartnerId = PartnerId([2; 32]);

    fn item(partner: PartnerId, number: u64) -> ItemRef {
        let life = Life { node: NodeId(partner.0), instance: InstanceId([9; 16]) };
        ItemRef { edit: EditRef { life, number }, place: 0 }
    }

    fn written(partner: PartnerId) -> Written {
        let time = Millis(1_795_356_300_000);
        Written { partner, operator: "".into(), time, first_seen: time }
    }

    fn claim(partner: PartnerId, number: u64, field: &str, group: &str, value: Value) -> ClaimView {
        ClaimView {
            item: item(partner, number),
            written: written(partner),
            claim: Claim {
                field: field.into(),
                group: group.into(),
                value,
                source: Source::default(),
                replaces: vec![],
                origin: None,
            },
            withdrawn: vec![],
            replaced_by: vec![],
            disowned: false,
        }
    }

    fn planned(partner: PartnerId, number: u64, value: &str) -> PlanValueView {
        PlanValueView {
            item: item(partner, number),
            written: written(partner),
            value: Value::Text(value.into()),
            replaced_by: vec![],
        }
    }

    fn case() -> CaseView {
        let mut withdrawn = claim(KYIV, 4, "remark", "", Value::Text("taken back".into()));
        withdrawn.withdrawn.push(Withdrawal {
            edit: item(KYIV, 5).edit,
            written: written(KYIV),
            reason: "a slip".into(),
        });
        let sheet = SheetView {
            circle: CircleId([7; 32]),
            case: CaseId([0xab; 16]),
            members: vec![KYIV, DOHA],
            claims: vec![
                claim(DOHA, 1, "shoe_size", "", Value::Text("33".into())),
                claim(
                    KYIV,
                    1,
                    "name",
                    "",
                    Value::Name(Name { whole: "Olena\u{202e}".into(), ..Name::default() }),
                ),
                claim(KYIV, 2, "birth_date", "", Value::Text("2014".into())),
                claim(DOHA, 2, "birth_date", "", Value::Text("2015".into())),
                claim(KYIV, 3, "relative.phone", "mother", Value::Text("0".into())),
                claim(DOHA, 3, "prefers", "", Value::Item(item(KYIV, 2))),
                withdrawn,
            ],
            plan: vec![
                PlanView {
                    key: PlanKey { kind: "case".into(), id: String::new(), field: "stage".into() },
                    values: vec![planned(DOHA, 4, "located"), planned(KYIV, 6, "verified")],
                    history: vec![planned(KYIV, 7, "tracing")],
                },
                PlanView {
                    key: PlanKey { kind: "leg".into(), id: "2".into(), field: "means".into() },
                    values: vec![planned(DOHA, 5, "")],
                    history: vec![],
                },
            ],
            note: "one\ntwo\u{1b}[2J".into(),
            acts: vec![],
            files: vec![],
            disclosed: vec![],
            without_effect: vec![],
            differs: vec![Difference {
                field: "birth_date".into(),
                group: String::new(),
                claims: vec![item(KYIV, 2), item(DOHA, 2)],
            }],
            prefers: vec![Preference {
                partner: DOHA,
                by: item(DOHA, 3),
                field: "birth_date".into(),
                item: item(KYIV, 2),
            }],
            last_edit: Millis(1_795_356_300_000),
            last_seen: Millis(1_795_356_300_000),
        };
        CaseView {
            case: CaseId([0xab; 16]),
            title: vec!["Olena".into()],
            sheets: vec![NamedSheet {
                circle_name: "families".into(),
                readers: vec!["doha".into(), "kyiv".into()],
                sheet: Some(sheet),
            }],
            partners: vec![(KYIV, "kyiv".into()), (DOHA, "doha".into())],
        }
    }

    #[test]
    fn a_sheet_says_who_says_what_and_where_offices_differ() {
        let text = crate::cli::out::printed(|out| show(out, &case(), false));
        assert_eq!(
            text,
            "\
Case abababababababababababababababab
  Olena

Circle families: read by doha, kyiv
  last edit 2026-11-22 14:05; all times are UTC

  Identity
    Name
      Olena\\u{202e} — kyiv; office; 2026-11-22 14:05; 01010101.1.0
    Date of birth: offices differ
      2014 — kyiv; office; 2026-11-22 14:05; 01010101.2.0 [preferred by doha]
      2015 — doha; office; 2026-11-22 14:05; 02020202.2.0

  Relatives
    mother
      Phone
        0 — kyiv; office; 2026-11-22 14:05; 01010101.3.0

  Other fields
    shoe_size
      33 — doha; office; 2026-11-22 14:05; 02020202.1.0

  Plan
    Stage (case//stage): conflict
      located — doha; 2026-11-22 14:05; 02020202.4.0
      verified — kyiv; 2026-11-22 14:05; 01010101.6.0
      to settle: `homeward case settle abababab case//stage -c families --take ITEM`

  Note
    one
    two\\u{1b}[2J
"
        );
    }

    #[test]
    fn what_was_withdrawn_or_replaced_is_shown_on_demand() {
        let text = crate::cli::out::printed(|out| show(out, &case(), true));
        for line in [
            "      taken back — kyiv; office; 2026-11-22 14:05; 01010101.4.0 [withdrawn 2026-11-22 14:05: a slip]",
            "    Means (leg/2/means)",
            "      cleared — doha; 2026-11-22 14:05; 02020202.5.0",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line}\n{text}");
        }
        assert!(text.contains("tracing — kyiv"));
    }

    #[test]
    fn a_spoiled_sheet_says_what_to_do() {
        let mut spoiled = case();
        spoiled.sheets[0].sheet = None;
        let text = crate::cli::out::printed(|out| show(out, &spoiled, false));
        assert!(text.contains("homeward check"));
    }
}
