//! What the doors may ask of a node. The same enum travels over the control socket as JSON, one request a line.
//!
//! Partners, circles, cases and items are named as a person names them (`doha`, `families`, `K0001`, `3fa2b1c0.12.0`):
//! the node resolves names, so that every door resolves them alike. A partner is named by its card's name or the
//! start of its id, a circle by its name or the start of its id, a case by a list number (`K0001` or
//! `kyiv-list:K0001`) or by the start of its id, an item or edit by the name that `case show` and `case history` print.

use super::{CaseFilter, Duty};
use crate::private::Private;
use serde::{Deserialize, Serialize};

/// A request and who sits at the machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asked {
    /// The operator's name (`--as`); the config's if empty.
    #[serde(default)]
    pub operator: Private<String>,
    /// What is asked.
    pub request: Request,
}

/// One claim as a person gives it: texts, read by the field's kind.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimIn {
    /// The field's code.
    pub field: String,
    /// Which relative or stay it speaks of; empty for none.
    pub group: String,
    /// The value as typed.
    pub value: Private<String>,
    /// `document`, `person`, `office` (the default), `list_line`.
    pub source_kind: String,
    /// The source in words.
    pub source: Private<String>,
    /// Who gave it.
    pub given_by: Private<String>,
    /// `confirmed`, `reported`, `inferred` or empty.
    pub confidence: String,
    /// From when it holds, as a date; empty if not said.
    pub from: String,
    /// Until when it holds, as a date; empty if not said.
    pub to: String,
    /// Own items that it replaces.
    pub replaces: Vec<String>,
}

/// How far the logs of a machine shall count from now on. What is not said stays as it is here.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Closing {
    /// The machine writes no more. If not, only forks are settled.
    pub retire: bool,
    /// Nothing of its logs counts.
    pub none: bool,
    /// `LOG=NUMBER`: a log by the start of its id counts through a number.
    pub through: Vec<String>,
    /// Branches that count, by the start of their ids; of other logs the branch that stands here.
    pub branches: Vec<String>,
}

/// Which piece of evidence is wanted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceWanted {
    /// The only one there is.
    Only,
    /// A fork proof, by the start of its name.
    Fork(String),
    /// The last receipt of a partner.
    Receipt(String),
}

/// Which table is handed out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableWanted {
    /// The cases that a filter lets through.
    Cases(CaseFilter),
    /// Counts, without any that is small.
    Counts,
}

