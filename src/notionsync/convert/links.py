"""Addresses without a resolver: what is not absolute travels under a reserved base and comes back as it was.

The host ends in `.invalid`, which RFC 2606 keeps free for ever. `~` and two hexadecimal digits stand for a byte that an
address may not hold, or that a service might rewrite: dot segments, `%`, `?`, `#`, spaces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from notionsync.model import Links, Use

BASE = "https://notionsync.invalid/"

_ABSOLUTE = re.compile(r"(?:https?://[^\s/?#][^\s]*|(?:mailto|tel):[^\s]+)\Z", re.IGNORECASE)
_SEGMENT_OF_DOTS = re.compile(r"(?<![^/])\.+(?![^/])")
_TO_HIDE = re.compile(r"[\x00-\x20\x7f\s~%?#\\\"<>^`{|}]|[\ud800-\udfff]|^/")
_HIDDEN = re.compile(r"(?:~[0-9A-F]{2})+")


def is_absolute(url: str) -> bool:
    """Tell whether Notion takes an address as it is: http, https, mailto or tel, without white space."""
    return _ABSOLUTE.match(url) is not None


@dataclass(frozen=True, slots=True)
class ReservedLinks:
    """`Links` for text that belongs to no repository.

    >>> RESERVED.to_notion("../a b.md#top", "link")
    'https://notionsync.invalid/~2E~2E/a~20b.md~23top'
    >>> RESERVED.to_file("https://notionsync.invalid/~2E~2E/a~20b.md~23top", "link")
    '../a b.md#top'
    """

    def to_notion(self, url: str, use: Use) -> str:
        """Return absolute addresses as they are, others under the reserved base."""
        if is_absolute(url) and not url.startswith(BASE):
            return url
        if use == "media" and url.startswith(("notion:/", "upload:")):
            return url
        return BASE + _SEGMENT_OF_DOTS.sub(_hide, _TO_HIDE.sub(_hide, url))

    def to_file(self, url: str, use: Use) -> str:  # noqa: ARG002
        """Return what `to_notion` was given."""
        if not url.startswith(BASE):
            return url
        return _HIDDEN.sub(_show, unquote(url.removeprefix(BASE), errors="surrogatepass"))


def _hide(match: re.Match[str]) -> str:
    return "".join(f"~{byte:02X}" for byte in match[0].encode("utf-8", "surrogatepass"))


def _show(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("~", "")).decode("utf-8", "surrogatepass")


RESERVED: Links = ReservedLinks()
"""The resolver that is used when there is none."""
