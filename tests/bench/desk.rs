//! The bench of the desk: what a person waits for, in a real browser, with 20,000 cases.
//!
//! ```text
//! cargo bench --bench desk
//! ```
//!
//! Two homes, each a process; a browser at the first. Each figure is the median of several rounds. It needs Debian's
//! chromium with its driver. Without `--bench` (as `cargo test --benches` runs it) nothing is measured.

// A panic here ends the bench and says why.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
// It measures, so it has a clock; what it writes need not outlast it.
#![allow(clippy::disallowed_methods)]

#[path = "../browser/mod.rs"]
mod browser;
#[path = "figures.rs"]
#[allow(dead_code)]
mod measured;
#[allow(dead_code)] // benches share it, and each uses what it needs
mod offices;
#[allow(dead_code)]
mod process;
#[allow(dead_code)] // as above
mod work;

use browser::{Browser, Driver, run};
use homeward::node::{Answer, ClaimIn, Request};
use homeward::private::Private;
use measured::{Figures, Unit};
use offices::{CIRCLE, PASSPHRASE};
use process::Running;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use work::Size;

const SEED: u64 = 1;
const SIZE: Size = Size { cases: 20_000, rounds: 6, partners: 4, nodes_each: 13 };
const ROUNDS: usize = 9;
/// How long somebody looks at a case before they open another.
const LOOK: Duration = Duration::from_millis(300);
/// What is typed into the filter, letter by letter: both scripts, names and a part of one.
const TYPED: [&str; 3] = ["Коваль", "shevch", "олен"];

/// How long after a key is pressed other rows stand there: they are put in, and the next frame is drawn.
const KEYSTROKE: &str = "const [letter, done] = arguments; const q = document.querySelector('#q'); \
     const watch = new MutationObserver(() => { \
       watch.disconnect(); \
       requestAnimationFrame(() => done(performance.now() - begun)); }); \
     watch.observe(document.querySelector('#rows'), { childList: true }); \
     q.focus(); \
     const begun = performance.now(); \
     q.value += letter; \
     q.dispatchEvent(new InputEvent('input', { bubbles: true, data: letter, inputType: 'insertText' }));";

/// How long after a row of the list is clicked its case stands there: its page is in place, and drawn.
const OPENED: &str = "const [link, done] = arguments; \
     const watch = new MutationObserver(() => { \
       if (!document.querySelector('#case-body')) return; \
       watch.disconnect(); \
       requestAnimationFrame(() => { \
         const drawn = new MessageChannel(); \
         drawn.port1.onmessage = () => done(performance.now() - begun); \
         drawn.port2.postMessage(''); }); }); \
     watch.observe(document.body, { childList: true }); \
     const begun = performance.now(); \
     link.click();";

/// When the page hears that its case changed, and when a text stands there, as times of day in milliseconds.
const SEEN: &str = "const [text, done] = arguments; let heard = 0; \
     document.body.addEventListener('desk:case', () => { heard = heard || Date.now(); }); \
     const look = () => { \
       if (document.querySelector('#case-body').textContent.includes(text)) { \
         watch.disconnect(); done([heard, Date.now()]); return true; } }; \
     const watch = new MutationObserver(look); \
     watch.observe(document.querySelector('#main'), { subtree: true, childList: true, characterData: true }); look();";

/// From the first byte asked for to the page's end, without the redirects before it.
const LOADED: &str =
    "const n = performance.getEntriesByType('navigation')[0]; return n.loadEventEnd - n.fetchStart;";
const WITH_REDIRECTS: &str =
    "const n = performance.getEntriesByType('navigation')[0]; return n.loadEventEnd - n.startTime;";
const BYTES: &str = "return performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))\
     .reduce((sum, one) => sum + one.encodedBodySize + 300, 0);";

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let driver = Driver::start().expect("chromium and its driver");
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    let mut figures = Figures::new(format!(
        "A desk with {} cases, {} cores, {}",
        SIZE.cases,
        std::thread::available_parallelism().map_or(1, usize::from),
        if cfg!(debug_assertions) { "debug build" } else { "release build" },
    ));
    let pair = offices::pair(&target.join("bench/desk"), SEED, SIZE);
    let [full, empty] = &pair.places;
    let mut other = Running::start(empty);
    full.dials(&empty.name, &other.address);
    let mut node = Running::start(full);
    node.dial();
    let edits = pair.counts.edits;
    other.wait(Duration::from_millis(100), |status| status.circles.first().is_some_and(|c| c.edits >= edits));
    run(async {
        let page = driver.browser("bench").await;
        page.driver.goto(link(&mut node)).await.unwrap();
        page.sits("Olena", "supervisor").await;
        first_page(&page, &mut node, &mut figures).await;
        keystrokes(&page, &mut figures).await;
        cases(&page, &pair, &mut figures).await;
        from_elsewhere(&page, &pair, &mut other, &mut figures).await;
        page.close().await;
    });
    figures.keep(&target, "desk");
    node.stop();
    other.stop();
}

fn link(node: &mut Running) -> String {
    let Answer::DeskLink { url } = node.ask(Request::DeskLink) else { panic!("a link was asked for") };
    url.reveal().clone()
}

async fn number(page: &Browser, script: &str) -> f64 {
    page.holds("loaded", "performance.getEntriesByType('navigation')[0].loadEventEnd > 0").await;
    page.ask(script).await.as_f64().unwrap()
}

