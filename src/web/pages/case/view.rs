//! A sheet as the page shows it: sections of fields, each with what every office says of it, side by side.
//!
//! Offices that say the same share a value; what one of them took back or said anew stands under it, on demand. Nothing
//! is left out: a field that this build does not know has a section of its own.

use crate::case::{
    Act, ActView, Claim, ClaimView, FIELDS, FileView, Holds, NameKind, Section, SheetView, SourceKind, Value,
    Written, field,
};
use crate::id::{CircleId, PartnerId};
use crate::node::{CaseView, NamedSheet};
use crate::private::Private;
use crate::time::Millis;
use crate::web::page::Page;
use crate::web::shown::{self, Html};
use std::collections::{BTreeMap, BTreeSet};

/// Colours that offices and circles are told apart by, beside their names.
const COLOURS: usize = 6;
/// Seen here so much later than it was written: said aloud.
const LATE_MS: u64 = 3_600_000;

/// An office, as the page marks it.
#[derive(Clone)]
pub(super) struct Office {
    pub(super) name: String,
    pub(super) colour: usize,
    pub(super) own: bool,
}

/// What the parts of a page are made with.
pub(super) struct Making<'a> {
    pub(super) page: &'a Page,
    pub(super) case: &'a CaseView,
    pub(super) own: PartnerId,
    /// What came after this is marked as new.
    pub(super) since: Millis,
}

/// One circle's sheet.
pub(super) struct SheetPart {
    pub(super) circle: String,
    pub(super) name: Private<String>,
    pub(super) readers: Vec<String>,
    pub(super) colour: usize,
    /// What the ids of its parts begin with: a page on paper holds several sheets.
    pub(super) mark: String,
    /// Its document cannot be opened.
    pub(super) spoiled: bool,
    pub(super) sections: Vec<SectionPart>,
    pub(super) acts: Vec<ActPart>,
    pub(super) files: Vec<FilePart>,
    pub(super) told: Vec<ToldPart>,
}

