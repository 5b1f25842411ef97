//! Homes for tests: made in a temporary folder, asked as the doors ask.

use super::home::Home;
use super::house::House;
use super::running::Node;
use super::{Answer, Asked, CircleView, Failure, ImportRow, InitOptions, Request, Written, init};
use crate::case::SheetView;
use crate::id::{CaseId, CircleId};
use tempfile::TempDir;

/// A node at rest in a folder of its own.
pub(super) struct Trial {
    pub(super) node: Node,
    pub(super) folder: TempDir,
    pub(super) operator: String,
}

impl Trial {
    pub(super) fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        init(InitOptions {
            home: home.clone(),
            name: name.into(),
            passphrase: "seven quiet lanterns".into(),
            scrypt_log_n: 15,
            listen: None,
            address: None,
            demo: None,
        })
        .unwrap();
        let place = Home(home);
        let keys = place.unlock(&"seven quiet lanterns".into()).unwrap();
        let node = Node::at_rest(House::open(&place, keys).unwrap()).unwrap();
        Self { node, folder, operator: "Desk 1".into() }
    }

    /// Asks and gives back the rows too.
    pub(super) fn rows(&self, request: Request) -> (Vec<ImportRow>, Result<Answer, Failure>) {
        let mut rows = Vec::new();
        let asked = Asked { operator: self.operator.as_str().into(), request };
        let answer = self.node.answer(asked, &mut |answer| {
            if let Answer::Row(row) = answer {
                rows.push(row);
            }
        });
        (rows, answer)
    }

    pub(super) fn ask(&self, request: Request) -> Result<Answer, Failure> {
        self.rows(request).1
    }

    pub(super) fn written(&self, request: Request) -> Written {
        match self.ask(request).unwrap() {
            Answer::Written(written) => written,
            other => panic!("written expected, not {other:?}"),
        }
    }

    pub(super) fn refused(&self, request: Request) -> Failure {
        match self.ask(request) {
            Err(failure) => failure,
            Ok(other) => panic!("refusal expected, not {other:?}"),
        }
    }

    pub(super) fn circle(&self, name: &str, members: &[&str]) -> CircleView {
        let members = members.iter().map(|name| (*name).to_owned()).collect();
        match self.ask(Request::CircleNew { name: name.into(), members, carriers: vec![] }).unwrap() {
            Answer::Circles { circles } => circles.into_iter().next().unwrap(),
            other => panic!("circle expected, not {other:?}"),
        }
    }

    pub(super) fn sheet(&self, circle: CircleId, case: CaseId) -> SheetView {
        let house = self.node.shared.house();
        house.sheet(house.circle(&circle).unwrap(), &case).unwrap().unwrap().view()
    }

    /// Takes the other's card in and trusts it by its phrase.
    pub(super) fn trust(&self, other: &Self) {
        let (name, text) = match other.ask(Request::CardExport { partner: None }).unwrap() {
            Answer::CardFile { name, text } => (name, text),
            other => panic!("card expected, not {other:?}"),
        };
        let Answer::Cards { cards } = self.ask(Request::CardImport { text }).unwrap() else {
            panic!("card expected")
        };
        let phrase = Some(cards[0].words.join(" "));
        self.ask(Request::CardTrust { partner: name, phrase, introduced_by: None }).unwrap();
    }

    /// Hands everything to the other in a bundle.
    pub(super) fn hand_to(&self, other: &Self, name: &str) {
        let file = self.folder.path().join("bundle");
        let file = file.to_str().unwrap().to_owned();
        self.ask(Request::BundleOut { partner: name.into(), file: file.clone(), all: true }).unwrap();
        other.ask(Request::BundleIn { file: file.clone() }).unwrap();
        other.node.catch_up().unwrap();
        std::fs::remove_file(file).unwrap();
    }
}
