//! Every page in every language and both themes, in a real browser: nothing that axe-core knows to stand in anybody's way,
//! nothing that runs out of the page, also at twice the size; and a picture of each in `target/desk`, for people to look at.
//!
//! `HOMEWARD_PAGES=cases,case` looks at some of them alone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

mod browser;

use browser::desk::offices::{Office, PASSPHRASE, claim, found, introduce, level};
use browser::{Browser, Driver, axe, figures, run};
use homeward::id::CaseId;
use homeward::node::{ClaimIn, Request};

const CIRCLE: &str = "families";
const LANGUAGES: [&str; 4] = ["uk", "ar", "ru", "en"];
const THEMES: [&str; 2] = ["light", "dark"];

/// An office with all that a page can show.
struct Desk {
    kyiv: Office,
    doha: Office,
    _tallinn: Office,
    case: CaseId,
    _root: tempfile::TempDir,
}

fn grouped(group: &str, claims: &[(&str, &str)]) -> Vec<ClaimIn> {
    claims.iter().map(|(field, value)| ClaimIn { group: group.into(), ..claim(field, value) }).collect()
}

impl Desk {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let new = |name| Office::new(root.path(), name);
        let (mut kyiv, mut doha, mut tallinn) = (new("kyiv"), new("doha"), new("tallinn"));
        introduce(&mut [&mut kyiv, &mut doha, &mut tallinn]);
        kyiv.dials(&doha);
        kyiv.dials(&tallinn);
        let circle = found(&mut kyiv, CIRCLE, &["doha"], &["tallinn"]);
        found(&mut kyiv, "border", &["tallinn"], &[]);
        kyiv.start();
        doha.start();
        let list = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/demo");
        let text = std::fs::read_to_string(list.join("kyiv-list.csv")).unwrap();
        let few: Vec<&str> = text.lines().take(41).collect();
        let map = std::fs::read_to_string(list.join("kyiv-list.toml")).unwrap();
        kyiv.import(CIRCLE, few.join("\n").as_bytes(), &map);
        let claims = vec![
            claim("name", "Осінній, Марко Олегович"),
            claim("name", "مارك أوسيني"),
            claim("birth_date", "2013-02-11"),
            claim("sex", "male"),
            claim("eye_colour", "grey"),
            claim("remark", "Speaks Ukrainian and some Polish.."),
        ];
        let case = kyiv.written(Request::CaseNew { circle: CIRCLE.into(), case: None, claims }).case;
        let mut desk = Self { kyiv, doha, _tallinn: tallinn, case, _root: root };
        level(&mut [&mut desk.kyiv, &mut desk.doha], &circle);
        desk.says_more();
        level(&mut [&mut desk.kyiv, &mut desk.doha], &circle);
        desk
    }

    /// Differences, a plan with a conflict, legs, tasks, a note.
    fn says_more(&mut self) {
        let case = self.case.hex();
        let told = |claims| Request::CaseClaim { circle: CIRCLE.into(), case: case.clone(), claims };
        self.doha.ask(told(vec![claim("birth_date", "2014-02-11"), claim("name", "Osinnij Marko")]));
        self.kyiv.ask(told(grouped(
            "relative.1",
            &[("relative.name", "Осіння Олена"), ("relative.relation", "mother")],
        )));
        let plan = |key: &str, value: &str| Request::CasePlan {
            circle: CIRCLE.into(),
            case: case.clone(),
            key: key.into(),
            value: value.into(),
            shown: None,
        };
        for (key, value) in [
            ("leg/1/from", "Doha"),
            ("leg/1/to", "Tallinn"),
            ("leg/1/planned", "2026-12-01"),
            ("leg/1/state", "planned"),
            ("leg/2/from", "Tallinn"),
            ("leg/2/to", "Kyiv"),
            ("leg/2/border_point", "Narva"),
            ("task/1/what", "Ask for the birth certificate"),
            ("task/1/due", "2026-11-30"),
            ("task/2/what", "Buy winter shoes"),
            ("task/2/done", "yes"),
            ("paper/1/what", "Travel document"),
        ] {
            self.kyiv.ask(plan(key, value));
        }
        self.kyiv.ask(Request::Pause { partner: None });
        self.kyiv.ask(plan("case//stage", "located"));
        self.doha.ask(plan("case//stage", "tracing"));
        self.kyiv.ask(Request::Resume { partner: None });
        let insert = "The aunt in Lviv can be called after six.\n".into();
        let note = Request::CaseNote { circle: CIRCLE.into(), case, at: Some(0), remove: "".into(), insert };
        self.kyiv.ask(note);
    }

    /// Every page, by a name for its picture, and something that is on it.
    fn pages(&mut self) -> Vec<(&'static str, String, &'static str)> {
        let case = format!("case/{}", self.case.hex());
        let doha = self.doha.info().partner.hex();
        vec![
            ("cases", "cases".into(), "#rows [role=row]"),
            ("case-new", "cases/new".into(), "#surname"),
            ("case", case.clone(), "#case-body"),
            ("case-print", format!("{case}/print"), "main"),
            ("case-export", format!("{case}/export"), "main form"),
            ("case-disclose", format!("{case}/disclose"), "main"),
            ("plan", format!("{case}/plan"), ".plan-sheet"),
            ("history", format!("{case}/history"), "#then dl"),
            ("worklist", "worklist".into(), "#work .work-part"),
            ("partners", "partners".into(), ".partner"),
            ("cards", "partners/cards".into(), "main h1, main h2"),
            ("card", format!("partners/cards/{doha}"), "#qr"),
            ("circles", "partners/circles".into(), "main h1, main h2"),
            ("circle-new", "partners/circles/new".into(), "main form"),
            ("machines", "partners/machines".into(), "main h1, main h2"),
            ("import", "import".into(), "#import-drop"),
            ("overview", "overview".into(), "main svg"),
            ("operator", "operator".into(), "main form"),
            ("no-page", "there/is/none".into(), "main h1"),
        ]
    }
}

