//! Every limit, once, with its unit in the name.
//!
//! Limits on what others wrote hold or refuse by their own log alone, so that all nodes judge alike; limits on a
//! sheet's size stop only our own doors. Compile-time asserts at the end tie those that depend on each other.

use crate::pace::Rate;

/// Plaintext of a segment after padding, in bytes.
pub const SEGMENT_PLAIN_BYTES: usize = 1024 * 1024;
/// A sealed segment, in bytes: plaintext, age header and chunk tags.
pub const SEGMENT_SEALED_BYTES: usize = SEGMENT_PLAIN_BYTES + 128 * 1024;
/// Plaintext of a segment after inflating, in bytes: what a declared zstd size may claim.
pub const SEGMENT_INFLATED_BYTES: usize = 8 * 1024 * 1024;
/// A signed record (charter, header, card, closure, grant, heads), in bytes.
pub const RECORD_BYTES: usize = 48 * 1024;
/// A frame on a link, in bytes, its length prefix apart.
pub const FRAME_BYTES: usize = 64 * 1024;
/// One range of a segment on a link, in bytes.
pub const RANGE_BYTES: usize = 8 * 1024;
/// Edits in one segment.
pub const SEGMENT_EDITS: usize = 10_000;
/// One encoded edit, in bytes.
pub const EDIT_BYTES: usize = 64 * 1024;
/// The text of one claim, in bytes.
pub const CLAIM_TEXT_BYTES: usize = 16 * 1024;
/// Claims in one edit.
pub const EDIT_CLAIMS: usize = 64;
/// An operator's name, in bytes.
pub const OPERATOR_BYTES: usize = 128;
/// People known at one machine.
pub const DESK_OPERATORS: usize = 100;
/// What somebody keeps at the desk under one name, in bytes.
pub const DESK_NOTE_BYTES: usize = 64 * 1024;
/// Links that open the desk and were not used yet.
pub const DESK_LINKS: usize = 8;
/// How long such a link is good, in milliseconds.
pub const DESK_LINK_MS: u64 = 10 * 60 * 1000;
/// Sessions of browsers at one desk.
pub const DESK_SESSIONS: usize = 16;
/// What a browser may send at once, in bytes: a list as a file, and a form around it.
pub const DESK_BODY_BYTES: usize = 20 * 1024 * 1024;
/// What a browser may send in a form without a file, in bytes.
pub const DESK_FORM_BYTES: usize = 256 * 1024;
/// A bundle that a page writes or takes in, in bytes: it stands in memory meanwhile.
pub const DESK_BUNDLE_BYTES: usize = 64 * 1024 * 1024;
/// Streams of news to pages at once.
pub const DESK_STREAMS: usize = 64;
/// A field's or code's name, in bytes.
pub const CODE_BYTES: usize = 64;
/// The greatest edit time, in milliseconds since 1970.
pub const EDIT_TIME_MAX_MS: u64 = 1 << 48;
/// An age header, in bytes, checked before the age crate sees it.
pub const AGE_HEADER_BYTES: usize = 64 * 1024;
/// Stanzas in an age header.
pub const AGE_STANZAS: usize = 32;
/// Members and carriers of a circle together.
pub const CIRCLE_PARTNERS: usize = 16;
/// Nodes of one partner that an epoch is sealed to.
pub const PARTNER_NODES: usize = 16;
/// Edits that one log may make on one sheet before our own doors stop.
pub const SHEET_LOG_EDITS: u64 = 2_000;
/// Note text that one log may ever insert into one sheet, in bytes, before our own doors stop.
pub const SHEET_LOG_NOTE_BYTES: usize = 64 * 1024;
/// Sheets that one log may touch.
pub const LOG_SHEETS: usize = 50_000;
/// Claims on one sheet from which a warning is shown.
pub const SHEET_CLAIMS_WARNING: usize = 500;
/// Circles that one node takes part in.
pub const NODE_CIRCLES: usize = 256;
/// Circles founded by one partner and not yet accepted here.
pub const FOUNDER_PENDING_CIRCLES: usize = 16;
/// The greatest number that a segment may have: sums over all logs of all circles stay far from the end of counting.
pub const LOG_SEGMENTS: u64 = 1 << 32;
/// Logs of one node in one circle that count without a closure.
pub const NODE_LOGS_PER_CIRCLE: usize = 16;
/// Segments whose predecessor is missing, kept for one peer.
pub const UNPLACED_SEGMENTS: usize = 1_000;
/// The same, in bytes.
pub const UNPLACED_BYTES: usize = 64 * 1024 * 1024;
/// Handshakes in flight.
pub const HANDSHAKES: usize = 64;
/// Handshakes in flight from which strangers are asked to prove their address (Retry).
pub const HANDSHAKES_RETRY: usize = 16;
/// Of the handshakes in flight, those kept for sources at which a known node was met.
pub const HANDSHAKES_KNOWN: usize = 16;
/// Handshakes in flight from one source (an IPv4 address, an IPv6 /64) that has proven its address.
pub const HANDSHAKES_PER_SOURCE: usize = 8;
/// The same from one that has not.
pub const HANDSHAKES_UNPROVEN_PER_SOURCE: usize = 4;
/// Handshakes begun from one source: a partner's 16 nodes behind one address, each dialling again a few times.
pub const SOURCE_PACE: Rate = Rate { burst: 64, per_min: 16 * 60 };
/// Handshakes begun from all sources at which no known node was met: at a millisecond each, a tenth of one core.
pub const STRANGERS_PACE: Rate = Rate { burst: 128, per_min: 64 * 60 };
/// Sources remembered for their pace, from which idle ones are forgotten.
pub const SOURCES: usize = 512;
/// Sources at which one known node is remembered.
pub const SOURCES_OF_A_NODE: usize = 2;
/// Known nodes whose sources are remembered.
pub const KNOWN_NODES_MET: usize = 1_024;
/// How long an epoch key is used, in milliseconds (30 days).
pub const EPOCH_AGE_MS: u64 = 30 * 24 * 3600 * 1000;
/// Segments sealed to one epoch key.
pub const EPOCH_SEGMENTS: u64 = 1_000;
/// Epoch keys that are asked for at a time, of one log.
pub const GRANTS_ASKED_AT_ONCE: usize = 64;
/// How long until a peer is first asked again for the same key, in milliseconds: it may not have read the epoch yet. Each
/// question after that comes twice as late.
pub const GRANT_ASK_AGAIN_MS: u64 = 2 * 60 * 1000;
/// The longest pause between two questions to one peer for one key, in milliseconds (a day).
pub const GRANT_ASK_LONGEST_MS: u64 = 24 * 3600 * 1000;
/// How long until a repeated question is noted anew for the person who is to answer it, in milliseconds.
pub const GRANT_NOTE_AGAIN_MS: u64 = 3600 * 1000;
/// How long until a node that lacks keys looks whom else to ask, in milliseconds.
pub const GRANT_LOOK_AGAIN_MS: u64 = 60 * 1000;
/// Requests for keys by one node that are looked at in an hour.
pub const GRANT_ASKS_PER_HOUR: usize = 512;
/// Grants by nodes of one partner that are kept in one circle.
pub const GRANTS_OF_ONE_PARTNER: usize = 256;
/// Keys of one circle that one node may wait for until a person agrees; more are forgotten, and asked for again.
pub const GRANTS_WAITING: usize = 256;
/// Nodes of one partner, each circle that one asks in counted apart, that may wait for a person.
pub const GRANT_ASKERS: usize = 64;
/// How long a request waits for a person after it was last made, in milliseconds (a week): it is made again
/// each day at least.
pub const GRANT_WAITING_MS: u64 = 7 * 24 * 3600 * 1000;
/// How long edits may wait for others to share their segment while a link is live, in milliseconds.
pub const CUT_AFTER_MS: u64 = 250;
/// Stages of one case that its row in the index remembers.
pub const ROW_STAGES: usize = 16;
/// An attachment's piece, in bytes.
pub const PIECE_BYTES: usize = 64 * 1024;
/// A file handed to `import`, in bytes.
pub const LIST_FILE_BYTES: usize = 16 * 1024 * 1024;
/// Rows of an imported list.
pub const LIST_ROWS: usize = 50_000;
/// Offline identities that one backup is sealed to.
pub const BACKUP_RECIPIENTS: usize = 8;
/// A bundle file, in bytes.
pub const BUNDLE_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// The greatest scrypt work factor of a key file, as the base-2 logarithm of N (22: 4 GiB of memory).
pub const SCRYPT_LOG_N: u8 = 22;
/// A key file, in bytes: an age file of some hundred bytes.
pub const KEY_FILE_BYTES: usize = 64 * 1024;
/// The text form of a card, in bytes.
pub const CARD_TEXT_BYTES: usize = 80 * 1024;
/// The text form of a new machine's request, in bytes.
pub const REQUEST_TEXT_BYTES: usize = 8 * 1024;
/// Where a node may be dialled, `host:port`, in bytes.
pub const ADDRESS_BYTES: usize = 255;
/// One record of the vault, in bytes.
pub const VAULT_RECORD_BYTES: usize = 64 * 1024 * 1024;
/// Memory that the vault keeps pages of its file in, in bytes.
pub const VAULT_CACHE_BYTES: usize = 24 * 1024 * 1024;
/// Segments listed on one page of a log's directory.
pub const LOG_PAGE_SEGMENTS: u64 = 64;
/// Segments of other branches kept of one log: proof and what a closure may yet choose.
pub const LOG_BRANCH_SEGMENTS: usize = 1_024;
/// How often a circle's sheets are made anew for cuts at most, in milliseconds.
pub const REBUILD_EVERY_MS: u64 = 60_000;
/// Fork proofs kept of one partner's nodes in one circle.
pub const PARTNER_FORK_PROOFS: usize = 16;
/// Closures kept of one partner's nodes in one circle.
pub const PARTNER_CLOSURES: usize = 16;
/// Records (cards, closures, grants, fork proofs) kept of one circle.
pub const CIRCLE_RECORDS: usize = 8_192;
/// One part of a bundle before it is sealed, in bytes.
pub const BUNDLE_PART_BYTES: usize = 2 * 1024 * 1024;
/// The same sealed, in bytes: one stanza of 2 KiB for each of the target's nodes, and chunk tags.
pub const BUNDLE_PART_SEALED_BYTES: usize = BUNDLE_PART_BYTES + 128 * 1024;

