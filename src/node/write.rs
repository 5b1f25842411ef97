//! Writing: an edit is checked, applied to its sheet and durable before anyone is told that it is.

use super::cut::CutFault;
use super::failure::{bad_input, fail, internal, not_allowed};
use super::house::{Circle, House, Log};
use super::open::{Opened as Read, Opening, Reading, open_next};
use super::{Failure, FailureKind};
use crate::case::{Change, Edit};
use crate::id::{CaseId, CircleId, EditRef, EpochId, Life};
use crate::limit;
use crate::log::{ChainEnd, Segment};
use crate::private::Private;
use crate::register::{
    Applied, Packed, Place, ReplayedSheet, Sheet, Stamped, Work, open_sheet, pins_of, replay_case,
};
use crate::seal::EpochSecret;
use crate::store::logs::{EditSpan, Intake, SegmentEntry, Verdict};
use crate::store::{Name, StoreFault, Writer, caches, keys, logs, waiting};
use std::sync::Arc;

/// Where the bytes of a waiting edit say that they stand: the segment is not known yet.
pub(super) fn waiting_place(circle: CircleId, life: Life) -> Place {
    Place { circle, life, number: 1 }
}

impl House {
    /// Writes edits of now: several of one operator in one circle, in one transaction.
    pub(crate) fn write(
        &mut self,
        circle: &CircleId,
        changes: Vec<(CaseId, Change)>,
        operator: &Private<String>,
    ) -> Result<Vec<EditRef>, Failure> {
        let time = self.now();
        let edits = changes
            .into_iter()
            .map(|(case, change)| Edit { case, time, operator: operator.clone(), change })
            .collect();
        self.write_edits(circle, edits)
    }

    /// Writes edits as they are: they rest on what is applied here.
    ///
    /// # Errors
    /// Held, not a member; an edit that breaks a rule of shape; the disk. Nothing was written then.
    pub(crate) fn write_edits(
        &mut self,
        circle: &CircleId,
        edits: Vec<Edit>,
    ) -> Result<Vec<EditRef>, Failure> {
        let context = Arc::clone(&self.open_circle(circle)?.context);
        let stamped = edits.into_iter().map(|edit| Stamped { edit, context: Arc::clone(&context) }).collect();
        self.write_stamped(circle, stamped, |_| Ok(()))
    }

