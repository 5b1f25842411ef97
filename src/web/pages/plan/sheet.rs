//! One circle's plan, ready for its template.

use super::item;
use super::note;
use super::route::route;
use super::way::{Way, way};
use crate::case::{Holds, PlanKey, PlanValueView, PlanView, STAGES, SheetView, Stage, Value};
use crate::id::PartnerId;
use crate::node::{CaseView, NamedSheet};
use crate::private::Private;
use crate::web::page::Page;
use crate::web::shown::{self, Html};
use crate::web::texts::Texts;

/// Earlier values that a page shows of one sheet: the history page has them all.
const BEFORE: usize = 40;

pub(super) struct PlanSheet {
    /// The circle, whole.
    pub(super) circle: String,
    /// Its first digits: part of the ids of the page.
    pub(super) short: String,
    pub(super) name: Html,
    pub(super) readers: String,
    pub(super) steps: Vec<Step>,
    pub(super) beside: Vec<Html>,
    pub(super) missing: Vec<String>,
    pub(super) conflicts: Vec<Conflict>,
    /// Stage and whoever is responsible.
    pub(super) case: Item,
    pub(super) groups: Vec<Group>,
    pub(super) note: Html,
    /// The note inside a form's field.
    pub(super) note_value: Html,
    pub(super) before: Vec<Before>,
    /// How many more there are.
    pub(super) before_more: usize,
}

pub(super) struct Step {
    pub(super) class: &'static str,
    pub(super) label: String,
    /// In words, for those who do not see the sign.
    pub(super) said: String,
}

/// All items of a kind.
pub(super) struct Group {
    pub(super) kind: String,
    pub(super) label: String,
    pub(super) add: String,
    pub(super) none: String,
    pub(super) items: Vec<Item>,
    /// The form for one more.
    pub(super) blank: Item,
}

pub(super) struct Item {
    pub(super) kind: String,
    pub(super) id: String,
    /// What it is called in the page.
    pub(super) anchor: String,
    pub(super) title: Html,
    pub(super) entries: Vec<Entry>,
    /// The code of its state, and its label.
    pub(super) state: Option<(String, String)>,
    pub(super) route: Option<Route>,
    pub(super) is_done: bool,
    /// Who wrote there last, and when.
    pub(super) last: String,
}

/// A leg's line with its places.
pub(super) struct Route {
    pub(super) line: Html,
    pub(super) from: Html,
    pub(super) border: Html,
    pub(super) to: Html,
}

/// A field of an item.
pub(super) struct Entry {
    pub(super) code: String,
    pub(super) label: String,
    /// The names of the values that it shows.
    pub(super) shown: String,
    /// As people read it; empty if it says nothing.
    pub(super) said: Html,
    /// As it is typed.
    pub(super) typed: Html,
    pub(super) input: Input,
    pub(super) in_conflict: bool,
}

/// What a field is typed in.
pub(super) enum Input {
    Line,
    Lines,
    Date,
    Choice(Vec<Choice>),
}

pub(super) struct Choice {
    pub(super) code: String,
    pub(super) label: String,
    pub(super) is_it: bool,
    /// Whether it begins the stages beside the way home.
    pub(super) begins_aside: bool,
}

/// Values of one field that were written without seeing each other.
pub(super) struct Conflict {
    pub(super) key: String,
    pub(super) label: String,
    pub(super) values: Vec<Before>,
}

/// A value with who wrote it.
pub(super) struct Before {
    pub(super) item: String,
    pub(super) label: String,
    pub(super) value: Html,
    pub(super) who: Html,
    pub(super) office: Html,
    pub(super) when: String,
}

/// A field's key as people read it: `Leg of the journey 2, From`.
pub(in crate::web::pages) fn label(t: &Texts, key: &PlanKey) -> String {
    let field = t.label("plan", &format!("{}.{}", key.kind, key.field));
    match key.id.as_str() {
        "" => field,
        id => bare(&t.ss("planning-of-item", numbered(t, &key.kind, id), field)),
    }
}

