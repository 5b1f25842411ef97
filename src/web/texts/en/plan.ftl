planning-title = Plan
planning-way = The way home
planning-reached = reached
planning-here = here now
planning-beside = Beside the way:
planning-missing = Not written down yet; nothing waits for it:
planning-two-people = { $s }: { $r } of 2 people
planning-two-offices = { $s }: { $r } of 2 offices
planning-three-offices = { $s }: { $r } of 3 offices
planning-set = Set
planning-conflicts = { $n ->
    [one] { $n } conflict in the plan
   *[other] { $n } conflicts in the plan
}
planning-conflicts-why = These values were written without seeing each other. Keep one; the others stay in the history.
planning-keep = Keep this
planning-settle-who = A case worker, supervisor or mediator settles this.
planning-in-conflict = in conflict, see above
planning-legs = Journey
planning-tasks = Tasks
planning-papers = Papers
planning-visits = Visits
planning-no-leg = No leg is planned yet.
planning-no-task = No task yet.
planning-no-paper = No paper yet.
planning-no-visit = No visit yet.
planning-add-leg = Add a leg
planning-add-task = Add a task
planning-add-paper = Add a paper
planning-add-visit = Add a visit
planning-add = Add
planning-edit = Edit
planning-save = Save
planning-clear = Clear all of it
planning-done = Done:
planning-done-do = Done
planning-late = Others wrote here while this form was open. What you change becomes a conflict beside theirs; nothing is overwritten.
planning-date-how = 2026-12-24 or 12.2026
planning-numbered = { $s } { $r }
planning-of-item = { $s }: { $r }
planning-cleared = cleared
planning-nothing = Nothing was changed.
planning-saved = Saved. Read by { $s }.
planning-settled = Settled. Read by { $s }. The other value stays in the history.
planning-made-conflict = Saved, and others had written meanwhile: { $s }. Nothing was overwritten; all values stand at the top of the plan.
planning-not-read = { $s }: that cannot be read as a value of this field.
planning-not-read-then = Nothing was saved. Dates are written 2026, 2026-12, 2026-12-24 or 24.12.2026.
planning-before = { $n ->
    [one] { $n } earlier value
   *[other] { $n } earlier values
}
planning-before-more = { $n ->
    [one] { $n } more in the history
   *[other] { $n } more in the history
}
planning-spoiled = This sheet cannot be shown. Let this machine check what it holds: homeward check.
note-title = Shared note
note-how = Everyone writes here together. Read by { $s }.
note-saving = Saving…
note-saved = Saved
note-away = Not saved yet: the program does not answer. It is tried again.
note-refused = Not saved
note-who = Wrote here in the last minutes
note-flag = { $s } · { $r }
