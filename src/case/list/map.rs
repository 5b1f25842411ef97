//! The map of a list: which column holds what. Written by an office in TOML, kept with the list.
//!
//! ```toml
//! list = "kyiv-list"            # the name of the list: whose numbering it is
//! number = "№"                  # the column of the list's own number
//! delimiter = ","               # `,` `;` `|` or a tab
//! sheet = "List"                # of a workbook: which sheet; the first with cells if it is not said
//! required = ["Прізвище"]       # cells that may not be empty
//! ignore = ["Примітка"]         # columns left out on purpose
//! given_by = "reception desk"   # who handed the list over, if worth saying
//!
//! [constants]                   # said of every line
//! direction = "to_ukraine"
//!
//! [columns."Дата народження"]
//! field = "birth_date"          # a field; of names `.surname` `.given` `.patronymic` `.whole`; of places `.also`
//! dates = ["day_first", "year"] # day_first, month_first, iso, year
//!
//! [columns."Мати"]
//! field = "relative.name.whole"
//! group = "mother"              # which relative or stay the claim speaks of
//! with = { "relative.relation" = "mother" }   # said too, where the cell is not empty
//!
//! [columns."Стать"]
//! field = "sex"
//! values = { "ч" = "male", "ж" = "female" }   # other words refuse their line
//! ```
//!
//! Strict: an unknown key is refused with the nearest right name, for a map that is half read imports half a list.

use super::super::check::is_code;
use super::super::date::DateStyle;
use super::super::field::{Holds, field, nearest, nearest_of};
use super::super::value::Value;
use super::super::words::parse_value;
use crate::limit::{CODE_BYTES, EDIT_CLAIMS, LIST_COLUMNS, LIST_MAP_BYTES};
use crate::private::Private;
use std::collections::BTreeSet;
use thiserror::Error;
use toml::{Table, Value as Toml};

/// A list's map, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListMap {
    /// The list's name: the system of its numbers.
    pub(super) list: String,
    /// The heading of the column of its own numbers.
    pub(super) number: String,
    pub(super) delimiter: u8,
    /// Of a workbook; empty for the first with cells.
    pub(super) sheet: String,
    pub(super) given_by: Private<String>,
    pub(super) columns: Vec<Column>,
    pub(super) ignore: Vec<String>,
    /// Fields and values said of every line.
    pub(super) constants: Vec<(String, Value)>,
}

/// One column that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) heading: String,
    pub(super) field: String,
    pub(super) part: Part,
    pub(super) group: String,
    pub(super) required: bool,
    /// Empty: what a person may type.
    pub(super) dates: Vec<DateStyle>,
    /// Words of the list and the codes they stand for; empty where the cell is the value.
    pub(super) values: Vec<(String, Value)>,
    /// Whose numbers the column holds, for numbers elsewhere.
    pub(super) system: String,
    pub(super) with: Vec<(String, Value)>,
}

/// Which part of a value a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    All,
    Surname,
    Given,
    Patronymic,
    Whole,
    Also,
}