pub(super) struct SectionPart {
    pub(super) code: String,
    pub(super) label: String,
    /// Fields of the child itself first, then each relative, stay, document.
    pub(super) groups: Vec<GroupPart>,
    /// Fields that could be said here.
    pub(super) offered: Vec<(&'static str, String)>,
    /// Kinds of group that could be begun here: `relative`.
    pub(super) kinds: Vec<&'static str>,
}

pub(super) struct GroupPart {
    /// `relative`; empty for what is said of the child.
    pub(super) kind: String,
    pub(super) group: String,
    pub(super) title: String,
    pub(super) fields: Vec<FieldPart>,
    pub(super) offered: Vec<(&'static str, String)>,
}

pub(super) struct FieldPart {
    pub(super) code: String,
    pub(super) group: String,
    pub(super) label: String,
    pub(super) slot: String,
    /// Changes whenever anybody says anything of it.
    pub(super) stand: String,
    /// Offices say different things of what can be one alone.
    pub(super) differs: bool,
    pub(super) fresh: bool,
    pub(super) values: Vec<ValuePart>,
    pub(super) past: Vec<ClaimPart>,
    /// The own claim that an edit replaces, if there is exactly one.
    pub(super) mine: Option<String>,
}

pub(super) struct ValuePart {
    pub(super) html: Html,
    pub(super) fresh: bool,
    pub(super) claims: Vec<ClaimPart>,
}

/// Somebody's word, with everything about it.
pub(super) struct ClaimPart {
    pub(super) item: String,
    pub(super) office: Office,
    pub(super) value: Html,
    pub(super) source: Vec<(String, Html)>,
    pub(super) written: Millis,
    pub(super) seen: Millis,
    pub(super) operator: Private<String>,
    pub(super) late: bool,
    pub(super) fresh: bool,
    /// Offices that work with it.
    pub(super) worked_with: Vec<String>,
    pub(super) mine_prefers: bool,
    pub(super) past: Option<Past>,
}

/// Why a claim is no office's word any more.
pub(super) enum Past {
    Withdrawn { at: Millis, operator: Private<String>, reason: Private<String> },
    Replaced,
    Disowned,
}

pub(super) struct ActPart {
    pub(super) item: String,
    pub(super) kind: String,
    pub(super) office: Office,
    pub(super) written: Written,
    pub(super) fresh: bool,
    pub(super) says: Vec<(String, Html)>,
    /// Whether its signature was checked just now and holds.
    pub(super) holds: bool,
    pub(super) past: bool,
}

pub(super) struct FilePart {
    pub(super) name: Private<String>,
    pub(super) media: Private<String>,
    pub(super) about: Private<String>,
    pub(super) kib: u64,
    pub(super) office: Office,
    pub(super) written: Written,
    pub(super) past: bool,
}

pub(super) struct ToldPart {
    pub(super) office: Office,
    pub(super) written: Written,
    pub(super) readers: Vec<String>,
    pub(super) circle: Option<Private<String>>,
    pub(super) reason: Private<String>,
    pub(super) items: usize,
}

/// The part of a page that an edit of a field stands in: its id.
pub(in crate::web::pages) fn slot(code: &str, group: &str) -> String {
    let plain = |text: &str| text.replace('.', "-");
    format!("{}--{}", plain(code), plain(group))
}

/// Everything that was ever said of a field, as a short text that changes with it.
pub(super) fn stand(sheet: &SheetView, code: &str, group: &str) -> String {
    let about = sheet.claims.iter().filter(|claim| claim.claim.field == code && claim.claim.group == group);
    let (mut said, mut taken) = (0, 0);
    for claim in about {
        said += 1;
        taken += claim.withdrawn.len() + usize::from(claim.disowned);
    }
    format!("{said}.{taken}")
}

/// What comes before the dot of a grouped field: `relative`.
pub(super) fn kind_of(code: &str) -> &str {
    code.split_once('.').map_or(code, |(kind, _)| kind)
}

/// The first number that no group of a kind has yet.
pub(super) fn next_group(sheet: &SheetView, kind: &str) -> u32 {
    let of_kind = sheet.claims.iter().filter(|claim| kind_of(&claim.claim.field) == kind);
    let taken: BTreeSet<u32> = of_kind.map(|claim| number_of(&claim.claim.group)).collect();
    (1..).find(|number| !taken.contains(number)).unwrap_or(u32::MAX)
}

/// The number that a group begins with.
fn number_of(group: &str) -> u32 {
    group.split('.').next().and_then(|number| number.parse().ok()).unwrap_or(u32::MAX)
}

/// The colour of one of several that are told apart.
pub(super) fn colour(place: usize) -> usize {
    place % COLOURS + 1
}

impl<'a> Making<'a> {
    /// An office by its id: the colours follow the names, so that they are the same wherever the case is shown.
    pub(super) fn office(&self, partner: &PartnerId) -> Office {
        let mut known: Vec<&(PartnerId, String)> = self.case.partners.iter().collect();
        known.sort_by(|a, b| a.1.cmp(&b.1));
        let place = known.iter().position(|(id, _)| id == partner);
        let name = place.and_then(|at| known.get(at)).map(|(_, name)| name.clone());
        Office {
            name: name.unwrap_or_else(|| partner.short()),
            colour: colour(place.unwrap_or_default()),
            own: *partner == self.own,
        }
    }

    /// A circle's colour: its place among those that know of the case.
    pub(super) fn circle_colour(&self, circle: &CircleId) -> usize {
        let has = |named: &NamedSheet| named.sheet.as_ref().is_some_and(|sheet| sheet.circle == *circle);
        colour(self.case.sheets.iter().position(has).unwrap_or_default())
    }

    pub(super) fn is_fresh(&self, written: &Written) -> bool {
        let by_me = written.partner == self.own
            && self.page.session.operator.as_ref().is_some_and(|me| me.name == written.operator);
        written.first_seen > self.since && !by_me
    }

