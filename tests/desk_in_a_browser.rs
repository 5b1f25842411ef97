//! The desk as a person sees it, in a real browser: to unlock, to say who is there, to open a case and find it again, in
//! four languages, by the keyboard alone, with links that go and come.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

mod browser;

use browser::desk::offices::{Office, PASSPHRASE, claim, found, introduce, level, new_case};
use browser::{Driver, run};
use homeward::node::Request;
use thirtyfour::Key;

const CIRCLE: &str = "families";

/// Two offices with a circle, both running.
fn two(root: &std::path::Path) -> (Office, Office) {
    let (mut kyiv, mut doha) = (Office::new(root, "kyiv"), Office::new(root, "doha"));
    introduce(&mut [&mut kyiv, &mut doha]);
    kyiv.dials(&doha);
    doha.dials(&kyiv);
    found(&mut kyiv, CIRCLE, &["doha"], &[]);
    kyiv.start();
    doha.start();
    (kyiv, doha)
}

#[test]
fn a_locked_desk_opens_with_the_passphrase_alone() {
    let Some(driver) = Driver::start() else { return };
    let root = tempfile::tempdir().unwrap();
    let (mut kyiv, _doha) = two(root.path());
    new_case(&mut kyiv, CIRCLE, "Коваленко, Тарас");
    run(async {
        let page = driver.browser("one").await;
        page.sits_down(&mut kyiv, "Olena", "supervisor").await;
        page.says("#rows", "Коваленко").await;
        // Locked from elsewhere: the open page goes to where it is opened, and shows nothing of what it showed.
        kyiv.ask(Request::Lock);
        page.says("h1", "locked").await;
        assert!(!page.driver.source().await.unwrap().contains("Коваленко"));
        page.fill("#passphrase", "not the passphrase").await;
        page.click("main button.primary").await;
        page.find(".fault").await;
        page.fill("#passphrase", PASSPHRASE).await;
        page.click("main button.primary").await;
        page.says("#rows", "Коваленко").await;
        page.close().await;
    });
}

#[test]
fn a_case_is_opened_and_found_in_any_script() {
    let Some(driver) = Driver::start() else { return };
    let root = tempfile::tempdir().unwrap();
    let (mut kyiv, mut doha) = two(root.path());
    run(async {
        let page = driver.browser("one").await;
        page.sits_down(&mut kyiv, "Olena", "case_worker").await;
        page.press("n").await;
        page.says(".reader", "read by doha and kyiv").await;
        page.fill("#surname", "Гриценко").await;
        page.fill("#given", "Микола").await;
        page.fill("#born", "2014-05").await;
        page.fill("#number", "kyiv-list:K0417").await;
        page.click("main button.primary").await;
        page.find(".page, .sheet").await;
        page.go("cases").await;
        for typed in ["Гриц", "hrytsenko", "Grytsenko myk", "Nikolai", "K0417"] {
            // Gone first: what stands there then was found by these letters.
            page.fill("#q", "Nobody").await;
            page.says("#total", "0 cases").await;
            page.fill("#q", typed).await;
            page.says("#rows", "Гриценко").await;
        }
        // It reaches the other office's open page by itself.
        let other = driver.browser("two").await;
        other.sits_down(&mut doha, "Samir", "mediator").await;
        other.says("#rows", "Гриценко").await;
        other.close().await;
        page.close().await;
    });
}

