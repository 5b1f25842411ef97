partners-tab-links = Зв’язок
partners-tab-circles = Кола
partners-tab-cards = Картки
partners-tab-machines = Ця установа
partners-map = Стан зв’язку
partners-map-alt = Ця установа та її партнери; кожному зв’язку відповідає лінія. Нижче кожного партнера описано словами.
partners-this-office = ця установа
partners-never = зв’язку ще не було
partners-carries = переносить
partners-none = Тут ще не відомо жодного партнера. Спершу прийміть картку партнера:
partners-all-paused = Усе призупинено: нічого не надсилається й не приймається.
partners-sync = Синхронізувати
partners-sync-all = Синхронізувати з усіма
partners-sync-with = Синхронізувати зараз: { $s }
partners-sync-busy = Синхронізація…
partners-pause = Призупинити
partners-pause-with = Призупинити: { $s }
partners-pause-all = Призупинити всіх
partners-resume = Продовжити
partners-resume-with = Продовжити: { $s }
partners-resume-all = Продовжити з усіма
partners-traffic = Від запуску цього вузла надіслано { $s } і отримано { $r }.
partners-speed = Зараз за секунду: надсилається { $s }, надходить { $r }.
partners-bytes = { $n ->
    [one] { $n } байт
    [few] { $n } байти
   *[many] { $n } байтів
}
partners-tenths = { $s },{ $r }
partners-kib = { $s } КіБ
partners-mib = { $s } МіБ
partners-gib = { $s } ГіБ
partners-contact = останній контакт: { $s }
partners-contact-none = контакту ще не було
partners-way-link = Передається прямим зв’язком.
partners-way-link-before = Востаннє передавалося прямим зв’язком.
partners-way-bundle = Досі передавалося лише пакетами.
partners-bundle-last = Останній пакет для цього партнера: { $s }, { $r }.
partners-waits = Надіслати: { $s }
partners-no-circle = Спільного кола з цим партнером ще немає.
partners-col-circle = Коло
partners-col-held = Нашого отримано там
partners-col-applied = Нашого враховано там
partners-col-confirmed = Підтверджено
partners-col-waits = Чекає на партнера
partners-col-lacking = Ще має надійти
partners-of = { $s } з { $r }
partners-confirmed-none = ще нічого не підтверджено
partners-nothing-of-ours = нашого там ще немає
partners-applied-sealed = переносить запечатаним
partners-applied-unknown = відтоді нічого не писав
partners-nothing = нічого
partners-segments = { $n ->
    [one] { $n } сегмент
    [few] { $n } сегменти
   *[many] { $n } сегментів
}
partners-edits = { $n ->
    [one] { $n } запис
    [few] { $n } записи
   *[many] { $n } записів
}
partners-synced-same = в обох те саме
partners-synced-partly = зв’язок був; решта надійде з наступною синхронізацією
partners-synced-unreached = немає зв’язку; нічого не втрачено
partners-synced-received = { $n ->
    [one] отримано { $n } сегмент
    [few] отримано { $n } сегменти
   *[many] отримано { $n } сегментів
}
partners-synced-confirmed = { $n ->
    [one] підтверджено { $n } сегмент
    [few] підтверджено { $n } сегменти
   *[many] підтверджено { $n } сегментів
}
partners-bundle = Пакет
partners-bundle-for = Пакет для партнера { $s }
partners-bundle-how = Файл, який можна передати через будь-кого: відкрити його зможуть лише комп’ютери цього партнера. Ваше ім’я буде записано в журнал.
partners-bundle-lacks = Завантажити те, чого бракує
partners-bundle-all = Завантажити все спільне
partners-bundle-in = Прийняти пакет
partners-bundle-in-how = Файл, який партнер створив для цієї установи. Прийняти його двічі не шкодить.
partners-bundle-drop = Перетягніть файл сюди або виберіть його
partners-drop-busy = Файл читається…
partners-drop-failed = Не вдалося передати файл вузлу. Виберіть його ще раз; нічого не втрачено.
partners-drop-long = Цей файл більший за 64 МіБ. Прийміть його в терміналі: homeward bundle in FILE
partners-taken-from = Пакет від партнера { $s }:
partners-taken-segments = { $n ->
    [one] { $n } новий сегмент,
    [few] { $n } нові сегменти,
   *[many] { $n } нових сегментів,
}
partners-taken-known = { $n } вже були тут,
partners-taken-records = { $n ->
    [one] { $n } новий службовий запис.
    [few] { $n } нові службові записи.
   *[many] { $n } нових службових записів.
}
partners-taken-complete = Тут є все, що має { $s }.
partners-taken-missing = Тут ще бракує:
partners-trust-own = Ця установа
partners-trust-phrase = Довірений: фразу безпеки почуто й введено тут, { $s }
partners-trust-introduced = Довірений за словом партнера { $s }, { $r }
partners-trust-not = Ще не довірений
partners-trust-not-brought = Ще не довірений; картка надійшла від: { $s }
partners-card-in = Прийняти картку
partners-card-in-how = Відкрита заява партнера про те, хто він. Довіра — окремий крок.
partners-card-drop = Перетягніть файл картки сюди або виберіть його
partners-card-long = Цей файл завеликий для картки.
partners-card-export = Завантажити картку
partners-card-print = Друкувати
partners-card-nodes = Комп’ютери на цій картці
partners-card-revision = Редакція { $n }
partners-card-no-address = без адреси: з’єднується сам
partners-phrase = Фраза безпеки
partners-phrase-own = Прочитайте партнерові ці дванадцять слів або чисел каналом, який ви обоє знаєте.
partners-phrase-other = Її звірили, коли цьому партнерові було надано довіру. Щоб звірити знову, попросіть людину там прочитати свою.
partners-qr-card = Уся картка — для камери телефона
partners-qr-phrase = Хто це та числа фрази — для камери телефона
partners-trust-title = Довіритися цьому партнерові
partners-trust-how = Зателефонуйте партнерові { $s } за номером, який ви знаєте. Нехай людина там прочитає фразу безпеки своєї картки, а ви введіть те, що чуєте.
partners-trust-phrase-label = Усі дванадцять слів або всі дванадцять чисел, як ви їх чуєте
partners-trust-do = Звірити й довіритися
partners-introduced = Довіритися за словом іншого партнера
partners-introduced-how = Партнер, якому ви довіряєте, каже, хто це. Назавжди буде видно, що фразу ви самі не чули.
partners-introduced-by = Хто рекомендує
partners-introduced-do = Довіритися за рекомендацією
partners-distrust = Відкликати довіру
partners-distrust-sure = Відкликати довіру до партнера { $s }? Кола з ним тоді зупиняться: їхніх справ тут не буде видно, і писати в них не можна буде, доки довіру не повернуть. Те, що партнер уже отримав, залишиться в нього.
partners-distrust-do = Так, відкликати довіру
partners-circles-what = Коло — це ті, хто може читати. Кожен запис робиться в одному колі, тож автор знає, хто його прочитає.
partners-circles-none = Тут ще немає жодного кола.
partners-circles-hidden = { $n ->
    [one] { $n } приховане коло
    [few] { $n } приховані кола
   *[many] { $n } прихованих кіл
}
partners-circle-new = Нове коло
partners-circle-carried = переноситься тут запечатаним
partners-circle-show = Показати знову
partners-circle-hide = Приховати
partners-circle-members = Читають і пишуть
partners-circle-carriers = Переносять, але не читають
partners-circle-founded = Засновано
partners-circle-founded-by = { $s }, { $r }
partners-circle-waits = Чекає, доки ви довіритеся
partners-circle-name = Назва кола
partners-circle-name-how = Її бачать лише учасники.
partners-circle-never = Кожен учасник читає все, що в колі будь-коли буде написано. Змінити це неможливо: для інших людей створюється інше коло.
partners-circle-who = Хто належить до кола, крім цієї установи
partners-circle-alone = Ще жодному партнерові не довірено: читатиме лише ця установа.
partners-circle-not = не належить
partners-circle-reads = читає й пише
partners-circle-carries = переносить, не читає
partners-circle-not-trusted = { $n ->
    [one] { $n } партнерові ще не довірено, тож вибрати його не можна.
    [few] { $n } партнерам ще не довірено, тож вибрати їх не можна.
   *[many] { $n } партнерам ще не довірено, тож вибрати їх не можна.
}
partners-circle-next = Переглянути ще раз
partners-circle-sure = Усе правильно?
partners-circle-make = Створити коло
partners-circle-back = Назад
partners-machines = Комп’ютери цієї установи
partners-machines-how = Для змін тут потрібен ключ цієї установи; їх вводять у терміналі:
partners-machine-this = цей комп’ютер
partners-machine-off-card = немає на картці
partners-machine-closed = закрито
partners-machine-fork = дві гілки
partners-verb-add = додає новий комп’ютер
partners-verb-close = закриває втрачений
partners-verb-settle = визначає, яка гілка чинна
partners-grants = Ключі, яких просять комп’ютери
partners-grants-none = Жоден комп’ютер не чекає на згоду.
partners-grants-how = Зателефонуйте тій установі за номером, який ви знаєте, нехай людина там прочитає слова нового комп’ютера, і введіть:
partners-keys = { $n ->
    [one] { $n } ключ
    [few] { $n } ключі
   *[many] { $n } ключів
}
partners-lacking = Чого цей комп’ютер ще не може прочитати
partners-machine-words = Слова цього комп’ютера
partners-machine-words-how = Щоб прочитати їх партнерові, який має дати ключі цьому комп’ютеру.
