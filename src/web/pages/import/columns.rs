//! What a person chose for the columns of a list, and what is proposed to them.

use super::slip;
use crate::case::{FIELDS, Holds, NUMBER, Proposal, Section, TARGETS, field_of, guess_code};
use crate::limit;
use crate::node::{Answer, ListLook, Request};
use crate::private::Private;
use crate::sign::{Domain, hash};
use crate::web::fault::Fault;
use crate::web::page::Page;
use crate::web::texts::{Language, Texts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Hex digits of the name under which the choices for a set of headings are kept.
const KEPT_DIGITS: usize = 40;

/// What the form says.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Choices {
    /// The file's own name: what the list is called if nobody says otherwise.
    #[serde(skip_serializing)]
    pub(super) file: Private<String>,
    #[serde(skip_serializing)]
    pub(super) sheet: Private<String>,
    /// Not empty: write, do not only try.
    #[serde(skip_serializing)]
    pub(super) apply: String,
    pub(super) circle: String,
    pub(super) list: String,
    /// `month_first` or anything else.
    pub(super) dates: String,
    pub(super) direction: String,
    /// For each column what it holds; empty: left out.
    pub(super) to: Vec<String>,
    /// Words, each with its column before it (`5:ч`), and the codes that they stand for.
    pub(super) word: Vec<Private<String>>,
    pub(super) code: Vec<String>,
}

/// A column as the form shows it.
pub(super) struct Column {
    pub(super) heading: Private<String>,
    pub(super) samples: Vec<Private<String>>,
    pub(super) to: String,
    /// What it may hold: in groups, each with codes and labels.
    pub(super) words: Vec<Word>,
    /// Codes that its words may stand for, with their labels.
    pub(super) codes: Vec<(&'static str, String)>,
}

/// A word of a column and the code that it stands for.
pub(super) struct Word {
    /// As the form sends it back.
    pub(super) key: Private<String>,
    pub(super) word: Private<String>,
    pub(super) code: String,
}

/// Groups of what a column may hold, each with codes and labels.
pub(super) fn targets(t: &Texts) -> Vec<(String, Vec<(&'static str, String)>)> {
    let mut groups = vec![(t.say("import-the-list"), vec![(NUMBER, t.say("import-own-number"))])];
    for section in Section::ALL {
        let of = |target: &&&'static str| {
            FIELDS.iter().any(|field| field.code == field_of(target) && field.section == section)
        };
        let targets: Vec<_> =
            TARGETS.iter().filter(of).map(|target| (*target, target_label(t, target))).collect();
        if !targets.is_empty() {
            groups.push((t.label("section", &format!("{section:?}").to_lowercase()), targets));
        }
    }
    groups
}

fn target_label(t: &Texts, target: &str) -> String {
    let (part, group) = target.split_once('@').unwrap_or((target, ""));
    let label = t.label("field", field_of(target));
    let label = match part.rsplit_once('.').map(|(_, last)| last) {
        Some("surname") => t.say("import-part-surname"),
        Some("given") => t.say("import-part-given"),
        Some("patronymic") => t.say("import-part-patronymic"),
        Some("whole") if field_of(target) == "name" => t.say("import-part-whole"),
        _ => label,
    };
    match group {
        "" | "listed" => label,
        group => format!("{}: {label}", t.label("code", group)),
    }
}

impl Choices {
    /// With what was kept or is guessed where the form does not say.
    pub(super) fn settled(mut self, look: &ListLook, kept: Option<Choices>) -> Self {
        if self.to.len() == look.headings.len() {
            return self;
        }
        let kept = kept.filter(|kept| kept.to.len() == look.headings.len());
        self = match kept {
            Some(kept) => Choices { file: self.file, sheet: self.sheet, ..kept },
            None => Choices { to: look.guesses.clone(), list: list_name(self.file.reveal()), ..self },
        };
        self
    }

    /// Which code a word stands for, if the form says.
    fn code_of(&self, key: &str) -> Option<&str> {
        let said = self.word.iter().position(|word| word.reveal() == key)?;
        self.code.get(said).map(String::as_str)
    }

