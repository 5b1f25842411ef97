//! What a list's headings seem to say, and the map that a person made of them.
//!
//! A guess is only what a form shows at first: a person sees each column beside its cells and decides. So it looks for
//! nothing but words that offices write over columns, in the languages that they write in, and rather says nothing.

use super::super::field::{Holds, as_code, field};
use super::read::{ListFault, headings_of};
use crate::limit::{LIST_COLUMNS, LIST_WORDS};
use crate::private::Private;
use std::collections::BTreeSet;
use toml::{Table, Value as Toml};

/// The column of the list's own numbers, as a form names it.
pub const NUMBER: &str = "#";

/// What columns may be read as: a field or a part of one, and which relative or stay it speaks of (`field@group`).
pub const TARGETS: &[&str] = &[
    "name.surname",
    "name.given",
    "name.patronymic",
    "name.whole",
    "birth_date",
    "sex",
    "birthplace",
    "last_residence",
    "citizenship",
    "languages",
    "marks",
    "hair",
    "eyes",
    "height_cm",
    "document.kind@listed",
    "document.number@listed",
    "document.issuer@listed",
    "document.date@listed",
    "separation.when",
    "separation.where",
    "separation.circumstances",
    "separation.cause",
    "separation.left_with",
    "separation.last_contact",
    "whereabouts.place@listed",
    "whereabouts.placement@listed",
    "whereabouts.institution@listed",
    "whereabouts.caregiver.whole@listed",
    "whereabouts.from@listed",
    "whereabouts.to@listed",
    "whereabouts.certainty@listed",
    "whereabouts.seen_by@listed",
    "relative.name.whole@mother",
    "relative.phone@mother",
    "relative.place@mother",
    "relative.name.whole@father",
    "relative.phone@father",
    "relative.place@father",
    "relative.name.whole@grandmother",
    "relative.phone@grandmother",
    "relative.place@grandmother",
    "relative.name.whole@guardian",
    "relative.phone@guardian",
    "relative.place@guardian",
    "relative.name.whole@listed",
    "relative.relation@listed",
    "relative.phone@listed",
    "tracing.state",
    "tracing.asked_by",
    "wishes",
    "legal_status",
    "risk_level",
    "health.conditions",
    "health.medicines",
    "health.allergies",
    "health.disability",
    "health.escort_needs",
    "direction",
    "urgency",
    "publicity",
    "remark",
];

