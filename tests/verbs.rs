//! Every verb does and says what its transcript shows.
//!
//! A transcript (`tests/verbs/NAME.txt`) is what a person would see: `$ homeward ...`, then what came out, stderr
//! with `2> ` before it, and `[exit N]`. Each runs in an empty folder of its own with no environment. What changes
//! from run to run is written as TIME, ID, HEX, SIZE, WORD, NUMBER, PORT and PATH. Run with `UPDATE=1` to record
//! anew, then read the difference: a transcript is a promise only if somebody read it. Progress is left out.
//!
//! Lines that are not output:
//!
//! | line | meaning |
//! |---|---|
//! | `# text` | says why |
//! | `$ homeward ... [< FILE] [> FILE]` | runs; `'..'`, `".."` and `\u{202e}` as in a shell; `{NAME}` is a variable |
//! | `= NAME after TEXT` | keeps the word behind TEXT in what the last command printed, as `{NAME}` |
//! | `% at NAME [PASSPHRASE-FILE]` | from here on the home is NAME, its passphrase in that file |
//! | `% strangers` | homes `kyiv` and `doha`, with `kyiv.card`, `doha.card` and their phrases in `*.phrase` |
//! | `% offices` | the same, trusting each other, `Desk 1` at work in each, with the circle `families` known to both |
//! | `% start NAME` | runs that home's node until it listens, and shows what it says |
//! | `% ended NAME` | waits until it has ended and prints the rest of its output |
//! | `% hold NAME` | keeps that home's vault locked, as a process at work does, until `% release NAME` |
//! | `% chmod MODE FILE`, `% write FILE TEXT` | prepares a file |
//! | `% snapshot HOME`, `% rewind HOME` | keeps what lies on that home's disk; puts it back in its place, so that nobody notices |
//! | `% damage FILE` | turns a byte in the middle of it |
//! | `% paper FILE` | writes down the recovery words that were just shown |
//! | `% head FILE N` | shows its first lines |
//!
//! Files in `tests/verbs/files` lie in each folder; `pw` there holds the passphrase.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

const HOMEWARD: &str = env!("CARGO_BIN_EXE_homeward");

macro_rules! transcripts {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            replay(stringify!($name));
        })*

        const TRANSCRIPTS: &[&str] = &[$(stringify!($name)),*];
    };
}

transcripts! {
    help node closing evidence init card introduced circle case conflict list disclose bundle running lock trouble
    machine grant passphrase backup
}

#[test]
fn every_transcript_is_replayed() {
    let mut files: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".txt").map(str::to_owned))
        .collect();
    files.sort();
    let mut named: Vec<&str> = TRANSCRIPTS.to_vec();
    named.sort_unstable();
    assert_eq!(files, named);
}

#[test]
fn every_verb_has_a_transcript() {
    let mut told = String::new();
    for name in TRANSCRIPTS {
        told.push_str(&fs::read_to_string(folder().join(format!("{name}.txt"))).unwrap());
    }
    let told: Vec<Vec<String>> = told
        .lines()
        .filter_map(|line| line.strip_prefix("$ homeward "))
        .map(|line| words(line, &BTreeMap::new()))
        .collect();
    let place = Place::new();
    let mut missing = Vec::new();
    let mut paths = vec![Vec::new()];
    while let Some(path) = paths.pop() {
        for verb in verbs(&place, &path) {
            let verb: Vec<String> = path.iter().cloned().chain([verb]).collect();
            if verbs(&place, &verb).is_empty() {
                let shown = told.iter().any(|line| line.windows(verb.len()).any(|part| part == verb));
                if !shown {
                    missing.push(verb.join(" "));
                }
            } else {
                paths.push(verb);
            }
        }
    }
    assert!(missing.is_empty(), "no transcript shows: {missing:?}");
}

/// The verbs under a verb, as its help lists them.
fn verbs(place: &Place, path: &[String]) -> Vec<String> {
    let help = place.command().args(path).arg("--help").output().unwrap();
    let text = String::from_utf8(help.stdout).unwrap();
    let listed =
        text.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    listed
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|verb| *verb != "help")
        .map(str::to_owned)
        .collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verbs")
}

