//! Why a link failed, and whose fault it is. No address and no key in any of them: errors end in logs.

use thiserror::Error;

/// Who has to change something for the link to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The node at the other end, or whoever answers in its place.
    Peer,
    /// Nobody: the network in between.
    Path,
    /// This node or its settings.
    Ours,
}

/// Why a link could not be made or did not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LinkFault {
    /// A caller whose link key is not pinned here.
    #[error("the caller's link key is not known here")]
    Stranger,
    /// What answers has another link key than the one dialled.
    #[error("what answers is not the node that was dialled")]
    WrongKey,
    /// The peer shows a key that it does not hold.
    #[error("the peer does not hold the link key it shows")]
    Forged,
    /// No protocol, key exchange or kind of identity in common.
    #[error("the peer does not speak Homeward's protocol")]
    Incompatible,
    /// The peer turned this node's link key down.
    #[error("the peer does not know this node's link key")]
    UnknownThere,
    /// The peer has too many handshakes in flight.
    #[error("the peer takes no more callers just now")]
    Busy,
    /// The peer broke the rules of QUIC or TLS.
    #[error("the peer broke the transport's rules")]
    Misbehaved,
    /// A frame of no bytes or of more than the limit.
    #[error("the peer sent a frame of a length that is not allowed")]
    FrameLength,
    /// The stream ended within a frame.
    #[error("the peer's stream ended within a frame")]
    FrameCut,
    /// The peer closed the link with this code.
    #[error("the peer closed the link with code {0}")]
    Closed(u64),
    /// Nothing came for too long, or the peer has forgotten the link.
    #[error("the link was lost")]
    Lost,
    /// The handshake was not done in its time.
    #[error("the handshake took too long")]
    HandshakeTime,
    /// This node closed the link.
    #[error("the link was closed here")]
    ClosedHere,
    /// A frame of our own of no bytes or of more than the limit: it was not sent.
    #[error("a frame to be sent has a length that is not allowed")]
    OwnFrameLength,
    /// An address that this endpoint cannot dial.
    #[error("this endpoint cannot dial such an address")]
    Address,
    /// The socket could not be opened.
    #[error("the socket could not be opened: {0}")]
    Socket(std::io::ErrorKind),
    /// Settings or keys that the transport does not take.
    #[error("the transport does not take these settings")]
    Settings,
}

impl LinkFault {
    /// Whose fault it is.
    pub fn blame(self) -> Blame {
        match self {
            Self::Stranger
            | Self::WrongKey
            | Self::Forged
            | Self::Incompatible
            | Self::UnknownThere
            | Self::Busy
            | Self::Misbehaved
            | Self::FrameLength
            | Self::FrameCut
            | Self::Closed(_) => Blame::Peer,
            Self::Lost | Self::HandshakeTime => Blame::Path,
            Self::ClosedHere | Self::OwnFrameLength | Self::Address | Self::Socket(_) | Self::Settings => {
                Blame::Ours
            }
        }
    }

    /// What the end of a connection means. `dialled`: whether this node was the client.
    pub(super) fn of_connection(error: &quinn::ConnectionError, dialled: bool) -> Self {
        use quinn::ConnectionError as E;
        match error {
            E::VersionMismatch => Self::Incompatible,
            E::TransportError(ours) => Self::of_own_verdict(ours.code.into(), dialled),
            E::ConnectionClosed(theirs) => Self::of_their_verdict(theirs.error_code.into(), dialled),
            E::ApplicationClosed(close) => Self::Closed(close.error_code.into_inner()),
            E::Reset | E::TimedOut => Self::Lost,
            E::LocallyClosed => Self::ClosedHere,
            E::CidsExhausted => Self::Settings,
        }
    }

    /// This node ended the handshake or the connection with a transport code.
    fn of_own_verdict(code: u64, dialled: bool) -> Self {
        match code {
            ACCESS_DENIED if dialled => Self::WrongKey,
            ACCESS_DENIED => Self::Stranger,
            DECRYPT_ERROR => Self::Forged,
            code if INCOMPATIBLE.contains(&code) => Self::Incompatible,
            _ => Self::Misbehaved,
        }
    }

    /// The peer did.
    fn of_their_verdict(code: u64, dialled: bool) -> Self {
        match code {
            CONNECTION_REFUSED => Self::Busy,
            ACCESS_DENIED if dialled => Self::UnknownThere,
            // A client that refuses our server key took us for another node.
            ACCESS_DENIED => Self::WrongKey,
            code if INCOMPATIBLE.contains(&code) => Self::Incompatible,
            _ => Self::Misbehaved,
        }
    }
}

/// RFC 9000, section 20.1.
const CONNECTION_REFUSED: u64 = 0x2;
/// A TLS alert as a QUIC transport code (RFC 9001, section 4.8).
const fn alert(code: u64) -> u64 {
    0x100 | code
}
const DECRYPT_ERROR: u64 = alert(51);
/// What our verifiers answer to a key that is not pinned.
const ACCESS_DENIED: u64 = alert(49);
/// `handshake_failure`, `unsupported_certificate`, `illegal_parameter`, `protocol_version`, `missing_extension`,
/// `unsupported_extension`, `certificate_required`, `no_application_protocol`.
const INCOMPATIBLE: [u64; 8] =
    [alert(40), alert(43), alert(47), alert(70), alert(109), alert(110), alert(116), alert(120)];
