//! Values: what a claim or a plan field holds.

use crate::id::{CaseId, ItemRef};
use crate::private::Private;
use serde::{Deserialize, Serialize};

/// A value of a field. Each variant is one key in CBOR and JSON: `{"text": "..."}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Free text.
    Text(Private<String>),
    /// A code from a list of the field (`male`, `grandmother`): lowercase, unknown ones kept.
    Code(Private<String>),
    /// A person's name.
    Name(Name),
    /// A date, maybe partial.
    Date(Date),
    /// A place by one or two names.
    Place(Place),
    /// A number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// A number in somebody's list or system: `{"system": "kyiv-list", "number": "K0001"}`.
    Outside {
        /// Whose numbering.
        system: Private<String>,
        /// The number there.
        number: Private<String>,
    },
    /// Another case: the same child, a sibling.
    Case(CaseId),
    /// Another item of the same sheet: the claim that an office works with.
    Item(ItemRef),
}

/// Which of a person's names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameKind {
    /// Given at birth.
    Birth,
    /// In the document the person now holds.
    CurrentDocument,
    /// Changed by an authority.
    ChangedByAuthority,
    /// What the person is called.
    Nickname,
    /// After an adoption.
    Adoptive,
    /// As some list has it: the usual case.
    #[default]
    Listed,
}

/// A person's name, in whatever script it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Name {
    /// Which name.
    pub kind: NameKind,
    /// Family name.
    #[serde(default, skip_serializing_if = "Private::is_empty")]
    pub surname: Private<String>,
    /// Given name.
    #[serde(default, skip_serializing_if = "Private::is_empty")]
    pub given: Private<String>,
    /// Father's name.
    #[serde(default, skip_serializing_if = "Private::is_empty")]
    pub patronymic: Private<String>,
    /// The name as one piece, where the source does not part it.
    #[serde(default, skip_serializing_if = "Private::is_empty")]
    pub whole: Private<String>,
}

/// How exactly a date is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// To the day.
    Day,
    /// To the month.
    Month,
    /// To the year.
    Year,
    /// Between the two ends.
    Range,
}

/// A date as it is known: `earliest` and `latest` are days as `YYYYMMDD` numbers, equal for an exact day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Date {
    /// The first day that it can be, `YYYYMMDD`.
    pub earliest: u32,
    /// The last day that it can be, `YYYYMMDD`.
    pub latest: u32,
    /// How exactly it is known.
    pub precision: Precision,
}

/// A place: the name in use and, where the source gives one, another form.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// As the source writes it.
    pub name: Private<String>,
    /// The other form, if given.
    #[serde(default, skip_serializing_if = "Private::is_empty")]
    pub also: Private<String>,
}

impl zeroize::Zeroize for Date {
    fn zeroize(&mut self) {
        self.earliest = 0;
        self.latest = 0;
    }
}
