"""Compare two answers by structure: keys and their order, types, and every value that does not belong to one workspace."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import unquote

from notionsync.emulator.replay.recording import ANY_ID, UUID

Json = dict[str, Any]

_HOSTED: Final = re.compile(r"https?://[^/]+/[0-9a-f-]{36}/[0-9a-f-]{36}/([^?]+)\?\S+")
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|\+00:00)")
_REFERENCE: Final = re.compile(r"(block_property:)([^:]+)")
_CURSOR: Final = re.compile(r"s:[0-9a-f-]{36}:[0-9a-f-]{36}")


class Mapping:
    """Which id of the emulator stands for which recorded one; bound as they appear."""

    def __init__(self) -> None:
        self.ours: dict[str, str] = {}
        self._theirs: dict[str, str] = {}

    def keep(self, identifier: str) -> None:
        """Note an id that is the same on both sides."""
        self.ours[identifier] = self._theirs[identifier] = identifier

    def bind(self, theirs: str, ours: str) -> bool:
        """Note a pair; False when either is already paired with another."""
        if theirs in self.ours or ours in self._theirs:
            return self.ours.get(theirs) == ours
        self.ours[theirs], self._theirs[ours] = ours, theirs
        return True

    def text(self, recorded: str) -> str:
        """A recorded text with the emulator's ids in it."""
        return ANY_ID.sub(self._replace, recorded)

    def _replace(self, match: re.Match[str]) -> str:
        found = match[0]
        digits = found.replace("-", "").lower()
        dashed = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
        ours = self.ours.get(dashed)
        if ours is None:
            return found
        return ours if "-" in found else ours.replace("-", "")

    def property(self, recorded: str) -> str:
        """A recorded property id as the emulator's."""
        return self.ours.get(f"property:{unquote(recorded)}", recorded)

    def request(self, recorded: Any) -> Any:
        """A recorded request with the emulator's ids in it."""
        if isinstance(recorded, str):
            return self.ours.get(f"property:{unquote(recorded)}") or self.text(recorded)
        if isinstance(recorded, list):
            return [self.request(entry) for entry in recorded]
        if isinstance(recorded, dict):
            return {self._key(key): self.request(entry) for key, entry in recorded.items()}
        return recorded

    def _key(self, key: str) -> str:
        return self.ours.get(f"property:{unquote(key)}", key)


class Comparison:
    """Compares answers of one conversation.

    Attributes:
        differences: What was found, each as `path: recorded ≠ ours`.
    """

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self.differences: list[str] = []

    def answers(self, recorded: Any, ours: Any) -> list[str]:
        """The differences between two answers."""
        self.differences = []
        self._value("", "", recorded, ours)
        return self.differences

    def _differ(self, path: str, recorded: Any, ours: Any) -> None:
        self.differences.append(f"{path or 'answer'}: {_short(recorded)} ≠ {_short(ours)}")

    def _value(self, path: str, key: str, recorded: Any, ours: Any) -> None:
        if isinstance(recorded, dict) and isinstance(ours, dict):
            self._object(path, key, recorded, ours)
        elif isinstance(recorded, list) and isinstance(ours, list):
            if len(recorded) != len(ours):
                self._differ(f"{path}.length", len(recorded), len(ours))
            for index, (theirs, mine) in enumerate(zip(recorded, ours, strict=False)):
                self._value(f"{path}[{index}]", key, theirs, mine)
        elif isinstance(recorded, str) and isinstance(ours, str):
            if not self._text(key, recorded, ours):
                self._differ(path, recorded, ours)
        elif recorded != ours or (type(recorded) is not type(ours) and not _numbers(recorded, ours)):
            self._differ(path, recorded, ours)

    def _object(self, path: str, key: str, recorded: Json, ours: Json) -> None:
        named = key == "properties" and all(isinstance(entry, dict) and "id" in entry for entry in recorded.values())
        if named:
            self._columns(path, recorded, ours)
        elif list(recorded) != list(ours):
            self._differ(f"{path}.keys", list(recorded), list(ours))
        for name, entry in recorded.items():
            if name in ours:
                self._value(f"{path}.{name}", name, entry, ours[name])

    def _columns(self, path: str, recorded: Json, ours: Json) -> None:
        """Properties stand in the order of their ids, which each service makes up for itself."""
        if set(recorded) != set(ours):
            self._differ(f"{path}.keys", sorted(recorded), sorted(ours))
        for name, entry in recorded.items():
            if name in ours and not self._mapping.bind(f"property:{unquote(entry['id'])}", ours[name]["id"]):
                self._differ(f"{path}.{name}.id", entry["id"], ours[name]["id"])
        ids = [unquote(entry["id"]) for entry in ours.values()]
        if ids != sorted(ids):
            self._differ(f"{path}.order", sorted(ids), ids)

    def _text(self, key: str, recorded: str, ours: str) -> bool:
        if key == "request_id":
            return bool(UUID.fullmatch(recorded) and UUID.fullmatch(ours))
        if key == "integration_id" or UUID.fullmatch(recorded):
            return bool(UUID.fullmatch(ours)) and self._mapping.bind(recorded, ours)
        hosted = _HOSTED.fullmatch(recorded)
        if hosted:
            mine = _HOSTED.fullmatch(ours)
            return mine is not None and unquote(mine[1]) == unquote(hosted[1])
        if key in {"next_cursor", "next_url"} and (_CURSOR.fullmatch(recorded) or key == "next_url"):
            return bool(_CURSOR.fullmatch(ours)) or key == "next_url"
        if key in {"expiry_time", "expires_at"}:
            return bool(_ISO.fullmatch(recorded) and _ISO.fullmatch(ours))
        if key in {"created_time", "last_edited_time"}:
            return _time(recorded, ours)
        if key in {"id", "synced_property_id", "relation_property_id", "rollup_property_id"}:
            return self._mapping.bind(f"property:{unquote(recorded)}", ours) or unquote(ours) == unquote(
                self._mapping.property(recorded)
            )
        if key in {"upload_url", "url"} and "/v1/file_uploads/" in recorded:
            return self._mapping.text(recorded).partition("/v1/")[2] == ours.partition("/v1/")[2]
        if key == "expression":
            recorded = _REFERENCE.sub(lambda match: match[1] + self._mapping.property(match[2]), recorded)
        return self._mapping.text(recorded) == ours


def _time(recorded: str, ours: str) -> bool:
    # A database tells its time to the millisecond, which a replay cannot foresee.
    if recorded.endswith("+00:00"):
        return ours.endswith("+00:00")
    return recorded == ours


def _numbers(recorded: Any, ours: Any) -> bool:
    return isinstance(recorded, int | float) and isinstance(ours, int | float) and not isinstance(recorded, bool)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 160 else f"{text[:157]}…"