/// Headings and what they say: whole, in lower case, without marks around them.
const HEADINGS: &[(&str, &[&str])] = &[
    (
        NUMBER,
        &[
            "№",
            "no",
            "nr",
            "n",
            "number",
            "ref",
            "id",
            "#",
            "номер",
            "№ з/п",
            "№ п/п",
            "код",
            "رقم",
            "الرقم",
            "م",
        ],
    ),
    (
        "name.surname",
        &["прізвище", "фамилия", "surname", "family name", "last name", "اللقب", "اسم العائلة", "الشهرة"],
    ),
    ("name.given", &["ім'я", "имя", "given name", "first name", "الاسم الأول", "الاسم الاول"]),
    (
        "name.patronymic",
        &["по батькові", "отчество", "patronymic", "father's name", "middle name", "اسم الأب", "اسم الاب"],
    ),
    (
        "name.whole",
        &[
            "піб",
            "п.і.б",
            "п.і.б.",
            "фио",
            "ф.и.о",
            "ф.и.о.",
            "full name",
            "name",
            "дитина",
            "ребёнок",
            "ребенок",
            "child",
            "الاسم",
            "الاسم الكامل",
            "اسم الطفل",
        ],
    ),
    (
        "birth_date",
        &[
            "дата народження",
            "дата рождения",
            "date of birth",
            "birth date",
            "dob",
            "born",
            "рік народження",
            "год рождения",
            "تاريخ الميلاد",
            "تاريخ الولادة",
            "سنة الميلاد",
        ],
    ),
    ("sex", &["стать", "пол", "sex", "gender", "الجنس"]),
    (
        "birthplace",
        &["місце народження", "место рождения", "place of birth", "birthplace", "مكان الميلاد", "مكان الولادة"],
    ),
    (
        "last_residence",
        &[
            "останнє місце проживання",
            "місце проживання",
            "последнее место жительства",
            "место жительства",
            "last residence",
            "residence",
            "home town",
            "address",
            "адреса",
            "адрес",
            "مكان الإقامة",
            "العنوان",
        ],
    ),
    ("citizenship", &["громадянство", "гражданство", "citizenship", "nationality", "الجنسية"]),
    ("languages", &["мови", "мова", "языки", "язык", "languages", "language", "اللغة", "اللغات"]),
    ("marks", &["особливі прикмети", "прикмети", "особые приметы", "приметы", "marks", "علامات مميزة"]),
    ("height_cm", &["зріст", "рост", "height", "height in cm", "الطول"]),
    (
        "document.number@listed",
        &["номер документа", "документ", "document", "document number", "رقم الوثيقة"],
    ),
    (
        "separation.when",
        &[
            "дата розлучення",
            "дата разлучения",
            "separated on",
            "date of separation",
            "separation date",
            "تاريخ الانفصال",
        ],
    ),
    ("separation.where", &["місце розлучення", "место разлучения", "place of separation", "مكان الانفصال"]),
    ("separation.circumstances", &["обставини", "обстоятельства", "circumstances", "الظروف"]),
    (
        "whereabouts.place@listed",
        &[
            "місцеперебування",
            "місцезнаходження",
            "регіон",
            "местонахождение",
            "регион",
            "whereabouts",
            "location",
            "region",
            "current place",
            "مكان الوجود",
            "المنطقة",
        ],
    ),
    ("whereabouts.placement@listed", &["розміщення", "размещение", "placement", "نوع الإيواء"]),
    ("whereabouts.institution@listed", &["заклад", "учреждение", "institution", "المؤسسة"]),
    ("relative.name.whole@mother", &["мати", "мать", "mother", "الأم", "الام", "اسم الأم", "اسم الام"]),
    ("relative.name.whole@father", &["батько", "отец", "father", "الأب", "الاب"]),
    ("relative.name.whole@grandmother", &["бабуся", "бабушка", "grandmother", "الجدة"]),
    ("relative.name.whole@guardian", &["опікун", "опекун", "guardian", "الوصي"]),
    (
        "relative.name.whole@listed",
        &["родич", "заявник", "родственник", "заявитель", "relative", "applicant", "القريب"],
    ),
    ("relative.relation@listed", &["ступінь споріднення", "степень родства", "relation", "صلة القرابة"]),
    ("relative.phone@listed", &["телефон", "phone", "telephone", "الهاتف", "رقم الهاتف"]),
    ("urgency", &["терміновість", "срочность", "urgency", "الأولوية"]),
    (
        "health.conditions",
        &["стан здоров'я", "здоров'я", "состояние здоровья", "здоровье", "health", "الحالة الصحية"],
    ),
    (
        "remark",
        &[
            "примітка",
            "примітки",
            "примечание",
            "примечания",
            "remark",
            "remarks",
            "note",
            "notes",
            "comment",
            "ملاحظات",
            "ملاحظة",
        ],
    ),
];

/// Words of cells and the codes that they stand for, field by field.
const WORDS: &[(&str, &str, &[&str])] = &[
    (
        "sex",
        "male",
        &[
            "ч",
            "чол",
            "чоловіча",
            "чоловік",
            "хлопець",
            "хлопчик",
            "м",
            "муж",
            "мужской",
            "мальчик",
            "m",
            "boy",
            "ذكر",
            "ولد",
        ],
    ),
    (
        "sex",
        "female",
        &[
            "ж",
            "жін",
            "жіноча",
            "жінка",
            "дівчина",
            "дівчинка",
            "жен",
            "женский",
            "девочка",
            "f",
            "girl",
            "أنثى",
            "انثى",
            "بنت",
        ],
    ),
    ("whereabouts.placement", "institution", &["учреждение", "заклад", "інтернат", "интернат", "مؤسسة"]),
    (
        "whereabouts.placement",
        "foster_family",
        &["приёмная семья", "приемная семья", "прийомна сім'я", "foster", "أسرة حاضنة"],
    ),
    ("whereabouts.placement", "guardianship", &["опека", "опіка", "وصاية"]),
    ("whereabouts.placement", "adoption", &["усыновление", "усиновлення", "تبني"]),
    ("whereabouts.placement", "camp", &["лагерь", "табір", "مخيم"]),
    ("whereabouts.placement", "hospital", &["больница", "лікарня", "مستشفى"]),
    ("relative.relation", "mother", &["мати", "мать", "أم"]),
    ("relative.relation", "father", &["батько", "отец", "أب"]),
    ("relative.relation", "grandmother", &["бабуся", "бабушка", "جدة"]),
    ("relative.relation", "grandfather", &["дідусь", "дедушка", "جد"]),
    ("relative.relation", "aunt", &["тітка", "тётя", "عمة", "خالة"]),
    ("relative.relation", "sister", &["сестра", "أخت"]),
    ("relative.relation", "brother", &["брат", "أخ"]),
];

