//! How values, moments, sizes and names read. Returns plain text; [`super::out::Out`] makes it safe to print.

use crate::case::{Date, Name, Place, Precision, Source, SourceKind, Value};
use crate::id::{EditRef, ItemRef, PartnerId};
use crate::node::{TrustView, Written};
use crate::time::Millis;
use serde::Serialize;
use std::str::FromStr;

/// A moment in UTC to the minute: `2026-11-22 14:05`. Doors show no other zone, so that two offices on the phone
/// read the same.
pub(super) fn moment(at: Millis) -> String {
    let shown = i64::try_from(at.0).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    // Past the year 9999 there is no such line; the number says more than nothing.
    shown
        .map_or_else(|| format!("{} ms after 1970", at.0), |time| time.strftime("%Y-%m-%d %H:%M").to_string())
}

/// A moment that stands alone in a sentence: `2026-11-22 14:05 UTC`.
pub(super) fn moment_utc(at: Millis) -> String {
    format!("{} UTC", moment(at))
}

/// More than so much later it was seen late, in milliseconds.
const LATE_MS: u64 = 24 * 3600 * 1000;

/// When something was first seen here, if that was late: its author's clock was wrong, it was long on its way, or it was
/// made to look older. The reader can see it, nobody is accused.
pub(super) fn seen_late(written: &crate::case::Written) -> Option<String> {
    (written.first_seen.since(written.time) > LATE_MS)
        .then(|| format!("first seen here {}", moment(written.first_seen)))
}

/// When something was written by its author's clock, and when it was first seen here if that was late.
pub(super) fn written_at(written: &crate::case::Written) -> String {
    let at = moment(written.time);
    seen_late(written).map_or_else(|| at.clone(), |seen| format!("{at} ({seen})"))
}

/// A size for people: `812 bytes`, `1.4 MiB`.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return count(bytes, "byte", "bytes");
    }
    let (mut tenths, mut unit) = (bytes.saturating_mul(10) / 1024, UNITS[0]);
    for next in UNITS.into_iter().skip(1) {
        if tenths < 10_240 {
            break;
        }
        (tenths, unit) = (tenths / 1024, next);
    }
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

/// `1 claim`, `2 claims`.
pub(super) fn count(number: u64, one: &str, more: &str) -> String {
    let what = if number == 1 { one } else { more };
    format!("{} {what}", grouped(number))
}

/// The same for lengths.
pub(super) fn count_of(number: usize, one: &str, more: &str) -> String {
    count(number as u64, one, more)
}

/// Thousands parted: `12,000`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `kyiv, doha`; `nobody` for none.
pub(super) fn list<T: AsRef<str>>(names: &[T]) -> String {
    match names {
        [] => "nobody".to_owned(),
        names => names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", "),
    }
}

/// A name as an argument that a person may copy into a shell: names come from other offices, and none may do there
/// what its bearer wishes.
pub(super) fn argument(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/');
    match !name.is_empty() && name.chars().all(plain) {
        true => name.to_owned(),
        false => format!("'{}'", name.replace('\'', "'\\''")),
    }
}

/// An address as a person types it: `host:port`.
pub(super) fn address(typed: &str) -> Result<String, &'static str> {
    let parted = typed.trim().rsplit_once(':');
    match parted.map(|(host, port)| (host, port.parse::<u16>())) {
        Some((host, Ok(port))) if !host.is_empty() && port > 0 => Ok(typed.trim().to_owned()),
        _ => Err("write a host and a port, as `node.example.org:7373` or `192.0.2.7:7373`"),
    }
}

/// A span of time as a person types it: `90`, `90s`, `5m`, `2h`. In seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span(pub(super) u64);

impl FromStr for Span {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const HOW: &str = "write a number of seconds, or `90s`, `5m`, `2h`";
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match text.get(digits.len()..).unwrap_or_default() {
            "" | "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => return Err(HOW),
        };
        let number: u64 = digits.parse().map_err(|_| HOW)?;
        number.checked_mul(unit).filter(|seconds| *seconds > 0).map(Span).ok_or(HOW)
    }
}

/// An edit as doors name it: its node's first digits and its number.
pub(super) fn edit(edit: &EditRef) -> String {
    format!("{}.{}", edit.life.node.short(), edit.number)
}

/// A partner's name as the node gave it, else the start of its id.
pub(super) fn partner(known: &[(PartnerId, String)], who: &PartnerId) -> String {
    let name = known.iter().find(|(id, name)| id == who && !name.is_empty());
    name.map_or_else(|| who.short(), |(_, name)| name.clone())
}

/// A value on one line.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Code(text) => text.reveal().clone(),
        Value::Name(name) => person(name),
        Value::Date(date) => day(date),
        Value::Place(place) => place_line(place),
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::Outside { system, number } => format!("{}:{}", system.reveal(), number.reveal()),
        Value::Case(case) => format!("case {}", case.short()),
        Value::Item(item) => item.short(),
    }
}

