//! The log helps whoever looks after a machine and tells nothing of anyone: no word that people wrote, no name of a
//! person, partner or circle, no address, no key, at any level.
//!
//! Nodes run in this process, over real links, under a log layer that takes every event of this house as it was
//! written, before any formatting or filter. They write, sync, import, refuse strangers, export, take in what is no
//! bundle, are locked and opened with a wrong passphrase. `tests/nothing_readable_at_rest.rs` looks at the log files of
//! the real program.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

mod offices;

use homeward::node::{Asked, FailureKind, Request, RunOptions};
use homeward::private::Private;
use offices::{Office, PASSPHRASE, claim, found, introduce, level, new_case, note, wait_for};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

const NAME: &str = "Zhuravelnyk";
const NOTE: &str = "тітка Горпина";
const VALUE: &str = "Vyshneva";
const CIRCLE: &str = "Sonnenblumenkreis";
const OPERATOR: &str = "Dzvenyslava";
const LISTED: &str = "Kvasolynskyi";
const PURPOSE: &str = "hearing-in-chambers";
/// Names of partners, which `short()` never shows.
const PARTNERS: [&str; 3] = ["quillhaven", "marlbrook", "thornfield"];

/// All that was told, as it was told.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Lines>>);

#[derive(Default)]
struct Lines {
    /// How often each message came.
    messages: BTreeMap<String, usize>,
    /// Each field's value as text.
    values: BTreeSet<String>,
    spans: usize,
}

impl<S: tracing::Subscriber> Layer<S> for Told {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target().starts_with("homeward") {
            event.record(&mut Reader(&mut self.0.lock().unwrap()));
        }
    }

    fn on_new_span(&self, span: &tracing::span::Attributes<'_>, _: &tracing::Id, _: Context<'_, S>) {
        if span.metadata().target().starts_with("homeward") {
            self.0.lock().unwrap().spans += 1;
        }
    }
}

struct Reader<'a>(&'a mut Lines);

impl Visit for Reader<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        if field.name() == "message" {
            *self.0.messages.entry(text.clone()).or_default() += 1;
        }
        self.0.values.insert(text);
    }

    fn record_str(&mut self, _: &Field, value: &str) {
        self.0.values.insert(value.to_owned());
    }
}

/// Every canary that stands in a text.
fn betrays<'a>(text: &str, canaries: &'a [String]) -> Vec<&'a String> {
    let text = text.to_lowercase();
    canaries.iter().filter(|canary| text.contains(&canary.to_lowercase())).collect()
}

/// Runs a node in a thread of this process; it ends when it is told to.
fn run(office: &Office) -> std::thread::JoinHandle<()> {
    let home = office.home.clone();
    let socket = home.join("node.sock");
    let thread = std::thread::spawn(move || {
        homeward::node::run(
            &home,
            RunOptions { ask: Some(&mut || Ok(PASSPHRASE.into())), desk: None },
            &mut |_| (),
        )
        .unwrap();
    });
    wait_for("a node's socket", || UnixStream::connect(&socket).ok());
    thread
}

fn ask(office: &Office, request: Request) -> Result<(), FailureKind> {
    let asked = Asked { operator: OPERATOR.into(), request };
    let answer = offices::open(&office.home).unwrap().ask(asked, &mut |_| ());
    answer.map(drop).map_err(|failure| failure.kind)
}

