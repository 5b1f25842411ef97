list-comma = { ", " }
list-last = { $s } and { $r }
dates-range = { $s } – { $r }
ago-now = just now
value-yes = Yes
value-no = No
say-close = Close
readers = read by { $s }
nav-skip = Go to the page
nav-label = Pages
nav-cases = Cases
nav-worklist = Worklist
nav-partners = Partners
nav-import = Lists
nav-overview = Overview
nav-other-person = Someone else is here
nav-lock = Lock
nav-look = Language and look
nav-language = Language
nav-theme = Look
theme-system = As the system
theme-light = Light
theme-dark = Dark
link-up = linked
link-down = not linked
link-paused = paused
keys-title = Keys
keys-search = Search
keys-move = Move in a list
keys-open = Open
keys-new = New case
keys-back = Back, close
keys-help = These keys
unlock-title = This desk is locked
unlock-why = Nothing is lost. Type the passphrase of this machine to go on; links go on then too.
unlock-passphrase = Passphrase, or the recovery words
unlock-open = Unlock
unlock-lost = If the passphrase is lost, the recovery words on paper open this machine.
operator-title = Who is here?
operator-why = Your name stands beside everything that you write, for all who may read it.
operator-new = A new name
operator-name = Name
operator-role = What you do here
operator-begin = Begin
wrong-home = To the first page
wrong-role = That is for another role
wrong-role-what = The role that you chose does not do this here.
wrong-role-then = Ask somebody whose role it is, or choose another role if it is yours.
wrong-form = That could not be read
wrong-form-what = What the page sent is too long or not complete. Nothing was changed.
wrong-form-then = Open the page again and repeat it.
wrong-page = There is no such page
wrong-page-what = The address leads nowhere.
wrong-page-then = Go on from the first page.
wrong-ours = A mistake in Homeward
wrong-ours-what = The page could not be made. Nothing was lost.
wrong-ours-then = Open it again; if it stays so, tell whoever looks after this machine.
ago-minutes = { $n ->
    [one] { $n } minute ago
   *[other] { $n } minutes ago
}
ago-hours = { $n ->
    [one] { $n } hour ago
   *[other] { $n } hours ago
}
ago-days = { $n ->
    [one] { $n } day ago
   *[other] { $n } days ago
}