/// Why a map is refused. Whoever wrote the map is at fault; its own words may stand here, for they are not a case's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MapFault {
    /// Longer than a map may be.
    #[error("the map is longer than {LIST_MAP_BYTES} bytes")]
    TooLong,
    /// Not TOML.
    #[error("line {line} of the map is not TOML")]
    Toml {
        /// From 1.
        line: usize,
    },
    /// A key that maps do not have.
    #[error("{place} has no key {key}{}", suggestion(.nearest))]
    UnknownKey {
        /// Where in the map.
        place: String,
        /// The key.
        key: String,
        /// The nearest right one.
        nearest: Option<String>,
    },
    /// A key that must be there.
    #[error("{place} needs the key {key}")]
    Missing {
        /// Where in the map.
        place: String,
        /// The key.
        key: &'static str,
    },
    /// A value of another kind than the key takes.
    #[error("{place}: {key} takes {takes}")]
    WrongKind {
        /// Where in the map.
        place: String,
        /// The key.
        key: String,
        /// What it takes, in words.
        takes: &'static str,
    },
    /// Nearly a known field, or no code.
    #[error("{place}: {field} is no field{}", suggestion(.nearest))]
    UnknownField {
        /// Where in the map.
        place: String,
        /// What stands there.
        field: String,
        /// The nearest right one.
        nearest: Option<String>,
    },
    /// A constant, or the right side of a table of values, that does not fit its field.
    #[error("{place}: a value does not fit the field {field}")]
    Misfit {
        /// Where in the map.
        place: String,
        /// The field.
        field: String,
    },
    /// Two columns or constants say the same of the same.
    #[error("{field} is said twice: give each its own group")]
    Twice {
        /// The field.
        field: String,
    },
    /// A heading of `required` or `ignore` that contradicts the columns.
    #[error("{key}: the column {heading} is not among the columns, or is read and ignored at once")]
    Heading {
        /// The list it stands in.
        key: &'static str,
        /// The heading.
        heading: String,
    },
    /// More columns, or more claims of a line, than there may be.
    #[error("a map has at most {LIST_COLUMNS} columns, and a line makes at most {EDIT_CLAIMS} claims")]
    TooMany,
}

fn suggestion(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |near| format!(": did you mean {near}?"))
}

const KEYS: &[&str] =
    &["list", "number", "delimiter", "sheet", "required", "ignore", "given_by", "constants", "columns"];
const COLUMN_KEYS: &[&str] = &["field", "group", "dates", "values", "system", "with"];
const TOP: &str = "the map";

