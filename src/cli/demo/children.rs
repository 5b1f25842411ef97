//! The children of the story and what the offices write about them. All of them are invented.

use super::desk::Circle;
use super::offices::Who;
use crate::node::{ClaimIn, Request};
use crate::private::Private;

/// One child of the story.
#[derive(Clone, Copy)]
pub(super) struct Child {
    /// Who it is, as a sentence of the story begins.
    pub(super) called: &'static str,
    /// The name as Kyiv writes it.
    pub(super) name: &'static str,
    /// Family name alone: no other child of the demo has it.
    pub(super) surname: &'static str,
    /// `male` or `female`.
    pub(super) sex: &'static str,
}

/// With his grandmother at the embassy.
pub(super) const SEVEN: Child =
    Child {
        called: "The boy of 7", name: "Осінній Марко Юрійович", surname: "Осінній", sex: "male"
    };
/// The youngest.
pub(super) const TWO: Child =
    Child {
        called: "The boy of 2", name: "Тополин Левко Андрійович", surname: "Тополин", sex: "male"
    };
/// The one whose stage two offices set at once.
pub(super) const NINE: Child =
    Child {
        called: "The boy of 9", name: "Громак Тиміш Олегович", surname: "Громак", sex: "male"
    };
/// Soon of age.
pub(super) const SEVENTEEN: Child = Child {
    called: "The girl of 17",
    name: "Яворівська Златослава Петрівна",
    surname: "Яворівська",
    sex: "female",
};

/// The grandmother's phone number and street: for `families` alone.
pub(super) const PHONE: &str = "+380 00 555 0142";
/// Where she lives.
pub(super) const STREET: &str = "вулиця Вишнева 14-б";
/// A child of Kyiv's list, which Moscow and Tallinn do not get.
pub(super) const ON_THE_LIST: &str = "Брусиловський";

/// What nobody who looks at a disk may find.
pub(super) const CANARIES: [&str; 9] = [
    SEVEN.surname,
    TWO.surname,
    NINE.surname,
    SEVENTEEN.surname,
    "Марко",
    "Златослава",
    PHONE,
    STREET,
    ON_THE_LIST,
];

/// The cases' ids in hex; empty until Kyiv has opened them.
#[derive(Clone, Default)]
pub(super) struct Cases {
    pub(super) seven: String,
    pub(super) two: String,
    pub(super) nine: String,
    pub(super) seventeen: String,
}

/// A claim of an office.
pub(super) fn claim(field: &str, value: &str) -> ClaimIn {
    ClaimIn { field: field.to_owned(), value: Private::from(value), ..ClaimIn::default() }
}

/// A claim about one relative or one stay.
fn of(group: &str, field: &str, value: &str) -> ClaimIn {
    ClaimIn { group: group.to_owned(), ..claim(field, value) }
}

/// A claim from a paper that was seen.
fn from_paper(field: &str, value: &str, paper: &str) -> ClaimIn {
    ClaimIn { source_kind: "document".to_owned(), source: Private::from(paper), ..claim(field, value) }
}

/// What Kyiv knows first of a child.
pub(super) fn first_claims(child: Child) -> Vec<ClaimIn> {
    vec![claim("name", child.name), claim("sex", child.sex)]
}

/// What the family of the boy of 7 told Kyiv in confidence.
pub(super) fn told_in_confidence() -> Vec<ClaimIn> {
    vec![
        of("grandmother", "relative.name", "Осіння Параска Іванівна"),
        of("grandmother", "relative.relation", "grandmother"),
        of("grandmother", "relative.phone", PHONE),
        of("grandmother", "relative.place", STREET),
    ]
}

/// One edit of the time apart.
pub(super) struct Work {
    pub(super) who: Who,
    pub(super) circle: Circle,
    pub(super) request: Request,
}

