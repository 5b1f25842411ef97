history-title = السجل
history-back = العودة إلى الحالة
history-moment = اللحظة
history-how = تصفّحوا كل التعديلات بالترتيب الذي كُتبت به. تنقل مفاتيح الأسهم تعديلًا واحدًا إلى الوراء أو إلى الأمام.
history-then = الحالة في هذه اللحظة
history-edits = كل التعديلات
history-count = { $n ->
    [zero] لا تعديلات ({ $n })
    [one] تعديل واحد ({ $n })
    [two] تعديلان ({ $n })
    [few] { $n } تعديلات
    [many] { $n } تعديلًا
   *[other] { $n } تعديل
}
history-new = { $n ->
    [zero] لم يصل شيء منذ زيارتكم الأخيرة ({ $n })
    [one] وصل تعديل واحد منذ زيارتكم الأخيرة ({ $n })
    [two] وصل تعديلان منذ زيارتكم الأخيرة ({ $n })
    [few] وصلت { $n } تعديلات منذ زيارتكم الأخيرة
    [many] وصل { $n } تعديلًا منذ زيارتكم الأخيرة
   *[other] وصل { $n } تعديل منذ زيارتكم الأخيرة
}
history-mark-new = جديد منذ زيارتكم الأخيرة
history-disowned = لا يُحتسب
history-disowned-why = يقع هذا التعديل في جزء من سجل لم يعتمده مكتبه. يبقى ظاهرًا ولم يغيّر شيئًا؛ والمعروض هو الحالة كما كانت حينها.
history-partly = أثّر جزئيًا
history-nothing = بلا أثر
history-seen = ظهر هنا أول مرة
history-as-seen-by = كما رآها كاتب التعديل:
history-empty = لم يُكتب هنا شيء بعد.
history-said = ما قيل
history-acts = الإفادات الموقّعة
history-files = الملفات
history-file = ملف
history-just = في تلك اللحظة:
history-claimed = { $n ->
    [zero] لم تُذكر أي معلومة ({ $n })
    [one] ذُكرت معلومة واحدة ({ $n })
    [two] ذُكرت معلومتان ({ $n })
    [few] ذُكرت { $n } معلومات
    [many] ذُكرت { $n } معلومة
   *[other] ذُكرت { $n } معلومة
}
history-withdrew = { $n ->
    [zero] لم يُسحب أي بند ({ $n })
    [one] سُحب بند واحد ({ $n })
    [two] سُحب بندان ({ $n })
    [few] سُحبت { $n } بنود
    [many] سُحب { $n } بندًا
   *[other] سُحب { $n } بند
}
history-reason = السبب
history-planned = سُجّل في الخطة: { $s }
history-planned-vain = سُجّل في الخطة دون احتساب: { $s }
history-noted = كُتب في الملاحظة المشتركة
history-acted-as = وُقّع: { $s }
history-acted = صدرت إفادة
history-filed = أُضيف ملف
history-told = أُبلغت دائرة أخرى: { $s }
history-did-nothing = لم يتغيّر شيء
history-more = { $n ->
    [zero] ولا مزيد ({ $n })
    [one] وواحدة أخرى ({ $n })
    [two] واثنتان أخريان ({ $n })
    [few] و{ $n } أخرى
    [many] و{ $n } أخرى
   *[other] و{ $n } أخرى
}