/// Runs a transcript's commands and compares what they print with what stands there.
fn replay(name: &str) {
    let path = folder().join(format!("{name}.txt"));
    let stands = fs::read_to_string(&path).unwrap();
    let mut place = Place::new();
    let mut said = String::new();
    for line in stands.lines() {
        let Some((mark, rest)) = line.split_at_checked(2).filter(|(mark, _)| is_input(mark)) else {
            continue;
        };
        said.push_str(line);
        said.push('\n');
        let printed = match mark {
            "$ " => place.run(rest),
            "% " => place.prepare(rest),
            "= " => place.keep(rest),
            _ => continue,
        };
        said.push_str(&place.redact(&printed));
        if !printed.is_empty() {
            said.push('\n');
        }
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, said).unwrap();
        return;
    }
    assert!(stands.contains("[exit "), "{name} was never recorded: run with UPDATE=1 and read the result");
    let differs = stands.lines().zip(said.lines()).position(|(was, is)| was != is);
    let differs = differs.unwrap_or_else(|| stands.lines().count().min(said.lines().count()));
    let around = |text: &str| {
        let from = differs.saturating_sub(6);
        text.lines().skip(from).take(14).map(|line| format!("    {line}\n")).collect::<String>()
    };
    assert!(
        stands == said,
        "{name}.txt, line {}: it says\n{}\nand now it is\n{}",
        differs + 1,
        around(&stands),
        around(&said)
    );
}

fn is_input(mark: &str) -> bool {
    matches!(mark, "$ " | "% " | "= " | "# ")
}

/// A folder in which a transcript runs.
struct Place {
    folder: tempfile::TempDir,
    port: u16,
    home: Option<String>,
    passphrase: Option<String>,
    kept: BTreeMap<String, String>,
    last: String,
    running: BTreeMap<String, (Child, BufReader<std::process::ChildStdout>)>,
    held: BTreeMap<String, fs::File>,
    snapshot: Vec<(PathBuf, Vec<u8>)>,
}

