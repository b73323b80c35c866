from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.emulator.world import World


@pytest.fixture
def world() -> Iterator[World]:
    """A fresh workspace whose clock stands still."""
    world = World()
    yield world
    world.close()
