//! The desk's own words in four languages: fluent files, one folder for each language.
//!
//! A key that a language lacks is shown as the key itself, so that nothing is hidden; a test fails on any that is
//! missing or that nobody uses. What is put into a sentence is marked off by direction isolates, numbers and plurals
//! follow the language.

use super::shown::visible;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use icu::decimal::DecimalFormatter;
use icu::decimal::input::Decimal;
use icu::locale::{Locale, locale};
use intl_memoizer::concurrent::IntlLangMemoizer;
use std::sync::OnceLock;
use unic_langid::{LanguageIdentifier, langid};

/// A language of the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Language {
    Ukrainian,
    Arabic,
    Russian,
    English,
}

/// The files of one language.
macro_rules! files {
    ($folder:literal) => {
        [
            include_str!(concat!($folder, "/base.ftl")),
            include_str!(concat!($folder, "/labels.ftl")),
            include_str!(concat!($folder, "/cases.ftl")),
            include_str!(concat!($folder, "/case.ftl")),
            include_str!(concat!($folder, "/plan.ftl")),
            include_str!(concat!($folder, "/history.ftl")),
            include_str!(concat!($folder, "/worklist.ftl")),
            include_str!(concat!($folder, "/partners.ftl")),
            include_str!(concat!($folder, "/import.ftl")),
            include_str!(concat!($folder, "/overview.ftl")),
        ]
    };
}

impl Language {
    /// In the order in which pages offer them.
    pub(super) const ALL: [Language; 4] =
        [Language::Ukrainian, Language::Arabic, Language::Russian, Language::English];

    /// As HTML and settings name it.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Ukrainian => "uk",
            Self::Arabic => "ar",
            Self::Russian => "ru",
            Self::English => "en",
        }
    }

    /// What it calls itself.
    pub(super) fn own_name(self) -> &'static str {
        match self {
            Self::Ukrainian => "Українська",
            Self::Arabic => "العربية",
            Self::Russian => "Русский",
            Self::English => "English",
        }
    }

    /// Which way it is written.
    pub(super) fn direction(self) -> &'static str {
        match self {
            Self::Arabic => "rtl",
            _ => "ltr",
        }
    }

    pub(super) fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// The first language of a browser's `Accept-Language` that the desk speaks; English if there is none.
    pub(super) fn accepted(header: &str) -> Self {
        let wanted = header.split(',').filter_map(|one| one.split(';').next());
        let codes = wanted.filter_map(|one| one.trim().split('-').next());
        codes.filter_map(Self::of_code).next().unwrap_or(Self::English)
    }

    /// As `icu` names it. Arabic is written with the digits of the region that the mediators sit in.
    pub(super) fn locale(self) -> Locale {
        match self {
            Self::Ukrainian => locale!("uk"),
            Self::Arabic => locale!("ar-QA-u-nu-arab"),
            Self::Russian => locale!("ru"),
            Self::English => locale!("en-GB"),
        }
    }

    fn langid(self) -> LanguageIdentifier {
        match self {
            Self::Ukrainian => langid!("uk"),
            Self::Arabic => langid!("ar"),
            Self::Russian => langid!("ru"),
            Self::English => langid!("en-GB"),
        }
    }

    fn files(self) -> [&'static str; 10] {
        match self {
            Self::Ukrainian => files!("uk"),
            Self::Arabic => files!("ar"),
            Self::Russian => files!("ru"),
            Self::English => files!("en"),
        }
    }

    pub(super) fn place(self) -> usize {
        Self::ALL.iter().position(|one| *one == self).unwrap_or_default()
    }
}

/// What is put into a sentence.
pub(super) trait Put {
    /// As fluent takes it.
    fn put(&self) -> FluentValue<'static>;
}

impl Put for str {
    fn put(&self) -> FluentValue<'static> {
        FluentValue::String(inside(self).into())
    }
}

/// What fluent puts around each text in a sentence, so that its direction stays its own.
const ISOLATES: [char; 2] = ['\u{2068}', '\u{2069}'];

/// Stands for the names before the last until they are put in. No name holds it: it would be made visible.
const MOST: &str = "\u{1}";

/// A text for a sentence: what steers or hides stands by its number. A sentence that is put into another keeps its
/// isolates; in a name they stay only if each is closed within it, where they reach nothing else.
fn inside(text: &str) -> String {
    let [open, close] = ISOLATES;
    let closes = text.chars().try_fold(0_usize, |depth, c| match c {
        c if c == open => Some(depth + 1),
        c if c == close => depth.checked_sub(1),
        _ => Some(depth),
    });
    if closes != Some(0) {
        return visible(text);
    }
    let pieces = text.split_inclusive(ISOLATES);
    pieces.fold(String::with_capacity(text.len()), |mut all, piece| {
        let words = piece.trim_end_matches(ISOLATES);
        all.push_str(&visible(words));
        all.push_str(piece.strip_prefix(words).unwrap_or_default());
        all
    })
}

/// A date or a time for a sentence, as the language writes it: its marks of direction are our own, and stay.
pub(super) struct Dated(pub(super) String);

impl Put for Dated {
    fn put(&self) -> FluentValue<'static> {
        FluentValue::String(self.0.clone().into())
    }
}

impl Put for String {
    fn put(&self) -> FluentValue<'static> {
        self.as_str().put()
    }
}

impl Put for u64 {
    // What is counted here stays far below the numbers that a float cannot hold.
    fn put(&self) -> FluentValue<'static> {
        FluentValue::from(*self)
    }
}

