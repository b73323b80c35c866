"""Two editors and the engine, at random: nothing that anybody wrote is lost, nothing is there twice, and all comes to rest.

`make soak` plays the same without end, and prints what it finds as a line for `FOUND`.
"""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from tests.machine.play import ACTS, Step, chance, perform, written
from tests.machine.shrink import as_steps, as_text
from tests.machine.stage import opened, prepare

_RUN = count()

FOUND = [
    pytest.param("here-move:3842 sync:2769 here-move:3280 there-delete:3307", id="an id that a moved block had before"),
    pytest.param("there-word:8393 killed:2964 check-out:8595", id="a pull that was undone"),
    pytest.param(
        "here-word:8047 commit:9371 there-delete:705 here-item:9948 killed:7093 here-word:7510",
        id="a decision for what is committed",
    ),
    pytest.param(
        "here-fill:3807 here-word:5337 there-row:6568 there-fill:6524 killed:7831 clone:7544",
        id="killed while a record was written and then committed",
    ),
    pytest.param("there-move:7190 here-move:6188 there-word:4930 killed:411", id="killed while a block was moved"),
    pytest.param("here-move:4905 killed:1702 busy:7847", id="moved by both while a killed run is finished"),
    pytest.param(
        "here-block:1607 lose-disk:4779 here-delete:8284", id="sent by a forgotten run beside a deleted block"
    ),
    pytest.param("here-remove:9816 busy:8949", id="edited in the moment it was trashed"),
    pytest.param(
        "here-fill:2946 here-item:5218 here-word:1827 killed:5544 here-block:4129 commit:1574",
        id="a record half-written and then committed",
    ),
]
"""Plays that went wrong once."""


@pytest.fixture(scope="session")
def begun_stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both sides as every play begins."""
    top = tmp_path_factory.mktemp("stage") / "begun"
    prepare(top)
    return top


def play(template: Path, steps: list[Step]) -> None:
    """Play on a stage of its own."""
    with opened(template, template.parent / f"run{next(_RUN)}") as stage:
        perform(stage, steps)


STEPS = st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 9999)), max_size=6)


@settings(max_examples=50, derandomize=True)
@given(seed=st.integers(0, 199))
def test_a_play_of_two_editors(begun_stage: Path, seed: int) -> None:
    """As they are most likely to act; of these plays all were tried."""
    steps = written(chance(seed), 12)
    note(f"make soak REPLAY='{as_text(steps)}'")
    play(begun_stage, steps)


@settings(max_examples=50, derandomize=True)
@given(steps=STEPS)
def test_any_few_acts(begun_stage: Path, steps: list[Step]) -> None:
    """The rarest as often as any; hypothesis makes them few."""
    note(f"make soak REPLAY='{as_text(steps)}'")
    play(begun_stage, steps)


@pytest.mark.parametrize("text", FOUND)
def test_what_was_found(begun_stage: Path, text: str) -> None:
    """Stays mended."""
    play(begun_stage, as_steps(text))
