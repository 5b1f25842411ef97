//! Bundles out and in: the same segments and records, through the same gate as the network.

use super::failure::{bad_input, fail, internal, not_found};
use super::running::Node;
use super::{Answer, ExportedFile, Failure, FailureKind};
use crate::carry::{BrokenAt, BundleReader, BundleWriter, CarriedKind, CarryFault, Item, Statement};
use crate::id::{LogId, PartnerId};
use crate::log::Segment;
use crate::private::Private;
use crate::seal::{Envelope, Recipient};
use crate::sign::Signed;
use crate::store::{StoreFault, Vault, branches, files, logs};
use crate::sync::{BundlePlan, CarriedItem, CarriedSummary, Input, RecordKind};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Items handed to the hub at a time.
const ITEMS_AT_ONCE: usize = 64;

/// The path of a file that is to be made: it takes no other's place, and follows no link.
pub(super) fn new_file(file: &str) -> Result<PathBuf, Failure> {
    let path = absolute(file)?;
    if path.symlink_metadata().is_ok() {
        return Err(bad_input(
            format!("{} exists already; it was left as it is", path.display()),
            "Name a file that does not exist.",
        ));
    }
    Ok(path)
}

/// Writes a bundle for a partner into a new file.
pub(super) fn write(
    node: &Node,
    partner: &str,
    file: &str,
    all: bool,
    operator: &Private<String>,
) -> Result<Answer, Failure> {
    let path = new_file(file)?;
    let ready = ready(node, partner, all, operator)?;
    let mut broken = None;
    let written = files::write_private_with(&path, |out| {
        ready.write_to(BufWriter::new(out)).map_err(|fault| {
            broken = Some(fault);
            StoreFault::Rule("the bundle was not finished")
        })
    });
    match (written, broken) {
        (Ok(bytes), _) => Ok(Answer::BundleWritten {
            segments: usize::try_from(ready.segments).unwrap_or(usize::MAX),
            records: usize::try_from(ready.records).unwrap_or(usize::MAX),
            bytes,
        }),
        (Err(_), Some(fault)) => Err(fail(
            FailureKind::Disk,
            format!("the bundle could not be written: {fault}"),
            "Check room and rights where the file shall go; nothing was left there.",
        )),
        (Err(fault), None) => Err(fault.into()),
    }
}

/// Makes a bundle for a partner in memory, for a page that hands it on: no file of it stays on this machine.
pub(super) fn make(
    node: &Node,
    partner: &str,
    all: bool,
    operator: &Private<String>,
) -> Result<Answer, Failure> {
    let ready = ready(node, partner, all, operator)?;
    let mut out = Bounded { bytes: Vec::new(), full: false };
    match ready.write_to(&mut out) {
        Ok(_) => {
            let name = node.shared.house().people.name(&ready.partner);
            Ok(Answer::Exported { files: vec![ExportedFile { name, bytes: Private::new(out.bytes) }] })
        }
        Err(_) if out.full => Err(bad_input(
            "the bundle is longer than 64 MiB, which is more than the desk can hand over",
            "Write it in a terminal: `homeward bundle out --for PARTNER FILE`.",
        )),
        Err(fault) => Err(internal(format!("the bundle could not be made: {fault}"))),
    }
}

/// Bytes in memory, up to what a page may be handed.
struct Bounded {
    bytes: Vec<u8>,
    full: bool,
}

