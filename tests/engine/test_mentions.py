"""Which answers may lead to which."""

from __future__ import annotations

import pytest

from notionsync.engine.mentions import Mentions


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("answers/five.md", "See [five](five.md)."),
        ("answers/deep/five.md", "[five]: ../deep/five.md#top\n"),
        ("answers/왜.md", "[왜](%EC%99%9C.md)"),
        ("answers/왜.md", "[왜](왜.md)"),
        ("answers/a b.md", "[spaced](<a b.md>)"),
        ("answers/a b.md", "[spaced](a%20b.md)"),
        ("answers/a(b).md", "[round](<a(b).md>)"),
    ],
)
def test_a_link_is_found_however_it_is_spelled(path: str, text: str) -> None:
    """By the name of the file that it leads to."""
    mentions = Mentions({"answers/one.md": text.encode(), "answers/two.md": b"Nothing."})
    assert mentions.of([path]) == {"answers/one.md"}


def test_other_files_are_not_named() -> None:
    """A file that leads elsewhere, or nowhere."""
    mentions = Mentions({"answers/one.md": b"[two](two.md)", "answers/three.md": b"five"})
    assert mentions.of(["answers/five.md"]) == set()
    assert mentions.all == {"answers/one.md"}