const _: () = assert!(RANGE_BYTES + 1024 < FRAME_BYTES);
const _: () = assert!(RECORD_BYTES + 1024 < FRAME_BYTES);
const _: () = assert!(EDIT_BYTES < SEGMENT_PLAIN_BYTES);
const _: () = assert!(CLAIM_TEXT_BYTES < EDIT_BYTES);
const _: () = assert!(SEGMENT_PLAIN_BYTES + AGE_HEADER_BYTES < SEGMENT_SEALED_BYTES);
const _: () = assert!(RECORD_BYTES * 3 / 2 < CARD_TEXT_BYTES);
const _: () = assert!(HANDSHAKES_RETRY < HANDSHAKES);
const _: () = assert!(GRANTS_OF_ONE_PARTNER <= GRANT_ASKS_PER_HOUR && GRANTS_WAITING <= GRANT_ASKS_PER_HOUR);
const _: () = assert!(SEGMENT_SEALED_BYTES + RECORD_BYTES < BUNDLE_PART_BYTES);
const _: () = assert!(BUNDLE_PART_SEALED_BYTES > BUNDLE_PART_BYTES + AGE_HEADER_BYTES);
/// An evidence file, in bytes.
pub const EVIDENCE_BYTES: usize = 1024 * 1024;
/// Headers beside one receipt in an evidence file.
pub const EVIDENCE_HEADERS: usize = 256;
/// Items that one edit, or one claim in it, may name: replaced, withdrawn, disclosed.
pub const EDIT_ITEMS: usize = 256;
/// An act's statement, in bytes.
pub const ACT_STATEMENT_BYTES: usize = 32 * 1024;
/// Fields of an act's statement.
pub const ACT_FIELDS: usize = 64;
/// Pieces of one attachment: their hashes stand in one edit.
pub const FILE_PIECES: usize = 1_600;
/// The farthest position that a splice of the note may name, in code points.
pub const NOTE_POSITION_POINTS: u64 = 1 << 32;
/// A list's map, in bytes.
pub const LIST_MAP_BYTES: usize = 64 * 1024;
/// What all parts of a workbook unpack to, in bytes: a list as large as may be, in its XML.
pub const WORKBOOK_UNPACKED_BYTES: usize = 4 * LIST_FILE_BYTES;
/// Parts of a workbook.
pub const WORKBOOK_PARTS: usize = 1_000;
/// Sheets of a workbook.
pub const WORKBOOK_SHEETS: usize = 100;
/// Elements (and ends of elements) in one part of a workbook.
pub const WORKBOOK_ELEMENTS: usize = 8_000_000;
/// A workbook's styles, in bytes.
pub const WORKBOOK_STYLE_BYTES: usize = 2 * 1024 * 1024;
/// Distinct words of a column that a person is asked about.
pub const LIST_WORDS: usize = 24;
/// Columns of an imported list.
pub const LIST_COLUMNS: usize = 256;
/// One cell of an imported list, in bytes.
pub const LIST_CELL_BYTES: usize = CLAIM_TEXT_BYTES;

