"""Where the shared folder of recordings and schemas is, if it is there at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def shared_folder(*parts: str) -> Path | None:
    """Return a path in the shared folder; None where there is none."""
    root = Path(os.environ.get("NOTIONSYNC_SHARED") or Path(__file__).resolve().parents[2] / "shared")
    return root.joinpath(*parts) if root.is_dir() else None


def shared(*parts: str) -> Path:
    """Return a path in the shared folder; skip the test, with the reason, where there is none."""
    root = Path(os.environ.get("NOTIONSYNC_SHARED") or Path(__file__).resolve().parents[2] / "shared")
    if not root.is_dir():
        pytest.skip(f"the shared folder is absent: {root} (set NOTIONSYNC_SHARED)")
    return root.joinpath(*parts)
