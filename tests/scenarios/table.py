"""The scenarios that the engine is held to, by the number that the tests carry in their names (`test_s079_…`)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

_TITLES = """
1 Nothing changed: no write, no body read
2 New here
3 New there
4 Edited here
5 Edited there
6 Edited here, then there
7 A second run does nothing
8 The base is what both hold now
9 Both directions in one run
10 Any number of workers, one result
11 Values alone
12 Body here, a value there
13 The same value on both sides
14 An edit that was undone
15 Both edited alike
16 Both edited, in different paragraphs
17 Both edited one paragraph
18 Both inserted in one place
19 Deleted here, edited there
20 Moved on one side, edited on the other
21 A conflict stops no other question
22 A conflict that stays
23 Settled by making both equal
24 Settled on one side
25 Edited again while in conflict
26 A side that wins
27 No policy by clocks
28 An unknown policy
29 Names of what was put aside
30 Such a name is taken
31 What was put aside is no question
32 A text that shows conflict markers
33 Our markers are never sent
34 A merge without a base
35 Merges that keep Markdown whole
36 Notion moved while a person decided
37 File deleted
38 Page trashed
39 Deleted on both sides
40 File deleted, page edited
41 Page trashed, file edited
42 Deleted and made again
43 Deleting in Notion is trashing
44 Deleting a file that git never saw
45 Deletions in one direction only
46 Archived pages
47 Equal on both sides, missing from the state
48 Deleting what moved meanwhile
49 The state forgets in time
50 File renamed
51 Renamed and edited
52 Page retitled
53 Renamed here, edited there
54 Renamed here, trashed there
55 Renamed here, retitled there
56 Renamed onto a name that Notion chose
57 Two files swap names
58 Only the letter case changes
59 Moved to another folder
60 Renames and the guards
61 Two files name one page
62 A page listed twice
63 Two pages of one title
64 A file without an id
65 A lost or changed id
66 A foreign id
67 Repairing ids
68 First sync from the files
69 First sync from Notion
70 First sync of equal sides
71 First sync of different sides
72 Matches by title are asked about
73 The state is gone
74 The state is broken
75 A state of another version
76 An older state, an undone pull
77 The state of another database
78 Resync only copies
79 Killed after any step
80 Written and not recorded
81 Created and not recorded
82 Half of a body
83 Half of a file
84 Half of a state
85 One question fails
86 It fails again
87 Notion rewrites what it stores
88 Rate limits
89 A reply that is lost
90 Notion is away
91 No access
92 A listing that is cut short
93 Ctrl-C
94 A full or read-only disk
95 The branch moved
96 Content and state in one commit
97 A side that is empty
98 Too many deletions
99 At the limit
100 Everything changed
101 Texts that become empty
102 Not the place one thinks
103 Guards of a first sync
104 An override is for one run
105 Renames pass the guards
106 Two runs at once
107 A lock left behind
108 A broken lock
109 Edited while the run lists
110 Edited there before our write
111 Edited here before our write
112 New ones during a run
113 Two machines, one branch
114 Clocks that differ
115 Two edits in one minute
116 A time that moves alone
117 Both times move, one side changed
118 Times of files
119 Same size, same time, other content
120 What the service adds
121 Another version of the converter
122 Unchanged and yet different
123 No time after a write
124 Titles that are no file names
125 Titles that differ in case
126 Composed and decomposed letters
127 Emoji, tabs, right to left
128 No title, a very long title
129 Empty bodies
130 Line ends and byte-order marks
131 Front matter keeps its bytes
132 A body that begins with a rule
133 What Markdown cannot say
134 Beyond Notion's limits
135 Addresses that expire
136 Files that are no text
137 Symbolic links
138 There and back, ten times
139 The author's own Markdown
140 A scope that narrows
141 A scope that widens
142 Scope, mapping or database changed
143 A dry run records no scope
144 The schema changed in Notion
145 Other files of the folder
146 A side that is read-only
147 Both sides are
148 A dry run tells the truth
149 A plan is stable text
150 The order of listing
151 Exit codes
152 Errors say what to do
153 Secrets stay secret
154 Checking without writing
155 The same list again
156 Outside the markers
157 Broken markers
158 Edited by hand inside
159 A stale list fails the build
160 Titles that try to break out
161 The list's own commit
"""

TITLES = {int(number): title for number, _, title in (line.partition(" ") for line in _TITLES.strip().splitlines())}
"""Number → what it is about."""

_NUMBER = re.compile(r"_s(\d{3})(?=_|$)")


def where_tested(test_ids: Iterable[str]) -> dict[int, list[str]]:
    """Return the tests of each scenario, as pytest calls them; cases of one test count once."""
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for test_id in test_ids:
        name = test_id.partition("[")[0]
        for number in _NUMBER.findall(name.rpartition("::")[2]):
            found[int(number)][name] = None
    return {number: list(names) for number, names in found.items()}
