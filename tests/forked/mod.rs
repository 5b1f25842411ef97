//! A machine that went back in time unnoticed: Kyiv's disk was put back as it was an hour before, byte for byte and in
//! its place, and it told Doha one thing and Moscow another. By hand, so that nobody could warn it.

#![allow(dead_code, unreachable_pub, reason = "each test that includes this uses a part of it")]

use crate::offices::{Office, found, introduce, new_case};
use homeward::id::CaseId;
use homeward::node::{Answer, Request};
use std::fs;
use std::path::{Path, PathBuf};

pub const CIRCLE: &str = "families";

/// Three offices, at rest.
pub struct Forked {
    pub kyiv: Office,
    pub doha: Office,
    pub moscow: Office,
    /// Said to Doha before the disk was put back.
    pub one: CaseId,
    /// Said to Moscow afterwards, and stands in Kyiv.
    pub other: CaseId,
    root: PathBuf,
    bundles: u32,
}

/// What lies on the disk of a home at rest.
pub struct Snapshot(Vec<(PathBuf, Vec<u8>)>);

impl Snapshot {
    pub fn of(office: &mut Office) -> Self {
        office.close();
        let files = ["vault.redb", "vault.count"].map(|name| office.home.join(name));
        Self(files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect())
    }

    /// Written over what is there: the files stay the same files.
    pub fn put_back(&self, office: &mut Office) {
        office.close();
        for (path, bytes) in &self.0 {
            let file = fs::OpenOptions::new().write(true).truncate(true).open(path).unwrap();
            std::io::Write::write_all(&mut &file, bytes).unwrap();
        }
    }
}

impl Forked {
    /// Doha and Moscow each hold a branch, and neither knows of the other.
    pub fn new(root: &Path) -> Self {
        let (mut kyiv, mut doha, mut moscow) =
            (Office::new(root, "kyiv"), Office::new(root, "doha"), Office::new(root, "moscow"));
        introduce(&mut [&mut kyiv, &mut doha, &mut moscow]);
        found(&mut kyiv, CIRCLE, &["doha", "moscow"], &[]);
        let none = CaseId([0; 16]);
        let mut scene =
            Self { kyiv, doha, moscow, one: none, other: none, root: root.to_owned(), bundles: 0 };
        new_case(&mut scene.kyiv, CIRCLE, "Весняна Оля");
        scene.carry("kyiv", "doha");
        scene.carry("kyiv", "moscow");
        let before = Snapshot::of(&mut scene.kyiv);
        scene.one = new_case(&mut scene.kyiv, CIRCLE, "Літній Петро").case;
        scene.carry("kyiv", "doha");
        before.put_back(&mut scene.kyiv);
        scene.other = new_case(&mut scene.kyiv, CIRCLE, "Осіння Віра").case;
        scene.carry("kyiv", "moscow");
        scene
    }

    /// The same, and Doha and Moscow have compared what they hold: all three know of the fork.
    pub fn found_out(root: &Path) -> Self {
        let mut scene = Self::new(root);
        for (from, to) in [("doha", "moscow"), ("moscow", "doha"), ("doha", "kyiv")] {
            scene.carry(from, to);
        }
        scene
    }

    pub fn office(&mut self, name: &str) -> &mut Office {
        match name {
            "kyiv" => &mut self.kyiv,
            "doha" => &mut self.doha,
            "moscow" => &mut self.moscow,
            _ => panic!("no office {name}"),
        }
    }

    /// All that one office may give another, by hand.
    pub fn carry(&mut self, from: &str, to: &str) {
        self.bundles += 1;
        let file = self.root.join(format!("{}-{from}-{to}.bundle", self.bundles)).display().to_string();
        let out = Request::BundleOut { partner: to.to_owned(), file: file.clone(), all: true };
        self.office(from).ask(out);
        let answer = self.office(to).ask(Request::BundleIn { file });
        assert!(matches!(answer, Answer::BundleRead { .. }), "{answer:?}");
    }
}
