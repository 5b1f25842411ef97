//! No page from elsewhere, no name turned to this machine and no other program gets anything from a desk, and nothing
//! that people wrote is obeyed by it.
//!
//! The rows of web pages in the table of threats: exact hosts, origins, forms, tokens, cookies, framing, paths, bodies,
//! and script in every field. Requests are made by hand, as a hostile page's browser would make them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

mod desk;

use desk::offices::{Office, found, introduce};
use desk::{Session, enter, link, request, send};
use homeward::node::{Answer, ClaimIn, Request};

const CIRCLE: &str = "families";
const NAME: &str = "Zhuravelnyk";

struct Place {
    office: Office,
    _other: Office,
    root: tempfile::TempDir,
}

/// An office that runs, with a circle and a case.
fn place() -> Place {
    let root = tempfile::tempdir().unwrap();
    let (mut office, mut other) =
        (Office::new(root.path(), "quillhaven"), Office::new(root.path(), "marlbrook"));
    introduce(&mut [&mut office, &mut other]);
    found(&mut office, CIRCLE, &["marlbrook"], &[]);
    office.start();
    let claim =
        ClaimIn { field: "name".into(), value: format!("{NAME}, Taras").into(), ..ClaimIn::default() };
    office.ask(Request::CaseNew { circle: CIRCLE.into(), case: None, claims: vec![claim] });
    Place { office, _other: other, root }
}

fn cases(office: &mut Office) -> usize {
    let Answer::CaseList { total, .. } =
        office.ask(Request::CaseList { circle: None, open_only: false, skip: 0, limit: 1 })
    else {
        panic!("a list was asked for")
    };
    total
}

#[test]
fn a_stranger_gets_nothing() {
    let mut place = place();
    let session = enter(&mut place.office);
    session.is("Olena", "supervisor");
    let list = session.get("/cases");
    assert!(list.status == 200 && list.body.contains(NAME), "the person who sits there sees the list");
    let other = Session { cookie: "0".repeat(64), ..session.clone() };
    let elsewhere = Session { base: format!("/d/{}", "0".repeat(64)), ..session.clone() };
    for (why, reply) in [
        ("no cookie", request(&session.host, "GET", &format!("{}/cases", session.base), &[], "")),
        ("a wrong cookie", other.get("/cases")),
        ("the cookie without the path", elsewhere.get("/cases")),
        ("no session at all", request(&session.host, "GET", "/", &[], "")),
        ("paths that climb", session.get("/../../cases")),
        ("paths that climb, hidden", session.get("/%2e%2e/%2e%2e/etc/passwd")),
        ("an asset that climbs", request(&session.host, "GET", "/a/..%2f..%2fCargo.toml", &[], "")),
        ("an empty segment", session.get("//cases")),
    ] {
        assert!(reply.status == 404 || reply.status == 403 || reply.status == 400, "{why}: {}", reply.head);
        assert!(!reply.body.contains(NAME) && !reply.body.contains("quillhaven"), "{why}");
    }
}

