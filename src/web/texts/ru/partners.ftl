partners-tab-links = Связь
partners-tab-circles = Круги
partners-tab-cards = Карточки
partners-tab-machines = Это учреждение
partners-map = Состояние связи
partners-map-alt = Это учреждение и его партнёры; каждой связи соответствует линия. Ниже каждый партнёр описан словами.
partners-this-office = это учреждение
partners-never = связи ещё не было
partners-carries = переносит
partners-none = Здесь ещё не известен ни один партнёр. Сначала примите карточку партнёра:
partners-all-paused = Всё приостановлено: ничего не отправляется и не принимается.
partners-sync = Синхронизировать
partners-sync-all = Синхронизировать со всеми
partners-sync-with = Синхронизировать сейчас: { $s }
partners-sync-busy = Синхронизация…
partners-pause = Приостановить
partners-pause-with = Приостановить: { $s }
partners-pause-all = Приостановить всех
partners-resume = Продолжить
partners-resume-with = Продолжить: { $s }
partners-resume-all = Продолжить со всеми
partners-traffic = С запуска этого узла отправлено { $s } и получено { $r }.
partners-speed = Сейчас за секунду: отправляется { $s }, поступает { $r }.
partners-bytes = { $n ->
    [one] { $n } байт
    [few] { $n } байта
   *[many] { $n } байт
}
partners-tenths = { $s },{ $r }
partners-kib = { $s } КиБ
partners-mib = { $s } МиБ
partners-gib = { $s } ГиБ
partners-contact = последний контакт: { $s }
partners-contact-none = контакта ещё не было
partners-way-link = Передаётся по прямой связи.
partners-way-link-before = В последний раз передавалось по прямой связи.
partners-way-bundle = До сих пор передавалось только пакетами.
partners-bundle-last = Последний пакет для этого партнёра: { $s }, { $r }.
partners-waits = Отправить: { $s }
partners-no-circle = Общего круга с этим партнёром ещё нет.
partners-col-circle = Круг
partners-col-held = Нашего получено там
partners-col-applied = Нашего учтено там
partners-col-confirmed = Подтверждено
partners-col-waits = Ждёт партнёра
partners-col-lacking = Ещё должно поступить
partners-of = { $s } из { $r }
partners-confirmed-none = ещё ничего не подтверждено
partners-nothing-of-ours = нашего там ещё нет
partners-applied-sealed = переносит запечатанным
partners-applied-unknown = с тех пор ничего не писал
partners-nothing = ничего
partners-segments = { $n ->
    [one] { $n } сегмент
    [few] { $n } сегмента
   *[many] { $n } сегментов
}
partners-edits = { $n ->
    [one] { $n } запись
    [few] { $n } записи
   *[many] { $n } записей
}
partners-synced-same = у обоих одно и то же
partners-synced-partly = связь была; остальное поступит при следующей синхронизации
partners-synced-unreached = нет связи; ничего не потеряно
partners-synced-received = { $n ->
    [one] получен { $n } сегмент
    [few] получено { $n } сегмента
   *[many] получено { $n } сегментов
}
partners-synced-confirmed = { $n ->
    [one] подтверждён { $n } сегмент
    [few] подтверждено { $n } сегмента
   *[many] подтверждено { $n } сегментов
}
partners-bundle = Пакет
partners-bundle-for = Пакет для партнёра { $s }
partners-bundle-how = Файл, который можно передать через кого угодно: открыть его смогут только компьютеры этого партнёра. Ваше имя будет записано в журнал.
partners-bundle-lacks = Скачать то, чего не хватает
partners-bundle-all = Скачать всё общее
partners-bundle-in = Принять пакет
partners-bundle-in-how = Файл, который партнёр создал для этого учреждения. Принять его дважды не вредит.
partners-bundle-drop = Перетащите файл сюда или выберите его
partners-drop-busy = Файл читается…
partners-drop-failed = Не удалось передать файл узлу. Выберите его ещё раз; ничего не потеряно.
partners-drop-long = Этот файл больше 64 МиБ. Примите его в терминале: homeward bundle in FILE
partners-taken-from = Пакет от партнёра { $s }:
partners-taken-segments = { $n ->
    [one] { $n } новый сегмент,
    [few] { $n } новых сегмента,
   *[many] { $n } новых сегментов,
}
partners-taken-known = { $n } уже были здесь,
partners-taken-records = { $n ->
    [one] { $n } новая служебная запись.
    [few] { $n } новые служебные записи.
   *[many] { $n } новых служебных записей.
}
partners-taken-complete = Здесь есть всё, что есть у партнёра { $s }.
partners-taken-missing = Здесь ещё не хватает:
partners-trust-own = Это учреждение
partners-trust-phrase = Доверенный: фраза безопасности услышана и введена здесь, { $s }
partners-trust-introduced = Доверенный по слову партнёра { $s }, { $r }
partners-trust-not = Ещё не доверенный
partners-trust-not-brought = Ещё не доверенный; карточка поступила от: { $s }
partners-card-in = Принять карточку
partners-card-in-how = Открытое заявление партнёра о том, кто он. Доверие — отдельный шаг.
partners-card-drop = Перетащите файл карточки сюда или выберите его
partners-card-long = Этот файл слишком велик для карточки.
partners-card-export = Скачать карточку
partners-card-print = Печать
partners-card-nodes = Компьютеры на этой карточке
partners-card-revision = Редакция { $n }
partners-card-no-address = без адреса: соединяется сам
partners-phrase = Фраза безопасности
partners-phrase-own = Прочитайте партнёру эти двенадцать слов или чисел по каналу, который вы оба знаете.
partners-phrase-other = Её сверили, когда этому партнёру было оказано доверие. Чтобы сверить снова, попросите человека там прочитать свою.
partners-qr-card = Вся карточка — для камеры телефона
partners-qr-phrase = Кто это и числа фразы — для камеры телефона
partners-trust-title = Довериться этому партнёру
partners-trust-how = Позвоните партнёру { $s } по номеру, который вы знаете. Пусть человек там прочитает фразу безопасности своей карточки, а вы введите то, что слышите.
partners-trust-phrase-label = Все двенадцать слов или все двенадцать чисел, как вы их слышите
partners-trust-do = Сверить и довериться
partners-introduced = Довериться по слову другого партнёра
partners-introduced-how = Партнёр, которому вы доверяете, говорит, кто это. Навсегда будет видно, что фразу вы сами не слышали.
partners-introduced-by = Кто рекомендует
partners-introduced-do = Довериться по рекомендации
partners-distrust = Отозвать доверие
partners-distrust-sure = Отозвать доверие к партнёру { $s }? Круги с ним тогда остановятся: их дел здесь не будет видно, и писать в них будет нельзя, пока доверие не вернут. То, что партнёр уже получил, останется у него.
partners-distrust-do = Да, отозвать доверие
partners-circles-what = Круг — это те, кто может читать. Каждая запись делается в одном круге, и автор знает, кто её прочитает.
partners-circles-none = Здесь ещё нет ни одного круга.
partners-circles-hidden = { $n ->
    [one] { $n } скрытый круг
    [few] { $n } скрытых круга
   *[many] { $n } скрытых кругов
}
partners-circle-new = Новый круг
partners-circle-carried = переносится здесь запечатанным
partners-circle-show = Показать снова
partners-circle-hide = Скрыть
partners-circle-members = Читают и пишут
partners-circle-carriers = Переносят, но не читают
partners-circle-founded = Основан
partners-circle-founded-by = { $s }, { $r }
partners-circle-waits = Ждёт, пока вы доверитесь
partners-circle-name = Название круга
partners-circle-name-how = Его видят только участники.
partners-circle-never = Каждый участник читает всё, что в круге когда-либо будет написано. Изменить это невозможно: для других людей создаётся другой круг.
partners-circle-who = Кто принадлежит к кругу, кроме этого учреждения
partners-circle-alone = Ещё ни одному партнёру не оказано доверие: читать будет только это учреждение.
partners-circle-not = не принадлежит
partners-circle-reads = читает и пишет
partners-circle-carries = переносит, не читает
partners-circle-not-trusted = { $n ->
    [one] { $n } партнёру ещё не оказано доверие, выбрать его нельзя.
    [few] { $n } партнёрам ещё не оказано доверие, выбрать их нельзя.
   *[many] { $n } партнёрам ещё не оказано доверие, выбрать их нельзя.
}
partners-circle-next = Посмотреть ещё раз
partners-circle-sure = Всё верно?
partners-circle-make = Создать круг
partners-circle-back = Назад
partners-machines = Компьютеры этого учреждения
partners-machines-how = Для изменений здесь нужен ключ этого учреждения; их вводят в терминале:
partners-machine-this = этот компьютер
partners-machine-off-card = нет на карточке
partners-machine-closed = закрыт
partners-machine-fork = две ветви
partners-verb-add = добавляет новый компьютер
partners-verb-close = закрывает утраченный
partners-verb-settle = определяет, какая ветвь действует
partners-grants = Ключи, которые просят компьютеры
partners-grants-none = Ни один компьютер не ждёт согласия.
partners-grants-how = Позвоните тому учреждению по номеру, который вы знаете, пусть человек там прочитает слова нового компьютера, и введите:
partners-keys = { $n ->
    [one] { $n } ключ
    [few] { $n } ключа
   *[many] { $n } ключей
}
partners-lacking = Что этот компьютер ещё не может прочитать
partners-machine-words = Слова этого компьютера
partners-machine-words-how = Чтобы прочитать их партнёру, который должен дать ключи этому компьютеру.
