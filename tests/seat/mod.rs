//! Nodes at rest on disks in memory: the whole house, asked as the doors ask, with no process and no socket.

#![allow(dead_code, unreachable_pub, reason = "each test that includes this uses a part of it")]

use crate::disk::{Disk, Images};
use crate::offices::{Office, PASSPHRASE};
use homeward::case::SheetView;
use homeward::id::{CaseId, EditRef, Hash, Life};
use homeward::node::{Answer, Asked, Door, Failure, NodeInfo, Request, StatusView, Written};
use homeward::seal::{KeyBundle, unlock_with_passphrase};
use homeward::store::{Vault, circles, logs};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What each log of the one circle holds: the hash of each segment's header, by number from 1.
pub type Held = BTreeMap<Life, Vec<Hash>>;

/// A home and its keys; its vault may lie on any disk.
#[derive(Clone)]
pub struct Seat {
    pub home: PathBuf,
    /// The words that open it if the passphrase is lost.
    pub recovery: String,
    keys: KeyBundle,
}

impl Seat {
    /// That of an office which nobody has open.
    pub fn of(office: &mut Office) -> Self {
        office.close();
        let locked = std::fs::read(office.home.join("keys/node.age")).unwrap();
        let opened = unlock_with_passphrase(&PASSPHRASE.into(), &locked).unwrap();
        let recovery = office.recovery.clone();
        Self { home: office.home.clone(), recovery, keys: KeyBundle::decode(&opened).unwrap() }
    }

    /// The same keys, with another folder.
    pub fn at(&self, home: &Path) -> Self {
        Self { home: home.to_owned(), ..self.clone() }
    }

    /// What lies in the home's folder.
    pub fn images(&self) -> Images {
        let read = |name| std::fs::read(self.home.join(name)).ok();
        Images { vault: read("vault.redb"), count: read("vault.count") }
    }

    pub fn open(&self, disk: &Disk) -> Result<Sitting, Failure> {
        Ok(Sitting(Door::open_on(&self.home, self.keys.clone(), Arc::new(disk.clone()))?))
    }

    pub fn vault_key(&self) -> &homeward::private::Private<[u8; 32]> {
        self.keys.vault.bytes()
    }

    /// What a vault holds of its first circle.
    pub fn held(&self, images: &Images) -> Held {
        let disk = Disk::holding(images.clone());
        let vault = Vault::open_on(Arc::new(disk), self.vault_key()).unwrap().vault;
        let reader = vault.reader().unwrap();
        let Some(known) = circles::list(&reader).unwrap().into_iter().next() else { return Held::new() };
        let logs = logs::load(&reader, &known.charter.circle()).unwrap();
        let hashes = |log: logs::LogDirectory| log.segments.iter().map(|entry| entry.header.hash()).collect();
        logs.into_iter().map(|(life, log)| (life, hashes(log))).collect()
    }
}

/// An open node at rest.
pub struct Sitting(pub Door);

impl Sitting {
    pub fn try_ask(&mut self, request: Request) -> Result<Answer, Failure> {
        self.0.ask(Asked { operator: "Desk 1".into(), request }, &mut |_| ())
    }

    pub fn ask(&mut self, request: Request) -> Answer {
        self.try_ask(request).unwrap()
    }

    pub fn written(&mut self, request: Request) -> Written {
        match self.ask(request) {
            Answer::Written(written) => written,
            other => panic!("written expected, not {other:?}"),
        }
    }

    pub fn info(&mut self) -> NodeInfo {
        match self.ask(Request::Info) {
            Answer::Info(info) => info,
            other => panic!("info expected, not {other:?}"),
        }
    }

    pub fn status(&mut self) -> StatusView {
        match self.ask(Request::Status) {
            Answer::Status(status) => *status,
            other => panic!("status expected, not {other:?}"),
        }
    }

    /// Every edit of a case, as its history names it.
    pub fn history(&mut self, case: CaseId) -> Vec<EditRef> {
        match self.try_ask(Request::CaseHistory { case: case.hex(), circle: None }) {
            Ok(Answer::History { sheets, .. }) => {
                sheets.into_iter().flat_map(|sheet| sheet.entries).map(|entry| entry.edit).collect()
            }
            Ok(other) => panic!("history expected, not {other:?}"),
            Err(_) => Vec::new(),
        }
    }

    pub fn sheet(&mut self, case: CaseId) -> Option<SheetView> {
        match self.try_ask(Request::CaseShow { case: case.hex(), circle: None }).ok()? {
            Answer::Case(view) => view.sheets.into_iter().next().and_then(|named| named.sheet),
            other => panic!("case expected, not {other:?}"),
        }
    }

    /// All sheets as text, without what each node knows for itself: when it first saw an edit.
    pub fn sheets(&mut self, cases: &[CaseId]) -> Vec<String> {
        let plain = |sheet| {
            let mut value = serde_json::to_value(sheet).unwrap();
            forget(&mut value, "first_seen");
            value.to_string()
        };
        cases.iter().filter_map(|case| self.sheet(*case)).map(plain).collect()
    }

    /// Sheets are what segments make, nothing is damaged, no log has two branches.
    pub fn check_sound(&mut self, when: &str) {
        let Answer::Checked(report) = self.ask(Request::Check) else { panic!("report expected") };
        assert!(report.damage.is_empty() && report.differing == 0, "{when}: {report:?}");
        for circle in self.status().circles {
            assert_eq!((circle.forked, circle.refused, circle.held), (0, 0, 0), "{when}");
        }
    }
}

fn forget(value: &mut serde_json::Value, key: &str) {
    match value {
        serde_json::Value::Object(map) => {
            map.remove(key);
            map.values_mut().for_each(|inner| forget(inner, key));
        }
        serde_json::Value::Array(list) => list.iter_mut().for_each(|inner| forget(inner, key)),
        _ => {}
    }
}
