"""What a branch's rules forbid, found out before anything is written that would have to be published."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from github.Repository import Repository

from github import UnknownObjectException

_FORBIDDING = {
    "update": "only those who may pass its rules update it",
    "pull_request": "changes must be made through a pull request",
    "merge_queue": "changes must go through its merge queue",
    "required_status_checks": "its required status checks must pass first",
    "required_deployments": "its required deployments must succeed first",
    "code_scanning": "its code scanning must have results first",
}
"""Rules that a commit which was just made cannot satisfy (docs.github.com, "Available rules for rulesets")."""
_PASSING = {"always", "exempt", None}


def forbidden(repo: Repository, branch: str) -> str:
    """Return why a commit cannot be put on a branch; empty if no rule is known to forbid it.

    The rules of rulesets are told to everybody, and each ruleset tells whether the one who asks may pass it
    (docs.github.com/rest/repos/rules: "Get rules for a branch", and `current_user_can_bypass` of "Get a repository
    ruleset"). Where a server knows no rulesets, or does not say who may pass, nothing is known.
    """
    try:
        rules = _get(repo, f"rules/branches/{quote(branch, safe='')}?per_page=100")
        found = {int(rule["ruleset_id"]): _FORBIDDING[rule["type"]] for rule in rules if rule["type"] in _FORBIDDING}
        for ruleset, why in found.items():
            if _get(repo, f"rulesets/{ruleset}").get("current_user_can_bypass") not in _PASSING:
                return why
    except UnknownObjectException:
        return ""
    return ""


def _get(repo: Repository, path: str) -> Any:
    return repo.requester.requestJsonAndCheck("GET", f"{repo.url}/{path}")[1]
