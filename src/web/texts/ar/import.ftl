import-title = استلام قائمة
import-why = جدول من شريك: ترى أولًا صفًّا بعد صف ما الذي سيحدث؛ ولا يُكتب شيء حتى تقول ذلك.
import-drop = أفلِت هنا ملف CSV أو XLSX أو اختر ملفًا
import-drop-how = يبقى في هذه الصفحة ولا يُحفظ على القرص.
import-wait = تجري قراءة القائمة…
import-too-large = هذا الملف أكبر مما يمكن أن تكونه قائمة. لم يُقرأ شيء.
import-remembered = سبق أن استلمت قائمة بهذه العناوين: الأعمدة مضبوطة كما اخترتها حينها.
import-list-name = ما اسم هذه القائمة
import-list-how = تُحفظ أرقامها تحت هذا الاسم. خذ الاسم نفسه للنسخة التالية من القائمة نفسها: فتُصحَّح الأرقام المعروفة بدل أن تُفتح من جديد.
import-sheet = الورقة
import-dates = تواريخ مثل 05/06/2014
import-day-first = اليوم أولًا: ٥ يونيو
import-month-first = الشهر أولًا: ٦ مايو
import-direction = ما يقال عن كل طفل
import-not-said = لا شيء إضافي
import-columns = أعمدة القائمة
import-rows = { $n ->
    [zero] لا صفوف
    [one] صف واحد
    [two] صفان
    [few] { $n } صفوف
    [many] { $n } صفًّا
   *[other] { $n } صف
}
import-column = العمود
import-cells = ما فيه
import-holds = ما هو
import-left-out = يُترك
import-word-refused = غير معروف: تُرفض هذه الصفوف
import-try = جرّب
import-try-how = يُظهر ما سيحدث. لا يُكتب شيء.
import-would = هذا ما سيحدث
import-did = استُلمت القائمة
import-apply = استلمها
import-nothing-yet = لم يُكتب شيء بعد.
import-save-csv = حفظ النتيجة بصيغة CSV
import-save-xlsx = حفظ النتيجة بصيغة XLSX
import-more = { $n ->
    [one] يوجد صف آخر في الملف الذي يمكنك حفظه.
    [two] يوجد صفان آخران في الملف الذي يمكنك حفظه.
    [few] توجد { $n } صفوف أخرى في الملف الذي يمكنك حفظه.
   *[other] يوجد { $n } صفًّا آخر في الملف الذي يمكنك حفظه.
}
import-line = الصف
import-number = الرقم
import-outcome = النتيجة
import-case = الحالة
import-detail = التفاصيل
import-new = جديد
import-changed = تغيّر
import-unchanged = كما كان
import-refused = مرفوض
import-slip-then = لم يُكتب شيء. صحّحه أعلاه وجرّب من جديد.
import-twice = قيل عن عمودين إن فيهما الشيء نفسه.
import-no-number = لم يُذكر أي عمود على أنه رقم القائمة نفسها.
import-no-columns = لم يُذكر عن أي عمود ما فيه غير الرقم.
import-no-name = القائمة بلا اسم.
import-the-list = القائمة
import-own-number = الرقم في هذه القائمة
import-part-surname = اسم العائلة
import-part-given = الاسم الأول
import-part-patronymic = اسم الأب
import-part-whole = الاسم كاملًا
