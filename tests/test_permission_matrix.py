"""Who reaches what: every address and method, for every role and for a stranger.

The addresses come from the URL resolver and the API's own description, so a new one is found
without being named here. What each role gets is committed in permission_matrix.yaml; a new address
without a row, a row without an address, and every change of a verdict fails. After a change that is
meant:

    UPDATE_PERMISSION_MATRIX=1 .venv/bin/pytest tests/test_permission_matrix.py

and read the difference before committing it.

Addresses with an object in them need a real one: a refusal of what does not exist proves nothing.
Each room gives its own in `<room>/tests/matrix_samples.py`:

    def samples(world: World) -> dict[str, dict[str, object]]:
        return {"accounts-admin:user": {"user_id": world.users["office"].pk}, "revoke_token": {…}}

keyed by URL name for pages and by operation id for the API. `world.users` has one person for each
role; department, zone and the other bodies they act for are in `world` too.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from jingkai.core.accounts.models import User
from jingkai.core.accounts.roles import ADMINISTRATORS, CITY_WIDE, DEPARTMENT, ZONE, Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.masterdata.organisations.models import Body, BodyKind, Zone
from jingkai.masterdata.organisations.tests.factories import BodyFactory, ZoneFactory

TABLE = Path(__file__).with_name("permission_matrix.yaml")
ANONYMOUS = "anonymous"
EVERYBODY, SIGNED_IN = "everybody", "signed-in"  # short for all, and for all but a stranger
BROKEN = "broken"  # never written into the table
PAGE_METHODS = ("GET", "POST")
# Past the door: carried out, sent on, or refused for what was sent and not for who sent it.
INSIDE = frozenset({200, 201, 202, 204, 301, 302, 303, 400, 409, 410, 422})
REFUSED = frozenset({401, 403, 404, 405})


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the room has no tests package at all
        return False


@dataclass(frozen=True)
class World:
    """One person for each role, and the bodies they act for."""

    users: dict[str, User]
    office: Body
    department: Body
    zone: Zone
    company: Body


@dataclass(frozen=True)
class Door:
    """One address and method; `key` finds its sample object."""

    method: str
    route: str
    key: str
    parameters: tuple[str, ...] = field(default=())
    query: str = ""
    body: bytes = b""
    content_type: str = "application/x-www-form-urlencoded"

    @property
    def row(self) -> str:
        return f"{self.method} {self.route}"


def page_doors(
    patterns: Any = None, prefix: str = "/", namespaces: tuple[str, ...] = ()
) -> Iterator[Door]:
    """Every page of the URL resolver, except the API, which describes itself."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(entry.pattern).lstrip("^")
        if isinstance(entry, URLResolver):
            if entry.namespace != "api":
                inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
                yield from page_doors(entry.url_patterns, route, inner)
        elif isinstance(entry, URLPattern):
            key = ":".join((*namespaces, entry.name or route))
            names = tuple(entry.pattern.converters)
            for method in PAGE_METHODS:
                yield Door(method, route, key, names)


def api_doors() -> Iterator[Door]:
    """Every operation of the API."""
    from jingkai.api import api

    whole = api.get_openapi_schema()
    for path, operations in whole["paths"].items():
        for method, operation in operations.items():
            names = tuple(re.findall(r"{(\w+)}", path))
            query = {
                given["name"]: filled(given["schema"], whole)
                for given in operation.get("parameters", ())
                if given["in"] == "query" and given.get("required")
            }
            yield Door(
                method.upper(), path, operation["operationId"], names,
                f"?{urlencode(query)}" if query else "", *sent(operation, whole),
            )  # fmt: skip


def sent(operation: Any, whole: Any) -> tuple[bytes, str]:
    """What the API says it takes, filled in: a bare body is refused before anybody asks who sent
    it, and would let every verdict read "in"."""
    for content_type, content in operation.get("requestBody", {}).get("content", {}).items():
        given = filled(content["schema"], whole)
        if content_type == "application/json":
            return json.dumps(given).encode(), content_type
        return encode_multipart(BOUNDARY, given), MULTIPART_CONTENT
    return b"", "application/json"


