//! What the offices of the bench write: values for 30 fields, plan values and dated notes, mostly in Ukrainian.
//!
//! Names, places and sentences repeat as they do in real lists, and are drawn anew for each child as real ones are,
//! so that compression has neither less nor more to find than it would. All of them are invented.

use super::chance::Chance;
use homeward::case::{Claim, Date, Name, NameKind, Place, PlanKey, Precision, Source, SourceKind, Value};
use homeward::private::Private;

const ROOTS: [&str; 64] = [
    "Осін",
    "Верб",
    "Громак",
    "Тополин",
    "Явір",
    "Калин",
    "Дубров",
    "Берез",
    "Степов",
    "Лугов",
    "Озерн",
    "Ковал",
    "Мельник",
    "Бондар",
    "Гончар",
    "Скляр",
    "Ткач",
    "Кравц",
    "Швец",
    "Кушнір",
    "Рибал",
    "Пастух",
    "Чумак",
    "Козак",
    "Соловей",
    "Журавл",
    "Лелек",
    "Сокол",
    "Голуб",
    "Синиц",
    "Заєць",
    "Вовк",
    "Лис",
    "Бобр",
    "Мороз",
    "Зим",
    "Весн",
    "Літн",
    "Хмар",
    "Вітр",
    "Сонц",
    "Зорян",
    "Місяч",
    "Ранков",
    "Вечір",
    "Полуд",
    "Кам'ян",
    "Піщан",
    "Глин",
    "Крем",
    "Золот",
    "Срібн",
    "Мідн",
    "Крайн",
    "Гірськ",
    "Долин",
    "Яр",
    "Байрак",
    "Левад",
    "Гайов",
    "Бор",
    "Сад",
    "Пасіч",
    "Хутор",
];
const ENDINGS: [&str; 10] = ["енко", "чук", "ський", "ук", "ієць", "ів", "ович", "ко", "ак", "юк"];
const BOYS: [&str; 36] = [
    "Андрій",
    "Артем",
    "Богдан",
    "Валентин",
    "Василь",
    "Віктор",
    "Володимир",
    "Георгій",
    "Гліб",
    "Данило",
    "Денис",
    "Дмитро",
    "Євген",
    "Захар",
    "Іван",
    "Ігор",
    "Ілля",
    "Кирило",
    "Костянтин",
    "Левко",
    "Максим",
    "Марко",
    "Матвій",
    "Микита",
    "Микола",
    "Назар",
    "Олег",
    "Олександр",
    "Павло",
    "Петро",
    "Роман",
    "Сергій",
    "Степан",
    "Тарас",
    "Тимофій",
    "Ярослав",
];
const GIRLS: [&str; 34] = [
    "Аліна",
    "Анастасія",
    "Анна",
    "Валерія",
    "Варвара",
    "Вероніка",
    "Вікторія",
    "Віра",
    "Ганна",
    "Дарина",
    "Діана",
    "Єва",
    "Євгенія",
    "Златослава",
    "Зоряна",
    "Ірина",
    "Каміла",
    "Катерина",
    "Кіра",
    "Лілія",
    "Любов",
    "Маргарита",
    "Марія",
    "Мирослава",
    "Надія",
    "Оксана",
    "Олена",
    "Ольга",
    "Поліна",
    "Соломія",
    "Софія",
    "Тетяна",
    "Уляна",
    "Юлія",
];
const FATHERS: [&str; 20] = [
    "Андрій",
    "Богдан",
    "Василь",
    "Віктор",
    "Володимир",
    "Дмитр",
    "Іван",
    "Ігор",
    "Максим",
    "Микола",
    "Михайл",
    "Олег",
    "Олександр",
    "Павл",
    "Петр",
    "Роман",
    "Сергій",
    "Степан",
    "Юрій",
    "Ярослав",
];
const TOWNS: [&str; 40] = [
    "Маріуполь",
    "Харків",
    "Херсон",
    "Запоріжжя",
    "Бердянськ",
    "Мелітополь",
    "Токмак",
    "Енергодар",
    "Каховка",
    "Скадовськ",
    "Генічеськ",
    "Олешки",
    "Лиман",
    "Ізюм",
    "Куп'янськ",
    "Вовчанськ",
    "Балаклія",
    "Бахмут",
    "Соледар",
    "Торецьк",
    "Волноваха",
    "Вугледар",
    "Мар'їнка",
    "Авдіївка",
    "Сєвєродонецьк",
    "Лисичанськ",
    "Рубіжне",
    "Кремінна",
    "Старобільськ",
    "Щастя",
    "Приморськ",
    "Пологи",
    "Оріхів",
    "Гуляйполе",
    "Василівка",
    "Снігурівка",
    "Берислав",
    "Гола Пристань",
    "Чаплинка",
    "Нововоронцовка",
];
const STREETS: [&str; 30] = [
    "Вишнева",
    "Садова",
    "Лісова",
    "Польова",
    "Зелена",
    "Набережна",
    "Шкільна",
    "Сонячна",
    "Миру",
    "Молодіжна",
    "Центральна",
    "Степова",
    "Весняна",
    "Калинова",
    "Берегова",
    "Паркова",
    "Яблунева",
    "Квіткова",
    "Річкова",
    "Нова",
    "Соборна",
    "Козацька",
    "Джерельна",
    "Горіхова",
    "Липова",
    "Каштанова",
    "Тополина",
    "Світанкова",
    "Затишна",
    "Озерна",
];
const HOUSES: [&str; 10] = [
    "школа-інтернат",
    "дитячий будинок",
    "санаторій",
    "лікарня",
    "центр реабілітації",
    "табір відпочинку",
    "притулок",
    "навчальний центр",
    "прийомна родина",
    "гуртожиток",
];
const WHO: [&str; 16] = [
    "тітка",
    "бабуся",
    "дідусь",
    "мати",
    "батько",
    "старша сестра",
    "дядько",
    "сусідка",
    "класна керівниця",
    "вихователька",
    "лікарка",
    "волонтерка",
    "хрещена",
    "опікунка",
    "двоюрідний брат",
    "соціальна працівниця",
];
const DID: [&str; 20] = [
    "зателефонувала і підтвердила адресу",
    "надіслала копію свідоцтва про народження",
    "просить повідомити про дату виїзду",
    "бачила дитину минулого тижня",
    "передала фотографію",
    "не відповідає на дзвінки",
    "готова приїхати будь-якого дня",
    "чекає на закордонний паспорт",
    "повідомила новий номер телефону",
    "уточнила дату народження",
    "шукає через знайомих",
    "просить перекладача",
    "підписала згоду",
    "має медичну довідку",
    "уточнила обставини розлучення",
    "переїхала до іншого міста",
    "отримала листа від дитини",
    "просить не телефонувати вранці",
    "привезла документи особисто",
    "запитує про молодшого брата",
];
const NEXT: [&str; 14] = [
    "Передзвонити у понеділок.",
    "Чекаємо на відповідь.",
    "Документи перевірено.",
    "Передано до посольства.",
    "Потрібен ще один підпис.",
    "Домовлено про зустріч.",
    "Справу показано керівниці.",
    "Потрібен переклад.",
    "Маршрут узгоджується.",
    "Лікар дозволив подорож.",
    "Запит повторено.",
    "Відповіді поки немає.",
    "Додано до списку.",
    "Підтверджено телефоном.",
];
const LEFT_HOW: [&str; 8] = [
    "евакуація закладу",
    "лікарня",
    "табір відпочинку",
    "затримання опікуна",
    "втрата зв'язку в дорозі",
    "виїзд із родичами",
    "переведення до іншого закладу",
    "обставини з'ясовуються",
];
const MARKS: [&str; 12] = [
    "родимка на лівій щоці",
    "шрам на правому коліні",
    "шрам над бровою",
    "родимка на плечі",
    "носить окуляри",
    "слід від опіку на руці",
    "ластовиння",
    "щербинка між зубами",
    "шрам на підборідді",
    "родимка за вухом",
    "слуховий апарат",
    "немає особливих прикмет",
];
const HEALTH: [&str; 12] = [
    "здорова дитина",
    "астма, має інгалятор",
    "алергія на горіхи",
    "потребує окулярів",
    "перелом руки, загоївся",
    "діабет, інсулін тричі на день",
    "алергія на молоко",
    "тривожний сон",
    "часті застуди",
    "після операції, обмежене навантаження",
    "алергія на пеніцилін",
    "щеплення за календарем",
];
const COLOURS: [&str; 8] =
    ["русяве", "темне", "світле", "руде", "каштанове", "чорне", "темно-русяве", "попелясте"];
