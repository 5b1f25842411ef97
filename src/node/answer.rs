//! What a node answers. Plain data: `--json` prints it as it stands, the doors put it in words.

use crate::case::{Claim, HistoryEntry, SheetView};
use crate::id::{CaseId, CircleId, EditRef, InstanceId, ItemRef, NodeId, PartnerId};
use crate::log::Role;
use crate::private::Private;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

mod desk;
mod evidence;
mod keys;
mod nodes;
mod work;

pub use desk::*;
pub use evidence::*;
pub use keys::*;
pub use nodes::*;
pub use work::*;

/// An answer. A request gives any number of `Row` or `Progress` and then one that ends it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// Nothing went wrong and there is nothing more to say.
    Done,
    /// Who this node is.
    Info(NodeInfo),
    /// Cards.
    Cards {
        /// Own first, then by name.
        cards: Vec<CardView>,
    },
    /// A card as a file's text.
    CardFile {
        /// The partner's name.
        name: String,
        /// What to write.
        text: String,
    },
    /// Circles.
    Circles {
        /// By name.
        circles: Vec<CircleView>,
    },
    /// An edit was written and is durable.
    Written(Written),
    /// What another circle would learn.
    Disclosure {
        /// The circle.
        to: String,
        /// Who will read it.
        readers: Vec<String>,
        /// The claims as they would stand there, a line each.
        lines: Vec<Private<String>>,
        /// The same claims themselves, for doors that speak other languages.
        #[serde(default)]
        claims: Vec<Claim>,
    },
    /// A case.
    Case(CaseView),
    /// A list of cases.
    CaseList {
        /// How many match in all.
        total: usize,
        /// Those asked for.
        cases: Vec<CaseRow>,
    },
    /// Every edit of a case.
    History {
        /// The case.
        case: CaseId,
        /// Oldest first, by when it was written; per sheet.
        sheets: Vec<SheetHistory>,
    },
    /// Differing claims and concurrent plan values.
    Conflicts {
        /// By circle and case.
        conflicts: Vec<ConflictView>,
    },
    /// One row of an import.
    Row(ImportRow),
    /// The end of an import.
    Imported {
        /// Whether nothing was written.
        dry_run: bool,
        /// New cases.
        new: usize,
        /// Changed ones.
        changed: usize,
        /// As they were.
        unchanged: usize,
        /// Refused rows.
        refused: usize,
    },
    /// A list before its map is made.
    ListLook(Box<ListLook>),
    /// What there is to do.
    Worklist(Box<WorkView>),
    /// Counts.
    Overview(OverviewView),
    /// Exported files, by name.
    Exported {
        /// File name and bytes.
        files: Vec<ExportedFile>,
    },
    /// An export of everything.
    ExportedAll {
        /// The folder.
        dir: String,
        /// Segments written.
        segments: usize,
        /// Epoch identities written.
        epochs: usize,
        /// Sheets written.
        sheets: usize,
    },
    /// Exports made here.
    Exports {
        /// Oldest first.
        exports: Vec<ExportNote>,
    },
    /// How far something is.
    Progress {
        /// What is being done.
        step: String,
        /// With whom, if with anyone.
        partner: Option<String>,
        /// So much
        done: u64,
        /// of so much; 0 if unknown.
        of: u64,
    },
    /// The end of a sync.
    Synced {
        /// Each partner and how it went.
        partners: Vec<SyncedPartner>,
    },
    /// How everything stands.
    Status(Box<StatusView>),
    /// Keys asked for and lacking.
    Grants(Box<GrantsView>),
    /// A person's yes was acted upon.
    Granted {
        /// Keys given.
        given: u64,
    },
    /// The running node is locked: there is nothing else that it could say.
    Locked,
    /// The end of a check.
    Checked(CheckReport),
    /// A backup was written.
    BackedUp {
        /// Records in it.
        records: u64,
        /// Bytes of the file.
        bytes: u64,
        /// Offline identities that open it.
        offline: usize,
    },
    /// Edits that earlier lives left waiting were said.
    SaidLeft {
        /// How many.
        said: usize,
    },
    /// A bundle was written.
    BundleWritten {
        /// Segments in it.
        segments: usize,
        /// Records in it.
        records: usize,
        /// Bytes of the file.
        bytes: u64,
    },
    /// A bundle was read.
    BundleRead {
        /// Who made it.
        from: String,
        /// Segments that were new here.
        new_segments: usize,
        /// Segments that were here already.
        known_segments: usize,
        /// Records that were new here.
        new_records: usize,
        /// What its maker holds and we still lack, as sentences.
        missing: Vec<String>,
    },
    /// Evidence held.
    Evidence {
        /// Fork proofs, then receipts.
        held: Vec<EvidenceHeld>,
    },
    /// A piece of evidence as a file.
    EvidenceFile {
        /// What to write.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// What a file shows.
    EvidenceShown(Box<EvidenceView>),
    /// Machines of this office.
    Nodes {
        /// This one first.
        nodes: Vec<NodeView>,
    },
    /// What a closure would say.
    CloseDraft(Box<CloseDraft>),
    /// Closures were taken in.
    Closed {
        /// How many were new here.
        new: usize,
    },
    /// A link that opens the desk once.
    DeskLink {
        /// The whole link.
        url: Private<String>,
    },
    /// Who works at this machine.
    Operators {
        /// In the order in which they came.
        operators: Vec<OperatorView>,
    },
    /// What somebody keeps at the desk.
    DeskNote {
        /// As it was written; `None` if nothing was.
        text: Option<Private<String>>,
    },
    /// A visit was written down.
    Visited {
        /// When the same person last looked.
        before: Option<Millis>,
    },
    /// What has changed here since the node started, as numbers that only grow.
    Pulse {
        /// Any case.
        cases: u64,
        /// The case that was named.
        case: u64,
        /// Links, what partners confirmed, what waits.
        links: u64,
    },
    /// It could not be done. Nothing was lost.
    Failed(Failure),
}