const _: () = assert!(RANGE_BYTES + 1024 < FRAME_BYTES);
const _: () = assert!(RECORD_BYTES + 1024 < FRAME_BYTES);
const _: () = assert!(EDIT_BYTES < SEGMENT_PLAIN_BYTES);
const _: () = assert!(CLAIM_TEXT_BYTES < EDIT_BYTES);
const _: () = assert!(SEGMENT_PLAIN_BYTES + AGE_HEADER_BYTES < SEGMENT_SEALED_BYTES);
const _: () = assert!(HANDSHAKES_RETRY < HANDSHAKES);
const _: () = assert!(ACT_STATEMENT_BYTES + 1024 < EDIT_BYTES);
const _: () = assert!(LIST_CELL_BYTES <= CLAIM_TEXT_BYTES);
const _: () = assert!(EVIDENCE_BYTES > 8 * RECORD_BYTES + FRAME_BYTES);
const _: () = assert!(HANDSHAKES_RETRY + HANDSHAKES_KNOWN < HANDSHAKES);
const _: () = assert!(HANDSHAKES_UNPROVEN_PER_SOURCE < HANDSHAKES_RETRY);
const _: () = assert!(HANDSHAKES_PER_SOURCE * 4 < HANDSHAKES);
const _: () = assert!(STRANGERS_PACE.burst as usize > HANDSHAKES);