/// `Surname, Given Patronymic`, and which name it is unless the usual one.
fn person(name: &Name) -> String {
    let given: Vec<&str> = [&name.given, &name.patronymic]
        .iter()
        .map(|part| part.reveal().as_str())
        .filter(|p| !p.is_empty())
        .collect();
    let parts: Vec<String> =
        [name.surname.reveal().clone(), given.join(" ")].into_iter().filter(|p| !p.is_empty()).collect();
    let mut text = parts.join(", ");
    match (text.is_empty(), name.whole.is_empty()) {
        (_, true) => {}
        (true, false) => text = name.whole.reveal().clone(),
        (false, false) => text = format!("{text} ({})", name.whole.reveal()),
    }
    match code(&name.kind).as_str() {
        "listed" => text,
        kind => format!("{text} [{}]", spaced(kind)),
    }
}

fn place_line(place: &Place) -> String {
    match place.also.is_empty() {
        true => place.name.reveal().clone(),
        false => format!("{} / {}", place.name.reveal(), place.also.reveal()),
    }
}

/// A date as exactly as it is known: `2014-05-16`, `2014-05`, `2014`, `2014-05-16..2014-06-02`.
pub(super) fn day(date: &Date) -> String {
    let full = |n: u32| format!("{:04}-{:02}-{:02}", n / 10_000, n / 100 % 100, n % 100);
    let first = full(date.earliest);
    match date.precision {
        Precision::Day => first,
        Precision::Month => first.get(..7).unwrap_or(&first).to_owned(),
        Precision::Year => first.get(..4).unwrap_or(&first).to_owned(),
        Precision::Range => format!("{first}..{}", full(date.latest)),
    }
}

/// Where a claim comes from: `document: birth certificate 12, given by the grandmother, confirmed, 2024..2025`.
pub(super) fn source(source: &Source) -> String {
    let mut parts = vec![
        match source.kind {
            SourceKind::Document => "document",
            SourceKind::Person => "person",
            SourceKind::Office => "office",
            SourceKind::ListLine => "list line",
            SourceKind::Disclosed => "told from another circle",
        }
        .to_owned(),
    ];
    if let (Some(first), false) = (parts.first_mut(), source.text.is_empty()) {
        first.push_str(": ");
        first.push_str(source.text.reveal());
    }
    if !source.given_by.is_empty() {
        parts.push(format!("given by {}", source.given_by.reveal()));
    }
    if !source.confidence.is_empty() {
        parts.push(source.confidence.clone());
    }
    match (&source.from, &source.to) {
        (None, None) => {}
        (Some(from), None) => parts.push(format!("holds from {}", day(from))),
        (None, Some(to)) => parts.push(format!("holds until {}", day(to))),
        (Some(from), Some(to)) => parts.push(format!("holds from {} until {}", day(from), day(to))),
    }
    parts.join(", ")
}

/// The code that a plain enum travels as: `list_line`, `member`.
pub(super) fn code<T: Serialize>(of: &T) -> String {
    match serde_json::to_value(of) {
        Ok(serde_json::Value::String(code)) => code,
        _ => String::new(),
    }
}

/// A code as words: `in transit`.
pub(super) fn spaced(code: &str) -> String {
    code.replace('_', " ")
}

/// How far a partner is trusted.
pub(super) fn trust(trust: &TrustView) -> String {
    match trust {
        TrustView::Own => "this office".to_owned(),
        TrustView::ByPhrase { since } => format!("trusted by its safety phrase since {}", moment_utc(*since)),
        TrustView::Introduced { by, since } => {
            format!("trusted as introduced by {by} since {}", moment_utc(*since))
        }
        TrustView::NotYet { brought_by } if brought_by.is_empty() => "not trusted yet".to_owned(),
        TrustView::NotYet { brought_by } => {
            format!("not trusted yet; its card came from {}", list(brought_by))
        }
    }
}

/// The items of an edit in order, as doors name them.
pub(super) fn items(items: &[ItemRef]) -> String {
    items.iter().map(ItemRef::short).collect::<Vec<_>>().join(" ")
}

