//! What people write when nobody tells them what: edits of every kind, about what their screen shows.

use super::chance::Chance;
use homeward::case::{
    Act, Change, Claim, Date, Disclosed, FileNote, Name, NameKind, Origin, PlanKey, PlanValue, Precision,
    SheetView, Source, Splice, Statement, Value,
};
use homeward::id::{CaseId, CircleId, Hash, ItemRef, PartnerId};
use homeward::seal::NodeSecret;
use homeward::time::Millis;

/// Who writes what and where.
pub(crate) struct Desk<'a> {
    pub partner: PartnerId,
    pub secret: &'a NodeSecret,
    pub case: CaseId,
    pub now: Millis,
    /// The sheet as the screen shows it.
    pub view: Option<&'a SheetView>,
    /// A circle that more could be told to, with its readers.
    pub other: Option<(CircleId, Vec<PartnerId>)>,
}

const WORDS: [&str; 6] = ["тихо", "by the sea", "🦋", "Lina", "a blue coat", "ґанок"];

fn word(chance: &mut Chance) -> &'static str {
    chance.pick::<&str>(&WORDS)
}

fn value(chance: &mut Chance) -> Value {
    match chance.below(6) {
        0 => Value::Name(Name { kind: NameKind::Nickname, given: word(chance).into(), ..Name::default() }),
        1 => Value::Date(Date { earliest: 20150101, latest: 20151231, precision: Precision::Year }),
        2 => Value::Number(chance.below(900) as i64),
        3 => Value::Outside { system: "list".into(), number: word(chance).into() },
        _ => Value::Text(word(chance).into()),
    }
}

impl Desk<'_> {
    /// Some own claims that the screen shows, current or not.
    fn own_claims(&self, chance: &mut Chance) -> Vec<ItemRef> {
        let claims = self.view.iter().flat_map(|view| &view.claims);
        let own = claims.filter(|claim| claim.written.partner == self.partner).map(|claim| claim.item);
        own.filter(|_| chance.percent(30)).take(3).collect()
    }

    fn claim(&self, chance: &mut Chance) -> Claim {
        Claim {
            field: (*chance.pick(&["name", "birth_date", "remark", "relative.phone", "whereabouts.new"]))
                .to_owned(),
            group: if chance.percent(30) { "mother".into() } else { String::new() },
            value: value(chance),
            source: Source { text: word(chance).into(), ..Source::default() },
            replaces: if chance.percent(40) { self.own_claims(chance) } else { Vec::new() },
            origin: None,
        }
    }

    fn plan(&self, chance: &mut Chance) -> Change {
        let id = chance.below(2).to_string();
        let key = PlanKey { kind: "leg".into(), id, field: "state".into() };
        let shown = self.view.and_then(|view| view.planned(&key)).map(|plan| plan.values.as_slice());
        let replaces = shown.unwrap_or_default().iter().map(|value| value.item).collect();
        Change::Plan(PlanValue { key, value: value(chance), replaces })
    }

    fn note(&self, chance: &mut Chance) -> Change {
        let note: Vec<char> = self.view.map(|view| view.note.reveal().chars().collect()).unwrap_or_default();
        let at = chance.below(note.len() as u64 + 2);
        let length = if chance.percent(40) { chance.below(8) as usize } else { 0 };
        let remove: String = note.iter().skip(at as usize).take(length).collect();
        Change::Note(Splice { at, remove: remove.into(), insert: word(chance).into() })
    }

    fn act(&self, chance: &mut Chance) -> Change {
        let statement = Statement {
            version: 1,
            kind: "consent".to_owned(),
            case: self.case,
            partner: self.partner,
            node: self.secret.node_id(),
            time: self.now,
            fields: vec![("text".to_owned(), Value::Text(word(chance).into()))],
            answers: None,
        };
        Change::Act(Act::sign(&statement, self.secret).unwrap())
    }

    fn file(chance: &mut Chance) -> Change {
        Change::File(FileNote {
            name: word(chance).into(),
            media: "image/png".into(),
            length: 70_000,
            pieces: vec![Hash(chance.array()), Hash(chance.array())],
            key: chance.bytes(32),
            about: word(chance).into(),
        })
    }

    /// What a person writes next.
    pub(crate) fn change(&self, chance: &mut Chance) -> Change {
        match chance.below(16) {
            0..=4 => {
                let count = 1 + chance.below(3);
                Change::Claims((0..count).map(|_| self.claim(chance)).collect())
            }
            5..=7 => self.plan(chance),
            8..=11 => self.note(chance),
            12 => self.act(chance),
            13 => Self::file(chance),
            14 => match self.own_claims(chance) {
                items if items.is_empty() => self.plan(chance),
                items => Change::Withdraw { items, reason: word(chance).into() },
            },
            _ => match &self.other {
                Some((to, readers)) if !self.shown_claims().is_empty() => Change::Disclosed(Disclosed {
                    to: *to,
                    readers: readers.clone(),
                    items: self.shown_claims().into_iter().take(2).map(|(item, _)| item).collect(),
                    reason: word(chance).into(),
                }),
                _ => self.note(chance),
            },
        }
    }

    fn shown_claims(&self) -> Vec<(ItemRef, Claim)> {
        let claims = self.view.iter().flat_map(|view| &view.claims);
        claims.map(|claim| (claim.item, claim.claim.clone())).collect()
    }

    /// What a disclosure says in the other circle: the first claims shown here, with where they come from.
    pub(crate) fn disclosed(&self, from: CircleId) -> Option<Change> {
        let view = self.view?;
        let quoted: Vec<Claim> = view
            .claims
            .iter()
            .take(2)
            .map(|claim| Claim {
                replaces: Vec::new(),
                origin: Some(Origin {
                    partner: claim.written.partner,
                    circle: from,
                    item: claim.item,
                    time: claim.written.time,
                }),
                ..claim.claim.clone()
            })
            .collect();
        (!quoted.is_empty()).then_some(Change::Claims(quoted))
    }
}