/// Why a request failed: what happened and what to do. Never carries case text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{what}")]
pub struct Failure {
    /// What kind: decides the exit code.
    pub kind: FailureKind,
    /// What happened.
    pub what: String,
    /// What to do.
    pub then: String,
}

/// Kinds of failure. Exit codes: see `cli::exit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// Something asked for does not exist or is not unique.
    NotFound,
    /// The request or a file handed in is wrong.
    BadInput,
    /// A rule forbids it: not trusted, not a member, not own.
    NotAllowed,
    /// A partner could not be reached.
    Unreachable,
    /// The disk or the vault.
    Disk,
    /// Another process has the vault.
    InUse,
    /// The passphrase does not open the keys.
    Locked,
    /// The check found damage.
    Damaged,
    /// Our own mistake.
    Internal,
}

/// Who a node is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NodeInfo {
    /// The home folder.
    pub home: String,
    /// The partner.
    pub partner: PartnerId,
    /// Its name.
    pub name: String,
    /// The node.
    pub node: NodeId,
    /// Which life of its store.
    pub instance: InstanceId,
    /// Whether it is a demo home.
    pub demo: bool,
    /// Where it listens, if it does.
    pub listening: Option<String>,
}

/// A card and how far it is trusted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CardView {
    /// Whose.
    pub partner: PartnerId,
    /// What it calls itself.
    pub name: String,
    /// Whether it is our own.
    pub own: bool,
    /// Revision.
    pub revision: u64,
    /// Nodes with their addresses.
    pub nodes: Vec<CardNode>,
    /// The safety phrase: twelve words.
    pub words: Vec<String>,
    /// The same as twelve numbers.
    pub numbers: Vec<String>,
    /// How far it is trusted.
    pub trust: TrustView,
}

/// One node on a card.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CardNode {
    /// The node.
    pub node: NodeId,
    /// Serial of its certificate.
    pub serial: u64,
    /// Where it may be dialled.
    pub address: Option<String>,
}

/// How far a partner is trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "trust", rename_all = "snake_case")]
pub enum TrustView {
    /// This partner.
    Own,
    /// The phrase was compared.
    ByPhrase {
        /// When.
        since: Millis,
    },
    /// A named partner introduced it, and a person accepted that.
    Introduced {
        /// Who.
        by: String,
        /// When.
        since: Millis,
    },
    /// Not yet.
    NotYet {
        /// The partners whose nodes brought the card, if it came by sync.
        brought_by: Vec<String>,
    },
}