#[test]
fn a_hostile_page_reads_and_does_nothing() {
    let mut place = place();
    let session = enter(&mut place.office);
    session.is("Olena", "supervisor");
    let cookies = session.cookies();
    let port = session.host.split(':').nth(1).unwrap().to_owned();
    let page = format!("{}/cases", session.base);
    let get = |headers: &[(&str, &str)]| {
        let mut all = vec![("Cookie", cookies.as_str())];
        all.extend_from_slice(headers);
        request(&session.host, "GET", &page, &all, "")
    };
    assert_eq!(get(&[]).status, 200);
    // Names that were turned to this address, and other names of it.
    for host in
        ["desk.example", "localhost", "[::1]", "127.0.0.2", "0.0.0.0", "127.0.0.1.desk.example", "127.1"]
    {
        let reply = get(&[("Host", &format!("{host}:{port}"))]);
        assert!(reply.status == 403 && !reply.body.contains(NAME), "{host}: {}", reply.head);
    }
    assert_eq!(get(&[("Host", "127.0.0.1")]).status, 403);
    for twice in [[&session.host, "desk.example"], ["desk.example", &session.host]] {
        let reply = get(&twice.map(|host| ("Host", host)));
        assert!(reply.status == 403 && !reply.body.contains(NAME), "two hosts: {}", reply.head);
    }
    let absolute =
        request(&session.host, "GET", &format!("http://desk.example{page}"), &[("Cookie", &cookies)], "");
    assert!(absolute.status == 403 && !absolute.body.contains(NAME), "{}", absolute.head);
    // Scripts and pictures of pages from elsewhere.
    for site in ["cross-site", "same-site"] {
        assert_eq!(get(&[("Sec-Fetch-Site", site)]).status, 403, "{site}");
    }
    for origin in ["null", "http://desk.example", "http://127.0.0.1:1", "http://localhost:7400"] {
        assert_eq!(get(&[("Origin", origin)]).status, 403, "{origin}");
    }
    // Forms of pages from elsewhere.
    let before = cases(&mut place.office);
    let form = "circle=families&surname=Nobody";
    let own = format!("http://{}", session.host);
    let forms: [(&str, Vec<(&str, &str)>); 5] = [
        ("no origin", vec![]),
        ("of no origin", vec![("Origin", "null")]),
        ("from elsewhere", vec![("Origin", "http://desk.example")]),
        ("by another scheme", vec![("Origin", "https://127.0.0.1")]),
        ("by a page of another site", vec![("Origin", &own), ("Sec-Fetch-Site", "cross-site")]),
    ];
    for (why, headers) in forms {
        let mut all =
            vec![("Cookie", cookies.as_str()), ("Content-Type", "application/x-www-form-urlencoded")];
        all.extend(headers);
        let reply = request(&session.host, "POST", &format!("{}/cases/new", session.base), &all, form);
        assert_eq!(reply.status, 403, "{why}: {}", reply.head);
    }
    assert_eq!(cases(&mut place.office), before, "nothing was written");
    let reply = session.post("/cases/new", form);
    assert_eq!(
        (reply.status, cases(&mut place.office)),
        (303, before + 1),
        "its own page may: {}",
        reply.head
    );
    // Asking for more than pages: no other method, no upgrade, no permission for others.
    let options = request(&session.host, "OPTIONS", &page, &[("Origin", "http://desk.example")], "");
    assert!(
        options.status >= 400 && options.header("access-control-allow-origin").is_none(),
        "{}",
        options.head
    );
    let socket = get(&[
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="),
        ("Sec-WebSocket-Version", "13"),
        ("Origin", "http://desk.example"),
    ]);
    assert_eq!(socket.status, 403);
    let news = format!("{}/events", session.base);
    for headers in [&[][..], &[("Cookie", "homeward=0")], &[("Cookie", &cookies), ("Origin", "null")]] {
        let reply = request(&session.host, "GET", &news, headers, "");
        assert!(reply.status == 404 || reply.status == 403, "news for a stranger: {}", reply.head);
    }
}

#[test]
fn every_answer_forbids_what_pages_need_not() {
    let mut place = place();
    let session = enter(&mut place.office);
    session.is("Olena", "supervisor");
    for reply in
        [session.get("/cases"), session.get("/nothing"), request(&session.host, "GET", "/a/desk.js", &[], "")]
    {
        let policy = reply.header("content-security-policy").unwrap().to_owned();
        for needed in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]
        {
            assert!(policy.contains(needed), "{policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'), "{policy}");
        assert_eq!(reply.header("x-frame-options"), Some("DENY"));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("referrer-policy"), Some("same-origin"));
        assert_eq!(reply.header("cross-origin-resource-policy"), Some("same-origin"));
        assert!(reply.header("access-control-allow-origin").is_none());
        assert!(reply.header("server").is_none());
    }
    assert_eq!(session.get("/cases").header("cache-control"), Some("no-store"), "words stay in memory");
}

#[test]
fn a_link_opens_once_and_a_cookie_stays_where_it_belongs() {
    let mut place = place();
    let (host, token) = link(&mut place.office);
    let path = format!("/open/{token}");
    for (why, headers) in [
        ("a page from elsewhere", vec![("Sec-Fetch-Site", "cross-site")]),
        ("a name turned to this address", vec![("Host", "desk.example")]),
    ] {
        assert_eq!(request(&host, "GET", &path, &headers, "").status, 403, "{why}");
    }
    let opened = request(&host, "GET", &path, &[("Sec-Fetch-Site", "none")], "");
    assert_eq!(opened.status, 303, "what was refused did not use it up");
    let cookie = opened.header("set-cookie").unwrap();
    for needed in ["HttpOnly", "SameSite=Strict", "Path=/d/"] {
        assert!(cookie.contains(needed), "{cookie}");
    }
    let base = opened.header("location").unwrap().trim_end_matches("/start");
    assert!(
        cookie.contains(&format!("Path={base};")),
        "other programs on this machine never see it: {cookie}"
    );
    assert_eq!(request(&host, "GET", &path, &[], "").status, 404, "it was used");
    assert_eq!(request(&host, "GET", "/open/", &[], "").status, 404);
    assert_eq!(request(&host, "GET", &format!("/open/{}", "0".repeat(64)), &[], "").status, 404);
    // The node's end is the session's.
    let session = enter(&mut place.office);
    place.office.stop();
    place.office.start();
    let (host, _) = link(&mut place.office);
    let again = Session { host, ..session };
    assert_eq!(again.get("/start").status, 404, "a session of the node that ended");
    drop(place.root);
}

