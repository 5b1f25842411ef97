partners-tab-links = Links
partners-tab-circles = Circles
partners-tab-cards = Cards
partners-tab-machines = This office
partners-map = How links stand
partners-map-alt = This office and its partners, with a line for each link. Below, each partner is described in words.
partners-this-office = this office
partners-never = never linked
partners-carries = carries
partners-none = No partner is known here yet. Take in a partner’s card first:
partners-all-paused = Everything is paused: nothing is sent and nothing is received.
partners-sync = Sync now
partners-sync-all = Sync with everyone
partners-sync-with = Sync now with { $s }
partners-sync-busy = Syncing…
partners-pause = Pause
partners-pause-with = Pause { $s }
partners-pause-all = Pause everyone
partners-resume = Resume
partners-resume-with = Resume { $s }
partners-resume-all = Resume everyone
partners-traffic = Sent { $s } and received { $r } since this node was started.
partners-speed = Now { $s } out and { $r } in each second.
partners-bytes = { $n ->
    [one] { $n } byte
   *[other] { $n } bytes
}
partners-tenths = { $s }.{ $r }
partners-kib = { $s } KiB
partners-mib = { $s } MiB
partners-gib = { $s } GiB
partners-contact = last contact { $s }
partners-contact-none = no contact so far
partners-way-link = It travels by a direct link.
partners-way-link-before = It last travelled by a direct link.
partners-way-bundle = So far it travelled by bundle alone.
partners-bundle-last = Last bundle for it: { $s }, by { $r }.
partners-waits = To send: { $s }
partners-no-circle = No circle is shared with this partner yet.
partners-col-circle = Circle
partners-col-held = Of ours, held there
partners-col-applied = Of ours, applied there
partners-col-confirmed = Confirmed
partners-col-waits = Waits for it
partners-col-lacking = Still to come from it
partners-of = { $s } of { $r }
partners-confirmed-none = nothing confirmed yet
partners-nothing-of-ours = nothing of ours to hold yet
partners-applied-sealed = carries it sealed
partners-applied-unknown = has not written since
partners-nothing = nothing
partners-segments = { $n ->
    [one] { $n } segment
   *[other] { $n } segments
}
partners-edits = { $n ->
    [one] { $n } edit
   *[other] { $n } edits
}
partners-synced-same = both hold the same
partners-synced-partly = reached; the rest comes with the next sync
partners-synced-unreached = not reached; nothing is lost
partners-synced-received = { $n ->
    [one] { $n } segment received
   *[other] { $n } segments received
}
partners-synced-confirmed = { $n ->
    [one] { $n } segment confirmed
   *[other] { $n } segments confirmed
}
partners-bundle = Bundle
partners-bundle-for = Bundle for { $s }
partners-bundle-how = A file that can travel by any hand: only this partner’s machines can open it. Your name goes into the journal.
partners-bundle-lacks = Download what it lacks
partners-bundle-all = Download everything shared
partners-bundle-in = Take a bundle in
partners-bundle-in-how = A file that a partner made for this office. Taking it in twice is harmless.
partners-bundle-drop = Drop the file here, or choose it
partners-drop-busy = The file is being read…
partners-drop-failed = The file could not be handed to the node. Choose it again; nothing was lost.
partners-drop-long = This file is longer than 64 MiB. Take it in in a terminal: homeward bundle in FILE
partners-taken-from = A bundle from { $s }:
partners-taken-segments = { $n ->
    [one] { $n } new segment,
   *[other] { $n } new segments,
}
partners-taken-known = { $n } known already,
partners-taken-records = { $n ->
    [one] { $n } new record.
   *[other] { $n } new records.
}
partners-taken-complete = Nothing that { $s } holds is missing here.
partners-taken-missing = Still missing here:
partners-trust-own = This office
partners-trust-phrase = Trusted: its safety phrase was heard and typed here, { $s }
partners-trust-introduced = Trusted on the word of { $s }, { $r }
partners-trust-not = Not trusted yet
partners-trust-not-brought = Not trusted yet; its card came from { $s }
partners-card-in = Take a card in
partners-card-in-how = A partner’s public statement of who it is. Trusting it is a step of its own.
partners-card-drop = Drop the card’s file here, or choose it
partners-card-long = This file is too long for a card.
partners-card-export = Download the card
partners-card-print = Print
partners-card-nodes = Machines on this card
partners-card-revision = Revision { $n }
partners-card-no-address = has no address: it dials others
partners-phrase = Safety phrase
partners-phrase-own = Read these twelve words, or the numbers, out to a partner on a line that you both know.
partners-phrase-other = It was compared when this partner came to be trusted. To compare again, let a person there read theirs out.
partners-qr-card = The whole card, for a telephone’s camera
partners-qr-phrase = Who this is and the numbers of the phrase, for a telephone’s camera
partners-trust-title = Trust this partner
partners-trust-how = Call { $s } on a line that you know. Let a person there read out the safety phrase of their own card, and type what you hear.
partners-trust-phrase-label = All twelve words, or all twelve numbers, as you hear them
partners-trust-do = Compare and trust
partners-introduced = Trust on the word of another partner
partners-introduced-how = A partner whom you trust says who this is. It is shown for ever that you did not hear the phrase yourself.
partners-introduced-by = Who introduces it
partners-introduced-do = Trust as introduced
partners-distrust = Take trust back
partners-distrust-sure = Take trust in { $s } back? Circles with it rest then: their cases are not shown here and nothing can be written in them until it is trusted again. What it has received stays with it.
partners-distrust-do = Yes, take trust back
partners-circles-what = A circle is who may read. Everything is written in one circle, so that its author knows who will read it.
partners-circles-none = There is no circle here yet.
partners-circles-hidden = { $n ->
    [one] { $n } hidden circle
   *[other] { $n } hidden circles
}
partners-circle-new = New circle
partners-circle-carried = carried here, sealed
partners-circle-show = Show again
partners-circle-hide = Hide
partners-circle-members = Reads and writes
partners-circle-carriers = Carries, cannot read
partners-circle-founded = Founded
partners-circle-founded-by = by { $s }, { $r }
partners-circle-waits = Held until you trust
partners-circle-name = Name of the circle
partners-circle-name-how = Only its members can read it.
partners-circle-never = Whoever is a member reads everything that is ever written in it. This can never be changed: for other people there is another circle.
partners-circle-who = Who belongs to it, besides this office
partners-circle-alone = No partner is trusted yet: only this office would read it.
partners-circle-not = not in it
partners-circle-reads = reads and writes
partners-circle-carries = carries, cannot read
partners-circle-not-trusted = { $n ->
    [one] { $n } partner is not trusted yet and cannot be chosen.
   *[other] { $n } partners are not trusted yet and cannot be chosen.
}
partners-circle-next = Look at it once more
partners-circle-sure = Is this right?
partners-circle-make = Make the circle
partners-circle-back = Back
partners-machines = Machines of this office
partners-machines-how = What changes anything here needs this office’s key, and is typed in a terminal:
partners-machine-this = this machine
partners-machine-off-card = not on the card
partners-machine-closed = closed
partners-machine-fork = two branches
partners-verb-add = takes a new machine in
partners-verb-close = closes a lost one
partners-verb-settle = says which branch counts
partners-grants = Keys that machines ask for
partners-grants-none = No machine waits for a yes.
partners-grants-how = Call that office on a line that you know, let a person there read out the new machine’s words, and type:
partners-keys = { $n ->
    [one] { $n } key
   *[other] { $n } keys
}
partners-lacking = What this machine cannot read yet
partners-machine-words = Words of this machine
partners-machine-words-how = To be read out to a partner who is to give keys to this machine.