impl Drop for Place {
    fn drop(&mut self) {
        for (child, _) in self.running.values_mut() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Place {
    fn new() -> Self {
        let place = Self {
            folder: tempfile::Builder::new().prefix("homeward-verbs-").tempdir().unwrap(),
            // Free a moment ago, and nothing else here asks for one by number.
            port: std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port(),
            home: None,
            passphrase: None,
            kept: BTreeMap::new(),
            last: String::new(),
            running: BTreeMap::new(),
            held: BTreeMap::new(),
            snapshot: Vec::new(),
        };
        for entry in fs::read_dir(folder().join("files")).unwrap() {
            let entry = entry.unwrap();
            let copy = place.path(entry.file_name().to_str().unwrap());
            fs::copy(entry.path(), &copy).unwrap();
            fs::set_permissions(&copy, fs::Permissions::from_mode(0o600)).unwrap();
        }
        fs::create_dir(place.path("user")).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program in this folder, with nothing from the outside.
    fn command(&self) -> Command {
        let mut command = Command::new(HOMEWARD);
        command.env_clear().env("HOME", self.path("user")).current_dir(self.folder.path());
        if let Some(home) = &self.home {
            command.env("HOMEWARD_HOME", self.path(home));
        }
        if let Some(passphrase) = &self.passphrase {
            command.args(["--passphrase-file", passphrase]);
        }
        command
    }

    fn variables(&self) -> BTreeMap<String, String> {
        let mut kept = self.kept.clone();
        kept.insert("PORT".into(), self.port.to_string());
        kept
    }

    fn run(&mut self, line: &str) -> String {
        let mut words = words(line, &self.variables());
        assert_eq!(words.first().map(String::as_str), Some("homeward"), "not a command: {line}");
        words.remove(0);
        let input = cut(&mut words, "<").map(|file| fs::read(self.path(&file)).unwrap());
        let output = cut(&mut words, ">");
        let mut command = self.command();
        command.args(&words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if output.as_deref() == Some("/dev/full") {
            command.stdout(fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
        }
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // What is refused before it is read leaves a closed pipe.
        let _ = stdin.write_all(&input.unwrap_or_default());
        drop(stdin);
        let mut done = child.wait_with_output().unwrap();
        if let Some(file) = output.filter(|file| file != "/dev/full") {
            fs::write(self.path(&file), std::mem::take(&mut done.stdout)).unwrap();
        }
        self.printed(&done)
    }

    fn printed(&mut self, done: &Output) -> String {
        let stdout = String::from_utf8(done.stdout.clone()).unwrap();
        let stderr = String::from_utf8(done.stderr.clone()).unwrap();
        let mut text = stdout.clone();
        for line in stderr.lines() {
            text.push_str(&format!("2> {line}\n"));
        }
        self.last = stdout;
        let exit = done.status.code().map_or_else(|| "by a signal".to_owned(), |code| code.to_string());
        format!("{text}[exit {exit}]\n")
    }

    fn keep(&mut self, line: &str) -> String {
        let (name, after) =
            line.split_once(" after ").unwrap_or_else(|| panic!("= NAME after TEXT, not {line}"));
        let rest = self.last.split_once(after).map(|(_, rest)| rest);
        let word = rest.and_then(|rest| rest.split_whitespace().next());
        // A transcript that is being recorded for the first time shows what is missing.
        let word = word.map_or("NOT-FOUND", |word| word.trim_end_matches(['.', ',', ';', ':']));
        self.kept.insert(name.to_owned(), word.to_owned());
        String::new()
    }

    fn prepare(&mut self, line: &str) -> String {
        let words = words(line, &self.variables());
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["at", home] => (self.home, self.passphrase) = (Some((*home).to_owned()), None),
            ["at", home, file] => {
                (self.home, self.passphrase) = (Some((*home).to_owned()), Some((*file).to_owned()));
            }
            ["strangers"] => self.strangers(),
            ["offices"] => self.offices(),
            ["start", home] => return self.start(home),
            ["ended", home] => return self.ended(home),
            ["hold", home] => {
                let vault = fs::File::open(self.path(home).join("vault.count")).unwrap();
                vault.try_lock().unwrap();
                self.held.insert((*home).to_owned(), vault);
            }
            ["release", home] => drop(self.held.remove(*home).expect("held before")),
            ["snapshot", home] => {
                let files = ["vault.redb", "vault.count"].map(|name| self.path(home).join(name));
                self.snapshot = files.map(|path| (path.clone(), fs::read(path).unwrap())).into();
            }
            ["rewind", _] => {
                for (path, bytes) in &self.snapshot {
                    let file = fs::OpenOptions::new().write(true).truncate(true).open(path).unwrap();
                    (&file).write_all(bytes).unwrap();
                }
            }
            ["damage", file] => {
                let mut bytes = fs::read(self.path(file)).unwrap();
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                fs::write(self.path(file), bytes).unwrap();
            }
            ["paper", file] => {
                let shown = self.last.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
                let words: Vec<&str> = shown.filter(|line| are_words(line)).flatten().collect();
                assert_eq!(words.len(), 12);
                fs::write(self.path(file), words.join(" ")).unwrap();
                fs::set_permissions(self.path(file), fs::Permissions::from_mode(0o600)).unwrap();
            }
            ["head", file, lines] => {
                let text = fs::read_to_string(self.path(file)).unwrap();
                let first = text.lines().take(lines.parse().unwrap());
                return first.map(|line| format!("{line}\n")).collect();
            }
            ["chmod", mode, file] => {
                let mode = u32::from_str_radix(mode, 8).unwrap();
                fs::set_permissions(self.path(file), fs::Permissions::from_mode(mode)).unwrap();
            }
            ["write", file, text] => {
                fs::write(self.path(file), text).unwrap();
                fs::set_permissions(self.path(file), fs::Permissions::from_mode(0o600)).unwrap();
            }
            _ => panic!("not a preparation: {line}"),
        }
        String::new()
    }

    /// Runs what must succeed and is no part of the transcript.
    fn silently(&self, home: &str, args: &[&str]) -> String {
        let mut command = Command::new(HOMEWARD);
        command.env_clear().env("HOME", self.path("user")).current_dir(self.folder.path());
        command.args(["--home", home, "--passphrase-file", "pw"]).args(args).stdin(Stdio::null());
        let done = command.output().unwrap();
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "{home}: {args:?}\n{text}{}", String::from_utf8_lossy(&done.stderr));
        text
    }

    /// Both homes at once: most of the time goes by in waiting for the disk.
    fn strangers(&self) {
        let address = format!("127.0.0.1:{}", self.port);
        let listening = ["--listen", &address, "--address", &address];
        both([("kyiv", &listening[..]), ("doha", &[])], |(name, more)| {
            let init = [&["init", "--name", name, "--scrypt-log-n", "15"], more].concat();
            self.silently(name, &init);
            self.silently(name, &["card", "export", "--to", &format!("{name}.card")]);
            let shown = self.silently(name, &["--json", "card", "show"]);
            let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
            let words: Vec<&str> = shown["cards"][0]["words"]
                .as_array()
                .unwrap()
                .iter()
                .map(|word| word.as_str().unwrap())
                .collect();
            fs::write(self.path(&format!("{name}.phrase")), words.join(" ")).unwrap();
        });
    }

    fn offices(&self) {
        self.strangers();
        both([("kyiv", "doha"), ("doha", "kyiv")], |(home, other)| {
            let config = self.path(home).join("config.toml");
            let settings = fs::read_to_string(&config).unwrap();
            let operator = settings.replace("# operator = ", "operator = ");
            assert_ne!(operator, settings);
            fs::write(config, operator).unwrap();
            self.silently(home, &["card", "import", &format!("{other}.card")]);
            self.silently(home, &["card", "trust", other, "--phrase-file", &format!("{other}.phrase")]);
        });
        self.silently("kyiv", &["circle", "new", "families", "--members", "doha"]);
        self.silently("kyiv", &["bundle", "out", "--for", "doha", "first.bundle"]);
        self.silently("doha", &["bundle", "in", "first.bundle"]);
    }

    fn start(&mut self, home: &str) -> String {
        let mut command = Command::new(HOMEWARD);
        command.env_clear().env("HOME", self.path("user")).current_dir(self.folder.path());
        command.args(["--home", home, "--passphrase-file", "pw", "run"]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        while !said.contains("Stop it with") {
            assert_ne!(output.read_line(&mut said).unwrap(), 0, "{home} ended before it ran");
        }
        self.running.insert(home.to_owned(), (child, output));
        said
    }

    fn ended(&mut self, home: &str) -> String {
        let (mut child, mut output) = self.running.remove(home).expect("started before");
        let mut text = String::new();
        output.read_to_string(&mut text).unwrap();
        let status = child.wait().unwrap();
        self.printed(&Output { status, stdout: text.into_bytes(), stderr: Vec::new() })
    }

    /// What changes from run to run, by its kind.
    fn redact(&self, text: &str) -> String {
        let folder = self.folder.path().to_str().unwrap();
        let text =
            text.replace(folder, "PATH").replace(&format!("127.0.0.1:{}", self.port), "127.0.0.1:PORT");
        let text = without_desk_port(&text);
        // How often progress is told depends on how fast it is.
        let progress =
            |line: &&str| line.starts_with("2> ... ") || line.starts_with("{\"answer\":\"progress\"");
        text.lines()
            .filter(|line| !progress(line))
            .map(|line| format!("{}\n", redact_line(line).trim_end()))
            .collect()
    }
}

/// The desk takes any port that is free: a link to it shows which.
fn without_desk_port(text: &str) -> String {
    const DESK: &str = "http://127.0.0.1:";
    let mut pieces = text.split(DESK);
    let mut all = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let behind = piece.trim_start_matches(|c: char| c.is_ascii_digit());
        all.push_str(DESK);
        all.push_str(if behind.len() == piece.len() { "" } else { "PORT" });
        all.push_str(behind);
    }
    all
}

fn both<T: Send>(two: [T; 2], work: impl Fn(T) + Sync) {
    std::thread::scope(|scope| {
        for one in two {
            scope.spawn(|| work(one));
        }
    });
}

/// `< FILE` or `> FILE` taken out of a command.
fn cut(words: &mut Vec<String>, mark: &str) -> Option<String> {
    let at = words.iter().position(|word| word == mark)?;
    words.remove(at);
    Some(words.remove(at))
}

/// A command's words: quotes, `\u{202e}` and `{NAME}`.
fn words(line: &str, variables: &BTreeMap<String, String>) -> Vec<String> {
    let mut line = line.to_owned();
    for (name, value) in variables {
        line = line.replace(&format!("{{{name}}}"), value);
    }
    let (mut words, mut word, mut open, mut quote) = (Vec::new(), String::new(), false, None);
    let mut rest = line.as_str();
    while let Some(c) = rest.chars().next() {
        if let Some((number, behind)) = rest.strip_prefix("\\u{").and_then(|number| number.split_once('}')) {
            word.push(char::from_u32(u32::from_str_radix(number, 16).unwrap()).unwrap());
            (rest, open) = (behind, true);
            continue;
        }
        rest = &rest[c.len_utf8()..];
        match (c, quote) {
            (c, Some(mark)) if c == mark => quote = None,
            ('\'' | '"', None) => (quote, open) = (Some(c), true),
            (' ', None) if open => {
                words.push(std::mem::take(&mut word));
                open = false;
            }
            (' ', None) => {}
            (c, _) => {
                word.push(c);
                open = true;
            }
        }
    }
    if open {
        words.push(word);
    }
    words
}

fn redact_line(line: &str) -> String {
    if let Some(object) =
        line.strip_prefix('{').and_then(|_| serde_json::from_str::<serde_json::Value>(line).ok())
    {
        return redact_pieces(&redact_json(object).to_string());
    }
    let indent = &line[..line.len() - line.trim_start().len()];
    let tokens: Vec<&str> = line.split_whitespace().collect();
    if tokens.len() == 6 {
        if are_words(&tokens) {
            return format!("{indent}{}", ["WORD"; 6].join(" "));
        }
        if tokens.iter().all(|number| number.bytes().all(|byte| byte.is_ascii_digit())) {
            return format!("{indent}{}", ["NUMBER"; 6].join(" "));
        }
    }
    redact_pieces(line)
}

/// Whether a line is half a phrase.
fn are_words(tokens: &[&str]) -> bool {
    tokens.len() == 6 && tokens.iter().all(|word| bip39::Language::English.find_word(word).is_some())
}

fn redact_json(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(name, value)| match name.as_str() {
                    "words" | "recovery" => (name, "WORDS".into()),
                    "numbers" if value.as_array().is_some_and(|numbers| numbers.len() == 12) => {
                        (name, "NUMBERS".into())
                    }
                    "bytes" | "sent_bytes" | "received_bytes" => (name, "SIZE".into()),
                    _ => (name, redact_json(value)),
                })
                .collect(),
        ),
        Value::Array(values) => Value::Array(values.into_iter().map(redact_json).collect()),
        other => other,
    }
}

