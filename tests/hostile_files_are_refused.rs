//! Files that make Automerge's own decoder panic, spin or take all memory are refused at every door of a node, though a
//! member sealed and signed them rightly: as frames, segments, records, cards, bundles, backups, lists, keys, config and
//! bytes on the control socket. Nothing that was there before is lost, and time and memory stay bounded.
//!
//! The files are in `$HOMEWARD_DATA`, else `../shared/data`: 26 made against automerge 0.12 and 8 published with it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "a test that stumbles should say where"
)]

#[path = "fuzz/src/lib.rs"]
mod doors;
mod figures;
mod offices;

use homeward::carry::{BundleReader, BundleWriter, CarriedKind, Item, Statement};
use homeward::codec;
use homeward::id::{CaseId, EpochId, Hash, InstanceId};
use homeward::log::{Charter, Header, Kind, body_hash};
use homeward::node::{Answer, FailureKind, Request};
use homeward::private::Private;
use homeward::register::{Place, Stamped, Work};
use homeward::seal::{
    AgeEnvelope, Certificate, Envelope, EpochSecret, NodeSecret, PartnerSecret, SafetyPhrase, card,
    card_to_text, certificate, new_epoch, padme,
};
use homeward::sign::Signed;
use homeward::time::Millis;
use offices::{Office, found, new_case, wait_for};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What one file may take at one door, in a build that is not optimised and beside other tests.
const PATIENCE: Duration = Duration::from_secs(15);
/// What a node, or this test, may take in all, in MiB. One of the files alone would take 3 GiB.
const MEMORY_MIB: u64 = 700;

/// The files, by name.
fn hostile() -> Option<Vec<(String, Vec<u8>)>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let root = std::env::var_os("HOMEWARD_DATA").map_or(here, PathBuf::from);
    let mut files = Vec::new();
    for (folder, count) in [("automerge-hostile", 26), ("automerge-crashers", 8)] {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else {
            figures::skipped("hostile files: they are not in $HOMEWARD_DATA or ../shared/data");
            return None;
        };
        let before = files.len();
        for path in entries.map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if !name.ends_with(".md") && !name.ends_with(".tsv") {
                files.push((name, std::fs::read(&path).unwrap()));
            }
        }
        assert_eq!(files.len() - before, count, "{folder}");
    }
    files.sort();
    Some(files)
}

/// Memory of a process at its most, in MiB.
fn peak_mib(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() / 1024
}

#[test]
fn every_decoder_refuses_them() {
    let Some(files) = hostile() else { return };
    let mut tried = 0;
    for (name, bytes) in &files {
        let clock = Instant::now();
        doors::hub::on_a_link(bytes);
        for (door, _) in doors::DOORS {
            // These read any bytes as a script of their own: see below for the bytes themselves.
            let scripts: &[u8] = match door {
                "hub" => continue,
                "segment" => &[1, 3],
                "sealed" => &[3],
                _ => &[],
            };
            let is_script = |first: u8| scripts.contains(&(first % 4));
            for first in (0..=8).chain([255]).filter(|first| !is_script(*first)) {
                let input = [&[first], bytes.as_slice()].concat();
                assert!(!doors::enter(door, &input), "{name} was taken at {door} ({first})");
                tried += 1;
            }
            let script = bytes.first().is_some_and(|first| is_script(*first));
            assert!(!doors::enter(door, bytes) || script, "{name} was taken at {door}");
        }
        assert!(clock.elapsed() < PATIENCE * 2, "{name} took {:?}", clock.elapsed());
    }
    let memory = peak_mib("self");
    assert!(memory < MEMORY_MIB, "{memory} MiB");
    figures::note(&format!("hostile automerge files: {} at all decoders, {tried} refusals", files.len()));
}

/// A member of the circle who writes by hand: its keys are a partner's like any other.
struct Insider {
    partner: PartnerSecret,
    node: NodeSecret,
    word: Signed<Certificate>,
}

/// One log of the insider's, as far as it was written.
struct Log {
    instance: InstanceId,
    number: u64,
    last: Hash,
    plain: Hash,
    epoch: Option<EpochSecret>,
    chain: Private<[u8; 32]>,
}

impl Insider {
    fn new() -> Self {
        let partner = PartnerSecret::from_chance(&[0x31; 32]);
        let mut chance = [0x32; 96];
        chance[40] = 1;
        chance[70] = 2;
        let node = NodeSecret::from_chance(&chance);
        let word = certificate(&partner, &node.public(), 1, Millis(1)).unwrap();
        Self { partner, node, word }
    }

    /// Its card, and the words that stand for it.
    fn card(&self) -> (String, String) {
        let words = std::slice::from_ref(&self.word);
        let card = card(&self.partner, "insider", words, Vec::new(), 1, Millis(1)).unwrap();
        (card_to_text(&card), SafetyPhrase::of(&self.partner.partner_id()).words())
    }

