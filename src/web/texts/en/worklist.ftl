worklist-title = Worklist
worklist-counts = What there is to do
worklist-idle = Nothing waits here. What comes in appears by itself.
worklist-conflict-cases = { $n ->
    [one] case with a conflict to settle
   *[other] cases with conflicts to settle
}
worklist-waiting-cases = { $n ->
    [one] case waits for you
   *[other] cases wait for you
}
worklist-stuck-parts = { $n ->
    [one] message not taken in
   *[other] messages not taken in
}
worklist-differing-cases = { $n ->
    [one] case where offices differ
   *[other] cases where offices differ
}
worklist-changed-cases = { $n ->
    [one] case changed since you looked
   *[other] cases changed since you looked
}
worklist-conflicts = To settle
worklist-conflicts-why = Two people changed the same entry of a plan without seeing each other’s change. Choose what stays; the rest is kept in the history.
worklist-waiting = Waiting for you or your office
worklist-stuck = Not taken in
worklist-stuck-why = Something that came from partners cannot be read or may not count. Everything else goes on.
worklist-differences = Offices differ
worklist-differences-why = Both statements stand side by side. Nothing has to be settled here; look whether one of them needs a word.
worklist-changed = Changed since you looked
worklist-settle = Keep this
worklist-empty-value = empty
worklist-refused = { $n ->
    [one] { $n } refused
   *[other] { $n } refused
}
worklist-forked = { $n ->
    [one] { $n } machine told two stories
   *[other] { $n } machines told two stories
}
worklist-held = { $n ->
    [one] { $n } cannot be opened yet
   *[other] { $n } cannot be opened yet
}
worklist-untrusted = waits until you trust { $s }
worklist-all = { $n ->
    [one] Show { $n } case
   *[other] Show all { $n } cases
}
worklist-moved-what = Somebody changed this entry while the page was open. Nothing was settled.
worklist-moved-then = The values below are those of now. Look at them and choose again.
