//! A desk for tests: a running office, its link, and requests as any program on the machine could make them.

#![allow(dead_code, unreachable_pub, reason = "each test that includes this uses a part of it")]

#[path = "../offices/mod.rs"]
pub mod offices;

use homeward::node::{Answer, Request};
use offices::Office;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// How long an answer may take before a test has failed.
const DEADLINE: Duration = Duration::from_secs(30);

/// A session at a desk: where it is and its two secrets.
#[derive(Clone)]
pub struct Session {
    /// `127.0.0.1:7400`.
    pub host: String,
    /// `/d/...`.
    pub base: String,
    /// The cookie's value.
    pub cookie: String,
}

/// An answer, read to its end.
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Reply {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find_map(|(known, value)| known.eq_ignore_ascii_case(name).then_some(value))
    }
}

/// The link that a running office's node gives: host and token.
pub fn link(office: &mut Office) -> (String, String) {
    let Answer::DeskLink { url } = office.ask(Request::DeskLink) else { panic!("a link was asked for") };
    let rest = url.reveal().strip_prefix("http://").unwrap().to_owned();
    let (host, token) = rest.split_once("/open/").unwrap();
    (host.to_owned(), token.to_owned())
}

/// Sends bytes as they are and reads what comes back: to its end, or for as long as an answer may take. A stream of news
/// has no end.
pub fn send(host: &str, bytes: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(host).unwrap();
    let start = Instant::now();
    // A server may answer and hang up before it has read all of a body that it does not want.
    let _ = stream.write_all(bytes);
    let mut all = Vec::new();
    let mut piece = vec![0; 64 * 1024];
    while let Some(left) = DEADLINE.checked_sub(start.elapsed()).filter(|left| !left.is_zero()) {
        stream.set_read_timeout(Some(left)).unwrap();
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => break,
            Ok(read) => all.extend_from_slice(&piece[..read]),
        }
    }
    let text = String::from_utf8_lossy(&all).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    Reply { status, head: head.to_owned(), body: body.to_owned() }
}

/// A request with these headers besides `Host` and `Connection`.
pub fn request(host: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        text.push_str(&format!("Host: {host}\r\n"));
    }
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() || method == "POST" {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    text.push_str(body);
    send(host, text.as_bytes())
}

/// Opens a session by a new link.
pub fn enter(office: &mut Office) -> Session {
    let (host, token) = link(office);
    let reply = request(&host, "GET", &format!("/open/{token}"), &[], "");
    assert_eq!(reply.status, 303, "{}", reply.head);
    let base = reply.header("location").unwrap().trim_end_matches("/start").to_owned();
    let cookie = reply.header("set-cookie").unwrap();
    let cookie = cookie.strip_prefix("homeward=").unwrap().split(';').next().unwrap().to_owned();
    Session { host, base, cookie }
}

impl Session {
    /// The cookie as a header's value.
    pub fn cookies(&self) -> String {
        format!("homeward={}", self.cookie)
    }

    /// A page of the session.
    pub fn get(&self, path: &str) -> Reply {
        let cookies = self.cookies();
        request(&self.host, "GET", &format!("{}{path}", self.base), &[("Cookie", &cookies)], "")
    }

    /// A form of the session's own page.
    pub fn post(&self, path: &str, form: &str) -> Reply {
        let (cookies, origin) = (self.cookies(), format!("http://{}", self.host));
        let headers = [
            ("Cookie", cookies.as_str()),
            ("Origin", origin.as_str()),
            ("Sec-Fetch-Site", "same-origin"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        request(&self.host, "POST", &format!("{}{path}", self.base), &headers, form)
    }

    /// Somebody sits down.
    pub fn is(&self, name: &str, role: &str) {
        let reply = self.post("/operator", &format!("name={name}&role={role}"));
        assert_eq!(reply.status, 303, "{} {}", reply.head, reply.body);
    }
}
