use super::super::{ListMap, read_list};
use super::*;
use std::collections::BTreeMap;

fn guesses(headings: &str) -> Vec<&'static str> {
    let headings: Vec<Private<String>> = headings.split('|').map(Private::from).collect();
    guess_targets(&headings)
}

/// The map that the guesses alone make of a file.
fn guessed(bytes: &[u8], list: &str) -> Proposal {
    let delimiter = delimiter_of(bytes);
    let looked = look(bytes, delimiter, 3).unwrap();
    let targets = guess_targets(&looked.headings);
    let mut words = Vec::new();
    for (place, (target, all)) in targets.iter().zip(&looked.words).enumerate() {
        for word in all {
            if let Some(code) = guess_code(target, word.reveal()) {
                words.push((place, word.reveal().clone(), code.to_owned()));
            }
        }
    }
    let headings = looked.headings.iter().map(|heading| heading.reveal().clone());
    Proposal {
        list: list.into(),
        delimiter: char::from(delimiter),
        columns: headings.zip(targets.into_iter().map(str::to_owned)).collect(),
        words,
        ..Proposal::default()
    }
}

#[test]
fn columns_are_known_in_the_languages_of_the_offices() {
    assert_eq!(
        guesses("№|Прізвище|Ім’я|По батькові|Дата народження|Стать|Мати|Примітка"),
        [
            "#",
            "name.surname",
            "name.given",
            "name.patronymic",
            "birth_date",
            "sex",
            "relative.name.whole@mother",
            "remark"
        ]
    );
    assert_eq!(
        guesses("Номер|Фамилия|Имя|Отчество|Дата рождения (ребёнка)|Регион"),
        ["#", "name.surname", "name.given", "name.patronymic", "birth_date", "whereabouts.place@listed"]
    );
    assert_eq!(
        guesses("Ref|Full name|Date of birth|Sex|Home town|Remark"),
        ["#", "name.whole", "birth_date", "sex", "last_residence", "remark"]
    );
    assert_eq!(guesses("الرقم|الاسم الكامل|تاريخ الميلاد|الجنس"), ["#", "name.whole", "birth_date", "sex"]);
}

#[test]
fn nothing_is_guessed_twice_and_nothing_without_a_reason() {
    assert_eq!(
        guesses("Name|Full name|Surname|Shoe size||Note taken by"),
        ["", "", "name.surname", "", "", "remark"]
    );
    assert_eq!(guesses("ПІБ|Прізвище"), ["", "name.surname"], "a name in parts or in one piece");
}

#[test]
fn every_target_makes_a_sound_map() {
    for target in TARGETS {
        let map = Proposal {
            list: "l".into(),
            delimiter: ';',
            sheet: "Аркуш 1".into(),
            direction: "to_ukraine".into(),
            columns: vec![("№".into(), NUMBER.into()), ("A \"b\".c".into(), (*target).to_owned())],
            ..Proposal::default()
        };
        // What the direction is, is said of every line or by a column.
        let map = if *target == "direction" { Proposal { direction: String::new(), ..map } } else { map };
        let read = ListMap::parse(&map.text()).unwrap_or_else(|fault| panic!("{target}: {fault}"));
        assert_eq!((read.sheet(), read.delimiter()), ("Аркуш 1", b';'));
    }
}

#[test]
fn the_lists_of_three_offices_go_through_as_they_are_guessed() {
    for (bytes, list, rows) in [
        (&include_bytes!("../../../cli/demo/kyiv-list.csv")[..], "kyiv-list", 561),
        (&include_bytes!("../../../cli/demo/doha-sheet.csv")[..], "doha-sheet", 140),
        (&include_bytes!("../../../cli/demo/moscow-reply.csv")[..], "moscow-reply", 571),
    ] {
        let map = guessed(bytes, list);
        assert!(map.columns.iter().all(|(_, target)| !target.is_empty()), "{list}: {map:?}");
        let map = ListMap::parse(&map.text()).unwrap();
        let read = read_list(bytes, &map).unwrap();
        let reasons: BTreeMap<String, usize> = read.refused.iter().fold(BTreeMap::new(), |mut all, row| {
            *all.entry(row.reason.to_string()).or_default() += 1;
            all
        });
        assert_eq!((read.rows.len(), reasons), (rows, BTreeMap::new()), "{list}");
    }
}

#[test]
fn words_are_codes_only_where_that_is_known() {
    assert_eq!(guess_code("sex", " Ч"), Some("male"));
    assert_eq!(guess_code("sex", "Female"), Some("female"));
    assert_eq!(guess_code("relative.relation@listed", "бабушка"), Some("grandmother"));
    assert_eq!(guess_code("sex", "?"), None);
    assert_eq!(guess_code("remark", "ч"), None);
}

#[test]
fn a_column_with_many_words_is_not_asked_about() {
    let mut csv = String::from("No\tSex\n");
    for n in 0..30 {
        csv.push_str(&format!("{n}\t{}\n", if n % 2 == 0 { "M " } else { "f" }));
    }
    assert_eq!(delimiter_of(csv.as_bytes()), b'\t');
    let looked = look(csv.as_bytes(), b'\t', 2).unwrap();
    assert_eq!((looked.rows, looked.samples.len()), (30, 2));
    assert!(looked.words[0].is_empty());
    assert_eq!(looked.words[1], [Private::from("f"), Private::from("m")]);
}
