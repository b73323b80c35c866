from __future__ import annotations

import subprocess
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notionsync.plan.sequence import Region, common_head, lcs, merge, regions

SHORT = st.lists(st.sampled_from("abcd"), max_size=8)
LINES = st.lists(st.integers(0, 30).map(str), max_size=12)


def git_merge(folder: Path, base: list[str], ours: list[str], theirs: list[str]) -> list[str] | None:
    """Return what git makes of three lists of lines; None for a conflict."""
    paths = []
    for name, lines in (("ours", ours), ("base", base), ("theirs", theirs)):
        path = folder / name
        path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        paths.append(str(path))
    done = subprocess.run(["git", "merge-file", "-p", "--zdiff3", *paths], capture_output=True, text=True, check=False)
    assert 0 <= done.returncode < 128, done.stderr
    return None if done.returncode else done.stdout.splitlines()


def longest_by_force(a: list[str], b: list[str]) -> int:
    """Return the length of the longest common subsequence by trying everything."""

    @cache
    def best(i: int, j: int) -> int:
        if i == len(a) or j == len(b):
            return 0
        return max(best(i + 1, j), best(i, j + 1), best(i + 1, j + 1) + 1 if a[i] == b[j] else 0)

    return best(0, 0)


@given(SHORT, SHORT)
def test_lcs_is_the_longest_common_subsequence(a: list[str], b: list[str]) -> None:
    """The pairs are equal elements in rising order on both sides, and no longer list of them exists."""
    pairs = lcs(a, b)
    assert all(a[i] == b[j] for i, j in pairs)
    assert all(i < k and j < m for (i, j), (k, m) in combinations(pairs, 2))
    assert len(pairs) == longest_by_force(a, b)


def test_lcs_of_thousands_of_equal_elements_stays_quick() -> None:
    """Where millions of pairs are equal, the pairing is approximate but in order, and loses little."""
    a = ["x"] * 2000 + ["y"] + ["x"] * 2000
    b = ["z"] + ["x"] * 1000 + ["y"] + ["x"] * 2500 + ["w"]
    pairs = lcs(a, b)
    assert all(a[i] == b[j] for i, j in pairs)
    assert pairs == sorted(pairs)
    assert len({j for _, j in pairs}) == len(pairs) >= 3000


@pytest.mark.parametrize(("a", "b", "head"), [("", "", 0), ("abc", "abd", 2), ("ab", "abc", 2), ("x", "y", 0)])
def test_common_head(a: str, b: str, head: int) -> None:
    """It ends with the first difference or with the shorter one."""
    assert common_head(a, b) == head


@pytest.mark.parametrize(("a", "b", "pairs"), [("xa", "aya", [(1, 2)]), ("aya", "xa", [(2, 1)]), ("", "a", [])])
def test_a_common_end_is_paired_once(a: str, b: str, pairs: list[tuple[int, int]]) -> None:
    """What stands before it is not paired with it."""
    assert lcs(a, b) == pairs


def test_regions_of_letters() -> None:
    """Shared stretches are as long as they can be, and nothing stands behind the last one."""
    assert regions("abcd", "aXcd", "abcde") == [
        Region(True, slice(0, 1), slice(0, 1), slice(0, 1)),
        Region(False, slice(1, 2), slice(1, 2), slice(1, 2)),
        Region(True, slice(2, 4), slice(2, 4), slice(2, 4)),
        Region(False, slice(4, 4), slice(4, 4), slice(4, 5)),
    ]
    assert regions("ab", "ab", "ab") == [Region(True, slice(0, 2), slice(0, 2), slice(0, 2))]


@given(SHORT, SHORT, SHORT)
def test_regions_cover_all_three_versions(base: list[str], ours: list[str], theirs: list[str]) -> None:
    """Put together, the regions are the three versions; shared ones hold the same, and alternate with changed ones."""
    cut = regions(base, ours, theirs)
    assert [x for r in cut for x in base[r.base]] == base
    assert [x for r in cut for x in ours[r.ours]] == ours
    assert [x for r in cut for x in theirs[r.theirs]] == theirs
    assert all(base[r.base] == ours[r.ours] == theirs[r.theirs] for r in cut if r.same)
    assert all(first.same != second.same for first, second in pairwise(cut))


@given(LINES, LINES, LINES)
def test_laws(base: list[str], a: list[str], c: list[str]) -> None:
    """One-sided changes are taken, equal ones once, and the sides can be exchanged."""
    assert merge(base, a, base) == a
    assert merge(base, base, c) == c
    assert merge(base, a, a) == a
    assert merge(base, a, c) == merge(base, c, a)


def scattered(rng: Random, lines: list[str], side: str) -> list[str]:
    """Return a copy with some lines replaced, deleted or added."""
    out = list(lines)
    for number in range(rng.randint(1, 3)):
        at = rng.randint(0, len(out))
        new = [f"{rng.choice([side, 'both'])} {number} {rng.randint(0, 3)}"]
        out[at : at + rng.randint(0, 2)] = rng.choice([[], new, new])
    return out


@settings(max_examples=200, deadline=None)
@given(st.randoms(use_true_random=False))
def test_agrees_with_git(tmp_path_factory: pytest.TempPathFactory, rng: Random) -> None:
    """Clean where git is clean, with git's text, and a conflict where git has one (lines that do not repeat)."""
    base = [f"line {i}" for i in range(rng.randint(0, 12))]
    ours, theirs = scattered(rng, base, "ours"), scattered(rng, base, "theirs")
    if len(set(ours)) == len(ours) and len(set(theirs)) == len(theirs):
        assert merge(base, ours, theirs) == git_merge(tmp_path_factory.getbasetemp(), base, ours, theirs)
