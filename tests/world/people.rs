//! What people do and see: circles are founded, things are written and read at one office.

use super::{World, case};
use homeward::case::{Change, Claim, ClaimView, PlanKey, PlanValue, Source, Splice, Value};
use homeward::id::{CircleId, EditRef, ItemRef};

impl World {
    /// A circle with these members, founded by the first of them.
    pub(crate) fn circle<const N: usize>(&mut self, members: [&str; N]) -> Founding<'_> {
        let members = members.map(|name| self.place(name)).to_vec();
        Founding { world: self, members }
    }

    pub(crate) fn at(&mut self, name: &str) -> At<'_> {
        let place = self.place(name);
        At { world: self, place }
    }
}

/// A circle that is about to be founded.
pub(crate) struct Founding<'w> {
    world: &'w mut World,
    members: Vec<usize>,
}

impl Founding<'_> {
    pub(crate) fn carried_by(self, carrier: &str) -> CircleId {
        let carrier = self.world.place(carrier);
        self.world.found(&self.members, &[carrier])
    }

    pub(crate) fn carried_by_nobody(self) -> CircleId {
        self.world.found(&self.members, &[])
    }
}

/// What people do and see at one office.
pub(crate) struct At<'w> {
    world: &'w mut World,
    place: usize,
}

impl At<'_> {
    fn write(&mut self, circle: CircleId, name: &str, change: Change) -> EditRef {
        self.world.write(self.place, circle, case(name), change)
    }

    pub(crate) fn claim(&mut self, circle: CircleId, case: &str, field: &str, text: &str) -> EditRef {
        let claim = Claim {
            field: field.to_owned(),
            group: String::new(),
            value: Value::Text(text.into()),
            source: Source::default(),
            replaces: Vec::new(),
            origin: None,
        };
        self.write(circle, case, Change::Claims(vec![claim]))
    }

    /// A plan value that replaces what the screen here shows.
    pub(crate) fn plan(
        &mut self,
        circle: CircleId,
        name: &str,
        key: (&str, &str, &str),
        text: &str,
    ) -> EditRef {
        let key = PlanKey { kind: key.0.into(), id: key.1.into(), field: key.2.into() };
        let view = self.world.offices[self.place].view(circle, case(name));
        let shown = view.iter().filter_map(|view| view.planned(&key)).flat_map(|plan| &plan.values);
        let replaces: Vec<ItemRef> = shown.map(|value| value.item).collect();
        self.write(circle, name, Change::Plan(PlanValue { key, value: Value::Text(text.into()), replaces }))
    }

    pub(crate) fn note(&mut self, circle: CircleId, case: &str, at: u64, text: &str) -> EditRef {
        self.write(circle, case, Change::Note(Splice { at, remove: "".into(), insert: text.into() }))
    }

    /// All claims of a case that this office can read, whatever the circle.
    pub(crate) fn claims(&self, name: &str) -> Vec<ClaimView> {
        let office = &self.world.offices[self.place];
        let views = office.disk.circles.keys().filter_map(|circle| office.view(*circle, case(name)));
        views.flat_map(|view| view.claims).collect()
    }

    /// Whether this office opened nothing, though it tried, and can open nothing of all that it holds.
    pub(crate) fn opens_nothing(&self) -> bool {
        let office = &self.world.offices[self.place];
        let held: Vec<CircleId> = office.disk.circles.keys().copied().collect();
        let tried = held.iter().map(|circle| office.pry(*circle)).sum::<u64>();
        tried > 0 && office.envelope.opened() == 0 && office.disk.sheets.is_empty()
    }
}
