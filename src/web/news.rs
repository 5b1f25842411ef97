//! News for open pages: a stream of small events that say what changed, never what it is.

use super::page::Page;
use crate::node::{Answer, Request};
use crate::time::Millis;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::convert::Infallible;
use std::time::Duration;

/// The shortest time between two looks, and the longest: one edit is heard of at once, though the bell rings for it
/// when it is stored and when it is read; a sync of thousands of cases rings all the time, and the rest doubles so long.
const REST_MS: [u64; 2] = [8, 256];
/// How often an open stream shows that it is one.
const BREATH: Duration = Duration::from_secs(20);

/// What a page listens for.
#[derive(Deserialize)]
pub(super) struct About {
    /// A case, besides all of them; empty for none.
    #[serde(default)]
    case: String,
    /// How cases and links stood before the page was made, as it was told; empty if it was not.
    #[serde(default)]
    stood: String,
}

/// Streams `cases`, `case`, `links` when they change, and `locked` when the node is.
pub(super) async fn events(page: Page, Query(about): Query<About>) -> Response {
    let Some(place) = page.desk.stream() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let case = (!about.case.is_empty()).then_some(about.case);
    let stood = about.stood.split_once('-').and_then(|(c, l)| Some((c.parse().ok()?, l.parse().ok()?)));
    let heard = stood.map(|(cases, links)| Heard { cases, case: None, links });
    let start = Ear { page, case, rung: 0, heard, looked: Millis::default(), rest: 0, place };
    let events = futures_util::stream::unfold((start, Vec::new()), |(mut ear, mut due)| async move {
        loop {
            if let Some(event) = due.pop() {
                // Browsers drop an event without data.
                return Some((Ok::<_, Infallible>(Event::default().event(event).data("now")), (ear, due)));
            }
            due = ear.listen().await;
        }
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(BREATH)).into_response()
}

struct Ear {
    page: Page,
    case: Option<String>,
    /// How often the bell had rung.
    rung: u64,
    /// What the last look showed; `None` before the first and while locked.
    heard: Option<Heard>,
    /// When it last looked, by the steady clock.
    looked: Millis,
    /// How long it then rested at least, in milliseconds.
    rest: u64,
    #[allow(dead_code, reason = "held as long as the page listens")]
    place: super::session::Stream,
}

/// What a look showed.
#[derive(Clone, Copy)]
struct Heard {
    cases: u64,
    /// Not known to a page that was only told how all cases stood.
    case: Option<u64>,
    links: u64,
}

impl Ear {
    /// Waits for the bell, and says what changed since it was last looked at.
    async fn listen(&mut self) -> Vec<&'static str> {
        let way = self.page.desk.way();
        if self.heard.is_some() {
            self.rung = way.changed(self.rung).await;
            let since = way.steady().since(self.looked);
            self.rest = rest(self.rest, since);
            tokio::time::sleep(Duration::from_millis(self.rest.saturating_sub(since))).await;
        }
        self.looked = way.steady();
        let pulse = self.page.ask(Request::Pulse { case: self.case.clone() }).await;
        let Ok(Answer::Pulse { cases, case, links }) = pulse else {
            // Locked: the page goes to where it is opened, also one that began to listen a moment later. Until the node
            // is open again there is nothing to hear.
            if way.is_locked() && self.heard.take().is_some() {
                return vec!["locked"];
            }
            self.rung = way.changed(self.rung).await;
            return if way.is_locked() { vec!["locked"] } else { Vec::new() };
        };
        let Some(before) = self.heard.replace(Heard { cases, case: Some(case), links }) else {
            // The page may have been made a moment before it began to listen.
            return vec!["links", "case", "cases"];
        };
        let of_cases = before.cases != cases;
        let of_case = before.case.map_or(of_cases, |before| before != case);
        let all = [("links", before.links != links), ("case", of_case), ("cases", of_cases)];
        all.into_iter().filter_map(|(name, changed)| changed.then_some(name)).collect()
    }
}

/// How long to rest before the next look, in milliseconds, if the bell rang `since` the last one.
fn rest(before: u64, since: u64) -> u64 {
    let [shortest, longest] = REST_MS;
    if since >= longest { shortest } else { (2 * before).clamp(shortest, longest) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_change_is_heard_at_once_and_a_flood_of_them_four_times_a_second() {
        let [shortest, longest] = REST_MS;
        let mut flood = rest(longest, longest);
        assert_eq!(flood, shortest, "after some quiet");
        let mut rests = Vec::new();
        for _ in 0..7 {
            flood = rest(flood, 1);
            rests.push(flood);
        }
        assert_eq!(rests, [16, 32, 64, 128, 256, 256, 256]);
    }
}