/// What a person asks of the node.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Request {
    /// Who this node is. Answer: `Info`.
    Info,

    /// All cards known, own first. Answer: `Cards`.
    CardList,
    /// One card (own if none is named). Answer: `Cards` with one.
    CardShow {
        /// Whose.
        partner: Option<String>,
    },
    /// The file of one card, to hand over. Answer: `CardFile`.
    CardExport {
        /// Whose; own if none.
        partner: Option<String>,
    },
    /// Takes a card in. Answer: `Cards` with one.
    CardImport {
        /// The card file's text.
        text: String,
    },
    /// Trusts a partner whose safety phrase was read out and typed, or who was introduced. Answer: `Cards` with one.
    CardTrust {
        /// Whom.
        partner: String,
        /// All twelve words or numbers, as typed.
        phrase: Option<String>,
        /// The partner who introduces.
        introduced_by: Option<String>,
    },
    /// Takes trust back. Answer: `Cards` with one.
    CardDistrust {
        /// Whom.
        partner: String,
    },

    /// Founds a circle. Answer: `Circles` with one.
    CircleNew {
        /// Its name, sealed for members.
        name: Private<String>,
        /// Partners that read and write besides this one.
        members: Vec<String>,
        /// Partners that hold and pass on.
        carriers: Vec<String>,
    },
    /// All circles. Answer: `Circles`.
    CircleList,
    /// One circle. Answer: `Circles` with one.
    CircleShow {
        /// Which.
        circle: String,
    },
    /// Hides a circle from lists, or shows it again. Answer: `Circles` with one.
    CircleHide {
        /// Which.
        circle: String,
        /// False shows it again.
        hide: bool,
    },

    /// Opens a case: draws its id, says the first claims. With `case`, opens another circle's sheet of a known case.
    /// Answer: `Written`.
    CaseNew {
        /// The circle whose sheet it is.
        circle: String,
        /// A case known from another circle.
        case: Option<String>,
        /// At least one claim.
        claims: Vec<ClaimIn>,
    },
    /// Says claims. Answer: `Written`.
    CaseClaim {
        /// The circle.
        circle: String,
        /// The case.
        case: String,
        /// 1 to 64.
        claims: Vec<ClaimIn>,
    },
    /// Withdraws own items. Answer: `Written`.
    CaseWithdraw {
        /// The circle.
        circle: String,
        /// The case.
        case: String,
        /// The items.
        items: Vec<String>,
        /// Why.
        reason: Private<String>,
    },
    /// Says which claim this office works with. Answer: `Written`.
    CasePrefer {
        /// The circle.
        circle: String,
        /// The case.
        case: String,
        /// The claim.
        item: String,
    },
    /// Writes a plan value. Answer: `Written`.
    CasePlan {
        /// The circle.
        circle: String,
        /// The case.
        case: String,
        /// `case//stage`, `leg/2/border_point`.
        key: String,
        /// The value as typed; empty clears.
        value: Private<String>,
        /// The values that the person's screen showed; `None`: those that the node shows now.
        shown: Option<Vec<String>>,
    },
    /// Writes in the shared note. Answer: `Written`.
    CaseNote {
        /// The circle.
        circle: String,
        /// The case.
        case: String,
        /// Where, in code points; `None`: at the end, on a line of its own.
        at: Option<u64>,
        /// The text to remove there.
        remove: Private<String>,
        /// The text to insert there.
        insert: Private<String>,
    },
    /// Settles concurrent plan values. Answer: `Written`.
    CaseSettle {
        /// The circle.
        circle: String,
        /// The case.
        case: String,
        /// The plan key.
        key: String,
        /// The item whose value stays, or
        take: Option<String>,
        /// a value of its own.
        value: Option<Private<String>>,
    },
    /// Tells chosen claims to another circle. Answer: `Written` (of the target).
    CaseDisclose {
        /// The circle that it is known in.
        from: String,
        /// The circle that shall know.
        to: String,
        /// The case.
        case: String,
        /// The claims.
        items: Vec<String>,
        /// Why.
        reason: Private<String>,
        /// Only say what the other circle would learn. Answer: `Disclosure`.
        dry_run: bool,
    },
    /// Says that two cases are the same child. Answer: `Written`.
    CaseSame {
        /// The circle.
        circle: String,
        /// One case.
        case: String,
        /// The other.
        other: String,
        /// On what grounds.
        reason: Private<String>,
    },
    /// A case with all its sheets. Answer: `Case`.
    CaseShow {
        /// The case.
        case: String,
        /// One circle's sheet alone.
        circle: Option<String>,
    },
    /// The list of cases. Answer: `CaseList`.
    CaseList {
        /// Of one circle alone.
        circle: Option<String>,
        /// Only those with conflicting plan values or differing claims.
        open_only: bool,
        /// Skip so many.
        skip: usize,
        /// At most so many; 0 for all.
        limit: usize,
    },
    /// Cases whose names or numbers match, in any script. Answer: `CaseList`.
    CaseFind {
        /// What to look for.
        text: Private<String>,
        /// Of one circle alone.
        circle: Option<String>,
    },
    /// A part of the list of cases, as the desk shows it. Answer: `CaseList`.
    CaseFilter {
        /// Which.
        filter: CaseFilter,
        /// Skip so many.
        skip: usize,
        /// At most so many; 0 for all.
        limit: usize,
    },
    /// Every edit of a case. Answer: `History`.
    CaseHistory {
        /// The case.
        case: String,
        /// One circle's sheet alone.
        circle: Option<String>,
    },
    /// A case as it stood at an edit. Answer: `Case`.
    CaseAt {
        /// The case.
        case: String,
        /// The circle.
        circle: String,
        /// The edit, as `history` names it.
        edit: String,
    },
    /// All plan conflicts and differing claims. Answer: `Conflicts`.
    CaseConflicts {
        /// Of one circle alone.
        circle: Option<String>,
        /// Of one case alone.
        case: Option<String>,
    },

    /// Takes a list in. Answers: a `Row` for each, then `Imported`.
    Import {
        /// The circle.
        circle: String,
        /// The file's bytes: CSV, or XLSX.
        #[serde(with = "serde_bytes")]
        csv: Vec<u8>,
        /// The map file's text.
        map: String,
        /// Write nothing.
        dry_run: bool,
    },
    /// A list before its map is made: headings, a few lines, what its columns seem to hold. Answer: `ListLook`.
    ListLook {
        /// The file's bytes, CSV or XLSX.
        #[serde(with = "serde_bytes")]
        file: Vec<u8>,
        /// Of a workbook: which sheet; the first with cells if empty.
        sheet: String,
    },
    /// What there is to do, the most urgent first. Looks at rows, and at so many sheets as are shown. Answer: `Worklist`.
    Worklist {
        /// At most so many cases of each kind.
        limit: usize,
    },
    /// Counts of cases. Looks at rows alone. Answer: `Overview`.
    Overview,
    /// A table that is handed out: written down first. Answer: as for `CaseFilter` or `Overview`.
    ExportTable {
        /// Which.
        table: TableWanted,
        /// Who it is for.
        recipient: Private<String>,
        /// What for.
        purpose: Private<String>,
    },
    /// A case for another tool. Answer: `Exported` with the files' bytes; the door writes them.
    ExportCase {
        /// The case.
        case: String,
        /// One circle's sheet alone.
        circle: Option<String>,
        /// Who it is for.
        recipient: Private<String>,
        /// What for.
        purpose: Private<String>,
    },
    /// Everything, for another decade. Answer: `ExportedAll`.
    ExportAll {
        /// An absolute path of a folder that is empty or does not exist.
        dir: String,
        /// The passphrase that seals the epoch identities.
        passphrase: Private<String>,
    },
    /// Every export made here. Answer: `Exports`.
    ExportLog,

    /// Syncs now. Answers: `Progress`..., then `Synced`.
    Sync {
        /// With one partner alone.
        partner: Option<String>,
        /// Give up on a partner after so many seconds without progress.
        patience_s: u64,
    },
    /// No dialling, no accepting. Answer: `Done`.
    Pause {
        /// One partner alone.
        partner: Option<String>,
    },
    /// Dials and accepts again. Answer: `Done`.
    Resume {
        /// One partner alone.
        partner: Option<String>,
    },
    /// How everything stands. Answer: `Status`.
    Status,
    /// Verifies every segment, rebuilds every cache beside the old and compares. Answers: `Progress`..., `Checked`.
    Check,
    /// Writes a bundle. Answer: `BundleWritten`.
    BundleOut {
        /// For whom.
        partner: String,
        /// An absolute path.
        file: String,
        /// All that the target may have, not only what it lacks.
        all: bool,
    },
    /// Takes a bundle in. Answer: `BundleRead`.
    BundleIn {
        /// An absolute path.
        file: String,
    },
    /// A bundle as bytes, for a page. Answer: `Exported` with one file.
    BundleMake {
        /// For whom.
        partner: String,
        /// All that the target may have, not only what it lacks.
        all: bool,
    },
    /// Takes a bundle's bytes in. Answer: `BundleRead`.
    BundleTake {
        /// The file's bytes.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// Fork proofs and receipts held. Answer: `Evidence`.
    EvidenceList {
        /// Of one circle alone.
        circle: Option<String>,
    },
    /// One of them as a file. Answer: `EvidenceFile`.
    EvidenceExport {
        /// Which.
        which: EvidenceWanted,
        /// Of one circle alone.
        circle: Option<String>,
        /// Whether the file names partners by their cards.
        cards: bool,
    },
    /// The machines of this office. Answer: `Nodes`.
    NodeList,
    /// Writes a backup of everything that cannot be rebuilt. Answer: `BackedUp`.
    Backup {
        /// An absolute path.
        file: String,
        /// Offline recipients (`age1pq1...`), besides those of the config.
        recipients: Vec<String>,
    },
    /// Says what earlier lives left waiting, on the owner's word. Answer: `SaidLeft`.
    SayLeft,
    /// What it would mean to close a machine of this office, or to settle its fork. Answer: `CloseDraft`.
    CloseDraft {
        /// The machine: the start of its id.
        node: String,
        /// Of one circle alone.
        circle: Option<String>,
        /// Through where its logs shall count.
        closing: Closing,
    },
    /// Takes closures in that the partner key signed. Answer: `Closed`.
    CloseTake {
        /// The signed records.
        closures: Vec<serde_bytes::ByteBuf>,
    },
    /// Keys asked for and lacking. Answer: `Grants`.
    GrantList,
    /// Gives a partner's new machine what its lost ones could read. Answer: `Granted`.
    GrantAllow {
        /// Whose machine.
        partner: String,
        /// The machine's words or numbers, as a person there read them out.
        phrase: String,
    },
    /// A link that opens the desk once. Answer: `DeskLink`.
    DeskLink,
    /// What changed, for pages that keep themselves up to date. Answer: `Pulse`.
    Pulse {
        /// A case, besides all of them.
        case: Option<String>,
    },
    /// Who works at this machine. Answer: `Operators`.
    OperatorList,
    /// Somebody new at this machine, or in another role. Answer: `Done`.
    OperatorPut {
        /// The name that stands beside what they write.
        name: Private<String>,
        /// What they do.
        role: Duty,
    },
    /// What the operator keeps under a name. Answer: `DeskNote`.
    DeskRead {
        /// The name.
        key: String,
    },
    /// Keeps something for the operator. Answer: `Done`.
    DeskWrite {
        /// Under which name.
        key: String,
        /// What.
        text: Private<String>,
    },
    /// The operator looks at a case now: known at once, on the disk with [`Request::DeskKeep`]. Answer: `Visited`.
    DeskVisit {
        /// The case.
        case: String,
    },
    /// Writes visits to the disk. Answer: `Done`.
    DeskKeep,
    /// Forgets keys and all that was read, ends links and keeps the control socket alone. Answer: `Done`.
    Lock,
    /// Opens the keys of a locked node again and goes on. Answer: `Info`.
    Unlock {
        /// The passphrase, or the recovery words.
        passphrase: Private<String>,
    },
    /// Ends the running node in good order. Answer: `Done`.
    Stop,
}