/// Times, ids, hashes and sizes in a line.
fn redact_pieces(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        if let Some(behind) = after_moment(rest) {
            text.push_str("TIME");
            rest = behind;
        } else if let Some(behind) = after_size(rest) {
            text.push_str("SIZE");
            rest = behind;
        } else if c.is_alphanumeric() {
            let run = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
            let (piece, behind) = rest.split_at(run);
            text.push_str(redact_run(piece));
            rest = behind;
        } else {
            text.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    text
}

/// `2026-11-22 14:05`.
fn after_moment(text: &str) -> Option<&str> {
    let (moment, behind) = text.split_at_checked(16)?;
    let fits = moment.bytes().zip(b"dddd-dd-dd dd:dd").all(|(byte, shape)| match shape {
        b'd' => byte.is_ascii_digit(),
        other => byte == *other,
    });
    // No clock here is that slow: a time out of nothing must show.
    (fits && !moment.starts_with("1970")).then_some(behind)
}

/// `1,234 bytes`, `1.4 MiB`.
fn after_size(text: &str) -> Option<&str> {
    let behind = text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    if behind.len() == text.len() || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    [" bytes", " byte", " KiB", " MiB", " GiB"].iter().find_map(|unit| behind.strip_prefix(unit))
}

fn redact_run(run: &str) -> &str {
    let hex = run.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    match run.len() {
        13 if run.bytes().all(|byte| byte.is_ascii_digit()) => "TIME",
        8 if hex => "ID",
        16.. if hex => "HEX",
        _ => run,
    }
}

#[test]
fn what_changes_is_redacted_and_the_rest_stays() {
    for (line, redacted) in [
        (
            "Verba, Olena — kyiv; office; 2026-11-22 14:05; 3fa2b1c0.12.0",
            "Verba, Olena — kyiv; office; TIME; ID.12.0",
        ),
        ("born 2014-05-16, 12 cases", "born 2014-05-16, 12 cases"),
        ("  abandon ability able about above absent", "  WORD WORD WORD WORD WORD WORD"),
        ("  0001 0002 0003 0004 0005 0006", "  NUMBER NUMBER NUMBER NUMBER NUMBER NUMBER"),
        ("2 segments, 1.4 KiB, 812 bytes", "2 segments, SIZE, SIZE"),
        (
            "{\"bytes\":12,\"time\":1795356300000,\"words\":[\"able\"]}",
            "{\"bytes\":\"SIZE\",\"time\":TIME,\"words\":\"WORDS\"}",
        ),
    ] {
        assert_eq!(redact_line(line), redacted);
    }
    let kept = BTreeMap::from([("ITEM".to_owned(), "3fa2b1c0.12.0".to_owned())]);
    assert_eq!(
        words("a 'b c' d=\"e f\" {ITEM} x\\u{202e}y ''", &kept),
        ["a", "b c", "d=e f", "3fa2b1c0.12.0", "x\u{202e}y", ""]
    );
}