#[test]
fn the_keyboard_goes_everywhere() {
    let Some(driver) = Driver::start() else { return };
    let root = tempfile::tempdir().unwrap();
    let (mut kyiv, _doha) = two(root.path());
    for number in 0..150 {
        new_case(&mut kyiv, CIRCLE, &format!("Осінній, Марко {number:03}"));
    }
    run(async {
        let page = driver.browser("one").await;
        page.sits_down(&mut kyiv, "Olena", "supervisor").await;
        page.says("#total", "150 cases").await;
        page.press("/").await;
        page.holds("the search has the focus", "document.activeElement.id === 'q'").await;
        page.press(Key::Down + "").await;
        page.holds("the first row", "document.activeElement.getAttribute('aria-rowindex') === '2'").await;
        page.press(Key::End + "").await;
        page.holds("the last row", "document.activeElement.getAttribute('aria-rowindex') === '151'").await;
        page.press(Key::Home + "").await;
        page.holds("the first again", "document.activeElement.getAttribute('aria-rowindex') === '2'").await;
        page.press("?").await;
        page.find("#keys[open]").await;
        page.press(Key::Escape + "").await;
        page.holds("the keys are closed", "!document.querySelector('#keys').open").await;
        page.press("gp").await;
        page.holds("partners", "location.pathname.endsWith('/partners')").await;
        page.press("gc").await;
        page.holds("cases", "location.pathname.endsWith('/cases')").await;
        page.close().await;
    });
}

#[test]
fn a_case_opens_over_its_list_and_the_list_stands_where_it_was_left() {
    let Some(driver) = Driver::start() else { return };
    let root = tempfile::tempdir().unwrap();
    let (mut kyiv, mut doha) = two(root.path());
    let mut cases = Vec::new();
    for number in 0..150 {
        cases.push(new_case(&mut kyiv, CIRCLE, &format!("Осінній, Марко {number:03}")).case);
    }
    let circle = kyiv.status().circles[0].circle.clone();
    level(&mut [&mut kyiv, &mut doha], &circle);
    let mut says = |field: &str, value: &str| {
        let claims = vec![claim(field, value)];
        doha.ask(Request::CaseClaim { circle: CIRCLE.into(), case: cases[120].hex(), claims });
    };
    run(async {
        let page = driver.browser("one").await;
        page.sits_down(&mut kyiv, "Olena", "supervisor").await;
        page.says("#total", "150 cases").await;
        says("birth_date", "2013-02-11");
        // Somewhere in the list, by a filter that is in the page alone.
        page.fill("#q", "Марко").await;
        page.holds("its rows", "new URLSearchParams(location.search).get('q') === 'Марко'").await;
        page.run("document.querySelector('#list').scrollTop = 118 * 46; window.same = true").await;
        let row = "[aria-rowindex='122']";
        page.find(&format!("{row} .new")).await;
        page.run(&format!("document.querySelector(\"{row}\").focus()")).await;
        page.press(Key::Enter + "").await;
        page.says("#case-name", "Осінній, Марко 120").await;
        page.says("[data-field=birth_date]", "11 Feb 2013").await;
        assert_eq!(page.place().await, format!("case/{}", cases[120].hex()));
        page.holds("it is read from its beginning", "document.activeElement.id === 'main'").await;
        page.holds("its name is the page's", "document.title.includes('120')").await;
        page.driver.back().await.unwrap();
        page.holds("the page is the same", "window.same").await;
        page.holds("where it was", "document.querySelector('#list').scrollTop === 118 * 46").await;
        page.holds("the row has the focus", "document.activeElement.getAttribute('aria-rowindex') === '122'")
            .await;
        page.find(&format!("{row}:not(.is-new)")).await;
        page.says("#total", "150 cases").await;
        page.press(Key::Enter + "").await;
        page.says("#case-name", "Осінній, Марко 120").await;
        // All of it works as on a page of its own: news, forms, the note.
        says("remark", "бачили в червні");
        page.says("#case-body", "бачили в червні").await;
        page.click("[data-field=birth_date] > .cs-edit").await;
        page.fill("[data-field=birth_date] .cs-form input[name=value]", "2014-02-11").await;
        page.click("[data-field=birth_date] .cs-form .primary").await;
        page.find("[data-field=birth_date].differs").await;
        page.click(".note-text").await;
        page.press("завтра о 9").await;
        page.driver.back().await.unwrap();
        page.says(row, "2014").await;
        page.holds("the row has the focus", "document.activeElement.getAttribute('aria-rowindex') === '122'")
            .await;
        // What was typed last is written, though nobody waited for it.
        page.press(Key::Enter + "").await;
        page.holds("the note", "document.querySelector('.note-text')?.value === 'завтра о 9'").await;
        page.holds("the page is the same", "window.same").await;
        // From the worklist likewise, to the place that it is about; and back by the browser's own way.
        page.go("worklist").await;
        page.run("window.same = true").await;
        page.click("#work-differences .work-case").await;
        page.says("#case-name", "Осінній, Марко 120").await;
        page.holds("the page is the same", "window.same").await;
        page.holds("the place", "document.querySelector(':target')?.id === 'f-birth_date--'").await;
        page.driver.back().await.unwrap();
        page.find("#work-differences .work-case").await;
        page.go("cases").await;
        page.click("[aria-rowindex='2'] .row-link").await;
        page.says("#case-name", "Осінній, Марко 000").await;
        // Locked: neither the case nor the list behind it is there to come back to.
        kyiv.ask(Request::Lock);
        page.says("h1", "locked").await;
        page.driver.back().await.unwrap();
        page.says("h1", "locked").await;
        assert!(!page.driver.source().await.unwrap().contains("Осінній"));
        page.close().await;
    });
}