const EYES: [&str; 6] = ["карі", "сірі", "блакитні", "зелені", "сіро-зелені", "темно-карі"];
const OPERATORS: [[&str; 3]; 6] = [
    ["Оксана К.", "Тетяна М.", "Ігор В."],
    ["Khalid", "Maryam", "Yusuf"],
    ["Ирина П.", "Сергей Л.", "Анна Д."],
    ["Mart", "Liis", "Kadri"],
    ["Zofia", "Marek", "Ewa"],
    ["Dace", "Juris", "Inese"],
];

/// The 30 fields. The first ten are written when a case is opened, in this order.
pub(super) const FIELDS: [&str; 30] = [
    "name",
    "birth_date",
    "sex",
    "outside_id",
    "birthplace",
    "last_residence",
    "separation.when",
    "separation.where",
    "separation.circumstances",
    "direction",
    "urgency",
    "citizenship",
    "languages",
    "marks",
    "hair",
    "eyes",
    "height_cm",
    "separation.last_contact",
    "whereabouts.place",
    "whereabouts.certainty",
    "whereabouts.institution",
    "relative.name",
    "relative.relation",
    "relative.phone",
    "relative.place",
    "relative.may_travel",
    "tracing.state",
    "tracing.action",
    "wishes",
    "health.conditions",
];
/// How many of them open a case.
pub(super) const OPENING_FIELDS: usize = 10;

