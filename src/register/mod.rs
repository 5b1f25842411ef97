//! What we know: replay of edits into sheets, rows, search, views. Pure.