#[test]
fn four_languages_one_click_and_it_stays() {
    let Some(driver) = Driver::start() else { return };
    let root = tempfile::tempdir().unwrap();
    let (mut kyiv, _doha) = two(root.path());
    new_case(&mut kyiv, CIRCLE, "Коваленко, Тарас");
    new_case(&mut kyiv, CIRCLE, "نور, سعيد");
    run(async {
        let page = driver.browser("one").await;
        page.sits_down(&mut kyiv, "Olena", "supervisor").await;
        for (code, direction, word, total) in [
            ("uk", "ltr", "Справи", "2 справи"),
            ("ar", "rtl", "الحالات", "حالتان"),
            ("ru", "ltr", "Дела", "2 дела"),
            ("en", "ltr", "Cases", "2 cases"),
        ] {
            page.run("document.querySelectorAll('details.menu')[1].open = true").await;
            page.click(&format!("button[name=language][value={code}]")).await;
            page.holds(code, &format!("document.documentElement.lang === '{code}'")).await;
            page.says(".places", word).await;
            page.says("#total", total).await;
            let shown = page.ask("return document.documentElement.dir").await;
            assert_eq!(shown, direction);
            // Names keep their own direction, and nothing runs out of the page.
            page.holds("bdi", "document.querySelectorAll('.c-name bdi').length >= 2").await;
            page.holds("it fits", "document.documentElement.scrollWidth <= window.innerWidth").await;
        }
        page.run("document.querySelectorAll('details.menu')[1].open = true").await;
        page.click("button[name=language][value=ar]").await;
        page.holds("ar", "document.documentElement.lang === 'ar'").await;
        page.close().await;
        // The same person at another browser.
        let again = driver.browser("two").await;
        again.enter(&mut kyiv).await;
        again.click("button.person").await;
        again.holds("ar", "document.documentElement.lang === 'ar'").await;
        again.close().await;
    });
}

#[test]
fn a_link_that_rests_is_seen_and_one_that_goes_on_too() {
    let Some(driver) = Driver::start() else { return };
    let root = tempfile::tempdir().unwrap();
    let (mut kyiv, _doha) = two(root.path());
    run(async {
        let page = driver.browser("one").await;
        page.sits_down(&mut kyiv, "Olena", "supervisor").await;
        page.find(".link.up").await;
        kyiv.ask(Request::Pause { partner: None });
        page.find(".link.paused").await;
        kyiv.ask(Request::Resume { partner: None });
        page.find(".link.up").await;
        page.close().await;
    });
}