    /// Writes edits with the contexts that they have, and `also` something else in the same transaction.
    pub(super) fn write_stamped(
        &mut self,
        circle: &CircleId,
        stamped: Vec<Stamped>,
        also: impl FnOnce(&mut Writer<'_>) -> Result<(), StoreFault>,
    ) -> Result<Vec<EditRef>, Failure> {
        for Stamped { edit, .. } in &stamped {
            edit.check().map_err(|fault| {
                bad_input(fault.to_string(), "Correct it and try again; nothing was written.")
            })?;
        }
        let now = self.now();
        let own = self.people.own;
        let life = self.life;
        let here = self.open_circle(circle)?;
        if here.rebuilding {
            return Err(fail(
                FailureKind::InUse,
                "sheets are being rebuilt",
                "Try again in a moment; `homeward status` shows how far it is.",
            ));
        }
        let first = here.next_edit();
        let mut kept = Vec::with_capacity(stamped.len());
        for (number, one) in (first..).zip(&stamped) {
            kept.push(here.work(life, number, std::slice::from_ref(one))?.encode().map_err(too_large)?);
        }
        let whole = here.work(life, first, &stamped)?.encode().map_err(too_large)?;
        let packed = Packed::decode(whole.reveal(), waiting_place(*circle, life))
            .map_err(|fault| internal(fault.to_string()))?;
        let mut sheets = Vec::new();
        for (case, applied) in here.reach.ahead(own, now, packed) {
            sheets.push((case, self.replayed(here, case, &applied)?));
        }
        for (_, sheet) in &sheets {
            self.index.put(sheet.row.clone());
        }
        let index = &mut self.index;
        let written = self.vault.write(|writer| {
            let kept: Vec<&[u8]> = kept.iter().map(|bytes| bytes.reveal().as_slice()).collect();
            waiting::add_all(writer, circle, first, &kept)?;
            for (case, sheet) in &sheets {
                caches::put_sheet(writer, circle, case, &sheet.saved)?;
            }
            also(writer)?;
            index.write(writer)
        });
        if let Err(fault) = written {
            self.index.unwritten();
            return Err(fault.into());
        }
        let count = stamped.len() as u64;
        self.circle_mut(circle)?.waiting += count;
        Ok((first..first + count).map(|number| EditRef { life, number }).collect())
    }

    /// The sheet of a case with edits applied. One that does not read back is rebuilt by `check`.
    pub(crate) fn replayed(
        &self,
        circle: &Circle,
        case: CaseId,
        edits: &[Applied],
    ) -> Result<ReplayedSheet, Failure> {
        let existing = self.vault.get(&Name::Sheet(circle.id, case))?;
        replay_case(existing.as_deref(), &circle.layout, case, edits).map_err(|fault| {
            fail(
                FailureKind::Damaged,
                format!("the sheet of this case cannot be opened: {fault}"),
                "Run `homeward check`: it rebuilds sheets from the segments.",
            )
        })
    }

    /// The sheet of a case as it stands, if there is one.
    pub(crate) fn sheet(&self, circle: &Circle, case: &CaseId) -> Result<Option<Sheet>, Failure> {
        let Some(saved) = self.vault.get(&Name::Sheet(circle.id, *case))? else { return Ok(None) };
        open_sheet(&circle.layout, &saved).map(Some).map_err(|fault| {
            fail(
                FailureKind::Damaged,
                format!("the sheet of this case cannot be opened: {fault}"),
                "Run `homeward check`: it rebuilds sheets from the segments.",
            )
        })
    }

    /// Cuts what waits in the circles that are chosen and not held.
    pub(crate) fn cut_all(&mut self, which: impl Fn(&Circle) -> bool) -> Result<Vec<Arc<Segment>>, Failure> {
        let circles: Vec<CircleId> =
            self.circles.values().filter(|c| which(c) && self.has_to_cut(c)).map(|c| c.id).collect();
        let mut segments = Vec::new();
        for circle in circles {
            segments.extend(self.cut_circle(&circle)?);
        }
        Ok(segments)
    }

    /// Whether anything waits in a circle that could be cut now.
    pub(crate) fn has_to_cut(&self, circle: &Circle) -> bool {
        !circle.rebuilding
            && (circle.waiting > 0 || self.is_to_name(circle))
            && self.open_circle(&circle.id).is_ok()
    }

    /// Whether we founded a circle and have not yet said what it is called.
    fn is_to_name(&self, circle: &Circle) -> bool {
        circle.charter().founder == self.people.own
            && circle.charter().node == self.life.node
            && !circle.known.name.is_empty()
            && circle.own.end.number == 0
    }

    /// Cuts what waits in one circle: one transaction takes edits off the waiting list and stores their segments.
    fn cut_circle(&mut self, id: &CircleId) -> Result<Vec<Arc<Segment>>, Failure> {
        let now = self.now();
        let life = self.life;
        // A cut draws at most one chain key and one epoch key.
        let mut drawn = [self.chance.bytes32(), self.chance.bytes32()].into_iter();
        let circle = self.circle(id)?;
        let reader = self.vault.reader()?;
        let mut stamped = Vec::new();
        for edit in waiting::list(&reader, id)? {
            let packed = Packed::decode(&edit.bytes, waiting_place(*id, life)).map_err(StoreFault::from)?;
            stamped.extend(packed.work().map_err(StoreFault::from)?.edits);
        }
        drop(reader);
        let readers = self.people.readers(circle.charter(), |partner, node| self.is_retired(partner, node));
        let name = (!circle.known.name.is_empty()).then_some(&circle.known.name);
        let cutting = super::cut::Cutting {
            circle: *id,
            charter: circle.charter(),
            name,
            readers: &readers,
            certificate: &self.certificate,
            signer: &*self.secret,
            envelope: &*self.envelope,
            now,
            // What was applied is what was seen, even if the log has been cut since.
            header_of: &|life, number| {
                circle.reach.hash(life, number).or_else(|| circle.header_hash(life, number))
            },
        };
        let (own, segments) =
            super::cut::cut(circle.own.clone(), &cutting, &stamped, &mut || drawn.next().unwrap_or_default())
                .map_err(not_cut)?;
        let segments: Vec<Arc<Segment>> = segments.into_iter().map(Arc::new).collect();
        let (intakes, opened) = self.read_own(circle, &segments)?;
        let intakes: Vec<Intake<'_>> = segments
            .iter()
            .zip(intakes)
            .map(|(segment, edits)| Intake { segment, first_seen: now, verdict: Verdict::Stored, edits })
            .collect();
        self.vault.write(|writer| {
            if let Some(epoch) = &own.epoch {
                keys::put_epoch(writer, id, &epoch.secret)?;
            }
            logs::put_segments(writer, &intakes)?;
            waiting::take_through(writer, id, own.last_edit)
        })?;
        let entries: Vec<SegmentEntry> = intakes
            .iter()
            .map(|intake| SegmentEntry {
                header: intake.segment.header().clone(),
                first_seen: now,
                verdict: Verdict::Stored,
                edits: intake.edits,
            })
            .collect();
        let partner = self.people.own;
        let circle = self.circle_mut(id)?;
        circle.waiting -= own.last_edit - circle.own.last_edit;
        let log = circle.logs.entry(life).or_insert_with(|| Log::new(partner));
        log.end = own.end;
        log.segments.extend(entries);
        log.reading = opened;
        circle.own = own;
        Ok(segments)
    }

    /// Reads our own new segments as every member will: what we say is what they will understand.
    fn read_own(
        &self,
        circle: &Circle,
        segments: &[Arc<Segment>],
    ) -> Result<(Vec<Option<EditSpan>>, Reading), Failure> {
        let mut reading = circle.logs.get(&self.life).map(|log| log.reading.clone()).unwrap_or_default();
        let known = |_: &EpochId| -> Option<EpochSecret> { None };
        let opening = Opening {
            charter: circle.charter(),
            partner: &self.people.own,
            secret: &self.secret,
            envelope: &*self.envelope,
            known: &known,
        };
        let mut spans = Vec::with_capacity(segments.len());
        for segment in segments {
            match open_next(&mut reading, segment, &opening) {
                Read::Epoch(_) => spans.push(None),
                Read::Work(packed) => {
                    spans.push(Some(EditSpan { first: packed.first(), last: packed.last() }))
                }
                Read::Refused(fault) => return Err(internal(fault.to_string())),
                Read::Held(_) => return Err(internal("an own segment does not open")),
            }
        }
        Ok((spans, reading))
    }
}

impl Log {
    pub(crate) fn new(partner: crate::id::PartnerId) -> Self {
        Self {
            partner,
            end: ChainEnd::EMPTY,
            segments: Vec::new(),
            branches: 0,
            reading: Reading::default(),
            held: None,
        }
    }
}

impl Circle {
    /// Edits as the plaintext that would say them from `first` on.
    fn work(&self, life: Life, first: u64, edits: &[Stamped]) -> Result<Work, Failure> {
        let highest = pins_of(edits.iter().map(|one| &*one.context));
        Ok(Work {
            place: waiting_place(self.id, life),
            first,
            circle_name: None,
            pins: self.reach.pins(&highest),
            edits: edits.to_vec(),
        })
    }
}

fn not_cut(fault: CutFault) -> Failure {
    match fault {
        CutFault::NotOurs => not_allowed(
            fault.to_string(),
            "What was written here stays here. Take in this office's newest card (`homeward card import FILE`), or add \
             this machine anew.",
        ),
        CutFault::NoReader => not_allowed(fault.to_string(), "Take it in: `homeward card import FILE`."),
        other => internal(other.to_string()),
    }
}

fn too_large(fault: crate::codec::Malformed) -> Failure {
    bad_input(
        format!("this edit cannot be written: {fault}"),
        format!("An edit holds at most {} bytes; say it in several.", limit::EDIT_BYTES),
    )
}