    /// One circle's sheet.
    pub(super) fn sheet(&self, named: &'a NamedSheet) -> SheetPart {
        let Some(sheet) = &named.sheet else {
            return SheetPart {
                circle: String::new(),
                name: named.circle_name.clone(),
                readers: named.readers.clone(),
                colour: 1,
                mark: "cs".into(),
                spoiled: true,
                sections: Vec::new(),
                acts: Vec::new(),
                files: Vec::new(),
                told: Vec::new(),
            };
        };
        SheetPart {
            circle: sheet.circle.hex(),
            name: named.circle_name.clone(),
            readers: named.readers.clone(),
            colour: self.circle_colour(&sheet.circle),
            mark: "cs".into(),
            spoiled: false,
            sections: self.sections(sheet),
            acts: sheet.acts.iter().map(|act| self.act(act)).collect(),
            files: sheet.files.iter().map(|file| self.file(file)).collect(),
            told: self.told(sheet),
        }
    }

    fn sections(&self, sheet: &SheetView) -> Vec<SectionPart> {
        let t = self.page.t;
        // Every field that was ever spoken of, by the group that it belongs to.
        let mut spoken: BTreeMap<(&str, &str), Vec<&ClaimView>> = BTreeMap::new();
        for claim in &sheet.claims {
            let key = (claim.claim.field.as_str(), claim.claim.group.as_str());
            spoken.entry(key).or_default().push(claim);
        }
        let mut all: Vec<SectionPart> = Vec::new();
        for section in Section::ALL {
            let code = format!("{section:?}").to_lowercase();
            let known = || FIELDS.iter().filter(move |known| known.section == section);
            let mut plain = GroupPart::plain();
            let mut groups: Vec<GroupPart> = Vec::new();
            let mut kinds: Vec<&'static str> = Vec::new();
            for known in known() {
                let kind = kind_of(known.code);
                if known.grouped && !kinds.contains(&kind) {
                    kinds.push(kind);
                }
                for ((_, group), claims) in spoken
                    .range::<(&str, &str), _>((known.code, "")..)
                    .take_while(|(key, _)| key.0 == known.code)
                {
                    // What an office works with stands beside that claim.
                    if known.holds == Holds::Item {
                        continue;
                    }
                    let part = self.field(sheet, known.code, group, claims);
                    if !known.grouped {
                        plain.fields.push(part);
                        continue;
                    }
                    match groups.iter_mut().find(|one| one.kind == kind && one.group == *group) {
                        Some(one) => one.fields.push(part),
                        None => groups.push(GroupPart {
                            kind: kind.to_owned(),
                            group: (*group).to_owned(),
                            title: String::new(),
                            fields: vec![part],
                            offered: Vec::new(),
                        }),
                    }
                }
            }
            let label = |code: &'static str| (code, t.label("field", code));
            for one in &mut groups {
                one.title = self.title(one, &spoken);
                let said = |code: &str| one.fields.iter().any(|part| part.code == code);
                let more = known()
                    .filter(|known| known.grouped && kind_of(known.code) == one.kind && !said(known.code));
                one.offered = more.map(|known| label(known.code)).collect();
            }
            // Groups as they were begun: by kind, then by number.
            groups.sort_by_key(|one| {
                let kind = kinds.iter().position(|kind| *kind == one.kind);
                (kind, number_of(&one.group), one.group.clone())
            });
            let offered = known().filter(|known| !known.grouped && known.holds != Holds::Item);
            let offered = offered.map(|known| label(known.code)).collect();
            if !plain.fields.is_empty() {
                groups.insert(0, plain);
            }
            let label = t.label("section", &code);
            all.push(SectionPart { code, label, groups, offered, kinds });
        }
        let mut strange = GroupPart::plain();
        for ((code, group), claims) in
            spoken.iter().filter(|((code, _), _)| field(code).is_none_or(|known| known.code != *code))
        {
            strange.fields.push(self.field(sheet, code, group, claims));
        }
        if !strange.fields.is_empty() {
            let label = t.say("case-other-fields");
            let (offered, kinds) = (Vec::new(), Vec::new());
            all.push(SectionPart { code: "other".into(), label, groups: vec![strange], offered, kinds });
        }
        all
    }

