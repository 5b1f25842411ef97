case-short = Дело { $s }
case-no-photo = Фото пока нет
case-names = Используемые имена
case-numbers = Номера
case-circles = Круги
case-ways = Что можно сделать с этим делом
case-history = История
case-print = Печать
case-export = Выгрузить
case-disclose = Сообщить другому кругу
case-back = Назад к делу
case-reads = Кто это читает: { $s }
case-reads-now = Кто это читает сейчас: { $s }
case-not-sent = ещё не получено: { $s }
case-sent = получено: { $s }
case-confirmed = { $s }: последнее подтверждение полученного в этом круге —
case-spoiled = Этот лист сейчас не открывается
case-spoiled-then = Ничего не потеряно. Попросите того, кто обслуживает этот компьютер, запустить «homeward check»: лист будет построен заново.
case-sections = Разделы
case-nothing = Здесь ещё ничего не сказано.
case-other-fields = Другие поля
case-is-new = новое
case-differs = Учреждения расходятся
case-taken-back = Отозвано
case-works-with = { $s } работает с этим
case-edit = Изменить
case-say = Сказать
case-edit-field = Изменить: { $s }
case-say-field = Сказать, что знает ваше учреждение: { $s }
case-sources = Источники
case-sources-of = Источники: { $s }
case-source = Источник
case-source-kind = Вид источника
case-source-document = Документ
case-source-person = Человек
case-source-office = Учреждение
case-source-list = Строка списка
case-source-disclosed = По данным учреждения
case-given-by = Кто сообщил
case-confidence = Насколько точно
case-holds-from = Действует с
case-holds-to = Действует до
case-how-known = Откуда это известно подробнее
case-quoted = Впервые сказано
case-written = Записано
case-seen = Впервые здесь
case-late = пришло поздно
case-withdrawn = Отозвано:
case-replaced = Заменено более поздним словом того же учреждения.
case-disowned = Не учитывается: стоит в части журнала, которая не считается.
case-withdraw = Отозвать
case-withdraw-what = Сказанное вашим учреждением остаётся в истории, но больше не действует.
case-prefer = Работать с этим
case-reason = Причина
case-same = Тот же ребёнок, что в другом деле
case-same-what = Оба дела остаются как есть, и каждое говорит, что другое — о том же ребёнке.
case-same-other = Другое дело
case-field = Поле
case-value = Что сказано
case-office = Учреждение
case-add = Добавить
case-add-relative = Добавить родственника
case-add-whereabouts = Добавить место пребывания
case-add-tracing = Добавить действие
case-add-document = Добавить документ
case-kind-relative = Родственник
case-kind-whereabouts = Место пребывания
case-kind-tracing = Действие по розыску
case-kind-document = Документ
case-name-birth = при рождении
case-name-document = в нынешнем документе
case-name-changed = изменено органом власти
case-name-nickname = как зовут ребёнка
case-name-adoptive = после усыновления
case-hint-name = Фамилия, имя отчество: Гриценко, Тарас Иванович
case-hint-place = Одно название или два через косую черту с пробелами: Bakhmut / Artemivsk
case-hint-case = Его номер в списке или начало короткого названия
case-save = Сохранить
case-cancel = Отменить
case-meanwhile = Пока форма была открыта, в это поле писали. Сохранённое вами встанет рядом; ничего не будет перезаписано.
case-wrong-empty = Укажите значение.
case-wrong-long = Это слишком длинно.
case-wrong-control = Здесь есть невидимый или управляющий символ. Наберите заново, а не вставляйте.
case-wrong-date = Это не дата. Пишите 2014, 2014-05, 2014-05-16, 16.05.2014 или 2014..2016.
case-wrong-choice = Выберите из списка.
case-wrong-near = Выберите из списка. Возможно, «{ $s }»?
case-wrong-number = Укажите целое число.
case-wrong-outside = Укажите список, двоеточие и номер: kyiv-list:K0001
case-wrong-case = Такого дела нет.
case-acts = Заявления
case-act-unread = Заявление, которое эта версия не может прочитать
case-signed = Подпись действительна.
case-unsigned = Подпись здесь не подтверждается: не считайте это чьим-либо словом.
case-files = Файлы
case-told = Сообщено другим кругам
case-told-none = Из этого листа другим кругам ничего не сообщали.
case-other-circle = Круг, который это учреждение не читает
case-disclose-title = Сообщить другому кругу
case-disclose-nowhere = Нет другого круга, в котором это учреждение может писать. Создайте его на странице «Партнёры».
case-disclose-to = Кто должен знать
case-disclose-what = Что сообщить
case-disclose-look = Увидеть, что они узнают
case-disclose-choose = Выберите, кто должен знать и что: здесь Вы увидите точно, что они узнают, прежде чем что-либо будет отправлено.
case-learn-title = Что узнает «{ $s }»
case-learn-readers = Это будут читать: { $s }
case-learn-new = Сегодня этот лист не читают: { $s }
case-learn-ever = Что прочитано, то известно: этого не вернуть.
case-learn-do = Сообщить
case-export-title = Выгрузить это дело
case-export-why = Файлы покидают запечатанное хранилище. В журнале будет записано, кто их взял, для кого и зачем.
case-export-what = Какие листы
case-export-all = Все листы, которые читает это учреждение
case-export-for = Для кого
case-export-purpose = Зачем
case-export-do = Записать и скачать
case-printed = Напечатано: { $s },
case-new = { $n ->
    [one] { $n } новое
    [few] { $n } новых
   *[other] { $n } новых
}
case-age = { $n ->
    [one] { $n } год
    [few] { $n } года
   *[other] { $n } лет
}
case-age-or = { $n ->
    [one] { $s } или { $n } год
    [few] { $s } или { $n } года
   *[other] { $s } или { $n } лет
}
case-age-to = { $n ->
    [one] от { $s } до { $n } года
   *[other] от { $s } до { $n } лет
}
case-kib = { $n ->
   *[other] { $n } КиБ
}
case-told-claims = { $n ->
    [one] { $n } утверждение
    [few] { $n } утверждения
   *[other] { $n } утверждений
}
case-learn-known = { $n ->
    [one] { $n } из выбранных утверждений уже сообщено.
   *[other] { $n } из выбранных утверждений уже сообщено.
}
