"""Which answers lead to which: by the names of files, so that no file has to be parsed to know it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

_NAME = re.compile(rb"""[^\s/()<>"'\[\]\\|]*\.md""")
_BREAKS = re.compile(r"""[\s/()<>"'\[\]\\|]""")


class Mentions:
    """The file names that occur in files.

    Args:
        files: Path → bytes.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._by_name: dict[str, set[str]] = {}
        for path, data in files.items():
            for found in _NAME.findall(data):
                for name in {found.decode(errors="ignore"), unquote(found.decode(errors="ignore"))}:
                    self._by_name.setdefault(_last_word(name), set()).add(path)

    @property
    def all(self) -> set[str]:
        """All files that mention any."""
        return {by for paths in self._by_name.values() for by in paths}

    def of(self, paths: Iterable[str]) -> set[str]:
        """Return the files that may lead to one of the paths; a file that only happens to hold such a name is one, too."""
        return {by for path in paths for by in self._by_name.get(_last_word(path), ())}


def _last_word(name: str) -> str:
    return _BREAKS.split(name)[-1]
