overview-title = Overview
overview-hand-out = Hand out
overview-hand-out-how = Counts alone, without any below 5, and without what would tell them.
overview-what = Counted
overview-cases = Cases
overview-days-in-stage = Beside each stage: how long its cases have been in it (half of them longer, half shorter)
overview-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
overview-journal = Journal of exports
overview-journal-total = { $n ->
    [0] Nothing has been handed out from this machine.
    [one] { $n } time something was handed out from this machine.
   *[other] { $n } times something was handed out from this machine.
}
overview-when = When
overview-who = Who
overview-took = What
overview-recipient = For whom
overview-purpose = What for
overview-all = All cases
overview-few = fewer than 5
overview-withheld = withheld
overview-counted-by = By
overview-by-stage = Stage
overview-by-circle = Circle
overview-by-office = Office that names the child
overview-by-age = Age
overview-by-quiet = Last change
overview-by-month = Opened
overview-over-stage = Stages, month by month
overview-over-stage-note = At the end of each month, the last one up to now. Each case counts in the stage that its plan had named last. Not part of what is handed out.
overview-over-office = Offices, month by month
overview-over-office-note = Cases of which an office had said something by the end of each month. Not part of what is handed out.
overview-by-differs = Offices differ
overview-by-conflict = Conflict in the plan
overview-by-urgency = Urgency
overview-not-said = Not said
overview-age-from = { $n ->
    [one] { $n } and over
   *[other] { $n } and over
}
overview-age-band = { $s } to { $r }
overview-quiet-week = Within a week
overview-quiet-month = Within a month
overview-quiet-quarter = Within three months
overview-quiet-year = Within a year
overview-quiet-more = Longer ago
overview-before = Earlier
overview-took-everything = Everything
overview-took-counts = Counts
overview-took-bundle = A bundle
overview-took-list = { $n ->
    [one] A list of { $n } case
   *[other] A list of { $n } cases
}
overview-took-backup = A backup that an offline key opens
overview-took-case = Case { $s }
