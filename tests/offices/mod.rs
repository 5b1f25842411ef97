//! Offices for tests: homes in a temporary folder, a real process each, asked as the doors ask.
//!
//! Processes are ended by their own id, however a test ends. Deadlines only decide when a test has failed.

#![allow(dead_code, unreachable_pub, reason = "each test that includes this uses a part of it")]

use homeward::case::SheetView;
use homeward::id::{CaseId, EditRef};
use homeward::node::{
    Answer, Asked, CircleStatus, ClaimIn, Door, Failure, ImportRow, InitOptions, NodeInfo, Request,
    StatusView, Written,
};
use std::collections::BTreeMap;
use std::fs;
use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub const PASSPHRASE: &str = "seven quiet lanterns";
/// After so long a wait has failed: it guards, nothing is measured by it.
const DEADLINE: Duration = Duration::from_secs(40);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(10);

/// Looks until the answer is there.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < DEADLINE, "waited in vain: {what}");
        std::thread::sleep(PAUSE);
    }
}

/// Numbers that follow from a seed.
pub struct Seeded(u64);

impl Seeded {
    /// The seed is `HOMEWARD_SEED`, else the one given. Printed, so that a failure tells it.
    pub fn new(usual: u64) -> Self {
        let seed = std::env::var("HOMEWARD_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
        println!("seed {seed}");
        Self(seed)
    }

    /// splitmix64.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below a number.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Text that does not shrink when it is compressed.
    pub fn text(&mut self, bytes: usize) -> String {
        (0..bytes).map(|_| char::from(b'a' + u8::try_from(self.below(26)).unwrap())).collect()
    }
}

/// One office: a home, maybe a process, maybe an open door.
pub struct Office {
    pub name: String,
    pub home: PathBuf,
    pub port: u16,
    /// How its processes tell what they do, if they shall.
    pub log_level: Option<&'static str>,
    /// The words that open it if the passphrase is lost; empty for a copy.
    pub recovery: String,
    pub out: PathBuf,
    pub err: PathBuf,
    child: Option<Child>,
    door: Option<Door>,
}

impl Drop for Office {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Office {
    /// Makes a home with fresh keys below a folder.
    pub fn new(root: &Path, name: &str) -> Self {
        let home = root.join(name);
        let port = free_port();
        let made = homeward::node::init(InitOptions {
            home: home.clone(),
            name: name.to_owned(),
            passphrase: PASSPHRASE.into(),
            scrypt_log_n: 15,
            listen: Some(format!("127.0.0.1:{port}")),
            address: None,
            demo: None,
        })
        .unwrap();
        let mut office = Self::at(root, name, home, port);
        office.recovery = made.recovery.reveal().clone();
        office
    }

    /// A home that stands already.
    pub fn at(root: &Path, name: &str, home: PathBuf, port: u16) -> Self {
        fs::write(passphrase_file(root), PASSPHRASE).unwrap();
        fs::set_permissions(passphrase_file(root), fs::Permissions::from_mode(0o600)).unwrap();
        let file = home.file_name().unwrap().to_str().unwrap().to_owned();
        Self {
            name: name.to_owned(),
            port,
            log_level: None,
            recovery: String::new(),
            out: root.join(format!("{file}.out")),
            err: root.join(format!("{file}.err")),
            home,
            child: None,
            door: None,
        }
    }

    /// A home that stands already, in a folder below `root`, without an address.
    pub fn standing(root: &Path, name: &str, folder: &str) -> Self {
        Self::at(root, name, root.join(folder), free_port())
    }

    /// A copy of the home as it lies on the disk, under another name and at a port of its own.
    pub fn copy_as(&mut self, folder: &str) -> Self {
        self.close();
        assert!(self.child.is_none(), "a home is copied at rest");
        let root = self.home.parent().unwrap().to_owned();
        let to = root.join(folder);
        copy_folder(&self.home, &to);
        let port = free_port();
        let config = to.join("config.toml");
        let text = fs::read_to_string(&config).unwrap();
        let (old, new) = (format!("\"127.0.0.1:{}\"", self.port), format!("\"127.0.0.1:{port}\""));
        assert!(text.contains(&old));
        fs::write(config, text.replacen(&old, &new, 1)).unwrap();
        Self::at(&root, &self.name, to, port)
    }

    fn root(&self) -> &Path {
        self.home.parent().unwrap()
    }

    /// Asks; what came on the way is handed to `on`.
    pub fn try_ask(&mut self, request: Request, on: &mut dyn FnMut(Answer)) -> Result<Answer, Failure> {
        let asked = Asked { operator: "Desk 1".into(), request };
        if self.door.is_none() {
            self.door = Some(open(&self.home)?);
        }
        self.door.as_mut().unwrap().ask(asked, on)
    }

