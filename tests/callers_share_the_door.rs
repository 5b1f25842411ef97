//! Strangers at the door take no place of those who are known: one address holds few of the places, strangers leave some
//! to sources where a known node was met, and whoever comes in and says nothing is sent away in time.

// A panic in a test is its failing.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod strangers;

use homeward::id::LinkKey;
use homeward::limit;
use homeward::net::{Endpoint, Incoming, Link, LinkFault, NetConfig, Pins, Settings};
use homeward::time::Millis;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

const SERVER: [u8; 32] = [1; 32];
const FRIEND: [u8; 32] = [2; 32];
const STRANGER: [u8; 32] = [3; 32];

/// A guard against hanging, never a measure.
async fn in_time<T>(step: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), step).await.expect("it hangs")
}

struct Friend;

impl Pins for Friend {
    fn is_known(&self, key: &LinkKey) -> bool {
        *key == strangers::link_key(FRIEND)
    }
}

/// A node that knows the friend alone. Its clock stands unless the test moves it.
fn server(handshake_ms: u64) -> Endpoint {
    let listen = "0.0.0.0:0".parse().unwrap();
    let link_seed = Zeroizing::new(SERVER);
    let settings = Settings { handshake_ms, ..Settings::default() };
    let clock = Arc::new(|| Millis(0));
    Endpoint::bind(NetConfig { listen, accepts: true, link_seed, settings, clock }, Arc::new(Friend)).unwrap()
}

fn loopback(n: u8) -> IpAddr {
    IpAddr::from([127, 0, 0, n])
}

/// A caller from one address, its handshake begun and let hang.
fn call(server: &Endpoint, seed: [u8; 32], n: u8) -> (quinn::Endpoint, quinn::Connecting) {
    let socket = strangers::socket(loopback(n));
    let port = server.local_address().unwrap().port();
    let connecting =
        socket.connect_with(strangers::config(seed), (loopback(1), port).into(), "anything").unwrap();
    (socket, connecting)
}

/// Calls from one address until the server says that it is busy; the places taken by then.
async fn crowd(server: &Endpoint, n: u8, held: &mut Vec<Incoming>, open: &mut Vec<quinn::Endpoint>) -> usize {
    let before = held.len();
    loop {
        let (socket, connecting) = call(server, STRANGER, n);
        open.push(socket);
        tokio::select! {
            taken = server.accept() => held.push(taken.unwrap()),
            felt = connecting => {
                assert!(matches!(felt, Err(quinn::ConnectionError::ConnectionClosed(_))), "{felt:?}");
                return held.len() - before;
            }
        }
    }
}

/// The friend comes in from an address and says a word.
async fn the_friend_speaks(server: &Endpoint, n: u8) -> Result<Link, LinkFault> {
    let (_socket, connecting) = call(server, FRIEND, n);
    // Ends only if it is sent away at the door.
    let speak = async {
        let Ok(connection) = connecting.await else { return LinkFault::Busy };
        let (mut send, _receive) = connection.open_bi().await.unwrap();
        send.write_all(b"\x00\x00\x00\x05hello").await.unwrap();
        connection.closed().await;
        std::future::pending().await
    };
    let answer = async {
        let mut link = server.accept().await.unwrap().finish().await?;
        assert_eq!(link.receiver().next().await.unwrap().unwrap(), b"hello");
        link.handle().close(0);
        Ok(link)
    };
    tokio::select! {
        busy = speak => Err(busy),
        link = answer => link,
    }
}

#[tokio::test]
async fn one_address_holds_few_places_and_the_friend_is_served_beside_it() {
    let server = server(20_000);
    let (mut held, mut open) = (Vec::new(), Vec::new());
    let places = limit::HANDSHAKES_UNPROVEN_PER_SOURCE + limit::HANDSHAKES_PER_SOURCE;
    assert_eq!(in_time(crowd(&server, 2, &mut held, &mut open)).await, places);
    assert!(in_time(the_friend_speaks(&server, 1)).await.is_ok());
    assert_eq!(server.handshakes(), places);
}

#[tokio::test]
async fn strangers_from_everywhere_leave_room_where_a_friend_was_met() {
    let server = server(20_000);
    assert!(in_time(the_friend_speaks(&server, 1)).await.is_ok());
    let (mut held, mut open) = (Vec::new(), Vec::new());
    for n in 2..20 {
        in_time(crowd(&server, n, &mut held, &mut open)).await;
    }
    assert_eq!(server.handshakes(), limit::HANDSHAKES - limit::HANDSHAKES_KNOWN);
    // At a new address it is one of many; where it was met it is served.
    assert_eq!(in_time(the_friend_speaks(&server, 30)).await.err(), Some(LinkFault::Busy));
    assert!(in_time(the_friend_speaks(&server, 1)).await.is_ok());
    held.clear();
    assert_eq!(server.handshakes(), 0);
    assert!(in_time(the_friend_speaks(&server, 30)).await.is_ok());
}

#[tokio::test]
async fn who_comes_in_and_says_nothing_loses_its_place_in_time() {
    for opens in [false, true] {
        let server = server(1_500);
        let (_socket, connecting) = call(&server, FRIEND, 1);
        let incoming = async { server.accept().await.unwrap() };
        let silent = async {
            let connection = connecting.await.unwrap();
            // A stream that is opened and not written to is not even seen.
            let stream = if opens { Some(connection.open_bi().await.unwrap()) } else { None };
            let end = connection.closed().await;
            drop(stream);
            end
        };
        let hear = async {
            let incoming = incoming.await;
            assert_eq!(server.handshakes(), 1);
            incoming.finish().await.err()
        };
        let (seen, felt) = in_time(async { tokio::join!(hear, silent) }).await;
        assert_eq!(seen, Some(LinkFault::HandshakeTime));
        assert!(matches!(felt, quinn::ConnectionError::ApplicationClosed(_)), "{felt}");
        assert_eq!(server.handshakes(), 0);
        assert!(in_time(the_friend_speaks(&server, 1)).await.is_ok());
    }
}
