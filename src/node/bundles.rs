//! Bundles out and in: the same segments and records, through the same gate as the network.

use super::failure::{bad_input, fail, internal, not_found};
use super::running::Node;
use super::{Answer, Failure, FailureKind};
use crate::carry::{BrokenAt, BundleReader, BundleWriter, CarriedKind, CarryFault, Item, Statement};
use crate::id::LogId;
use crate::seal::Recipient;
use crate::sign::Signed;
use crate::store::{StoreFault, files, logs};
use crate::sync::{CarriedItem, CarriedSummary, Input, RecordKind};
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;

/// Items handed to the hub at a time.
const ITEMS_AT_ONCE: usize = 64;

/// Writes a bundle for a partner.
pub(super) fn write(node: &Node, partner: &str, file: &str, all: bool) -> Result<Answer, Failure> {
    let path = absolute(file)?;
    let partner = node.shared.house().people.find(partner)?;
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
    let segments: u64 =
        plan.circles.iter().flat_map(|circle| &circle.logs).map(|log| log.through + 1 - log.from).sum();
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
    let (vault, envelope) = (std::sync::Arc::clone(&house.vault), std::sync::Arc::clone(&house.envelope));
    drop(house);
    let mut bytes = 0;
    let mut broken = None;
    let written = files::write_private_with(&path, |out| {
        let mut fill = || -> Result<u64, CarryFault> {
            let mut writer = BundleWriter::new(
                BufWriter::new(&mut *out),
                &*envelope,
                recipients.clone(),
                statement.clone(),
            )?;
            for item in &small {
                writer.put(item)?;
            }
            let reader = vault.reader().map_err(|_| CarryFault::Rule("the vault cannot be read"))?;
            for circle in &plan.circles {
                for span in &circle.logs {
                    let log = LogId { circle: circle.circle, life: span.life };
                    for number in span.from..=span.through {
                        let segment = logs::segment(&reader, &log, number)
                            .ok()
                            .flatten()
                            .ok_or(CarryFault::Rule("a segment cannot be read"))?;
                        writer.put(&Item::Segment {
                            header: segment.header().bytes().to_vec(),
                            body: segment.body().to_vec(),
                        })?;
                    }
                }
            }
            Ok(writer.finish()?.1)
        };
        match fill() {
            Ok(count) => {
                bytes = count;
                Ok(())
            }
            Err(fault) => {
                broken = Some(fault);
                Err(StoreFault::Rule("the bundle was not finished"))
            }
        }
    });
    match (written, broken) {
        (Ok(()), _) => Ok(Answer::BundleWritten {
            segments: usize::try_from(segments).unwrap_or(usize::MAX),
            records: usize::try_from(records).unwrap_or(usize::MAX),
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

/// Takes a bundle in. Harmless if it was taken in before.
pub(super) fn read(node: &Node, file: &str) -> Result<Answer, Failure> {
    let path = absolute(file)?;
    let input = File::open(&path).map_err(|_| {
        not_found(
            format!("there is no file {}", path.display()),
            "Name the bundle's file; nothing was changed.",
        )
    })?;
    let about = input.metadata().map_err(|error| Failure::from(StoreFault::Disk(error.kind())))?;
    if !about.is_file() || about.len() > crate::limit::BUNDLE_BYTES {
        return Err(bad_input("this is no bundle", "Name a bundle's file; nothing was changed."));
    }
    let (envelope, secret, own) = {
        let house = node.shared.house();
        (std::sync::Arc::clone(&house.envelope), std::sync::Arc::clone(&house.secret), house.people.own)
    };
    let mut reader =
        BundleReader::open(BufReader::new(input), &*envelope, secret.age_seed()).map_err(|broken| {
            bad_input(
                format!("this is no bundle for this node: {broken}"),
                "Nothing was taken in. Ask for the bundle again, made for this office.",
            )
        })?;
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
            format!("{} segments of {name} that its maker holds are still missing here", seen.we_lack)
        })
        .collect();
    if total.unplaced > 0 {
        missing.push(format!("{} segments wait for one before them", total.unplaced));
    }
    if total.refused > 0 {
        missing.push(format!(
            "{} items were refused: they break a rule or belong to no circle here",
            total.refused
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

fn broken_file(broken: BrokenAt) -> Failure {
    bad_input(
        format!("the bundle cannot be read further: {broken}"),
        "What came before that place was taken in. Ask for the bundle again; taking one in twice is harmless.",
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