def filled(schema: Any, whole: Any) -> Any:
    """The smallest thing of the right shape; whether it makes sense is for the service to say."""
    if "$ref" in schema:
        return filled(whole["components"]["schemas"][schema["$ref"].split("/")[-1]], whole)
    if "enum" in schema:
        return schema["enum"][0]
    for choices in ("anyOf", "allOf"):
        if choices in schema:
            return filled(schema[choices][0], whole)
    match schema.get("type"):
        case "object":
            known = schema.get("properties", {})
            return {name: filled(known[name], whole) for name in schema.get("required", ())}
        case "array":
            return [filled(schema["items"], whole)]
        case "integer" | "number":
            return 0  # nobody's id, whatever ran before
        case "boolean":
            return True
    return {"date": "2027-01-29", "date-time": "2027-01-29T01:00:00Z"}.get(
        schema.get("format"), "1"
    )


def doors() -> list[Door]:
    found = [*page_doors(), *api_doors()]
    return sorted(found, key=lambda door: (door.route, door.method))


def make_world() -> World:
    office = BodyFactory(kind=BodyKind.OFFICE, name="矩阵办公室")
    department = BodyFactory(name="矩阵部门")
    company = BodyFactory(kind=BodyKind.COMPANY, name="矩阵企业")
    zone = ZoneFactory()
    users = {}
    for role in Role:
        if role in CITY_WIDE or role in ADMINISTRATORS:
            body = office
        elif role in DEPARTMENT or role == Role.INSPECTOR:
            body = department
        else:
            body = zone.committee if role in ZONE else company
        users[str(role)] = UserFactory(username=f"matrix-{role}", role=role, body=body)
    return World(users, office, department, zone, company)


def collect_samples(world: World) -> dict[str, dict[str, Any]]:
    """What the rooms give as real objects."""
    found: dict[str, dict[str, Any]] = {}
    for config in apps.get_app_configs():
        name = f"{config.name}.tests.matrix_samples"
        if config.name.startswith("jingkai.") and _exists(name):
            found.update(import_module(name).samples(world))
    return found


def address(door: Door, samples: dict[str, dict[str, Any]]) -> str | None:
    """Where to knock; None when the address needs an object and no room gave one."""
    given = samples.get(door.key, {})
    if set(door.parameters) - given.keys():
        return None
    arguments = {name: given[name] for name in door.parameters}
    if door.route.startswith("/api/"):
        return door.route.format(**arguments) + door.query
    if ":" in door.key or not door.key.startswith("/"):
        return reverse(door.key, kwargs=arguments or None)
    return door.route


def knock(client: Client, door: Door, url: str) -> str:
    """The verdict of one request; whatever it did is undone."""
    cookies = client.cookies.output(header="", sep=";")
    with transaction.atomic():
        response = client.generic(door.method, url, door.body, content_type=door.content_type)
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)
    if response.status_code in {301, 302} and "/account/sign-in/" in response["Location"]:
        # Whoever leaves or was never in is led to the same page; only a stranger is refused there.
        return "sign-in" if "sessionid" not in client.cookies else "in"
    if response.status_code in INSIDE:
        return "in"
    if response.status_code in REFUSED:
        return str(response.status_code)
    return BROKEN


