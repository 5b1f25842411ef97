//! Given names, and the patronymics made of them, whose forms no folding brings together: Микола and Николай, Ганна
//! and Анна, Пилип and Филипп.
//!
//! The table is sorted by form, in the folding of `fold::latin`, so that a look-up is a binary search; the group is
//! called by the KMU 2010 spelling of one of its names and means nothing by itself. A short form that serves several
//! names stands with none. To add a name, add its folded forms in their place: the test says if one is not folded,
//! not in order, or twice.

/// The group that a folded word belongs to, if it is a given name or patronymic of the table.
pub(super) fn group(latin: &str) -> Option<&'static str> {
    let at = GROUPS.binary_search_by(|(form, _)| (*form).cmp(latin)).ok()?;
    GROUPS.get(at).map(|(_, group)| *group)
}

/// The groups that have a form which begins with a folded text.
pub(super) fn groups_begun(latin: &str) -> impl Iterator<Item = &'static str> {
    let from = GROUPS.partition_point(|(form, _)| *form < latin);
    let begun = GROUPS.get(from..).unwrap_or_default().iter();
    begun.take_while(move |(form, _)| form.starts_with(latin)).map(|(_, group)| *group)
}

/// Folded form, group.
#[rustfmt::skip]
const GROUPS: &[(&str, &str)] = &[
    ("afanasevic", "opanasovych"), ("afanasevna", "opanasivna"), ("afanasi", "opanas"), ("afina", "afina"),
    ("agafa", "ahata"), ("agata", "ahata"), ("aifan", "ivan"), ("aila", "illia"), ("aksina", "kseniia"),
    ("aleks", "oleksandr"), ("aleksander", "oleksandr"), ("aleksandr", "oleksandr"),
    ("aleksandra", "oleksandra"), ("aleksei", "oleksii"), ("aleksevic", "oleksiiovych"),
    ("aleksis", "oleksii"), ("aleksivic", "oleksiiovych"), ("aleksivna", "oleksiivna"), ("alice", "alisa"),
    ("alina", "alina"), ("alisa", "alisa"), ("ana", "anna"), ("anastasa", "anastasiia"),
    ("anatoli", "anatolii"), ("andrei", "andrii"), ("andrev", "andrii"), ("andri", "andrii"),
    ("angelina", "angelina"), ("antin", "anton"), ("anton", "anton"), ("antonina", "antonina"),
    ("anuta", "anna"), ("anzelina", "angelina"), ("arina", "arina"), ("arsen", "arsenii"),
    ("arseni", "arsenii"), ("artem", "artem"), ("artom", "artem"), ("askndr", "oleksandr"),
    ("bogdan", "bohdan"), ("boris", "borys"), ("btrs", "petro"), ("buls", "pavlo"), ("ciril", "kyrylo"),
    ("cristina", "khrystyna"), ("dana", "diana"), ("danal", "danylo"), ("danel", "danylo"),
    ("danil", "danylo"), ("danila", "danylo"), ("danilo", "danylo"), ("dara", "dariia"),
    ("darina", "dariia"), ("dasa", "dariia"), ("denis", "denys"), ("dima", "dmytro"),
    ("dmitrevic", "dmytrovych"), ("dmitrevna", "dmytrivna"), ("dmitri", "dmytro"),
    ("dmitrivna", "dmytrivna"), ("dmitro", "dmytro"), ("dmitrovic", "dmytrovych"), ("eduard", "eduard"),
    ("edvard", "eduard"), ("efim", "yukhym"), ("efimovic", "yukhymovych"), ("efimovna", "yukhymivna"),
    ("efrosina", "yefrosyniia"), ("egor", "yehor"), ("ekaterina", "kateryna"), ("elas", "illia"),
    ("elena", "olena"), ("elina", "elina"), ("elizabet", "yelyzaveta"), ("elizaveta", "yelyzaveta"),
    ("emila", "emiliia"), ("eugena", "evheniia"), ("eugene", "evhen"), ("eva", "eva"),
    ("evfrosina", "yefrosyniia"), ("evgen", "evhen"), ("evgena", "evheniia"), ("evgeni", "evhen"),
    ("evstafi", "ostap"), ("fedir", "fedir"), ("fedor", "fedir"), ("feodosa", "feodosiia"),
    ("feodosi", "feodosii"), ("filip", "pylyp"), ("filipovic", "pylypovych"), ("filipovna", "pylypivna"),
    ("fodor", "fedir"), ("frosa", "yefrosyniia"), ("gala", "halyna"), ("galina", "halyna"),
    ("gana", "anna"), ("ganag", "anna"), ("ganusa", "anna"), ("gelen", "olena"), ("gelena", "olena"),
    ("george", "heorhii"), ("georgi", "heorhii"), ("german", "herman"), ("gleb", "hlib"), ("glib", "hlib"),
    ("gregori", "hryhorii"), ("gricko", "hryhorii"), ("grigorevic", "hryhorovych"),
    ("grigorevna", "hryhorivna"), ("grigori", "hryhorii"), ("grigorivna", "hryhorivna"),
    ("grigorovic", "hryhorovych"), ("grisa", "hryhorii"), ("gua", "eva"), ("iakiv", "yakiv"),
    ("iakivna", "yakivna"), ("iakob", "yakiv"), ("iakov", "yakiv"), ("iakovic", "yakovych"),
    ("iakovlevic", "yakovych"), ("iakovlevna", "yakivna"), ("iana", "yana"), ("iarina", "iryna"),
    ("iaroslav", "yaroslav"), ("iaroslava", "yaroslava"), ("iasa", "yakiv"), ("igor", "ihor"),
    ("ila", "illia"), ("ilic", "illich"), ("ilinicna", "illivna"), ("ilivna", "illivna"), ("ina", "inna"),
    ("iogn", "ivan"), ("iosef", "yosyp"), ("iosif", "yosyp"), ("iosifovic", "yosypovych"),
    ("iosifovna", "yosypivna"), ("iosip", "yosyp"), ("iosipivna", "yosypivna"), ("iosipovic", "yosypovych"),
    ("ira", "iryna"), ("irina", "iryna"), ("iugna", "ivan"), ("iukim", "yukhym"),
    ("iukimivna", "yukhymivna"), ("iukimovic", "yukhymovych"), ("iula", "yuliia"), ("iura", "yurii"),
    ("iurevic", "yuriiovych"), ("iurevna", "yuriivna"), ("iuri", "yurii"), ("iuriovic", "yuriiovych"),
    ("iurivna", "yuriivna"), ("iurj", "heorhii"), ("iurko", "yurii"), ("iusf", "yosyp"), ("iusuf", "yosyp"),
    ("ivan", "ivan"), ("ivanko", "ivan"), ("kata", "kateryna"), ("katerina", "kateryna"),
    ("katerine", "kateryna"), ("kira", "kira"), ("kiril", "kyrylo"), ("kirilo", "kyrylo"),
    ("kola", "mykola"), ("konstantin", "kostiantyn"), ("konstantine", "kostiantyn"),
    ("konstantinovic", "kostiantynovych"), ("konstantinovna", "kostiantynivna"), ("kosta", "kostiantyn"),
    ("kostantin", "kostiantyn"), ("kostantinivna", "kostiantynivna"), ("kostantinovic", "kostiantynovych"),
    ("kristina", "khrystyna"), ("ksena", "kseniia"), ("kvedir", "fedir"), ("larisa", "larysa"),
    ("lena", "olena"), ("leo", "lev"), ("leonid", "leonid"), ("lera", "valeriia"), ("lesa", "lesia"),
    ("lev", "lev"), ("lida", "lidiia"), ("liza", "yelyzaveta"), ("luba", "liubov"), ("lubov", "liubov"),
    ("luda", "liudmyla"), ("ludmila", "liudmyla"), ("luka", "luka"), ("lukan", "lukian"), ("luke", "luka"),
    ("lukinicna", "lukivna"), ("lukivna", "lukivna"), ("maks", "maksym"), ("maksim", "maksym"),
    ("mara", "mariia"), ("margarita", "marharyta"), ("mari", "mariia"), ("maria", "mariia"),
    ("marina", "maryna"), ("marusa", "mariia"), ("masa", "mariia"), ("matev", "matvii"),
    ("matvei", "matvii"), ("matvi", "matvii"), ("micael", "mykhailo"), ("migail", "mykhailo"),
    ("mikail", "mykhailo"), ("mikailik", "mykhailo"), ("mikailo", "mykhailo"),
    ("mikailovic", "mykhailovych"), ("mikita", "mykyta"), ("mikitivna", "mykytivna"),
    ("mikitovic", "mykytovych"), ("mikola", "mykola"), ("mikolaivna", "mykolaivna"),
    ("mikolaovic", "mykolaiovych"), ("miron", "myron"), ("miroslav", "myroslav"),
    ("miroslava", "myroslava"), ("misa", "mykhailo"), ("mita", "dmytro"), ("mrim", "mariia"),
    ("nada", "nadiia"), ("nadezda", "nadiia"), ("nasta", "anastasiia"), ("nastuna", "anastasiia"),
    ("natala", "natalia"), ("natale", "natalia"), ("natalka", "natalia"), ("natasa", "natalia"),
    ("nazar", "nazar"), ("nazari", "nazar"), ("nicolas", "mykola"), ("nikita", "mykyta"),
    ("nikitic", "mykytovych"), ("nikiticna", "mykytivna"), ("nikolaevic", "mykolaiovych"),
    ("nikolaevna", "mykolaivna"), ("nikolai", "mykola"), ("nikolaj", "mykola"), ("nikulai", "mykola"),
    ("nina", "nina"), ("odarka", "dariia"), ("oksana", "oksana"), ("ola", "olha"), ("oleg", "oleh"),
    ("oleksa", "oleksii"), ("oleksandr", "oleksandr"), ("oleksandra", "oleksandra"), ("oleksi", "oleksii"),
    ("oleksiovic", "oleksiiovych"), ("oleksivna", "oleksiivna"), ("olena", "olena"), ("olenka", "olena"),
    ("olesa", "lesia"), ("olga", "olha"), ("onopri", "onufrii"), ("onufri", "onufrii"),
    ("opanas", "opanas"), ("opanasivna", "opanasivna"), ("opanasovic", "opanasovych"), ("osip", "yosyp"),
    ("osipovic", "yosypovych"), ("osipovna", "yosypivna"), ("ostap", "ostap"), ("palaska", "palazhka"),
    ("palazka", "palazhka"), ("pasa", "pavlo"), ("paul", "pavlo"), ("pauline", "polina"),
    ("pavel", "pavlo"), ("pavlo", "pavlo"), ("pavlovic", "pavlovych"), ("pelaga", "palazhka"),
    ("pelagea", "palazhka"), ("peta", "petro"), ("peter", "petro"), ("petr", "petro"), ("petro", "petro"),
    ("pilip", "pylyp"), ("pilipivna", "pylypivna"), ("pilipovic", "pylypovych"), ("platon", "platon"),
    ("polina", "polina"), ("potr", "petro"), ("rita", "marharyta"), ("roma", "roman"), ("roman", "roman"),
    ("ruslan", "ruslan"), ("samilo", "samiilo"), ("samuil", "samiilo"), ("sasa", "oleksandr"),
    ("sasko", "oleksandr"), ("sema", "semen"), ("semen", "semen"), ("semon", "semen"), ("sereza", "serhii"),
    ("serge", "serhii"), ("sergei", "serhii"), ("sergi", "serhii"), ("simeon", "semen"), ("simon", "semen"),
    ("slava", "viacheslav"), ("sofa", "sofiia"), ("soloma", "solomiia"), ("sona", "sofiia"),
    ("stanislav", "stanislav"), ("stas", "stanislav"), ("stefan", "stepan"), ("stefana", "stefaniia"),
    ("stefen", "stepan"), ("stepan", "stepan"), ("stepanida", "stefaniia"), ("sufa", "sofiia"),
    ("sura", "oleksandra"), ("svatoslav", "sviatoslav"), ("sveta", "svitlana"), ("svetlana", "svitlana"),
    ("svita", "svitlana"), ("svitlana", "svitlana"), ("tana", "tetiana"), ("taras", "taras"),
    ("tatana", "tetiana"), ("tema", "artem"), ("teodore", "fedir"), ("teodosa", "feodosiia"),
    ("teodosi", "feodosii"), ("teodoza", "feodosiia"), ("tetana", "tetiana"), ("tetanka", "tetiana"),
    ("tikon", "tykhon"), ("timofei", "tymofii"), ("timofi", "tymofii"), ("timofiovic", "tymofiiovych"),
    ("timofivic", "tymofiiovych"), ("timosa", "tymofii"), ("timoti", "tymofii"), ("timur", "tymur"),
    ("tola", "anatolii"), ("tona", "antonina"), ("trofim", "trokhym"), ("trofimovic", "trokhymovych"),
    ("trokim", "trokhym"), ("trokimovic", "trokhymovych"), ("ulana", "uliana"), ("vaceslav", "viacheslav"),
    ("vadim", "vadym"), ("valentin", "valentyn"), ("valentina", "valentyna"), ("valera", "valeriia"),
    ("valeri", "valerii"), ("vana", "ivan"), ("vasa", "vasyl"), ("vasil", "vasyl"),
    ("vasilevic", "vasylovych"), ("vasilevna", "vasylivna"), ("vasili", "vasyl"), ("vasilina", "vasylyna"),
    ("vasilisa", "vasylyna"), ("vasilivna", "vasylivna"), ("vasilovic", "vasylovych"), ("vera", "vira"),
    ("vika", "viktoriia"), ("viktor", "viktor"), ("viktora", "viktoriia"), ("vira", "vira"),
    ("vita", "viktor"), ("vitali", "vitalii"), ("vitalik", "vitalii"), ("vlad", "vladyslav"),
    ("vlada", "vladyslava"), ("vladimir", "volodymyr"), ("vladislav", "vladyslav"),
    ("vladislava", "vladyslava"), ("voloda", "volodymyr"), ("volodimir", "volodymyr"),
    ("vova", "volodymyr"), ("zagar", "zakhar"), ("zakar", "zakhar"), ("zena", "evhen"), ("zina", "zinaida"),
    ("zinaida", "zinaida"), ("zlata", "zlata"), ("zoa", "zoia"), ("zora", "heorhii"),
];

