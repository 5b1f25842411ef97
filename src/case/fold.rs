//! Folded names: forms under which one name meets itself in any script.
//!
//! A name comes in Ukrainian, in Russian, in half a dozen romanisations of either, and in Arabic. Three foldings,
//! from fine to coarse:
//! - [`latin`]: lowercase Latin letters, one for each sound, the same whether the text was Cyrillic or any usual
//!   romanisation (KMU 2010, ICAO 9303, the Russian tables, BGN). For searching as one types.
//! - [`consonant_key`]: the consonants of that, run together where the tables differ. It makes Ukrainian and Russian
//!   forms meet (Яків, Яков; Олександр, Aleksandr). It also merges Ілля with Юлія: it *blocks*, it never decides.
//! - the skeleton: classes of consonants that Arabic letters keep apart; used only where one side is Arabic.
//!
//! What no folding reaches (Микола, Николай) stands in the groups of `given.rs`. A hit is a suggestion to look, with
//! its reason ([`Meets`]); a person decides. The data and figures: `data/names/`, tests below.

use super::given;
use std::collections::BTreeSet;

/// The most tokens of one text that are folded: beyond any name or place.
const TOKENS: usize = 64;
/// The most letters of one token that are folded.
const TOKEN_LETTERS: usize = 64;

/// Marks of the kinds of key; a plain key is the Latin form.
const CONSONANTS: char = '=';
const GROUP: char = '@';
const SKELETON: char = '~';
const ARABIC: char = '^';

/// Why a query meets a record: the worst of its words counts. Ordered from weak to strong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meets {
    /// The same skeleton, one side in Arabic script.
    Skeleton,
    /// The same consonants.
    Consonants,
    /// The same group of given names.
    Group,
    /// The word stands inside a word.
    Inside,
    /// The word begins a word.
    Begins,
    /// The word itself.
    Same,
}

/// All keys of a text: for each of its words the Latin form, the consonant key, the group and the skeleton. Sorted,
/// each once.
pub fn fold_keys(text: &str) -> Vec<String> {
    let mut keys = BTreeSet::new();
    for token in tokens(text) {
        keys.extend(Word::fold(&token).keys());
    }
    keys.into_iter().collect()
}

/// Whether every word of the query meets one of the keys, and how well the worst of them does.
///
/// Folds the query anew; to search many records with one query, fold it once with [`Query::new`].
pub fn matches(query: &str, keys: &[String]) -> Option<Meets> {
    Query::new(query).meets(keys)
}

/// A folded query.
#[derive(Clone)]
pub struct Query {
    words: Vec<Word>,
}

/// A query is what somebody looks for: it never prints.
impl std::fmt::Debug for Query {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Query")
    }
}

impl Query {
    /// Folds a query.
    pub fn new(text: &str) -> Self {
        Self { words: tokens(text).map(|token| Word::fold(&token)).collect() }
    }

    /// Folds a query that is still being typed: each word may be the beginning of another form of a name, `nik` that of
    /// Nikolai for Микола.
    pub fn as_typed(text: &str) -> Self {
        let mut query = Self::new(text);
        for word in query.words.iter_mut().filter(|word| word.group.is_none() && word.latin.len() >= 3) {
            word.begun = given::groups_begun(&word.latin).collect();
        }
        query
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether every word meets one of the keys ([`fold_keys`]), and how well the worst of them does.
    pub fn meets(&self, keys: &[String]) -> Option<Meets> {
        self.words.iter().map(|word| keys.iter().filter_map(|key| word.meets(key)).max()).min().flatten()
    }
}

/// One folded word.
#[derive(Clone)]
struct Word {
    latin: String,
    consonants: String,
    group: Option<&'static str>,
    /// Groups that it may become when it is typed on.
    begun: Vec<&'static str>,
    skeleton: String,
    arabic: bool,
}

impl Word {
    fn fold(token: &str) -> Self {
        let latin = latin(token);
        let arabic = token.chars().any(is_arabic);
        let literal = latin.bytes().any(|byte| byte.is_ascii_digit());
        // Numbers of lists are looked for as they stand: K0001 and K001 have the same consonants.
        let sounds = |key: String| if literal || key.len() < 2 { String::new() } else { key };
        Self {
            consonants: if arabic { String::new() } else { sounds(consonants(&latin)) },
            skeleton: sounds(skeleton(&latin)),
            group: given::group(&latin),
            begun: Vec::new(),
            latin,
            arabic,
        }
    }

