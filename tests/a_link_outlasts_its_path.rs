//! A link over a slow, lossy or spiteful network delivers every frame, in order and once; a flow that freezes is dialled
//! again and the work goes on.

// A panic in a test is its failing.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod relay;

use homeward::id::LinkKey;
use homeward::net::{
    Congestion, Endpoint, FrameReceiver, FrameSender, Link, LinkFault, NetConfig, Pins, Settings,
};
use homeward::time::Millis;
use relay::{Relay, RelayConfig};
use std::sync::Arc;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// A guard against hanging, never a measure.
const PATIENCE: Duration = Duration::from_secs(120);

struct Anyone;
impl Pins for Anyone {
    fn is_known(&self, _: &LinkKey) -> bool {
        true
    }
}

#[allow(clippy::disallowed_methods)] // callers are paced by a clock
fn endpoint(seed: u8, accepts: bool, settings: Settings) -> Endpoint {
    let listen = "127.0.0.1:0".parse().unwrap();
    let begun = Instant::now();
    let clock = Arc::new(move || Millis(begun.elapsed().as_millis() as u64));
    let config = NetConfig { listen, accepts, link_seed: Zeroizing::new([seed; 32]), settings, clock };
    Endpoint::bind(config, Arc::new(Anyone)).unwrap()
}

async fn in_time<T>(step: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, step).await.expect("it hangs")
}

/// Dials through the relay; the client says one word, so that the server sees the stream.
async fn meet(client: &Endpoint, server: &Endpoint, relay: &Relay) -> Result<(Link, Link), LinkFault> {
    let dial = async {
        let mut link = client.dial(relay.address(), server.link_key()).await?;
        link.sender().send(b"hello").await?;
        Ok(link)
    };
    let answer = async {
        let mut link = server.accept().await.unwrap().finish().await?;
        assert_eq!(link.receiver().next().await?, Some(b"hello".to_vec()));
        Ok(link)
    };
    let (dialled, answered) = tokio::join!(dial, answer);
    Ok((dialled?, answered?))
}

/// Frames of all sizes, each telling its number.
fn frames(count: u32) -> Vec<Vec<u8>> {
    (0..count)
        .map(|n| {
            let mut frame = n.to_be_bytes().to_vec();
            frame.resize(4 + (n as usize * 197) % 1_500, n as u8);
            frame
        })
        .collect()
}

async fn take(receiver: &mut FrameReceiver, count: usize) -> Result<Vec<Vec<u8>>, LinkFault> {
    let mut got = Vec::new();
    while got.len() < count {
        got.extend(receiver.next().await?);
    }
    Ok(got)
}

async fn exchange(sender: &mut FrameSender, receiver: &mut FrameReceiver, frames: &[Vec<u8>]) {
    let (sent, got) = tokio::join!(sender.send_many(frames), take(receiver, frames.len()));
    sent.unwrap();
    assert_eq!(got.unwrap(), frames, "every frame, in order, once");
}

/// Both ways at once over `path`; returns the time from the dial to the last frame.
async fn both_ways(path: RelayConfig, settings: Settings, count: u32) -> Duration {
    let server = endpoint(1, true, settings);
    let relay = Relay::start(path.clone(), server.local_address().unwrap());
    let client = endpoint(2, false, settings);
    #[allow(clippy::disallowed_methods)] // to print how long it took, nothing hangs on it
    let begun = Instant::now();
    let (near, far) = meet(&client, &server, &relay).await.unwrap();
    let ((mut near_out, mut near_in), (mut far_out, mut far_in)) = (near.split(), far.split());
    let frames = frames(count);
    tokio::join!(
        exchange(&mut near_out, &mut far_in, &frames),
        exchange(&mut far_out, &mut near_in, &frames)
    );
    let took = begun.elapsed();
    let payload: usize = frames.iter().map(|f| f.len() + 4).sum();
    println!(
        "seed {}: {payload} bytes each way took {} ms; {} up, {} down, {} of {} datagrams dropped",
        path.seed,
        took.as_millis(),
        relay.bytes_up(),
        relay.bytes_down(),
        relay.dropped(),
        relay.datagrams()
    );
    assert!(relay.bytes_up() >= payload as u64 && relay.bytes_down() >= payload as u64);
    took
}

#[tokio::test]
async fn a_slow_link_carries_everything_in_order() {
    in_time(both_ways(RelayConfig::link(150, 1_000_000), Settings::default(), 60)).await;
}

#[tokio::test]
async fn loss_duplicates_and_reordering_change_nothing_that_arrives() {
    for congestion in [Congestion::Cubic, Congestion::Bbr, Congestion::NewReno] {
        let path = RelayConfig {
            seed: 7,
            loss: 0.03,
            duplicate: 0.05,
            reorder: 0.05,
            ..RelayConfig::link(40, 4_000_000)
        };
        in_time(both_ways(path, Settings { congestion, ..Settings::default() }, 120)).await;
    }
}

