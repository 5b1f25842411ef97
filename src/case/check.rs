//! The shape of an edit: what every node asks of it before anything else.
//!
//! A broken rule refuses the segment, on all nodes alike. So the verdict depends on the edit alone: no clock, no
//! sheet, no list of known fields; unknown fields, codes, plan keys and kinds of act pass. The size of the encoded
//! edit is checked where it is decoded, an act's signature where acts are read ([`Act::check`]): an act that does
//! not verify stands on its sheet as one that does not verify.
//!
//! [`Act::check`]: super::Act::check

use super::edit::{Change, Claim, Disclosed, Edit, FileNote, PlanValue, Source, Splice};
use super::value::{Date, Value};
use crate::id::ItemRef;
use crate::limit::{
    ACT_STATEMENT_BYTES, CIRCLE_PARTNERS, CLAIM_TEXT_BYTES, CODE_BYTES, EDIT_CLAIMS, EDIT_ITEMS, FILE_PIECES,
    NOTE_POSITION_POINTS, OPERATOR_BYTES, PIECE_BYTES,
};
use crate::private::Private;
use thiserror::Error;

/// A rule that an edit breaks. Says which, never what was written. Whoever wrote the edit is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EditFault {
    /// The time is out of range.
    #[error("the time of an edit is out of range")]
    Time,
    /// The operator's name is too long.
    #[error("an operator's name is longer than {OPERATOR_BYTES} bytes")]
    Operator,
    /// No claim, or too many.
    #[error("an edit makes 1 to {EDIT_CLAIMS} claims")]
    Claims,
    /// A field, group, plan key or confidence that is no code.
    #[error("a code is 1 to {CODE_BYTES} of the characters a-z 0-9 _ .")]
    Code,
    /// Too much text in one place.
    #[error("a text is longer than {CLAIM_TEXT_BYTES} bytes")]
    Text,
    /// A value that says nothing.
    #[error("a value is empty")]
    EmptyValue,
    /// A date that no calendar has, or whose ends do not fit its precision.
    #[error("a date is not sound")]
    Date,
    /// Too many items named, or none where some must be.
    #[error("an edit names too many items, or none")]
    Items,
    /// A splice that changes nothing, or stands beyond any note.
    #[error("a splice of the note is empty or out of range")]
    Splice,
    /// An act's statement is empty or too long.
    #[error("an act's statement takes 1 to {ACT_STATEMENT_BYTES} bytes")]
    Act,
    /// A file's pieces do not cover its length, are too many, or its key is not 32 bytes.
    #[error("a file's length, pieces and key do not fit each other")]
    File,
    /// A disclosure to nobody or to more than a circle holds.
    #[error("a disclosure names 1 to {CIRCLE_PARTNERS} readers, each once")]
    Readers,
}

impl Edit {
    /// Checks every rule of shape.
    ///
    /// # Errors
    /// [`EditFault`], the first rule broken.
    pub fn check(&self) -> Result<(), EditFault> {
        must(self.time.in_range(), EditFault::Time)?;
        must(self.operator.len_bytes() <= OPERATOR_BYTES, EditFault::Operator)?;
        match &self.change {
            Change::Claims(claims) => {
                must((1..=EDIT_CLAIMS).contains(&claims.len()), EditFault::Claims)?;
                claims.iter().try_for_each(check_claim)
            }
            Change::Withdraw { items, reason } => {
                check_items(items, 1)?;
                check_texts(&[reason])
            }
            Change::Plan(plan) => check_plan(plan),
            Change::Note(splice) => check_splice(splice),
            Change::Act(act) => {
                must((1..=ACT_STATEMENT_BYTES).contains(&act.statement.len()), EditFault::Act)
            }
            Change::File(file) => check_file(file),
            Change::Disclosed(disclosed) => check_disclosed(disclosed),
        }
    }
}

/// Whether a word is a code: 1 to 64 of `a-z`, `0-9`, `_` and `.`.
pub fn is_code(word: &str) -> bool {
    (1..=CODE_BYTES).contains(&word.len())
        && word.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.'))
}

fn must(holds: bool, fault: EditFault) -> Result<(), EditFault> {
    if holds { Ok(()) } else { Err(fault) }
}

fn check_claim(claim: &Claim) -> Result<(), EditFault> {
    must(is_code(&claim.field), EditFault::Code)?;
    must(claim.group.is_empty() || is_code(&claim.group), EditFault::Code)?;
    check_value(&claim.value)?;
    // A claim says something; what is no longer so is withdrawn.
    must(!is_empty(&claim.value), EditFault::EmptyValue)?;
    check_source(&claim.source)?;
    check_items(&claim.replaces, 0)?;
    must(claim.origin.as_ref().is_none_or(|origin| origin.time.in_range()), EditFault::Time)
}