    fn keys(self) -> Vec<String> {
        let marked = |mark: char, key: &str| (!key.is_empty()).then(|| format!("{mark}{key}"));
        let mark = if self.arabic { ARABIC } else { SKELETON };
        let mut keys: Vec<String> = [
            marked(CONSONANTS, &self.consonants),
            self.group.and_then(|group| marked(GROUP, group)),
            marked(mark, &self.skeleton),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !self.latin.is_empty() {
            keys.push(self.latin);
        }
        keys
    }

    fn meets(&self, key: &str) -> Option<Meets> {
        let mut letters = key.chars();
        let same = |mine: &str, meets| (!mine.is_empty() && mine == key.get(1..)?).then_some(meets);
        match letters.next()? {
            CONSONANTS => same(&self.consonants, Meets::Consonants),
            GROUP if key.get(1..).is_some_and(|group| self.begun.contains(&group)) => Some(Meets::Group),
            GROUP => same(self.group.unwrap_or_default(), Meets::Group),
            SKELETON if self.arabic => same(&self.skeleton, Meets::Skeleton),
            ARABIC => same(&self.skeleton, Meets::Skeleton),
            SKELETON => None,
            _ if self.latin.is_empty() => None,
            _ if key == self.latin => Some(Meets::Same),
            _ if key.starts_with(&self.latin) => Some(Meets::Begins),
            // One or two letters stand inside nearly every word.
            _ if self.latin.len() >= 3 && key.contains(&self.latin) => Some(Meets::Inside),
            _ => None,
        }
    }
}

/// The words of a text: runs of letters and digits; apostrophes and soft signs inside a word do not part it.
fn tokens(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !(c.is_alphanumeric() || is_silent(c)))
        .map(|token| token.chars().filter(|c| !is_silent(*c)).take(TOKEN_LETTERS).collect::<String>())
        .filter(|token: &String| !token.is_empty())
        .take(TOKENS)
}

/// What stands inside words and is not heard: apostrophes, joiners, combining marks, Arabic vowel signs and tatweel.
fn is_silent(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ' | '`' | '´' | '‘' | 'ʹ' | 'ʺ' | '\u{200c}' | '\u{200d}' | '\u{ad}'
        | '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{640}')
}

fn is_arabic(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}')
}

/// The romanised, lowercased, simplified form of a text, its words parted by one space.
pub fn latin(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for token in tokens(text) {
        if !folded.is_empty() {
            folded.push(' ');
        }
        let mut spelled = String::with_capacity(token.len() * 2);
        for c in token.chars().flat_map(char::to_lowercase) {
            spell(c, &mut spelled);
        }
        simplify(&spelled, &mut folded);
    }
    folded
}

/// One lowercase letter in one romanisation, near KMU 2010. Unknown letters stay as they are.
fn spell(c: char, out: &mut String) {
    let spelled = match c {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' => "g",
        'д' => "d",
        'е' | 'э' => "e",
        'є' => "ie",
        'ё' => "e",
        'ж' => "zh",
        'з' => "z",
        'и' | 'ы' | 'і' | 'ї' | 'й' => "i",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' | 'ў' => "u",
        'ф' => "f",
        'х' => "kh",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "shch",
        'ь' | 'ъ' => "",
        'ю' => "iu",
        'я' => "ia",
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'ç' => "s",
        'ć' | 'č' => "ch",
        'ď' | 'đ' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' => "e",
        'ğ' => "g",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' => "i",
        'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => "o",
        'ř' => "r",
        'ś' | 'ş' | 'ș' => "s",
        'š' => "sh",
        'ß' => "s",
        'ť' | 'ţ' | 'ț' => "t",
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' => "u",
        'ý' | 'ÿ' => "i",
        'ź' | 'ż' => "z",
        'ž' => "zh",
        'æ' => "e",
        'œ' => "e",
        // Arabic, Persian: consonants, and long vowels as their usual vowel.
        'ا' | 'أ' | 'إ' | 'آ' | 'ٱ' | 'ع' | 'ى' | 'ة' => "a",
        'ء' | 'ئ' | 'ؤ' => "",
        'ب' => "b",
        'پ' => "p",
        'ت' | 'ط' => "t",
        'ث' => "s",
        'ج' => "j",
        'چ' => "ch",
        'ح' | 'ه' | 'ہ' => "h",
        'خ' => "kh",
        'د' | 'ض' => "d",
        'ذ' | 'ز' | 'ظ' => "z",
        'ر' => "r",
        'ژ' => "zh",
        'س' | 'ص' => "s",
        'ش' => "sh",
        'غ' | 'گ' | 'ڨ' | 'ق' => "g",
        'ف' => "f",
        'ڤ' => "v",
        'ك' | 'ک' => "k",
        'ل' => "l",
        'م' => "m",
        'ن' => "n",
        'و' => "u",
        'ي' | 'ی' => "i",
        '٠'..='٩' | '۰'..='۹' => {
            let base = if c <= '٩' { '٠' } else { '۰' };
            out.extend(char::from_digit(u32::from(c) - u32::from(base), 10));
            return;
        }
        // Lowercasing can part a letter from its mark.
        _ if is_silent(c) => "",
        _ => {
            out.push(c);
            return;
        }
    };
    out.push_str(spelled);
}

/// One letter for each sound, whatever table wrote it. Longer spellings first.
const SOUNDS: &[(&str, &str)] = &[
    ("shch", "s"),
    ("sch", "s"),
    ("tch", "c"),
    ("cz", "c"),
    ("sz", "s"),
    ("zgh", "zg"),
    ("kh", "k"),
    ("zh", "z"),
    ("sh", "s"),
    ("ch", "c"),
    ("ts", "c"),
    ("tz", "c"),
    ("dj", "j"),
    ("ph", "f"),
    ("th", "t"),
    ("ck", "k"),
    ("qu", "kv"),
    ("iie", "e"),
    ("iye", "e"),
    ("ie", "e"),
    ("ye", "e"),
    ("je", "e"),
    ("iia", "a"),
    ("iya", "a"),
    ("ia", "a"),
    ("ya", "a"),
    ("ja", "a"),
    ("iiu", "u"),
    ("iyu", "u"),
    ("iu", "u"),
    ("yu", "u"),
    ("ju", "u"),
    ("io", "o"),
    ("yo", "o"),
    ("jo", "o"),
    ("x", "ks"),
    ("w", "v"),
    ("q", "k"),
    ("h", "g"),
    ("y", "i"),
    ("oo", "u"),
    ("ee", "i"),
];

/// Spellings at the start of a word that keep their first sound.
const STARTS: &[(&str, &str)] = &[
    ("ia", "ia"),
    ("ya", "ia"),
    ("ja", "ia"),
    ("iu", "iu"),
    ("yu", "iu"),
    ("ju", "iu"),
    ("io", "io"),
    ("yo", "io"),
    ("jo", "io"),
];

/// Writes the sounds of a spelled word, each letter once in a row.
fn simplify(spelled: &str, out: &mut String) {
    let start = out.len();
    let mut rest = spelled;
    // At the start of a word Я, Ю and Ё are kept apart from А, У and О: Яна is not Анна. Є and Е are not: Єгор, Егор.
    for (spelling, sound) in STARTS {
        if let Some(after) = rest.strip_prefix(spelling) {
            out.push_str(sound);
            rest = after;
            break;
        }
    }
    while let Some(first) = rest.chars().next() {
        let (sound, length) = match SOUNDS.iter().find(|(spelling, _)| rest.starts_with(spelling)) {
            Some((spelling, sound)) => (*sound, spelling.len()),
            // `c` before a bright vowel is the sound of `ts`, else of `k`.
            None if first == 'c' && !matches!(rest.as_bytes().get(1), Some(b'e' | b'i' | b'y')) => ("k", 1),
            None => (rest.get(..first.len_utf8()).unwrap_or_default(), first.len_utf8()),
        };
        for letter in sound.chars() {
            // Digits stand as often as they are written.
            if letter.is_ascii_digit() || out.get(start..).is_some_and(|word| !word.ends_with(letter)) {
                out.push(letter);
            }
        }
        rest = rest.get(length..).unwrap_or_default();
    }
}

/// The consonants of a word, merged where tables and the two languages differ. Empty for a word without any.
pub fn consonant_key(token: &str) -> String {
    consonants(&latin(token))
}

fn consonants(latin: &str) -> String {
    let mut key = String::new();
    for c in latin.chars() {
        let class = match c {
            'a' | 'e' | 'i' | 'o' | 'u' | 'j' | ' ' => continue,
            'g' | 'k' => 'k',
            other => other,
        };
        if !key.ends_with(class) {
            key.push(class);
        }
    }
    key
}

/// Classes of consonants that survive writing a name in Arabic.
fn skeleton(latin: &str) -> String {
    let mut key = String::new();
    for c in latin.chars() {
        let class = match c {
            'b' | 'p' => 'b',
            'f' | 'v' => 'f',
            'g' | 'k' | 'j' => 'k',
            's' | 'z' | 'c' => 's',
            't' | 'd' => 't',
            'l' | 'm' | 'n' | 'r' => c,
            _ => continue,
        };
        if !key.ends_with(class) {
            key.push(class);
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::{Path, PathBuf};

    /// The first two columns of a file of name pairs, without its heading.
    fn pairs(file: &str, separator: char) -> Option<Vec<(String, String)>> {
        let root = std::env::var_os("HOMEWARD_DATA")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
        let Ok(text) = std::fs::read_to_string(root.join("names").join(file)) else {
            skip(&format!("case::fold: names/{file} is not here"));
            return None;
        };
        let pair = |line: &str| {
            let mut cells = line.split(separator);
            Some((cells.next()?.to_owned(), cells.next()?.to_owned()))
        };
        Some(text.lines().skip(1).filter_map(pair).collect())
    }

    fn skip(reason: &str) {
        use std::io::Write as _;
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/skipped.txt");
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        let _ = file.and_then(|mut file| writeln!(file, "{reason}"));
    }

    /// Percent of pairs that a rule brings together.
    fn recall(pairs: &[(String, String)], meet: impl Fn(&str, &str) -> bool) -> f64 {
        let met = pairs.iter().filter(|(one, other)| meet(one, other)).count();
        100.0 * met as f64 / pairs.len() as f64
    }

    fn meets(one: &str, other: &str) -> bool {
        matches(one, &fold_keys(other)).is_some()
    }

    #[test]
    fn ukrainian_and_russian_forms_share_their_key() {
        let Some(pairs) = pairs("uk-ru-name-pairs.csv", ',') else { return };
        let key = recall(&pairs, |one, other| consonant_key(one) == consonant_key(other));
        let all = recall(&pairs, meets);
        let count = pairs.len();
        // Strides that are prime to the count: 40,000 pairs that have nothing to do with each other.
        let far = |n: usize| (&pairs[n * 7_919 % count].0, &pairs[(n * 104_729 + 13) % count].1);
        let merged = (0..40_000).map(far).filter(|(a, b)| consonant_key(a) == consonant_key(b)).count();
        println!(
            "{count} Ukrainian-Russian pairs: consonant key {key:.2}%, search {all:.2}%, {merged} of 40,000 merged"
        );
        assert!(key >= 98.5, "consonant key: {key:.2}%");
        assert!(all >= 98.5, "search: {all:.2}%");
        assert!(merged <= 20, "{merged} of 40,000 random pairs share a key");
    }

    #[test]
    fn names_of_all_the_world_meet_often() {
        for (file, least) in [("latin-russian-wikidata.tsv", 70.0), ("latin-arabic-wikidata.tsv", 70.0)] {
            let Some(pairs) = pairs(file, '\t') else { continue };
            let all = recall(&pairs, meets);
            println!("{} pairs of {file}: search {all:.2}%", pairs.len());
            assert!(all >= least, "{file}: {all:.2}%");
        }
    }

    #[test]
    fn every_usual_romanisation_is_one_form() {
        for forms in [
            &["Щербаченко", "Shcherbachenko", "Ščerbačenko"][..],
            &["Георгій", "Heorhii", "Heorhiy"],
            &["Хрущ", "Khrushch"],
            &["Яцків", "Yatskiv", "Iatskiv"],
            &["Зоряна", "Zoriana", "Zoryana"],
            &["Мар’яна", "Мар'яна", "Маряна", "Mariana", "Maryana"],
            &["Згурський", "Zghurskyi", "Zgurskyi", "Zgurskiy"],
            &["Наталья", "Natalya", "Natalia"],
            &["K0001", "К0001", "k0001"],
        ] {
            for form in forms {
                assert_eq!(latin(form), latin(forms[0]), "{form}");
            }
        }
        assert_eq!(latin("  Олександр-Іван, (Київ) "), "oleksandr ivan kiv");
        assert_eq!(latin(""), "");
    }

    #[test]
    fn a_hit_says_why() {
        let keys = fold_keys("Ящук Микола Петрович K0042");
        for (query, why) in [
            ("Yashchuk", Some(Meets::Same)),
            ("ящ", Some(Meets::Begins)),
            ("shchuk", Some(Meets::Inside)),
            ("Николай", Some(Meets::Group)),
            ("Nikolai Petrovich Yashchuk", Some(Meets::Group)),
            ("Степан", None),
            ("K0042", Some(Meets::Same)),
            ("K0041", None),
            ("K004", Some(Meets::Begins)),
            ("Ященко", None),
            ("Микола Ященко", None),
            ("", None),
        ] {
            assert_eq!(matches(query, &keys), why, "{query}");
        }
        assert_eq!(matches("Яковлев", &fold_keys("Яковлів")), Some(Meets::Consonants));
        assert_eq!(matches("مريوبول", &fold_keys("Маріуполь")), Some(Meets::Skeleton));
        assert_eq!(matches("Mariupol", &fold_keys("ماريوبول")), Some(Meets::Skeleton));
        assert_eq!(matches("محمد", &fold_keys("Мухаммед")), Some(Meets::Skeleton));
    }

    #[test]
    fn a_name_that_is_still_typed_finds_its_other_forms() {
        let mykola = fold_keys("Микола");
        for typed in ["nik", "нико", "Nikol", "ник"] {
            assert_eq!(Query::as_typed(typed).meets(&mykola), Some(Meets::Group), "{typed}");
            assert_eq!(Query::new(typed).meets(&mykola), None, "{typed}: whole words mean themselves");
        }
        assert_eq!(Query::as_typed("ni").meets(&mykola), None, "two letters begin too much");
        assert_eq!(Query::as_typed("nikita").meets(&mykola), None, "it is a name of its own");
        assert_eq!(Query::as_typed("mik").meets(&mykola), Some(Meets::Begins));
    }

    #[test]
    fn confusable_names_are_suggested_never_as_the_same() {
        for (one, other) in [("Ілля", "Юлія"), ("Аліна", "Олена"), ("Марія", "Марина")]
        {
            assert!(matches(one, &fold_keys(other)) < Some(Meets::Group), "{one} {other}");
        }
    }

    #[test]
    fn keys_are_sorted_and_bounded() {
        let keys = fold_keys(&"Щука ".repeat(10_000));
        assert!(keys.len() <= 4);
        let keys = fold_keys(&"щ".repeat(100_000));
        assert!(keys.iter().all(|key| key.len() <= TOKEN_LETTERS * 4 + 1));
        let many: String = (0..1_000).map(|n| format!("слово{n} ")).collect();
        assert!(fold_keys(&many).len() <= TOKENS * 4);
        assert!(fold_keys("Ящук Микола").is_sorted());
    }

    proptest! {
        #[test]
        fn any_text_folds_and_finds_itself(text in "\\PC{0,30}|[а-яіїєґ' ]{0,30}|[ا-ي ]{0,20}") {
            let keys = fold_keys(&text);
            prop_assert!(keys.is_sorted());
            let query = Query::new(&text);
            // Words of silent letters alone leave nothing to look for.
            if !keys.is_empty() && query.words.iter().all(|word| !word.latin.is_empty()) {
                prop_assert!(query.meets(&keys) >= Some(Meets::Same), "{:?}", text);
            }
        }
    }
}