/// What was written and who reads it. `circle` as the person named it.
pub(super) fn written(written: &Written, circle: &str, what: &str) -> Vec<String> {
    let mut lines =
        vec![format!("{what} in {circle}, case {}, edit {}.", written.case.short(), edit(&written.edit))];
    if !written.items.is_empty() {
        lines.push(format!("  items   {}", items(&written.items)));
    }
    lines.push(format!("  read by {}", list(&written.readers)));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{CaseId, InstanceId, Life, NodeId};

    fn item() -> ItemRef {
        let life = Life { node: NodeId([0xab; 32]), instance: InstanceId([1; 16]) };
        ItemRef { edit: EditRef { life, number: 12 }, place: 3 }
    }

    #[test]
    fn moments_are_utc_to_the_minute() {
        assert_eq!(moment(Millis(0)), "1970-01-01 00:00");
        assert_eq!(moment(Millis(1_795_356_359_999)), "2026-11-22 14:05");
        assert!(moment(Millis::MAX).contains("ms after 1970"));
        assert!(moment(Millis(u64::MAX)).contains("ms after 1970"));
    }

    #[test]
    fn sizes_and_counts_read() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1,023 bytes"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (1024 * 1024, "1.0 MiB"),
            (4 << 30, "4.0 GiB"),
            (3 << 40, "3.0 TiB"),
        ] {
            assert_eq!(size(bytes), text);
        }
        assert!(size(u64::MAX).ends_with(" TiB"));
        assert_eq!(count(1, "claim", "claims"), "1 claim");
        assert_eq!(count(1_234_567, "claim", "claims"), "1,234,567 claims");
        assert_eq!(list::<&str>(&[]), "nobody");
    }

    #[test]
    fn a_name_is_one_argument_whatever_it_holds() {
        for (name, argument_) in [
            ("families", "families"),
            ("leg/2/border_point", "leg/2/border_point"),
            ("Київ", "Київ"),
            ("", "''"),
            ("two words", "'two words'"),
            ("x; echo $(id) `id`", "'x; echo $(id) `id`'"),
            ("it's", "'it'\\''s'"),
        ] {
            assert_eq!(argument(name), argument_);
        }
    }

    #[test]
    fn spans_are_read() {
        for (text, seconds) in [("90", 90), ("90s", 90), ("5m", 300), ("2h", 7200)] {
            assert_eq!(text.parse(), Ok(Span(seconds)));
        }
        for text in ["", "0", "m", "5 m", "-1", "1d", "99999999999999999999", "18446744073709551615h"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn values_read_as_they_are_typed() {
        let name = |kind, surname: &str, given: &str, patronymic: &str, whole: &str| {
            Value::Name(Name {
                kind,
                surname: surname.into(),
                given: given.into(),
                patronymic: patronymic.into(),
                whole: whole.into(),
            })
        };
        use crate::case::NameKind::{Listed, Nickname};
        let date = |earliest, latest, precision| Value::Date(Date { earliest, latest, precision });
        for (shown, text) in [
            (Value::Text("two\nlines".into()), "two\nlines"),
            (Value::Code("in_transit".into()), "in_transit"),
            (name(Listed, "Верба", "Олена", "Петрівна", ""), "Верба, Олена Петрівна"),
            (name(Listed, "", "Олена", "", ""), "Олена"),
            (name(Nickname, "", "", "", "Lenka"), "Lenka [nickname]"),
            (name(Listed, "Verba", "", "", "VERBA O."), "Verba (VERBA O.)"),
            (date(20140516, 20140516, Precision::Day), "2014-05-16"),
            (date(20140501, 20140531, Precision::Month), "2014-05"),
            (date(20140101, 20141231, Precision::Year), "2014"),
            (date(20140516, 20140602, Precision::Range), "2014-05-16..2014-06-02"),
            (Value::Place(Place { name: "Narva".into(), also: "Нарва".into() }), "Narva / Нарва"),
            (Value::Number(-3), "-3"),
            (Value::Flag(true), "yes"),
            (Value::Outside { system: "kyiv-list".into(), number: "K0001".into() }, "kyiv-list:K0001"),
            (Value::Case(CaseId([0xcd; 16])), "case cdcdcdcd"),
            (Value::Item(item()), "abababab.12.3"),
        ] {
            assert_eq!(value(&shown), text);
        }
    }

    #[test]
    fn sources_read_as_a_sentence_does() {
        assert_eq!(source(&Source::default()), "office");
        let full = Source {
            kind: SourceKind::Document,
            text: "certificate 12".into(),
            given_by: "the grandmother".into(),
            confidence: "confirmed".into(),
            from: Some(Date { earliest: 20240101, latest: 20241231, precision: Precision::Year }),
            to: Some(Date { earliest: 20250301, latest: 20250331, precision: Precision::Month }),
        };
        assert_eq!(
            source(&full),
            "document: certificate 12, given by the grandmother, confirmed, holds from 2024 until 2025-03"
        );
    }

    #[test]
    fn a_partner_without_a_name_is_shown_by_its_id() {
        let known = [(PartnerId([1; 32]), "doha".to_owned()), (PartnerId([2; 32]), String::new())];
        assert_eq!(partner(&known, &PartnerId([1; 32])), "doha");
        assert_eq!(partner(&known, &PartnerId([2; 32])), "02020202");
        assert_eq!(partner(&known, &PartnerId([3; 32])), "03030303");
    }
}