/// A value's own rules, wherever it stands: claim, plan, act.
pub(super) fn check_value(value: &Value) -> Result<(), EditFault> {
    match value {
        Value::Text(text) => check_texts(&[text]),
        // What a code's letters are is left open: unknown codes are kept, whoever made them.
        Value::Code(code) => must(code.len_bytes() <= CODE_BYTES, EditFault::Code),
        Value::Name(name) => check_texts(&[&name.surname, &name.given, &name.patronymic, &name.whole]),
        Value::Date(date) => check_date(date),
        Value::Place(place) => check_texts(&[&place.name, &place.also]),
        Value::Outside { system, number } => check_texts(&[system, number]),
        Value::Number(_) | Value::Flag(_) | Value::Case(_) | Value::Item(_) => Ok(()),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Text(text) | Value::Code(text) => text.is_empty(),
        Value::Name(name) => {
            [&name.surname, &name.given, &name.patronymic, &name.whole].iter().all(|part| part.is_empty())
        }
        Value::Place(place) => place.name.is_empty() && place.also.is_empty(),
        Value::Outside { system, number } => system.is_empty() || number.is_empty(),
        Value::Date(_) | Value::Number(_) | Value::Flag(_) | Value::Case(_) | Value::Item(_) => false,
    }
}

/// The limit holds for the texts together.
fn check_texts(texts: &[&Private<String>]) -> Result<(), EditFault> {
    must(texts.iter().map(|text| text.len_bytes()).sum::<usize>() <= CLAIM_TEXT_BYTES, EditFault::Text)
}

fn check_date(date: &Date) -> Result<(), EditFault> {
    must(date.is_sound(), EditFault::Date)
}

fn check_source(source: &Source) -> Result<(), EditFault> {
    check_texts(&[&source.text, &source.given_by])?;
    must(source.confidence.is_empty() || is_code(&source.confidence), EditFault::Code)?;
    for end in [&source.from, &source.to].into_iter().flatten() {
        check_date(end)?;
    }
    match (&source.from, &source.to) {
        (Some(from), Some(to)) => must(from.earliest <= to.latest, EditFault::Date),
        _ => Ok(()),
    }
}

fn check_items(items: &[ItemRef], least: usize) -> Result<(), EditFault> {
    must((least..=EDIT_ITEMS).contains(&items.len()), EditFault::Items)
}

fn check_plan(plan: &PlanValue) -> Result<(), EditFault> {
    let key = &plan.key;
    let sound = is_code(&key.kind) && is_code(&key.field) && (key.id.is_empty() || is_code(&key.id));
    must(sound, EditFault::Code)?;
    check_value(&plan.value)?;
    check_items(&plan.replaces, 0)
}

fn check_splice(splice: &Splice) -> Result<(), EditFault> {
    must(splice.at <= NOTE_POSITION_POINTS, EditFault::Splice)?;
    must(!(splice.remove.is_empty() && splice.insert.is_empty()), EditFault::Splice)?;
    check_texts(&[&splice.remove])?;
    check_texts(&[&splice.insert])
}

fn check_file(file: &FileNote) -> Result<(), EditFault> {
    check_texts(&[&file.name, &file.media, &file.about])?;
    let room = (file.pieces.len() as u64).saturating_mul(PIECE_BYTES as u64);
    must(file.pieces.len() <= FILE_PIECES && file.length <= room && file.key.len() == 32, EditFault::File)
}

