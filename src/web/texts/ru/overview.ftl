overview-title = Обзор
overview-hand-out = Выдать
overview-hand-out-how = Только количества: без меньших 5 и без того, из чего их можно вычислить.
overview-what = Что посчитано
overview-cases = Дела
overview-days-in-stage = Возле каждого этапа: сколько его дела на нём находятся (половина дольше, половина меньше)
overview-days = { $n ->
    [one] { $n } день
    [few] { $n } дня
   *[other] { $n } дней
}
overview-journal = Журнал выдач
overview-journal-total = { $n ->
    [0] С этой машины ничего не выдавали.
    [one] С этой машины выдавали { $n } раз.
    [few] С этой машины выдавали { $n } раза.
   *[other] С этой машины выдавали { $n } раз.
}
overview-when = Когда
overview-who = Кто
overview-took = Что
overview-recipient = Для кого
overview-purpose = С какой целью
overview-all = Все дела
overview-few = меньше 5
overview-withheld = не показано
overview-counted-by = По
overview-by-stage = Этап
overview-by-circle = Круг
overview-by-office = Офис, назвавший ребёнка
overview-by-age = Возраст
overview-by-quiet = Последнее изменение
overview-by-month = Открыто
overview-over-stage = Этапы, месяц за месяцем
overview-over-stage-note = На конец каждого месяца, последний – до сих пор. Каждое дело посчитано на том этапе, который план назвал последним. В то, что передают наружу, это не входит.
overview-over-office = Офисы, месяц за месяцем
overview-over-office-note = Дела, о которых офис что-то сказал к концу каждого месяца. В то, что передают наружу, это не входит.
overview-by-differs = Сведения различаются
overview-by-conflict = Расхождение в плане
overview-by-urgency = Срочность
overview-not-said = Не указано
overview-age-from = { $n ->
    [one] { $n } и больше
   *[other] { $n } и больше
}
overview-age-band = { $s }–{ $r }
overview-quiet-week = В течение недели
overview-quiet-month = В течение месяца
overview-quiet-quarter = В течение трёх месяцев
overview-quiet-year = В течение года
overview-quiet-more = Давнее
overview-before = Раньше
overview-took-everything = Всё
overview-took-counts = Количества
overview-took-bundle = Пакет
overview-took-list = { $n ->
    [one] Список: { $n } дело
    [few] Список: { $n } дела
   *[other] Список: { $n } дел
}
overview-took-backup = Резервная копия, которую открывает отдельный ключ
overview-took-case = Дело { $s }
