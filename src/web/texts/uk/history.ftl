history-title = Історія
history-back = До справи
history-moment = Момент
history-how = Перегляд усіх змін у тому порядку, в якому їх писали. Клавіші зі стрілками ведуть на одну зміну назад або вперед.
history-then = Справа в цей момент
history-edits = Усі зміни
history-count = { $n ->
    [one] { $n } зміна
    [few] { $n } зміни
    [many] { $n } змін
   *[other] { $n } зміни
}
history-new = { $n ->
    [one] { $n } надійшла після вашого останнього перегляду
    [few] { $n } надійшли після вашого останнього перегляду
    [many] { $n } надійшло після вашого останнього перегляду
   *[other] { $n } надійшло після вашого останнього перегляду
}
history-mark-new = нове після вашого перегляду
history-disowned = не враховується
history-disowned-why = Ця зміна стоїть у тій частині журналу, яку її установа не визнала. Її видно, але вона нічого не змінила; показано справу, якою вона була тоді.
history-partly = подіяло частково
history-nothing = без наслідків
history-seen = тут уперше
history-as-seen-by = як це бачив автор зміни:
history-empty = Тут ще нічого не було написано.
history-said = Що було сказано
history-acts = Акти
history-files = Файли
history-file = Файл
history-just = Саме тоді:
history-claimed = { $n ->
    [one] повідомлено { $n } відомість
    [few] повідомлено { $n } відомості
    [many] повідомлено { $n } відомостей
   *[other] повідомлено { $n } відомості
}
history-withdrew = { $n ->
    [one] відкликано { $n } запис
    [few] відкликано { $n } записи
    [many] відкликано { $n } записів
   *[other] відкликано { $n } запису
}
history-reason = Причина
history-planned = записано в план: { $s }
history-planned-vain = записано в план, не враховується: { $s }
history-noted = написано у спільній нотатці
history-acted-as = підписано: { $s }
history-acted = зроблено заяву
history-filed = додано файл
history-told = повідомлено іншому колу: { $s }
history-did-nothing = нічого не змінено
history-more = { $n ->
    [one] і ще { $n }
    [few] і ще { $n }
    [many] і ще { $n }
   *[other] і ще { $n }
}
