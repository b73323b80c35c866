from __future__ import annotations

import pytest

from notionsync.config import Region
from notionsync.readme import Entry, adopt, build, rebuild, take
from notionsync.readme.addresses import moved

EMPTY = b"# Title\n\n<!-- notionsync:begin questions -->\n<!-- notionsync:end questions -->\n"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("See [a](B.md)", "See [a](answers/B.md)"),
        (
            "See [a](B.md#why), [b](assets/%EB%B9%84.png)",
            "See [a](answers/B.md#why), [b](answers/assets/%EB%B9%84.png)",
        ),
        ("See [a](<B C.md> 'tip')", "See [a](<answers/B%20C.md> 'tip')"),
        ("See [a](../docs/) and [b](./c/../d.md?plain=1)", "See [a](docs/) and [b](answers/d.md?plain=1)"),
        ("See [above](#why)", "See [above](answers/A.md#why)"),
        ("`[a](B.md)` and [`x`](B.md)", "`[a](B.md)` and [`x`](answers/B.md)"),
        ("[a](https://e.org/B.md) [b](mailto:a@b.c) [c](/docs/x.md) [d](notion:page/1)", None),
        ("[a](../../out.md) and [a] (B.md), \\[a](B.md)", None),
    ],
)
def test_a_link_of_a_title_leads_where_it_led(text: str, wanted: str | None) -> None:
    """Relative addresses are seen from the file they are put into; all others, and what is no link, stay."""
    assert moved(text, "answers/A.md", "README.md") == (wanted or text)
    assert moved(text, "answers/A.md", "answers/README.md") == text


def test_there_and_back() -> None:
    """What was moved into a list comes back as it was."""
    text = "See [a](B.md), [b](assets/c.png) and [c](../docs/d.md)"
    for list_ in ("README.md", "docs/README.md", "answers/more/README.md"):
        assert moved(moved(text, "answers/A.md", list_), list_, "answers/A.md") == text


def test_lists_show_links_that_work() -> None:
    """In titles and in the values of other keys; rewording a question in the list keeps its link as the file has it."""
    region = Region(item="{n}. {question} ({source}) [Answer]({url})")
    fields: dict[str, str | int] = {"order": 1, "source": "[slides](assets/s.pdf)"}
    entry = Entry(path="answers/A.md", question="Why not [B](B.md)?", fields=fields, answered=True)
    assert build([entry], region) == (
        "1. Why not [B](answers/B.md)? ([slides](answers/assets/s.pdf)) [Answer](answers/A.md)\n"
    )
    typed = rebuild("README.md", EMPTY, [region], [entry]).replace(b"Why not", b"So why not")
    [edit] = take("README.md", typed, [region], [[entry]])
    assert edit.changes == {"question": "So why not [B](B.md)?"}


def test_adopting_a_list_keeps_its_links() -> None:
    """The front matter has them as seen from the answer, so that the list is built as it was typed."""
    text = "1. See [the slides](docs/s.pdf)? [Answer](answers/A.md)\n2. Why? [Answer](answers/B.md)\n"
    adoption = adopt(text.encode(), {"answers/A.md": b"So.\n", "answers/B.md": b"So.\n"})
    assert adoption.items[0].question == "See [the slides](../docs/s.pdf)?"
    assert text in adoption.readme.decode()
