//! The program keeps to itself: no core file, no look into its memory for other processes of the same user, no file
//! that others can read, whatever it was started with; and a crash tells nothing of what it held.
//!
//! Shown on the real program. Whoever may trace every process (root) is not kept out by anything, so as root the
//! program and those who look at it run as a user who is nobody.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

mod figures;

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

const NOBODY: u32 = 65_534;
/// As careless as a system can be: every file for everyone, cores as large as they get.
const CARELESS: &str = "umask 000; ulimit -c $(ulimit -H -c); exec \"$0\" \"$@\"";
const WORDS: [&str; 4] = ["Zhuravelnyk", "Sonnenblumenkreis", "Dzvenyslava", "seven quiet lanterns"];

/// A folder in which somebody works with the program.
struct Place {
    folder: tempfile::TempDir,
    user: Option<u32>,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let user = rustix::process::getuid().is_root().then_some(NOBODY);
        let place = Self { folder, user };
        chown(place.path(), place.user, place.user).unwrap();
        place.write("pw", WORDS[3]);
        place
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, text: &str) {
        let file = self.path().join(name);
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        chown(file, self.user, self.user).unwrap();
    }

    /// Runs in the folder, as its user, careless of all.
    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", CARELESS, program]).args(arguments).current_dir(self.path());
        command.stdin(Stdio::null()).env_clear().env("RUST_BACKTRACE", "full").env("PATH", "/usr/bin:/bin");
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        command
    }

    fn homeward(&self, home: &str, arguments: &[&str]) -> Command {
        let mut all =
            vec!["--home", home, "--passphrase-file", "pw", "--as", WORDS[2], "--log-level", "trace"];
        all.extend(arguments);
        self.command(env!("CARGO_BIN_EXE_homeward"), &all)
    }

    fn does(&self, home: &str, arguments: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.homeward(home, arguments).output().unwrap();
        assert!(status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap()
    }

    /// Whether somebody of the same user may do this.
    fn may(&self, program: &str, arguments: &[&str]) -> bool {
        self.command(program, arguments).output().unwrap().status.success()
    }

    fn run(&self, home: &str) -> Running {
        let mut child = self
            .homeward(home, &["run"])
            .stdout(Stdio::piped())
            .stderr(fs::File::create(self.path().join("run.err")).unwrap())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let running = Running(child);
        assert!(lines.any(|line| line.unwrap().starts_with("Stop it with")), "the node runs");
        running
    }
}

/// A process that is ended however a test ends.
struct Running(Child);

impl Running {
    fn id(&self) -> u32 {
        self.0.id()
    }