#[test]
fn what_is_too_much_is_refused_and_the_desk_goes_on() {
    let mut place = place();
    let session = enter(&mut place.office);
    session.is("Olena", "supervisor");
    // A form that is right but for its size, on both sides of the limit.
    let circle = place.office.status().circles[0].circle.clone();
    let padded = |bytes| format!("circle={circle}&surname=Osin&pad={}", "x".repeat(bytes));
    let most = homeward::limit::DESK_FORM_BYTES;
    assert_eq!(session.post("/cases/new", &padded(most / 2)).status, 303, "a form within the limit");
    let before = cases(&mut place.office);
    assert_eq!(session.post("/cases/new", &padded(most)).status, 422, "a form beyond the limit");
    for form in ["", "circle", "%ff%fe", "circle=families&surname=%00", "a=1&".repeat(50_000).as_str()] {
        let reply = session.post("/cases/new", form);
        assert!((400..500).contains(&reply.status), "{}: {}", form.len(), reply.head);
    }
    let head = format!(
        "GET {}/cases HTTP/1.1\r\nHost: {}\r\nX: {}\r\n\r\n",
        session.base,
        session.host,
        "y".repeat(1 << 20)
    );
    assert!(send(&session.host, head.as_bytes()).status >= 400, "a head beyond the limit");
    for bytes in
        [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"GET / HTTP/9.9\r\n\r\n", b"\0\0\0\0\r\n\r\n", b"GET\r\n\r\n"]
    {
        let reply = send(&session.host, bytes);
        assert!(reply.status == 0 || reply.status >= 400, "{}", reply.head);
    }
    assert_eq!(cases(&mut place.office), before, "nothing was written");
    assert_eq!(session.get("/cases").status, 200, "it goes on");
}

/// What hostile hands put into fields: it must come back as text, whatever page shows it.
const EVIL: [&str; 5] = [
    "<script>window.owned=1</script>",
    "\"><img src=x onerror=window.owned=1>",
    "'-alert(1)-'",
    "</textarea></select><svg onload=window.owned=1>",
    "{{7*7}}${7*7}",
];

