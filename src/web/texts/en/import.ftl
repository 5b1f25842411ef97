import-title = Take a list in
import-why = A spreadsheet from a partner: first you see, row by row, what would happen; nothing is written until you say so.
import-drop = Drop a CSV or XLSX file here, or choose one
import-drop-how = It stays in this page and is not kept on the disk.
import-wait = The list is being read…
import-too-large = That file is larger than a list may be. Nothing was read.
import-remembered = You have taken in a list with these headings before: the columns are set as you chose them then.
import-list-name = What this list is called
import-list-how = Its numbers are remembered under this name. Take the same name for the next version of the same list: known numbers are then corrected instead of opened again.
import-sheet = Sheet
import-dates = Dates like 05/06/2014
import-day-first = day first: 5 June
import-month-first = month first: 6 May
import-direction = Said of every child
import-not-said = nothing more
import-columns = Columns of the list
import-rows = { $n ->
    [one] { $n } row
   *[other] { $n } rows
}
import-column = Column
import-cells = What stands in it
import-holds = What it is
import-left-out = left out
import-word-refused = not known: refuse such rows
import-try = Try it
import-try-how = Shows what would happen. Nothing is written.
import-would = This is what would happen
import-did = The list was taken in
import-apply = Take it in
import-nothing-yet = Nothing has been written yet.
import-save-csv = Save the result as CSV
import-save-xlsx = Save the result as XLSX
import-more = { $n ->
    [one] { $n } more row is in the file that you can save.
   *[other] { $n } more rows are in the file that you can save.
}
import-line = Row
import-number = Number
import-outcome = Result
import-case = Case
import-detail = What about it
import-new = new
import-changed = changed
import-unchanged = as it was
import-refused = refused
import-slip-then = Nothing was written. Correct it above and try again.
import-twice = Two columns are said to hold the same.
import-no-number = No column is said to hold the list’s own number.
import-no-columns = No column is said to hold anything besides the number.
import-no-name = The list has no name.
import-the-list = The list
import-own-number = Number in this list
import-part-surname = Family name
import-part-given = Given name
import-part-patronymic = Father’s name
import-part-whole = Name in one piece