    /// The map that was chosen.
    pub(super) fn map(&self, page: &Page, look: &ListLook) -> Result<Proposal, Fault> {
        if self.to.len() != look.headings.len() {
            return Err(Fault::Form);
        }
        let mut taken = BTreeSet::new();
        for to in self.to.iter().filter(|to| !to.is_empty()) {
            if *to != NUMBER && !TARGETS.contains(&to.as_str()) {
                return Err(Fault::Form);
            }
            if !taken.insert(to) {
                return Err(slip(page, "import-twice"));
            }
        }
        if !taken.contains(&NUMBER.to_owned()) {
            return Err(slip(page, "import-no-number"));
        }
        if taken.len() < 2 {
            return Err(slip(page, "import-no-columns"));
        }
        let list = list_name(&self.list);
        if list.is_empty() || list.len() > limit::CODE_BYTES {
            return Err(slip(page, "import-no-name"));
        }
        let words = self.word.iter().zip(&self.code).filter_map(|(key, code)| {
            let (place, word) = key.reveal().split_once(':')?;
            Some((place.parse().ok()?, word.to_owned(), code.clone()))
        });
        let columns = look.headings.iter().map(|heading| heading.reveal().clone()).zip(self.to.clone());
        Ok(Proposal {
            list,
            delimiter: look.delimiter.chars().next().unwrap_or(','),
            sheet: look.sheet.reveal().clone(),
            month_first: self.dates == "month_first",
            direction: self.direction.clone(),
            columns: columns.collect(),
            words: words.collect(),
        })
    }
}

/// A name without spaces and colons, from what somebody typed or a file is called.
fn list_name(text: &str) -> String {
    let lower = text.trim().to_lowercase();
    let stem = [".csv", ".xlsx", ".txt", ".tsv"].iter().find_map(|end| lower.strip_suffix(end));
    let words = stem.unwrap_or(&lower).split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'));
    let name = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    // A whole letter at the end.
    name.char_indices().take_while(|(at, c)| at + c.len_utf8() <= limit::CODE_BYTES).map(|(_, c)| c).collect()
}

/// The columns as the form shows them. Those without a heading are left out by themselves.
pub(super) fn columns(page: &Page, look: &ListLook, choices: &Choices) -> Vec<Column> {
    let column = |(place, heading): (usize, &Private<String>)| {
        let to = choices.to.get(place).cloned().unwrap_or_default();
        let codes = codes_of(&to);
        let words = look.words.get(place).filter(|_| !codes.is_empty());
        let words = words.into_iter().flatten().map(|word| {
            let key = format!("{place}:{}", word.reveal());
            let code = match choices.code_of(&key) {
                Some(said) => said.to_owned(),
                None => code_for(&to, word.reveal(), codes).unwrap_or_default().to_owned(),
            };
            Word { key: Private::new(key), word: word.clone(), code }
        });
        Column {
            heading: heading.clone(),
            samples: look.samples.iter().filter_map(|line| line.get(place)).cloned().collect(),
            words: words.collect(),
            codes: codes.iter().map(|code| (*code, page.t.label("code", code))).collect(),
            to,
        }
    };
    look.headings.iter().enumerate().map(column).collect()
}

fn codes_of(to: &str) -> &'static [&'static str] {
    match FIELDS.iter().find(|field| field.code == field_of(to)).map(|field| field.holds) {
        Some(Holds::Code(codes)) => codes,
        _ => &[],
    }
}

/// The code that a word seems to stand for: offices write the labels of this desk, too, in any of its languages.
fn code_for(to: &str, word: &str, codes: &'static [&'static str]) -> Option<&'static str> {
    guess_code(to, word).or_else(|| {
        let labelled = |code: &&&str| {
            Language::ALL.iter().any(|one| Texts::of(*one).label("code", code).to_lowercase() == word)
        };
        codes.iter().find(labelled).copied()
    })
}

/// Under which name the choices for these headings are kept.
fn key(look: &ListLook) -> String {
    let mut all: Vec<&[u8]> = vec![b"list map"];
    all.extend(look.headings.iter().map(|heading| heading.reveal().as_bytes()));
    let digits: String = hash(Domain::DeskNote, &all).hex().chars().take(KEPT_DIGITS).collect();
    format!("list-{digits}")
}

/// What was chosen the last time for a list with these headings.
pub(super) async fn remembered(page: &Page, look: &ListLook) -> Result<Option<Choices>, Fault> {
    let Answer::DeskNote { text } = page.ask(Request::DeskRead { key: key(look) }).await? else {
        return Err(page.unexpected());
    };
    Ok(text.and_then(|text| serde_json::from_str(text.reveal()).ok()))
}

/// Keeps it for the next time.
pub(super) async fn remember(page: &Page, look: &ListLook, choices: &Choices) -> Result<(), Fault> {
    let text = Private::new(serde_json::to_string(choices).map_err(|_| Fault::Template)?);
    if text.len_bytes() <= limit::DESK_NOTE_BYTES {
        page.ask(Request::DeskWrite { key: key(look), text }).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_called_as_its_file_is() {
        assert_eq!(list_name("kyiv-list.csv"), "kyiv-list");
        assert_eq!(list_name(" Список дітей (2).XLSX"), "список-дітей-2");
        assert_eq!(list_name("a:b/../c"), "a-b-c");
        assert_eq!(list_name("***"), "");
        assert!(list_name(&"ж".repeat(80)).len() <= limit::CODE_BYTES);
    }

    #[test]
    fn everything_that_a_column_may_hold_is_offered_with_a_label_of_its_own() {
        for language in Language::ALL {
            let all: Vec<_> = targets(Texts::of(language)).into_iter().flat_map(|(_, all)| all).collect();
            assert_eq!(all.len(), TARGETS.len() + 1, "{}", language.code());
            assert!(all.iter().all(|(_, label)| !label.is_empty()));
        }
    }

    #[test]
    fn words_are_known_by_the_labels_of_the_desk() {
        let codes = codes_of("whereabouts.placement@listed");
        assert_eq!(code_for("whereabouts.placement@listed", "foster family", codes), Some("foster_family"));
        assert_eq!(code_for("whereabouts.placement@listed", "elsewhere", codes), None);
        assert_eq!(code_for("sex", "ж", codes_of("sex")), Some("female"));
    }
}
