"""What should happen: pure functions over base, local and remote.

`align` gives the blocks of a file the ids they have in Notion, `merge` puts two versions together, `edits` finds the
writes that make a page hold the result, `reconcile` decides for each question what of that is to be done.
"""