impl Request {
    /// Whether it hands something out: the journal says who did.
    pub(crate) fn hands_out(&self) -> bool {
        matches!(
            self,
            Self::ExportCase { .. }
                | Self::ExportAll { .. }
                | Self::BundleOut { .. }
                | Self::BundleMake { .. }
                | Self::ExportTable { .. }
                | Self::Backup { .. }
        )
    }

    /// Whether it changes nothing that is kept: answered even while the disk takes no writes.
    pub(crate) fn only_reads(&self) -> bool {
        match self {
            Self::Info
            | Self::CardList
            | Self::CardShow { .. }
            | Self::CardExport { .. }
            | Self::CircleList
            | Self::CircleShow { .. }
            | Self::CaseShow { .. }
            | Self::CaseList { .. }
            | Self::CaseFind { .. }
            | Self::CaseFilter { .. }
            | Self::ListLook { .. }
            | Self::Worklist { .. }
            | Self::Overview
            | Self::OperatorList
            | Self::DeskRead { .. }
            | Self::DeskVisit { .. }
            | Self::Pulse { .. }
            | Self::CaseHistory { .. }
            | Self::CaseAt { .. }
            | Self::CaseConflicts { .. }
            | Self::NodeList
            | Self::EvidenceList { .. }
            | Self::GrantList
            | Self::ExportLog
            | Self::Status
            | Self::Stop => true,
            Self::CaseDisclose { dry_run, .. } | Self::Import { dry_run, .. } => *dry_run,
            _ => false,
        }
    }
}
