//! The list of cases as the desk asks for it: what the filter holds, in order, a part at a time. Looks at rows alone.

use super::case_read::{Rows, order};
use super::house::House;
use super::{Answer, CaseFilter, CaseOrder, Failure};
use crate::case::{Meets, Query, fold_keys};
use crate::id::CaseId;
use crate::private::Private;
use crate::register::{Row, matches};
use crate::time::Millis;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How well a case meets a text: its number itself before whatever else has those letters.
type Well = Reverse<(bool, Meets)>;

pub(super) fn answer(
    house: &mut House,
    filter: &CaseFilter,
    skip: usize,
    limit: usize,
    operator: &Private<String>,
) -> Result<Answer, Failure> {
    let visits = house.visits_of(operator)?.clone();
    let asker = house.asker(&visits, operator)?;
    let circles = house.chosen_circles(filter.circle.as_deref())?;
    let query = Query::as_typed(filter.text.reveal());
    let number = Private::new(filter.text.reveal().trim().to_owned());
    let mut found: Vec<(Option<Well>, Rows<'_>)> = Vec::new();
    for (case, rows) in house.rows_by_case(&circles) {
        if !filter.lets_through(&case, &rows, &asker) {
            continue;
        }
        if query.is_empty() {
            found.push((None, (case, rows)));
        } else if let Some(meets) = meets(&rows, &query, &number) {
            found.push((Some(Reverse(meets)), (case, rows)));
        }
    }
    match filter.order {
        CaseOrder::Name => {
            found.sort_by(|(a, (_, x)), (b, (_, y))| a.cmp(b).then_with(|| order(x).cmp(&order(y))));
        }
        CaseOrder::Changed => found.sort_by_key(|(_, (_, rows))| Reverse(last_seen(rows))),
        CaseOrder::Number => found.sort_by(|(_, (_, x)), (_, (_, y))| first_number(x).cmp(&first_number(y))),
    }
    let most = if limit == 0 { usize::MAX } else { limit };
    let shown = found.iter().skip(skip).take(most).map(|(_, rows)| {
        let mut row = house.case_row(rows);
        row.changed = asker.has_news(&rows.0, &rows.1);
        row.waiting = asker.is_asked(&rows.1);
        row
    });
    Ok(Answer::CaseList { total: found.len(), cases: shown.collect() })
}

/// Who asks: what they saw, and what they are called.
pub(super) struct Asker<'a> {
    visits: &'a BTreeMap<CaseId, Millis>,
    /// Since when they work here: what came before is no news.
    since: Millis,
    /// The folded words of their names and of the office's.
    names: Vec<Vec<String>>,
}

impl Asker<'_> {
    pub(super) fn has_news(&self, case: &CaseId, rows: &[&Arc<Row>]) -> bool {
        last_seen(rows) > self.visits.get(case).copied().unwrap_or(self.since)
    }

    /// Whether the plan waits for them: it names them, or people gave it different values.
    fn is_asked(&self, rows: &[&Arc<Row>]) -> bool {
        rows.iter().any(|row| row.conflicts > 0) || self.is_named(rows)
    }

    /// Whether the plan names them, or their office.
    pub(super) fn is_named(&self, rows: &[&Arc<Row>]) -> bool {
        let named = |text: &Private<String>| {
            let words = fold_keys(text.reveal());
            self.names.iter().any(|name| !name.is_empty() && name.iter().all(|word| words.contains(word)))
        };
        rows.iter().any(|row| row.asked.iter().any(named))
    }
}

impl CaseFilter {
    fn lets_through(&self, case: &CaseId, rows: &[&Arc<Row>], asker: &Asker<'_>) -> bool {
        let any = |holds: &dyn Fn(&Row) -> bool| rows.iter().any(|row| holds(row));
        (self.stage.is_empty() || any(&|row| row.stages.iter().any(|stage| *stage.reveal() == self.stage)))
            && (self.born_from.is_none() && self.born_to.is_none() || any(&|row| self.is_of_age(row)))
            && (!self.differs || any(&|row| row.differences > 0))
            && (!self.conflict || any(&|row| row.conflicts > 0))
            && (!self.changed || asker.has_news(case, rows))
            && (!self.waiting || asker.is_asked(rows))
    }

    /// Whether a birth date may lie in the years asked for: a date known in part may.
    fn is_of_age(&self, row: &Row) -> bool {
        row.born.as_ref().is_some_and(|born| {
            let year = |day: u32| day / 10_000;
            self.born_from.is_none_or(|from| year(born.latest) >= u32::from(from))
                && self.born_to.is_none_or(|to| year(born.earliest) <= u32::from(to))
        })
    }
}

fn meets(rows: &[&Arc<Row>], query: &Query, number: &Private<String>) -> Option<(bool, Meets)> {
    if rows.iter().any(|row| row.numbers.iter().any(|(_, known)| known == number)) {
        return Some((true, Meets::Same));
    }
    rows.iter().filter_map(|row| matches(row, query)).max().map(|meets| (false, meets))
}

fn last_seen(rows: &[&Arc<Row>]) -> Millis {
    rows.iter().map(|row| row.last_seen).max().unwrap_or_default()
}

/// Those without a number come last.
fn first_number<'a>(rows: &[&'a Arc<Row>]) -> (bool, Option<&'a Private<String>>) {
    let number = rows.iter().find_map(|row| row.numbers.first()).map(|(_, number)| number);
    (number.is_none(), number)
}

impl House {
    /// Who asks.
    pub(super) fn asker<'a>(
        &self,
        visits: &'a BTreeMap<CaseId, Millis>,
        operator: &Private<String>,
    ) -> Result<Asker<'a>, Failure> {
        let me = [self.people.name(&self.people.own), operator.reveal().clone()];
        let names = me.iter().map(|name| fold_keys(name)).collect();
        Ok(Asker { visits, since: self.known_since(operator)?, names })
    }

    /// Since when somebody works at this machine.
    fn known_since(&self, operator: &Private<String>) -> Result<Millis, Failure> {
        let known = self.operators()?.into_iter().find(|known| known.name == *operator);
        Ok(known.map_or(Millis(u64::MAX), |known| known.since))
    }
}
