use super::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Families of labels whose codes are data: used by their prefix.
const FAMILIES: [&str; 10] =
    ["field-", "section-", "stage-", "code-", "plan-", "act-", "role-", "kind-", "fault-", "remedy-"];

fn keys(language: Language) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    for file in language.files() {
        let resource = FluentResource::try_new(file.to_owned())
            .unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", language.code()));
        drop(resource);
        let mut last = None;
        for line in file.lines() {
            match line.split_once(" =") {
                Some((key, rest)) if line.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                    let twice = keys.insert(key.to_owned(), rest.to_owned());
                    assert!(twice.is_none(), "{}: {key} stands twice", language.code());
                    last = Some(key.to_owned());
                }
                _ => {
                    if let Some(text) = last.as_ref().and_then(|key| keys.get_mut(key)) {
                        text.push_str(line);
                    }
                }
            }
        }
    }
    keys
}

/// The arguments that a text takes.
fn arguments(text: &str) -> BTreeSet<&str> {
    text.split('$')
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap())
        .collect()
}

#[test]
fn every_language_has_every_text_with_the_same_arguments() {
    let english = keys(Language::English);
    for language in Language::ALL {
        let here = keys(language);
        let missing: Vec<_> = english.keys().filter(|key| !here.contains_key(*key)).collect();
        let more: Vec<_> = here.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(
            missing.is_empty() && more.is_empty(),
            "{}: missing {missing:?}, more {more:?}",
            language.code()
        );
        for (key, text) in &here {
            assert_eq!(arguments(text), arguments(&english[key]), "{} {key}", language.code());
            assert!(!text.trim().is_empty(), "{} {key} is empty", language.code());
        }
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs" || end == "html" || end == "js") {
            found.push(path);
        }
    }
}

#[test]
fn every_text_is_used_and_every_key_exists() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web"), &mut files);
    let known = keys(Language::English);
    let mut used = BTreeSet::new();
    let mut unknown = Vec::new();
    for file in files.iter().filter(|file| !file.ends_with("texts/tests.rs")) {
        let text = std::fs::read_to_string(file).unwrap();
        let text = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap();
        // What is quoted and has the shape of a key.
        for word in text.split('"') {
            if known.contains_key(word) {
                used.insert(word.to_owned());
            }
        }
        for call in [".say(\"", ".n(\"", ".s(\"", ".ns(\"", ".ss(\""] {
            for rest in text.split(call).skip(1) {
                let key = rest.split('"').next().unwrap();
                if !known.contains_key(key) && !key.contains('{') {
                    unknown.push(format!("{}: {key}", file.display()));
                }
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
    let idle: Vec<_> = known
        .keys()
        .filter(|key| !used.contains(*key) && !FAMILIES.iter().any(|family| key.starts_with(family)))
        .collect();
    assert!(idle.is_empty(), "nobody uses {idle:#?}");
}

/// Every code of the tables in `case` has its label, and no label is without a code.
#[test]
fn every_code_has_its_label() {
    use crate::case::{ACT_KINDS, FIELDS, Holds, PLAN_FIELDS, STAGES, Section};
    use crate::node::{Duty, FailureKind};
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    let mut want = |family: &str, code: &str| wanted.insert(format!("{family}-{}", code.replace('.', "-")));
    let codes = |holds: &Holds, want: &mut dyn FnMut(&str, &str) -> bool| {
        if let Holds::Code(codes) = holds {
            codes.iter().for_each(|code| {
                want("code", code);
            });
        }
    };
    for field in FIELDS {
        want("field", field.code);
        codes(&field.holds, &mut want);
    }
    for field in PLAN_FIELDS {
        want("plan", &format!("{}.{}", field.kind, field.field));
        want("kind", field.kind);
        if (field.kind, field.field) != ("case", "stage") {
            codes(&field.holds, &mut want);
        }
    }
    STAGES.iter().for_each(|stage| {
        want("stage", stage.code);
    });
    Section::ALL.iter().for_each(|section| {
        want("section", &format!("{section:?}").to_lowercase());
    });
    ACT_KINDS.iter().for_each(|kind| {
        want("act", kind.code);
    });
    Duty::ALL.iter().for_each(|role| {
        want("role", role.code());
    });
    for kind in [
        FailureKind::NotFound,
        FailureKind::BadInput,
        FailureKind::NotAllowed,
        FailureKind::Unreachable,
        FailureKind::Disk,
        FailureKind::InUse,
        FailureKind::Locked,
        FailureKind::Damaged,
        FailureKind::Internal,
    ] {
        want("fault", super::super::fault::code(kind));
        want("remedy", super::super::fault::code(kind));
    }
    let english = keys(Language::English);
    let missing: Vec<_> = wanted.iter().filter(|key| !english.contains_key(*key)).collect();
    assert!(missing.is_empty(), "without a label: {missing:#?}");
    let idle: Vec<_> = english
        .keys()
        .filter(|key| FAMILIES.iter().any(|family| key.starts_with(family)) && !wanted.contains(*key))
        .collect();
    assert!(idle.is_empty(), "labels of nothing: {idle:#?}");
}

#[test]
fn plurals_and_digits_follow_the_language() {
    let cases =
        |language, n: usize| Texts::of(language).n("cases-total", n).replace(['\u{2068}', '\u{2069}'], "");
    assert_eq!(cases(Language::English, 1), "1 case");
    assert_eq!(cases(Language::English, 20_000), "20,000 cases");
    assert_eq!(cases(Language::Ukrainian, 2), "2 справи");
    assert_eq!(cases(Language::Ukrainian, 5), "5 справ");
    assert_eq!(cases(Language::Ukrainian, 21), "21 справа");
    assert_eq!(cases(Language::Russian, 22), "22 дела");
    assert_eq!(cases(Language::Arabic, 2), "حالتان");
    assert_eq!(cases(Language::Arabic, 11), "١١ حالة");
}

#[test]
fn a_sentence_inside_a_sentence_stays_readable_and_a_name_steers_none() {
    let english = Texts::of(Language::English);
    let said = |names: &[&str]| english.s("readers", english.list(names));
    let bare = |text: String| text.replace(['\u{2068}', '\u{2069}'], "");
    assert_eq!(bare(said(&["doha", "kyiv"])), "read by doha and kyiv");
    assert_eq!(bare(said(&["do\u{202e}ha", "kyiv"])), "read by doU+202Eha and kyiv");
    let arabic = Texts::of(Language::Arabic);
    let date = crate::web::dates::moment(arabic, crate::time::Millis(1_795_000_000_000));
    assert!(date.contains('\u{200f}'), "an Arabic date is kept in its order by marks");
    assert!(arabic.s("partners-trust-phrase", Dated(date.clone())).contains(&date));
    // Each name in its own direction: one isolate around all would put Latin names of an Arabic sentence in the wrong order.
    let three = Texts::of(Language::Arabic).list(&["doha", "kyiv", "moscow"]);
    assert_eq!(three, "\u{2068}doha\u{2069}، \u{2068}kyiv\u{2069} و\u{2068}moscow\u{2069}");
    assert!(english.s("readers", "do\u{2069}ha").contains("doU+2069ha"), "it would end what keeps it apart");
    assert!(english.s("readers", "do\u{2068}ha").contains("doU+2068ha"));
}

#[test]
fn a_browser_is_answered_in_a_language_that_it_asked_for() {
    assert_eq!(Language::accepted("fr-FR,uk;q=0.8,en;q=0.5"), Language::Ukrainian);
    assert_eq!(Language::accepted("ar-QA"), Language::Arabic);
    assert_eq!(Language::accepted(""), Language::English);
}