    /// What a group is called: its relation or place, where one is said.
    fn title(&self, group: &GroupPart, spoken: &BTreeMap<(&str, &str), Vec<&ClaimView>>) -> String {
        let t = self.page.t;
        let kind = match group.kind.as_str() {
            "relative" => t.say("case-kind-relative"),
            "whereabouts" => t.say("case-kind-whereabouts"),
            "tracing" => t.say("case-kind-tracing"),
            "document" => t.say("case-kind-document"),
            other => shown::visible(other),
        };
        let relation = spoken.get(&("relative.relation", group.group.as_str()));
        let code = relation.filter(|_| group.kind == "relative").and_then(|claims| {
            claims.iter().find(|claim| claim.is_current()).and_then(|claim| match &claim.claim.value {
                Value::Code(code) => Some(t.label("code", code.reveal())),
                _ => None,
            })
        });
        code.unwrap_or(kind)
    }

    fn field(&self, sheet: &SheetView, code: &str, group: &str, claims: &[&ClaimView]) -> FieldPart {
        let mut values: Vec<(&Value, Vec<ClaimPart>)> = Vec::new();
        let mut past = Vec::new();
        let mut mine = Vec::new();
        for claim in claims {
            let part = self.claim(sheet, claim);
            if !claim.is_current() {
                past.push(part);
                continue;
            }
            if part.office.own {
                mine.push(part.item.clone());
            }
            match values.iter_mut().find(|(value, _)| **value == claim.claim.value) {
                Some((_, same)) => same.push(part),
                None => values.push((&claim.claim.value, vec![part])),
            }
        }
        let values = values.into_iter().map(|(value, claims)| ValuePart {
            html: self.value(value),
            fresh: claims.iter().any(|claim| claim.fresh),
            claims,
        });
        let values: Vec<ValuePart> = values.collect();
        FieldPart {
            code: code.to_owned(),
            group: group.to_owned(),
            label: self.page.t.label("field", code),
            slot: slot(code, group),
            stand: stand(sheet, code, group),
            differs: sheet.differs.iter().any(|one| one.field == code && one.group == group),
            fresh: values.iter().any(|value| value.fresh) || past.iter().any(|claim| claim.fresh),
            values,
            past,
            mine: if mine.len() == 1 { mine.pop() } else { None },
        }
    }

    fn claim(&self, sheet: &SheetView, claim: &ClaimView) -> ClaimPart {
        let past = match claim.withdrawn.first() {
            Some(taken) => Some(Past::Withdrawn {
                at: taken.written.time,
                operator: taken.written.operator.clone(),
                reason: taken.reason.clone(),
            }),
            None if !claim.replaced_by.is_empty() => Some(Past::Replaced),
            None if claim.disowned => Some(Past::Disowned),
            None => None,
        };
        let prefer: Vec<Office> = sheet
            .prefers
            .iter()
            .filter(|said| said.item == claim.item)
            .map(|said| self.office(&said.partner))
            .collect();
        ClaimPart {
            item: claim.item.to_string(),
            office: self.office(&claim.written.partner),
            value: self.value(&claim.claim.value),
            source: self.source(&claim.claim),
            written: claim.written.time,
            seen: claim.written.first_seen,
            operator: claim.written.operator.clone(),
            late: claim.written.first_seen.since(claim.written.time) > LATE_MS,
            fresh: self.is_fresh(&claim.written),
            mine_prefers: prefer.iter().any(|office| office.own),
            worked_with: prefer.into_iter().map(|office| office.name).collect(),
            past,
        }
    }