async fn look(page: &Browser, axe: &str, picture: &str, faults: &mut Vec<String>) {
    for fault in page.faults(axe).await {
        faults.push(format!("{picture}: {fault}"));
    }
    let wide = page.ask("return document.documentElement.scrollWidth - window.innerWidth").await;
    if wide.as_i64().unwrap() > 0 {
        faults.push(format!("{picture}: it is {wide} pixels wider than the window"));
    }
    page.whole_picture(picture).await;
}

/// Language and look, by the menu.
async fn choose(page: &Browser, name: &str, value: &str, property: &str) {
    if page.ask(&format!("return document.documentElement.{property}")).await == value {
        return;
    }
    page.run("document.querySelector('details.menu:last-of-type').open = true").await;
    page.click(&format!("button[name={name}][value={value}]")).await;
    page.holds(value, &format!("document.documentElement.{property} === '{value}'")).await;
}

/// Sources, forms, choices: everything that stands on a case's page on demand.
async fn unfold_all(page: &Browser) {
    page.run("document.querySelectorAll('#main details').forEach((one) => { one.open = true; })").await;
    page.run("document.querySelectorAll('.cs-more[aria-expanded=false]').forEach((one) => one.click())")
        .await;
    let empty = "([...document.querySelectorAll('#main details:has(> template)')]\
                 .some((one) => one.lastElementChild.matches('summary, template')) \
                 || document.querySelector('.cs-sources:empty'))";
    page.holds("all is unfolded", &format!("!{empty}")).await;
}

#[test]
fn every_page_in_every_language_and_theme() {
    let Some(driver) = Driver::start() else { return };
    let Some(axe) = axe() else { return };
    let mut desk = Desk::new();
    let wanted = std::env::var("HOMEWARD_PAGES").unwrap_or_default();
    let pages: Vec<_> = desk
        .pages()
        .into_iter()
        .filter(|(name, ..)| wanted.is_empty() || wanted.split(',').any(|one| one == *name))
        .collect();
    let mut faults = Vec::new();
    let mut looked = 0;
    run(async {
        let page = driver.browser("one").await;
        page.sits_down(&mut desk.kyiv, "Olena", "supervisor").await;
        for theme in THEMES {
            for language in LANGUAGES {
                page.go("cases").await;
                choose(&page, "theme", theme, "dataset.theme").await;
                choose(&page, "language", language, "lang").await;
                for (name, path, there) in &pages {
                    page.go(path).await;
                    page.find(there).await;
                    look(&page, &axe, &format!("{name}-{language}-{theme}"), &mut faults).await;
                    looked += 1;
                    if *name == "case" {
                        unfold_all(&page).await;
                        look(&page, &axe, &format!("case-unfolded-{language}-{theme}"), &mut faults).await;
                        looked += 1;
                    }
                }
            }
        }
        // Without a session's language: as the browser asks, and locked.
        desk.kyiv.ask(Request::Lock);
        for theme in THEMES {
            for language in LANGUAGES {
                page.go("unlock").await;
                page.find("#passphrase").await;
                choose(&page, "theme", theme, "dataset.theme").await;
                choose(&page, "language", language, "lang").await;
                page.find("#passphrase").await;
                look(&page, &axe, &format!("unlock-{language}-{theme}"), &mut faults).await;
                looked += 1;
            }
        }
        page.fill("#passphrase", PASSPHRASE).await;
        page.click("main button.primary").await;
        page.find(".places a").await;
        page.close().await;
    });
    figures::note(&format!("pages looked at by axe-core, in four languages and two themes: {looked}"));
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn at_twice_the_size_and_on_a_narrow_screen_nothing_runs_out_of_the_page() {
    let Some(driver) = Driver::start() else { return };
    let mut desk = Desk::new();
    let pages = desk.pages();
    let mut faults = Vec::new();
    run(async {
        let page = driver.browser("one").await;
        page.sits_down(&mut desk.kyiv, "Olena", "supervisor").await;
        // 1280 by 1024 at 200 % (WCAG 1.4.4), and 320 wide (1.4.10).
        for (width, height) in [(640, 512), (320, 640)] {
            for (name, path, there) in &pages {
                // With each page: a picture ends with the window's own size.
                page.is_seen_at(width, height).await;
                page.go(path).await;
                page.find(there).await;
                let wide = page.ask("return document.documentElement.scrollWidth - window.innerWidth").await;
                if wide.as_i64().unwrap() > 0 {
                    faults.push(format!("{name} at {width}: {wide} pixels too wide"));
                }
                if *name == "case" {
                    unfold_all(&page).await;
                    let wide =
                        page.ask("return document.documentElement.scrollWidth - window.innerWidth").await;
                    if wide.as_i64().unwrap() > 0 {
                        faults.push(format!("{name}, unfolded, at {width}: {wide} pixels too wide"));
                    }
                }
                if width == 320 {
                    page.whole_picture(&format!("narrow-{name}")).await;
                }
            }
        }
        page.close().await;
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