/// A sentence without the isolates that fluent put around its parts: for what becomes part of another sentence, where
/// marks that are nobody's would be shown like any other character that hides.
pub(in crate::web::pages) fn bare(sentence: &str) -> String {
    sentence.replace(['\u{2068}', '\u{2069}'], "")
}

/// A value of the plan as people read it: stages have names of their own, what was cleared says so.
pub(in crate::web::pages) fn value(page: &Page, key: &PlanKey, value: &Value) -> Html {
    match value {
        value if item::is_clear(value) => page.name(&page.t.say("planning-cleared")),
        Value::Code(code) if *key == PlanKey::stage() => page.name(&page.t.label("stage", code.reveal())),
        value => page.value(value),
    }
}

fn numbered(t: &Texts, kind: &str, id: &str) -> String {
    let number = item::number(id).map_or_else(|| id.to_owned(), |number| t.number(number));
    bare(&t.ss("planning-numbered", t.label("kind", kind), number))
}

/// What makes the parts of one sheet.
struct Maker<'a> {
    page: &'a Page,
    view: &'a SheetView,
    partners: &'a [(PartnerId, String)],
    short: String,
}

impl PlanSheet {
    pub(super) fn new(page: &Page, case: &CaseView, named: &NamedSheet) -> Self {
        let t = page.t;
        let name = page.text(&named.circle_name);
        let readers = t.list(&named.readers);
        let Some(view) = &named.sheet else {
            return Self::spoiled(t, name, readers);
        };
        let make = Maker { page, view, partners: &case.partners, short: view.circle.short() };
        let way = way(view);
        let (before, before_more) = make.before();
        let kinds = item::KINDS.iter().map(|kind| (*kind).to_owned()).chain(item::other_kinds(view));
        Self {
            circle: view.circle.hex(),
            name,
            readers,
            steps: steps(t, &way),
            beside: way.beside.iter().map(|code| page.name(&t.label("stage", code))).collect(),
            missing: missing(t, &way),
            conflicts: make.conflicts(),
            case: make.item("case", ""),
            groups: kinds.map(|kind| make.group(&kind)).collect(),
            note: note::shown(&view.note),
            note_value: shown::value(&view.note),
            before,
            before_more,
            short: make.short,
        }
    }

    /// A sheet that cannot be shown: the case's page says what to do.
    fn spoiled(t: &Texts, name: Html, readers: String) -> Self {
        let case = Item {
            kind: "case".into(),
            id: String::new(),
            anchor: String::new(),
            title: shown::plain(&t.say("planning-spoiled")),
            entries: Vec::new(),
            state: None,
            route: None,
            is_done: false,
            last: String::new(),
        };
        Self {
            circle: String::new(),
            short: String::new(),
            name,
            readers,
            steps: Vec::new(),
            beside: Vec::new(),
            missing: Vec::new(),
            conflicts: Vec::new(),
            case,
            groups: Vec::new(),
            note: Html::default(),
            note_value: Html::default(),
            before: Vec::new(),
            before_more: 0,
        }
    }

    pub(super) fn is_spoiled(&self) -> bool {
        self.circle.is_empty()
    }
}

fn steps(t: &Texts, way: &Way) -> Vec<Step> {
    use super::way::Reach;
    let step = |(stage, reach): &(&Stage, Reach)| Step {
        class: reach.code(),
        label: t.label("stage", stage.code),
        said: match reach {
            Reach::Reached => t.say("planning-reached"),
            Reach::Here => t.say("planning-here"),
            Reach::Ahead => String::new(),
        },
    };
    way.steps.iter().map(step).collect()
}

