cases-title = Справи
cases-search = Ім’я, номер або місце, будь-яким письмом
cases-new = Нова справа
cases-waiting = Чекають на мене
cases-changed = Змінилися відтоді, як я дивився
cases-conflict = Розбіжність у плані
cases-differs = Установи розходяться
cases-stage = Етап
cases-any-stage = Будь-який етап
cases-circle = Коло
cases-any-circle = Будь-яке коло
cases-born = Народжені
cases-born-from = Рік народження від
cases-born-to = Рік народження до
cases-order = Порядок
cases-by-name = За ім’ям
cases-by-change = Спершу останні зміни
cases-by-number = За номером
cases-kept = Збережені фільтри
cases-keep = Зберегти фільтр як
cases-keep-do = Зберегти
cases-more = Більше
cases-columns = Стовпці
cases-none = Таких справ немає.
cases-no-name = Ще без імені
cases-more-names = +{ $n }
cases-mark-waiting = чекає
cases-column-name = Ім’я
cases-column-born = Народження
cases-column-stage = Етап
cases-column-marks = На що зважити
cases-column-number = Номер
cases-column-circle = Коло
cases-column-last = Остання зміна
new-title = Нова справа
new-no-circle = Ще немає кола, в якому можна відкрити справу. Створіть його на сторінці «Партнери».
new-readers = Хто це читатиме
new-surname = Прізвище
new-given = Ім’я
new-patronymic = По батькові
new-born-how = Наскільки відомо: 2014, 2014-05, 16.05.2014 або 2014..2016
new-number-how = У якому списку та який номер: kyiv-list:K0001
new-source = Звідки це відомо
new-do = Відкрити справу
cases-total = { $n ->
    [one] { $n } справа
    [few] { $n } справи
   *[many] { $n } справ
}
cases-mark-conflict = { $n ->
    [one] { $n } розбіжність
    [few] { $n } розбіжності
   *[many] { $n } розбіжностей
}
cases-mark-differs = { $n ->
    [one] { $n } поле різниться
    [few] { $n } поля різняться
   *[many] { $n } полів різняться
}
cases-urgency = Терміновість
cases-id = Справа
cases-export = Видати показане
cases-export-for = Для кого
cases-export-purpose = З якою метою
cases-export-noted = Спершу ваше ім’я, ці відомості та час записуються до журналу видач.
