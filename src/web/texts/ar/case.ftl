case-short = الحالة { $s }
case-no-photo = لا توجد صورة بعد
case-names = الأسماء المستعملة
case-numbers = الأرقام
case-circles = الدوائر
case-ways = ما يمكن فعله بهذه الحالة
case-history = السجل
case-print = طباعة
case-export = تصدير
case-disclose = إطلاع دائرة أخرى
case-back = العودة إلى الحالة
case-reads = من يقرأ هذا: { $s }
case-reads-now = من يقرأ هذا الآن: { $s }
case-not-sent = لم يصل بعد إلى { $s }
case-sent = وصل إلى { $s }
case-confirmed = { $s }: آخر تأكيد لما استلمه من هذه الدائرة في
case-spoiled = لا يمكن فتح هذه الورقة الآن
case-spoiled-then = لم يُفقد شيء. اطلبوا ممن يعتني بهذا الجهاز تشغيل «homeward check» لبناء الورقة من جديد.
case-sections = الأقسام
case-nothing = لم يُذكر شيء هنا بعد.
case-other-fields = حقول أخرى
case-is-new = جديد
case-differs = المكاتب مختلفة
case-taken-back = سُحب
case-works-with = { $s } يعتمد هذا
case-edit = تعديل
case-say = إضافة قول
case-edit-field = تعديل: { $s }
case-say-field = ذكر ما يعرفه مكتبكم: { $s }
case-sources = المصادر
case-sources-of = المصادر: { $s }
case-source = المصدر
case-source-kind = نوع المصدر
case-source-document = وثيقة
case-source-person = شخص
case-source-office = مكتب
case-source-list = سطر من قائمة
case-source-disclosed = بحسب هذا المكتب
case-given-by = من قدّمه
case-confidence = درجة التأكد
case-holds-from = سارٍ من
case-holds-to = سارٍ حتى
case-how-known = كيف عُرف هذا
case-quoted = قاله أولا
case-written = كُتب
case-seen = وصل هنا أول مرة
case-late = وصل متأخرا
case-withdrawn = سُحب:
case-replaced = حل محله قول لاحق للمكتب نفسه.
case-disowned = مستبعد: يقع في جزء من السجل لا يُعتدّ به.
case-withdraw = سحب
case-withdraw-what = يبقى ما قاله مكتبكم في السجل، ولا يعود ساريا.
case-prefer = اعتماد هذا
case-reason = السبب
case-same = الطفل نفسه في حالة أخرى
case-same-what = تبقى الحالتان كما هما، وتذكر كل منهما أن الأخرى للطفل نفسه.
case-same-other = الحالة الأخرى
case-field = الحقل
case-value = القول
case-office = المكتب
case-add = إضافة
case-add-relative = إضافة قريب
case-add-whereabouts = إضافة مكان إقامة
case-add-tracing = إضافة إجراء
case-add-document = إضافة وثيقة
case-kind-relative = قريب
case-kind-whereabouts = مكان إقامة
case-kind-tracing = إجراء بحث
case-kind-document = وثيقة
case-name-birth = عند الولادة
case-name-document = في الوثيقة الحالية
case-name-changed = غيّرته سلطة
case-name-nickname = ما يُنادى به الطفل
case-name-adoptive = بعد التبني
case-hint-name = اسم العائلة، ثم فاصلة لاتينية، ثم الاسم واسم الأب: Hrytsenko, Taras Ivanovych
case-hint-place = اسم واحد، أو اسمان بينهما شرطة مائلة ومسافتان: Bakhmut / Artemivsk
case-hint-case = رقمها في قائمة، أو بداية اسمها المختصر
case-save = حفظ
case-cancel = إلغاء
case-meanwhile = كُتب في هذا الحقل والنموذج مفتوح. ما تحفظونه يقف إلى جانبه، ولا يُستبدل شيء.
case-wrong-empty = اكتبوا قيمة.
case-wrong-long = هذا طويل جدا.
case-wrong-control = فيه رمز خفي أو رمز تحكم. اكتبوه من جديد بدل لصقه.
case-wrong-date = هذا ليس تاريخا. اكتبوا 2014 أو 2014-05 أو 2014-05-16 أو 16.05.2014 أو 2014..2016.
case-wrong-choice = اختاروا من القائمة.
case-wrong-near = اختاروا من القائمة. هل المقصود «{ $s }»؟
case-wrong-number = اكتبوا عددا صحيحا.
case-wrong-outside = اكتبوا القائمة ثم نقطتين ثم الرقم: kyiv-list:K0001
case-wrong-case = لا توجد حالة بهذا الاسم.
case-acts = التصريحات
case-act-unread = تصريح لا تستطيع هذه النسخة قراءته
case-signed = توقيعه صحيح.
case-unsigned = توقيعه لا يثبت هنا: لا تعدّوه قولا لأحد.
case-files = الملفات
case-told = ما أُطلعت عليه دوائر أخرى
case-told-none = لم تُطلع دائرة أخرى على شيء من هذه الورقة.
case-other-circle = دائرة لا يقرؤها هذا المكتب
case-disclose-title = إطلاع دائرة أخرى
case-disclose-nowhere = لا توجد دائرة أخرى يستطيع هذا المكتب الكتابة فيها. أنشئوا واحدة في صفحة الشركاء.
case-disclose-to = من ينبغي أن يعرف
case-disclose-what = ما يُقال لهم
case-disclose-look = رؤية ما سيعرفونه
case-disclose-choose = اختاروا من ينبغي أن يعرف وما يُقال: هنا ترون بالضبط ما سيعرفونه قبل إرسال أي شيء.
case-learn-title = ما ستعرفه «{ $s }»
case-learn-readers = سيقرأ هذا: { $s }
case-learn-new = لا يقرأ هذه الورقة اليوم: { $s }
case-learn-ever = ما قرؤوه عرفوه: لا يمكن استرجاعه.
case-learn-do = إطلاعهم
case-export-title = تصدير هذه الحالة
case-export-why = تخرج الملفات من المخزن المختوم. يدوّن السجل من أخذها ولمن ولأي غرض.
case-export-what = أي أوراق
case-export-all = كل الأوراق التي يقرؤها هذا المكتب
case-export-for = لمن
case-export-purpose = الغرض
case-export-do = تدوين وتنزيل
case-printed = طُبع في { $s }،
case-new = { $n ->
    [one] جديد واحد
    [two] جديدان
   *[other] { $n } جديد
}
case-age = { $n ->
    [zero] أقل من سنة
    [one] سنة واحدة
    [two] سنتان
    [few] { $n } سنوات
   *[other] { $n } سنة
}
case-age-or = { $n ->
    [few] { $s } أو { $n } سنوات
   *[other] { $s } أو { $n } سنة
}
case-age-to = { $n ->
    [few] من { $s } إلى { $n } سنوات
   *[other] من { $s } إلى { $n } سنة
}
case-kib = { $n ->
   *[other] { $n } ك.ب
}
case-told-claims = { $n ->
    [one] قول واحد
    [two] قولان
    [few] { $n } أقوال
   *[other] { $n } قولا
}
case-learn-known = { $n ->
    [one] أحد الأقوال المختارة قيل لهم من قبل.
    [two] قولان من المختارة قيلا لهم من قبل.
   *[other] { $n } من الأقوال المختارة قيلت لهم من قبل.
}