/// What all four write while no link is up: on the same children, often on the same field.
pub(super) fn apart(cases: &Cases) -> Vec<Work> {
    use Circle::{Families, Journey, List};
    use Who::{Doha, Kyiv, Moscow, Tallinn};
    vec![
        // The boy of 7: two papers, two years of birth. Both offices quote what they saw.
        says(Kyiv, List, &cases.seven, vec![from_paper("birth_date", "2019-03-14", "birth certificate")]),
        says(Moscow, List, &cases.seven, vec![from_paper("birth_date", "2018-03-14", "clinic card")]),
        says(
            Moscow,
            List,
            &cases.seven,
            vec![
                of("stay-1", "whereabouts.place", "посольство, Москва"),
                of("stay-1", "whereabouts.certainty", "confirmed"),
                of("stay-1", "whereabouts.placement", "relative"),
            ],
        ),
        notes(Kyiv, List, &cases.seven, NOTES.0),
        notes(Doha, List, &cases.seven, NOTES.1),
        notes(Moscow, List, &cases.seven, NOTES.2),
        says(Kyiv, Families, &cases.seven, vec![of("grandmother", "relative.may_travel", "yes")]),
        says(
            Doha,
            Families,
            &cases.seven,
            vec![of("grandmother", "relative.how_to_contact", "через посольство")],
        ),
        // The boy of 2.
        says(Moscow, List, &cases.two, vec![claim("health.allergies", "молоко")]),
        says(Kyiv, List, &cases.two, vec![from_paper("birth_date", "2024-05-02", "birth certificate")]),
        // The boy of 9: two offices set the same plan field.
        plans(Kyiv, List, &cases.nine, STAGE, "agreed"),
        plans(Doha, List, &cases.nine, STAGE, "verified"),
        // The girl of 17.
        says(Moscow, List, &cases.seventeen, vec![claim("wishes", "хоче вчитися на лікарку")]),
        says(Kyiv, List, &cases.seventeen, vec![from_paper("birth_date", "2009-02-20", "birth certificate")]),
        says(Doha, List, &cases.seventeen, vec![claim("languages", "українська, англійська")]),
        // The way home of two of them; two desks name the border point of one leg.
        plans(Moscow, Journey, &cases.seven, "leg/1/from", "Москва"),
        plans(Moscow, Journey, &cases.seven, "leg/1/to", "Псков"),
        plans(Tallinn, Journey, &cases.seven, "leg/2/to", "Tallinn"),
        plans(Tallinn, Journey, &cases.seven, BORDER_POINT, "Narva"),
        plans(Doha, Journey, &cases.seven, BORDER_POINT, "Koidula"),
        plans(Kyiv, Journey, &cases.seven, "leg/3/to", "Київ"),
        plans(Kyiv, Journey, &cases.nine, "leg/1/from", "Москва"),
        notes(Tallinn, Journey, &cases.nine, "Tallinn: a doctor waits at the border."),
        notes(Doha, Journey, &cases.nine, "Doha: seats are held for two."),
    ]
}

/// What three offices write in one note.
pub(super) const NOTES: (&str, &str, &str) = (
    "Kyiv: the school in town keeps a place for him.",
    "Doha: seats are held until Friday.",
    "Moscow: seen by a doctor, fit to travel.",
);
/// The plan field of the boy of 9 that two offices set.
pub(super) const STAGE: &str = "case//stage";
/// The plan field of the boy of 7 that two desks set.
pub(super) const BORDER_POINT: &str = "leg/2/border_point";

/// A line of the edit run.
pub(super) fn run_line(case: &str, number: usize) -> Request {
    note(Circle::List, case, &run_mark(number))
}

/// What the line says: four digits, so that no line is part of another.
pub(super) fn run_mark(number: usize) -> String {
    format!("Call {number:04}: no answer.")
}

fn says(who: Who, circle: Circle, case: &str, claims: Vec<ClaimIn>) -> Work {
    let request = Request::CaseClaim { circle: circle.name().to_owned(), case: case.to_owned(), claims };
    Work { who, circle, request }
}

fn plans(who: Who, circle: Circle, case: &str, key: &str, value: &str) -> Work {
    let request = Request::CasePlan {
        circle: circle.name().to_owned(),
        case: case.to_owned(),
        key: key.to_owned(),
        value: Private::from(value),
        shown: None,
    };
    Work { who, circle, request }
}

fn notes(who: Who, circle: Circle, case: &str, line: &str) -> Work {
    Work { who, circle, request: note(circle, case, line) }
}

fn note(circle: Circle, case: &str, line: &str) -> Request {
    Request::CaseNote {
        circle: circle.name().to_owned(),
        case: case.to_owned(),
        at: None,
        remove: Private::default(),
        insert: Private::from(line),
    }
}
