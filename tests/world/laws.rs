//! What holds in every world at rest.

use super::{Office, World};
use homeward::id::{CaseId, CircleId, EditRef, LogId, NodeId, PartnerId};
use homeward::log::{Charter, Kind, Role};
use homeward::seal::Envelope;
use homeward::seal::EpochBody;
use homeward::sync::{Fault, Hub};
use std::collections::{BTreeMap, BTreeSet};

impl World {
    /// Whether everything that was said is on every disk where it belongs, and nothing waits to be cut.
    pub(crate) fn at_rest(&self) -> bool {
        let circles = self.circles();
        !self.offices.iter().any(|office| office.disk.waits())
            && circles.iter().all(|(circle, charter)| {
                let longest = self.longest(*circle);
                self.partners_of(charter).all(|(office, _)| {
                    office.disk.circles.contains_key(circle)
                        && longest.iter().all(|(log, length)| office.disk.length(log) == *length)
                })
            })
    }

    /// How long each log of a circle is, where it is longest.
    fn longest(&self, circle: CircleId) -> BTreeMap<LogId, u64> {
        let mut longest = BTreeMap::new();
        for office in &self.offices {
            for (log, list) in office.disk.logs.iter().filter(|(log, _)| log.circle == circle) {
                let length = longest.entry(*log).or_insert(0);
                *length = (*length).max(list.len() as u64);
            }
        }
        longest
    }

    /// The offices of a circle with their roles.
    fn partners_of<'a>(&'a self, charter: &'a Charter) -> impl Iterator<Item = (&'a Office, Role)> {
        self.offices.iter().filter_map(|office| Some((office, charter.role(&office.partner())?)))
    }

    /// Whether an office's node came when there were epochs already, which no one may open to it unasked.
    fn came_late(&self, office: &Office) -> bool {
        self.late.iter().any(|place| self.offices[*place].node() == office.node())
    }

    /// All laws at rest.
    pub(crate) fn hold_laws(&self) {
        for office in &self.offices {
            assert_eq!(office.troubles, Vec::<String>::new(), "{} has troubles", office.name);
            let wrong = office.faults.iter().find(|(partner, fault)| !at_the_door(*partner, *fault));
            assert_eq!(wrong, None, "{} blames an honest office", office.name);
        }
        self.hold_secrecy();
        for (circle, charter) in self.circles() {
            self.hold_circle(circle, &charter);
        }
    }

    /// Nobody holds anything of a circle that it is not in; who carries opens nothing, whatever keys it has.
    pub(crate) fn hold_secrecy(&self) {
        for office in &self.offices {
            for (circle, charter) in &office.disk.circles {
                let role = charter.role(&office.partner()).expect("a stranger holds a circle");
                if role == Role::Carrier {
                    office.pry(*circle);
                    assert!(!office.disk.sheets.keys().any(|(of, _)| of == circle), "a carrier has a sheet");
                }
            }
            let circles: BTreeSet<CircleId> = office.disk.circles.keys().copied().collect();
            assert!(office.disk.logs.keys().all(|log| circles.contains(&log.circle)));
            assert!(office.disk.records.values().all(|record| circles.contains(&record.circle())));
            let member_nowhere = office.disk.circles.keys().all(|circle| !office.writes_in(circle));
            assert!(!member_nowhere || office.envelope.opened() == 0, "{} opened something", office.name);
        }
    }

    fn hold_circle(&self, circle: CircleId, charter: &Charter) {
        let longest = self.longest(circle);
        let mut told: BTreeMap<CaseId, BTreeSet<EditRef>> = BTreeMap::new();
        for edit in self.told.iter().filter(|told| told.circle == circle) {
            told.entry(edit.case).or_default().insert(edit.edit);
        }
        let mut first: Option<BTreeMap<CaseId, Shown>> = None;
        for (office, role) in self.partners_of(charter) {
            let name = &office.name;
            // Carriers hold all that they carry; members have applied all that they hold, and no more.
            for (log, length) in &longest {
                assert_eq!(office.disk.length(log), *length, "{name} lacks segments");
                let applied = office.rooms[&circle].reach.number(&log.life);
                let due = if role == Role::Member { *length } else { 0 };
                let as_due = if self.came_late(office) { applied <= due } else { applied == due };
                assert!(as_due, "{name} applied {applied} of a log of which it holds {length}");
            }
            if role == Role::Carrier || self.came_late(office) {
                continue;
            }
            let shown = shown(office, circle);
            let cases: BTreeSet<&CaseId> = shown.keys().collect();
            assert_eq!(cases, told.keys().collect(), "{name} has other cases than were written");
            for (case, sheet) in &shown {
                // Every acknowledged edit, and nothing that nobody wrote.
                assert_eq!(sheet.edits, told[case], "{name} has other edits than were acknowledged");
            }
            match &first {
                None => first = Some(shown),
                Some(first) => {
                    assert!(*first == shown, "{name} shows a sheet otherwise than another member");
                }
            }
        }
        self.hold_receipts(circle);
    }

    /// What hubs show of each other: nobody who is reached lacks anything.
    fn hold_receipts(&self, circle: CircleId) {
        for office in &self.offices {
            let status = office.hub.as_ref().unwrap().status(self.now);
            let reached = status.nodes.iter().filter(|node| node.reachable);
            for shown in reached.flat_map(|node| &node.circles).filter(|shown| shown.circle == circle) {
                assert_eq!((shown.lacking, shown.we_lack), (0, 0), "{} sees something lacking", office.name);
            }
        }
    }

    /// At all times: what an office's signed heads say that it holds is on its disk.
    pub(crate) fn hold_receipt(&self, hub: &Hub, node: &NodeId, circle: CircleId) {
        let Some(other) = self.offices.iter().find(|office| office.node() == *node) else { return };
        let status = hub.status(self.now);
        let peer = status.nodes.iter().find(|shown| shown.node == *node);
        let shown = peer.and_then(|peer| peer.circles.iter().find(|shown| shown.circle == circle));
        let here = status.circles.iter().find(|here| here.circle == circle);
        let (Some(shown), Some(here)) = (shown, here) else { return };
        let held = |life| other.disk.length(&LogId { circle, life });
        let lacking: u64 = here.logs.iter().map(|log| log.number.saturating_sub(held(log.life))).sum();
        assert!(lacking <= shown.lacking, "{} acknowledged what is not on its disk", other.name);
    }

    /// What all offices show, as one string: for comparing worlds of one seed.
    pub(crate) fn all_shown(&self) -> String {
        let circles = self.circles();
        let all: Vec<_> = self
            .offices
            .iter()
            .flat_map(|office| {
                circles.keys().filter(|circle| office.writes_in(circle)).map(move |c| (office, c))
            })
            .map(|(office, circle)| (&office.name, shown(office, *circle)))
            .collect();
        format!("{all:?}")
    }
}

