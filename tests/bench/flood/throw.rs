//! The flood itself: a process of its own, one thread, ended by whoever started it or after two minutes.

use crate::chance::Chance;
use crate::hostile::{Aim, CHEATS, Hostile};
use crate::offices::keys;
use crate::strangers;
use crate::work::Size;
use ed25519_dalek::SigningKey;
use homeward::id::{CircleId, InstanceId, Life};
use homeward::time::Millis;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Addresses that strangers call from, and how many of them call at a time from each.
const SOURCES: u8 = 8;
const AT_ONCE: usize = 4;
/// Hostile nodes.
const SESSIONS: usize = 50;
/// Between two bursts of a hostile node.
const PAUSE: Duration = Duration::from_millis(10);
/// When it ends by itself.
const END: Duration = Duration::from_secs(120);

/// What was thrown so far.
#[derive(Default)]
struct Count {
    calls: AtomicU64,
    links: AtomicU64,
    frames: AtomicU64,
}

impl Count {
    fn line(&self) -> String {
        let [calls, links, frames] =
            [&self.calls, &self.links, &self.frames].map(|n| n.load(Ordering::Relaxed));
        format!("{calls} handshakes of strangers, {links} hostile links, {frames} hostile frames")
    }
}

fn loopback(n: u8) -> IpAddr {
    IpAddr::from([127, 0, 0, n])
}

/// Floods a node until the end. Says each second how much it threw; the first line comes when all have begun.
pub(crate) fn throw(address: &str, circle: CircleId, size: &Size) {
    let address: SocketAddr = address.parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let count = Arc::new(Count::default());
    runtime.block_on(async {
        for source in 0..SOURCES {
            let socket = strangers::socket(loopback(2 + source));
            for n in 0..AT_ONCE {
                tokio::spawn(strange(
                    socket.clone(),
                    address,
                    [n as u8 + 10 * source; 32],
                    Arc::clone(&count),
                ));
            }
        }
        let all = keys(size);
        let mut members: Vec<_> = all.iter().map(|node| node.certificate.partner).collect();
        members.sort();
        members.dedup();
        for (n, node) in all.into_iter().enumerate().take(SESSIONS) {
            let certificate = node.certificate;
            let life = Life { node: certificate.node, instance: InstanceId([1; 16]) };
            let aim = Aim { circle, members: members.clone(), life, segments: Vec::new() };
            let [partner, key] = [node.partner, node.signing].map(|seed| SigningKey::from_bytes(&seed));
            let chance = Chance::new(n as u64);
            let who = Hostile::with(CHEATS[n % CHEATS.len()], partner, key, certificate, aim, chance);
            tokio::spawn(harm(who, address, node.link, Arc::clone(&count)));
        }
        let begun = tokio::time::Instant::now();
        while begun.elapsed() < END {
            tokio::time::sleep(Duration::from_secs(1)).await;
            println!("{}", count.line());
        }
    });
}

/// Calls as often as it can.
async fn strange(socket: quinn::Endpoint, address: SocketAddr, seed: [u8; 32], count: Arc<Count>) {
    loop {
        count.calls.fetch_add(1, Ordering::Relaxed);
        if let Ok(connection) =
            socket.connect_with(strangers::config(seed), address, "anything").unwrap().await
        {
            connection.closed().await;
        }
        tokio::task::yield_now().await;
    }
}

/// Links, harms, is thrown out, and links again.
async fn harm(mut who: Hostile, address: SocketAddr, link: [u8; 32], count: Arc<Count>) {
    let socket = strangers::socket(loopback(1));
    loop {
        if let Ok(connecting) = socket.connect_with(strangers::config(link), address, "anything")
            && let Ok(connection) = connecting.await
        {
            count.links.fetch_add(1, Ordering::Relaxed);
            let _ = speak(&mut who, &connection, &count).await;
            connection.close(0u32.into(), b"");
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Says what it has to say until it is thrown out.
async fn speak(who: &mut Hostile, connection: &quinn::Connection, count: &Count) -> Option<()> {
    let (mut send, mut receive) = connection.open_bi().await.ok()?;
    let mut exporter = [0; 32];
    connection.export_keying_material(&mut exporter, b"EXPORTER-homeward-hello", b"").ok()?;
    if !who.deaf() {
        tokio::spawn(async move { while let Ok(Some(_)) = receive.read_chunk(1 << 20, true).await {} });
    }
    let mut frames = who.up(&exporter);
    while !who.hangs_up() {
        for frame in frames.drain(..) {
            count.frames.fetch_add(1, Ordering::Relaxed);
            send.write_all(&u32::try_from(frame.len()).ok()?.to_be_bytes()).await.ok()?;
            send.write_all(&frame).await.ok()?;
        }
        tokio::select! {
            _ = connection.closed() => return None,
            () = tokio::time::sleep(PAUSE) => {}
        }
        let now = Millis(1_790_000_000_000);
        frames = (0..4).flat_map(|_| who.say(now)).collect();
    }
    Some(())
}
