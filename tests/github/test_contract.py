"""The check of our requests against GitHub's own description finds what is not described."""

from __future__ import annotations

import json

import pytest
from tests.github.contract import DOCUMENT, Contract

R = "/repos/o/r"


@pytest.fixture(scope="module")
def contract() -> Contract:
    """GitHub's own."""
    if not DOCUMENT.is_file():
        pytest.skip("GitHub's description is not installed: make test-github")
    return Contract.published()


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("GET", f"{R}/git/ref/heads/notionsync/update", None),
        ("PATCH", f"{R}/git/refs/heads/main", {"sha": "0" * 40, "force": False}),
        ("POST", f"{R}/git/trees", {"tree": [{"path": "a", "mode": "100644", "type": "blob", "sha": None}]}),
        ("GET", f"{R}/compare/a...b", None),
        ("GET", f"{R}/pulls?state=all&head=o%3Ab&base=main&per_page=100", None),
        ("POST", f"{R}/issues", {"title": "t", "body": "b", "labels": ["notionsync"]}),
    ],
)
def test_what_is_described_passes(contract: Contract, method: str, target: str, body: object) -> None:
    """As GitHub's documents show it."""
    assert contract.problems(method, target, b"" if body is None else json.dumps(body).encode()) == []


@pytest.mark.parametrize(
    ("method", "target", "body", "says"),
    [
        ("GET", f"{R}/git/references/heads/main", None, "not described"),
        ("PUT", f"{R}/git/refs/heads/main", {"sha": "0" * 40}, "not described"),
        ("PATCH", f"{R}/git/refs/heads/main", {"force": False}, "'sha' is a required property"),
        ("PATCH", f"{R}/git/refs/heads/main", {"sha": 1}, "is not of type 'string'"),
        ("POST", f"{R}/git/trees", {"tree": [{"path": "a", "mode": "644", "type": "blob"}]}, "is not one of"),
        ("POST", f"{R}/git/trees", {"tree": [], "basetree": "x"}, "unknown basetree"),
        ("POST", f"{R}/git/trees", None, "a body is required"),
        ("GET", f"{R}/pulls?state=merged", None, "is not one of"),
        ("GET", f"{R}/pulls?branch=main", None, "unknown branch"),
        ("POST", f"{R}/issues", {"title": "t", "labels": [1]}, "labels"),
    ],
)
def test_what_is_not_described_is_found(contract: Contract, method: str, target: str, body: object, says: str) -> None:
    """A path, a method, a query or a body that GitHub does not know."""
    found = contract.problems(method, target, b"" if body is None else json.dumps(body).encode())
    assert says in "".join(found)
