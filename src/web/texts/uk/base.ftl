list-comma = { ", " }
list-last = { $s } та { $r }
dates-range = { $s } – { $r }
ago-now = щойно
value-yes = Так
value-no = Ні
say-close = Закрити
readers = читають: { $s }
nav-skip = Перейти до сторінки
nav-label = Сторінки
nav-cases = Справи
nav-worklist = До роботи
nav-partners = Партнери
nav-import = Списки
nav-overview = Огляд
nav-other-person = Працює інша людина
nav-lock = Замкнути
nav-look = Мова та вигляд
nav-language = Мова
nav-theme = Вигляд
theme-system = Як у системі
theme-light = Світлий
theme-dark = Темний
link-up = на зв’язку
link-down = без зв’язку
link-paused = призупинено
keys-title = Клавіші
keys-search = Пошук
keys-move = Рух у списку
keys-open = Відкрити
keys-new = Нова справа
keys-back = Назад, закрити
keys-help = Ця підказка
unlock-title = Це робоче місце замкнено
unlock-why = Нічого не втрачено. Введіть парольну фразу цього комп’ютера, щоб продовжити; зв’язок теж відновиться.
unlock-passphrase = Парольна фраза або слова відновлення
unlock-open = Відімкнути
unlock-lost = Якщо парольну фразу втрачено, комп’ютер відкриють слова відновлення на папері.
operator-title = Хто працює?
operator-why = Ваше ім’я стоїть поруч з усім, що ви пишете, для всіх, хто може це читати.
operator-new = Нове ім’я
operator-name = Ім’я
operator-role = Що ви тут робите
operator-begin = Почати
wrong-home = На першу сторінку
wrong-role = Це для іншої ролі
wrong-role-what = Обрана вами роль цього тут не робить.
wrong-role-then = Попросіть того, чия це роль, або оберіть іншу, якщо вона ваша.
wrong-form = Це не вдалося прочитати
wrong-form-what = Надіслане сторінкою задовге або неповне. Нічого не змінено.
wrong-form-then = Відкрийте сторінку знову й повторіть.
wrong-page = Такої сторінки немає
wrong-page-what = Адреса нікуди не веде.
wrong-page-then = Продовжуйте з першої сторінки.
wrong-ours = Помилка в Homeward
wrong-ours-what = Сторінку не вдалося створити. Нічого не втрачено.
wrong-ours-then = Відкрийте її знову; якщо не допоможе, скажіть тому, хто доглядає комп’ютер.
ago-minutes = { $n ->
    [one] { $n } хвилину тому
    [few] { $n } хвилини тому
   *[many] { $n } хвилин тому
}
ago-hours = { $n ->
    [one] { $n } годину тому
    [few] { $n } години тому
   *[many] { $n } годин тому
}
ago-days = { $n ->
    [one] { $n } день тому
    [few] { $n } дні тому
   *[many] { $n } днів тому
}
