list-comma = { ", " }
list-last = { $s } и { $r }
dates-range = { $s } – { $r }
ago-now = только что
value-yes = Да
value-no = Нет
say-close = Закрыть
readers = читают: { $s }
nav-skip = Перейти к странице
nav-label = Страницы
nav-cases = Дела
nav-worklist = К работе
nav-partners = Партнёры
nav-import = Списки
nav-overview = Обзор
nav-other-person = Работает другой человек
nav-lock = Закрыть на ключ
nav-look = Язык и вид
nav-language = Язык
nav-theme = Вид
theme-system = Как в системе
theme-light = Светлый
theme-dark = Тёмный
link-up = на связи
link-down = нет связи
link-paused = приостановлено
keys-title = Клавиши
keys-search = Поиск
keys-move = Движение по списку
keys-open = Открыть
keys-new = Новое дело
keys-back = Назад, закрыть
keys-help = Эта подсказка
unlock-title = Это рабочее место закрыто
unlock-why = Ничего не потеряно. Введите парольную фразу этого компьютера, чтобы продолжить; связь тоже возобновится.
unlock-passphrase = Парольная фраза или слова восстановления
unlock-open = Открыть
unlock-lost = Если парольная фраза утеряна, компьютер откроют слова восстановления на бумаге.
operator-title = Кто работает?
operator-why = Ваше имя стоит рядом со всем, что вы пишете, для всех, кто может это читать.
operator-new = Новое имя
operator-name = Имя
operator-role = Что вы здесь делаете
operator-begin = Начать
wrong-home = На первую страницу
wrong-role = Это для другой роли
wrong-role-what = Выбранная вами роль этого здесь не делает.
wrong-role-then = Попросите того, чья это роль, или выберите другую, если она ваша.
wrong-form = Это не удалось прочитать
wrong-form-what = Отправленное страницей слишком длинное или неполное. Ничего не изменено.
wrong-form-then = Откройте страницу снова и повторите.
wrong-page = Такой страницы нет
wrong-page-what = Адрес никуда не ведёт.
wrong-page-then = Продолжите с первой страницы.
wrong-ours = Ошибка в Homeward
wrong-ours-what = Страницу не удалось создать. Ничего не потеряно.
wrong-ours-then = Откройте её снова; если не поможет, скажите тому, кто следит за компьютером.
ago-minutes = { $n ->
    [one] { $n } минуту назад
    [few] { $n } минуты назад
   *[many] { $n } минут назад
}
ago-hours = { $n ->
    [one] { $n } час назад
    [few] { $n } часа назад
   *[many] { $n } часов назад
}
ago-days = { $n ->
    [one] { $n } день назад
    [few] { $n } дня назад
   *[many] { $n } дней назад
}
