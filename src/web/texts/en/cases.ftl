cases-title = Cases
cases-search = Name, number or place, in any script
cases-new = New case
cases-waiting = Waiting for me
cases-changed = Changed since I looked
cases-conflict = Conflict in the plan
cases-differs = Offices differ
cases-stage = Stage
cases-any-stage = Any stage
cases-circle = Circle
cases-any-circle = Any circle
cases-born = Born
cases-born-from = Born in this year or later
cases-born-to = Born in this year or before
cases-order = Order
cases-by-name = By name
cases-by-change = Last change first
cases-by-number = By number
cases-kept = Kept filters
cases-keep = Keep this filter as
cases-keep-do = Keep
cases-more = More
cases-columns = Columns
cases-none = No case is like this.
cases-no-name = No name yet
cases-more-names = +{ $n }
cases-mark-waiting = waiting
cases-column-name = Name
cases-column-born = Born
cases-column-stage = Stage
cases-column-marks = To look at
cases-column-number = Number
cases-column-circle = Circle
cases-column-last = Last change
new-title = New case
new-no-circle = There is no circle yet in which a case could be opened. Make one under Partners.
new-readers = Who reads this
new-surname = Family name
new-given = Given name
new-patronymic = Father’s name
new-born-how = As far as it is known: 2014, 2014-05, 16.05.2014, or 2014..2016
new-number-how = In which list, and which number: kyiv-list:K0001
new-source = Where this is known from
new-do = Open the case
cases-total = { $n ->
    [one] { $n } case
   *[other] { $n } cases
}
cases-mark-conflict = { $n ->
    [one] { $n } conflict
   *[other] { $n } conflicts
}
cases-mark-differs = { $n ->
    [one] { $n } field differs
   *[other] { $n } fields differ
}
cases-urgency = Urgency
cases-id = Case
cases-export = Hand out what is shown
cases-export-for = For whom
cases-export-purpose = What for
cases-export-noted = Your name, this and the time are written into the journal of exports first.