impl Put for usize {
    fn put(&self) -> FluentValue<'static> {
        FluentValue::from(*self)
    }
}

impl<T: Put + ?Sized> Put for &T {
    fn put(&self) -> FluentValue<'static> {
        (**self).put()
    }
}

/// All texts of one language.
pub(super) struct Texts {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// Those of a language, read once.
    pub(super) fn of(language: Language) -> &'static Self {
        static ALL: [OnceLock<Texts>; 4] = [const { OnceLock::new() }; 4];
        let empty = || Self::read(language);
        match ALL.get(language.place()) {
            Some(one) => one.get_or_init(empty),
            // There are as many places as languages.
            None => Self::of(Language::English),
        }
    }

    fn read(language: Language) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![language.langid()]);
        bundle.set_formatter(Some(match language {
            Language::Ukrainian => in_ukrainian,
            Language::Arabic => in_arabic,
            Language::Russian => in_russian,
            Language::English => in_english,
        }));
        for file in language.files() {
            // A mistake in a file of ours is found by the tests; what can be read is used.
            let resource = match FluentResource::try_new(file.to_owned()) {
                Ok(resource) | Err((resource, _)) => resource,
            };
            bundle.add_resource_overriding(resource);
        }
        Self { language, bundle }
    }

    pub(super) fn language(&self) -> Language {
        self.language
    }

    /// A text by its key.
    pub(super) fn say(&self, key: &str) -> String {
        self.look_up(key, None)
    }

    /// With a number, `$n`.
    pub(super) fn n(&self, key: &str, n: impl Put) -> String {
        self.put(key, &[("n", n.put())])
    }

    /// With a text, `$s`.
    pub(super) fn s(&self, key: &str, s: impl Put) -> String {
        self.put(key, &[("s", s.put())])
    }

    /// With a number and a text, `$n` and `$s`.
    pub(super) fn ns(&self, key: &str, n: impl Put, s: impl Put) -> String {
        self.put(key, &[("n", n.put()), ("s", s.put())])
    }

    /// With two texts, `$s` and `$r`.
    pub(super) fn ss(&self, key: &str, s: impl Put, r: impl Put) -> String {
        self.put(key, &[("s", s.put()), ("r", r.put())])
    }

    /// The label of a code: `stage-located` for `("stage", "located")`; the code itself if this build does not know it.
    pub(super) fn label(&self, family: &str, code: &str) -> String {
        let key = format!("{family}-{}", code.replace('.', "-"));
        if self.bundle.has_message(&key) { self.say(&key) } else { visible(code).replace('_', " ") }
    }

    /// A number with the language's digits and grouping.
    pub(super) fn number(&self, number: u64) -> String {
        digits(self.language, i128::from(number))
    }

    /// Names as a sentence lists them, each in the direction of its own script.
    pub(super) fn list<T: AsRef<str>>(&self, names: &[T]) -> String {
        let [open, close] = ISOLATES;
        let own = |name: &T| format!("{open}{}{close}", visible(name.as_ref()));
        match names {
            [] => String::new(),
            [one] => own(one),
            [most @ .., last] => {
                // Put in apart: fluent would isolate all names but the last as one text, in the direction of the first.
                let values =
                    [("s", FluentValue::from(MOST)), ("r", FluentValue::from(visible(last.as_ref())))];
                let list = self.put("list-last", &values);
                let most: Vec<String> = most.iter().map(own).collect();
                list.replacen(&format!("{open}{MOST}{close}"), &most.join(&self.say("list-comma")), 1)
            }
        }
    }

    fn put(&self, key: &str, values: &[(&'static str, FluentValue<'static>)]) -> String {
        let mut args = FluentArgs::new();
        values.iter().for_each(|(name, value)| args.set(*name, value.clone()));
        self.look_up(key, Some(&args))
    }

    fn look_up(&self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        // An argument that is missing is shown by its name: a test finds it.
        self.bundle.format_pattern(pattern, args, &mut Vec::new()).into_owned()
    }
}

// What fluent asks how a number is written has no way to be told the language.

fn in_ukrainian(value: &FluentValue<'_>, _: &IntlLangMemoizer) -> Option<String> {
    number(Language::Ukrainian, value)
}

fn in_arabic(value: &FluentValue<'_>, _: &IntlLangMemoizer) -> Option<String> {
    number(Language::Arabic, value)
}

fn in_russian(value: &FluentValue<'_>, _: &IntlLangMemoizer) -> Option<String> {
    number(Language::Russian, value)
}

fn in_english(value: &FluentValue<'_>, _: &IntlLangMemoizer) -> Option<String> {
    number(Language::English, value)
}

fn number(language: Language, value: &FluentValue<'_>) -> Option<String> {
    match value {
        #[expect(clippy::cast_possible_truncation, reason = "counts, all of them whole")]
        FluentValue::Number(number) => Some(digits(language, number.value as i128)),
        _ => None,
    }
}

fn digits(language: Language, number: i128) -> String {
    static ALL: [OnceLock<Option<DecimalFormatter>>; 4] = [const { OnceLock::new() }; 4];
    let formatter = ALL.get(language.place()).and_then(|one| {
        one.get_or_init(|| DecimalFormatter::try_new(language.locale().into(), Default::default()).ok())
            .as_ref()
    });
    match formatter {
        Some(formatter) => formatter.format(&Decimal::from(number)).to_string(),
        None => number.to_string(),
    }
}

#[cfg(test)]
mod tests;
