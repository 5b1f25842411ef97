//! A real browser for tests: Debian's chromium, driven through its driver.
//!
//! Waits look until what they wait for is there; a deadline only decides when a test has failed.

#![allow(dead_code, unreachable_pub, reason = "each test that includes this uses a part of it")]

#[path = "../desk/mod.rs"]
pub mod desk;
#[path = "../figures/mod.rs"]
pub mod figures;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use desk::offices::Office;
use homeward::node::{Answer, Request};
use std::future::Future;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use thirtyfour::prelude::*;

const DEADLINE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(25);

/// The driver's process; ended by its id.
pub struct Driver {
    child: Child,
    url: String,
    folder: tempfile::TempDir,
    /// The browsers that it was asked for.
    sessions: Mutex<Vec<String>>,
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Browsers of a test that failed are ended by their driver: none outlasts it. Those of others are at their end.
        let host = self.url.trim_start_matches("http://");
        let open = self.sessions.get_mut().map(std::mem::take).unwrap_or_default();
        for session in open.into_iter().filter(|_| std::thread::panicking()) {
            end_session(host, &session);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Driver {
    /// Starts it; `None`, with a line that says so, where there is none.
    pub fn start() -> Option<Self> {
        let spawned = Command::new("chromedriver")
            // Where it is told to be silent it does not even say its port.
            .args(["--port=0", "--log-level=SEVERE"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = spawned else {
            figures::skipped("pages in a browser: no chromedriver here (Debian: chromium, chromium-driver)");
            return None;
        };
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (tell, told) = std::sync::mpsc::channel();
        // Read to its end: a driver whose words nobody takes would stop.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some((_, rest)) = line.split_once("successfully on port ") {
                    let _ = tell.send(rest.trim_end_matches('.').to_owned());
                }
            }
        });
        let port = told.recv_timeout(DEADLINE).expect("the driver says its port");
        let url = format!("http://127.0.0.1:{port}");
        Some(Self { child, url, folder: tempfile::tempdir().unwrap(), sessions: Mutex::default() })
    }

    /// A new browser with a memory of its own.
    pub async fn browser(&self, name: &str) -> Browser {
        let mut wishes = DesiredCapabilities::chrome();
        let profile = self.folder.path().join(name);
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            "--force-prefers-reduced-motion",
            "--window-size=1366,900",
            &format!("--user-data-dir={}", profile.display()),
        ] {
            wishes.add_arg(argument).unwrap();
        }
        let files = self.folder.path().join(format!("{name}-files"));
        wishes
            .add_experimental_option("prefs", serde_json::json!({ "download.default_directory": files }))
            .unwrap();
        let driver = WebDriver::new(&self.url, wishes).await.unwrap();
        self.sessions.lock().unwrap().push(driver.session_id().to_string());
        Browser { driver, files }
    }
}