impl ListMap {
    /// Reads a map.
    ///
    /// # Errors
    /// [`MapFault`], the first fault found.
    pub fn parse(text: &str) -> Result<Self, MapFault> {
        if text.len() > LIST_MAP_BYTES {
            return Err(MapFault::TooLong);
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let top: Table = text.parse().map_err(|error: toml::de::Error| MapFault::Toml {
            line: 1 + text
                .get(..error.span().map_or(0, |span| span.start))
                .map_or(0, |before| before.matches('\n').count()),
        })?;
        known_keys(TOP, &top, KEYS)?;
        let list = string(TOP, &top, "list")?.ok_or(missing(TOP, "list"))?;
        if list.is_empty()
            || list.len() > CODE_BYTES
            || list.contains(char::is_whitespace)
            || list.contains(':')
        {
            return Err(wrong(TOP, "list", "a short name without spaces and colons"));
        }
        let map = Self {
            number: string(TOP, &top, "number")?.ok_or(missing(TOP, "number"))?,
            delimiter: delimiter(&top)?,
            sheet: string(TOP, &top, "sheet")?.unwrap_or_default(),
            given_by: string(TOP, &top, "given_by")?.unwrap_or_default().into(),
            columns: columns(&top)?,
            ignore: strings(TOP, &top, "ignore")?,
            constants: said(TOP, &top, "constants")?,
            list,
        };
        map.check_headings(&strings(TOP, &top, "required")?)?;
        map.check_claims()?;
        Ok(map)
    }

    /// The list's name.
    pub fn list(&self) -> &str {
        &self.list
    }

    /// Which sheet of a workbook it speaks of; empty for the first with cells.
    pub fn sheet(&self) -> &str {
        &self.sheet
    }

    /// What stands between the cells of a line.
    pub fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// What the source of a claim from this line says. It names no line of the file: a list that is sorted anew is
    /// the same list.
    pub(super) fn source_text(&self, number: &str) -> String {
        format!("{} {number}", self.list)
    }

    fn check_headings(&self, required: &[String]) -> Result<(), MapFault> {
        let read = |heading: &String| self.columns.iter().any(|column| column.heading == *heading);
        let fault = |key, heading: &String| Err(MapFault::Heading { key, heading: heading.clone() });
        if let Some(heading) = required.iter().find(|heading| !read(heading)) {
            return fault("required", heading);
        }
        match self.ignore.iter().find(|heading| read(heading) || **heading == self.number) {
            Some(heading) => fault("ignore", heading),
            None if read(&self.number) => fault("number", &self.number),
            None => Ok(()),
        }
    }

    /// Each field of each group is said once, parts of a name or place apart, or lines could not be compared.
    fn check_claims(&self) -> Result<(), MapFault> {
        let mut seen = BTreeSet::from([("outside_id", "", Part::All)]);
        let mut whole = BTreeSet::from([("outside_id", "")]);
        let columns = self.columns.iter().flat_map(|column| {
            let with =
                column.with.iter().map(|(field, _)| (field.as_str(), column.group.as_str(), Part::All));
            std::iter::once((column.field.as_str(), column.group.as_str(), column.part)).chain(with)
        });
        let constants = self.constants.iter().map(|(field, _)| (field.as_str(), "", Part::All));
        let mut parted = BTreeSet::new();
        for (field, group, part) in columns.chain(constants) {
            let new = seen.insert((field, group, part));
            // A place's own column and the column of its other form go together; a name's whole and parts do too.
            let clash = part == Part::All && is_name(field) && parted.contains(&(field, group));
            if part != Part::All {
                parted.insert((field, group));
            }
            if !new || clash {
                return Err(MapFault::Twice { field: field.to_owned() });
            }
            whole.insert((field, group));
        }
        if whole.len() > EDIT_CLAIMS || self.columns.len() + self.ignore.len() >= LIST_COLUMNS {
            return Err(MapFault::TooMany);
        }
        Ok(())
    }
}

fn is_name(code: &str) -> bool {
    field(code).is_some_and(|known| known.holds == Holds::Name)
}

fn columns(top: &Table) -> Result<Vec<Column>, MapFault> {
    let required = strings(TOP, top, "required")?;
    let table = table(TOP, top, "columns")?.ok_or(missing(TOP, "columns"))?;
    table
        .iter()
        .map(|(heading, value)| {
            let place = format!("the column {heading}");
            let column = value.as_table().ok_or_else(|| wrong(TOP, heading, "a table with the key field"))?;
            known_keys(&place, column, COLUMN_KEYS)?;
            let typed = string(&place, column, "field")?.ok_or_else(|| missing(&place, "field"))?;
            let (field, part) = field_and_part(&place, &typed)?;
            let group = string(&place, column, "group")?.unwrap_or_default();
            if !(group.is_empty() || is_code(&group)) {
                return Err(wrong(&place, "group", "a code"));
            }
            Ok(Column {
                heading: heading.trim().to_owned(),
                required: required.contains(heading),
                part,
                group,
                dates: date_styles(&place, column)?,
                values: values(&place, column, &field)?,
                system: string(&place, column, "system")?.unwrap_or_default(),
                with: said(&place, column, "with")?,
                field,
            })
        })
        .collect()
}

/// `name.surname` is the field `name` and its part; `relative.name` is a field as it stands.
fn field_and_part(place: &str, typed: &str) -> Result<(String, Part), MapFault> {
    if let Some((base, last)) = typed.rsplit_once('.') {
        let holds = field(base).map(|known| (known.code, known.holds));
        let part = match (holds.map(|(_, holds)| holds), last) {
            (Some(Holds::Name), "surname") => Some(Part::Surname),
            (Some(Holds::Name), "given") => Some(Part::Given),
            (Some(Holds::Name), "patronymic") => Some(Part::Patronymic),
            (Some(Holds::Name), "whole") => Some(Part::Whole),
            (Some(Holds::Place), "also") => Some(Part::Also),
            _ => None,
        };
        if let (Some((code, _)), Some(part)) = (holds, part) {
            return Ok((code.to_owned(), part));
        }
    }
    known_or_new(place, typed).map(|code| (code, Part::All))
}

/// A known field's code, or a code that resembles none: offices have fields that this build does not know.
fn known_or_new(place: &str, typed: &str) -> Result<String, MapFault> {
    if let Some(known) = field(typed) {
        return Ok(known.code.to_owned());
    }
    let near = nearest(typed).map(str::to_owned);
    if near.is_some() || !is_code(typed) {
        return Err(MapFault::UnknownField {
            place: place.to_owned(),
            field: typed.to_owned(),
            nearest: near,
        });
    }
    Ok(typed.to_owned())
}

fn date_styles(place: &str, column: &Table) -> Result<Vec<DateStyle>, MapFault> {
    strings(place, column, "dates")?
        .iter()
        .map(|name| {
            DateStyle::by_name(name).ok_or_else(|| MapFault::UnknownKey {
                place: format!("{place}, dates,"),
                key: name.clone(),
                nearest: nearest_of(name, DateStyle::NAMES.iter().map(|(known, _)| *known))
                    .map(str::to_owned),
            })
        })
        .collect()
}

/// The table of values, its words lowercase.
fn values(place: &str, column: &Table, code: &str) -> Result<Vec<(String, Value)>, MapFault> {
    let Some(table) = table(place, column, "values")? else { return Ok(Vec::new()) };
    table
        .iter()
        .map(|(word, value)| {
            let text =
                value.as_str().ok_or_else(|| wrong(place, "values", "words and what they stand for"))?;
            Ok((word.trim().to_lowercase(), fitting(place, code, text)?))
        })
        .collect()
}

/// A table of fields and their values: `constants`, `with`.
fn said(place: &str, within: &Table, key: &'static str) -> Result<Vec<(String, Value)>, MapFault> {
    let Some(table) = table(place, within, key)? else { return Ok(Vec::new()) };
    table
        .iter()
        .map(|(typed, value)| {
            let code = known_or_new(&format!("{place}, {key}"), typed)?;
            let text = value.as_str().ok_or_else(|| wrong(place, typed, "a text"))?;
            let value = fitting(place, &code, text)?;
            Ok((code, value))
        })
        .collect()
}

fn fitting(place: &str, code: &str, text: &str) -> Result<Value, MapFault> {
    parse_value(code, text).map_err(|_| MapFault::Misfit { place: place.to_owned(), field: code.to_owned() })
}

fn delimiter(top: &Table) -> Result<u8, MapFault> {
    match string(TOP, top, "delimiter")?.as_deref() {
        None | Some(",") => Ok(b','),
        Some(";") => Ok(b';'),
        Some("\t") => Ok(b'\t'),
        Some("|") => Ok(b'|'),
        Some(_) => Err(wrong(TOP, "delimiter", "one of , ; | and a tab")),
    }
}

fn known_keys(place: &str, table: &Table, known: &'static [&'static str]) -> Result<(), MapFault> {
    match table.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(MapFault::UnknownKey {
            place: place.to_owned(),
            key: key.clone(),
            nearest: nearest_of(key, known.iter().copied()).map(str::to_owned),
        }),
    }
}

