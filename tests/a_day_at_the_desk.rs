//! A day of work at two desks, in real browsers: what two offices say of one child, what they plan and write together,
//! what is told further and what travels by hand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

mod browser;

use browser::desk::offices::{Office, claim, found, introduce, level};
use browser::{Browser, Driver, run};
use homeward::id::CaseId;
use homeward::node::Request;
use thirtyfour::Key;

const CIRCLE: &str = "families";

/// Two offices with a circle and a case in it, both running and level.
struct Two {
    kyiv: Office,
    doha: Office,
    case: CaseId,
    circle: String,
}

impl Two {
    fn new(root: &std::path::Path) -> Self {
        let (mut kyiv, mut doha) = (Office::new(root, "kyiv"), Office::new(root, "doha"));
        introduce(&mut [&mut kyiv, &mut doha]);
        kyiv.dials(&doha);
        let circle = found(&mut kyiv, CIRCLE, &["doha"], &[]);
        kyiv.start();
        doha.start();
        let claims = vec![claim("name", "Осінній, Марко"), claim("birth_date", "2013-02-11")];
        let case = kyiv.written(Request::CaseNew { circle: CIRCLE.into(), case: None, claims }).case;
        let mut two = Self { kyiv, doha, case, circle };
        two.level();
        two
    }

    fn level(&mut self) {
        level(&mut [&mut self.kyiv, &mut self.doha], &self.circle);
    }

    /// A person at each desk, both with the case before them.
    async fn sit_down(&mut self, driver: &Driver) -> (Browser, Browser) {
        let one = driver.browser("one").await;
        one.sits_down(&mut self.kyiv, "Olena", "supervisor").await;
        let two = driver.browser("two").await;
        two.sits_down(&mut self.doha, "Samir", "supervisor").await;
        let case = format!("case/{}", self.case.hex());
        one.go(&case).await;
        two.go(&case).await;
        (one, two)
    }
}

/// Says what a field holds, by the form that stands beside it.
async fn say(page: &Browser, field: &str, value: &str) {
    page.click(&format!("[data-field='{field}'] > .cs-edit")).await;
    page.fill(&format!("[data-field='{field}'] .cs-form input[name=value]"), value).await;
    page.click(&format!("[data-field='{field}'] .cs-form .primary")).await;
    page.holds("the form is gone", &format!("!document.querySelector(\"[data-field='{field}'] .cs-form\")"))
        .await;
}

#[test]
fn what_two_offices_say_stands_side_by_side_until_they_agree() {
    let Some(driver) = Driver::start() else { return };
    let root = tempfile::tempdir().unwrap();
    let mut both = Two::new(root.path());
    run(async {
        let (kyiv, doha) = both.sit_down(&driver).await;
        // Before a word is typed the page says who will read it.
        kyiv.says("#who-reads", "doha and kyiv").await;
        say(&doha, "birth_date", "2014-02-11").await;
        for page in [&kyiv, &doha] {
            page.find("[data-field=birth_date].differs").await;
            page.says("[data-field=birth_date] .cs-values", "kyiv").await;
            page.says("[data-field=birth_date] .cs-values", "doha").await;
        }
        // It is confirmed by the other side, and the page says so.
        doha.says("#cs-sent", "kyiv").await;
        doha.find("#cs-sent .cs-there").await;
        kyiv.go("worklist").await;
        kyiv.says("#work-differences", "Осінній").await;
        kyiv.click("#work-differences .work-case").await;
        say(&kyiv, "birth_date", "2014-02-11").await;
        for page in [&kyiv, &doha] {
            page.holds("agreed", "document.querySelector('[data-field=birth_date]:not(.differs)')").await;
        }
        kyiv.close().await;
        doha.close().await;
    });
}

#[test]
fn a_form_that_was_open_says_what_came_meanwhile_and_overwrites_nothing() {
    let Some(driver) = Driver::start() else { return };
    let root = tempfile::tempdir().unwrap();
    let mut both = Two::new(root.path());
    run(async {
        let (kyiv, doha) = both.sit_down(&driver).await;
        kyiv.click("[data-field=birth_date] > .cs-edit").await;
        kyiv.fill("[data-field=birth_date] .cs-form input[name=value]", "2012-03-01").await;
        say(&doha, "birth_date", "2014-02-11").await;
        kyiv.find("[data-field=birth_date] .cs-meanwhile").await;
        // What was typed still stands there, and both stand afterwards.
        let typed = kyiv
            .ask("return document.querySelector('[data-field=birth_date] .cs-form input[name=value]').value")
            .await;
        assert_eq!(typed, "2012-03-01");
        kyiv.click("[data-field=birth_date] .cs-form .primary").await;
        doha.says("[data-field=birth_date] .cs-values", "2012").await;
        doha.says("[data-field=birth_date] .cs-values", "2014").await;
        doha.find("[data-field=birth_date].differs").await;
        kyiv.close().await;
        doha.close().await;
    });
}