    pub fn ask(&mut self, request: Request) -> Answer {
        let name = self.name.clone();
        self.try_ask(request, &mut |_| ()).unwrap_or_else(|failure| panic!("{name}: {failure:?}"))
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

    /// How a circle stands here, if it is known: by name for a member, by the only one there is for a carrier.
    pub fn circle(&mut self, circle: &str) -> Option<CircleStatus> {
        let mut circles = self.status().circles;
        let at = circles.iter().position(|one| one.circle == circle || one.circle_name.reveal() == circle)?;
        Some(circles.swap_remove(at))
    }

    /// The sheet of a case, if there is one.
    pub fn sheet(&mut self, circle: &str, case: CaseId) -> Option<SheetView> {
        match self
            .try_ask(Request::CaseShow { case: case.hex(), circle: Some(circle.to_owned()) }, &mut |_| ())
            .ok()?
        {
            Answer::Case(view) => view.sheets.into_iter().next().and_then(|named| named.sheet),
            other => panic!("case expected, not {other:?}"),
        }
    }

    /// Every edit of a case, as often as its history names it.
    pub fn history(&mut self, circle: &str, case: CaseId) -> Vec<EditRef> {
        match self
            .try_ask(Request::CaseHistory { case: case.hex(), circle: Some(circle.to_owned()) }, &mut |_| ())
        {
            Ok(Answer::History { sheets, .. }) => {
                sheets.into_iter().flat_map(|sheet| sheet.entries).map(|entry| entry.edit).collect()
            }
            Ok(other) => panic!("history expected, not {other:?}"),
            Err(_) => Vec::new(),
        }
    }

    pub fn cases(&mut self, circle: &str) -> Vec<CaseId> {
        let request =
            Request::CaseList { circle: Some(circle.to_owned()), open_only: false, skip: 0, limit: 0 };
        match self.ask(request) {
            Answer::CaseList { cases, .. } => cases.into_iter().map(|row| row.case).collect(),
            other => panic!("cases expected, not {other:?}"),
        }
    }

    /// All sheets of a circle without the one thing that each office knows for itself: when it first saw an edit.
    pub fn all_sheets(&mut self, circle: &str) -> BTreeMap<CaseId, serde_json::Value> {
        let cases = self.cases(circle);
        cases
            .into_iter()
            .map(|case| {
                let mut sheet = serde_json::to_value(self.sheet(circle, case).unwrap()).unwrap();
                forget(&mut sheet, "first_seen");
                (case, sheet)
            })
            .collect()
    }

    /// Takes a list in: its rows, and `(new, changed, unchanged, refused)`.
    pub fn import(&mut self, circle: &str, csv: &[u8], map: &str) -> (Vec<ImportRow>, [usize; 4]) {
        let mut rows = Vec::new();
        let request =
            Request::Import { circle: circle.into(), csv: csv.to_vec(), map: map.into(), dry_run: false };
        let answer = self.try_ask(request, &mut |answer| {
            if let Answer::Row(row) = answer {
                rows.push(row);
            }
        });
        match answer.unwrap() {
            Answer::Imported { new, changed, unchanged, refused, .. } => {
                (rows, [new, changed, unchanged, refused])
            }
            other => panic!("import expected, not {other:?}"),
        }
    }

    /// Takes another's card in and trusts it by its phrase.
    pub fn trust(&mut self, other: &mut Office) {
        let Answer::CardFile { text, .. } = other.ask(Request::CardExport { partner: None }) else {
            panic!("card file expected")
        };
        let Answer::Cards { cards } = self.ask(Request::CardImport { text }) else { panic!("card expected") };
        let phrase = Some(cards[0].words.join(" "));
        let partner = other.name.clone();
        self.ask(Request::CardTrust { partner, phrase, introduced_by: None });
    }

    /// Where this office dials another. Read when its process starts.
    pub fn dials(&self, other: &Office) {
        let config = self.home.join("config.toml");
        let mut text = fs::read_to_string(&config).unwrap();
        text.push_str(&format!("\n[partner.{}]\naddress = \"127.0.0.1:{}\"\n", other.name, other.port));
        fs::write(config, text).unwrap();
    }

    /// Lets go of the vault, or of the way to the process.
    pub fn close(&mut self) {
        self.door = None;
    }

    /// Starts the process and waits until it says that it listens.
    pub fn start(&mut self) {
        self.close();
        assert!(self.child.is_none(), "{} runs already", self.name);
        let append = |path: &Path| fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        let before = said(&self.out);
        let mut command = Command::new(env!("CARGO_BIN_EXE_homeward"));
        command.arg("--home").arg(&self.home).arg("--passphrase-file").arg(passphrase_file(self.root()));
        if let Some(level) = self.log_level {
            command.args(["--log-level", level]);
        }
        let temporary = self.root().join("tmp");
        fs::create_dir_all(&temporary).unwrap();
        let child = command
            .arg("run")
            .env("TMPDIR", temporary)
            .stdin(Stdio::null())
            .stdout(append(&self.out))
            .stderr(append(&self.err))
            .spawn()
            .unwrap();
        self.child = Some(child);
        wait_for("a node says that it listens", || {
            if let Some(status) = self.child.as_mut().unwrap().try_wait().unwrap() {
                panic!("{} ended: {status}: {}", self.name, fs::read_to_string(&self.err).unwrap());
            }
            (said(&self.out) > before).then_some(())
        });
        // The line comes before the socket is served, and the socket is there by then.
        self.door = Some(open(&self.home).unwrap());
        assert!(self.door.as_ref().unwrap().is_running());
    }

    /// The id of its process.
    pub fn process(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    pub fn is_running(&self) -> bool {
        self.child.is_some()
    }

    /// SIGKILL, and waits for its end.
    pub fn kill(&mut self) {
        self.close();
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Asks the process to end in good order.
    pub fn stop(&mut self) {
        self.ask(Request::Stop);
        self.close();
        let mut child = self.child.take().unwrap();
        let status = wait_for("a node stops", || child.try_wait().unwrap());
        assert!(status.success(), "{status}");
    }
}

/// Opens a way to a home: its process, or its vault.
pub fn open(home: &Path) -> Result<Door, Failure> {
    Door::open(home, &mut || Ok(PASSPHRASE.into()))
}

/// A request of whoever sits there.
pub fn asked(request: Request) -> Asked {
    Asked { operator: "Desk 1".into(), request }
}

/// All trust each other.
pub fn introduce(offices: &mut [&mut Office]) {
    for at in 0..offices.len() {
        for other in at + 1..offices.len() {
            let (left, right) = offices.split_at_mut(other);
            left[at].trust(right[0]);
            right[0].trust(left[at]);
        }
    }
    for office in offices {
        office.close();
    }
}

/// Founds a circle; returns its id in hex.
pub fn found(founder: &mut Office, name: &str, members: &[&str], carriers: &[&str]) -> String {
    let names = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect();
    let request =
        Request::CircleNew { name: name.into(), members: names(members), carriers: names(carriers) };
    match founder.ask(request) {
        Answer::Circles { circles } => circles[0].circle.hex(),
        other => panic!("circle expected, not {other:?}"),
    }
}

/// Waits until all hold the same of a circle (by its id) and its members have applied all of it. Never may a log
/// be forked or a segment refused on the way.
pub fn level(offices: &mut [&mut Office], circle: &str) {
    let start = Instant::now();
    while !are_level(offices, circle) {
        if start.elapsed() > DEADLINE {
            for office in offices.iter_mut() {
                eprintln!("{:#?}", office.status());
            }
            panic!("offices do not come to agree");
        }
        std::thread::sleep(PAUSE);
    }
}

fn are_level(offices: &mut [&mut Office], circle: &str) -> bool {
    let mut seen = Vec::new();
    for office in offices.iter_mut() {
        let Some(one) = office.circle(circle) else { return false };
        assert_eq!((one.forked, one.refused), (0, 0), "{}", office.name);
        seen.push(one);
    }
    let Some(member) = seen.iter().find(|one| one.role == "member") else { return false };
    member.segments > 0
        && seen.iter().all(|one| one.segments == member.segments && one.waiting_edits == 0)
        && seen.iter().filter(|one| one.role == "member").all(|one| {
            one.to_replay == 0 && one.held == 0 && (one.edits, one.cases) == (member.edits, member.cases)
        })
}

/// One claim.
pub fn claim(field: &str, value: &str) -> ClaimIn {
    ClaimIn { field: field.into(), value: value.into(), ..ClaimIn::default() }
}

/// A new case with a name.
pub fn new_case(office: &mut Office, circle: &str, name: &str) -> Written {
    let claims = vec![claim("name", name)];
    office.written(Request::CaseNew { circle: circle.into(), case: None, claims })
}

/// A line at the end of the note.
pub fn note(circle: &str, case: CaseId, line: &str) -> Request {
    Request::CaseNote {
        circle: circle.into(),
        case: case.hex(),
        at: None,
        remove: String::new().into(),
        insert: line.to_owned().into(),
    }
}

/// The passphrase's file of all homes below a folder.
pub fn passphrase_file(root: &Path) -> PathBuf {
    root.join("passphrase")
}

fn said(path: &Path) -> usize {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().filter(|line| line.starts_with("Stop it with")).count()
}

pub fn free_port() -> u16 {
    // The number is given to nobody else for a while after it was let go.
    UdpSocket::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        let to = to.join(entry.file_name());
        if kind.is_dir() {
            copy_folder(&path, &to);
        } else if kind.is_file() {
            fs::copy(&path, &to).unwrap();
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