/// A list as it looks before a map is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// What its first line says.
    pub headings: Vec<Private<String>>,
    /// The first lines after it.
    pub samples: Vec<Vec<Private<String>>>,
    /// The distinct words of each column, lower case; none of a column that has more than [`LIST_WORDS`].
    pub words: Vec<Vec<Private<String>>>,
    /// Lines.
    pub rows: usize,
}

/// What stands between the cells of a CSV: whichever of the four the first line has most of.
pub fn delimiter_of(bytes: &[u8]) -> u8 {
    let line = bytes.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty());
    let count = |wanted: &u8| line.unwrap_or_default().iter().filter(|byte| *byte == wanted).count();
    [b'|', b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

/// Looks at a CSV: headings, a few lines and what words its columns have.
///
/// # Errors
/// [`ListFault`]: no list can be read from it.
pub fn look(bytes: &[u8], delimiter: u8, samples: usize) -> Result<Looked, ListFault> {
    let (headings, records) = headings_of(bytes, delimiter)?;
    let mut looked = Looked { headings, ..Looked::default() };
    let mut words: Vec<BTreeSet<String>> = vec![BTreeSet::new(); looked.headings.len()];
    for record in records {
        looked.rows += 1;
        if looked.samples.len() < samples {
            let cells = record.iter().take(LIST_COLUMNS);
            looked.samples.push(cells.map(|cell| String::from_utf8_lossy(cell).trim().into()).collect());
        }
        for (known, cell) in words.iter_mut().zip(record.iter()) {
            let cell = String::from_utf8_lossy(cell).trim().to_lowercase();
            // One more than may be says that there are too many.
            if !cell.is_empty() && known.len() <= LIST_WORDS {
                known.insert(cell);
            }
        }
    }
    let few = |words: BTreeSet<String>| if words.len() > LIST_WORDS { BTreeSet::new() } else { words };
    looked.words = words.into_iter().map(|all| few(all).into_iter().map(Private::new).collect()).collect();
    Ok(looked)
}

/// What each column seems to hold: each target once, empty where nothing is known.
pub fn guess_targets(headings: &[Private<String>]) -> Vec<&'static str> {
    let mut taken = BTreeSet::new();
    let mut guesses = vec![""; headings.len()];
    // Whole headings first: `Прізвище` before `Прізвище матері`.
    for whole in [true, false] {
        for (guess, heading) in guesses.iter_mut().zip(headings) {
            if let Some(target) = guess_target(heading.reveal(), whole).filter(|_| guess.is_empty())
                && taken.insert(target)
            {
                *guess = target;
            }
        }
    }
    // Parts of a name and the whole of it go together in a list only if somebody says so.
    if taken.contains("name.surname") {
        guesses.iter_mut().filter(|guess| **guess == "name.whole").for_each(|guess| *guess = "");
    }
    guesses
}

fn guess_target(heading: &str, whole: bool) -> Option<&'static str> {
    let plain = heading.to_lowercase().replace(['’', 'ʼ', '`'], "'");
    let plain = plain.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '*' | '.' | '"'));
    let known = HEADINGS.iter().flat_map(|(target, words)| words.iter().map(move |word| (*target, *word)));
    if whole {
        return known
            .into_iter()
            .find(|(_, word)| word.trim_end_matches('.') == plain)
            .map(|(target, _)| target);
    }
    // A heading that begins with known words: `Дата народження (дитини)`. Short words begin too much.
    let begins = |word: &str| {
        word.chars().count() > 3
            && plain.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '(', ',', '/']))
    };
    known.filter(|(_, word)| begins(word)).max_by_key(|(_, word)| word.len()).map(|(target, _)| target)
}

