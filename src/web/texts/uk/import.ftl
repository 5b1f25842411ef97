import-title = Прийняти список
import-why = Таблиця від партнера: спершу ви бачите рядок за рядком, що станеться; нічого не записується, доки ви цього не скажете.
import-drop = Перетягніть сюди файл CSV або XLSX чи виберіть його
import-drop-how = Він залишається на цій сторінці й не зберігається на диску.
import-wait = Список читається…
import-too-large = Цей файл більший, ніж може бути список. Нічого не прочитано.
import-remembered = Ви вже приймали список із такими заголовками: стовпці налаштовано так, як ви тоді вибрали.
import-list-name = Як зветься цей список
import-list-how = Під цією назвою запам’ятовуються його номери. Для наступної версії того самого списку візьміть ту саму назву: відомі номери тоді виправляються, а не відкриваються знову.
import-sheet = Аркуш
import-dates = Дати на зразок 05/06/2014
import-day-first = спершу день: 5 червня
import-month-first = спершу місяць: 6 травня
import-direction = Сказано про кожну дитину
import-not-said = більше нічого
import-columns = Стовпці списку
import-rows = { $n ->
    [one] { $n } рядок
    [few] { $n } рядки
   *[other] { $n } рядків
}
import-column = Стовпець
import-cells = Що в ньому стоїть
import-holds = Що це
import-left-out = не враховувати
import-word-refused = невідомо: відхиляти такі рядки
import-try = Спробувати
import-try-how = Покаже, що станеться. Нічого не записується.
import-would = Ось що станеться
import-did = Список прийнято
import-apply = Прийняти
import-nothing-yet = Поки що нічого не записано.
import-save-csv = Зберегти результат як CSV
import-save-xlsx = Зберегти результат як XLSX
import-more = { $n ->
    [one] Ще { $n } рядок є у файлі, який можна зберегти.
    [few] Ще { $n } рядки є у файлі, який можна зберегти.
   *[other] Ще { $n } рядків є у файлі, який можна зберегти.
}
import-line = Рядок
import-number = Номер
import-outcome = Результат
import-case = Справа
import-detail = Докладніше
import-new = нова
import-changed = змінено
import-unchanged = без змін
import-refused = відхилено
import-slip-then = Нічого не записано. Виправте це вище й спробуйте ще раз.
import-twice = Для двох стовпців указано одне й те саме.
import-no-number = Для жодного стовпця не вказано, що це власний номер списку.
import-no-columns = Крім номера, для жодного стовпця не вказано, що в ньому стоїть.
import-no-name = Список не має назви.
import-the-list = Список
import-own-number = Номер у цьому списку
import-part-surname = Прізвище
import-part-given = Ім’я
import-part-patronymic = По батькові
import-part-whole = Ім’я одним рядком
