"""The corpus' README through its history: every list that was kept by hand, built from data."""

from __future__ import annotations

import re

import pytest
from tests.shared import shared

from notionsync.errors import FileError
from notionsync.readme import adopt

LINK = re.compile(r"/(answers/[^)]+\.md)\)")
MARKER = re.compile(r"<!-- notionsync:[^\n]*-->\n")


@pytest.mark.corpus
def test_every_list_of_the_history_is_rebuilt_byte_for_byte() -> None:
    """With the answers that a list links to, what is built is what was typed, but for the numbers typed twice."""
    replayed = 0
    for path in sorted(shared("corpus", "history").glob("*.md")):
        data = path.read_bytes()
        if data.startswith(b"\xff\xfe") or b"/answers/" not in data:
            with pytest.raises(FileError):
                adopt(data, {})
            continue
        text = data.decode()
        adoption = adopt(data, dict.fromkeys(LINK.findall(text), b"An answer.\n"))
        wanted = re.sub(r"^(\d+\.) \d+\. ", r"\1 ", text, flags=re.MULTILINE)
        built = MARKER.sub("", adoption.readme.decode())
        listed = [item.line - 1 for item in adoption.items]
        for n, (old, new) in enumerate(zip(wanted.splitlines(), built.splitlines(), strict=True)):
            assert new == (old.rstrip() if n in listed else old), f"{path.name}:{n + 1}"
        assert {slip.kind for slip in adoption.slips} <= {"doubled-number"}
        assert adoption.answered == len(LINK.findall(text))
        replayed += 1
    assert replayed >= 5
