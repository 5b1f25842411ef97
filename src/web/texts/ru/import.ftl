import-title = Принять список
import-why = Таблица от партнёра: сначала вы видите строку за строкой, что произойдёт; ничего не записывается, пока вы этого не скажете.
import-drop = Перетащите сюда файл CSV или XLSX или выберите его
import-drop-how = Он остаётся на этой странице и не сохраняется на диске.
import-wait = Список читается…
import-too-large = Этот файл больше, чем может быть список. Ничего не прочитано.
import-remembered = Вы уже принимали список с такими заголовками: столбцы настроены так, как вы тогда выбрали.
import-list-name = Как называется этот список
import-list-how = Под этим названием запоминаются его номера. Для следующей версии того же списка возьмите то же название: известные номера тогда исправляются, а не открываются заново.
import-sheet = Лист
import-dates = Даты вида 05/06/2014
import-day-first = сначала день: 5 июня
import-month-first = сначала месяц: 6 мая
import-direction = Сказано о каждом ребёнке
import-not-said = больше ничего
import-columns = Столбцы списка
import-rows = { $n ->
    [one] { $n } строка
    [few] { $n } строки
   *[other] { $n } строк
}
import-column = Столбец
import-cells = Что в нём стоит
import-holds = Что это
import-left-out = не учитывать
import-word-refused = неизвестно: отклонять такие строки
import-try = Попробовать
import-try-how = Покажет, что произойдёт. Ничего не записывается.
import-would = Вот что произойдёт
import-did = Список принят
import-apply = Принять
import-nothing-yet = Пока ничего не записано.
import-save-csv = Сохранить результат как CSV
import-save-xlsx = Сохранить результат как XLSX
import-more = { $n ->
    [one] Ещё { $n } строка есть в файле, который можно сохранить.
    [few] Ещё { $n } строки есть в файле, который можно сохранить.
   *[other] Ещё { $n } строк есть в файле, который можно сохранить.
}
import-line = Строка
import-number = Номер
import-outcome = Результат
import-case = Дело
import-detail = Подробнее
import-new = новое
import-changed = изменено
import-unchanged = без изменений
import-refused = отклонено
import-slip-then = Ничего не записано. Исправьте это выше и попробуйте ещё раз.
import-twice = Для двух столбцов указано одно и то же.
import-no-number = Ни для одного столбца не указано, что это собственный номер списка.
import-no-columns = Кроме номера, ни для одного столбца не указано, что в нём стоит.
import-no-name = У списка нет названия.
import-the-list = Список
import-own-number = Номер в этом списке
import-part-surname = Фамилия
import-part-given = Имя
import-part-patronymic = Отчество
import-part-whole = Имя одной строкой