/// A field for a later edit: what is once known for good (sex, numbers, direction) is seldom said again.
pub(super) fn field_to_update(chance: &mut Chance) -> usize {
    let drawn = chance.below(FIELDS.len() as u64) as usize;
    match FIELDS.get(drawn) {
        Some(&"sex" | &"outside_id" | &"direction" | &"citizenship") => {
            chance.below(FIELDS.len() as u64) as usize
        }
        _ => drawn,
    }
}

/// The plan fields in use.
pub(super) const PLAN_KEYS: [(&str, &str, &str); 10] = [
    ("case", "", "stage"),
    ("case", "", "who"),
    ("leg", "1", "from"),
    ("leg", "1", "to"),
    ("leg", "1", "planned"),
    ("leg", "2", "border_point"),
    ("leg", "2", "state"),
    ("task", "papers", "what"),
    ("task", "papers", "due"),
    ("paper", "passport", "number"),
];

/// What is so of one child, whoever writes it down.
pub(super) struct Child {
    girl: bool,
    surname: String,
    given: &'static str,
    patronymic: String,
    born: (u64, u64, u64),
    town: &'static str,
    street: &'static str,
    number: u64,
}

impl Child {
    /// The child of a case, always the same.
    pub(super) fn of(seed: u64, case: u64) -> Self {
        let mut chance = Chance::new(seed, 0x0063_6869_6c64_0000 ^ case);
        let girl = chance.percent(50);
        let father = chance.one(&FATHERS);
        let patronymic = match (girl, father.ends_with('й')) {
            (true, true) => format!("{}ївна", father.trim_end_matches('й')),
            (true, false) => format!("{father}івна"),
            (false, true) => format!("{}йович", father.trim_end_matches('й')),
            (false, false) => format!("{father}ович"),
        };
        Self {
            girl,
            surname: surname(&mut chance),
            given: if girl { chance.one(&GIRLS) } else { chance.one(&BOYS) },
            patronymic,
            born: (chance.between(2008, 2023), chance.between(1, 12), chance.between(1, 28)),
            town: chance.one(&TOWNS),
            street: chance.one(&STREETS),
            number: case,
        }
    }
}

