//! Exports: a case for another tool, and the journal of all that was ever handed out.
//!
//! Whatever leaves the sealed vault is written down first, durably: when, by whom, what, for whom and what for.

use super::failure::{bad_input, fail, internal};
use super::house::{Circle, House, setting};
use super::{Answer, ExportNote, ExportedFile, Failure, FailureKind, Request, TableWanted};
use crate::case::SheetView;
use crate::codec;
use crate::id::{CaseId, CircleId, PartnerId, hex};
use crate::limit;
use crate::private::Private;
use crate::register::Sheet;
use crate::store::{Name, Records, StoreFault};
use serde::Serialize;
use std::collections::BTreeSet;

/// The longest recipient and the longest purpose, in bytes.
const WORDS_BYTES: usize = 1024;
/// The work factor of scrypt under which an export of everything locks its keys: about a second.
const EXPORT_LOG_N: u8 = 18;

pub(super) fn answer(
    house: &mut House,
    request: Request,
    operator: &Private<String>,
) -> Result<Answer, Failure> {
    match request {
        Request::ExportCase { case, circle, recipient, purpose } => {
            says_why(&recipient, &purpose)?;
            let (case, files) = case_files(house, &case, circle.as_deref())?;
            let what = format!("case {}", case.hex());
            house.note_export(operator, what, recipient, purpose)?;
            Ok(Answer::Exported { files })
        }
        Request::ExportAll { dir, passphrase } => {
            super::export_all::export_all(house, &dir, &passphrase, operator, EXPORT_LOG_N)
        }
        Request::ExportLog => Ok(Answer::Exports { exports: house.exports()? }),
        _ => Err(internal("no request for an export")),
    }
}

/// A table of what is held: written down, then answered.
pub(super) fn table(
    house: &mut House,
    table: &TableWanted,
    recipient: Private<String>,
    purpose: Private<String>,
    operator: &Private<String>,
) -> Result<Answer, Failure> {
    says_why(&recipient, &purpose)?;
    let (what, answer) = match table {
        TableWanted::Cases(filter) => {
            let answer = super::case_filter::answer(house, filter, 0, 0, operator)?;
            let Answer::CaseList { total, .. } = &answer else {
                return Err(internal("a filter gave no list"));
            };
            (format!("list of {total} cases"), answer)
        }
        TableWanted::Counts => ("counts".to_owned(), super::overview::for_export(house)?),
    };
    house.note_export(operator, what, recipient, purpose)?;
    Ok(answer)
}

/// Whatever is handed out says for whom and what for.
fn says_why(recipient: &Private<String>, purpose: &Private<String>) -> Result<(), Failure> {
    for (what, words) in [("for whom", recipient), ("what for", purpose)] {
        if words.reveal().trim().is_empty() || words.len_bytes() > WORDS_BYTES {
            return Err(bad_input(
                format!("an export says {what} it is, in 1 to {WORDS_BYTES} bytes"),
                "Give both, as in --for \"the court in Tallinn\" --purpose \"guardianship hearing\".",
            ));
        }
    }
    Ok(())
}

/// The files of a case: for each sheet the document in Automerge's own format, and the sheet to be read.
fn case_files(
    house: &House,
    case: &str,
    circle: Option<&str>,
) -> Result<(CaseId, Vec<ExportedFile>), Failure> {
    let (case, circles) = house.sheets_of(case, circle)?;
    let mut files = Vec::new();
    let mut taken = BTreeSet::new();
    for circle in circles {
        if house.spoiled.contains(&(circle.id, case)) {
            return Err(fail(
                FailureKind::Damaged,
                "a sheet of this case cannot be opened",
                "Run `homeward check`: it rebuilds sheets from the segments.",
            ));
        }
        let sheet = house.sheet(circle, &case)?.ok_or_else(super::case_read::no_sheet)?;
        let mut name = format!("{}-{}", case.short(), file_word(circle));
        if !taken.insert(name.clone()) {
            name = format!("{}-{}", case.short(), circle.id.hex());
            taken.insert(name.clone());
        }
        let document = Private::new(sheet.automerge_bytes());
        files.push(ExportedFile { name: format!("{name}.automerge"), bytes: document });
        files.push(ExportedFile { name: format!("{name}.json"), bytes: readable(house, circle, &sheet)? });
    }
    Ok((case, files))
}

/// A circle as part of a file's name: its own name if that is plain, else the start of its id.
fn file_word(circle: &Circle) -> String {
    let name = circle.known.name.reveal().to_lowercase();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if !name.is_empty() && name.chars().all(plain) { name } else { circle.id.short() }
}

/// A sheet as JSON for people and other tools: what `case show --json` says of it, with the names of partners, so
/// that it can be read where nothing else of Homeward is at hand.
#[derive(Serialize)]
struct ReadableSheet<'a> {
    format: &'static str,
    circle: CircleId,
    circle_name: Private<String>,
    partners: Vec<NamedPartner>,
    /// The document's heads in hex: two exports with the same heads say the same.
    heads: Vec<String>,
    sheet: &'a SheetView,
}

#[derive(Serialize)]
struct NamedPartner {
    partner: PartnerId,
    name: String,
}

/// The JSON file of a sheet.
pub(super) fn readable(house: &House, circle: &Circle, sheet: &Sheet) -> Result<Private<Vec<u8>>, Failure> {
    let view = sheet.view();
    let partners = super::case_read::partners_on(&view);
    let readable = ReadableSheet {
        format: "homeward sheet 1",
        circle: circle.id,
        circle_name: circle.name(),
        partners: partners
            .into_iter()
            .map(|partner| NamedPartner { partner, name: house.people.name(&partner) })
            .collect(),
        heads: sheet.heads().iter().map(|head| hex(head)).collect(),
        sheet: &view,
    };
    let mut json = serde_json::to_vec_pretty(&readable).map_err(|_| internal("a sheet has no JSON"))?;
    json.push(b'\n');
    Ok(Private::new(json))
}

impl House {
    /// Writes an export down, durably: before anything of it is handed out.
    pub(super) fn note_export(
        &mut self,
        operator: &Private<String>,
        what: String,
        recipient: Private<String>,
        purpose: Private<String>,
    ) -> Result<(), Failure> {
        let note = ExportNote { time: self.now(), operator: operator.clone(), what, recipient, purpose };
        self.vault.write(|writer| {
            let made = count(writer)?;
            writer.put(&Name::Journal(made), &codec::encode(&note))?;
            writer.put(&Name::Setting(setting::EXPORTS), &codec::encode(&(made + 1)))
        })?;
        Ok(())
    }

    /// Every export made here, the oldest first.
    fn exports(&self) -> Result<Vec<ExportNote>, Failure> {
        let reader = self.vault.reader()?;
        let notes = (0..count(&reader)?).map(|number| {
            let bytes = reader.get(&Name::Journal(number))?.ok_or(StoreFault::Damaged("journal"))?;
            Ok(codec::decode("export note", &bytes, limit::RECORD_BYTES)?)
        });
        Ok(notes.collect::<Result<_, StoreFault>>()?)
    }
}

/// How many exports are in the journal.
fn count(records: &impl Records) -> Result<u64, StoreFault> {
    match records.get(&Name::Setting(setting::EXPORTS))? {
        Some(bytes) => Ok(codec::decode("count of exports", &bytes, limit::RECORD_BYTES)?),
        None => Ok(0),
    }
}
