//! A link: one stream of frames each way, whose other end holds a known key.

use super::endpoint::CODE_FRAMING;
use super::fault::LinkFault;
use super::framing::{self, Deframer};
use super::keys;
use super::settings::{SEND_WINDOW_MAX, SEND_WINDOW_MIN};
use crate::id::LinkKey;
use rustls::pki_types::CertificateDer;

/// The exporter's label (RFC 8446, section 7.5), 32 bytes of which the node keys sign.
const EXPORTER: &[u8] = b"EXPORTER-homeward-hello";
/// Bytes handed to QUIC in one go. It frees what was acknowledged by such pieces.
const PIECE: usize = 8 * 1024;

/// A link: its handle and both directions.
pub struct Link {
    handle: LinkHandle,
    sender: FrameSender,
    receiver: FrameReceiver,
}

impl Link {
    pub(super) fn new(
        quic: quinn::Connection,
        streams: (quinn::SendStream, quinn::RecvStream),
        dialled: bool,
    ) -> Result<Self, LinkFault> {
        let shown = quic.peer_identity().and_then(|any| any.downcast::<Vec<CertificateDer<'static>>>().ok());
        let peer = shown.as_deref().and_then(|keys| keys.first()).and_then(|key| keys::from_spki(key));
        let peer = peer.ok_or(LinkFault::Misbehaved)?;
        let mut exporter = [0; 32];
        quic.export_keying_material(&mut exporter, EXPORTER, b"").map_err(|_| LinkFault::Settings)?;
        let handle = LinkHandle { quic, peer, exporter, dialled };
        let sender = FrameSender {
            stream: streams.0,
            link: handle.clone(),
            buffer: Vec::new(),
            written: 0,
            window: 0,
        };
        let receiver = FrameReceiver {
            stream: streams.1,
            link: handle.clone(),
            deframer: Deframer::default(),
            chunk: None,
            position: 0,
        };
        Ok(Self { handle, sender, receiver })
    }

    /// The link key at the other end.
    pub fn peer(&self) -> LinkKey {
        self.handle.peer()
    }

    /// 32 bytes that both ends of this link know and nobody else: the same on both, different on every link.
    pub fn exporter(&self) -> [u8; 32] {
        self.handle.exporter()
    }

    /// Whether this node dialled.
    pub fn dialled(&self) -> bool {
        self.handle.dialled()
    }

    /// A handle that outlives the split: to close the link and to ask for its figures.
    pub fn handle(&self) -> LinkHandle {
        self.handle.clone()
    }

    /// The way out, before the split.
    pub fn sender(&mut self) -> &mut FrameSender {
        &mut self.sender
    }

    /// The way in, before the split.
    pub fn receiver(&mut self) -> &mut FrameReceiver {
        &mut self.receiver
    }

    /// The two directions, for two tasks.
    pub fn split(self) -> (FrameSender, FrameReceiver) {
        (self.sender, self.receiver)
    }
}

/// What a link has carried and how its path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkStats {
    /// UDP payload bytes sent, the handshake included.
    pub sent_bytes: u64,
    /// UDP payload bytes received.
    pub received_bytes: u64,
    /// Packets taken for lost.
    pub lost_packets: u64,
    /// The round trip as measured last, in milliseconds.
    pub rtt_ms: u64,
    /// Bytes that the path is thought to bear at a time.
    pub congestion_window_bytes: u64,
}

/// What stays of a link after the split. The link closes with code 0 when every part of it was dropped.
#[derive(Clone)]
pub struct LinkHandle {
    quic: quinn::Connection,
    peer: LinkKey,
    exporter: [u8; 32],
    dialled: bool,
}

impl LinkHandle {
    /// As [`Link::peer`].
    pub fn peer(&self) -> LinkKey {
        self.peer
    }

    /// As [`Link::exporter`].
    pub fn exporter(&self) -> [u8; 32] {
        self.exporter
    }

    /// As [`Link::dialled`].
    pub fn dialled(&self) -> bool {
        self.dialled
    }

    /// Closes at once with a code (from 16: those of `sync`). What was not acknowledged yet may be lost; to avoid that,
    /// await [`FrameSender::finish`] before.
    pub fn close(&self, code: u32) {
        self.quic.close(code.into(), b"");
    }

    /// Waits for the link's end and says why.
    pub async fn closed(&self) -> LinkFault {
        LinkFault::of_connection(&self.quic.closed().await, self.dialled)
    }

    /// What the link has carried so far.
    pub fn stats(&self) -> LinkStats {
        let stats = self.quic.stats();
        LinkStats {
            sent_bytes: stats.udp_tx.bytes,
            received_bytes: stats.udp_rx.bytes,
            lost_packets: stats.path.lost_packets,
            rtt_ms: u64::try_from(stats.path.rtt.as_millis()).unwrap_or(u64::MAX),
            congestion_window_bytes: stats.path.cwnd,
        }
    }

    fn fault(&self, error: &quinn::ConnectionError) -> LinkFault {
        LinkFault::of_connection(error, self.dialled)
    }
}

/// The way out. Frames queued together share packets.
///
/// What is on its way is bounded: a flush returns once no more than [`FrameSender::window`] bytes are unacknowledged.
/// So a caller that flushes before it chooses its next frames keeps urgent ones from waiting behind a long queue.
pub struct FrameSender {
    stream: quinn::SendStream,
    link: LinkHandle,
    buffer: Vec<u8>,
    written: usize,
    window: u64,
}

