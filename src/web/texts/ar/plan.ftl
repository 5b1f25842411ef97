planning-title = الخطة
planning-way = الطريق إلى البيت
planning-reached = تم بلوغها
planning-here = هنا الآن
planning-beside = خارج المسار:
planning-missing = لم يُسجَّل بعد، ولا شيء يتوقف عليه:
planning-two-people = { $s }: { $r } من شخصين
planning-two-offices = { $s }: { $r } من مكتبين
planning-three-offices = { $s }: { $r } من ثلاثة مكاتب
planning-set = تعيين
planning-conflicts = { $n ->
    [zero] لا تعارض في الخطة ({ $n })
    [one] تعارض واحد في الخطة ({ $n })
    [two] تعارضان في الخطة ({ $n })
    [few] { $n } تعارضات في الخطة
    [many] { $n } تعارضًا في الخطة
   *[other] { $n } تعارض في الخطة
}
planning-conflicts-why = كُتبت هذه القيم دون أن يرى أصحابها بعضهم بعضًا. أبقوا واحدة منها؛ وتبقى الأخرى في السجل.
planning-keep = إبقاء هذه
planning-settle-who = يحسم ذلك أخصائي إدارة الحالة أو المشرف أو الوسيط.
planning-in-conflict = متعارض، انظروا أعلاه
planning-legs = الرحلة
planning-tasks = المهام
planning-papers = الوثائق
planning-visits = الزيارات
planning-no-leg = لم يُخطَّط أي مقطع بعد.
planning-no-task = لا مهام بعد.
planning-no-paper = لا وثائق بعد.
planning-no-visit = لا زيارات بعد.
planning-add-leg = إضافة مقطع من الرحلة
planning-add-task = إضافة مهمة
planning-add-paper = إضافة وثيقة
planning-add-visit = إضافة زيارة
planning-add = إضافة
planning-edit = تعديل
planning-save = حفظ
planning-clear = مسح الكل
planning-done = أُنجزت:
planning-done-do = أُنجزت
planning-late = كتب آخرون هنا بينما كانت هذه الاستمارة مفتوحة. ما تغيّرونه يقف بجانب ما كتبوه كتعارض؛ ولا يُكتب فوق شيء.
planning-date-how = 2026-12-24 أو 12.2026
planning-numbered = { $s } { $r }
planning-of-item = { $s }: { $r }
planning-cleared = مُسحت
planning-nothing = لم يتغيّر شيء.
planning-saved = تم الحفظ. يقرؤه: { $s }.
planning-settled = تم الحسم. يقرؤه: { $s }. تبقى القيمة الأخرى في السجل.
planning-made-conflict = تم الحفظ، وكان آخرون قد كتبوا في هذه الأثناء: { $s }. لم يُكتب فوق شيء؛ كل القيم معروضة في أعلى الخطة.
planning-not-read = { $s }: لا يمكن قراءة ذلك كقيمة لهذا الحقل.
planning-not-read-then = لم يُحفظ شيء. تُكتب التواريخ هكذا: 2026 أو 2026-12 أو 2026-12-24 أو 24.12.2026.
planning-before = { $n ->
    [zero] لا قيم سابقة ({ $n })
    [one] قيمة سابقة واحدة ({ $n })
    [two] قيمتان سابقتان ({ $n })
    [few] { $n } قيم سابقة
    [many] { $n } قيمة سابقة
   *[other] { $n } قيمة سابقة
}
planning-before-more = { $n ->
    [zero] لا مزيد في السجل ({ $n })
    [one] واحدة أخرى في السجل ({ $n })
    [two] اثنتان أخريان في السجل ({ $n })
    [few] { $n } أخرى في السجل
    [many] { $n } أخرى في السجل
   *[other] { $n } أخرى في السجل
}
planning-spoiled = لا يمكن عرض هذه الصفحة. تحقّقوا من بيانات هذا الجهاز: homeward check.
note-title = الملاحظة المشتركة
note-how = يكتب الجميع هنا معًا. يقرؤها: { $s }.
note-saving = جارٍ الحفظ…
note-saved = تم الحفظ
note-away = لم تُحفظ بعد: البرنامج لا يستجيب. تُعاد المحاولة.
note-refused = لم تُحفظ
note-who = كتبوا هنا في الدقائق الأخيرة
note-flag = { $s } · { $r }