/// Who sits at a node's machine.
pub(super) fn operator(partner: usize, chance: &mut Chance) -> Private<String> {
    let people = OPERATORS.get(partner % OPERATORS.len()).unwrap_or(&[""; 3]);
    Private::from(chance.one(people))
}

/// What a partner claims of one field (an index of [`FIELDS`]).
pub(super) fn claim(field: usize, child: &Child, partner: usize, chance: &mut Chance) -> Claim {
    let code = FIELDS.get(field).copied().unwrap_or_default();
    let group = match code.split_once('.') {
        Some(("relative", _)) => format!("r{}", chance.between(1, 2)),
        Some(("whereabouts" | "tracing", _)) if code != "tracing.state" => {
            format!("s{}", chance.between(1, 4))
        }
        _ => String::new(),
    };
    Claim {
        field: code.to_owned(),
        group,
        value: value(code, child, partner, chance),
        source: source(child, chance),
        replaces: Vec::new(),
        origin: None,
    }
}

fn value(code: &str, child: &Child, partner: usize, chance: &mut Chance) -> Value {
    match code {
        "name" => Value::Name(Name {
            kind: NameKind::Listed,
            surname: Private::from(child.surname.as_str()),
            given: Private::from(child.given),
            // Offices know more or less of it.
            patronymic: if chance.percent(70) {
                Private::from(child.patronymic.as_str())
            } else {
                Private::default()
            },
            whole: Private::default(),
        }),
        "birth_date" => birth(child, chance),
        "sex" => code_value(if child.girl { "female" } else { "male" }),
        "outside_id" => Value::Outside {
            system: Private::new(format!("list-{partner}")),
            number: Private::new(format!(
                "{}{:05}",
                char::from(b'A' + (partner % 26) as u8),
                child.number + 1
            )),
        },
        "birthplace" | "last_residence" | "separation.where" => {
            let town = if chance.percent(85) { child.town } else { chance.one(&TOWNS) };
            place(town.to_owned())
        }
        "whereabouts.place" => place(format!("{}, {}", chance.one(&TOWNS), chance.one(&HOUSES))),
        "relative.place" => {
            place(format!("{}, вул. {} {}", child.town, chance.one(&STREETS), chance.between(1, 140)))
        }
        "separation.when" | "separation.last_contact" => {
            day((chance.between(2022, 2025), chance.between(1, 12), chance.between(1, 28)))
        }
        "separation.circumstances" => {
            text(format!("{}, {}, вул. {}", chance.one(&LEFT_HOW), child.town, child.street))
        }
        "direction" => code_value("to_ukraine"),
        "urgency" => code_value(chance.one(&["normal", "normal", "urgent", "critical"])),
        "citizenship" => text("Україна".to_owned()),
        "languages" => {
            text(chance.one(&["українська", "українська, російська", "українська, англійська"]).to_owned())
        }
        "marks" => text(chance.one(&MARKS).to_owned()),
        "hair" => text(chance.one(&COLOURS).to_owned()),
        "eyes" => text(chance.one(&EYES).to_owned()),
        "height_cm" => Value::Number(chance.between(72, 184) as i64),
        "whereabouts.certainty" => code_value(chance.one(&["confirmed", "reported", "inferred"])),
        "whereabouts.institution" => {
            text(format!("{} №{}, {}", chance.one(&HOUSES), chance.between(1, 60), chance.one(&TOWNS)))
        }
        "relative.name" => Value::Name(Name {
            surname: Private::from(child.surname.as_str()),
            given: Private::from(chance.one(&GIRLS)),
            patronymic: Private::from(child.patronymic.as_str()),
            ..Name::default()
        }),
        "relative.relation" => code_value(chance.one(&["mother", "father", "grandmother", "aunt", "sister"])),
        "relative.phone" => text(format!(
            "+380 00 {:03} {:02} {:02}",
            chance.below(1000),
            chance.below(100),
            chance.below(100)
        )),
        "relative.may_travel" => Value::Flag(chance.percent(60)),
        "tracing.state" => code_value(chance.one(&["open", "in_progress", "located", "verified"])),
        "health.conditions" => text(chance.one(&HEALTH).to_owned()),
        // Actions, wishes: a sentence.
        _ => text(sentence(chance)),
    }
}

