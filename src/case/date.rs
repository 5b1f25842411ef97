//! Dates as they are known: to the day, the month, the year, or between two ends.
//!
//! A date is kept as the first and the last day that it can be. Calendar rules are the proleptic Gregorian calendar's
//! (jiff), years 1 to 9999. No style takes years of two digits: 14 is a day as often as a year.

use super::value::{Date, Precision};
use jiff::civil;

/// How a written date may look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateStyle {
    /// `16.05.2014`, `16/05/2014`, `16-05-2014`, and `05.2014` for a month.
    DayFirst,
    /// `05/16/2014`. Never guessed: only where a list's map says so.
    MonthFirst,
    /// `2014-05-16` (ISO 8601), and `2014-05` for a month.
    Iso,
    /// `2014`.
    Year,
}

impl DateStyle {
    /// What a person may type.
    pub const TYPED: &'static [DateStyle] = &[DateStyle::Iso, DateStyle::DayFirst, DateStyle::Year];

    /// By the name that list maps use.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, style)| *style)
    }

    /// The names that list maps use.
    pub(crate) const NAMES: &'static [(&'static str, DateStyle)] = &[
        ("day_first", DateStyle::DayFirst),
        ("month_first", DateStyle::MonthFirst),
        ("iso", DateStyle::Iso),
        ("year", DateStyle::Year),
    ];
}

impl Date {
    /// An exact day; `None` if the calendar has no such day.
    pub fn day(year: i16, month: i8, day: i8) -> Option<Self> {
        let number = number(civil::Date::new(year, month, day).ok()?)?;
        Some(Self { earliest: number, latest: number, precision: Precision::Day })
    }

    /// Some day of a month.
    pub fn month(year: i16, month: i8) -> Option<Self> {
        let first = civil::Date::new(year, month, 1).ok()?;
        let (earliest, latest) = (number(first)?, number(first.last_of_month())?);
        Some(Self { earliest, latest, precision: Precision::Month })
    }

    /// Some day of a year.
    pub fn year(year: i16) -> Option<Self> {
        let first = civil::Date::new(year, 1, 1).ok()?;
        let (earliest, latest) = (number(first)?, number(first.last_of_year())?);
        Some(Self { earliest, latest, precision: Precision::Year })
    }

    /// Between the first day of one date and the last of another; `None` if they stand the wrong way round.
    pub fn range(from: &Date, to: &Date) -> Option<Self> {
        (from.earliest <= to.latest).then_some(Self {
            earliest: from.earliest,
            latest: to.latest,
            precision: Precision::Range,
        })
    }

    /// Whether both ends are days of the calendar, in order, and as far apart as the precision says.
    pub fn is_sound(&self) -> bool {
        let (Some(first), Some(last)) = (calendar(self.earliest), calendar(self.latest)) else {
            return false;
        };
        match self.precision {
            Precision::Day => first == last,
            Precision::Month => first.day() == 1 && last == first.last_of_month(),
            Precision::Year => first.day() == 1 && first.month() == 1 && last == first.last_of_year(),
            Precision::Range => first <= last,
        }
    }

    /// In the form in which it is typed: `2014-05-16`, `2014-05`, `2014`, `2014..2016`, `2014-05-16..2014-06-02`.
    pub fn line(&self) -> String {
        let (first, last) = (Parts::of(self.earliest), Parts::of(self.latest));
        match self.precision {
            Precision::Day => first.day(),
            Precision::Month => format!("{:04}-{:02}", first.year, first.month),
            Precision::Year => format!("{:04}", first.year),
            Precision::Range if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) => {
                format!("{:04}..{:04}", first.year, last.year)
            }
            Precision::Range => format!("{}..{}", first.day(), last.day()),
        }
    }
}

/// A `YYYYMMDD` number taken apart, whether or not such a day exists.
struct Parts {
    year: u32,
    month: u32,
    day: u32,
}

impl Parts {
    fn of(number: u32) -> Self {
        Self { year: number / 10_000, month: number / 100 % 100, day: number % 100 }
    }