#[test]
fn no_name_address_key_or_word_is_in_the_log_at_any_level() {
    let told = Told::default();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(told.clone())).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let [mut one, mut two, mut stranger] = PARTNERS.map(|name| Office::new(folder.path(), name));
    introduce(&mut [&mut one, &mut two]);
    // The stranger knows where to knock and is known to nobody.
    stranger.trust(&mut one);
    one.close();
    one.dials(&two);
    stranger.dials(&one);
    let circle = found(&mut one, CIRCLE, &[PARTNERS[1]], &[]);
    let own = found(&mut stranger, "Lonely", &[PARTNERS[0]], &[]);
    let mut canaries: Vec<String> =
        [NAME, NOTE, VALUE, CIRCLE, OPERATOR, LISTED, PURPOSE, PASSPHRASE, "Lonely", "127.0.0.1"]
            .map(str::to_owned)
            .to_vec();
    canaries.extend(PARTNERS.map(str::to_owned));
    canaries.push(folder.path().to_str().unwrap().to_owned());
    for office in [&mut one, &mut two, &mut stranger] {
        let info = office.info();
        // The short form is eight digits: enough to tell two apart.
        canaries.extend(
            [info.node.hex(), info.partner.hex(), info.instance.hex()].map(|hex| hex[..9].to_owned()),
        );
        canaries.extend([office.recovery.clone(), office.port.to_string()]);
        office.close();
    }
    canaries.extend([circle[..9].to_owned(), own[..9].to_owned()]);

    let mut nodes = vec![run(&two), run(&one), run(&stranger)];
    let case = new_case(&mut one, CIRCLE, NAME).case;
    canaries.push(case.hex()[..9].to_owned());
    ask(&one, note(CIRCLE, case, NOTE)).unwrap();
    level(&mut [&mut one, &mut two], &circle);
    let claims = vec![claim("last_residence", VALUE)];
    ask(&two, Request::CaseClaim { circle: CIRCLE.into(), case: case.hex(), claims }).unwrap();
    let mut csv = "No,Name\n".to_owned();
    (0..20).for_each(|line| csv.push_str(&format!("{line},{LISTED} {line}\n")));
    let map = "list = \"a-list\"\nnumber = \"No\"\n[columns.Name]\nfield = \"name.whole\"\n".to_owned();
    ask(&one, Request::Import { circle: CIRCLE.into(), csv: csv.into_bytes(), map, dry_run: false }).unwrap();
    level(&mut [&mut one, &mut two], &circle);
    let export = Request::ExportCase {
        case: case.hex(),
        circle: Some(CIRCLE.into()),
        recipient: PURPOSE.into(),
        purpose: PURPOSE.into(),
    };
    ask(&two, export).unwrap();
    ask(&two, Request::Check).unwrap();

    // The stranger knocks and is refused; what is asked for wrongly is refused; what is no bundle is refused.
    let knocked = ask(&stranger, Request::Sync { partner: None, patience_s: 3 });
    assert!(knocked.is_ok() || knocked == Err(FailureKind::Unreachable), "{knocked:?}");
    assert!(ask(&one, Request::CaseShow { case: NAME.into(), circle: None }).is_err());
    let file = folder.path().join(NAME);
    std::fs::write(&file, NOTE).unwrap();
    assert!(ask(&one, Request::BundleIn { file: file.to_str().unwrap().to_owned() }).is_err());

    // Locked, knocked at with a wrong word, opened, ended.
    ask(&one, Request::Lock).unwrap();
    let unlock = |word: &str| ask(&one, Request::Unlock { passphrase: word.into() });
    assert_eq!(unlock(NAME), Err(FailureKind::Locked));
    unlock(PASSPHRASE).unwrap();
    ask(&one, note(CIRCLE, case, NOTE)).unwrap();
    level(&mut [&mut one, &mut two], &circle);
    for office in [&one, &two, &stranger] {
        ask(office, Request::Stop).unwrap();
    }
    nodes.drain(..).for_each(|node| node.join().unwrap());

    let told = told.0.lock().unwrap();
    assert_eq!(told.spans, 0, "a span's fields stand in every line below it");
    // Something of each kind was told, or this would show nothing.
    for message in [
        "started",
        "stopped",
        "link up",
        "link down",
        "saved",
        "cut",
        "replayed",
        "locked",
        "unlocked",
        "failed",
    ] {
        assert!(told.messages.contains_key(message), "{message} is not among {:#?}", told.messages.keys());
    }
    for value in &told.values {
        let found = betrays(value, &canaries);
        assert!(found.is_empty(), "the log tells {found:?} in {value:?}");
        let digits = value.split(|c: char| !c.is_ascii_hexdigit()).map(str::len).max().unwrap_or(0);
        assert!(digits <= 8, "as long as a key: {value:?}");
        assert!(value.is_ascii() && value.len() <= 48, "no words of ours: {value:?}");
    }
}

#[test]
fn the_look_finds_what_is_planted() {
    let canaries = vec![NAME.to_owned(), NOTE.to_owned()];
    assert_eq!(betrays(&format!("could not open {NAME}"), &canaries), [NAME]);
    assert_eq!(betrays("ТІТКА ГОРПИНА", &canaries), [NOTE]);
    assert!(betrays("saved", &canaries).is_empty());
}

const CHILD: &str = "HOMEWARD_TEST_PANICS";

/// In the child of the test below: panics as a mistake of ours would, with words in the message.
#[test]
fn child_that_panics() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    homeward::cli::silence_panics();
    let name = Private::<String>::from(NAME);
    let _ = std::thread::spawn(move || panic!("{} {}", name.reveal(), VALUE)).join();
    panic!("{NOTE}");
}

#[test]
fn a_panic_tells_its_place_and_nothing_else() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_that_panics", "--nocapture"])
        .env(CHILD, "1")
        .env("RUST_BACKTRACE", "full")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(told.matches("homeward stopped at tests/the_log_tells_nothing.rs:").count(), 2, "{told}");
    for word in [NAME, VALUE, NOTE] {
        assert!(!told.contains(word), "{told}");
    }
    assert!(!told.contains("backtrace"), "{told}");
}
