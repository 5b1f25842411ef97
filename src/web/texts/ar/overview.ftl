overview-title = نظرة عامة
overview-hand-out = تسليم
overview-hand-out-how = أعداد فقط، دون ما يقل عن ٥ ودون ما يمكن أن يدلّ عليه.
overview-what = ما عُدّ
overview-cases = الحالات
overview-days-in-stage = بجانب كل مرحلة: كم مضى على حالاتها فيها (نصفها أطول ونصفها أقصر)
overview-days = { $n ->
    [zero] أقل من يوم
    [one] يوم واحد
    [two] يومان
    [few] { $n } أيام
    [many] { $n } يومًا
   *[other] { $n } يوم
}
overview-journal = سجل ما سُلِّم
overview-journal-total = { $n ->
    [0] لم يُسلَّم شيء من هذا الجهاز.
    [one] سُلِّم شيء من هذا الجهاز مرة واحدة.
    [two] سُلِّم شيء من هذا الجهاز مرتين.
    [few] سُلِّم شيء من هذا الجهاز { $n } مرات.
   *[other] سُلِّم شيء من هذا الجهاز { $n } مرة.
}
overview-when = متى
overview-who = من
overview-took = ماذا
overview-recipient = لمن
overview-purpose = لأي غرض
overview-all = كل الحالات
overview-few = أقل من ٥
overview-withheld = محجوب
overview-counted-by = بحسب
overview-by-stage = المرحلة
overview-by-circle = الدائرة
overview-by-office = المكتب الذي سمّى الطفل
overview-by-age = العمر
overview-by-quiet = آخر تغيير
overview-by-month = فُتحت
overview-over-stage = المراحل شهرًا بشهر
overview-over-stage-note = في نهاية كل شهر، والأخير حتى الآن. تُعدّ كل حالة في المرحلة التي ذكرتها خطتها آخر مرة. ليس هذا جزءًا مما يُسلَّم.
overview-over-office = المكاتب شهرًا بشهر
overview-over-office-note = الحالات التي قال عنها المكتب شيئًا حتى نهاية كل شهر. ليس هذا جزءًا مما يُسلَّم.
overview-by-differs = المكاتب تختلف
overview-by-conflict = تعارض في الخطة
overview-by-urgency = درجة الاستعجال
overview-not-said = غير مذكور
overview-age-from = { $n ->
    [one] { $n } فأكثر
   *[other] { $n } فأكثر
}
overview-age-band = من { $s } إلى { $r }
overview-quiet-week = خلال أسبوع
overview-quiet-month = خلال شهر
overview-quiet-quarter = خلال ثلاثة أشهر
overview-quiet-year = خلال سنة
overview-quiet-more = قبل ذلك
overview-before = قبل ذلك
overview-took-everything = كل شيء
overview-took-counts = أعداد
overview-took-bundle = حزمة
overview-took-list = { $n ->
    [one] قائمة بحالة واحدة
    [two] قائمة بحالتين
    [few] قائمة بـ { $n } حالات
   *[other] قائمة بـ { $n } حالة
}
overview-took-backup = نسخة احتياطية يفتحها مفتاح منفصل
overview-took-case = الحالة { $s }