fn missing(t: &Texts, way: &Way) -> Vec<String> {
    use crate::case::Signers;
    let say = |one: &super::way::Missing| {
        let act = t.label("act", one.act);
        let have = t.number(one.have as u64);
        match one.of {
            Signers::One => act,
            Signers::TwoPeople => t.ss("planning-two-people", act, have),
            Signers::TwoPartners => t.ss("planning-two-offices", act, have),
            Signers::ThreePartners => t.ss("planning-three-offices", act, have),
        }
    };
    way.missing.iter().map(say).collect()
}

impl Maker<'_> {
    fn group(&self, kind: &str) -> Group {
        let t = self.page.t;
        let mut items: Vec<Item> = item::ids(self.view, kind).iter().map(|id| self.item(kind, id)).collect();
        // What is done stays in sight, behind what is not.
        if kind == "task" {
            items.sort_by_key(|item| item.is_done);
        }
        let (label, add, none) = match kind {
            "leg" => (t.say("planning-legs"), t.say("planning-add-leg"), t.say("planning-no-leg")),
            "task" => (t.say("planning-tasks"), t.say("planning-add-task"), t.say("planning-no-task")),
            "paper" => (t.say("planning-papers"), t.say("planning-add-paper"), t.say("planning-no-paper")),
            "visit" => (t.say("planning-visits"), t.say("planning-add-visit"), t.say("planning-no-visit")),
            other => (t.label("kind", other), String::new(), String::new()),
        };
        Group { kind: kind.to_owned(), label, add, none, items, blank: self.item(kind, "") }
    }

    /// An item; without an id, the form for one more (for `case`, the case itself).
    fn item(&self, kind: &str, id: &str) -> Item {
        let (t, page) = (self.page.t, self.page);
        let fields = item::fields(self.view, kind, id);
        let entries: Vec<Entry> = fields.iter().map(|field| self.entry(kind, id, field)).collect();
        let said = |code: &str| {
            entries
                .iter()
                .find(|entry| entry.code == code)
                .map(|entry| entry.said.clone())
                .unwrap_or_default()
        };
        let code_of = |field: &str| {
            let plan = self.view.planned(&key(kind, id, field))?;
            let standing = plan.values.iter().find(|value| !item::is_clear(&value.value))?;
            (!plan.in_conflict()).then(|| item::typed(&standing.value).reveal().clone())
        };
        let state = code_of("state").filter(|_| matches!(kind, "leg" | "paper"));
        let route = (kind == "leg" && !id.is_empty()).then(|| {
            let border = said("border_point");
            let line = route(state.as_deref().unwrap_or_default(), !border.is_empty());
            Route { line, from: said("from"), border, to: said("to") }
        });
        let what = said("what");
        let title = if what.is_empty() || id.is_empty() { page.name(&numbered(t, kind, id)) } else { what };
        let is_done = match kind {
            "task" => code_of("done").as_deref() == Some("yes"),
            "visit" => code_of("done").is_some(),
            _ => false,
        };
        let of_item = self.view.plan.iter().filter(|plan| plan.key.kind == kind && plan.key.id == id);
        let last = of_item.flat_map(|plan| &plan.values).max_by_key(|value| value.written.time);
        Item {
            kind: kind.to_owned(),
            id: id.to_owned(),
            anchor: format!("plan-{}-{kind}-{id}", self.short),
            title,
            entries,
            state: state.map(|code| (class(&code), t.label("code", &code))),
            route,
            is_done,
            last: last.map(|value| self.by(value)).unwrap_or_default(),
        }
    }

    /// Who wrote a value and how long ago.
    fn by(&self, value: &PlanValueView) -> String {
        let office = self.office(&value.written.partner);
        let who = self.page.t.ss("note-flag", self.page.plain(&value.written.operator), office);
        format!("{who} · {}", self.page.ago(&value.written.time))
    }

    fn office(&self, partner: &PartnerId) -> String {
        self.partners
            .iter()
            .find(|(known, _)| known == partner)
            .map_or_else(|| partner.short(), |(_, name)| name.clone())
    }

    fn entry(&self, kind: &str, id: &str, field: &str) -> Entry {
        let (t, page) = (self.page.t, self.page);
        let key = key(kind, id, field);
        let plan = self.view.planned(&key);
        let standing: Vec<&PlanValueView> =
            plan.iter().flat_map(|plan| &plan.values).filter(|value| !item::is_clear(&value.value)).collect();
        let in_conflict = plan.is_some_and(PlanView::in_conflict);
        let typed = match standing.first() {
            Some(value) if !in_conflict => item::typed(&value.value),
            _ => Private::default(),
        };
        let said = match standing.first() {
            Some(one) if !in_conflict => value(page, &key, &one.value),
            _ => Html::default(),
        };
        Entry {
            label: t.label("plan", &format!("{kind}.{field}")),
            shown: item::shown(plan),
            input: self.input(&key, &typed),
            typed: shown::value(&typed),
            said: if in_conflict { page.name(&t.say("planning-in-conflict")) } else { said },
            in_conflict,
            code: key.field,
        }
    }

    fn input(&self, key: &PlanKey, typed: &Private<String>) -> Input {
        let t = self.page.t;
        let choice = |code: &str, label: String, begins_aside| Choice {
            is_it: typed.reveal() == code,
            code: code.to_owned(),
            label,
            begins_aside,
        };
        let mut choices: Vec<Choice> = match item::holds(key) {
            Holds::Code(_) if *key == PlanKey::stage() => {
                let mut aside = false;
                let stages = STAGES.iter().map(|stage| {
                    let begins = stage.aside && !aside;
                    aside = stage.aside;
                    choice(stage.code, t.label("stage", stage.code), begins)
                });
                stages.collect()
            }
            Holds::Code(codes) => {
                codes.iter().map(|code| choice(code, t.label("code", code), false)).collect()
            }
            Holds::Flag => {
                vec![choice("yes", t.say("value-yes"), false), choice("no", t.say("value-no"), false)]
            }
            Holds::Date => return Input::Date,
            Holds::Text if typed.reveal().contains('\n') || key.field == "findings" => return Input::Lines,
            _ => return Input::Line,
        };
        // What another build chose stays chosen.
        if !typed.is_empty() && !choices.iter().any(|choice| choice.is_it) {
            choices.push(choice(typed.reveal(), shown::visible(typed.reveal()), false));
        }
        Input::Choice(choices)
    }

    fn told(&self, key: &PlanKey, value: &PlanValueView) -> Before {
        Before {
            item: value.item.to_string(),
            label: label(self.page.t, key),
            value: self::value(self.page, key, &value.value),
            who: self.page.text(&value.written.operator),
            office: self.page.name(&self.office(&value.written.partner)),
            when: self.page.moment(&value.written.time),
        }
    }

    fn conflicts(&self) -> Vec<Conflict> {
        let conflict = |plan: &PlanView| Conflict {
            key: plan.key.to_string(),
            label: label(self.page.t, &plan.key),
            values: plan.values.iter().map(|value| self.told(&plan.key, value)).collect(),
        };
        self.view.conflicts().map(conflict).collect()
    }

    /// Values that were replaced, the last first, and how many more there are.
    fn before(&self) -> (Vec<Before>, usize) {
        let all = self.view.plan.iter().flat_map(|plan| plan.history.iter().map(move |value| (plan, value)));
        let mut all: Vec<_> = all.collect();
        all.sort_by_key(|(_, value)| std::cmp::Reverse((value.written.time, value.item)));
        let more = all.len().saturating_sub(BEFORE);
        (all.into_iter().take(BEFORE).map(|(plan, value)| self.told(&plan.key, value)).collect(), more)
    }
}

fn key(kind: &str, id: &str, field: &str) -> PlanKey {
    PlanKey { kind: kind.to_owned(), id: id.to_owned(), field: field.to_owned() }
}

/// A code as part of a class: what is none of ours has no style of its own.
fn class(code: &str) -> String {
    if crate::case::is_code(code) { code.to_owned() } else { String::new() }
}
