from __future__ import annotations

from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notionsync.convert.links import BASE, RESERVED, is_absolute

ODD = [
    "",
    "#a",
    "../../x",
    "./x",
    "a b",
    "50%",
    "%20",
    "/root",
    "//host/x",
    "javascript:x",
    "a~20b",
    "?q=1",
    "...",
    "한국어.md",
]


@pytest.mark.parametrize("url", [*ODD, BASE, BASE + "x", "https://", "http:// x", "mailto:", "C:\\x", "data:,x"])
def test_a_relative_or_odd_address_travels_and_comes_back(url: str) -> None:
    """What Notion would refuse becomes an address that it takes, and back."""
    there = RESERVED.to_notion(url, "link")
    assert is_absolute(there)
    assert there.startswith(BASE)
    assert RESERVED.to_file(there, "link") == url


@pytest.mark.parametrize(
    "url", ["https://a.b/c d".replace(" ", "_"), "http://x", "mailto:a@b.c", "tel:+1", "HTTPS://A.B"]
)
def test_an_absolute_address_stays(url: str) -> None:
    """An address that Notion takes is not touched."""
    assert RESERVED.to_notion(url, "link") == url == RESERVED.to_file(url, "link")


@given(st.text())
def test_every_text_comes_back(url: str) -> None:
    """Whatever stands where an address should, comes back; also when a service percent-encodes what it stores."""
    there = RESERVED.to_notion(url, "link")
    assert RESERVED.to_file(there, "link") == url
    if there.startswith(BASE):
        stored = BASE + quote(unquote(there.removeprefix(BASE)), safe="/~!$&'()*+,;=:@")
        assert RESERVED.to_file(stored, "link") == url


@given(st.text(alphabet=" .%~/#?ab\n", max_size=12))
def test_two_addresses_never_share_a_form(url: str) -> None:
    """The form is injective on addresses made of the characters that it treats."""
    there = RESERVED.to_notion(url, "link")
    assert is_absolute(there)
    assert RESERVED.to_file(there, "link") == url
