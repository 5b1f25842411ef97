//! What a hub is started with: all that the vault holds of circles, logs, records and peers.

use super::Failure;
use super::driver::read_certificates;
use super::failure::internal;
use super::house::{House, setting};
use crate::codec;
use crate::id::{CircleId, EpochId, LogId, NodeId};
use crate::log::{Header, Kind};
use crate::sign::Signed;
use crate::store::circles::RecordKind as StoredKind;
use crate::store::{Name, Records as _, StoreFault, branches, circles, partners};
use crate::sync::{CircleRecord, CircleStart, Hub, LogStart, Me, PeerMemory, RecordKind, Start};
use std::collections::BTreeSet;

/// What a hub is started with.
pub(crate) struct Beginning {
    start: Start,
    /// Which peers are remembered in which circles.
    pub(super) peers: BTreeSet<(NodeId, CircleId)>,
    logs: Vec<Recalled>,
}

/// A log with the headers of what is held apart of it, and the epochs that it founded by number.
type Recalled = (LogId, Vec<Signed<Header>>, Vec<(u64, EpochId)>);

impl Beginning {
    /// The hub that goes on from here.
    pub(super) fn hub(self) -> Hub {
        let mut hub = Hub::new(self.start);
        for (log, apart, epochs) in &self.logs {
            hub.recall(log, apart, epochs);
        }
        hub
    }
}

/// What a hub is started with, from the vault and the house.
pub(crate) fn start(house: &mut House) -> Result<Beginning, Failure> {
    let reader = house.vault.reader()?;
    let peers: Vec<(NodeId, CircleId)> = match reader.get(&Name::Setting(setting::PEERS))? {
        Some(bytes) => codec::decode("list of peers", &bytes, crate::limit::VAULT_RECORD_BYTES)
            .map_err(StoreFault::from)?,
        None => Vec::new(),
    };
    let heads_run: u64 = match reader.get(&Name::Setting(setting::HEADS_RUN))? {
        Some(bytes) => codec::decode("running number", &bytes, 16).map_err(StoreFault::from)?,
        None => 0,
    };
    let mut memories = Vec::new();
    for (node, circle) in &peers {
        if let Some(bytes) = partners::peer(&reader, node, circle)? {
            memories.push(PeerMemory::decode(&bytes).map_err(StoreFault::from)?);
        }
    }
    let mut started = Vec::new();
    let mut recalled = Vec::new();
    for circle in house.circles.values() {
        for (life, log) in &circle.logs {
            let id = LogId { circle: circle.id, life: *life };
            let apart = match log.branches {
                0 => Vec::new(),
                _ => branches::branches(&reader, &id)?.into_iter().map(|entry| entry.header).collect(),
            };
            let founds = log.segments.iter().filter(|entry| entry.header.kind == Kind::Epoch);
            let epochs = founds.map(|entry| (entry.header.number, entry.header.epoch)).collect();
            recalled.push((id, apart, epochs));
        }
        let mut records = Vec::new();
        for record in circles::records_of(&reader, &circle.id)? {
            let kind = match record.kind {
                StoredKind::Closure => RecordKind::Closure,
                StoredKind::Grant => RecordKind::Grant,
                StoredKind::ForkProof => RecordKind::Fork,
                StoredKind::Card | StoredKind::Certificate | StoredKind::Heads => continue,
            };
            records.push(CircleRecord::decode(kind, &record.bytes).map_err(StoreFault::from)?);
        }
        started.push(CircleStart {
            charter: circle.known.charter.clone(),
            accepted: circle.accepted(),
            logs: circle
                .logs
                .iter()
                .filter(|(_, log)| log.end.number > 0)
                .map(|(life, log)| LogStart {
                    life: *life,
                    partner: log.partner,
                    end: log.end,
                    hashes: log.segments.iter().map(|entry| entry.header.hash()).collect(),
                })
                .collect(),
            records,
        });
    }
    let start = Start {
        me: Me { instance: house.life.instance, certificate: house.certificate.clone() },
        cards: house.people.cards.values().cloned().collect(),
        certificates: read_certificates(&reader)?
            .iter()
            .map(|bytes| Signed::decode_own_store(bytes).map_err(StoreFault::from))
            .collect::<Result<_, _>>()?,
        circles: started,
        peers: memories,
        heads_run,
        seed: house.chance.bytes32(),
    };
    drop(reader);
    if start.me.certificate.node != house.life.node {
        return Err(internal("the node's certificate is another's"));
    }
    Ok(Beginning { start, peers: peers.into_iter().collect(), logs: recalled })
}
