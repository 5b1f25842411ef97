worklist-title = قائمة العمل
worklist-counts = ما ينبغي عمله
worklist-idle = لا شيء ينتظر هنا. ما يصل يظهر من تلقاء نفسه.
worklist-conflict-cases = { $n ->
    [zero] حالة فيها تعارض
    [one] حالة فيها تعارض ينتظر الحسم
    [two] حالتان فيهما تعارض ينتظر الحسم
    [few] حالات فيها تعارض ينتظر الحسم
   *[other] حالة فيها تعارض ينتظر الحسم
}
worklist-waiting-cases = { $n ->
    [zero] حالة تنتظرك
    [one] حالة تنتظرك
    [two] حالتان تنتظرانك
    [few] حالات تنتظرك
   *[other] حالة تنتظرك
}
worklist-stuck-parts = { $n ->
    [zero] رسالة لم تُقبل
    [one] رسالة لم تُقبل
    [two] رسالتان لم تُقبلا
    [few] رسائل لم تُقبل
   *[other] رسالة لم تُقبل
}
worklist-differing-cases = { $n ->
    [zero] حالة تختلف فيها المكاتب
    [one] حالة تختلف فيها المكاتب
    [two] حالتان تختلف فيهما المكاتب
    [few] حالات تختلف فيها المكاتب
   *[other] حالة تختلف فيها المكاتب
}
worklist-changed-cases = { $n ->
    [zero] حالة تغيّرت منذ اطّلاعك
    [one] حالة تغيّرت منذ اطّلاعك
    [two] حالتان تغيّرتا منذ اطّلاعك
    [few] حالات تغيّرت منذ اطّلاعك
   *[other] حالة تغيّرت منذ اطّلاعك
}
worklist-conflicts = ينتظر الحسم
worklist-conflicts-why = غيّر شخصان البند نفسه من الخطة دون أن يرى أحدهما تغيير الآخر. اختر ما يبقى؛ ويُحفظ الباقي في التاريخ.
worklist-waiting = ينتظرك أو ينتظر مكتبك
worklist-stuck = لم يُقبل
worklist-stuck-why = شيء مما وصل من الشركاء لا يمكن قراءته أو لا يُعتدّ به. وكل ما عداه مستمر.
worklist-differences = المكاتب تختلف
worklist-differences-why = القولان قائمان جنبًا إلى جنب. لا يلزم حسم شيء هنا؛ انظر هل يحتاج أحدهما إلى توضيح.
worklist-changed = تغيّر منذ اطّلاعك
worklist-settle = أبقِ هذا
worklist-empty-value = فارغ
worklist-refused = { $n ->
    [one] مرفوض: { $n }
   *[other] مرفوض: { $n }
}
worklist-forked = { $n ->
    [one] أجهزة روت روايتين: { $n }
   *[other] أجهزة روت روايتين: { $n }
}
worklist-held = { $n ->
    [one] لا يمكن فتحه بعد: { $n }
   *[other] لا يمكن فتحه بعد: { $n }
}
worklist-untrusted = ينتظر أن تثق بـ { $s }
worklist-all = { $n ->
    [one] عرض حالة واحدة ({ $n })
    [two] عرض الحالتين ({ $n })
    [few] عرض كل الحالات وعددها { $n }
   *[other] عرض كل الحالات وعددها { $n }
}
worklist-moved-what = غيّر أحدهم هذا البند والصفحة مفتوحة. لم يُحسم شيء.
worklist-moved-then = القيم أدناه هي القيم الحالية. انظر إليها واختر من جديد.
