cases-title = Дела
cases-search = Имя, номер или место, любым письмом
cases-new = Новое дело
cases-waiting = Ждут меня
cases-changed = Изменились с моего просмотра
cases-conflict = Расхождение в плане
cases-differs = Ведомства расходятся
cases-stage = Этап
cases-any-stage = Любой этап
cases-circle = Круг
cases-any-circle = Любой круг
cases-born = Родились
cases-born-from = Год рождения от
cases-born-to = Год рождения до
cases-order = Порядок
cases-by-name = По имени
cases-by-change = Сначала последние изменения
cases-by-number = По номеру
cases-kept = Сохранённые фильтры
cases-keep = Сохранить фильтр как
cases-keep-do = Сохранить
cases-more = Ещё
cases-columns = Столбцы
cases-none = Таких дел нет.
cases-no-name = Пока без имени
cases-more-names = +{ $n }
cases-mark-waiting = ждёт
cases-column-name = Имя
cases-column-born = Рождение
cases-column-stage = Этап
cases-column-marks = На что взглянуть
cases-column-number = Номер
cases-column-circle = Круг
cases-column-last = Последнее изменение
new-title = Новое дело
new-no-circle = Пока нет круга, в котором можно открыть дело. Создайте его на странице «Партнёры».
new-readers = Кто это прочтёт
new-surname = Фамилия
new-given = Имя
new-patronymic = Отчество
new-born-how = Насколько известно: 2014, 2014-05, 16.05.2014 или 2014..2016
new-number-how = В каком списке и какой номер: kyiv-list:K0001
new-source = Откуда это известно
new-do = Открыть дело
cases-total = { $n ->
    [one] { $n } дело
    [few] { $n } дела
   *[many] { $n } дел
}
cases-mark-conflict = { $n ->
    [one] { $n } расхождение
    [few] { $n } расхождения
   *[many] { $n } расхождений
}
cases-mark-differs = { $n ->
    [one] { $n } поле различается
    [few] { $n } поля различаются
   *[many] { $n } полей различаются
}
cases-urgency = Срочность
cases-id = Дело
cases-export = Выдать показанное
cases-export-for = Для кого
cases-export-purpose = С какой целью
cases-export-noted = Сначала ваше имя, эти сведения и время записываются в журнал выдач.
