case-short = Справа { $s }
case-no-photo = Фото ще немає
case-names = Уживані імена
case-numbers = Номери
case-circles = Кола
case-ways = Що можна зробити з цією справою
case-history = Історія
case-print = Друк
case-export = Вивантажити
case-disclose = Повідомити інше коло
case-back = Назад до справи
case-reads = Хто це читає: { $s }
case-reads-now = Хто це читає зараз: { $s }
case-not-sent = ще не отримано: { $s }
case-sent = отримано: { $s }
case-confirmed = { $s }: останнє підтвердження отриманого в цьому колі —
case-spoiled = Цей аркуш зараз не відкривається
case-spoiled-then = Нічого не втрачено. Попросіть того, хто обслуговує цей комп’ютер, запустити «homeward check»: аркуш буде побудовано заново.
case-sections = Розділи
case-nothing = Тут ще нічого не сказано.
case-other-fields = Інші поля
case-is-new = нове
case-differs = Установи розходяться
case-taken-back = Відкликано
case-works-with = { $s } працює з цим
case-edit = Змінити
case-say = Сказати
case-edit-field = Змінити: { $s }
case-say-field = Сказати, що знає ваша установа: { $s }
case-sources = Джерела
case-sources-of = Джерела: { $s }
case-source = Джерело
case-source-kind = Вид джерела
case-source-document = Документ
case-source-person = Особа
case-source-office = Установа
case-source-list = Рядок списку
case-source-disclosed = За даними установи
case-given-by = Хто надав
case-confidence = Наскільки певно
case-holds-from = Діє з
case-holds-to = Діє до
case-how-known = Звідки це відомо докладніше
case-quoted = Уперше сказано
case-written = Записано
case-seen = Уперше тут
case-late = надійшло пізно
case-withdrawn = Відкликано:
case-replaced = Замінено пізнішим словом тієї самої установи.
case-disowned = Не враховується: стоїть у частині журналу, яка не рахується.
case-withdraw = Відкликати
case-withdraw-what = Сказане вашою установою лишається в історії, але більше не діє.
case-prefer = Працювати з цим
case-reason = Причина
case-same = Та сама дитина, що в іншій справі
case-same-what = Обидві справи лишаються як є, і кожна каже, що інша — про ту саму дитину.
case-same-other = Інша справа
case-field = Поле
case-value = Що сказано
case-office = Установа
case-add = Додати
case-add-relative = Додати родича
case-add-whereabouts = Додати місце перебування
case-add-tracing = Додати дію
case-add-document = Додати документ
case-kind-relative = Родич
case-kind-whereabouts = Місце перебування
case-kind-tracing = Дія з розшуку
case-kind-document = Документ
case-name-birth = при народженні
case-name-document = у чинному документі
case-name-changed = змінено органом влади
case-name-nickname = як називають дитину
case-name-adoptive = після усиновлення
case-hint-name = Прізвище, ім’я по батькові: Гриценко, Тарас Іванович
case-hint-place = Одна назва або дві через скісну риску з пробілами: Bakhmut / Artemivsk
case-hint-case = Її номер у списку або початок короткої назви
case-save = Зберегти
case-cancel = Скасувати
case-meanwhile = Поки форма була відкрита, у це поле писали. Збережене вами стане поруч; нічого не буде перезаписано.
case-wrong-empty = Вкажіть значення.
case-wrong-long = Це задовго.
case-wrong-control = Тут є невидимий або керівний символ. Наберіть заново, а не вставляйте.
case-wrong-date = Це не дата. Пишіть 2014, 2014-05, 2014-05-16, 16.05.2014 або 2014..2016.
case-wrong-choice = Виберіть зі списку.
case-wrong-near = Виберіть зі списку. Можливо, «{ $s }»?
case-wrong-number = Вкажіть ціле число.
case-wrong-outside = Вкажіть список, двокрапку й номер: kyiv-list:K0001
case-wrong-case = Такої справи немає.
case-acts = Заяви
case-act-unread = Заява, яку ця версія не може прочитати
case-signed = Підпис дійсний.
case-unsigned = Підпис тут не підтверджується: не вважайте це чиїмось словом.
case-files = Файли
case-told = Повідомлено іншим колам
case-told-none = З цього аркуша іншим колам нічого не повідомляли.
case-other-circle = Коло, якого ця установа не читає
case-disclose-title = Повідомити інше коло
case-disclose-nowhere = Немає іншого кола, у якому ця установа може писати. Створіть його на сторінці «Партнери».
case-disclose-to = Хто має знати
case-disclose-what = Що повідомити
case-disclose-look = Побачити, про що вони дізнаються
case-disclose-choose = Виберіть, хто має знати і що: тут Ви побачите точно, про що вони дізнаються, перш ніж щось буде надіслано.
case-learn-title = Про що дізнається «{ $s }»
case-learn-readers = Це читатимуть: { $s }
case-learn-new = Сьогодні цього аркуша не читають: { $s }
case-learn-ever = Що прочитано, те відомо: цього не повернути.
case-learn-do = Повідомити
case-export-title = Вивантажити цю справу
case-export-why = Файли покидають запечатане сховище. У журналі буде записано, хто їх узяв, для кого і навіщо.
case-export-what = Які аркуші
case-export-all = Усі аркуші, які читає ця установа
case-export-for = Для кого
case-export-purpose = Навіщо
case-export-do = Записати й завантажити
case-printed = Надруковано: { $s },
case-new = { $n ->
    [one] { $n } нове
    [few] { $n } нові
   *[other] { $n } нових
}
case-age = { $n ->
    [one] { $n } рік
    [few] { $n } роки
   *[other] { $n } років
}
case-age-or = { $n ->
    [one] { $s } або { $n } рік
    [few] { $s } або { $n } роки
   *[other] { $s } або { $n } років
}
case-age-to = { $n ->
    [one] від { $s } до { $n } року
   *[other] від { $s } до { $n } років
}
case-kib = { $n ->
   *[other] { $n } КіБ
}
case-told-claims = { $n ->
    [one] { $n } твердження
   *[other] { $n } тверджень
}
case-learn-known = { $n ->
    [one] { $n } з вибраних тверджень уже повідомлено.
   *[other] { $n } з вибраних тверджень уже повідомлено.
}