/// A circle.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CircleView {
    /// Its id.
    pub circle: CircleId,
    /// Its name; empty until it could be opened.
    pub name: Private<String>,
    /// What we are in it.
    pub role: Role,
    /// Members' names.
    pub members: Vec<String>,
    /// Carriers' names.
    pub carriers: Vec<String>,
    /// The founder's name.
    pub founder: String,
    /// When it was founded.
    pub founded: Millis,
    /// Whether it is hidden here.
    pub hidden: bool,
    /// Members who are not trusted yet: until then the circle is held.
    pub waits_for: Vec<String>,
    /// Sheets here.
    pub cases: usize,
    /// Segments here.
    pub segments: u64,
    /// Bytes of them.
    pub bytes: u64,
}

impl CircleView {
    /// Whether cases can be opened and written in it here: as a member, trusted by all, and not hidden.
    pub fn is_open(&self) -> bool {
        self.role == Role::Member && !self.hidden && self.waits_for.is_empty()
    }
}

/// What was written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Written {
    /// The case.
    pub case: CaseId,
    /// The circle.
    pub circle: CircleId,
    /// The edit.
    pub edit: EditRef,
    /// Its items in order, as people name them.
    pub items: Vec<ItemRef>,
    /// Warnings: a field not known, a sheet that grows large.
    pub warnings: Vec<String>,
    /// Who will read it.
    pub readers: Vec<String>,
}

/// A case: one sheet for each circle that knows of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CaseView {
    /// The case.
    pub case: CaseId,
    /// Names as partners have them, a line each.
    pub title: Vec<Private<String>>,
    /// The sheets.
    pub sheets: Vec<NamedSheet>,
    /// Partner ids to names, for every partner that says something here.
    pub partners: Vec<(PartnerId, String)>,
}

/// A sheet with its circle's name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NamedSheet {
    /// The circle's name.
    pub circle_name: Private<String>,
    /// Who reads it.
    pub readers: Vec<String>,
    /// The sheet; `None` if its document was spoiled and `check` should be run.
    pub sheet: Option<SheetView>,
}

/// A line of the case list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CaseRow {
    /// The case.
    pub case: CaseId,
    /// Circles that know of it.
    pub circles: Vec<Private<String>>,
    /// The child's name in the forms in use.
    pub names: Vec<Private<String>>,
    /// Birth dates in use.
    pub births: Vec<Private<String>>,
    /// List numbers.
    pub numbers: Vec<Private<String>>,
    /// Stages in use.
    pub stages: Vec<Private<String>>,
    /// Fields where offices differ.
    pub differs: usize,
    /// Plan fields with concurrent values.
    pub conflicts: usize,
    /// When the last edit was written.
    pub last: Millis,
    /// Cases said to be the same child.
    pub same: Vec<CaseId>,
    /// Urgency in use: `normal`, `urgent`, `critical`, or empty.
    #[serde(default)]
    pub urgency: Private<String>,
    /// When something of it last came to this machine.
    #[serde(default)]
    pub seen: Millis,
    /// Whether that was after the person who asks last looked.
    #[serde(default)]
    pub changed: bool,
    /// Whether it waits for this office or the person who asks.
    #[serde(default)]
    pub waiting: bool,
}

/// The history of one sheet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SheetHistory {
    /// The circle's name.
    pub circle_name: Private<String>,
    /// The circle.
    pub circle: CircleId,
    /// The edits.
    pub entries: Vec<HistoryEntry>,
    /// Partner ids to names.
    pub partners: Vec<(PartnerId, String)>,
}

/// One row of an import.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ImportRow {
    /// Line in the file, the header being 1.
    pub line: usize,
    /// The list's own number.
    pub number: Private<String>,
    /// How it went.
    pub outcome: RowOutcome,
    /// The case, unless refused or dry.
    pub case: Option<CaseId>,
    /// Fields that changed, or why it was refused.
    pub detail: String,
}