    /// Opens a bundle that was made for it.
    fn read(&self, file: &Path) -> Vec<Item> {
        let input = std::fs::File::open(file).unwrap();
        let mut reader = BundleReader::open(input, &AgeEnvelope, self.node.age_seed()).unwrap();
        std::iter::from_fn(|| reader.next_item().unwrap()).collect()
    }

    /// A bundle of these items for another partner's node.
    fn bundle(&self, file: &Path, circle: &Signed<Charter>, to: &Signed<Certificate>, items: &[Item]) {
        let count = |is: fn(&Item) -> bool| items.iter().filter(|item| is(item)).count() as u64;
        let statement = Statement {
            version: 1,
            bundle: [7; 16],
            partner: self.partner.partner_id(),
            node: self.node.node_id(),
            certificate: self.word.bytes().to_vec(),
            target: to.partner,
            circles: vec![circle.circle()],
            time: Millis(5),
            heads: count(|item| matches!(item, Item::Heads { .. })),
            records: count(|item| matches!(item, Item::Record { .. })),
            segments: count(|item| matches!(item, Item::Segment { .. })),
        };
        let statement = Signed::sign(statement, &self.node).unwrap();
        let recipient = homeward::seal::Recipient(to.recipient.clone());
        let mut writer = BundleWriter::new(Vec::new(), &AgeEnvelope, vec![recipient], statement).unwrap();
        items.iter().for_each(|item| writer.put(item).unwrap());
        std::fs::write(file, writer.finish().unwrap().0).unwrap();
    }

    /// A new log, with its first epoch sealed to itself and to another.
    fn log(&self, instance: u8, charter: &Signed<Charter>, to: &Signed<Certificate>) -> (Log, Item) {
        let mut log = Log {
            instance: InstanceId([instance; 16]),
            number: 0,
            last: Hash::ZERO,
            plain: Hash::ZERO,
            epoch: None,
            chain: Private::new([instance; 32]),
        };
        let members =
            BTreeMap::from([(self.word.partner, vec![self.word.clone()]), (to.partner, vec![to.clone()])]);
        let (secret, body) =
            new_epoch(&AgeEnvelope, Private::new([instance ^ 0x55; 32]), &log.chain, &members).unwrap();
        let body = body.encode();
        let plain = secret.plain_next(&log.plain, &body);
        log.epoch = Some(secret);
        let item = self.next(&mut log, charter, Kind::Epoch, body, plain);
        (log, item)
    }

    /// The next segment of a log, whatever its body holds.
    fn next(&self, log: &mut Log, charter: &Signed<Charter>, kind: Kind, body: Vec<u8>, plain: Hash) -> Item {
        log.number += 1;
        let epoch = log.epoch.as_ref().map_or(EpochId([9; 32]), |secret| secret.key.id());
        let header = Header {
            version: 1,
            kind,
            circle: charter.circle(),
            partner: self.partner.partner_id(),
            node: self.node.node_id(),
            instance: log.instance,
            number: log.number,
            previous: log.last,
            epoch,
            cut: Millis(5),
            length: body.len() as u32,
            body: body_hash(&body),
            plain,
            certificate: if log.number == 1 { self.word.bytes().to_vec() } else { Vec::new() },
        };
        let header = Signed::sign(header, &self.node).unwrap();
        (log.last, log.plain) = (header.hash(), plain);
        Item::Segment { header: header.bytes().to_vec(), body }
    }

    /// A plaintext, sealed as a member seals.
    fn say(&self, log: &mut Log, charter: &Signed<Charter>, plaintext: &[u8]) -> Item {
        let secret = log.epoch.clone().unwrap();
        let sealed = AgeEnvelope.seal_work(&secret.key, plaintext).unwrap();
        let plain = secret.plain_next(&log.plain, plaintext);
        self.next(log, charter, Kind::Work, sealed, plain)
    }
}

/// One honest edit: the log of a liar's other life still counts.
fn honest(insider: &Insider, log: &Log, charter: &Signed<Charter>, case: CaseId) -> Vec<u8> {
    use homeward::case::{Change, Edit, Splice};
    let life = homeward::id::Life { node: insider.node.node_id(), instance: log.instance };
    let place = Place { circle: charter.circle(), life, number: log.number + 1 };
    let change = Change::Note(Splice { at: 0, remove: "".into(), insert: "an honest line".into() });
    let edit = Edit { case, time: Millis(6), operator: "Desk 2".into(), change };
    let edits = vec![Stamped { edit, context: std::sync::Arc::default() }];
    let work = Work { place, first: 1, circle_name: None, pins: Vec::new(), edits };
    work.encode().unwrap().reveal().clone()
}