async fn first_page(page: &Browser, node: &mut Running, figures: &mut Figures) {
    let (mut whole, mut loaded) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        node.ask(Request::Lock);
        page.find("#passphrase").await;
        page.fill("#passphrase", PASSPHRASE).await;
        page.click("main button.primary").await;
        page.find("#rows [role=row]").await;
        whole.push(number(page, WITH_REDIRECTS).await);
        loaded.push(number(page, LOADED).await);
    }
    figures.goal("desk_first_page_s", "first page after unlock", median(loaded) / 1e3, Unit::Seconds, 0.3);
    figures.note(format!("with the unlocking itself: {:.0} ms", median(whole)));
    // A browser that has seen nothing of it yet.
    page.tools("Network.clearBrowserCache", serde_json::json!({})).await;
    page.go("cases").await;
    page.find("#rows [role=row]").await;
    let bytes = number(page, BYTES).await;
    figures.goal("desk_first_page_bytes", "first page with all it needs", bytes, Unit::Bytes, 400_000.0);
}

async fn keystrokes(page: &Browser, figures: &mut Figures) {
    let mut took = Vec::new();
    for _ in 0..3 {
        for word in TYPED {
            page.go("cases").await;
            page.find("#rows [role=row]").await;
            for letter in word.chars() {
                let arguments = vec![serde_json::json!(letter.to_string())];
                let found = page.driver.execute_async(KEYSTROKE, arguments).await.unwrap();
                took.push(found.json().as_f64().unwrap());
            }
        }
    }
    figures.note(format!(
        "slowest of {} keystrokes: {:.0} ms",
        took.len(),
        took.iter().copied().fold(0.0, f64::max)
    ));
    figures.goal(
        "desk_keystroke_s",
        "a keystroke in the filter to new rows",
        median(took) / 1e3,
        Unit::Seconds,
        0.06,
    );
}

async fn cases(page: &Browser, pair: &offices::Pair, figures: &mut Figures) {
    let mut took = Vec::new();
    page.go("cases").await;
    for round in 0..ROUNDS {
        // As a person does it: they come back to the list, go on in it, look, and open another.
        page.find("#rows [role=row]").await;
        let at = round * 1_777;
        page.run(&format!("document.querySelector('#list').scrollTop = {at} * 46")).await;
        let row = page.find(&format!("[aria-rowindex='{}'] .row-link", at + 2)).await;
        tokio::time::sleep(LOOK).await;
        let found = page.driver.execute_async(OPENED, vec![row.to_json().unwrap()]).await.unwrap();
        took.push(found.json().as_f64().unwrap());
        page.find("#case-body").await;
        tokio::time::sleep(LOOK).await;
        page.driver.back().await.unwrap();
    }
    figures.note(spread("a case's page", &took));
    figures.goal("desk_case_s", "a case opened from the list", median(took) / 1e3, Unit::Seconds, 0.05);

    // The same by its address: the browser makes everything anew, as for any page.
    let (mut took, mut bare) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        page.go("operator").await;
        bare.push(number(page, LOADED).await);
        tokio::time::sleep(LOOK).await;
        let case = pair.work.case_id(u32::try_from(round * 1_777).unwrap() % pair.work.cases());
        page.go(&format!("case/{}", case.hex())).await;
        page.find("#case-body").await;
        took.push(number(page, LOADED).await);
        page.holds("it is seen", "performance.getEntriesByType('paint').length > 0").await;
        tokio::time::sleep(LOOK).await;
    }
    figures.note(spread("by its address", &took));
    figures.note(spread("a page with next to nothing on it", &bare));
}

async fn from_elsewhere(page: &Browser, pair: &offices::Pair, other: &mut Running, figures: &mut Figures) {
    let case = pair.work.case_id(7);
    page.go(&format!("case/{}", case.hex())).await;
    page.find("#case-body").await;
    let (mut told, mut took) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let said = format!("бачили о {round} годині");
        let wait = page.driver.execute_async(SEEN, vec![serde_json::json!(said)]);
        let write = async {
            // The page has begun to look by then; that it looks later can only make the figure worse.
            tokio::time::sleep(Duration::from_millis(300)).await;
            let claim =
                ClaimIn { field: "remark".into(), value: Private::new(said.clone()), ..ClaimIn::default() };
            let begun = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64() * 1e3;
            other.ask(Request::CaseClaim { circle: CIRCLE.into(), case: case.hex(), claims: vec![claim] });
            begun
        };
        let (seen, begun) = tokio::join!(wait, write);
        let [heard, seen]: [f64; 2] = serde_json::from_value(seen.unwrap().json().clone()).unwrap();
        told.push(heard - begun);
        took.push(seen - begun);
    }
    figures.note(format!("the page hears of it after {:.0} ms", median(told)));
    figures.goal(
        "desk_elsewhere_s",
        "an edit made on another node visible",
        median(took) / 1e3,
        Unit::Seconds,
        0.4,
    );
}

fn spread(what: &str, times: &[f64]) -> String {
    let fastest = times.iter().copied().fold(f64::MAX, f64::min);
    let slowest = times.iter().copied().fold(0.0, f64::max);
    format!("{what}: {:.0} ms, {fastest:.0} to {slowest:.0} ms", median(times.to_vec()))
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
