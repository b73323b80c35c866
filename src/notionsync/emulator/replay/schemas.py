"""JSON Schemas of requests and answers, as generated from the official SDK's types."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft7Validator

ANSWERS: Final = {
    "GET /v1/users/me": "GetSelfResponse",
    "GET /v1/users/{id}": "GetUserResponse",
    "GET /v1/users": "ListUsersResponse",
    "POST /v1/search": "SearchResponse",
    "GET /v1/databases/{id}": "GetDatabaseResponse",
    "POST /v1/databases": "CreateDatabaseResponse",
    "PATCH /v1/databases/{id}": "UpdateDatabaseResponse",
    "GET /v1/data_sources/{id}": "GetDataSourceResponse",
    "POST /v1/data_sources": "CreateDataSourceResponse",
    "PATCH /v1/data_sources/{id}": "UpdateDataSourceResponse",
    "GET /v1/data_sources/{id}/templates": "ListDataSourceTemplatesResponse",
    "POST /v1/data_sources/{id}/query": "QueryDataSourceResponse",
    "GET /v1/pages/{id}": "GetPageResponse",
    "POST /v1/pages": "CreatePageResponse",
    "PATCH /v1/pages/{id}": "UpdatePageResponse",
    "POST /v1/pages/{id}/move": "MovePageResponse",
    "GET /v1/pages/{id}/properties/{id}": "GetPagePropertyResponse",
    "GET /v1/blocks/{id}": "GetBlockResponse",
    "PATCH /v1/blocks/{id}": "UpdateBlockResponse",
    "DELETE /v1/blocks/{id}": "DeleteBlockResponse",
    "GET /v1/blocks/{id}/children": "ListBlockChildrenResponse",
    "PATCH /v1/blocks/{id}/children": "AppendBlockChildrenResponse",
    "POST /v1/comments": "CreateCommentResponse",
    "GET /v1/comments": "ListCommentsResponse",
    "GET /v1/comments/{id}": "GetCommentResponse",
    "POST /v1/file_uploads": "CreateFileUploadResponse",
    "GET /v1/file_uploads": "ListFileUploadsResponse",
    "GET /v1/file_uploads/{id}": "GetFileUploadResponse",
    "POST /v1/file_uploads/{id}/send": "SendFileUploadResponse",
    "POST /v1/file_uploads/{id}/complete": "CompleteFileUploadResponse",
}
"""Endpoint → the schema of its answers."""

REQUESTS: Final = {
    "POST /v1/search": "SearchBodyParameters",
    "POST /v1/databases": "CreateDatabaseBodyParameters",
    "PATCH /v1/databases/{id}": "UpdateDatabaseBodyParameters",
    "POST /v1/data_sources": "CreateDataSourceBodyParameters",
    "PATCH /v1/data_sources/{id}": "UpdateDataSourceBodyParameters",
    "POST /v1/data_sources/{id}/query": "QueryDataSourceBodyParameters",
    "POST /v1/pages": "CreatePageBodyParameters",
    "PATCH /v1/pages/{id}": "UpdatePageBodyParameters",
    "POST /v1/pages/{id}/move": "MovePageBodyParameters",
    "PATCH /v1/blocks/{id}": "UpdateBlockBodyParameters",
    "PATCH /v1/blocks/{id}/children": "AppendBlockChildrenBodyParameters",
    "POST /v1/file_uploads": "CreateFileUploadBodyParameters",
}
"""Endpoint → the schema of its JSON bodies."""


class Schemas:
    """The schemas of a folder that holds `responses/<version>` and `requests-tolerant`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._validator = cache(self._load)

    def _load(self, name: str) -> Draft7Validator:
        return Draft7Validator(json.loads((self._folder / f"{name}.json").read_text(encoding="utf-8")))

    def answer(self, endpoint: str, version: str, answer: Any) -> str | None:
        """What is wrong with an answer; None when it fits, or when there is no schema for it."""
        name = ANSWERS.get(endpoint)
        return None if name is None else self._problem(f"responses/{version}/{name}", answer)

    def request(self, endpoint: str, body: Any, *, rules: str = "tolerant") -> str | None:
        """What is wrong with a request by the rules of the service (`tolerant`) or of the types (`strict`)."""
        name = REQUESTS.get(endpoint)
        return None if name is None else self._problem(f"requests-{rules}/{name}", body)

    def document(self, name: str) -> Any:
        """The schema of a request, by the rules of the service."""
        return json.loads((self._folder / "requests-tolerant" / f"{name}.json").read_text(encoding="utf-8"))

    def _problem(self, name: str, value: Any) -> str | None:
        validator = self._validator(name)
        if validator.is_valid(value):
            return None
        error = next(validator.iter_errors(value))
        return f"{name.rpartition('/')[2]}: {error.json_path}: {error.message[:200]}"