impl Write for Bounded {
    fn write(&mut self, more: &[u8]) -> std::io::Result<usize> {
        if self.bytes.len() + more.len() > crate::limit::DESK_BUNDLE_BYTES {
            self.full = true;
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A bundle before its first byte: what will stand in it, for whom. The journal has it.
struct Ready {
    partner: PartnerId,
    plan: BundlePlan,
    small: Vec<Item>,
    recipients: Vec<Recipient>,
    statement: Signed<Statement>,
    segments: u64,
    records: u64,
    vault: Arc<Vault>,
    envelope: Arc<dyn Envelope>,
}

fn ready(node: &Node, partner: &str, all: bool, operator: &Private<String>) -> Result<Ready, Failure> {
    let partner = node.shared.house().people.find(partner)?;
    {
        let house = node.shared.house();
        if partner == house.people.own && house.people.certificates(&partner).len() < 2 {
            return Err(bad_input(
                "this office has no other node that could take a bundle in",
                "Name the partner who shall take it in.",
            ));
        }
    }
    let plan = {
        let mut driver = node.driver();
        driver.cut_unseen();
        driver.hub().bundle_plan(&partner, all)
    };
    let mut house = node.shared.house();
    let recipients: Vec<Recipient> =
        house.people.certificates(&partner).iter().map(|one| Recipient(one.recipient.clone())).collect();
    if recipients.is_empty() {
        return Err(not_found("that partner's card names no node", "Take in its newest card first."));
    }
    if plan.circles.is_empty() {
        return Err(not_found(
            "no circle is shared with that partner",
            "Found one with `homeward circle new`, or name another partner.",
        ));
    }
    // Before the file is there: none may go out unseen.
    let what = if all { "a bundle of all that is shared" } else { "a bundle" };
    let recipient = house.people.name(&partner).into();
    house.note_export(operator, what.into(), recipient, Private::default())?;
    let mut small = Vec::new();
    let (mut heads, mut records) = (0, 0);
    for circle in &plan.circles {
        let mut record = |kind, bytes: Vec<u8>| {
            records += 1;
            small.push(Item::Record { circle: circle.circle, kind, bytes });
        };
        record(CarriedKind::Charter, circle.charter.bytes().to_vec());
        for card in &circle.cards {
            record(CarriedKind::Card, card.bytes().to_vec());
        }
        for one in &circle.records {
            let kind = match one.kind() {
                RecordKind::Closure => CarriedKind::Closure,
                RecordKind::Fork => CarriedKind::ForkProof,
                RecordKind::Grant => CarriedKind::Grant,
            };
            record(kind, one.bytes());
        }
        if let Some((signed, entries)) = &circle.heads {
            heads += 1;
            small.push(Item::Heads { record: signed.bytes().to_vec(), entries: entries.encode() });
        }
    }
    let apart: u64 = plan.circles.iter().map(|circle| circle.apart.len() as u64).sum();
    let segments: u64 = apart
        + plan
            .circles
            .iter()
            .flat_map(|circle| &circle.logs)
            .map(|log| log.through + 1 - log.from)
            .sum::<u64>();
    let mut circles: Vec<_> = plan.circles.iter().map(|circle| circle.circle).collect();
    circles.sort();
    let statement = Statement {
        version: 1,
        bundle: house.chance.bytes16(),
        partner: house.people.own,
        node: house.life.node,
        certificate: house.certificate.bytes().to_vec(),
        target: partner,
        circles,
        time: house.now(),
        heads,
        records,
        segments,
    };
    let statement =
        Signed::sign(statement, &*house.secret).map_err(|fault| internal(format!("a bundle: {fault}")))?;
    let (vault, envelope) = (Arc::clone(&house.vault), Arc::clone(&house.envelope));
    drop(house);
    Ok(Ready { partner, plan, small, recipients, statement, segments, records, vault, envelope })
}

impl Ready {
    /// Writes all of it; how many bytes that were.
    fn write_to(&self, out: impl Write) -> Result<u64, CarryFault> {
        let recipients = self.recipients.clone();
        let mut writer = BundleWriter::new(out, &*self.envelope, recipients, self.statement.clone())?;
        for item in &self.small {
            writer.put(item)?;
        }
        let unread = || CarryFault::Rule("a segment cannot be read");
        let whole = |segment: &Segment| Item::Segment {
            header: segment.header().bytes().to_vec(),
            body: segment.body().to_vec(),
        };
        let reader = self.vault.reader().map_err(|_| CarryFault::Rule("the vault cannot be read"))?;
        for circle in &self.plan.circles {
            for (life, header) in &circle.apart {
                let log = LogId { circle: circle.circle, life: *life };
                let segment = branches::branch_segment(&reader, &log, header).ok().flatten();
                writer.put(&whole(&segment.ok_or_else(unread)?))?;
            }
            for span in &circle.logs {
                let log = LogId { circle: circle.circle, life: span.life };
                for number in span.from..=span.through {
                    let segment = logs::segment(&reader, &log, number).ok().flatten();
                    writer.put(&whole(&segment.ok_or_else(unread)?))?;
                }
            }
        }
        Ok(writer.finish()?.1)
    }
}

/// Takes a bundle's file in. Harmless if it was taken in before.
pub(super) fn read(node: &Node, file: &str) -> Result<Answer, Failure> {
    let path = absolute(file)?;
    let no_bundle = || bad_input("this is no bundle", "Name a bundle's file; nothing was changed.");
    let input = files::open_plain(&path).map_err(|fault| match fault {
        StoreFault::NotAFile => no_bundle(),
        _ => not_found(
            format!("there is no file {}", path.display()),
            "Name the bundle's file; nothing was changed.",
        ),
    })?;
    let about = input.metadata().map_err(|error| Failure::from(StoreFault::Disk(error.kind())))?;
    if about.len() > crate::limit::BUNDLE_BYTES {
        return Err(no_bundle());
    }
    take_in(node, BufReader::new(input))
}

/// Takes a bundle's bytes in, as a page was handed them.
pub(super) fn take(node: &Node, bytes: &[u8]) -> Result<Answer, Failure> {
    take_in(node, bytes)
}

fn take_in(node: &Node, input: impl Read) -> Result<Answer, Failure> {
    let (envelope, secret, own) = {
        let house = node.shared.house();
        (Arc::clone(&house.envelope), Arc::clone(&house.secret), house.people.own)
    };
    let mut reader = BundleReader::open(input, &*envelope, secret.age_seed()).map_err(not_opened)?;
    let statement = reader.statement().clone();
    if statement.target != own {
        return Err(bad_input(
            "this bundle is for another partner",
            "Hand it to that partner; nothing was changed.",
        ));
    }
    let mut total = CarriedSummary::default();
    let mut items = Vec::new();
    let mut hand = |items: &mut Vec<CarriedItem>| {
        let batch = std::mem::take(items);
        if batch.is_empty() {
            return;
        }
        node.shared.watch(|watch| watch.carried = None);
        node.driver().hand(Input::Carried { maker: statement.node, items: batch });
        if let Some(summary) = node.shared.look(|watch| watch.carried) {
            total.placed += summary.placed;
            total.repeated += summary.repeated;
            total.unplaced = summary.unplaced;
            total.refused += summary.refused;
            total.later += summary.later;
            total.records += summary.records;
        }
    };
    let end = loop {
        match reader.next_item() {
            Ok(Some(item)) => {
                items.extend(carried(item));
                if items.len() >= ITEMS_AT_ONCE {
                    hand(&mut items);
                }
            }
            Ok(None) => break Ok(()),
            Err(broken) => break Err(broken),
        }
    };
    hand(&mut items);
    if !node.is_running() {
        let mut driver = node.driver();
        driver.rest();
        super::running::renew_if_due(&mut driver, &node.shared);
    }
    node.shared.want_replay();
    node.catch_up()?;
    end.map_err(broken_file)?;
    let status = node.driver().status();
    let house = node.shared.house();
    let mut missing: Vec<String> = status
        .nodes
        .iter()
        .filter(|peer| peer.node == statement.node)
        .flat_map(|peer| &peer.circles)
        .filter(|circle| circle.we_lack > 0)
        .map(|seen| {
            let name = house
                .circles
                .get(&seen.circle)
                .map(|circle| circle.name().reveal().clone())
                .unwrap_or_default();
            format!("{} of {name} that its maker holds: still missing here", segments_of(seen.we_lack))
        })
        .collect();
    if total.unplaced > 0 {
        missing.push(format!(
            "{} put aside until what stands before arrives: ask for a bundle made with --all",
            segments_of(total.unplaced)
        ));
    }
    if total.later > 0 {
        missing.push("some of it was made by a later version of Homeward: it is not read here".to_owned());
    }
    if total.refused > 0 {
        missing.push(format!(
            "{} refused: breaking a rule, or of no circle here",
            if total.refused == 1 { "1 item".to_owned() } else { format!("{} items", total.refused) }
        ));
    }
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    Ok(Answer::BundleRead {
        from: house.people.name(&statement.partner),
        new_segments: count(total.placed),
        known_segments: count(total.repeated),
        new_records: count(total.records),
        missing,
    })
}

/// An item as the gate takes it; `None` for what only evidence files hold.
fn carried(item: Item) -> Option<CarriedItem> {
    Some(match item {
        Item::Heads { record, entries } => CarriedItem::Heads { record, entries },
        Item::Segment { header, body } => CarriedItem::Segment { header, body },
        Item::Record { circle, kind, bytes } => match kind {
            CarriedKind::Charter => CarriedItem::Charter(bytes),
            CarriedKind::Card => CarriedItem::Card(bytes),
            CarriedKind::Closure => CarriedItem::Record { circle, kind: RecordKind::Closure, bytes },
            CarriedKind::ForkProof => CarriedItem::Record { circle, kind: RecordKind::Fork, bytes },
            CarriedKind::Grant => CarriedItem::Record { circle, kind: RecordKind::Grant, bytes },
            CarriedKind::Certificate | CarriedKind::Heads => return None,
        },
    })
}

fn segments_of(number: u64) -> String {
    if number == 1 { "1 segment".to_owned() } else { format!("{number} segments") }
}

/// Why nothing of a bundle could be read.
fn not_opened(broken: BrokenAt) -> Failure {
    match broken.fault {
        CarryFault::NotForUs => bad_input(
            "this bundle is sealed to other nodes than this one, or damaged at its start",
            "Nothing was taken in. Ask its maker for one made for this office: `homeward bundle out --for PARTNER FILE`.",
        ),
        CarryFault::NotABundle => bad_input(
            "this file is no Homeward bundle",
            "Nothing was taken in. Name the file that `homeward bundle out` wrote.",
        ),
        CarryFault::Disk(kind) => Failure::from(StoreFault::Disk(kind)),
        fault => bad_input(
            format!("the bundle cannot be read: {fault}"),
            "Nothing was taken in. Ask for the bundle again.",
        ),
    }
}

fn broken_file(broken: BrokenAt) -> Failure {
    bad_input(
        format!("the bundle cannot be read to its end: {broken}"),
        "What stands before that place was taken in. Ask for the bundle again; taking one in twice is harmless.",
    )
}

fn absolute(file: &str) -> Result<std::path::PathBuf, Failure> {
    let path = Path::new(file);
    if path.is_absolute() {
        Ok(path.to_owned())
    } else {
        Err(bad_input("a file must be named by its whole path", "Name it from / on."))
    }
}