#[tokio::test]
async fn a_frozen_flow_is_lost_and_a_new_dial_goes_on() {
    let settings = Settings { keep_alive_ms: 200, idle_ms: 1_500, ..Settings::default() };
    let server = endpoint(1, true, settings);
    let path = RelayConfig { freeze_after_bytes: Some(20_000), ..RelayConfig::default() };
    let relay = Relay::start(path, server.local_address().unwrap());
    let frames = frames(60);
    let mut got: Vec<Vec<u8>> = Vec::new();
    let mut dials = 0;
    while got.len() < frames.len() {
        dials += 1;
        assert!(dials < 30, "each dial must bring something");
        // A new socket is a new flow; the server's side is the same.
        let client = endpoint(2, false, settings);
        let (near, far) = in_time(meet(&client, &server, &relay)).await.unwrap();
        let (mut near_out, _near_in) = near.split();
        let (_far_out, mut far_in) = far.split();
        let before = got.len();
        let rest = &frames[before..];
        let receive = async {
            while got.len() < frames.len() {
                match far_in.next().await {
                    Ok(frame) => got.extend(frame),
                    Err(fault) => {
                        assert_eq!(fault, LinkFault::Lost);
                        break;
                    }
                }
            }
        };
        let (_, ()) = in_time(async { tokio::join!(near_out.send_many(rest), receive) }).await;
        assert!(got.len() > before);
    }
    assert_eq!(got, frames);
    assert!(dials > 1, "the first flow froze");
    assert_eq!(relay.flows(), dials);
}

#[tokio::test]
async fn a_cut_network_loses_the_link_and_lets_it_be_made_again() {
    let settings = Settings { keep_alive_ms: 200, idle_ms: 1_000, ..Settings::default() };
    let server = endpoint(1, true, settings);
    let relay = Relay::start(RelayConfig::default(), server.local_address().unwrap());
    let client = endpoint(2, false, settings);
    let (near, far) = in_time(meet(&client, &server, &relay)).await.unwrap();
    relay.cut(true);
    assert_eq!(in_time(near.handle().closed()).await, LinkFault::Lost);
    assert_eq!(in_time(far.handle().closed()).await, LinkFault::Lost);
    relay.cut(false);
    let (near, far) = in_time(meet(&client, &server, &relay)).await.unwrap();
    let ((mut near_out, _a), (_b, mut far_in)) = (near.split(), far.split());
    in_time(exchange(&mut near_out, &mut far_in, &frames(5))).await;
}

#[tokio::test]
async fn what_was_handed_over_arrives_before_a_proper_end() {
    let server = endpoint(1, true, Settings::default());
    let path = RelayConfig { seed: 3, loss: 0.05, ..RelayConfig::link(60, 2_000_000) };
    let relay = Relay::start(path, server.local_address().unwrap());
    let client = endpoint(2, false, Settings::default());
    let (near, far) = in_time(meet(&client, &server, &relay)).await.unwrap();
    let ((mut near_out, _near_in), (_far_out, mut far_in)) = (near.split(), far.split());
    let frames = frames(40);
    for frame in &frames {
        near_out.queue(frame).unwrap();
    }
    let (ended, got) = in_time(async {
        tokio::join!(near_out.finish(), async {
            let got = take(&mut far_in, frames.len()).await.unwrap();
            assert_eq!(far_in.next().await, Ok(None), "a proper end, between frames");
            got
        })
    })
    .await;
    assert_eq!(ended, Ok(()));
    assert_eq!(got, frames);
}

#[tokio::test]
async fn a_wait_that_is_dropped_halfway_tears_no_frame() {
    let server = endpoint(1, true, Settings::default());
    let relay = Relay::start(RelayConfig::link(10, 8_000_000), server.local_address().unwrap());
    let client = endpoint(2, false, Settings::default());
    let (near, far) = in_time(meet(&client, &server, &relay)).await.unwrap();
    let ((mut near_out, _near_in), (_far_out, mut far_in)) = (near.split(), far.split());
    let frames = frames(200);
    for frame in &frames {
        near_out.queue(frame).unwrap();
    }
    let (mut got, mut dropped) = (Vec::new(), 0);
    in_time(async {
        while got.len() < frames.len() {
            tokio::select! {
                biased;
                frame = far_in.next() => got.extend(frame.unwrap()),
                sent = near_out.flush(), if near_out.queued() > 0 => sent.unwrap(),
                () = tokio::task::yield_now() => dropped += 1,
            }
        }
    })
    .await;
    assert!(dropped > 0, "the waits were dropped");
    assert_eq!(got, frames);
}

#[tokio::test]
async fn what_is_on_its_way_is_bounded_so_that_urgent_frames_need_not_queue() {
    let server = endpoint(1, true, Settings::default());
    // 25 KB fill this path and 16 KB its queue.
    let path = RelayConfig { queue_bytes: 16 * 1024, ..RelayConfig::link(100, 2_000_000) };
    let relay = Relay::start(path, server.local_address().unwrap());
    let client = endpoint(2, false, Settings::default());
    let (near, far) = in_time(meet(&client, &server, &relay)).await.unwrap();
    let ((mut near_out, _near_in), (_far_out, mut far_in)) = (near.split(), far.split());
    let frames = vec![vec![7; 1_000]; 400];
    for frame in &frames {
        near_out.queue(frame).unwrap();
    }
    let total = near_out.queued();
    let mut received = 0;
    in_time(async {
        while received < total {
            let before = near_out.window();
            tokio::select! {
                biased;
                frame = far_in.next() => received += frame.unwrap().unwrap().len() + 4,
                sent = near_out.flush(), if near_out.queued() > 0 => sent.unwrap(),
                () = tokio::task::yield_now() => {}
            }
            let handed_over = total - near_out.queued();
            let bound = before.max(near_out.window()) as usize;
            assert!(bound < total * 3 / 4, "the bound follows the path: {bound}");
            assert!(handed_over <= received + 2 * bound, "{handed_over} handed over, {received} received");
        }
    })
    .await;
}
