"""GitHub's own description of its REST API, and whether a request is one that it describes.

The description is the OpenAPI document that GitHub publishes (npm `@octokit/openapi`, installed by make test-github).
"""

from __future__ import annotations

import functools
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import jsonschema
from referencing import Registry
from referencing.jsonschema import DRAFT4

DOCUMENT = Path(sys.prefix) / "emulate" / "node_modules" / "@octokit" / "openapi" / "generated" / "api.github.com.json"
_URI = "urn:github"


class Contract:
    """What GitHub describes.

    Args:
        document: The OpenAPI 3.0 document.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._registry: Registry[Any] = Registry().with_resource(_URI, DRAFT4.create_resource(document))
        # The path with the most words of its own comes first, as where a server routes.
        self._paths = sorted(
            ((self._pattern(path, item), item) for path, item in document["paths"].items()),
            key=lambda pair: -len(re.sub(r"\(.*?\)", "", pair[0].pattern)),
        )

    @classmethod
    @functools.cache
    def published(cls) -> Contract:
        """Return GitHub's own, with null where OpenAPI 3.0 says `nullable`."""
        return cls(json.loads(DOCUMENT.read_text("utf-8"), object_hook=_nullable))

    def problems(self, method: str, target: str, body: bytes) -> list[str]:
        """Return what is wrong with a request; nothing if GitHub describes it.

        Args:
            method: Its method.
            target: Its path and query.
            body: Its body.
        """
        split = urlsplit(target)
        found = next(
            (item for pattern, item in self._paths if pattern.fullmatch(split.path) and method.lower() in item), None
        )
        if found is None:
            return [f"{method} {split.path} is not described"]
        operation = found[method.lower()]
        said = [*self._query(operation, split.query), *self._body(operation, body)]
        return [f"{method} {target}: {problem}" for problem in said]

    def _query(self, operation: Mapping[str, Any], query: str) -> Iterator[str]:
        known = {
            one["name"]: one for one in map(self._resolve, operation.get("parameters", ())) if one["in"] == "query"
        }
        given = dict(parse_qsl(query, keep_blank_values=True))
        for name, value in given.items():
            if name not in known:
                yield f"the query has an unknown {name}"
                continue
            schema = known[name]["schema"]
            number = schema.get("type") == "integer" and value.isdecimal()
            yield from self._errors(int(value) if number else value, schema, name)
        yield from (
            f"the query lacks {name}" for name, one in known.items() if one.get("required") and name not in given
        )

    def _body(self, operation: Mapping[str, Any], body: bytes) -> Iterator[str]:
        request = self._resolve(operation.get("requestBody", {}))
        if not body or body == b"{}":
            if request.get("required"):
                yield "a body is required"
            return
        if not request:
            yield "it takes no body"
            return
        schema = request["content"]["application/json"]["schema"]
        value = json.loads(body)
        yield from self._errors(value, schema, "the body")
        if "properties" in schema:
            yield from (f"the body has an unknown {name}" for name in value.keys() - schema["properties"].keys())

    def _errors(self, value: object, schema: Mapping[str, Any], what: str) -> Iterator[str]:
        validator = jsonschema.Draft4Validator(_absolute(schema), registry=self._registry)
        yield from (f"{what}: {error.json_path}: {error.message}" for error in validator.iter_errors(value))

    def _pattern(self, path: str, item: Mapping[str, Any]) -> re.Pattern[str]:
        """Return what a path template matches; some of its parts may hold slashes."""
        given = [one for part in item.values() if isinstance(part, Mapping) for one in part.get("parameters", ())]
        several = {one["name"] for one in map(self._resolve, given) if one.get("x-multi-segment")}
        names = re.split(r"\{([^}]+)\}", path)
        texts = [re.escape(names[0])]
        for name, text in zip(names[1::2], names[2::2], strict=True):
            texts.append(("(.+)" if name in several else "([^/]+)") + re.escape(text))
        return re.compile("".join(texts))

    def _resolve(self, one: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" not in one:
            return one
        found: Any = self._document
        for part in one["$ref"].removeprefix("#/").split("/"):
            found = found[unquote(part)]
        assert isinstance(found, Mapping)
        return found


def _nullable(value: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [value, {"type": "null"}]} if value.get("nullable") is True else value


def _absolute(schema: Any) -> Any:
    """Return a schema whose references lead into the document."""
    if isinstance(schema, Mapping):
        return {
            key: f"{_URI}{value}" if key == "$ref" and isinstance(value, str) else _absolute(value)
            for key, value in schema.items()
        }
    return [_absolute(one) for one in schema] if isinstance(schema, list) else schema
