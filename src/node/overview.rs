//! Counts of cases, made from rows alone: 20,000 of them in a few milliseconds.

use super::case_read::Rows;
use super::failure::internal;
use super::house::House;
use super::{Answer, Failure, OverTime, OverviewView};
use crate::case::STAGES;
use crate::id::PartnerId;
use crate::private::Private;
use crate::register::{Count, CountTable, Counted, CountedBy, Row, total_for_export};
use crate::time::Millis;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Months of which each is counted for itself; all before them together.
const MONTHS: i32 = 12;
const DAY_MS: u64 = 24 * 3_600_000;
/// Ages, each with the least whole years.
const AGES: [(&str, u32); 5] = [("0-2", 0), ("3-6", 3), ("7-12", 7), ("13-17", 13), ("18+", 18)];
/// Times since the last change, each with the most days.
const QUIET: [(&str, u64); 5] =
    [("week", 7), ("month", 30), ("quarter", 90), ("year", 365), ("more", u64::MAX)];
const URGENCY: [&str; 3] = ["critical", "urgent", "normal"];
/// What is not said, or not known to this build.
const NOT_SAID: &str = "not_said";

pub(super) fn answer(house: &House) -> Result<Answer, Failure> {
    count(house).map(Answer::Overview)
}

/// The same without any count that is small.
pub(super) fn for_export(house: &House) -> Result<Answer, Failure> {
    let counted = count(house)?;
    Ok(Answer::Overview(OverviewView {
        at: counted.at,
        total: total_for_export(counted.total.number().unwrap_or_default()),
        tables: counted.tables.iter().map(CountTable::for_export).collect(),
        over_time: Vec::new(),
    }))
}

fn count(house: &House) -> Result<OverviewView, Failure> {
    let now = house.now();
    let circles = house.chosen_circles(None)?;
    let cases = house.rows_by_case(&circles);
    let today = calendar(now).ok_or_else(|| internal("the clock shows no day of the calendar"))?;
    let names: Vec<(Private<String>, _)> = circles
        .iter()
        .filter_map(|id| house.circle(id).ok())
        .map(|circle| (circle.name(), circle.id))
        .collect();
    let offices: BTreeSet<_> = cases
        .iter()
        .flat_map(|(_, rows)| rows)
        .flat_map(|row| &row.names)
        .map(|(partner, _)| *partner)
        .collect();

    let month_names = months_until(today);
    let mut tables = Tables::default();
    for rows in &cases {
        tables.take(rows, now, today, &month_names);
    }
    let over_time = over_time(house, &cases, &month_ends(today, now));
    let Tables { stages, ages, quiet, months, urgency, differs, conflicts } = tables;
    let stage_codes = STAGES.iter().map(|stage| stage.code).chain([NOT_SAID]);
    let stages = stage_codes.map(|code| {
        let mut days = stages.get(code).cloned().unwrap_or_default();
        days.sort_unstable();
        let middle = days.get(days.len() / 2).copied().filter(|_| code != NOT_SAID);
        Counted { what: code.into(), count: Count::Exactly(days.len() as u64), days: middle }
    });
    let of_circle = |id| cases.iter().filter(|(_, rows)| rows.iter().any(|row| row.circle == id)).count();
    let of_office = |partner| {
        let named = |row: &&Arc<Row>| row.names.iter().any(|(who, _)| *who == partner);
        cases.iter().filter(|(_, rows)| rows.iter().any(named)).count()
    };
    let total = cases.len();
    let yes_no =
        |yes: usize| [("yes", yes), ("no", total - yes)].map(|(what, n)| counted(what.into(), n)).to_vec();
    let fixed = |codes: &mut dyn Iterator<Item = String>, counts: &BTreeMap<String, usize>| -> Vec<Counted> {
        codes
            .map(|code| counted(code.as_str().into(), counts.get(&code).copied().unwrap_or_default()))
            .collect()
    };
    let said = |codes: &mut dyn Iterator<Item = &'static str>| -> Vec<String> {
        codes.chain([NOT_SAID]).map(str::to_owned).collect()
    };
    let months = fixed(&mut month_names.into_iter(), &months);
    let table = |by, lines| CountTable { by, lines };
    Ok(OverviewView {
        at: now,
        total: Count::Exactly(total as u64),
        tables: vec![
            table(CountedBy::Stage, stages.collect()),
            table(
                CountedBy::Circle,
                names.into_iter().map(|(name, id)| counted(name, of_circle(id))).collect(),
            ),
            table(
                CountedBy::Office,
                offices
                    .into_iter()
                    .map(|one| counted(house.people.name(&one).into(), of_office(one)))
                    .collect(),
            ),
            table(CountedBy::Month, months),
            table(CountedBy::Quiet, fixed(&mut QUIET.iter().map(|(code, _)| (*code).to_owned()), &quiet)),
            table(
                CountedBy::Age,
                fixed(&mut said(&mut AGES.iter().map(|(code, _)| *code)).into_iter(), &ages),
            ),
            table(CountedBy::Urgency, fixed(&mut said(&mut URGENCY.into_iter()).into_iter(), &urgency)),
            table(CountedBy::Differs, yes_no(differs)),
            table(CountedBy::Conflict, yes_no(conflicts)),
        ],
        over_time,
    })
}

