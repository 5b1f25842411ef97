//! Moments and days as each language writes them, on this machine's own clock and calendar.

use super::texts::{Language, Texts};
use crate::case::{Date, Precision};
use crate::time::Millis;
use icu::calendar::Date as Day;
use icu::datetime::DateTimeFormatter;
use icu::datetime::fieldsets::{YM, YMD, YMDT};
use icu::datetime::input::DateTime;
use icu::time::Time;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::sync::OnceLock;

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;

/// How a language writes dates: made once, for that is half the work of a page full of them.
struct Forms {
    moment: Option<DateTimeFormatter<YMDT>>,
    day: Option<DateTimeFormatter<YMD>>,
    month: Option<DateTimeFormatter<YM>>,
}

impl Forms {
    fn of(texts: &Texts) -> Option<&'static Self> {
        static ALL: [OnceLock<Forms>; Language::ALL.len()] = [const { OnceLock::new() }; Language::ALL.len()];
        let locale = || texts.language().locale().into();
        let made = || Self {
            moment: DateTimeFormatter::try_new(locale(), YMD::medium().with_time_hm()).ok(),
            day: DateTimeFormatter::try_new(locale(), YMD::medium()).ok(),
            month: DateTimeFormatter::try_new(locale(), YM::long()).ok(),
        };
        ALL.get(texts.language().place()).map(|one| one.get_or_init(made))
    }
}

/// A moment to the minute: `22 Nov 2026, 14:05`.
pub(super) fn moment(texts: &Texts, at: Millis) -> String {
    let Some(local) = local(at) else { return texts.number(at.0) };
    let formatter = Forms::of(texts).and_then(|forms| forms.moment.as_ref());
    let time = Time::try_new(
        u8::try_from(local.hour()).unwrap_or_default(),
        u8::try_from(local.minute()).unwrap_or_default(),
        0,
        0,
    );
    match (formatter, day_of(local.year(), local.month(), local.day()), time) {
        (Some(formatter), Some(date), Ok(time)) => formatter.format(&DateTime { date, time }).to_string(),
        _ => local.strftime("%Y-%m-%d %H:%M").to_string(),
    }
}

