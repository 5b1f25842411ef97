//! What stands on a wire of QUIC for whoever watches it: datagrams as they pass, and the first packets opened, whose
//! keys follow from what they show (RFC 9001, section 5.2).

#![allow(dead_code, unreachable_pub)]

use rustls::Side;
use rustls::crypto::aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256;
use rustls::quic::{DirectionalKeys, Keys, Version};
use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// One datagram: whether it goes to the side that was dialled, and its bytes.
pub type Datagram = (bool, Vec<u8>);

/// A wire with somebody on it. Each caller has a socket of its own towards the target.
pub struct Tap {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Datagram>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Tap {
    pub fn before(target: SocketAddr) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        let address = socket.local_addr().unwrap();
        let (seen, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (record, stopped) = (Arc::clone(&seen), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let mut callers: BTreeMap<SocketAddr, UdpSocket> = BTreeMap::new();
            let mut bytes = vec![0; 65_536];
            while !stopped.load(Ordering::SeqCst) {
                while let Ok((length, from)) = socket.recv_from(&mut bytes) {
                    let towards = callers.entry(from).or_insert_with(|| {
                        let towards = UdpSocket::bind("127.0.0.1:0").unwrap();
                        towards.connect(target).unwrap();
                        towards.set_nonblocking(true).unwrap();
                        towards
                    });
                    record.lock().unwrap().push((true, bytes[..length].to_vec()));
                    let _ = towards.send(&bytes[..length]);
                }
                for (caller, towards) in &callers {
                    while let Ok(length) = towards.recv(&mut bytes) {
                        record.lock().unwrap().push((false, bytes[..length].to_vec()));
                        let _ = socket.send_to(&bytes[..length], caller);
                    }
                }
            }
        });
        Self { address, seen, stop, thread: Some(thread) }
    }

    pub fn seen(&self) -> Vec<Datagram> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = self.thread.take().unwrap().join();
    }
}

/// Reads what people did not mean to be parsed twice.
pub struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    pub fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }

    pub fn number(&mut self, length: usize) -> usize {
        self.take(length).iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
    }

    /// With a length of so many bytes before it.
    pub fn counted(&mut self, length: usize) -> Self {
        let count = self.number(length);
        Self(self.take(count))
    }

    /// QUIC's integers of variable length (RFC 9000, section 16).
    fn varint(&mut self) -> usize {
        let length = 1 << (self.0[0] >> 6);
        let number = self.number(length);
        number & ((1 << (8 * length - 2)) - 1)
    }
}

/// The first message of each side's handshake, opened as any watcher can: ClientHello and ServerHello.
pub fn first_messages(seen: &[Datagram]) -> (Vec<u8>, Vec<u8>) {
    let first = &seen.iter().find(|(up, _)| *up).unwrap().1;
    let mut head = Bytes(&first[5..]);
    let connection = head.counted(1).0.to_vec();
    let suite = TLS13_AES_128_GCM_SHA256.tls13().unwrap();
    let keys = |side| Keys::initial(Version::V1, suite, suite.quic.unwrap(), &connection, side).remote;
    let (client, server) = (keys(Side::Server), keys(Side::Client));
    let message = |way: bool, keys: &DirectionalKeys| {
        let mut parts = BTreeMap::new();
        for (_, datagram) in seen.iter().filter(|(up, _)| *up == way).take(8) {
            open_initials(datagram, keys, &mut parts);
        }
        let mut whole = Vec::new();
        for (offset, part) in parts {
            if offset <= whole.len() && offset + part.len() > whole.len() {
                whole.extend_from_slice(&part[whole.len() - offset..]);
            }
        }
        whole
    };
    (message(true, &client), message(false, &server))
}

/// Opens the Initial packets of a datagram (RFC 9000, section 17.2.2) and keeps what they carry of the handshake.
fn open_initials(datagram: &[u8], keys: &DirectionalKeys, parts: &mut BTreeMap<usize, Vec<u8>>) {
    let mut at = 0;
    while at < datagram.len() && datagram[at] & 0x80 != 0 {
        let packet = &datagram[at..];
        let mut rest = Bytes(&packet[5..]);
        rest.counted(1);
        rest.counted(1);
        let initial = packet[0] & 0x30 == 0;
        if initial {
            let token = rest.varint();
            rest.take(token);
        }
        let length = rest.varint();
        let number_at = packet.len() - rest.0.len();
        let mut whole = packet[..number_at + length].to_vec();
        at += whole.len();
        if !initial {
            continue;
        }
        let sample = whole[number_at + 4..number_at + 4 + keys.header.sample_len()].to_vec();
        let (head, body) = whole.split_at_mut(number_at);
        if keys.header.decrypt_in_place(&sample, &mut head[0], &mut body[..4]).is_err() {
            continue;
        }
        let number_length = usize::from(head[0] & 3) + 1;
        // Only the packet number's own bytes are unmasked; the others are as they were.
        let mut plain = packet[..number_at + length].to_vec();
        plain[0] = head[0];
        plain[number_at..number_at + number_length].copy_from_slice(&body[..number_length]);
        let number = Bytes(&plain[number_at..]).number(number_length) as u64;
        let (header, payload) = plain.split_at_mut(number_at + number_length);
        if let Ok(opened) = keys.packet.decrypt_in_place(number, header, payload) {
            keep_handshake(Bytes(opened), parts);
        }
    }
}

fn keep_handshake(mut frames: Bytes<'_>, parts: &mut BTreeMap<usize, Vec<u8>>) {
    while !frames.0.is_empty() {
        match frames.varint() {
            0 | 1 => {}
            2 => {
                let (_largest, _delay) = (frames.varint(), frames.varint());
                for _ in 0..2 * frames.varint() + 1 {
                    frames.varint();
                }
            }
            6 => {
                let (offset, length) = (frames.varint(), frames.varint());
                parts.insert(offset, frames.take(length).to_vec());
            }
            other => panic!("no frame for a first packet: {other}"),
        }
    }
}

/// Extensions of a ClientHello or ServerHello, by number (RFC 8446, sections 4.1.2 and 4.1.3).
pub fn extensions(message: &[u8]) -> BTreeMap<usize, Vec<u8>> {
    let mut rest = Bytes(message);
    let client = match rest.number(1) {
        1 => true,
        2 => false,
        other => panic!("no hello: {other}"),
    };
    let mut body = rest.counted(3);
    body.take(2 + 32);
    body.counted(1);
    if client {
        body.counted(2);
        body.counted(1);
    } else {
        body.take(3);
    }
    let mut list = body.counted(2);
    let mut found = BTreeMap::new();
    while !list.0.is_empty() {
        let number = list.number(2);
        found.insert(number, list.counted(2).0.to_vec());
    }
    found
}