    /// Where a claim comes from: each thing with its label.
    pub(super) fn source(&self, claim: &Claim) -> Vec<(String, Html)> {
        let (page, t, source) = (self.page, self.page.t, &claim.source);
        let kind = match source.kind {
            SourceKind::Document => t.say("case-source-document"),
            SourceKind::Person => t.say("case-source-person"),
            SourceKind::Office => t.say("case-source-office"),
            SourceKind::ListLine => t.say("case-source-list"),
            SourceKind::Disclosed => t.say("case-source-disclosed"),
        };
        let mut all = Vec::new();
        match source.text.is_empty() {
            true => all.push((t.say("case-source"), shown::plain(&kind))),
            false => all.push((kind, page.text(&source.text))),
        }
        if !source.given_by.is_empty() {
            all.push((t.say("case-given-by"), page.text(&source.given_by)));
        }
        if !source.confidence.is_empty() {
            all.push((t.say("case-confidence"), shown::plain(&t.label("code", &source.confidence))));
        }
        if let Some(from) = &source.from {
            all.push((t.say("case-holds-from"), page.value(&Value::Date(from.clone()))));
        }
        if let Some(to) = &source.to {
            all.push((t.say("case-holds-to"), page.value(&Value::Date(to.clone()))));
        }
        if let Some(origin) = &claim.origin {
            let office = self.office(&origin.partner).name;
            // A moment is our own text, with the marks that its language puts into dates.
            let said = format!("{}, {}", shown::plain(&office), page.moment(&origin.time));
            all.push((t.say("case-quoted"), Html::made(said)));
        }
        all
    }

    /// A value with its lines, and cases as links.
    pub(super) fn value(&self, value: &Value) -> Html {
        match value {
            Value::Text(text) if text.reveal().contains('\n') => shown::lines(text),
            Value::Case(case) => {
                // Hex and our own path: nothing of it was typed.
                let base = self.page.base();
                Html::made(format!("<a href=\"{base}/case/{}\">{}</a>", case.hex(), case.short()))
            }
            Value::Name(name) => match self.name_kind(name.kind) {
                Some(kind) => {
                    Html::made(format!("{} <small class=\"quiet\">{kind}</small>", self.page.value(value)))
                }
                None => self.page.value(value),
            },
            other => self.page.value(other),
        }
    }

    fn name_kind(&self, kind: NameKind) -> Option<String> {
        let t = self.page.t;
        match kind {
            NameKind::Listed => None,
            NameKind::Birth => Some(t.say("case-name-birth")),
            NameKind::CurrentDocument => Some(t.say("case-name-document")),
            NameKind::ChangedByAuthority => Some(t.say("case-name-changed")),
            NameKind::Nickname => Some(t.say("case-name-nickname")),
            NameKind::Adoptive => Some(t.say("case-name-adoptive")),
        }
    }

    fn act(&self, act: &ActView) -> ActPart {
        let t = self.page.t;
        let read = Act::check(&act.act, &act.item.edit.life.node).ok();
        let says = read.iter().flat_map(|said| &said.fields);
        ActPart {
            item: act.item.to_string(),
            kind: read.as_ref().map_or_else(|| t.say("case-act-unread"), |said| t.label("act", &said.kind)),
            office: self.office(&act.written.partner),
            written: act.written.clone(),
            fresh: self.is_fresh(&act.written),
            says: says.map(|(code, value)| (t.label("field", code), self.value(value))).collect(),
            holds: read.is_some_and(|said| said.case == self.case.case),
            past: act.disowned || !act.withdrawn.is_empty(),
        }
    }

    fn file(&self, file: &FileView) -> FilePart {
        FilePart {
            name: file.file.name.clone(),
            media: file.file.media.clone(),
            about: file.file.about.clone(),
            kib: file.file.length.div_ceil(1024),
            office: self.office(&file.written.partner),
            written: file.written.clone(),
            past: file.disowned || !file.withdrawn.is_empty(),
        }
    }