/// How each case stood at the end of each of these months.
fn over_time(house: &House, cases: &[Rows<'_>], months: &[(String, Millis)]) -> Vec<OverTime> {
    let none = || vec![0_u64; months.len()];
    let mut stages: Vec<Vec<u64>> = (0..=STAGES.len()).map(|_| none()).collect();
    let mut offices: BTreeMap<PartnerId, Vec<u64>> = BTreeMap::new();
    for (_, rows) in cases {
        let opened = rows.iter().map(|row| row.opened).min().unwrap_or_default();
        let mut spoke: BTreeMap<PartnerId, Millis> = BTreeMap::new();
        for row in rows {
            let members = house.circles.get(&row.circle).map(|circle| circle.layout.members());
            for (place, at) in &row.spoke {
                let Some(partner) = members.and_then(|all| all.get(usize::from(*place))) else { continue };
                let since = spoke.entry(*partner).or_insert(*at);
                *since = (*at).min(*since);
            }
        }
        for (at, (_, end)) in months.iter().enumerate().filter(|(_, (_, end))| opened < *end) {
            // Circles have plans of their own: the one that was changed last speaks for the child.
            let way = rows.iter().flat_map(|row| &row.way).filter(|(_, entered)| entered < end);
            let stage = way.max_by_key(|(_, entered)| *entered).map_or(u8::MAX, |(stage, _)| *stage);
            let stage = usize::from(stage).min(STAGES.len());
            if let Some(count) = stages.get_mut(stage).and_then(|counts| counts.get_mut(at)) {
                *count += 1;
            }
        }
        for (partner, since) in spoke {
            let counts = offices.entry(partner).or_insert_with(none);
            for (count, _) in counts.iter_mut().zip(months).filter(|(_, (_, end))| since < *end) {
                *count += 1;
            }
        }
    }
    let codes = STAGES.iter().map(|stage| stage.code).chain([NOT_SAID]);
    let stages = codes.map(Private::from).zip(stages).filter(|(_, counts)| counts.iter().any(|n| *n > 0));
    let offices = offices.into_iter().map(|(id, counts)| (house.people.name(&id).into(), counts));
    let over =
        |by, lines| OverTime { by, months: months.iter().map(|(name, _)| name.clone()).collect(), lines };
    vec![over(CountedBy::Stage, stages.collect()), over(CountedBy::Office, offices.collect())]
}

fn counted(what: Private<String>, count: usize) -> Counted {
    Counted { what, count: Count::Exactly(count as u64), days: None }
}

/// Counts under way.
#[derive(Default)]
struct Tables {
    /// Days in each stage.
    stages: BTreeMap<&'static str, Vec<u64>>,
    ages: BTreeMap<String, usize>,
    quiet: BTreeMap<String, usize>,
    months: BTreeMap<String, usize>,
    urgency: BTreeMap<String, usize>,
    differs: usize,
    conflicts: usize,
}

impl Tables {
    fn take(&mut self, (_, rows): &Rows<'_>, now: Millis, today: (i32, u32, u32), months: &[String]) {
        let mut known = BTreeMap::new();
        for row in rows {
            for stage in &row.stages {
                let code = STAGES.iter().find(|known| known.code == stage.reveal());
                // The last circle that it was said in rules; all mean the same child.
                let days = known.entry(code.map_or(NOT_SAID, |stage| stage.code)).or_default();
                *days = row.staged.max(*days);
            }
        }
        if known.is_empty() {
            known.insert(NOT_SAID, now);
        }
        for (code, since) in known {
            self.stages.entry(code).or_default().push(now.since(since) / DAY_MS);
        }
        let born = rows.iter().find_map(|row| row.born.as_ref()).map(|born| born.earliest);
        add(&mut self.ages, born.and_then(|born| age(born, today)).unwrap_or(NOT_SAID));
        let quiet = rows.iter().map(|row| row.last_edit).max().map_or(0, |last| now.since(last) / DAY_MS);
        add(&mut self.quiet, QUIET.iter().find(|(_, most)| quiet < *most).map_or("more", |(code, _)| code));
        let opened = rows.iter().map(|row| row.opened).min().and_then(calendar);
        let month = opened.map(|(year, month, _)| month_name(year, month)).unwrap_or_default();
        add(&mut self.months, if months.contains(&month) { &month } else { "before" });
        let urgency =
            rows.iter().filter_map(|row| URGENCY.iter().position(|code| code == row.urgency.reveal())).min();
        add(&mut self.urgency, urgency.and_then(|at| URGENCY.get(at)).copied().unwrap_or(NOT_SAID));
        self.differs += usize::from(rows.iter().any(|row| row.differences > 0));
        self.conflicts += usize::from(rows.iter().any(|row| row.conflicts > 0));
    }
}

fn add(counts: &mut BTreeMap<String, usize>, what: &str) {
    match counts.get_mut(what) {
        Some(count) => *count += 1,
        None => drop(counts.insert(what.to_owned(), 1)),
    }
}

/// The band of an age: by the earliest day that the birth can have been, for eighteen comes soonest so.
fn age(born: u32, (year, month, day): (i32, u32, u32)) -> Option<&'static str> {
    let today = u32::try_from(year).ok()? * 10_000 + month * 100 + day;
    let years = today.checked_sub(born)? / 10_000;
    AGES.iter().rev().find(|(_, least)| years >= *least).map(|(code, _)| *code)
}