    fn day(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// `YYYYMMDD`; `None` before the year 1.
fn number(date: civil::Date) -> Option<u32> {
    let part = |value: i16| u32::try_from(value).ok();
    (date.year() >= 1).then_some(())?;
    Some(part(date.year())? * 10_000 + part(date.month().into())? * 100 + part(date.day().into())?)
}

fn calendar(number: u32) -> Option<civil::Date> {
    let parts = Parts::of(number);
    (parts.year >= 1).then_some(())?;
    civil::Date::new(parts.year.try_into().ok()?, parts.month.try_into().ok()?, parts.day.try_into().ok()?)
        .ok()
}

/// Reads a date of one of the styles, or a range `a..b` of two such dates. Arabic-Indic digits count as digits.
pub fn parse_date(text: &str, styles: &[DateStyle]) -> Option<Date> {
    let text: String = text.trim().chars().map(western_digit).collect();
    // No style is longer than two days and what stands between them.
    if text.len() > 32 {
        return None;
    }
    if let Some((from, to)) = text.split_once("..") {
        return Date::range(&parse_single(from.trim(), styles)?, &parse_single(to.trim(), styles)?);
    }
    parse_single(&text, styles)
}

fn parse_single(text: &str, styles: &[DateStyle]) -> Option<Date> {
    styles.iter().find_map(|style| match style {
        DateStyle::Iso => match numbers(text, &['-'])?.as_slice() {
            [(4, year), (2, month), (2, day)] => civil_day(*year, *month, *day),
            [(4, year), (2, month)] => Date::month(*year, i8::try_from(*month).ok()?),
            _ => None,
        },
        DateStyle::DayFirst => match numbers(text, &['.', '/', '-'])?.as_slice() {
            [(1..=2, day), (1..=2, month), (4, year)] => civil_day(*year, *month, *day),
            [(1..=2, month), (4, year)] => Date::month(*year, i8::try_from(*month).ok()?),
            _ => None,
        },
        DateStyle::MonthFirst => match numbers(text, &['.', '/', '-'])?.as_slice() {
            [(1..=2, month), (1..=2, day), (4, year)] => civil_day(*year, *month, *day),
            [(1..=2, month), (4, year)] => Date::month(*year, i8::try_from(*month).ok()?),
            _ => None,
        },
        DateStyle::Year => match numbers(text, &[])?.as_slice() {
            [(4, year)] => Date::year(*year),
            _ => None,
        },
    })
}

fn civil_day(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::day(year, month.try_into().ok()?, day.try_into().ok()?)
}

/// Digits between one kind of separator: how many and what they say. `None` for anything else.
fn numbers(text: &str, separators: &[char]) -> Option<Vec<(usize, i16)>> {
    let separator = text.chars().find(|c| !c.is_ascii_digit());
    let pieces: Vec<&str> = match separator {
        None => vec![text],
        Some(c) if separators.contains(&c) => text.split(c).collect(),
        Some(_) => return None,
    };
    pieces
        .into_iter()
        .map(|piece| {
            let digits = piece.bytes().all(|b| b.is_ascii_digit()) && (1..=4).contains(&piece.len());
            digits.then(|| piece.parse().ok().map(|value| (piece.len(), value))).flatten()
        })
        .collect()
}

fn western_digit(c: char) -> char {
    let base = match c {
        '\u{660}'..='\u{669}' => 0x660,
        '\u{6f0}'..='\u{6f9}' => 0x6f0,
        _ => return c,
    };
    char::from_digit(u32::from(c) - base, 10).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn typed(text: &str) -> Option<(u32, u32, Precision)> {
        parse_date(text, DateStyle::TYPED).map(|date| (date.earliest, date.latest, date.precision))
    }

    #[test]
    fn the_styles_of_the_field_are_read() {
        let day = Some((20_140_516, 20_140_516, Precision::Day));
        for text in [
            "2014-05-16",
            "16.05.2014",
            "16/05/2014",
            "16-05-2014",
            "16.5.2014",
            "١٦/٠٥/٢٠١٤",
            " 16.05.2014 ",
        ] {
            assert_eq!(typed(text), day, "{text}");
        }
        assert_eq!(typed("2014-05"), Some((20_140_501, 20_140_531, Precision::Month)));
        assert_eq!(typed("02.2016"), Some((20_160_201, 20_160_229, Precision::Month)));
        assert_eq!(typed("2014"), Some((20_140_101, 20_141_231, Precision::Year)));
        assert_eq!(typed("2014..2016"), Some((20_140_101, 20_161_231, Precision::Range)));
        assert_eq!(typed("2014-05..16.06.2014"), Some((20_140_501, 20_140_616, Precision::Range)));
        assert_eq!(typed("05/16/2014"), None, "the month is never guessed to come first");
        let month_first = parse_date("05/16/2014", &[DateStyle::MonthFirst]);
        assert_eq!(month_first, Date::day(2014, 5, 16));
    }

    #[test]
    fn what_is_no_day_is_no_date() {
        for text in [
            "",
            "14",
            "16.05.14",
            "2014-13",
            "2014-02-30",
            "29.02.2015",
            "0000",
            "20140516",
            "2014-5-16",
            "16.05/2014",
            "2016..2014",
            "2014..",
            "..",
            "16.05.2014.",
            "+2014",
            "2014-05-16T00:00",
            "١",
            "²014",
        ] {
            assert_eq!(typed(text), None, "{text}");
        }
    }

    #[test]
    fn only_sound_dates_pass() {
        let sound = |earliest, latest, precision| Date { earliest, latest, precision }.is_sound();
        assert!(sound(20_160_229, 20_160_229, Precision::Day));
        assert!(!sound(20_150_229, 20_150_229, Precision::Day));
        assert!(!sound(20_160_228, 20_160_229, Precision::Day));
        assert!(!sound(20_160_201, 20_160_228, Precision::Month));
        assert!(!sound(20_160_101, 20_171_231, Precision::Year));
        assert!(!sound(20_160_102, 20_160_101, Precision::Range));
        assert!(!sound(0, u32::MAX, Precision::Range));
    }

    proptest! {
        #[test]
        fn a_date_s_line_reads_back(year in 1i16..=9999, month in 1i8..=12, day in 1i8..=31, more in 0i16..4) {
            let mut dates: Vec<Date> = [Date::day(year, month, day), Date::month(year, month), Date::year(year)].into_iter().flatten().collect();
            let far = Date::year(year.saturating_add(more).min(9999));
            let ranges: Vec<Date> = dates.iter().filter_map(|d| Date::range(d, far.as_ref()?)).collect();
            dates.extend(ranges);
            for date in dates {
                prop_assert!(date.is_sound());
                prop_assert_eq!(parse_date(&date.line(), DateStyle::TYPED), Some(date));
            }
        }

        #[test]
        fn no_text_breaks_the_reader(text in ".{0,40}|[0-9.\\-/]{0,14}") {
            if let Some(date) = parse_date(&text, DateStyle::TYPED) {
                prop_assert!(date.is_sound());
            }
        }
    }
}
