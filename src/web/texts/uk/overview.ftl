overview-title = Огляд
overview-hand-out = Видати
overview-hand-out-how = Лише кількості: без менших за 5 і без того, з чого їх можна обчислити.
overview-what = Що пораховано
overview-cases = Справи
overview-days-in-stage = Біля кожного етапу: скільки його справи на ньому перебувають (половина довше, половина менше)
overview-days = { $n ->
    [one] { $n } день
    [few] { $n } дні
   *[other] { $n } днів
}
overview-journal = Журнал видач
overview-journal-total = { $n ->
    [0] Із цієї машини нічого не видавали.
    [one] Із цієї машини видавали { $n } раз.
    [few] Із цієї машини видавали { $n } рази.
   *[other] Із цієї машини видавали { $n } разів.
}
overview-when = Коли
overview-who = Хто
overview-took = Що
overview-recipient = Для кого
overview-purpose = З якою метою
overview-all = Усі справи
overview-few = менше 5
overview-withheld = не показано
overview-counted-by = За
overview-by-stage = Етап
overview-by-circle = Коло
overview-by-office = Офіс, який назвав дитину
overview-by-age = Вік
overview-by-quiet = Остання зміна
overview-by-month = Відкрито
overview-over-stage = Етапи, місяць за місяцем
overview-over-stage-note = На кінець кожного місяця, останній – дотепер. Кожну справу пораховано на тому етапі, який план назвав останнім. До того, що передають назовні, це не входить.
overview-over-office = Офіси, місяць за місяцем
overview-over-office-note = Справи, про які офіс щось сказав до кінця кожного місяця. До того, що передають назовні, це не входить.
overview-by-differs = Відомості різняться
overview-by-conflict = Розбіжність у плані
overview-by-urgency = Терміновість
overview-not-said = Не вказано
overview-age-from = { $n ->
    [one] { $n } і більше
   *[other] { $n } і більше
}
overview-age-band = { $s }–{ $r }
overview-quiet-week = Протягом тижня
overview-quiet-month = Протягом місяця
overview-quiet-quarter = Протягом трьох місяців
overview-quiet-year = Протягом року
overview-quiet-more = Давніше
overview-before = Раніше
overview-took-everything = Усе
overview-took-counts = Кількості
overview-took-bundle = Пакет
overview-took-list = { $n ->
    [one] Список: { $n } справа
    [few] Список: { $n } справи
   *[other] Список: { $n } справ
}
overview-took-backup = Резервна копія, яку відкриває окремий ключ
overview-took-case = Справа { $s }