/// A moment as tables for other programs have it.
pub(super) fn stamp(at: Millis) -> String {
    local(at).map(|local| local.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
}

/// How long ago, in words, up to a week; then the moment.
pub(super) fn ago(texts: &Texts, now: Millis, at: Millis) -> String {
    match now.since(at) {
        _ if at > Millis(now.0 + MINUTE_MS) => moment(texts, at),
        passed if passed < MINUTE_MS => texts.say("ago-now"),
        passed if passed < HOUR_MS => texts.n("ago-minutes", passed / MINUTE_MS),
        passed if passed < DAY_MS => texts.n("ago-hours", passed / HOUR_MS),
        passed if passed < 7 * DAY_MS => texts.n("ago-days", passed / DAY_MS),
        _ => moment(texts, at),
    }
}

/// A date as far as it is known: a day, a month, a year, or from one to another.
pub(super) fn date(texts: &Texts, date: &Date) -> String {
    match date.precision {
        Precision::Day => day(texts, date.earliest),
        Precision::Month => month(texts, date.earliest),
        Precision::Year => year(texts, date.earliest / 10_000),
        // Without fluent's own isolates: a date is put into pages and sentences that show such characters.
        Precision::Range => texts
            .ss("dates-range", day(texts, date.earliest), day(texts, date.latest))
            .replace(['\u{2068}', '\u{2069}'], ""),
    }
}

/// Whole years from a birth date to now: the least and the most that they can be.
pub(super) fn years(now: Millis, born: &Date) -> Option<(u64, u64)> {
    let today = local(now)?.date();
    let today = u32::try_from(today.year()).ok()? * 10_000
        + u32::try_from(today.month()).ok()? * 100
        + u32::try_from(today.day()).ok()?;
    // YYYYMMDD as numbers: the difference in ten thousands is what a person counts in birthdays.
    let since = |day: u32| u64::from(today.saturating_sub(day) / 10_000);
    (born.earliest <= today).then(|| (since(born.latest), since(born.earliest)))
}

/// A month by its name in data, `2026-11`.
pub(super) fn month_named(texts: &Texts, name: &str) -> String {
    let parts = name
        .split_once('-')
        .and_then(|(year, of_year)| Some((year.parse::<u32>().ok()?, of_year.parse::<u32>().ok()?)));
    match parts {
        Some((year, of_year)) => month(texts, year * 10_000 + of_year * 100 + 1),
        None => name.to_owned(),
    }
}

fn year(texts: &Texts, year: u32) -> String {
    // Years are not grouped: 2014, not 2,014.
    year.to_string().chars().map(|digit| digit_of(texts, digit)).collect()
}

fn digit_of(texts: &Texts, digit: char) -> String {
    digit.to_digit(10).map_or_else(|| digit.to_string(), |digit| texts.number(u64::from(digit)))
}

fn day(texts: &Texts, day: u32) -> String {
    let formatter = Forms::of(texts).and_then(|forms| forms.day.as_ref());
    match (formatter, numbered(day)) {
        (Some(formatter), Some(date)) => formatter.format(&date).to_string(),
        _ => plain(day),
    }
}

fn month(texts: &Texts, day: u32) -> String {
    let formatter = Forms::of(texts).and_then(|forms| forms.month.as_ref());
    match (formatter, numbered(day)) {
        (Some(formatter), Some(date)) => formatter.format(&date).to_string(),
        _ => plain(day),
    }
}

fn plain(day: u32) -> String {
    format!("{:04}-{:02}-{:02}", day / 10_000, day / 100 % 100, day % 100)
}

fn numbered(day: u32) -> Option<Day<icu::calendar::Iso>> {
    let part = |number: u32| i8::try_from(number).ok();
    day_of(i16::try_from(day / 10_000).ok()?, part(day / 100 % 100)?, part(day % 100)?)
}

fn day_of(year: i16, month: i8, day: i8) -> Option<Day<icu::calendar::Iso>> {
    Day::try_new_iso(i32::from(year), u8::try_from(month).ok()?, u8::try_from(day).ok()?).ok()
}

fn local(at: Millis) -> Option<jiff::Zoned> {
    let moment = Timestamp::from_millisecond(i64::try_from(at.0).ok()?).ok()?;
    Some(moment.to_zoned(TimeZone::system()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::texts::Language;

    fn known(earliest: u32, latest: u32, precision: Precision) -> Date {
        Date { earliest, latest, precision }
    }

    #[test]
    fn dates_are_written_as_far_as_they_are_known() {
        let english = Texts::of(Language::English);
        assert_eq!(date(english, &known(20_140_516, 20_140_516, Precision::Day)), "16 May 2014");
        assert_eq!(date(english, &known(20_140_501, 20_140_531, Precision::Month)), "May 2014");
        assert_eq!(date(english, &known(20_140_101, 20_141_231, Precision::Year)), "2014");
        let arabic = Texts::of(Language::Arabic);
        assert_eq!(date(arabic, &known(20_140_101, 20_141_231, Precision::Year)), "٢٠١٤");
        let ukrainian = Texts::of(Language::Ukrainian);
        assert!(
            date(ukrainian, &known(20_140_501, 20_140_531, Precision::Month)).starts_with("травень 2014")
        );
    }

    #[test]
    fn ages_are_as_sure_as_the_date() {
        // 2026-11-22 in any time zone.
        let now = Millis(1_795_348_800_000);
        assert_eq!(years(now, &known(20_140_516, 20_140_516, Precision::Day)), Some((12, 12)));
        assert_eq!(years(now, &known(20_140_101, 20_141_231, Precision::Year)), Some((11, 12)));
        assert_eq!(years(now, &known(20_300_101, 20_300_101, Precision::Day)), None);
    }

    #[test]
    fn moments_are_near_or_named() {
        let english = Texts::of(Language::English);
        let bare = |text: String| text.replace(['\u{2068}', '\u{2069}'], "");
        let now = Millis(1_795_348_800_000);
        assert_eq!(bare(ago(english, now, Millis(now.0 - 30_000))), "just now");
        assert_eq!(bare(ago(english, now, Millis(now.0 - 60_000))), "1 minute ago");
        assert_eq!(bare(ago(english, now, Millis(now.0 - 3 * HOUR_MS))), "3 hours ago");
        assert!(ago(english, now, Millis(now.0 - 30 * DAY_MS)).contains("2026"));
        assert!(ago(english, now, Millis(now.0 + 2 * DAY_MS)).contains("2026"), "a clock that is ahead");
    }
}
