"""Text from Notion where GitHub would act on it: in the bodies of pull requests and issues.

GitHub notifies whom `@name` names, links `#12` and `GH-12`, closes what `fixes #12` names once a commit says so (a pull
request's body can become a commit message), and takes HTML, comments and Markdown for what they are (docs.github.com,
"Autolinked references and URLs", "Linking a pull request to an issue"). So such text stands in code, where none of this
is read, on one line, and what would still mean something in a plain commit message is parted by an invisible joiner.
"""

from __future__ import annotations

import re

_JOINER = "\u2060"
_LONGEST = 200
_MEANT = re.compile(r"(@|#|://|\bgh-)(?=\w|/)", re.IGNORECASE)
_SPACE = re.compile(r"\s+")


def quoted(text: str, *, longest: int = _LONGEST) -> str:
    """Return text as one code span that nothing in it can leave, and that mentions and closes nothing.

    Args:
        text: Anything.
        longest: Characters after which it is cut.
    """
    words = plain(text, longest=longest)
    if not words:
        return "``\u00a0``"
    fence = "`" * (_longest_run(words) + 1)
    pad = " " if words.startswith("`") or words.endswith("`") else ""
    return f"{fence}{pad}{words}{pad}{fence}"


def plain(text: str, *, longest: int = _LONGEST) -> str:
    """Return text for a title, where there is no code: one line that mentions and closes nothing.

    Args:
        text: Anything.
        longest: Characters after which it is cut.
    """
    return _cut(_calm(_SPACE.sub(" ", _visible(text)).strip()), longest)


def block(text: str, *, language: str = "text", longest: int = 4_000, exact: bool = False) -> str:
    """Return text of several lines as a fenced block that nothing in it can leave.

    Args:
        text: Anything.
        language: How GitHub colours it.
        longest: Characters after which it is cut.
        exact: Leave out the joiners, so that it can be copied and typed; for text that reaches no commit message.
    """
    kept = _visible(text, keep="\n")
    inside = _cut(kept if exact else _calm(kept), longest).strip("\n")
    fence = "`" * max(3, _longest_run(inside) + 1)
    return f"{fence}{language}\n{inside}\n{fence}"


def _calm(text: str) -> str:
    return _MEANT.sub(rf"\1{_JOINER}", text)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _visible(text: str, *, keep: str = "") -> str:
    """Leave out control characters and those that change a text's direction; other white space becomes a space."""
    return "".join(c if c.isprintable() or c in keep else " " if c.isspace() else "" for c in text)


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