/// A running office in a circle with the insider, and what that one has learned of both.
struct Scene {
    kyiv: Office,
    process: String,
    insider: Insider,
    charter: Signed<Charter>,
    to: Signed<Certificate>,
    case: CaseId,
    root: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let mut kyiv = Office::new(root.path(), "kyiv");
        let insider = Insider::new();
        let (card, phrase) = insider.card();
        kyiv.ask(Request::CardImport { text: card });
        let trust =
            Request::CardTrust { partner: "insider".into(), phrase: Some(phrase), introduced_by: None };
        kyiv.ask(trust);
        found(&mut kyiv, "families", &["insider"], &[]);
        let case = new_case(&mut kyiv, "families", "Marusia Vesnova").case;
        kyiv.close();
        kyiv.start();
        let process = kyiv.process().to_string();
        let file = root.path().join("for-insider");
        let partner = "insider".to_owned();
        kyiv.ask(Request::BundleOut { partner, file: file.to_str().unwrap().into(), all: true });
        let items = insider.read(&file);
        let charter = items.iter().find_map(|item| match item {
            Item::Record { kind: CarriedKind::Charter, bytes, .. } => {
                Some(Signed::<Charter>::decode(bytes).unwrap())
            }
            _ => None,
        });
        let charter = charter.unwrap();
        let to = Signed::<Certificate>::decode(&charter.certificate).unwrap();
        Self { kyiv, process, insider, charter, to, case, root }
    }

    /// Takes a bundle of these items in; what it said.
    fn take_in(&mut self, items: &[Item]) -> (usize, usize, Vec<String>) {
        let file = self.root.path().join("bundle");
        self.insider.bundle(&file, &self.charter, &self.to, items);
        let answer = self.kyiv.ask(Request::BundleIn { file: file.to_str().unwrap().into() });
        let Answer::BundleRead { new_segments, new_records, missing, .. } = answer else {
            panic!("a bundle that was read expected, not {answer:?}")
        };
        (new_segments, new_records, missing)
    }

    fn sheets(&mut self) -> BTreeMap<CaseId, serde_json::Value> {
        self.kyiv.all_sheets("families")
    }

    /// The process that ran before still runs, within its memory, and holds what it held.
    fn stands(&mut self, sheets: &BTreeMap<CaseId, serde_json::Value>, what: &str) {
        assert_eq!(self.kyiv.process().to_string(), self.process);
        assert_eq!(&self.sheets(), sheets, "after {what}");
        let memory = peak_mib(&self.process);
        assert!(memory < MEMORY_MIB, "{memory} MiB after {what}");
    }
}

#[test]
fn what_a_member_seals_and_signs_is_refused_inside() {
    let Some(files) = hostile() else { return };
    let mut scene = Scene::new();
    let sheets = scene.sheets();
    let clock = Instant::now();
    let (insider, charter) = (Insider::new(), scene.charter.clone());

    // As the plaintext of a segment; as what age sealed, neither compressed nor padded; padded, as a zstd frame.
    let (mut log, first) = insider.log(1, &charter, &scene.to);
    let mut items = vec![first];
    for (_, bytes) in &files {
        items.push(insider.say(&mut log, &charter, bytes));
        for padded in [bytes.clone(), framed(bytes)] {
            let secret = log.epoch.clone().unwrap();
            let sealed = seal_raw(&secret, &padded);
            let plain = secret.plain_next(&log.plain, &padded);
            items.push(insider.next(&mut log, &charter, Kind::Work, sealed, plain));
        }
    }
    // As the body of a work segment and of an epoch.
    for (instance, kind) in [(2, Kind::Work), (3, Kind::Epoch)] {
        let (mut log, first) = insider.log(instance, &charter, &scene.to);
        items.push(first);
        for (_, bytes) in files.iter().filter(|(_, bytes)| !bytes.is_empty()) {
            items.push(insider.next(&mut log, &charter, kind, bytes.clone(), Hash([8; 32])));
        }
    }
    let (new, _, missing) = scene.take_in(&items);
    assert_eq!(
        (new, missing.as_slice()),
        (items.len(), &[][..]),
        "a carrier could not tell them from others"
    );
    scene.stands(&sheets, "hostile segments");
    let status = scene.kyiv.circle("families").unwrap();
    assert!(status.refused > 0, "{status:?}");
    assert_eq!((status.forked, status.cases), (0, 1));

    // What the same member says rightly, in another life of its node, is taken.
    let (mut log, first) = insider.log(4, &charter, &scene.to);
    let said = honest(&insider, &log, &charter, scene.case);
    let items = vec![first, insider.say(&mut log, &charter, &said)];
    scene.take_in(&items);
    let after = wait_for("the honest line is replayed", || {
        let after = scene.sheets();
        serde_json::to_string(&after).unwrap().contains("an honest line").then_some(after)
    });

    // And after a restart it is all the same.
    scene.kyiv.stop();
    scene.kyiv.start();
    assert_eq!(scene.sheets(), after);
    assert!(clock.elapsed() < PATIENCE * 4, "{:?}", clock.elapsed());
    scene.kyiv.stop();
}