#[test]
fn what_is_unfolded_stays_so_and_hears_what_others_write() {
    let Some(driver) = Driver::start() else { return };
    let root = tempfile::tempdir().unwrap();
    let mut both = Two::new(root.path());
    run(async {
        let (kyiv, doha) = both.sit_down(&driver).await;
        // Sources of a name, and another claim of it that comes in meanwhile.
        kyiv.click("[data-field=name] .cs-more").await;
        kyiv.says("[data-field=name] .cs-claims", "Осінній").await;
        kyiv.run("document.querySelector('[data-field=name] .cs-deeds button').focus()").await;
        say(&doha, "birth_date", "2014-02-11").await;
        kyiv.says("[data-field=birth_date] .cs-values", "2014").await;
        kyiv.says("[data-field=name] .cs-claims", "Осінній").await;
        kyiv.holds("the focus stays", "document.activeElement.closest('.cs-deeds')").await;
        kyiv.click("[data-field=name] .cs-deeds [data-form=withdraw]").await;
        kyiv.find("[data-field=name] .cs-slot form").await;
        kyiv.press(Key::Escape).await;
        kyiv.click("[data-field=birth_date] .cs-more").await;
        kyiv.holds(
            "two claims",
            "document.querySelectorAll('[data-field=birth_date] .cs-claim').length === 2",
        )
        .await;
        say(&doha, "birth_date", "2014-02-12").await;
        kyiv.holds("a third", "document.querySelectorAll('[data-field=birth_date] .cs-claim').length === 3")
            .await;
        // A field that nobody has spoken of, chosen from those of its section, by keyboard alone.
        kyiv.run("document.querySelector('#add-identity > summary').focus()").await;
        kyiv.press(Key::Enter).await;
        kyiv.find("#add-identity .cs-choices button").await;
        kyiv.press(Key::Tab).await;
        kyiv.press(Key::Enter).await;
        kyiv.find("#slot-add-identity .cs-form").await;
        kyiv.holds("it is folded again", "!document.querySelector('#add-identity').open").await;
        kyiv.press(Key::Escape).await;
        kyiv.holds("the focus is back", "document.activeElement.matches('#add-identity > summary')").await;
        // A task, and a form of it that was open while the other office wrote it.
        kyiv.click(".plan-tasks .plan-add > summary").await;
        kyiv.fill(".plan-tasks .plan-add [name='f.what']", "Buy winter shoes").await;
        kyiv.click(".plan-tasks .plan-add .primary").await;
        for page in [&kyiv, &doha] {
            page.says(".plan-tasks .plan-item h4", "Buy winter shoes").await;
        }
        doha.click(".plan-tasks .plan-item .plan-edit > summary").await;
        doha.fill(".plan-tasks .plan-item .plan-edit [name='f.what']", "Buy two pairs").await;
        kyiv.click(".plan-tasks .plan-item .plan-edit > summary").await;
        kyiv.fill(".plan-tasks .plan-item .plan-edit [name='f.what']", "Ask for shoes").await;
        kyiv.click(".plan-tasks .plan-item .plan-edit .primary").await;
        doha.find(".plan-tasks .plan-late:not([hidden])").await;
        doha.click(".plan-tasks .plan-item .plan-edit .primary").await;
        for page in [&kyiv, &doha] {
            page.says(".plan-conflicts", "Ask for shoes").await;
            page.says(".plan-conflicts", "Buy two pairs").await;
        }
        kyiv.close().await;
        doha.close().await;
    });
}

