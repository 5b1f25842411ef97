planning-title = План
planning-way = Шлях додому
planning-reached = пройдено
planning-here = зараз тут
planning-beside = Поза шляхом:
planning-missing = Ще не записано; це нічого не зупиняє:
planning-two-people = { $s }: { $r } із 2 осіб
planning-two-offices = { $s }: { $r } із 2 установ
planning-three-offices = { $s }: { $r } із 3 установ
planning-set = Встановити
planning-conflicts = { $n ->
    [one] { $n } розбіжність у плані
    [few] { $n } розбіжності в плані
    [many] { $n } розбіжностей у плані
   *[other] { $n } розбіжності в плані
}
planning-conflicts-why = Ці значення записано незалежно одне від одного. Залиште одне; інші збережуться в історії.
planning-keep = Залишити це
planning-settle-who = Це вирішує фахівець із ведення справ, керівник або посередник.
planning-in-conflict = розбіжність, див. вище
planning-legs = Маршрут
planning-tasks = Завдання
planning-papers = Документи
planning-visits = Відвідування
planning-no-leg = Жодного відрізка маршруту ще не заплановано.
planning-no-task = Завдань ще немає.
planning-no-paper = Документів ще немає.
planning-no-visit = Відвідувань ще немає.
planning-add-leg = Додати відрізок маршруту
planning-add-task = Додати завдання
planning-add-paper = Додати документ
planning-add-visit = Додати відвідування
planning-add = Додати
planning-edit = Змінити
planning-save = Зберегти
planning-clear = Очистити все
planning-done = Виконано:
planning-done-do = Виконано
planning-late = Поки ця форма була відкрита, тут писали інші. Ваша зміна стане поруч як розбіжність; нічого не буде перезаписано.
planning-date-how = 2026-12-24 або 12.2026
planning-numbered = { $s } { $r }
planning-of-item = { $s }: { $r }
planning-cleared = очищено
planning-nothing = Нічого не змінено.
planning-saved = Збережено. Читають: { $s }.
planning-settled = Вирішено. Читають: { $s }. Інше значення залишається в історії.
planning-made-conflict = Збережено, але тим часом писали й інші: { $s }. Нічого не перезаписано; усі значення стоять угорі плану.
planning-not-read = { $s }: це не можна прочитати як значення цього поля.
planning-not-read-then = Нічого не збережено. Дати пишуть так: 2026, 2026-12, 2026-12-24 або 24.12.2026.
planning-before = { $n ->
    [one] { $n } попереднє значення
    [few] { $n } попередні значення
    [many] { $n } попередніх значень
   *[other] { $n } попереднього значення
}
planning-before-more = { $n ->
    [one] ще { $n } в історії
    [few] ще { $n } в історії
    [many] ще { $n } в історії
   *[other] ще { $n } в історії
}
planning-spoiled = Цей аркуш неможливо показати. Перевірте дані на цьому комп’ютері: homeward check.
note-title = Спільна нотатка
note-how = Тут пишуть усі разом. Читають: { $s }.
note-saving = Зберігається…
note-saved = Збережено
note-away = Ще не збережено: програма не відповідає. Спроба повторюється.
note-refused = Не збережено
note-who = Писали тут останніми хвилинами
note-flag = { $s } · { $r }
