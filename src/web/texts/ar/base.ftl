list-comma = { "، " }
list-last = { $s } و{ $r }
dates-range = { $s } – { $r }
ago-now = الآن
value-yes = نعم
value-no = لا
say-close = إغلاق
readers = يقرؤها: { $s }
nav-skip = الانتقال إلى الصفحة
nav-label = الصفحات
nav-cases = الحالات
nav-worklist = قائمة العمل
nav-partners = الشركاء
nav-import = القوائم
nav-overview = نظرة عامة
nav-other-person = شخص آخر هنا
nav-lock = قفل
nav-look = اللغة والمظهر
nav-language = اللغة
nav-theme = المظهر
theme-system = حسب النظام
theme-light = فاتح
theme-dark = داكن
link-up = متصل
link-down = غير متصل
link-paused = متوقف مؤقتا
keys-title = لوحة المفاتيح
keys-search = بحث
keys-move = التنقل في القائمة
keys-open = فتح
keys-new = حالة جديدة
keys-back = رجوع أو إغلاق
keys-help = هذه القائمة
unlock-title = هذا المكتب مقفل
unlock-why = لم يفقد شيء. اكتب عبارة المرور لهذا الجهاز للمتابعة، وعندها تعود الاتصالات أيضا.
unlock-passphrase = عبارة المرور أو كلمات الاسترداد
unlock-open = فتح القفل
unlock-lost = إذا ضاعت عبارة المرور فإن كلمات الاسترداد المكتوبة على الورق تفتح هذا الجهاز.
operator-title = من هنا؟
operator-why = يظهر اسمك بجانب كل ما تكتبه أمام كل من يحق له قراءته.
operator-new = اسم جديد
operator-name = الاسم
operator-role = ما عملك هنا
operator-begin = ابدأ
wrong-home = إلى الصفحة الأولى
wrong-role = هذا لدور آخر
wrong-role-what = الدور الذي اخترته لا يقوم بهذا هنا.
wrong-role-then = اطلب ذلك ممن له هذا الدور، أو اختر دورا آخر إن كان دورك.
wrong-form = تعذرت قراءة ذلك
wrong-form-what = ما أرسلته الصفحة طويل جدا أو غير مكتمل. لم يتغير شيء.
wrong-form-then = افتح الصفحة مجددا وأعد المحاولة.
wrong-page = لا توجد صفحة كهذه
wrong-page-what = العنوان لا يؤدي إلى شيء.
wrong-page-then = تابع من الصفحة الأولى.
wrong-ours = خطأ في Homeward
wrong-ours-what = تعذر إنشاء الصفحة. لم يفقد شيء.
wrong-ours-then = افتحها مجددا، وإن بقي الأمر فأخبر من يعتني بهذا الجهاز.
ago-minutes = { $n ->
    [one] قبل دقيقة
    [two] قبل دقيقتين
    [few] قبل { $n } دقائق
   *[other] قبل { $n } دقيقة
}
ago-hours = { $n ->
    [one] قبل ساعة
    [two] قبل ساعتين
    [few] قبل { $n } ساعات
   *[other] قبل { $n } ساعة
}
ago-days = { $n ->
    [one] قبل يوم
    [two] قبل يومين
    [few] قبل { $n } أيام
   *[other] قبل { $n } يوما
}