/// What an office plans in one field (an index of [`PLAN_KEYS`]).
pub(super) fn plan(key: usize, child: &Child, chance: &mut Chance) -> (PlanKey, Value) {
    let (kind, id, field) = PLAN_KEYS.get(key).copied().unwrap_or_default();
    let value = match field {
        "stage" => code_value(chance.one(&[
            "documented",
            "registered",
            "tracing",
            "located",
            "verified",
            "agreed",
            "papers_ready",
            "in_transit",
        ])),
        "who" => text(format!("{} {}.", surname(chance), initial(chance))),
        "from" | "to" => place(if chance.percent(40) { child.town } else { chance.one(&TOWNS) }.to_owned()),
        "border_point" => {
            place(chance.one(&["Нарва", "Койдула", "Брест", "Доманове", "Терехова", "Лухамаа"]).to_owned())
        }
        "planned" | "due" => day((2026, chance.between(1, 12), chance.between(1, 28))),
        "state" => code_value(chance.one(&["planned", "ready", "under_way", "done"])),
        "number" => text(format!("FА {:06}", chance.below(1_000_000))),
        _ => text(sentence(chance)),
    };
    (PlanKey { kind: kind.to_owned(), id: id.to_owned(), field: field.to_owned() }, value)
}

/// A dated line of the shared note.
pub(super) fn note(day_of_work: u64, child: &Child, chance: &mut Chance) -> String {
    let (month, day) = (day_of_work / 28 % 12 + 1, day_of_work % 28 + 1);
    let person =
        if chance.percent(30) { format!(" ({} {}.)", child.surname, initial(chance)) } else { String::new() };
    format!(
        "{day:02}.{month:02}.2026 {}{person} {}. {}\n",
        chance.one(&WHO),
        chance.one(&DID),
        chance.one(&NEXT)
    )
}

fn sentence(chance: &mut Chance) -> String {
    format!("{} {}, {}", chance.one(&WHO), chance.one(&DID), chance.one(&TOWNS))
}

fn surname(chance: &mut Chance) -> String {
    format!("{}{}", chance.one(&ROOTS), chance.one(&ENDINGS))
}

fn initial(chance: &mut Chance) -> char {
    chance.one(&BOYS).chars().next().unwrap_or('А')
}

fn source(child: &Child, chance: &mut Chance) -> Source {
    let mut source = Source::default();
    match chance.below(10) {
        0 => {
            source.kind = SourceKind::Document;
            source.text = Private::new(format!("свідоцтво І-НО №{:06}", chance.below(1_000_000)));
        }
        1 => {
            source.kind = SourceKind::Person;
            source.given_by = Private::new(format!("{} {}", chance.one(&WHO), child.surname));
        }
        2 | 3 => {
            source.kind = SourceKind::ListLine;
            source.text =
                Private::new(format!("список {}, рядок {}", chance.between(1, 12), child.number % 561 + 2));
        }
        _ => {}
    }
    source
}

fn birth(child: &Child, chance: &mut Chance) -> Value {
    let (year, month, day_of_month) = child.born;
    match chance.below(20) {
        // Day and month taken for each other, a year that differs, a year alone.
        0 => day((year, day_of_month.min(12), month)),
        1 => day((year + 1, month, day_of_month)),
        2 => Value::Date(Date {
            earliest: (year * 10_000 + 101) as u32,
            latest: (year * 10_000 + 1231) as u32,
            precision: Precision::Year,
        }),
        _ => day((year, month, day_of_month)),
    }
}

fn day((year, month, day): (u64, u64, u64)) -> Value {
    let number = (year * 10_000 + month * 100 + day) as u32;
    Value::Date(Date { earliest: number, latest: number, precision: Precision::Day })
}

fn place(name: String) -> Value {
    Value::Place(Place { name: Private::new(name), also: Private::default() })
}

fn text(text: String) -> Value {
    Value::Text(Private::new(text))
}

fn code_value(code: &str) -> Value {
    Value::Code(Private::from(code))
}