/// What an honest office can be let go for before it has proven itself; it dials again. A hello that a cut link
/// swallowed is late by nobody's fault.
fn at_the_door(partner: Option<PartnerId>, fault: Fault) -> bool {
    partner.is_none() && fault == Fault::Silent
}

/// All that a sheet shows, but for when this office first saw it.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    heads: Vec<[u8; 32]>,
    json: String,
    view: serde_json::Value,
    history: serde_json::Value,
    edits: BTreeSet<EditRef>,
}

fn shown(office: &Office, circle: CircleId) -> BTreeMap<CaseId, Shown> {
    let cases = office.disk.sheets.keys().filter(|(of, _)| *of == circle).map(|(_, case)| *case);
    let show = |case| {
        let sheet = office.sheet(circle, case)?;
        let history = sheet.history();
        let shown = Shown {
            heads: sheet.heads(),
            json: sheet.json(),
            view: timeless(&sheet.view()),
            history: timeless(&history),
            edits: history.iter().map(|entry| entry.edit).collect(),
        };
        Some((case, shown))
    };
    cases.filter_map(show).collect()
}

/// As JSON without `first_seen`, which is each office's own.
fn timeless(view: &impl serde::Serialize) -> serde_json::Value {
    fn strip(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(map) => {
                map.remove("first_seen");
                map.values_mut().for_each(strip);
            }
            serde_json::Value::Array(list) => list.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(view).unwrap();
    strip(&mut value);
    value
}

impl Office {
    /// Tries every key held here, its node's and those of all epochs it knows, on everything held of a circle that it
    /// only carries. Says how often; fails if anything opens.
    pub(crate) fn pry(&self, circle: CircleId) -> u64 {
        let before = self.envelope.tried();
        for (_, list) in self.disk.logs_of(circle) {
            for stored in list {
                let body = stored.segment.body();
                if stored.segment.header().kind == Kind::Epoch {
                    for file in EpochBody::decode(body).unwrap().files {
                        let opened = self.envelope.open_as(self.secret.age_seed(), &file.file);
                        assert!(opened.is_err(), "{} opens an epoch that it carries", self.name);
                    }
                } else {
                    assert!(self.envelope.open_as(self.secret.age_seed(), body).is_err());
                    for epoch in self.disk.epochs.values() {
                        let opened = self.envelope.open_work(&epoch.key, body);
                        assert!(opened.is_err(), "{} opens work that it carries", self.name);
                    }
                }
            }
        }
        self.envelope.tried() - before
    }
}