impl FrameSender {
    /// Puts a frame into the buffer; nothing leaves before [`FrameSender::flush`].
    ///
    /// # Errors
    /// [`LinkFault::OwnFrameLength`]; the buffer is as before then.
    pub fn queue(&mut self, frame: &[u8]) -> Result<(), LinkFault> {
        framing::append(&mut self.buffer, frame)
    }

    /// Hands all that is queued to the transport, waiting while too much is unacknowledged.
    ///
    /// Dropped half-way, it loses nothing: the next flush goes on where this one stopped.
    ///
    /// # Errors
    /// [`LinkFault`].
    pub async fn flush(&mut self) -> Result<(), LinkFault> {
        while self.written < self.buffer.len() {
            self.follow_the_path();
            let end = self.buffer.len().min(self.written + PIECE);
            let piece = self.buffer.get(self.written..end).unwrap_or_default();
            match self.stream.write(piece).await {
                Ok(count) => self.written += count,
                Err(error) => return Err(self.fault(&error)),
            }
        }
        self.buffer.clear();
        self.written = 0;
        Ok(())
    }

    /// One frame, at once.
    ///
    /// # Errors
    /// [`LinkFault`].
    pub async fn send(&mut self, frame: &[u8]) -> Result<(), LinkFault> {
        self.queue(frame)?;
        self.flush().await
    }

    /// Several frames in as few packets as hold them.
    ///
    /// # Errors
    /// [`LinkFault`].
    pub async fn send_many<F: AsRef<[u8]>>(
        &mut self,
        frames: impl IntoIterator<Item = F>,
    ) -> Result<(), LinkFault> {
        for frame in frames {
            self.queue(frame.as_ref())?;
        }
        self.flush().await
    }

    /// Bytes queued here that the transport has not taken yet.
    pub fn queued(&self) -> usize {
        self.buffer.len() - self.written
    }

    /// Bytes that may be unacknowledged at a time: twice what the path is thought to bear, within fixed bounds.
    pub fn window(&self) -> u64 {
        self.window.max(SEND_WINDOW_MIN)
    }

    /// Flushes, ends this direction and waits until the peer has acknowledged all of it. Bounded by the caller's
    /// patience; dropped half-way, it may be called again.
    ///
    /// # Errors
    /// [`LinkFault`].
    pub async fn finish(&mut self) -> Result<(), LinkFault> {
        self.flush().await?;
        // An error means that it was finished before, or that the peer stopped it: the wait below tells.
        let _ = self.stream.finish();
        match self.stream.stopped().await {
            Ok(None) => Ok(()),
            Ok(Some(code)) => Err(LinkFault::Closed(code.into_inner())),
            Err(quinn::StoppedError::ConnectionLost(error)) => Err(self.link.fault(&error)),
            Err(quinn::StoppedError::ZeroRttRejected) => Err(LinkFault::Misbehaved),
        }
    }

    /// Lets the bound on unacknowledged bytes follow the congestion window: the path stays full, and no more is queued.
    fn follow_the_path(&mut self) {
        let path = self.link.quic.stats().path.cwnd;
        let window = path.saturating_mul(2).clamp(SEND_WINDOW_MIN, SEND_WINDOW_MAX);
        // Each change wakes the connection: small ones are not worth it.
        if window.abs_diff(self.window) > self.window / 8 {
            self.window = window;
            self.link.quic.set_send_window(window);
        }
    }

    fn fault(&self, error: &quinn::WriteError) -> LinkFault {
        match error {
            quinn::WriteError::Stopped(code) => LinkFault::Closed(code.into_inner()),
            quinn::WriteError::ConnectionLost(error) => self.link.fault(error),
            quinn::WriteError::ClosedStream => LinkFault::ClosedHere,
            quinn::WriteError::ZeroRttRejected => LinkFault::Misbehaved,
        }
    }
}

/// The way in.
pub struct FrameReceiver {
    stream: quinn::RecvStream,
    link: LinkHandle,
    deframer: Deframer,
    /// What came and was not taken apart yet, from `position` on.
    chunk: Option<quinn::Chunk>,
    position: usize,
}

impl FrameReceiver {
    /// The next frame; `None` when the peer has properly ended its direction. Dropped half-way, it loses nothing.
    ///
    /// # Errors
    /// [`LinkFault`]. A broken framing closes the link.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, LinkFault> {
        loop {
            if let Some(chunk) = &self.chunk {
                let mut rest = chunk.bytes.get(self.position..).unwrap_or_default();
                let before = rest.len();
                let frame = self.deframer.take(&mut rest).inspect_err(|_| self.link.close(CODE_FRAMING))?;
                self.position += before - rest.len();
                if rest.is_empty() {
                    (self.chunk, self.position) = (None, 0);
                }
                if frame.is_some() {
                    return Ok(frame);
                }
            }
            if self.chunk.is_none() {
                match self.stream.read_chunk(PIECE, true).await {
                    Ok(Some(chunk)) => self.chunk = Some(chunk),
                    Ok(None) if self.deframer.is_between_frames() => return Ok(None),
                    Ok(None) => {
                        self.link.close(CODE_FRAMING);
                        return Err(LinkFault::FrameCut);
                    }
                    Err(quinn::ReadError::ConnectionLost(error)) => return Err(self.link.fault(&error)),
                    Err(quinn::ReadError::Reset(code)) => return Err(LinkFault::Closed(code.into_inner())),
                    Err(_) => return Err(LinkFault::ClosedHere),
                }
            }
        }
    }
}
