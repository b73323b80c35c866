"""Which pages a run that nobody watches reads again although they show no edit.

An edit deep in a page that another program makes moves no page's time. All pages are re-read at once while that takes few
requests; else each run re-reads a part of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import count
from math import isqrt

from notionsync.sides.heads import Head

AT_ONCE = 600
"""How many requests one run may take for it."""
_NATURAL = 7
"""Days of a week; hours of a day have the other small primes, 2 and 3."""


def parts(heads: Iterable[Head]) -> int:
    """Return in how many parts pages are re-read, one part an hour.

    The number is a prime that divides neither a day nor a week: runs at the same time of each day, or on the same day
    of each week, get to all parts.
    """
    known = list(heads)
    if sum(head.lists for head in known) <= AT_ONCE:
        return 1
    least = sum(1 + head.lists for head in known) / AT_ONCE  # a page that is not listed is asked for as well
    return next(n for n in count(5) if n >= least and n != _NATURAL and all(n % d for d in range(2, isqrt(n) + 1)))


def turn(pages: Collection[str], hour: int, number: int) -> frozenset[str]:
    """Return the pages whose turn it is.

    Args:
        pages: Their ids.
        hour: Which hour it is, by any count.
        number: In how many parts they are re-read; with one, nothing is singled out.
    """
    if number == 1:
        return frozenset()
    return frozenset(page for page in pages if int(page[-8:], 16) % number == hour % number)