fn missing(place: &str, key: &'static str) -> MapFault {
    MapFault::Missing { place: place.to_owned(), key }
}

fn wrong(place: &str, key: &str, takes: &'static str) -> MapFault {
    MapFault::WrongKind { place: place.to_owned(), key: key.to_owned(), takes }
}

fn string(place: &str, table: &Table, key: &str) -> Result<Option<String>, MapFault> {
    match table.get(key) {
        None => Ok(None),
        // A tab is a delimiter, and a sheet's name is what it is.
        Some(Toml::String(text)) if matches!(key, "delimiter" | "sheet") => Ok(Some(text.clone())),
        Some(Toml::String(text)) => Ok(Some(text.trim().to_owned())),
        Some(_) => Err(wrong(place, key, "a text")),
    }
}

fn strings(place: &str, table: &Table, key: &str) -> Result<Vec<String>, MapFault> {
    let Some(value) = table.get(key) else { return Ok(Vec::new()) };
    let fault = || wrong(place, key, "a list of texts");
    let items = value.as_array().ok_or_else(fault)?;
    items.iter().map(|item| item.as_str().map(|text| text.trim().to_owned()).ok_or_else(fault)).collect()
}

fn table<'a>(place: &str, within: &'a Table, key: &str) -> Result<Option<&'a Table>, MapFault> {
    match within.get(key) {
        None => Ok(None),
        Some(Toml::Table(table)) => Ok(Some(table)),
        Some(_) => Err(wrong(place, key, "a table")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"
        list = "spring-list"
        number = "No"
        required = ["Name"]
        [constants]
        direction = "to_third_country"
        [columns."Name"]
        field = "name.whole"
        [columns."Sex"]
        field = "gender"
        values = { M = "male", "F " = "female" }
        [columns."Mother"]
        field = "relative.name"
        group = "mother"
        with = { "relation" = "mother" }
    "#;

    fn fault(from: &str, to: &str) -> String {
        assert!(SOUND.contains(from));
        ListMap::parse(&SOUND.replacen(from, to, 1))
            .map(|_| "none".to_owned())
            .unwrap_or_else(|fault| fault.to_string())
    }

    #[test]
    fn a_sound_map_is_read_with_aliases_resolved() {
        let map = ListMap::parse(SOUND).unwrap();
        assert_eq!(map.list(), "spring-list");
        assert_eq!(map.delimiter, b',');
        let sex = map.columns.iter().find(|column| column.heading == "Sex").unwrap();
        assert_eq!((sex.field.as_str(), sex.values.len(), sex.required), ("sex", 2, false));
        assert_eq!(sex.values[0].0, "f");
        let mother = map.columns.iter().find(|column| column.heading == "Mother").unwrap();
        assert_eq!(mother.part, Part::All);
        assert_eq!(mother.with, [("relative.relation".to_owned(), Value::Code("mother".into()))]);
    }

    #[test]
    fn a_slip_is_refused_with_the_nearest_right_name() {
        for (from, to, said) in [
            ("number =", "numbr =", "the map has no key numbr: did you mean number?"),
            ("group =", "gruop =", "the column Mother has no key gruop: did you mean group?"),
            ("\"gender\"", "\"gendr\"", "the column Sex: gendr is no field: did you mean sex?"),
            ("\"gender\"", "\"Shoe size\"", "the column Sex: Shoe size is no field"),
            ("direction", "directon", "the map, constants: directon is no field: did you mean direction?"),
            (
                "\"to_third_country\"",
                "\"to_third_contry\"",
                "the map: a value does not fit the field direction",
            ),
            ("\"male\"", "\"femal\"", "the column Sex: a value does not fit the field sex"),
            ("number = \"No\"", "", "the map needs the key number"),
            ("[\"Name\"]", "\"Name\"", "the map: required takes a list of texts"),
            (
                "[\"Name\"]",
                "[\"Nmae\"]",
                "required: the column Nmae is not among the columns, or is read and ignored at once",
            ),
            (
                "\"spring-list\"",
                "\"spring list\"",
                "the map: list takes a short name without spaces and colons",
            ),
            (
                "\"name.whole\"",
                "\"birth_date\"\ndates = [\"year_first\"]",
                "the column Name, dates, has no key year_first: did you mean day_first?",
            ),
            ("\"name.whole\"", "\"sex\"", "sex is said twice: give each its own group"),
            ("\"name.whole\"", "\"direction\"", "direction is said twice: give each its own group"),
            ("\"name.whole\"", "\"outside_id\"", "outside_id is said twice: give each its own group"),
            ("list = \"spring", "list = spring", "line 2 of the map is not TOML"),
            (
                "number = \"No\"",
                "number = \"No\"\ndelimiter = \"#\"",
                "the map: delimiter takes one of , ; | and a tab",
            ),
        ] {
            assert_eq!(fault(from, to), said, "{from} -> {to}");
        }
        assert_eq!(ListMap::parse(&" ".repeat(LIST_MAP_BYTES + 1)), Err(MapFault::TooLong));
    }

    #[test]
    fn fields_that_this_build_does_not_know_are_taken() {
        let text = SOUND.replace("\"name.whole\"", "\"case_worker_mood\"");
        assert!(ListMap::parse(&text).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_the_map_reader(text in "\\PC{0,60}", from in 0usize..400, length in 0usize..40) {
            let _ = ListMap::parse(&text);
            let kept: String = SOUND.chars().take(from).chain(text.chars()).chain(SOUND.chars().skip(from + length)).collect();
            let _ = ListMap::parse(&kept);
        }
    }
}