/// The code that a word of a column stands for, if that is known.
pub fn guess_code(target: &str, word: &str) -> Option<&'static str> {
    let code = field_of(target);
    let word = word.trim().to_lowercase().replace(['’', 'ʼ'], "'");
    if let Some(Holds::Code(codes)) = field(code).map(|known| known.holds)
        && let Some(known) = codes.iter().find(|known| **known == as_code(&word))
    {
        return Some(known);
    }
    let mut known = WORDS.iter().filter(|(of, ..)| *of == code);
    known.find(|(.., words)| words.contains(&word.as_str())).map(|(_, code, _)| *code)
}

/// The field of a target, without part and group.
pub fn field_of(target: &str) -> &str {
    let field = target.split('@').next().unwrap_or(target);
    match field.rsplit_once('.') {
        Some((base, "surname" | "given" | "patronymic" | "whole")) => base,
        _ => field,
    }
}

/// What a person chose of a list's columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// The list's name.
    pub list: String,
    /// What stands between cells.
    pub delimiter: char,
    /// Of a workbook: which sheet.
    pub sheet: String,
    /// Whether the month stands first in dates with slashes.
    pub month_first: bool,
    /// Said of every line; empty: nothing.
    pub direction: String,
    /// Headings, each with its target; an empty target leaves it out.
    pub columns: Vec<(String, String)>,
    /// Words of columns (by place) and the codes that they stand for.
    pub words: Vec<(usize, String, String)>,
}

impl Proposal {
    /// The map's text, as [`super::ListMap::parse`] reads it.
    pub fn text(&self) -> String {
        let mut map = Table::new();
        let text = |text: &str| Toml::String(text.to_owned());
        map.insert("list".into(), text(&self.list));
        map.insert("delimiter".into(), text(&self.delimiter.to_string()));
        if !self.sheet.is_empty() {
            map.insert("sheet".into(), text(&self.sheet));
        }
        let (mut columns, mut ignore, mut related) = (Table::new(), Vec::new(), BTreeSet::new());
        for (place, (heading, target)) in self.columns.iter().enumerate() {
            let heading = heading.trim();
            match target.as_str() {
                _ if heading.is_empty() => {}
                "" => ignore.push(text(heading)),
                NUMBER => drop(map.insert("number".into(), text(heading))),
                target => {
                    columns.insert(heading.to_owned(), Toml::Table(self.column(place, target, &mut related)));
                }
            }
        }
        map.insert("ignore".into(), Toml::Array(ignore));
        if !self.direction.is_empty() {
            let said = Table::from_iter([("direction".to_owned(), text(&self.direction))]);
            map.insert("constants".into(), Toml::Table(said));
        }
        map.insert("columns".into(), Toml::Table(columns));
        map.to_string()
    }

    fn column(&self, place: usize, target: &str, related: &mut BTreeSet<String>) -> Table {
        let (held, group) = target.split_once('@').unwrap_or((target, ""));
        let mut column = Table::new();
        column.insert("field".into(), Toml::String(held.to_owned()));
        if !group.is_empty() {
            column.insert("group".into(), Toml::String(group.to_owned()));
        }
        // Who the relative is, is said once: with the first of the columns that speak of them.
        if held.starts_with("relative.") && group != "listed" && related.insert(group.to_owned()) {
            let with = Table::from_iter([("relative.relation".to_owned(), Toml::String(group.to_owned()))]);
            column.insert("with".into(), Toml::Table(with));
        }
        let holds = field(field_of(target)).map(|known| known.holds);
        if holds == Some(Holds::Date) {
            let first = if self.month_first { "month_first" } else { "day_first" };
            let styles = ["iso", first, "year"].map(|style| Toml::String(style.to_owned()));
            column.insert("dates".into(), Toml::Array(styles.into()));
        }
        let words = self.words.iter().filter(|(of, _, code)| *of == place && !code.is_empty());
        let words: Table = words.map(|(_, word, code)| (word.clone(), Toml::String(code.clone()))).collect();
        if !words.is_empty() {
            column.insert("values".into(), Toml::Table(words));
        }
        column
    }
}

#[cfg(test)]
mod tests;
