history-title = History
history-back = Back to the case
history-moment = Moment
history-how = Move through all edits in the order in which they were written. Arrow keys go one edit back or on.
history-then = The case at this moment
history-edits = All edits
history-count = { $n ->
    [one] { $n } edit
   *[other] { $n } edits
}
history-new = { $n ->
    [one] { $n } came since your last visit
   *[other] { $n } came since your last visit
}
history-mark-new = new since your last visit
history-disowned = does not count
history-disowned-why = This edit stands in a part of a log that its office left out. It is kept in sight and changed nothing; what is shown is the case as it stood then.
history-partly = took effect in part
history-nothing = without effect
history-seen = first seen here
history-as-seen-by = as seen when written by
history-empty = Nothing was written here yet.
history-said = What was said
history-acts = Acts
history-files = Files
history-file = File
history-just = Just then:
history-claimed = { $n ->
    [one] said { $n } thing
   *[other] said { $n } things
}
history-withdrew = { $n ->
    [one] withdrew { $n } item
   *[other] withdrew { $n } items
}
history-reason = Reason
history-planned = set in the plan: { $s }
history-planned-vain = set in the plan, without counting: { $s }
history-noted = wrote in the shared note
history-acted-as = signed: { $s }
history-acted = made a statement
history-filed = added a file
history-told = told another circle: { $s }
history-did-nothing = changed nothing
history-more = { $n ->
    [one] and { $n } more
   *[other] and { $n } more
}