    fn dies_of(&mut self, signal: rustix::process::Signal) -> ExitStatus {
        let process = rustix::process::Pid::from_child(&self.0);
        // The first SEGV that nothing caused is taken by the language's own handler, which then lets go of it.
        for _ in 0..2_000 {
            rustix::process::kill_process(process, signal).unwrap();
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("it does not die of {signal:?}")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found
}

fn line_of(process: u32, file: &str, start: &str) -> String {
    let text = fs::read_to_string(format!("/proc/{process}/{file}")).unwrap();
    text.lines().find(|line| line.starts_with(start)).unwrap_or_default().to_owned()
}

/// Two homes in a circle, with a case in it.
fn two_homes(place: &Place) {
    for home in ["kyiv", "doha"] {
        place.does(home, &["init", "--name", home, "--listen", "127.0.0.1:0", "--scrypt-log-n", "15"]);
        place.does(home, &["card", "export", "--to", &format!("{home}.card")]);
    }
    for (home, other) in [("kyiv", "doha"), ("doha", "kyiv")] {
        place.does(home, &["card", "import", &format!("{other}.card")]);
        let shown: serde_json::Value =
            serde_json::from_str(&place.does(other, &["--json", "card", "show"])).unwrap();
        let words: Vec<&str> = shown["cards"][0]["words"]
            .as_array()
            .unwrap()
            .iter()
            .map(|word| word.as_str().unwrap())
            .collect();
        place.write("phrase", &words.join(" "));
        place.does(home, &["card", "trust", other, "--phrase-file", "phrase"]);
    }
    place.does("kyiv", &["circle", "new", WORDS[1], "--members", "doha"]);
    place.does("kyiv", &["case", "new", "-c", WORDS[1], &format!("name={}", WORDS[0])]);
}

#[test]
fn no_other_process_of_the_user_looks_in() {
    let place = Place::new();
    place.does("kyiv", &["init", "--name", "kyiv", "--listen", "127.0.0.1:0", "--scrypt-log-n", "15"]);
    let node = place.run("kyiv");
    assert_eq!(line_of(node.id(), "status", "Umask:").split_whitespace().last(), Some("0077"));
    let cores = line_of(node.id(), "limits", "Max core file size");
    assert_eq!(cores.split_whitespace().nth(4), Some("0"), "{cores}");
    assert_eq!(cores.split_whitespace().nth(5), Some("0"), "{cores}");

    // A process like any other, to see that the looks below are looks.
    let other = Running(place.command("sleep", &["600"]).spawn().unwrap());
    let owner = |process: u32| fs::metadata(format!("/proc/{process}/environ")).unwrap().uid();
    let us = place.user.unwrap_or_else(|| rustix::process::getuid().as_raw());
    // What is not dumpable belongs to root in /proc, and the rights to trace it are root's alone.
    let is_sleep =
        || fs::read_to_string(format!("/proc/{}/comm", other.id())).is_ok_and(|it| it == "sleep\n");
    while !is_sleep() {
        std::thread::yield_now();
    }
    assert_eq!((owner(other.id()), owner(node.id())), (us, 0));
    for file in ["environ", "mem"] {
        let opens = |process: u32| {
            let input = format!("if=/proc/{process}/{file}");
            place.may("dd", &[&input, "of=/dev/null", "bs=1", "count=0", "status=none"])
        };
        assert!(!opens(node.id()), "another process opened {file}");
        if !opens(other.id()) {
            figures::skipped(&format!(
                "quiet: here nobody may open another's {file}, whatever it says of itself"
            ));
        }
    }
}

#[test]
fn a_crash_leaves_no_core_and_tells_nothing() {
    let place = Place::new();
    two_homes(&place);
    for signal in [rustix::process::Signal::SEGV, rustix::process::Signal::ABORT] {
        let mut control = Running(place.command("sleep", &["600"]).spawn().unwrap());
        let dumps = control.dies_of(signal).core_dumped();
        if !dumps {
            figures::skipped(
                "quiet: here no process leaves a core file, so ours shows nothing by leaving none",
            );
        }
        for core in files_below(place.path()).iter().filter(|path| is_core(path)) {
            fs::remove_file(core).unwrap();
        }
        let mut node = place.run("kyiv");
        // Something is in its memory to be told.
        assert!(place.does("kyiv", &["case", "list"]).contains(WORDS[0]));
        let status = node.dies_of(signal);
        assert_eq!((status.signal(), status.core_dumped()), (Some(signal.as_raw()), false));
        assert!(!files_below(place.path()).iter().any(|path| is_core(path)), "a core file was left");
        let told = fs::read_to_string(place.path().join("run.err")).unwrap();
        for word in WORDS {
            assert!(!told.contains(word), "a crash told {word}");
        }
        assert!(!told.contains("backtrace") && !told.contains("stack"), "{told}");
    }
    // And nothing was lost.
    assert!(place.does("kyiv", &["case", "list"]).contains(WORDS[0]));
}

fn is_core(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("core"))
}

#[test]
fn after_a_day_of_work_no_file_is_anyone_elses() {
    let place = Place::new();
    two_homes(&place);
    let circle = WORDS[1];
    place.write("list.csv", "No,Name\n1,Zhuravelnyk Marta\n2,Zhuravelnyk Petro\n");
    place.write("map.toml", "list = \"a-list\"\nnumber = \"No\"\n[columns.Name]\nfield = \"name.whole\"\n");
    place.does("kyiv", &["import", "-c", circle, "--map", "map.toml", "list.csv"]);
    place.does("kyiv", &["case", "note", "-c", circle, "a-list:1", "called at noon"]);
    place.does("kyiv", &["bundle", "out", "--for", "doha", "doha.bundle"]);
    place.does("doha", &["bundle", "in", "doha.bundle"]);
    let export = ["export", "a-list:1", "--to", "exported", "--for", "court", "--purpose", "hearing"];
    place.does("kyiv", &export);
    place.does("kyiv", &["export", "--all", "everything", "--export-passphrase-file", "pw"]);
    place.does("kyiv", &["check"]);
    let node = place.run("kyiv");
    place.does("kyiv", &["case", "claim", "-c", circle, "a-list:2", "sex=male"]);
    place.does("kyiv", &["lock"]);
    place.does("kyiv", &["unlock"]);
    place.does("kyiv", &["stop"]);
    drop(node);
    let mut seen = 0;
    for path in files_below(place.path()).into_iter().skip(1) {
        let metadata = fs::symlink_metadata(&path).unwrap();
        let mode = metadata.permissions().mode() & 0o7777;
        // Cards are public; the log was made by this test.
        if path.extension().is_some_and(|end| end == "card" || end == "err") {
            continue;
        }
        let wanted = if metadata.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode, wanted, "{} has mode {mode:o}", path.display());
        seen += 1;
    }
    assert!(seen > 20, "{seen} files were looked at");
}