/// How long a peer may take to prove itself, in milliseconds.
pub const HELLO_MS: u64 = 10_000;
/// How long it may take from there to the end of its opening, in milliseconds.
pub const OPENING_MS: u64 = 10 * 60 * 1_000;
/// How long a peer may take for the next part of what it has begun, a state or a segment, in milliseconds.
pub const BEGUN_MS: u64 = 60_000;
/// What must have come of a segment in that time, in bytes: half a kilobyte a second.
pub const BEGUN_BYTES: usize = 32 * 1024;
/// How long a peer may take to read [`READ_BYTES`] of what it was sent, or all of it, in milliseconds.
pub const READ_MS: u64 = 3 * 60 * 1_000;
/// What it must have read in that time, in bytes: a third of a kilobyte a second.
pub const READ_BYTES: usize = 64 * 1024;
/// How long an answer is waited for, in milliseconds.
pub const ANSWER_MS: u64 = 60_000;
/// How long one peer may bring a segment, in milliseconds, before another that brings it too is heard instead if the
/// first is slower than [`LIVELY_BYTES_PER_S`].
pub const LIVELY_MS: u64 = 5_000;
/// See [`LIVELY_MS`].
pub const LIVELY_BYTES_PER_S: u64 = 4 * 1024;
/// How long a segment whose predecessor is missing is kept in memory, in milliseconds.
pub const UNPLACED_MS: u64 = 60 * 60 * 1_000;
/// Segments whose predecessor is missing, over all who brought them, in bytes.
pub const UNPLACED_ALL_BYTES: usize = 2 * UNPLACED_BYTES;
/// Links of one node that have not proven themselves yet: beyond that the oldest ends.
pub const LINKS_UNPROVEN_PER_NODE: usize = 4;
/// Links with the nodes of one partner.
pub const LINKS_PER_PARTNER: usize = 2 * PARTNER_NODES;
/// Bytes handed to a link that it has not taken yet: beyond that nothing is sent that can wait.
pub const LINK_BYTES: usize = 256 * 1024;
/// Bytes that a peer may leave unread beyond our opening: what it made us answer.
pub const UNREAD_BYTES: usize = 2 * 1024 * 1024;
/// Messages that may wait for room on a link.
pub const QUEUED_MESSAGES: usize = 6_400;
/// States said on a link that the peer has not confirmed.
pub const UNSEEN_STATES: usize = 2 * NODE_CIRCLES;
/// Parts of segments kept from ended links of one node, in bytes.
pub const PARTIAL_BYTES: usize = 2 * SEGMENT_SEALED_BYTES;
/// The same over all nodes.
pub const PARTIAL_ALL_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of frames of one link that may wait for their turn. A frame counts for at least [`FRAME_COST_BYTES`].
pub const INBOUND_BYTES: usize = 1024 * 1024;
/// See [`INBOUND_BYTES`].
pub const FRAME_COST_BYTES: usize = 256;
/// Logs of one partner in one circle.
pub const PARTNER_LOGS_PER_CIRCLE: usize = PARTNER_NODES * NODE_LOGS_PER_CIRCLE;
/// Headers that a link may ask for.
pub const HEADERS_PACE: Rate = Rate { burst: 256, per_min: 16 * 60 };
/// Grants that a link may ask for.
pub const GRANTS_PACE: Rate = Rate { burst: 256, per_min: 60 };
/// How long after one list of a circle's records the next may be sent on a link, in milliseconds.
pub const LIST_AGAIN_MS: u64 = 1_000;
/// Lists of one circle's records that a link may bring, each of which may have us send all that it leaves out.
pub const LISTS_PACE: Rate = Rate { burst: 32, per_min: 120 };
/// New cards of one partner: each is told to all of its circles.
pub const CARDS_PACE: Rate = Rate { burst: 16, per_min: 1 };
/// What one peer may hold of our memory, all told, in bytes: what it brings that has no place yet, what it leaves
/// unread, what was read for it, what waits for its turn.
pub const PEER_BYTES: usize = UNPLACED_BYTES
    + PARTIAL_BYTES
    + SEGMENT_SEALED_BYTES
    + INBOUND_BYTES
    + UNREAD_BYTES
    + LINK_BYTES
    + 4 * 1024 * 1024;

