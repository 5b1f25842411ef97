partners-tab-links = الاتصال
partners-tab-circles = الدوائر
partners-tab-cards = البطاقات
partners-tab-machines = هذا المكتب
partners-map = حالة الاتصال
partners-map-alt = هذا المكتب وشركاؤه، ولكل اتصال خط. ويوصف كل شريك بالكلمات أدناه.
partners-this-office = هذا المكتب
partners-never = لم يتصل بعد
partners-carries = ينقل
partners-none = لا يعرف هنا أي شريك بعد. استلم بطاقة الشريك أولا:
partners-all-paused = كل شيء متوقف مؤقتا: لا يرسل شيء ولا يستقبل شيء.
partners-sync = زامن الآن
partners-sync-all = زامن مع الجميع
partners-sync-with = زامن الآن مع { $s }
partners-sync-busy = تجري المزامنة…
partners-pause = إيقاف مؤقت
partners-pause-with = إيقاف { $s } مؤقتا
partners-pause-all = إيقاف الجميع مؤقتا
partners-resume = متابعة
partners-resume-with = متابعة مع { $s }
partners-resume-all = متابعة مع الجميع
partners-traffic = منذ تشغيل هذه العقدة أرسل { $s } واستقبل { $r }.
partners-speed = في الثانية الآن: يرسل { $s } ويستقبل { $r }.
partners-bytes = { $n ->
    [zero] { $n } بايت
    [one] بايت واحد
    [two] بايتان
    [few] { $n } بايتات
   *[other] { $n } بايت
}
partners-tenths = { $s }٫{ $r }
partners-kib = { $s } كيلوبايت
partners-mib = { $s } ميغابايت
partners-gib = { $s } غيغابايت
partners-contact = آخر اتصال: { $s }
partners-contact-none = لا اتصال حتى الآن
partners-way-link = ينتقل عبر اتصال مباشر.
partners-way-link-before = انتقل آخر مرة عبر اتصال مباشر.
partners-way-bundle = لم ينتقل حتى الآن إلا بالحزم.
partners-bundle-last = آخر حزمة له: { $s }، أعدها { $r }.
partners-waits = ينتظر الإرسال: { $s }
partners-no-circle = لا توجد بعد دائرة مشتركة مع هذا الشريك.
partners-col-circle = الدائرة
partners-col-held = ما وصله منا
partners-col-applied = ما أدرجه منا
partners-col-confirmed = تأكد
partners-col-waits = ينتظر الإرسال إليه
partners-col-lacking = لم يصلنا منه بعد
partners-of = { $s } من { $r }
partners-confirmed-none = لم يؤكد شيئا بعد
partners-nothing-of-ours = لا شيء منا عنده بعد
partners-applied-sealed = ينقلها مختومة
partners-applied-unknown = لم يكتب منذ ذلك
partners-nothing = لا شيء
partners-segments = { $n ->
    [zero] لا مقاطع
    [one] مقطع واحد
    [two] مقطعان
    [few] { $n } مقاطع
    [many] { $n } مقطعا
   *[other] { $n } مقطع
}
partners-edits = { $n ->
    [zero] لا تعديلات
    [one] تعديل واحد
    [two] تعديلان
    [few] { $n } تعديلات
    [many] { $n } تعديلا
   *[other] { $n } تعديل
}
partners-synced-same = لدى الطرفين الشيء نفسه
partners-synced-partly = تم الاتصال، والباقي يأتي مع المزامنة التالية
partners-synced-unreached = تعذر الاتصال، ولم يضع شيء
partners-synced-received = { $n ->
    [zero] لم يصل أي مقطع
    [one] وصل مقطع واحد
    [two] وصل مقطعان
    [few] وصلت { $n } مقاطع
    [many] وصل { $n } مقطعا
   *[other] وصل { $n } مقطع
}
partners-synced-confirmed = { $n ->
    [zero] لم يؤكد أي مقطع
    [one] أكد مقطع واحد
    [two] أكد مقطعان
    [few] أكدت { $n } مقاطع
    [many] أكد { $n } مقطعا
   *[other] أكد { $n } مقطع
}
partners-bundle = حزمة
partners-bundle-for = حزمة إلى { $s }
partners-bundle-how = ملف يمكن أن ينقله أي شخص: لا تفتحه إلا أجهزة هذا الشريك. ويسجل اسمك في السجل.
partners-bundle-lacks = تنزيل ما ينقصه
partners-bundle-all = تنزيل كل المشترك
partners-bundle-in = استلام حزمة
partners-bundle-in-how = ملف أعده شريك لهذا المكتب. ولا ضرر من استلامه مرتين.
partners-bundle-drop = أفلت الملف هنا أو اختره
partners-drop-busy = تجري قراءة الملف…
partners-drop-failed = تعذر تسليم الملف إلى العقدة. اختره مرة أخرى، ولم يضع شيء.
partners-drop-long = هذا الملف أكبر من ٦٤ ميغابايت. استلمه في الطرفية: homeward bundle in FILE
partners-taken-from = حزمة من { $s }:
partners-taken-segments = { $n ->
    [zero] لا مقاطع جديدة،
    [one] مقطع جديد واحد،
    [two] مقطعان جديدان،
    [few] { $n } مقاطع جديدة،
    [many] { $n } مقطعا جديدا،
   *[other] { $n } مقطع جديد،
}
partners-taken-known = { $n } معروفة من قبل،
partners-taken-records = { $n ->
    [zero] لا سجلات جديدة.
    [one] سجل جديد واحد.
    [two] سجلان جديدان.
    [few] { $n } سجلات جديدة.
    [many] { $n } سجلا جديدا.
   *[other] { $n } سجل جديد.
}
partners-taken-complete = لا ينقص هنا شيء مما لدى { $s }.
partners-taken-missing = لا يزال ينقص هنا:
partners-trust-own = هذا المكتب
partners-trust-phrase = موثوق: سمعت عبارة الأمان وأدخلت هنا، { $s }
partners-trust-introduced = موثوق بتعريف من { $s }، { $r }
partners-trust-not = غير موثوق بعد
partners-trust-not-brought = غير موثوق بعد، وصلت بطاقته من { $s }
partners-card-in = استلام بطاقة
partners-card-in-how = بيان علني من الشريك يعرف فيه بنفسه. أما الثقة به فخطوة مستقلة.
partners-card-drop = أفلت ملف البطاقة هنا أو اختره
partners-card-long = هذا الملف أطول من أن يكون بطاقة.
partners-card-export = تنزيل البطاقة
partners-card-print = طباعة
partners-card-nodes = الأجهزة على هذه البطاقة
partners-card-revision = الإصدار { $n }
partners-card-no-address = بلا عنوان: يتصل هو بغيره
partners-phrase = عبارة الأمان
partners-phrase-own = اقرأ هذه الكلمات الاثنتي عشرة أو الأرقام للشريك عبر خط تعرفانه كلاكما.
partners-phrase-other = قورنت عند منح الثقة لهذا الشريك. وللمقارنة من جديد، ليقرأ شخص هناك عبارته.
partners-qr-card = البطاقة كاملة، لكاميرا الهاتف
partners-qr-phrase = من هذا وأرقام العبارة، لكاميرا الهاتف
partners-trust-title = الثقة بهذا الشريك
partners-trust-how = اتصل بالشريك { $s } على خط تعرفه. ليقرأ شخص هناك عبارة الأمان على بطاقته، وأدخل ما تسمعه.
partners-trust-phrase-label = الكلمات الاثنتا عشرة كلها أو الأرقام الاثنا عشر كلها كما تسمعها
partners-trust-do = قارن وامنح الثقة
partners-introduced = الثقة بتعريف من شريك آخر
partners-introduced-how = شريك تثق به يقول من هذا. وسيظهر دائما أنك لم تسمع العبارة بنفسك.
partners-introduced-by = من يعرف به
partners-introduced-do = امنح الثقة بالتعريف
partners-distrust = سحب الثقة
partners-distrust-sure = هل تريد سحب الثقة من { $s }؟ تتوقف عندئذ الدوائر المشتركة معه: لا تظهر حالاتها هنا ولا يمكن الكتابة فيها حتى تعود الثقة. وما وصله يبقى لديه.
partners-distrust-do = نعم، اسحب الثقة
partners-circles-what = الدائرة هي من يمكنه القراءة. كل شيء يكتب في دائرة واحدة، فيعرف كاتبه من سيقرؤه.
partners-circles-none = لا توجد هنا دائرة بعد.
partners-circles-hidden = { $n ->
    [zero] لا دوائر مخفية
    [one] دائرة مخفية واحدة
    [two] دائرتان مخفيتان
    [few] { $n } دوائر مخفية
    [many] { $n } دائرة مخفية
   *[other] { $n } دائرة مخفية
}
partners-circle-new = دائرة جديدة
partners-circle-carried = تنقل هنا مختومة
partners-circle-show = إظهار من جديد
partners-circle-hide = إخفاء
partners-circle-members = يقرأ ويكتب
partners-circle-carriers = ينقل ولا يقرأ
partners-circle-founded = أسست
partners-circle-founded-by = أسسها { $s }، { $r }
partners-circle-waits = تنتظر أن تثق بـ
partners-circle-name = اسم الدائرة
partners-circle-name-how = لا يقرؤه إلا أعضاؤها.
partners-circle-never = كل عضو يقرأ كل ما يكتب فيها في أي وقت. ولا يمكن تغيير ذلك أبدا: لأشخاص آخرين دائرة أخرى.
partners-circle-who = من ينتمي إليها غير هذا المكتب
partners-circle-alone = لا ثقة بأي شريك بعد: لن يقرأها إلا هذا المكتب.
partners-circle-not = لا ينتمي
partners-circle-reads = يقرأ ويكتب
partners-circle-carries = ينقل ولا يقرأ
partners-circle-not-trusted = { $n ->
    [zero] لا شركاء غير موثوقين.
    [one] شريك واحد غير موثوق بعد ولا يمكن اختياره.
    [two] شريكان غير موثوقين بعد ولا يمكن اختيارهما.
    [few] { $n } شركاء غير موثوقين بعد ولا يمكن اختيارهم.
    [many] { $n } شريكا غير موثوقين بعد ولا يمكن اختيارهم.
   *[other] { $n } شريك غير موثوقين بعد ولا يمكن اختيارهم.
}
partners-circle-next = راجعها مرة أخرى
partners-circle-sure = هل هذا صحيح؟
partners-circle-make = إنشاء الدائرة
partners-circle-back = رجوع
partners-machines = أجهزة هذا المكتب
partners-machines-how = كل تغيير هنا يحتاج إلى مفتاح هذا المكتب، ويكتب في الطرفية:
partners-machine-this = هذا الجهاز
partners-machine-off-card = ليس على البطاقة
partners-machine-closed = مغلق
partners-machine-fork = فرعان
partners-verb-add = يضيف جهازا جديدا
partners-verb-close = يغلق جهازا مفقودا
partners-verb-settle = يحدد الفرع المعتمد
partners-grants = مفاتيح تطلبها الأجهزة
partners-grants-none = لا جهاز ينتظر الموافقة.
partners-grants-how = اتصل بذلك المكتب على خط تعرفه، وليقرأ شخص هناك كلمات الجهاز الجديد، ثم اكتب:
partners-keys = { $n ->
    [zero] لا مفاتيح
    [one] مفتاح واحد
    [two] مفتاحان
    [few] { $n } مفاتيح
    [many] { $n } مفتاحا
   *[other] { $n } مفتاح
}
partners-lacking = ما لا يستطيع هذا الجهاز قراءته بعد
partners-machine-words = كلمات هذا الجهاز
partners-machine-words-how = تقرأ للشريك الذي سيعطي هذا الجهاز مفاتيحه.