#[test]
fn a_conflict_is_settled_by_one_click_and_the_loser_stays_in_the_history() {
    let Some(driver) = Driver::start() else { return };
    let root = tempfile::tempdir().unwrap();
    let mut both = Two::new(root.path());
    run(async {
        let (kyiv, doha) = both.sit_down(&driver).await;
        both.kyiv.ask(Request::Pause { partner: None });
        for (page, stage) in [(&kyiv, "located"), (&doha, "tracing")] {
            page.choose(".plan-stage select[name='f.stage']", stage).await;
            page.click(".plan-stage button").await;
            page.says(".way .here", if stage == "located" { "Located" } else { "Being searched" }).await;
        }
        // Not sent yet, and the page says so until it is confirmed.
        kyiv.find("#cs-sent .cs-waits").await;
        both.kyiv.ask(Request::Resume { partner: None });
        for page in [&kyiv, &doha] {
            page.says(".plan-conflict", "Located").await;
            page.says(".plan-conflict", "Being searched").await;
        }
        kyiv.find("#cs-sent .cs-there").await;
        // Whichever stands first is kept.
        let kept = kyiv.text(".plan-value-is").await;
        kyiv.click(".plan-keep").await;
        for page in [&kyiv, &doha] {
            page.holds("settled", "!document.querySelector('.plan-conflict')").await;
            page.says(".way .here", &kept).await;
        }
        let loser = if kept == "Located" { "Being searched" } else { "Located" };
        doha.go(&format!("case/{}/history", both.case.hex())).await;
        doha.says("#history-list", loser).await;
        kyiv.close().await;
        doha.close().await;
    });
}

#[test]
fn two_people_write_one_note_at_once() {
    let Some(driver) = Driver::start() else { return };
    let root = tempfile::tempdir().unwrap();
    let mut both = Two::new(root.path());
    run(async {
        let (kyiv, doha) = both.sit_down(&driver).await;
        kyiv.find(".note-text").await.send_keys("Kyiv asks. ").await.unwrap();
        doha.holds("it came", "document.querySelector('.note-text').value === 'Kyiv asks. '").await;
        // Both write now, key by key, and neither waits for the other.
        let (kyivs, dohas) = ("The aunt lives in Lviv. ", "The school confirms it. ");
        let first = kyiv.find(".note-text").await;
        let second = doha.find(".note-text").await;
        first.send_keys(Key::Control + Key::End).await.unwrap();
        second.send_keys(Key::Control + Key::Home).await.unwrap();
        for (here, there) in kyivs.chars().zip(dohas.chars()) {
            let (here, there) = (here.to_string(), there.to_string());
            let (a, b) = tokio::join!(first.send_keys(here), second.send_keys(there));
            a.unwrap();
            b.unwrap();
        }
        let whole = format!("{dohas}Kyiv asks. {kyivs}");
        for page in [&kyiv, &doha] {
            page.holds(
                "both are in it",
                &format!("document.querySelector('.note-text').value === '{whole}'"),
            )
            .await;
        }
        // Whose cursor stands there is said by name.
        kyiv.says(".note-who", "Samir").await;
        doha.says(".note-who", "Olena").await;
        kyiv.close().await;
        doha.close().await;
    });
}

#[test]
fn what_another_circle_will_learn_is_shown_before_it_is_told() {
    let Some(driver) = Driver::start() else { return };
    let root = tempfile::tempdir().unwrap();
    let (mut kyiv, mut doha, mut tallinn) = (
        Office::new(root.path(), "kyiv"),
        Office::new(root.path(), "doha"),
        Office::new(root.path(), "tallinn"),
    );
    introduce(&mut [&mut kyiv, &mut doha, &mut tallinn]);
    kyiv.dials(&tallinn);
    found(&mut kyiv, CIRCLE, &["doha"], &[]);
    found(&mut kyiv, "border", &["tallinn"], &[]);
    kyiv.start();
    tallinn.start();
    let claims =
        vec![claim("name", "Осінній, Марко"), claim("birth_date", "2013-02-11"), claim("remark", "hidden")];
    let case = kyiv.written(Request::CaseNew { circle: CIRCLE.into(), case: None, claims }).case;
    run(async {
        let page = driver.browser("one").await;
        page.sits_down(&mut kyiv, "Olena", "supervisor").await;
        page.go(&format!("case/{}", case.hex())).await;
        page.click("#way-disclose").await;
        page.click("#targets input").await;
        let name = "[...document.querySelectorAll('#claims .cs-pick')].find(one => one.textContent.includes('Осінній'))";
        page.run(&format!("{name}.querySelector('input').click()")).await;
        page.says("#learn #lines", "Осінній").await;
        page.says("#learn", "tallinn").await;
        page.says("#newcomers", "tallinn").await;
        assert!(!page.text("#learn #lines").await.contains("hidden"));
        assert!(tallinn.cases("border").is_empty(), "nothing is told before it is confirmed");
        page.click("#tell .primary").await;
        let sheet =
            browser::desk::offices::wait_for("tallinn knows the child", || tallinn.sheet("border", case));
        let told = serde_json::to_string(&sheet).unwrap();
        assert!(told.contains("Осінній") && !told.contains("hidden"));
        page.close().await;
    });
}

