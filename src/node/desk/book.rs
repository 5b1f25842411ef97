//! The desk's book: who works at this machine, when they last looked at each case, and what they keep for themselves
//! (filters, columns, language). Sealed in the vault and never sent to anyone; part of a backup.

use crate::codec;
use crate::id::{CaseId, Hash};
use crate::limit;
use crate::node::failure::{bad_input, internal};
use crate::node::house::House;
use crate::node::{Answer, Duty, Failure, OperatorView, Request};
use crate::private::Private;
use crate::sign::{Domain, hash};
use crate::store::{Name, Records, StoreFault};
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// When somebody last looked at each case; by their name.
#[derive(Default)]
pub(in crate::node) struct Visits {
    known: BTreeMap<Private<String>, BTreeMap<CaseId, Millis>>,
    /// Pages that are newer here than on the disk.
    to_keep: BTreeSet<(Private<String>, u8)>,
}

/// Pages of one person's visits: by the first byte of the case, so that a visit rewrites few of them.
const VISIT_PAGES: u8 = 255;

pub(in crate::node) fn answer(
    house: &mut House,
    request: Request,
    operator: &Private<String>,
) -> Result<Answer, Failure> {
    match request {
        Request::OperatorList => Ok(Answer::Operators { operators: house.operators()? }),
        Request::OperatorPut { name, role } => house.put_operator(name, role).map(|()| Answer::Done),
        Request::DeskRead { key } => {
            let text = house.vault.get(&note(operator, &key))?;
            let text = text.map(|bytes| codec::decode("desk note", &bytes, limit::VAULT_RECORD_BYTES));
            Ok(Answer::DeskNote { text: text.transpose().map_err(StoreFault::from)? })
        }
        Request::DeskWrite { key, text } => {
            if key.len() > limit::CODE_BYTES || text.len_bytes() > limit::DESK_NOTE_BYTES {
                return Err(bad_input(
                    format!("what a desk keeps under one name has at most {} bytes", limit::DESK_NOTE_BYTES),
                    "Keep less under it.",
                ));
            }
            house.vault.write(|writer| writer.put(&note(operator, &key), &codec::encode(&text)))?;
            Ok(Answer::Done)
        }
        Request::DeskVisit { case } => {
            let case = house.find_case(&case, None)?;
            house.visit(operator, case).map(|before| Answer::Visited { before })
        }
        Request::DeskKeep => house.keep_visits().map(|()| Answer::Done),
        _ => Err(internal("no request for the desk's book")),
    }
}

/// Where something is kept: what it is called is a person's affair, and so only its hash is.
fn note(operator: &Private<String>, key: &str) -> Name {
    Name::Desk(hash(Domain::DeskNote, &[b"note", operator.reveal().as_bytes(), key.as_bytes()]))
}

fn visits_page(operator: &Private<String>, page: u8) -> Name {
    Name::Desk(hash(Domain::DeskNote, &[b"visits", operator.reveal().as_bytes(), &[page]]))
}

fn operators_name() -> Name {
    Name::Desk(Hash(hash(Domain::DeskNote, &[b"operators"]).0))
}

impl House {
    /// Who works here, in the order in which they came.
    pub(in crate::node) fn operators(&self) -> Result<Vec<OperatorView>, Failure> {
        let Some(bytes) = self.vault.get(&operators_name())? else { return Ok(Vec::new()) };
        Ok(codec::decode("operators", &bytes, limit::VAULT_RECORD_BYTES).map_err(StoreFault::from)?)
    }

    /// Somebody new, or somebody in another role.
    fn put_operator(&mut self, name: Private<String>, role: Duty) -> Result<(), Failure> {
        let name = Private::new(name.reveal().trim().to_owned());
        let steers = name.reveal().chars().any(crate::case::steers);
        if name.is_empty() || name.len_bytes() > limit::OPERATOR_BYTES || steers {
            return Err(bad_input(
                format!("a name has 1 to {} bytes and no control characters", limit::OPERATOR_BYTES),
                "Write it as it should stand beside what you write.",
            ));
        }
        let mut operators = self.operators()?;
        let known = operators.len();
        match operators.iter_mut().find(|known| known.name == name) {
            Some(one) => one.role = role,
            None if known >= limit::DESK_OPERATORS => {
                return Err(bad_input(
                    format!("{} people are known at this machine already", limit::DESK_OPERATORS),
                    "Use one of the names there are.",
                ));
            }
            None => operators.push(OperatorView { name, role, since: self.now() }),
        }
        self.vault.write(|writer| writer.put(&operators_name(), &codec::encode(&operators)))?;
        Ok(())
    }

    /// When this person last looked at a case; from now on: now. On the disk with [`House::keep_visits`]: nobody should
    /// wait for that to read, and on a full disk cases can be read all the same.
    fn visit(&mut self, operator: &Private<String>, case: CaseId) -> Result<Option<Millis>, Failure> {
        let now = self.now();
        let before = self.visits_of(operator)?.insert(case, now);
        let [page, ..] = case.0;
        self.visits.to_keep.insert((operator.clone(), page));
        Ok(before)
    }

    /// Writes all visits that are not on the disk yet.
    fn keep_visits(&mut self) -> Result<(), Failure> {
        let Visits { known, to_keep } = &self.visits;
        if to_keep.is_empty() {
            return Ok(());
        }
        self.vault.write(|writer| {
            for (operator, page) in to_keep {
                let of_page = known.get(operator).into_iter().flatten();
                let of_page = of_page.filter(|(case, _)| case.0.first() == Some(page));
                let kept: Vec<(CaseId, Millis)> = of_page.map(|(case, at)| (*case, *at)).collect();
                writer.put(&visits_page(operator, *page), &codec::encode(&kept))?;
            }
            Ok::<(), StoreFault>(())
        })?;
        self.visits.to_keep.clear();
        Ok(())
    }

    /// Read once, then kept in memory.
    pub(in crate::node) fn visits_of(
        &mut self,
        operator: &Private<String>,
    ) -> Result<&mut BTreeMap<CaseId, Millis>, Failure> {
        if !self.visits.known.contains_key(operator) {
            let reader = self.vault.reader()?;
            let mut all = BTreeMap::new();
            for page in 0..=VISIT_PAGES {
                if let Some(bytes) = reader.get(&visits_page(operator, page))? {
                    let kept: Vec<(CaseId, Millis)> =
                        codec::decode("visits", &bytes, limit::VAULT_RECORD_BYTES)
                            .map_err(StoreFault::from)?;
                    all.extend(kept);
                }
            }
            self.visits.known.insert(operator.clone(), all);
        }
        self.visits.known.get_mut(operator).ok_or_else(|| internal("visits that were read are gone"))
    }
}
