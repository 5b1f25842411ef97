//! What every request must show before anything of it is looked at, and what every answer says to the browser.
//!
//! Judged in this order: the host it calls us by, where it comes from, the session. Nothing tells a stranger more than
//! that there is no such page.

use super::session::{COOKIE, Desk, Session};
use axum::extract::{OriginalUri, Request, State};
use axum::http::header::{COOKIE as COOKIES, HOST, HeaderName, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Scripts, styles and pictures from here alone; no page around ours, no form to elsewhere, no plug-ins.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(&str, &str); 8] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    // Not `no-referrer`: browsers would then send forms of our own pages with the origin `null`.
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    (
        "permissions-policy",
        "camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), payment=()",
    ),
];

/// Everything passes here first: host and origin before, what browsers must heed after.
pub(super) async fn everything(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let here = names_us(request.uri(), desk.host())
        && comes_from_here(request.method(), request.headers(), desk.host());
    let mut answer = match here {
        true => next.run(request).await,
        false => StatusCode::FORBIDDEN.into_response(),
    };
    let headers = answer.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    // Pages hold people's words: no copy on the disk, not even in the browser's.
    headers.entry("cache-control").or_insert(HeaderValue::from_static("no-store"));
    answer
}

/// Pages of a session: under its path and with its cookie.
pub(super) async fn session(State(desk): State<Desk>, mut request: Request, next: Next) -> Response {
    // Inside the nest the path has lost its beginning.
    let whole =
        request.extensions().get::<OriginalUri>().map_or_else(|| request.uri().clone(), |uri| uri.0.clone());
    let path: Option<&str> = whole.path().strip_prefix("/d/").and_then(|rest| rest.split('/').next());
    let cookie = cookie_of(request.headers());
    let found = path.zip(cookie).and_then(|(path, cookie)| desk.find(path, &cookie));
    match found {
        Some(session) => {
            request.extensions_mut().insert::<Session>(session);
            next.run(request).await
        }
        None => super::fault::no_session(),
    }
}

/// Whether a request's own line names nobody else: one that was meant for a proxy says there whom it wants.
fn names_us(uri: &Uri, host: &str) -> bool {
    uri.authority().is_none_or(|named| named.as_str() == host)
        && uri.scheme_str().is_none_or(|scheme| scheme == "http")
}

/// Whether a request calls this desk by its own name and was made by one of its pages, or by a person who opened it.
fn comes_from_here(method: &Method, headers: &HeaderMap, host: &str) -> bool {
    let one = |name: &HeaderName| {
        let mut all = headers.get_all(name).iter();
        match (all.next(), all.next()) {
            (Some(value), None) => Some(value.as_bytes()),
            // Twice: whoever asks hopes that two readers take different ones.
            (Some(_), Some(_)) => Some(&b""[..]),
            (None, _) => None,
        }
    };
    if one(&HOST) != Some(host.as_bytes()) {
        return false;
    }
    let own = format!("http://{host}");
    let origin = one(&ORIGIN);
    let changes = !matches!(*method, Method::GET | Method::HEAD);
    if origin.is_some_and(|origin| origin != own.as_bytes()) || changes && origin.is_none() {
        return false;
    }
    match one(&HeaderName::from_static("sec-fetch-site")) {
        // A browser that does not say it: too old, or no browser. The session is still asked for.
        None => true,
        Some(b"same-origin") => true,
        // Typed, or opened from another program.
        Some(b"none") => !changes,
        Some(_) => false,
    }
}

fn cookie_of(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(COOKIES).iter().filter_map(|value| value.to_str().ok());
    let mut ours = all
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == COOKIE);
    match (ours.next(), ours.next()) {
        (Some((_, value)), None) => Some(value.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "127.0.0.1:7400";

    fn passes(method: Method, pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        comes_from_here(&method, &headers, HERE)
    }

    #[test]
    fn only_its_own_name_is_answered_to() {
        assert!(passes(Method::GET, &[("host", HERE)]));
        for host in ["localhost:7400", "127.0.0.1", "127.0.0.1:7401", "[::1]:7400", "desk.example:7400", ""] {
            assert!(!passes(Method::GET, &[("host", host)]), "{host}");
        }
        assert!(!passes(Method::GET, &[]));
        assert!(!passes(Method::GET, &[("host", HERE), ("host", "desk.example")]));
    }

    #[test]
    fn a_line_for_a_proxy_names_us_or_nobody() {
        let names = |uri: &str| names_us(&uri.parse().unwrap(), HERE);
        assert!(names("/d/1/cases") && names("http://127.0.0.1:7400/d/1/cases"));
        for other in ["http://desk.example/", "http://127.0.0.1/", "https://127.0.0.1:7400/", "127.0.0.1:22"]
        {
            assert!(!names(other), "{other}");
        }
    }

    #[test]
    fn only_its_own_pages_change_anything() {
        let own = ("origin", "http://127.0.0.1:7400");
        assert!(passes(Method::POST, &[("host", HERE), own]));
        assert!(passes(Method::POST, &[("host", HERE), own, ("sec-fetch-site", "same-origin")]));
        assert!(!passes(Method::POST, &[("host", HERE)]), "a form without an origin");
        for origin in ["null", "http://127.0.0.1", "https://127.0.0.1:7400", "http://desk.example", "file://"]
        {
            assert!(!passes(Method::POST, &[("host", HERE), ("origin", origin)]), "{origin}");
            assert!(!passes(Method::GET, &[("host", HERE), ("origin", origin)]), "{origin}");
        }
        for site in ["cross-site", "same-site", "none"] {
            assert!(!passes(Method::POST, &[("host", HERE), own, ("sec-fetch-site", site)]), "{site}");
        }
        assert!(passes(Method::GET, &[("host", HERE), ("sec-fetch-site", "none")]), "typed by a person");
        assert!(!passes(Method::GET, &[("host", HERE), ("sec-fetch-site", "cross-site")]));
        assert!(!passes(Method::GET, &[("host", HERE), ("sec-fetch-site", "same-site")]));
    }

    #[test]
    fn a_cookie_is_one_cookie() {
        let cookie = |line: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("cookie", HeaderValue::from_static(line));
            cookie_of(&headers)
        };
        assert_eq!(cookie("a=1; homeward=x"), Some("x".to_owned()));
        assert_eq!(cookie("homeward=x; homeward=y"), None, "two of them: one is somebody else's");
        assert_eq!(cookie("homewards=x"), None);
    }
}
