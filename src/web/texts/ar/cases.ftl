cases-title = الحالات
cases-search = اسم أو رقم أو مكان، بأي خط
cases-new = حالة جديدة
cases-waiting = تنتظرني
cases-changed = تغيرت منذ اطلاعي
cases-conflict = تعارض في الخطة
cases-differs = اختلاف بين المكاتب
cases-stage = المرحلة
cases-any-stage = أي مرحلة
cases-circle = الدائرة
cases-any-circle = أي دائرة
cases-born = المواليد
cases-born-from = سنة الميلاد من
cases-born-to = سنة الميلاد إلى
cases-order = الترتيب
cases-by-name = حسب الاسم
cases-by-change = الأحدث تغيرا أولا
cases-by-number = حسب الرقم
cases-kept = عوامل تصفية محفوظة
cases-keep = حفظ التصفية باسم
cases-keep-do = حفظ
cases-more = المزيد
cases-columns = الأعمدة
cases-none = لا توجد حالة كهذه.
cases-no-name = بلا اسم بعد
cases-more-names = +{ $n }
cases-mark-waiting = تنتظر
cases-column-name = الاسم
cases-column-born = الميلاد
cases-column-stage = المرحلة
cases-column-marks = للنظر
cases-column-number = الرقم
cases-column-circle = الدائرة
cases-column-last = آخر تغيير
new-title = حالة جديدة
new-no-circle = لا توجد بعد دائرة يمكن فتح حالة فيها. أنشئ واحدة في صفحة الشركاء.
new-readers = من يقرأ هذا
new-surname = اسم العائلة
new-given = الاسم الأول
new-patronymic = اسم الأب
new-born-how = بقدر ما هو معروف: 2014 أو 2014-05 أو 16.05.2014 أو 2014..2016
new-number-how = في أي قائمة وأي رقم: kyiv-list:K0001
new-source = مصدر هذه المعلومات
new-do = فتح الحالة
cases-total = { $n ->
    [zero] لا حالات
    [one] حالة واحدة
    [two] حالتان
    [few] { $n } حالات
   *[other] { $n } حالة
}
cases-mark-conflict = { $n ->
    [one] تعارض واحد
    [two] تعارضان
    [few] { $n } تعارضات
   *[other] { $n } تعارضا
}
cases-mark-differs = { $n ->
    [one] حقل واحد مختلف
    [two] حقلان مختلفان
    [few] { $n } حقول مختلفة
   *[other] { $n } حقلا مختلفا
}
cases-urgency = درجة الاستعجال
cases-id = الحالة
cases-export = تسليم ما هو معروض
cases-export-for = لمن
cases-export-purpose = لأي غرض
cases-export-noted = يُكتب اسمك وهذه البيانات والوقت أولًا في سجل ما سُلِّم.