fn check_disclosed(disclosed: &Disclosed) -> Result<(), EditFault> {
    let readers = &disclosed.readers;
    let distinct: std::collections::BTreeSet<_> = readers.iter().collect();
    must(
        (1..=CIRCLE_PARTNERS).contains(&readers.len()) && distinct.len() == readers.len(),
        EditFault::Readers,
    )?;
    check_items(&disclosed.items, 1)?;
    check_texts(&[&disclosed.reason])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Act, Name, PlanKey, Precision};
    use crate::id::{CaseId, CircleId, EditRef, Hash, InstanceId, Life, NodeId, PartnerId};
    use crate::limit::EDIT_TIME_MAX_MS;
    use crate::sign::Signature;
    use crate::time::Millis;

    fn edit(change: Change) -> Edit {
        Edit { case: CaseId([1; 16]), time: Millis(5), operator: "olia".into(), change }
    }

    fn claim(value: Value) -> Claim {
        let (field, group) = ("remark".into(), String::new());
        Claim { field, group, value, source: Source::default(), replaces: vec![], origin: None }
    }

    fn item(number: u64) -> ItemRef {
        let life = Life { node: NodeId([2; 32]), instance: InstanceId([3; 16]) };
        ItemRef { edit: EditRef { life, number }, place: 0 }
    }

    fn text(bytes: usize) -> Private<String> {
        "x".repeat(bytes).into()
    }

    fn fault_of(change: Change) -> Option<EditFault> {
        edit(change).check().err()
    }

    #[test]
    fn times_and_operators_stay_in_range() {
        let mut sound = edit(Change::Claims(vec![claim(Value::Flag(true))]));
        sound.time = Millis(EDIT_TIME_MAX_MS);
        sound.operator = text(OPERATOR_BYTES);
        assert_eq!(sound.check(), Ok(()));
        sound.operator = text(OPERATOR_BYTES + 1);
        assert_eq!(sound.check(), Err(EditFault::Operator));
        sound.time = Millis(EDIT_TIME_MAX_MS + 1);
        assert_eq!(sound.check(), Err(EditFault::Time));
    }

    #[test]
    fn claims_are_one_to_sixty_four() {
        assert_eq!(fault_of(Change::Claims(vec![])), Some(EditFault::Claims));
        assert_eq!(fault_of(Change::Claims(vec![claim(Value::Number(1)); EDIT_CLAIMS])), None);
        let many = vec![claim(Value::Number(1)); EDIT_CLAIMS + 1];
        assert_eq!(fault_of(Change::Claims(many)), Some(EditFault::Claims));
    }

    #[test]
    fn one_broken_claim_breaks_the_edit() {
        type Break = fn(&mut Claim);
        let cases: Vec<(EditFault, Break)> = vec![
            (EditFault::Code, |c| c.field = String::new()),
            (EditFault::Code, |c| c.field = "Name".into()),
            (EditFault::Code, |c| c.field = "им'я".into()),
            (EditFault::Code, |c| c.field = "x".repeat(CODE_BYTES + 1)),
            (EditFault::Code, |c| c.group = "a b".into()),
            (EditFault::Code, |c| c.source.confidence = "sure!".into()),
            (EditFault::Code, |c| c.value = Value::Code(text(CODE_BYTES + 1))),
            (EditFault::Text, |c| c.value = Value::Text(text(CLAIM_TEXT_BYTES + 1))),
            (EditFault::Text, |c| {
                let (surname, given) = (text(CLAIM_TEXT_BYTES), text(1));
                c.value = Value::Name(Name { surname, given, ..Name::default() });
            }),
            (EditFault::Text, |c| c.source.given_by = text(CLAIM_TEXT_BYTES + 1)),
            (EditFault::EmptyValue, |c| c.value = Value::Text(text(0))),
            (EditFault::EmptyValue, |c| c.value = Value::Name(Name::default())),
            (EditFault::EmptyValue, |c| c.value = Value::Outside { system: "x".into(), number: text(0) }),
            (EditFault::Date, |c| {
                let (earliest, latest) = (20_150_230, 20_150_230);
                c.value = Value::Date(Date { earliest, latest, precision: Precision::Day });
            }),
            (EditFault::Date, |c| {
                c.source.from = Date::year(2015);
                c.source.to = Date::year(2014);
            }),
            (EditFault::Items, |c| c.replaces = (0..=EDIT_ITEMS as u64).map(item).collect()),
        ];
        for (place, (fault, breaks)) in cases.into_iter().enumerate() {
            let mut broken = claim(Value::Flag(true));
            breaks(&mut broken);
            let claims = vec![claim(Value::Flag(true)), broken];
            assert_eq!(fault_of(Change::Claims(claims)), Some(fault), "case {place}");
        }
    }

    #[test]
    fn unknown_fields_and_codes_pass() {
        let mut odd = claim(Value::Code("Ж".into()));
        odd.field = "shoe_size.left".into();
        odd.replaces = (0..EDIT_ITEMS as u64).map(item).collect();
        assert_eq!(fault_of(Change::Claims(vec![odd])), None);
    }

    #[test]
    fn withdrawals_name_something() {
        let withdraw = |items| Change::Withdraw { items, reason: "typing error".into() };
        assert_eq!(fault_of(withdraw(vec![item(1)])), None);
        assert_eq!(fault_of(withdraw(vec![])), Some(EditFault::Items));
        assert_eq!(fault_of(withdraw((0..=EDIT_ITEMS as u64).map(item).collect())), Some(EditFault::Items));
    }

    #[test]
    fn plan_keys_are_codes_and_may_be_cleared() {
        let plan = |kind: &str, id: &str, field: &str| {
            let key = PlanKey { kind: kind.into(), id: id.into(), field: field.into() };
            Change::Plan(PlanValue { key, value: Value::Text(text(0)), replaces: vec![] })
        };
        assert_eq!(fault_of(plan("case", "", "stage")), None);
        assert_eq!(fault_of(plan("leg", "2", "border_point")), None);
        for (kind, id, field) in [("", "", "stage"), ("leg", "2/3", "from"), ("leg", "2", "")] {
            assert_eq!(fault_of(plan(kind, id, field)), Some(EditFault::Code));
        }
    }

    #[test]
    fn splices_do_something_within_reach() {
        let splice = |at, out, into| Change::Note(Splice { at, remove: text(out), insert: text(into) });
        assert_eq!(fault_of(splice(NOTE_POSITION_POINTS, CLAIM_TEXT_BYTES, CLAIM_TEXT_BYTES)), None);
        assert_eq!(fault_of(splice(NOTE_POSITION_POINTS + 1, 0, 1)), Some(EditFault::Splice));
        assert_eq!(fault_of(splice(0, 0, 0)), Some(EditFault::Splice));
        assert_eq!(fault_of(splice(0, CLAIM_TEXT_BYTES + 1, 0)), Some(EditFault::Text));
        assert_eq!(fault_of(splice(0, 0, CLAIM_TEXT_BYTES + 1)), Some(EditFault::Text));
    }

    #[test]
    fn acts_files_and_disclosures_are_bounded() {
        let act = |bytes| Change::Act(Act { statement: vec![0; bytes], signature: Signature([0; 64]) });
        assert_eq!(fault_of(act(ACT_STATEMENT_BYTES)), None);
        assert_eq!(fault_of(act(0)), Some(EditFault::Act));
        assert_eq!(fault_of(act(ACT_STATEMENT_BYTES + 1)), Some(EditFault::Act));

        let file = |length, pieces, key| {
            let (name, media, about) = ("scan".into(), "image/png".into(), text(0));
            Change::File(FileNote {
                name,
                media,
                about,
                length,
                pieces: vec![Hash::ZERO; pieces],
                key: vec![7; key],
            })
        };
        assert_eq!(fault_of(file(PIECE_BYTES as u64, 1, 32)), None);
        for (length, pieces, key) in [(PIECE_BYTES as u64 + 1, 1, 32), (1, 1, 31), (1, FILE_PIECES + 1, 32)] {
            assert_eq!(fault_of(file(length, pieces, key)), Some(EditFault::File));
        }

        let told = |readers: Vec<u8>, items| {
            let readers = readers.into_iter().map(|n| PartnerId([n; 32])).collect();
            Change::Disclosed(Disclosed { to: CircleId([4; 32]), readers, items, reason: text(0) })
        };
        assert_eq!(fault_of(told(vec![1, 2], vec![item(1)])), None);
        assert_eq!(fault_of(told(vec![1, 1], vec![item(1)])), Some(EditFault::Readers));
        assert_eq!(fault_of(told(vec![], vec![item(1)])), Some(EditFault::Readers));
        assert_eq!(
            fault_of(told((0..=CIRCLE_PARTNERS as u8).collect(), vec![item(1)])),
            Some(EditFault::Readers)
        );
        assert_eq!(fault_of(told(vec![1], vec![])), Some(EditFault::Items));
    }

    #[test]
    fn the_largest_edit_of_names_fits_an_encoded_edit() {
        // EDIT_ITEMS and FILE_PIECES are chosen so that an edit at the limit can be written at all.
        let withdraw =
            Change::Withdraw { items: (0..EDIT_ITEMS as u64).map(item).collect(), reason: text(0) };
        assert!(crate::codec::encode(&edit(withdraw)).len() < crate::limit::EDIT_BYTES);
        let file = FileNote {
            name: "scan".into(),
            media: "image/png".into(),
            length: 0,
            pieces: vec![Hash([9; 32]); FILE_PIECES],
            key: vec![7; 32],
            about: text(0),
        };
        assert!(crate::codec::encode(&edit(Change::File(file))).len() < crate::limit::EDIT_BYTES);
    }
}
