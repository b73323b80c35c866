from __future__ import annotations

import pytest

from notionsync.readme.anchors import headings, slug, targets


@pytest.mark.parametrize(
    ("heading", "wanted"),
    [
        ("Questions & Answers", "questions--answers"),
        ("CNN과 RNN은 무엇이 다른가요?", "cnn과-rnn은-무엇이-다른가요"),
        ("1x1 Convolution (`conv2d`)", "1x1-convolution-conv2d"),
        ("**Bold** [link](https://x.org) _it_", "bold-link-it"),
        ("snake_case, e-mail: a/b", "snake_case-e-mail-ab"),
        ("Ünïcödé ÄÖ", "ünïcödé-äö"),
        ("é as e\u0301", "é-as-e\u0301"),
        ("日本語。テスト！", "日本語テスト"),
        ("🚀 Launch", "-launch"),
        ("a  b", "a--b"),
        ("x² ½", "x-"),
        ("Ⓐ plan 🅰️", "ⓐ-plan-🅰️"),
    ],
)
def test_slugs_are_githubs(heading: str, wanted: str) -> None:
    """Small letters, no punctuation, blanks to hyphens, letters of any script kept."""
    assert slug(heading) == wanted


def test_repeated_headings_are_counted() -> None:
    """The way GitHub does it, also where a counted name is taken already."""
    text = "# A\n\n## a-1\n\n# A\n\nA\n=\n\n```\n# no heading\n```\n\n# a-1\n"
    assert [(found.line, found.slug) for found in headings(text)] == [
        (0, "a"),
        (2, "a-1"),
        (4, "a-2"),
        (6, "a-3"),
        (13, "a-1-1"),
    ]


def test_names_in_html_are_targets_too() -> None:
    """In blocks and between words."""
    assert targets('# A\n\n<a name="top"></a>\n\nText <span class="x" id=\'in\'>y</span>\n') == {"a", "top", "in"}