#[test]
fn a_list_is_tried_row_by_row_then_applied() {
    let Some(driver) = Driver::start() else { return };
    let root = tempfile::tempdir().unwrap();
    let mut kyiv = Office::new(root.path(), "kyiv");
    found(&mut kyiv, CIRCLE, &[], &[]);
    kyiv.start();
    let list = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/demo/kyiv-list.csv");
    let rows = std::fs::read_to_string(&list).unwrap().lines().count() - 1;
    run(async {
        let page = driver.browser("one").await;
        page.sits_down(&mut kyiv, "Olena", "supervisor").await;
        page.go("import").await;
        page.chooses_file("#import-file", &list).await;
        page.fill("#import-list", "kyiv-list").await;
        page.click("#import-try").await;
        page.says("#import-result", &rows.to_string()).await;
        page.find("#import-apply").await;
        assert!(kyiv.cases(CIRCLE).is_empty(), "a trial writes nothing");
        page.click("#import-apply").await;
        page.holds("applied", "!document.querySelector('#import-apply')").await;
        page.click(".import-save[data-form=csv]").await;
        let result = std::fs::read_to_string(page.saved(".csv").await).unwrap();
        assert_eq!(result.lines().count(), rows + 1, "{result}");
        assert_eq!(kyiv.cases(CIRCLE).len(), rows);
        // Again: the columns are remembered, and nothing is new.
        page.go("import").await;
        page.chooses_file("#import-file", &list).await;
        page.find("#import-remembered").await;
        page.close().await;
    });
}

#[test]
fn a_bundle_goes_out_by_a_button_and_comes_in_as_a_file() {
    let Some(driver) = Driver::start() else { return };
    let root = tempfile::tempdir().unwrap();
    let (mut kyiv, mut doha) = (Office::new(root.path(), "kyiv"), Office::new(root.path(), "doha"));
    introduce(&mut [&mut kyiv, &mut doha]);
    found(&mut kyiv, CIRCLE, &["doha"], &[]);
    kyiv.start();
    doha.start();
    let claims = vec![claim("name", "Осінній, Марко")];
    kyiv.written(Request::CaseNew { circle: CIRCLE.into(), case: None, claims });
    run(async {
        let page = driver.browser("one").await;
        page.sits_down(&mut kyiv, "Olena", "supervisor").await;
        page.go("partners").await;
        page.run("document.querySelector('.partner details.menu').open = true").await;
        page.click(".partner details.menu .primary").await;
        let file = page.saved("").await;
        let other = driver.browser("two").await;
        other.sits_down(&mut doha, "Samir", "supervisor").await;
        other.go("partners").await;
        other.chooses_file("#bundle-file", &file).await;
        other.says("#bundle-said", "kyiv").await;
        other.go("cases").await;
        other.says("#rows", "Осінній").await;
        page.close().await;
        other.close().await;
    });
}

#[test]
fn the_slider_shows_any_moment_as_it_was() {
    let Some(driver) = Driver::start() else { return };
    let root = tempfile::tempdir().unwrap();
    let mut both = Two::new(root.path());
    for value in ["2013-03-01", "2013-04-01"] {
        let request = Request::CaseClaim {
            circle: CIRCLE.into(),
            case: both.case.hex(),
            claims: vec![claim("birth_date", value)],
        };
        both.doha.written(request);
    }
    both.level();
    run(async {
        let page = driver.browser("one").await;
        page.sits_down(&mut both.kyiv, "Olena", "supervisor").await;
        page.go(&format!("case/{}/history", both.case.hex())).await;
        page.says("#then", "Apr").await;
        page.find("#moment").await.send_keys(Key::Home + "").await.unwrap();
        page.says("#then", "Осінній").await;
        page.holds(
            "what came later is not there",
            "!document.querySelector('#then').textContent.includes('Apr')",
        )
        .await;
        page.find("#moment").await.send_keys(Key::End + "").await.unwrap();
        page.says("#then", "Apr").await;
        page.close().await;
    });
}

#[test]
fn a_link_rests_and_goes_on_by_a_button() {
    let Some(driver) = Driver::start() else { return };
    let root = tempfile::tempdir().unwrap();
    let mut both = Two::new(root.path());
    run(async {
        let page = driver.browser("one").await;
        page.sits_down(&mut both.kyiv, "Olena", "supervisor").await;
        page.go("partners").await;
        page.find(".partner .link.up").await;
        page.click("[id^=pause-]:not(#pause-all)").await;
        page.find(".partner .link.paused").await;
        page.click("[id^=resume-]").await;
        page.find(".partner .link.up").await;
        page.close().await;
    });
}