#[test]
fn script_in_every_field_is_shown_as_text() {
    let mut place = place();
    let session = enter(&mut place.office);
    session.is("%3Cb%3EOlena", "supervisor");
    let mut case = None;
    for evil in EVIL {
        let mut claims = Vec::new();
        for field in homeward::case::FIELDS {
            if matches!(
                field.holds,
                homeward::case::Holds::Text | homeward::case::Holds::Name | homeward::case::Holds::Place
            ) {
                let group = if field.grouped { "g1" } else { "" };
                claims.push(ClaimIn {
                    field: field.code.into(),
                    group: group.into(),
                    value: evil.into(),
                    source: evil.into(),
                    given_by: evil.into(),
                    ..ClaimIn::default()
                });
            }
        }
        let Answer::Written(written) =
            place.office.ask(Request::CaseNew { circle: CIRCLE.into(), case: None, claims })
        else {
            panic!("a case was written")
        };
        let at = written.case.hex();
        place.office.ask(Request::CaseNote {
            circle: CIRCLE.into(),
            case: at.clone(),
            at: None,
            remove: "".into(),
            insert: evil.into(),
        });
        for key in ["case//who", "task/visa/what", "leg/1/escort", "paper/1/number"] {
            place.office.ask(Request::CasePlan {
                circle: CIRCLE.into(),
                case: at.clone(),
                key: key.into(),
                value: evil.into(),
                shown: None,
            });
        }
        case = Some(at);
    }
    let case = case.unwrap();
    let circle = place.office.circle(CIRCLE).unwrap().circle;
    for path in [
        "/operator".to_owned(),
        "/cases".to_owned(),
        "/cases/new".to_owned(),
        "/cases/rows?q=%3Cscript%3E".to_owned(),
        "/cases?q=%22%3E%3Cscript%3Ewindow.owned&from=%22%3E%3Cscript%3Ewindow.owned".to_owned(),
        format!("/case/{case}"),
        format!("/case/{case}/head"),
        format!("/case/{case}/body"),
        format!("/case/{case}/form?circle={circle}&field=remark"),
        format!("/case/{case}/claims?circle={circle}&field=remark"),
        format!("/case/{case}/export"),
        format!("/case/{case}/print"),
        format!("/case/{case}/plan?circle={circle}"),
        format!("/case/{case}/history"),
        "/worklist".to_owned(),
        "/overview".to_owned(),
        "/partners".to_owned(),
        "/partners/cards".to_owned(),
        "/partners/circles".to_owned(),
        "/import".to_owned(),
    ] {
        let reply = session.get(&path);
        assert_eq!(reply.status, 200, "{path}: {}", reply.head);
        harmless(&path, &reply.body);
    }
    // It is there, and shown as what it is.
    let body = session.get(&format!("/case/{case}")).body;
    assert!(body.contains("{{7*7}}${7*7}") && session.get("/cases").body.contains("&lt;script&gt;"));
    // What leaves is saved, never shown, and no cell of it is a formula.
    for (path, form, media) in [
        ("/cases/export".to_owned(), "recipient=%3Dx&purpose=%3Cscript%3Ewindow.owned&kind=csv", "text/csv"),
        ("/overview/export".to_owned(), "recipient=%3Dx&purpose=p&kind=csv", "text/csv"),
        (format!("/case/{case}/export"), "recipient=%3Dx&purpose=p", "application/zip"),
    ] {
        let reply = session.post(&path, form);
        assert_eq!(reply.status, 200, "{path}: {}", reply.head);
        assert!(reply.header("content-type").unwrap().starts_with(media), "{path}");
        assert!(reply.header("content-disposition").unwrap().starts_with("attachment;"), "{path}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        let mut cells = reply.body.split([',', '\n']).map(|cell| cell.trim_start_matches('"'));
        assert!(media != "text/csv" || !cells.any(|cell| cell.starts_with(['=', '+', '@'])), "{path}");
    }
    // The journal of what left quotes who asked for it.
    harmless("/overview", &session.get("/overview").body);
}

fn harmless(path: &str, body: &str) {
    let body = body.to_lowercase();
    for bad in
        ["<script>window", "<img src=x", "<svg onload", "onerror=window.owned=1>", "</textarea></select>"]
    {
        assert!(!body.contains(bad), "{path} holds {bad}");
    }
}

/// What somebody's role does not do is refused wherever it is asked for, not only left out of the pages.
#[test]
fn a_role_bounds_what_is_answered() {
    let mut place = place();
    let session = enter(&mut place.office);
    let rows = session.get("/cases/rows");
    assert!(rows.status == 303 && !rows.body.contains(NAME), "nobody said who sits there: {}", rows.head);
    session.is("Olena", "supervisor");
    let case = place.office.cases(CIRCLE)[0].hex();
    assert!(session.get(&format!("/case/{case}")).body.contains(NAME));
    let circle = place.office.circle(CIRCLE).unwrap().circle;
    let ends = [
        "", "/head", "/body", "/sent", "/claims", "/form", "/print", "/export", "/plan", "/note", "/history",
    ];
    let reads = ends.into_iter().chain(["/disclose"]).map(|end| format!("/case/{case}{end}?circle={circle}"));
    let reads: Vec<String> = reads.collect();
    let lists = ["/cases", "/cases/rows", "/cases/new", "/worklist", "/worklist/part", "/import"];
    session.is("Auditor", "auditor");
    for path in reads.iter().map(String::as_str).chain(lists) {
        let reply = session.get(path);
        assert!(reply.status == 403 && !reply.body.contains(NAME), "{path}: {}", reply.head);
    }
    assert_eq!(session.get("/overview").status, 200);
    // Who works at the desk of an office hands out and reads, and says nothing of a child.
    session.is("Desk", "desk");
    let before = cases(&mut place.office);
    assert_eq!(session.get("/cases").status, 200);
    for (path, form) in [
        ("/cases/new".to_owned(), "circle=families&surname=Nobody".to_owned()),
        (format!("/case/{case}/claim"), "circle=families&field=remark&value=x".to_owned()),
        (format!("/case/{case}/disclose"), "from=families&to=families".to_owned()),
        ("/partners/pause".to_owned(), String::new()),
        ("/partners/circles/new".to_owned(), "name=x".to_owned()),
    ] {
        let reply = session.post(&path, &form);
        assert_eq!(reply.status, 403, "{path}: {}", reply.head);
    }
    assert_eq!(cases(&mut place.office), before, "nothing was written");
}
