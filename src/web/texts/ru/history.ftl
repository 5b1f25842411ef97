history-title = История
history-back = К делу
history-moment = Момент
history-how = Просмотр всех изменений в том порядке, в котором их писали. Клавиши со стрелками ведут на одно изменение назад или вперёд.
history-then = Дело в этот момент
history-edits = Все изменения
history-count = { $n ->
    [one] { $n } изменение
    [few] { $n } изменения
    [many] { $n } изменений
   *[other] { $n } изменения
}
history-new = { $n ->
    [one] { $n } поступило после вашего последнего просмотра
    [few] { $n } поступили после вашего последнего просмотра
    [many] { $n } поступило после вашего последнего просмотра
   *[other] { $n } поступило после вашего последнего просмотра
}
history-mark-new = новое после вашего просмотра
history-disowned = не учитывается
history-disowned-why = Это изменение стоит в той части журнала, которую его ведомство не признало. Оно остаётся на виду, но ничего не изменило; показано дело, каким оно было тогда.
history-partly = подействовало частично
history-nothing = без последствий
history-seen = здесь впервые
history-as-seen-by = как это видел автор изменения:
history-empty = Здесь ещё ничего не было написано.
history-said = Что было сказано
history-acts = Акты
history-files = Файлы
history-file = Файл
history-just = Именно тогда:
history-claimed = { $n ->
    [one] сообщено { $n } сведение
    [few] сообщено { $n } сведения
    [many] сообщено { $n } сведений
   *[other] сообщено { $n } сведения
}
history-withdrew = { $n ->
    [one] отозвана { $n } запись
    [few] отозвано { $n } записи
    [many] отозвано { $n } записей
   *[other] отозвано { $n } записи
}
history-reason = Причина
history-planned = записано в план: { $s }
history-planned-vain = записано в план, не учитывается: { $s }
history-noted = написано в общей заметке
history-acted-as = подписано: { $s }
history-acted = сделано заявление
history-filed = добавлен файл
history-told = сообщено другому кругу: { $s }
history-did-nothing = ничего не изменено
history-more = { $n ->
    [one] и ещё { $n }
    [few] и ещё { $n }
    [many] и ещё { $n }
   *[other] и ещё { $n }
}