/// Padded and with a length, as a plaintext is before age seals it.
fn framed(bytes: &[u8]) -> Vec<u8> {
    let mut padded = (bytes.len() as u32).to_be_bytes().to_vec();
    padded.extend_from_slice(bytes);
    padded.resize(padme(padded.len()), 0);
    padded
}

/// Any bytes, sealed to an epoch by age alone.
fn seal_raw(secret: &EpochSecret, bytes: &[u8]) -> Vec<u8> {
    let text = homeward::seal::epoch_identity_text(&secret.key);
    let identity: age::x25519::Identity = text.reveal().parse().unwrap();
    age::encrypt(&identity.to_public(), bytes).unwrap()
}

#[test]
fn what_comes_as_record_bundle_card_list_or_request_is_refused() {
    let Some(files) = hostile() else { return };
    let mut scene = Scene::new();
    let sheets = scene.sheets();
    let mut refusals = 0;
    for (name, bytes) in &files {
        let clock = Instant::now();
        // Items of every kind, and the whole file of a bundle.
        let items: Vec<Item> = doors::bundle::items_with(bytes)
            .iter()
            .map(|item| codec::decode("item", item, usize::MAX).unwrap())
            .collect();
        let (segments, records, missing) = scene.take_in(&items);
        assert_eq!((segments, records), (0, 0), "{name}");
        assert!(missing.iter().any(|line| line.contains("refused")), "{name}: {missing:?}");
        let file = scene.root.path().join("whole");
        std::fs::write(&file, bytes).unwrap();
        let lossy = String::from_utf8_lossy(bytes).into_owned();
        let import = |csv: &[u8], map: &str| Request::Import {
            circle: "families".into(),
            csv: csv.to_vec(),
            map: map.into(),
            dry_run: false,
        };
        for request in [
            Request::BundleIn { file: file.to_str().unwrap().into() },
            Request::CardImport { text: lossy.clone() },
            import(bytes, doors::files::MAP),
            import(b"No;Surname\n1;Vesnova\n", &lossy),
        ] {
            let kind = format!("{request:?}");
            let failure = scene.kyiv.try_ask(request, &mut |_| ()).expect_err("it is refused");
            assert_ne!(failure.kind, FailureKind::Internal, "{name}: {failure:?} at {kind}");
            assert!(!failure.what.is_empty() && !failure.then.is_empty(), "{name}: {failure:?}");
            refusals += 1;
        }
        // The control socket: the bytes as they are, and the bytes as a line.
        for end in [&b""[..], b"\n"] {
            let mut stream = UnixStream::connect(scene.kyiv.home.join("node.sock")).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            // The node may close its end before all was written.
            let _ = stream.write_all(bytes).and_then(|()| stream.write_all(end));
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let mut answer = String::new();
            let _ = stream.read_to_string(&mut answer);
            assert!(answer.is_empty() || answer.contains("failed"), "{name}: {answer}");
            refusals += 1;
        }
        assert!(clock.elapsed() < PATIENCE, "{name} took {:?}", clock.elapsed());
    }
    scene.stands(&sheets, "hostile records, lists and requests");
    figures::note(&format!(
        "hostile automerge files at a running node's doors: {refusals} refusals, none taken"
    ));
    scene.kyiv.stop();
}

#[test]
fn a_home_whose_files_were_exchanged_says_so_and_loses_nothing() {
    let Some(files) = hostile() else { return };
    let root = tempfile::tempdir().unwrap();
    let mut kyiv = Office::new(root.path(), "kyiv");
    let id = kyiv.info().partner;
    kyiv.close();
    for name in ["config.toml", "keys/node.age"] {
        let path = kyiv.home.join(name);
        let right = std::fs::read(&path).unwrap();
        for (hostile, bytes) in files.iter().filter(|(_, bytes)| !bytes.is_empty()) {
            let clock = Instant::now();
            std::fs::write(&path, bytes).unwrap();
            let opened = offices::open(&kyiv.home).map(drop);
            let failure = opened.expect_err("a home with such a file does not open");
            assert_ne!(failure.kind, FailureKind::Internal, "{hostile} as {name}: {failure:?}");
            assert!(!failure.then.is_empty(), "{hostile} as {name}: {failure:?}");
            assert!(clock.elapsed() < PATIENCE, "{hostile} as {name} took {:?}", clock.elapsed());
        }
        std::fs::write(&path, right).unwrap();
    }
    assert_eq!(kyiv.info().partner, id, "with its own files back it is the same home");
    let memory = peak_mib("self");
    assert!(memory < MEMORY_MIB, "{memory} MiB");
}