/// How a row went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    /// A case was opened.
    New,
    /// Claims were replaced or added.
    Changed,
    /// As it was.
    Unchanged,
    /// Not taken; see the detail.
    Refused,
}

/// One exported file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExportedFile {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Private<Vec<u8>>,
}

/// A line of the export log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExportNote {
    /// When.
    pub time: Millis,
    /// Who sat at the machine.
    pub operator: Private<String>,
    /// What: a case, a bundle or everything.
    pub what: String,
    /// For whom.
    pub recipient: Private<String>,
    /// What for.
    pub purpose: Private<String>,
}

/// How a sync with one partner went.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SyncedPartner {
    /// The partner's name.
    pub partner: String,
    /// Whether it was reached.
    pub reached: bool,
    /// Whether both hold the same.
    pub in_sync: bool,
    /// Segments received.
    pub received: u64,
    /// Segments that it confirmed.
    pub confirmed: u64,
    /// What happened, in words.
    pub note: String,
}

/// How everything stands.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct StatusView {
    /// The partner's name.
    pub name: String,
    /// Whether the node runs (or a verb looks at a vault at rest).
    pub running: bool,
    /// Whether all dialling is paused.
    pub paused: bool,
    /// Where it listens.
    pub listening: Option<String>,
    /// Each other partner.
    pub partners: Vec<PartnerStatus>,
    /// Each circle.
    pub circles: Vec<CircleStatus>,
    /// Things a person should look at, as sentences.
    pub notices: Vec<String>,
    /// Bytes of UDP payload sent over all links since the node was started.
    #[serde(default)]
    pub sent_bytes: u64,
    /// The same, received.
    #[serde(default)]
    pub received_bytes: u64,
}

/// How things stand with one partner.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PartnerStatus {
    /// Its name.
    pub partner: String,
    /// Whether a link is up.
    pub reachable: bool,
    /// Whether it is paused.
    pub paused: bool,
    /// Last contact.
    pub last_contact: Option<Millis>,
    /// Per shared circle.
    pub circles: Vec<PartnerCircle>,
}

/// What a partner has confirmed in one circle. From signatures only.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PartnerCircle {
    /// The circle's name (its short id for what we only carry).
    pub circle_name: Private<String>,
    /// The time its last signed heads name.
    pub confirmed_at: Option<Millis>,
    /// Our own segments.
    pub ours: u64,
    /// Of those, how many it confirmed to hold.
    pub ours_held: u64,
    /// Of those, how many its edits show it had applied.
    pub ours_applied: u64,
    /// Segments that we hold and it has not confirmed.
    pub lacks: u64,
    /// Segments that it showed and we lack.
    pub we_lack: u64,
    /// Own edits not yet cut into a segment.
    pub waiting_edits: u64,
}

/// How one circle stands here.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CircleStatus {
    /// Its name, or short id.
    pub circle_name: Private<String>,
    /// Its id in hex.
    pub circle: String,
    /// `member` or `carrier`.
    pub role: String,
    /// Members not yet trusted.
    pub waits_for: Vec<String>,
    /// Segments here.
    pub segments: u64,
    /// Stored and not yet replayed (or waiting for what they name).
    pub to_replay: u64,
    /// Held: no key, later version.
    pub held: u64,
    /// Refused.
    pub refused: u64,
    /// Logs with two branches.
    pub forked: u64,
    /// These, each by its proof.
    #[serde(default)]
    pub forks: Vec<ForkHeld>,
    /// Edits that do not count, of forked and closed logs: kept in sight.
    #[serde(default)]
    pub disowned: u64,
    /// Sheets here.
    pub cases: u64,
    /// Edits applied.
    pub edits: u64,
    /// Own edits not yet cut.
    pub waiting_edits: u64,
}

/// What a check found.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CheckReport {
    /// Segments verified: header, chain, signature, body.
    pub segments: u64,
    /// Segments opened and read again.
    pub opened: u64,
    /// Sheets rebuilt.
    pub sheets: u64,
    /// Sheets that differed from the cache (and were replaced).
    pub differing: u64,
    /// What is damaged, as sentences; empty if all is well.
    pub damage: Vec<String>,
}
