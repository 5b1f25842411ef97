case-short = Case { $s }
case-no-photo = No photo yet
case-names = Names in use
case-numbers = Numbers
case-circles = Circles
case-ways = What can be done with this case
case-history = History
case-print = Print
case-export = Export
case-disclose = Tell another circle
case-back = Back to the case
case-reads = Who reads this: { $s }
case-reads-now = Who reads this now: { $s }
case-not-sent = not yet with { $s }
case-sent = with { $s }
case-confirmed = { $s } last confirmed what it holds of this circle:
case-spoiled = This sheet cannot be opened just now
case-spoiled-then = Nothing is lost. Ask whoever looks after this machine to run “homeward check”: it builds the sheet anew.
case-sections = Sections
case-nothing = Nothing is said here yet.
case-other-fields = Other fields
case-is-new = new
case-differs = Offices differ
case-taken-back = Taken back
case-works-with = { $s } works with this
case-edit = Edit
case-say = Say
case-edit-field = Edit: { $s }
case-say-field = Say what your office knows: { $s }
case-sources = Sources
case-sources-of = Sources: { $s }
case-source = Source
case-source-kind = Kind of source
case-source-document = Document
case-source-person = Person
case-source-office = Office
case-source-list = Line of a list
case-source-disclosed = As this office has it
case-given-by = Given by
case-confidence = How sure
case-holds-from = Holds from
case-holds-to = Holds until
case-how-known = How this is known
case-quoted = First said by
case-written = Written
case-seen = First seen here
case-late = came late
case-withdrawn = Withdrawn:
case-replaced = Replaced by a later word of the same office.
case-disowned = Left out: it stands in a part of a log that does not count.
case-withdraw = Withdraw
case-withdraw-what = What your office said stays in the history, and no longer stands.
case-prefer = Work with this
case-reason = Reason
case-same = Same child as another case
case-same-what = Both cases stay as they are, and each says that the other is the same child.
case-same-other = The other case
case-field = Field
case-value = What is said
case-office = Office
case-add = Add
case-add-relative = Add a relative
case-add-whereabouts = Add a stay
case-add-tracing = Add an action
case-add-document = Add a document
case-kind-relative = Relative
case-kind-whereabouts = Stay
case-kind-tracing = Action of tracing
case-kind-document = Document
case-name-birth = at birth
case-name-document = in the present document
case-name-changed = changed by an authority
case-name-nickname = what the child is called
case-name-adoptive = after adoption
case-hint-name = Family name, given name father’s name: Hrytsenko, Taras Ivanovych
case-hint-place = One name, or two with a slash between spaces: Bakhmut / Artemivsk
case-hint-case = Its number in a list, or the beginning of its short name
case-save = Save
case-cancel = Cancel
case-meanwhile = This field was written in while the form was open. What you save stands beside it; nothing is overwritten.
case-wrong-empty = Write a value.
case-wrong-long = That is too long.
case-wrong-control = There is an invisible or steering character in it. Type it anew instead of pasting.
case-wrong-date = That is no date. Write 2014, 2014-05, 2014-05-16, 16.05.2014 or 2014..2016.
case-wrong-choice = Choose one of the list.
case-wrong-near = Choose one of the list. Did you mean “{ $s }”?
case-wrong-number = Write a whole number.
case-wrong-outside = Write the list, a colon and the number: kyiv-list:K0001
case-wrong-case = That names no case.
case-acts = Statements
case-act-unread = A statement that this version cannot read
case-signed = Its signature holds.
case-unsigned = Its signature does not hold here: take it for nobody’s word.
case-files = Files
case-told = Told to other circles
case-told-none = Nothing of this sheet was told to another circle.
case-other-circle = A circle that this office does not read
case-disclose-title = Tell another circle
case-disclose-nowhere = There is no other circle that this office can write in. Make one under Partners.
case-disclose-to = Who shall know
case-disclose-what = What to tell
case-disclose-look = See what they will learn
case-disclose-choose = Choose who shall know and what to tell: here you see exactly what they will learn, before anything is sent.
case-learn-title = What “{ $s }” will learn
case-learn-readers = This will be read by { $s }
case-learn-new = They do not read this sheet today: { $s }
case-learn-ever = What they have read, they know: it cannot be taken back.
case-learn-do = Tell them
case-export-title = Export this case
case-export-why = The files leave the sealed store. The journal says who took them, for whom and what for.
case-export-what = Which sheets
case-export-all = All sheets that this office reads
case-export-for = For whom
case-export-purpose = What for
case-export-do = Write it down and download
case-printed = Printed at { $s },
case-new = { $n ->
    [one] { $n } new
   *[other] { $n } new
}
case-age = { $n ->
    [one] { $n } year
   *[other] { $n } years
}
case-age-or = { $n ->
    [one] { $s } or { $n } year
   *[other] { $s } or { $n } years
}
case-age-to = { $n ->
    [one] { $s } to { $n } year
   *[other] { $s } to { $n } years
}
case-kib = { $n ->
   *[other] { $n } KiB
}
case-told-claims = { $n ->
    [one] { $n } claim
   *[other] { $n } claims
}
case-learn-known = { $n ->
    [one] { $n } of the chosen claims was told before.
   *[other] { $n } of the chosen claims were told before.
}