/// Asks the driver to end a session, and waits until it has begun to answer: its connection stays open after that.
fn end_session(host: &str, session: &str) {
    let Ok(mut stream) = TcpStream::connect(host) else { return };
    let _ = stream.set_read_timeout(Some(DEADLINE));
    let _ =
        stream.write_all(format!("DELETE /session/{session} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes());
    let _ = stream.read(&mut [0; 64]);
}

/// Runs a test's steps to their end.
pub fn run(steps: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(steps);
}

/// One browser.
pub struct Browser {
    pub driver: WebDriver,
    /// Where it saves files.
    files: PathBuf,
}

impl Browser {
    /// Opens an office's desk by a new link.
    pub async fn enter(&self, office: &mut Office) {
        let Answer::DeskLink { url } = office.ask(Request::DeskLink) else { panic!("a link was asked for") };
        self.driver.goto(url.reveal().as_str()).await.unwrap();
    }

    /// Opens it and sits down as somebody.
    pub async fn sits_down(&self, office: &mut Office, name: &str, role: &str) {
        self.enter(office).await;
        self.sits(name, role).await;
    }

    /// Sits down as somebody at a desk that is open.
    pub async fn sits(&self, name: &str, role: &str) {
        self.find("details.fold").await;
        self.run("document.querySelector('details.fold').open = true").await;
        self.fill("#name", name).await;
        self.click(&format!("input[name=role][value={role}]")).await;
        self.click("details.fold button.primary").await;
        self.find(".places a").await;
    }

    /// The first element that a selector finds, once it is there and seen.
    pub async fn find(&self, css: &str) -> WebElement {
        let start = Instant::now();
        loop {
            if let Ok(found) = self.driver.find(By::Css(css)).await
                && found.is_displayed().await.unwrap_or(false)
            {
                return found;
            }
            self.still_waits(start, &format!("{css} is not there")).await;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Fails the test after its deadline, with a picture of what stands there instead.
    async fn still_waits(&self, since: Instant, what: &str) {
        if since.elapsed() >= DEADLINE {
            let test = std::thread::current().name().unwrap_or_default().replace("::", "-");
            self.whole_picture(&format!("in-vain-{test}")).await;
            panic!(
                "waited in vain: {what}, at {}; target/desk/in-vain-{test}.png shows it",
                self.place().await
            );
        }
    }

    /// Whether a selector finds anything now.
    pub async fn has(&self, css: &str) -> bool {
        self.driver.find(By::Css(css)).await.is_ok()
    }

    /// Clicks; again if the page made itself anew just then, or its head, which stays in sight, stood before it.
    pub async fn click(&self, css: &str) {
        let start = Instant::now();
        while let Err(error) = self.find(css).await.click().await {
            assert!(start.elapsed() < DEADLINE, "{css} cannot be clicked: {error}");
            let _ = self.find(css).await.scroll_into_view().await;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Writes into a field, in the place of what stands there.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Chooses an option of a list by its value.
    pub async fn choose(&self, css: &str, value: &str) {
        self.find(css).await;
        self.click(&format!("{css} option[value='{value}']")).await;
    }

    /// Presses keys, wherever the focus is.
    pub async fn press(&self, keys: impl Into<TypingData>) {
        self.driver.action_chain().send_keys(keys).perform().await.unwrap();
    }

    /// What a selector's first element says.
    pub async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.unwrap()
    }

    /// Waits until an element says something.
    pub async fn says(&self, css: &str, wanted: &str) {
        let start = Instant::now();
        loop {
            let text = match self.driver.find(By::Css(css)).await {
                Ok(found) => found.text().await.unwrap_or_default(),
                Err(_) => String::new(),
            };
            let bare: String = text.chars().filter(|c| !matches!(c, '\u{2066}'..='\u{2069}')).collect();
            if bare.contains(wanted) {
                return;
            }
            self.still_waits(start, &format!("{css} says {bare:?}, not {wanted:?}")).await;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Waits until a script's value is true.
    pub async fn holds(&self, what: &str, script: &str) {
        let start = Instant::now();
        while !self.ask(&format!("return Boolean({script})")).await.as_bool().unwrap_or(false) {
            self.still_waits(start, &format!("it does not hold: {what}")).await;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Runs a script in the page.
    pub async fn run(&self, script: &str) {
        self.ask(script).await;
    }

    /// What a script in the page returns.
    pub async fn ask(&self, script: &str) -> serde_json::Value {
        self.driver.execute(script, Vec::new()).await.unwrap().json().clone()
    }

    /// Where it is, without the session's secrets.
    pub async fn place(&self) -> String {
        let url = self.driver.current_url().await.map(|url| url.path().to_owned()).unwrap_or_default();
        url.split('/').skip(3).collect::<Vec<_>>().join("/")
    }

    /// Goes to a page of the session.
    pub async fn go(&self, path: &str) {
        let base = self.ask("return document.body.dataset.base").await;
        let host = self.ask("return location.origin").await;
        let url = format!("{}{}/{path}", host.as_str().unwrap(), base.as_str().unwrap());
        self.driver.goto(url).await.unwrap();
    }

    /// What axe-core finds wrong with the page, as lines; nothing if all is well.
    pub async fn faults(&self, axe: &str) -> Vec<String> {
        self.driver.execute(axe, Vec::new()).await.unwrap();
        let script = "const done = arguments[0]; axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', \
                      'wcag21aa', 'wcag22aa', 'best-practice'] }).then(r => done(r.violations.map(v => v.id + ': ' + \
                      v.nodes.map(n => n.target.join(' ') + ' ' + n.failureSummary).join(' | '))))";
        let found = self.driver.execute_async(script, Vec::new()).await.unwrap();
        let found = found.json().as_array().cloned().unwrap_or_default();
        found.iter().filter_map(|line| line.as_str()).map(str::to_owned).collect()
    }

    /// Hands a file to a field of the page.
    pub async fn chooses_file(&self, css: &str, file: &Path) {
        self.holds("a field for files", &format!("document.querySelector(\"{css}\")")).await;
        let field = self.driver.find(By::Css(css)).await.unwrap();
        field.send_keys(file.display().to_string()).await.unwrap();
    }

    /// Where the first file lies that this browser has saved and whose name ends so.
    pub async fn saved(&self, ending: &str) -> PathBuf {
        let start = Instant::now();
        loop {
            let mut there = std::fs::read_dir(&self.files).into_iter().flatten().flatten();
            let whole = |name: &str| {
                name.ends_with(ending) && !name.ends_with(".crdownload") && !name.starts_with('.')
            };
            let file = there.find(|file| file.file_name().to_str().is_some_and(whole));
            if let Some(file) = file {
                return file.path();
            }
            self.still_waits(start, &format!("no file {ending:?} was saved")).await;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Shows the page as a window of this size does.
    pub async fn is_seen_at(&self, width: u32, height: u32) {
        let size =
            serde_json::json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.tools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// A command of the browser's own tools for developers.
    pub async fn tools(&self, command: &str, with: serde_json::Value) -> serde_json::Value {
        self.driver.cdp().send_raw(command, with).await.unwrap()
    }

    /// A picture of the page from its top to its end, for people to look at.
    pub async fn whole_picture(&self, name: &str) {
        let size =
            "return [window.innerWidth, Math.max(document.documentElement.scrollHeight, window.innerHeight)]";
        let size = self.ask(size).await;
        let whole = serde_json::json!(
            { "width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": false }
        );
        self.tools("Emulation.setDeviceMetricsOverride", whole).await;
        let shot = self.tools("Page.captureScreenshot", serde_json::json!({ "format": "png" })).await;
        self.tools("Emulation.clearDeviceMetricsOverride", serde_json::json!({})).await;
        let bytes = BASE64_STANDARD.decode(shot["data"].as_str().unwrap()).unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/desk");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), bytes).unwrap();
    }

    /// Its end.
    pub async fn close(self) {
        self.driver.clone().quit().await.unwrap();
    }
}

impl Drop for Browser {
    /// A test that fails ends its browsers by their driver: here it would wait for an answer that nobody takes.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = self.driver.clone().leak();
        }
    }
}

/// axe-core's text, from npm; `None`, with a line that says so, where it cannot be had.
pub fn axe() -> Option<String> {
    let here = |path: &str| -> PathBuf { Path::new(env!("CARGO_MANIFEST_DIR")).join(path) };
    let folder = here("target/others/axe");
    let file = folder.join("node_modules/axe-core/axe.min.js");
    if !file.exists() {
        std::fs::create_dir_all(&folder).unwrap();
        for name in ["package.json", "package-lock.json"] {
            std::fs::copy(here("tests/others").join(name), folder.join(name)).unwrap();
        }
        let _ = Command::new("timeout")
            .args(["120", "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0"])
            .current_dir(&folder)
            .stdin(Stdio::null())
            .output();
    }
    let text = std::fs::read_to_string(file).ok();
    if text.is_none() {
        figures::skipped("pages for everyone: npm could not install axe-core");
    }
    text
}