#[cfg(test)]
mod tests {
    use super::super::fold::latin;
    use super::*;

    #[test]
    fn the_table_is_folded_and_sorted() {
        for pair in GROUPS.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{} stands before {}", pair[0].0, pair[1].0);
        }
        for (form, _) in GROUPS {
            assert!(form.chars().all(|c| "abcdefgijklmnoprstuvz".contains(c)), "{form} is not folded");
            assert!(form.as_bytes().windows(2).all(|two| two[0] != two[1]), "{form} is not folded");
        }
    }

    #[test]
    fn forms_of_one_name_meet_and_others_do_not() {
        for (one, other) in [
            ("Микола", "Nikolai"),
            ("Ганна", "Anna"),
            ("Пилип", "Филипп"),
            ("Oleksandr", "Александр"),
            ("Дмитро", "Dmitri"),
            ("Надія", "Надежда"),
            ("Дарина", "Дарья"),
            ("Юрій", "Iurii"),
            ("Микитович", "Никитич"),
        ] {
            assert!(group(&latin(one)).is_some(), "{one}");
            assert_eq!(group(&latin(one)), group(&latin(other)), "{one} {other}");
        }
        for (one, other) in
            [("Ілля", "Юлія"), ("Аліна", "Олена"), ("Марія", "Марина"), ("Яна", "Анна"), ("Ярина", "Аріна")]
        {
            assert!(
                group(&latin(one)).is_some() && group(&latin(one)) != group(&latin(other)),
                "{one} {other}"
            );
        }
    }
}