@pytest.fixture
def matrix(db: None, settings: Any) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Verdicts by row and role, and the addresses without a sample object."""
    settings.DEMO = True
    world = make_world()
    samples = collect_samples(world)
    clients = {ANONYMOUS: Client(), **{r: signed_in(user) for r, user in world.users.items()}}
    verdicts: dict[str, dict[str, str]] = {}
    unsampled = []
    for client in clients.values():
        client.raise_request_exception = False
    for door in doors():
        url = address(door, samples)
        if url is None:
            unsampled.append(f"{door.row} ({door.key}: {', '.join(door.parameters)})")
            continue
        verdicts[door.row] = {role: knock(client, door, url) for role, client in clients.items()}
    return verdicts, unsampled


def folded(row: dict[str, str]) -> dict[str, str]:
    """`{leader: in, office: in, …}` as `{in: "leader office", …}`, shorter when many agree."""
    by_verdict: dict[str, list[str]] = {}
    for role, verdict in row.items():
        by_verdict.setdefault(verdict, []).append(role)
    short = {
        " ".join(row): EVERYBODY,
        " ".join(role for role in row if role != ANONYMOUS): SIGNED_IN,
    }
    names = {verdict: " ".join(roles) for verdict, roles in sorted(by_verdict.items())}
    return {verdict: short.get(roles, roles) for verdict, roles in names.items()}


def unfolded(row: dict[str, str]) -> dict[str, str]:
    roles = [*map(str, Role)]
    groups = {EVERYBODY: [ANONYMOUS, *roles], SIGNED_IN: roles}
    return {
        role: str(verdict)
        for verdict, names in row.items()
        for role in groups.get(names, names.split())
    }


@pytest.mark.slow
def test_the_matrix_is_as_committed(matrix: tuple[dict[str, dict[str, str]], list[str]]) -> None:
    verdicts, _unsampled = matrix
    if os.environ.get("UPDATE_PERMISSION_MATRIX") == "1":
        rows = {
            row: folded(verdict)
            for row, verdict in verdicts.items()
            if BROKEN not in verdict.values()
        }
        TABLE.write_text(
            "# Who reaches what. Written by the test beside it; read every difference.\n"
            + yaml.safe_dump(rows, allow_unicode=True, sort_keys=False, width=200),
            encoding="utf-8",
        )
    expected = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    wrong = [
        f"{row}: the server fails for {role}"
        for row, verdict in verdicts.items()
        for role in verdict
        if verdict[role] == BROKEN
    ]
    wrong += [f"{row}: no row in {TABLE.name}" for row in verdicts if row not in expected]
    wrong += [f"{row}: a row, but no such address" for row in expected if row not in verdicts]
    for row in verdicts.keys() & expected.keys():
        wanted = unfolded(expected[row] or {})
        wrong += [
            f"{row}: {role} gets {verdict}, the table says {wanted.get(role)}"
            for role, verdict in verdicts[row].items()
            if verdict != wanted.get(role)
        ]
    assert not wrong, "\n".join(sorted(wrong))


@pytest.mark.slow
def test_every_address_with_an_object_has_a_real_one(
    matrix: tuple[dict[str, dict[str, str]], list[str]],
) -> None:
    _verdicts, unsampled = matrix
    assert not unsampled, "give samples in the room's tests/matrix_samples.py:\n" + "\n".join(
        unsampled
    )


def test_a_stranger_is_let_in_only_where_it_is_meant() -> None:
    """Read the committed table itself: a careless update cannot open a door unseen."""
    open_rows = {
        row
        for row, verdicts in yaml.safe_load(TABLE.read_text(encoding="utf-8")).items()
        if unfolded(verdicts).get(ANONYMOUS) == "in"
    }
    assert {row.split(" ", 1)[1] for row in open_rows} <= {
        "/healthz",
        "/language/",
        "/account/sign-in/",
        "/account/link/<str:secret>/",
        "/inbox/calendar/<str:key>.ics",
        "/delivery/consultation/open/",
        "/delivery/consultation/open/receipt/",
        "/delivery/consultation/open/<int:consultation_id>/",
        "/delivery/consultation/open/<int:consultation_id>/comment/",
        "/delivery/consultation/open/<int:consultation_id>/results/",
        "/api/v1/consultation/open/",
        "/api/v1/consultation/open/receipt",
        "/api/v1/consultation/open/{consultation_id}",
        "/api/v1/consultation/open/{consultation_id}/opinions",
        "/api/v1/consultation/open/{consultation_id}/results",
    }