fn month_name(year: i32, month: u32) -> String {
    format!("{year:04}-{month:02}")
}

/// The names of the last months, and what is before them.
fn months_until((year, month, _): (i32, u32, u32)) -> Vec<String> {
    let last = year * 12 + i32::try_from(month).unwrap_or(1) - 1;
    let names = (last - MONTHS + 1..=last)
        .map(|at| month_name(at.div_euclid(12), u32::try_from(at.rem_euclid(12)).unwrap_or_default() + 1));
    std::iter::once("before".to_owned()).chain(names).collect()
}

/// The last months with the moment at which each ends; the one that is not over, now.
fn month_ends(today: (i32, u32, u32), now: Millis) -> Vec<(String, Millis)> {
    let names: Vec<String> = months_until(today).into_iter().skip(1).collect();
    let begins = |name: &String| {
        let at = format!("{name}-01T00:00:00Z").parse::<Timestamp>().map(Timestamp::as_millisecond);
        Millis(u64::try_from(at.unwrap_or_default()).unwrap_or_default())
    };
    let ends: Vec<Millis> = names.iter().skip(1).map(begins).chain([now.plus(1)]).collect();
    names.into_iter().zip(ends).collect()
}

/// Year, month and day of a moment, in the time of the world: offices far apart count alike.
fn calendar(at: Millis) -> Option<(i32, u32, u32)> {
    let moment = Timestamp::from_millisecond(i64::try_from(at.0).ok()?).ok()?;
    let day = moment.to_zoned(TimeZone::UTC).date();
    Some((i32::from(day.year()), u32::try_from(day.month()).ok()?, u32::try_from(day.day()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_months_and_days_are_those_of_the_calendar() {
        let today = (2026, 11, 22);
        assert_eq!(age(20081122, today), Some("18+"));
        assert_eq!(age(20081123, today), Some("13-17"));
        assert_eq!(age(20240101, today), Some("0-2"));
        assert_eq!(age(20270101, today), None, "not born yet");
        let months = months_until((2026, 2, 1));
        assert_eq!(
            (months[0].as_str(), months[1].as_str(), months[12].as_str()),
            ("before", "2025-03", "2026-02")
        );
        assert_eq!(calendar(Millis(0)), Some((1970, 1, 1)));
        let ends = month_ends((1970, 3, 2), Millis(60 * DAY_MS));
        assert_eq!(ends.len(), 12);
        assert_eq!(
            ends[9..],
            [
                ("1970-01".to_owned(), Millis(31 * DAY_MS)),
                ("1970-02".to_owned(), Millis(59 * DAY_MS)),
                ("1970-03".to_owned(), Millis(60 * DAY_MS + 1))
            ]
        );
    }
}
