planning-title = План
planning-way = Путь домой
planning-reached = пройдено
planning-here = сейчас здесь
planning-beside = В стороне от пути:
planning-missing = Ещё не записано; это ничего не останавливает:
planning-two-people = { $s }: { $r } из 2 человек
planning-two-offices = { $s }: { $r } из 2 ведомств
planning-three-offices = { $s }: { $r } из 3 ведомств
planning-set = Установить
planning-conflicts = { $n ->
    [one] { $n } расхождение в плане
    [few] { $n } расхождения в плане
    [many] { $n } расхождений в плане
   *[other] { $n } расхождения в плане
}
planning-conflicts-why = Эти значения записаны независимо друг от друга. Оставьте одно; остальные сохранятся в истории.
planning-keep = Оставить это
planning-settle-who = Это решает специалист по ведению дел, руководитель или посредник.
planning-in-conflict = расхождение, см. выше
planning-legs = Маршрут
planning-tasks = Задачи
planning-papers = Документы
planning-visits = Посещения
planning-no-leg = Ни один отрезок маршрута ещё не запланирован.
planning-no-task = Задач ещё нет.
planning-no-paper = Документов ещё нет.
planning-no-visit = Посещений ещё нет.
planning-add-leg = Добавить отрезок маршрута
planning-add-task = Добавить задачу
planning-add-paper = Добавить документ
planning-add-visit = Добавить посещение
planning-add = Добавить
planning-edit = Изменить
planning-save = Сохранить
planning-clear = Очистить всё
planning-done = Выполнено:
planning-done-do = Выполнено
planning-late = Пока эта форма была открыта, здесь писали другие. Ваше изменение встанет рядом как расхождение; ничего не будет перезаписано.
planning-date-how = 2026-12-24 или 12.2026
planning-numbered = { $s } { $r }
planning-of-item = { $s }: { $r }
planning-cleared = очищено
planning-nothing = Ничего не изменено.
planning-saved = Сохранено. Читают: { $s }.
planning-settled = Решено. Читают: { $s }. Другое значение остаётся в истории.
planning-made-conflict = Сохранено, но тем временем писали и другие: { $s }. Ничего не перезаписано; все значения стоят вверху плана.
planning-not-read = { $s }: это нельзя прочитать как значение этого поля.
planning-not-read-then = Ничего не сохранено. Даты пишут так: 2026, 2026-12, 2026-12-24 или 24.12.2026.
planning-before = { $n ->
    [one] { $n } прежнее значение
    [few] { $n } прежних значения
    [many] { $n } прежних значений
   *[other] { $n } прежнего значения
}
planning-before-more = { $n ->
    [one] ещё { $n } в истории
    [few] ещё { $n } в истории
    [many] ещё { $n } в истории
   *[other] ещё { $n } в истории
}
planning-spoiled = Этот лист нельзя показать. Проверьте данные на этом компьютере: homeward check.
note-title = Общая заметка
note-how = Здесь пишут все вместе. Читают: { $s }.
note-saving = Сохраняется…
note-saved = Сохранено
note-away = Ещё не сохранено: программа не отвечает. Попытка повторяется.
note-refused = Не сохранено
note-who = Писали здесь в последние минуты
note-flag = { $s } · { $r }