    fn told(&self, sheet: &SheetView) -> Vec<ToldPart> {
        let told = sheet.disclosed.iter().map(|told| ToldPart {
            office: self.office(&told.written.partner),
            written: told.written.clone(),
            readers: told.disclosed.readers.iter().map(|reader| self.office(reader).name).collect(),
            circle: self
                .case
                .sheets
                .iter()
                .find(|named| named.sheet.as_ref().is_some_and(|sheet| sheet.circle == told.disclosed.to))
                .map(|named| named.circle_name.clone()),
            reason: told.disclosed.reason.clone(),
            items: told.disclosed.items.len(),
        });
        told.collect()
    }
}

impl GroupPart {
    fn plain() -> Self {
        Self {
            kind: String::new(),
            group: String::new(),
            title: String::new(),
            fields: Vec::new(),
            offered: Vec::new(),
        }
    }
}

impl GroupPart {
    /// Where a field is added to it.
    pub(super) fn slot(&self) -> String {
        slot(&self.kind, &self.group)
    }
}

impl ValuePart {
    /// The colour of the office that said it first.
    pub(super) fn colour(&self) -> usize {
        self.claims.first().map_or(1, |claim| claim.office.colour)
    }
}

impl SectionPart {
    /// How many fields something stands in.
    pub(super) fn said(&self) -> usize {
        self.groups.iter().flat_map(|group| &group.fields).filter(|field| !field.values.is_empty()).count()
    }

    pub(super) fn fresh(&self) -> usize {
        self.groups.iter().flat_map(|group| &group.fields).filter(|field| field.fresh).count()
    }

    pub(super) fn differs(&self) -> usize {
        self.groups.iter().flat_map(|group| &group.fields).filter(|field| field.differs).count()
    }
}

impl FieldPart {
    /// Everything that was said, what stands first.
    pub(super) fn all(&self) -> impl Iterator<Item = &ClaimPart> {
        self.values.iter().flat_map(|value| &value.claims).chain(&self.past)
    }

    pub(super) fn is_long(&self) -> bool {
        self.values.len() > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Source;
    use crate::id::{CaseId, EditRef, InstanceId, ItemRef, Life, NodeId};

    fn sheet(said: &[(&str, &str)]) -> SheetView {
        let life = Life { node: NodeId([7; 32]), instance: InstanceId([9; 16]) };
        let claims = (1..).zip(said).map(|(number, (field, group))| ClaimView {
            item: ItemRef { edit: EditRef { life, number }, place: 0 },
            written: Written {
                partner: PartnerId([1; 32]),
                operator: "Olena".into(),
                time: Millis(number),
                first_seen: Millis(number),
            },
            claim: Claim {
                field: (*field).into(),
                group: (*group).into(),
                value: Value::Text("x".into()),
                source: Source::default(),
                replaces: Vec::new(),
                origin: None,
            },
            withdrawn: Vec::new(),
            replaced_by: Vec::new(),
            disowned: false,
        });
        SheetView {
            circle: CircleId([3; 32]),
            case: CaseId([4; 16]),
            members: Vec::new(),
            claims: claims.collect(),
            plan: Vec::new(),
            note: Private::default(),
            acts: Vec::new(),
            files: Vec::new(),
            disclosed: Vec::new(),
            without_effect: Vec::new(),
            differs: Vec::new(),
            prefers: Vec::new(),
            last_edit: Millis(0),
            last_seen: Millis(0),
        }
    }

    #[test]
    fn a_new_group_takes_no_number_that_any_office_gave() {
        assert_eq!(next_group(&sheet(&[]), "relative"), 1);
        let said = [("relative.name", "1.ab12"), ("relative.phone", "2"), ("whereabouts.place", "3")];
        assert_eq!(next_group(&sheet(&said), "relative"), 3);
        assert_eq!(next_group(&sheet(&[("relative.name", "mother")]), "relative"), 1);
    }

    #[test]
    fn a_form_sees_that_its_field_was_written_in_meanwhile() {
        let before = sheet(&[("name", ""), ("sex", "")]);
        let mut after = sheet(&[("name", ""), ("sex", ""), ("name", "")]);
        assert_ne!(stand(&before, "name", ""), stand(&after, "name", ""), "said anew");
        assert_eq!(stand(&before, "sex", ""), stand(&after, "sex", ""), "another field");
        let said = stand(&after, "name", "");
        if let Some(claim) = after.claims.first_mut() {
            claim.disowned = true;
        }
        assert_ne!(stand(&after, "name", ""), said, "left out");
    }

    #[test]
    fn a_slot_is_an_id_that_a_selector_can_name() {
        assert_eq!(slot("relative.name", "2.ab12"), "relative-name--2-ab12");
        assert_ne!(slot("name", ""), slot("name", "1"));
    }
}