const _: () = assert!(UNPLACED_BYTES < UNPLACED_ALL_BYTES);
const _: () = assert!(PARTIAL_BYTES < PARTIAL_ALL_BYTES);
const _: () = assert!(FRAME_BYTES < INBOUND_BYTES);
const _: () = assert!(FRAME_BYTES < LINK_BYTES && LINK_BYTES < UNREAD_BYTES);
const _: () = assert!(READ_BYTES < LINK_BYTES);
const _: () = assert!(BEGUN_BYTES < SEGMENT_SEALED_BYTES);
const _: () = assert!(LIVELY_MS < BEGUN_MS && HELLO_MS < BEGUN_MS && BEGUN_MS < OPENING_MS);
const _: () = assert!(LIVELY_BYTES_PER_S > (BEGUN_BYTES as u64) * 1_000 / BEGUN_MS);
const _: () = assert!(LISTS_PACE.per_min as u64 > 60_000 / LIST_AGAIN_MS);
const _: () = assert!(UNSEEN_STATES >= NODE_CIRCLES);
const _: () = assert!(LINKS_PER_PARTNER >= PARTNER_NODES);
const _: () = assert!(
    LOG_SEGMENTS
        < u64::MAX / (NODE_CIRCLES * CIRCLE_PARTNERS * PARTNER_LOGS_PER_CIRCLE * LINKS_PER_PARTNER) as u64
);
