"""The committed OpenAPI file is what the code gives; every operation is named and declared."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from jingkai.api import api

FILE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "openapi.json"
METHODS = {"get", "post", "put", "patch", "delete"}


def schema() -> dict[str, Any]:
    return json.loads(json.dumps(api.get_openapi_schema(), default=str))


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in schema()["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def test_the_committed_file_is_current() -> None:
    text = json.dumps(schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if os.environ.get("UPDATE_OPENAPI") == "1":
        FILE.write_text(text, encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == text, "UPDATE_OPENAPI=1 ./test tests/test_openapi.py"


def test_every_operation_has_its_own_name() -> None:
    names = [operation["operationId"] for _path, _method, operation in operations()]
    assert len(names) == len(set(names))
    assert len(names) >= 65


def test_every_operation_says_what_it_does() -> None:
    silent = [f"{method} {path}" for path, method, op in operations() if not op.get("description")]
    assert silent == []


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/policy/targets",
        "/api/v1/policy/tasks",
        "/api/v1/policy/measures",
        "/api/v1/policy/conflicts",
        "/api/v1/organisations/bodies",
        "/api/v1/indicators/{code}/values",
        "/api/v1/indicators/values/{event_id}/lineage",
    ],
)
def test_promised_addresses_are_there(path: str) -> None:
    assert "get" in schema()["paths"][path]
