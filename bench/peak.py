"""The evening returns are due: many zones save and send at once, against the real server.

Budget (design, section 8): 50 submissions a second for 60 s on two cores, none lost, none failed.
Server, database, background worker and the clients share the machine's cores, so the clients take
their part of what is measured.

Offered more than they can do, the cores must refuse nobody: requests wait in the server, and the
last answer comes later. Then the table says how much later.

A submission is what a zone's own system does: PUT all cells of its return, then POST submit, with
its bearer token. Arrivals are planned ahead (open loop) and latency counts from the planned moment,
so waiting for the server counts. Lost: acknowledged, but the database does not hold exactly that.
`BENCH_RATE` (50), `BENCH_SECONDS` (60), `BENCH_CELLS` (20) set the load.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import socket
import statistics
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psutil

from bench._common import Line, report, start_django
from jingkai.cli import embedded
from jingkai.cli.serve import Address, Family, server_command, wait_until_ready

RATE = float(os.environ.get("BENCH_RATE", "50"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "60"))
CELLS = int(os.environ.get("BENCH_CELLS", "20"))
FOLDER = Path(os.environ.get("DATA_DIR", ".data")).resolve() / "peak"
CONNECTIONS = 500  # open at once; who comes later waits for one
PATIENCE = 600.0  # an answer later than this counts as failed


@dataclass
class Filler:
    """One zone: its return, its cells, its token, and what it will say."""

    return_id: int
    cells: list[int]
    token: str
    values: list[Decimal] = field(default_factory=list)


@dataclass
class Sent:
    """One submission: seconds from its planned moment to the last answer, and what went wrong."""

    filler: Filler
    latency: float
    late: float
    failed: str = ""


def main() -> int:
    """Build the zones, start the house, send everything, and compare."""
    count = round(RATE * SECONDS)
    embedded.stop(FOLDER)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    os.environ["DATA_DIR"] = str(FOLDER)
    os.environ["DATABASE_URL"] = embedded.start(FOLDER)
    start_django()
    fillers = build(count)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        address = Address("127.0.0.1", probe.getsockname()[1])
    family = Family()
    try:
        family.start("worker", sys.executable, "-m", "jingkai.cli.worker")
        family.start("server", *server_command(address), essential=True)
        wait_until_ready(address, family)
        before, begun = processor_seconds(family), time.monotonic()
        sent = asyncio.run(storm(address, fillers))
        spent = time.monotonic() - begun
        each = [
            (now - then) / len(sent)
            for now, then in zip(processor_seconds(family), before, strict=True)
        ]
    finally:
        family.stop()
    lost = compare(sent)
    embedded.leave(FOLDER)
    return told(sent, lost, spent, each, server_command(address))


def processor_seconds(family: Family) -> tuple[float, float, float]:
    """What web server, database and these clients have used so far."""
    postmaster = int((embedded.cluster(FOLDER) / "postmaster.pid").read_text().split()[0])
    own = psutil.Process().cpu_times()
    return (
        _with_children(family.children[-1].process.pid),
        _with_children(postmaster),
        own.user + own.system,
    )


def _with_children(pid: int) -> float:
    # Children that ended stand in their parent's account.
    first = psutil.Process(pid)
    seconds = first.cpu_times().children_user + first.cpu_times().children_system
    for process in (first, *first.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            seconds += times.user + times.system
    return seconds


def build(count: int) -> list[Filler]:
    """`count` zones with a clerk, a token and an open return of `CELLS` cells each."""
    from django.utils import timezone

    from jingkai.core.accounts.models import User
    from jingkai.core.accounts.public import create_token
    from jingkai.core.accounts.roles import Role
    from jingkai.core.accounts.tests.factories import UserFactory
    from jingkai.delivery.indicators.tests.factories import IndicatorFactory
    from jingkai.delivery.reporting.models import Return
    from jingkai.delivery.reporting.services import open_campaign
    from jingkai.delivery.reporting.tests.factories import FormItemFactory, FormVersionFactory
    from jingkai.masterdata.organisations.tests.factories import ZoneFactory
    from jingkai.masterdata.reference.public import seed_calendar

    now = timezone.now()
    seed_calendar(now=datetime(2026, 1, 5, 1, tzinfo=UTC))
    zones = ZoneFactory.create_batch(count)
    version = FormVersionFactory()
    for position, indicator in enumerate(IndicatorFactory.create_batch(CELLS)):
        FormItemFactory(version=version, indicator=indicator, position=position)
    office = UserFactory(role=Role.OFFICE)
    open_campaign(form_id=version.form_id, period="2026-09", actor=office, now=now)
    returns = {r.zone_id: r for r in Return.objects.prefetch_related("cells")}
    dice = random.Random(20261123)
    fillers = []
    for zone in zones:
        clerk: User = UserFactory(role=Role.ZONE_CLERK, body=zone.committee)
        _row, secret = create_token(
            user=clerk,
            name="peak",
            scopes=["reporting:read", "reporting:write"],
            days=1,
            actor=None,
            now=now,
        )
        own = returns[zone.pk]
        cells = sorted(cell.pk for cell in own.cells.all())
        values = [Decimal(dice.randrange(100, 1_000_000)) / 100 for _cell in cells]
        fillers.append(Filler(own.pk, cells, secret, values))
    return fillers


async def storm(address: Address, fillers: list[Filler]) -> list[Sent]:
    """Send all, each at its planned moment, whether the ones before are answered or not."""
    places = asyncio.Semaphore(CONNECTIONS)
    begun = time.monotonic()
    dice = random.Random(1)
    at, tasks = 0.0, []
    for filler in fillers:
        tasks.append(asyncio.create_task(submit(address, places, filler, begun + at)))
        at += dice.expovariate(RATE)
    return list(await asyncio.gather(*tasks))


async def submit(
    address: Address, places: asyncio.Semaphore, filler: Filler, planned: float
) -> Sent:
    """One zone's save and submit, over a connection of its own. Waiting for a place counts."""
    await asyncio.sleep(max(0.0, planned - time.monotonic()))
    late = time.monotonic() - planned
    changes = [
        {"cell": cell, "raw": str(value)}
        for cell, value in zip(filler.cells, filler.values, strict=True)
    ]
    failed = ""
    async with places:
        try:
            async with asyncio.timeout(PATIENCE):
                failed = await _talk(address, filler, {"changes": changes})
        except (OSError, EOFError, TimeoutError) as error:
            failed = f"{type(error).__name__} {error}"
    return Sent(filler, time.monotonic() - planned, late, failed)


async def _talk(address: Address, filler: Filler, changes: dict[str, Any]) -> str:
    reader, writer = await asyncio.open_connection(address.host, address.port)
    path = f"/api/v1/reporting/returns/{filler.return_id}"
    failed = ""
    try:
        for method, place, body in (("PUT", "cells", changes), ("POST", "submit", {})):
            writer.write(_request(method, f"{path}/{place}", filler.token, address, body))
            status, answer = await _answer(reader)
            if status != 200:
                failed = f"{status} {answer[:200].decode(errors='replace')}"
                break
    finally:
        writer.close()
    return failed


def _request(method: str, path: str, token: str, address: Address, body: dict[str, Any]) -> bytes:
    # Written by hand: the clients share the cores with what is measured, and in life they do not.
    content = json.dumps(body).encode()
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: {address.host}:{address.port}\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    fields = {name.lower(): value for name, _colon, value in (x.partition(": ") for x in lines)}
    return int(first.split(" ")[1]), await reader.readexactly(int(fields["content-length"]))


def compare(sent: list[Sent]) -> int:
    """How many acknowledged submissions the database does not hold exactly as they were sent."""
    from jingkai.delivery.reporting.models import Cell, Return, ReturnState

    held: dict[int, dict[int, Any]] = {}
    for return_id, cell_id, value in Cell.objects.values_list("in_return_id", "pk", "value"):
        held.setdefault(return_id, {})[cell_id] = value
    states = dict(Return.objects.values_list("pk", "state"))
    return sum(
        not one.failed
        and (
            states[one.filler.return_id] != ReturnState.SUBMITTED
            or held[one.filler.return_id]
            != dict(zip(one.filler.cells, one.filler.values, strict=True))
        )
        for one in sent
    )


def told(sent: list[Sent], lost: int, spent: float, each: list[float], command: list[str]) -> int:
    """The table; what failed is named below it."""
    failures = [one.failed for one in sent if one.failed]
    seconds = sorted(one.latency for one in sent)
    marks = statistics.quantiles(seconds, n=100)
    workers = command[command.index("--workers") + 1]
    threads = command[command.index("--blocking-threads") + 1]
    used, stored, spoken = each
    for said in sorted(set(failures))[:5]:
        print(f"  failed: {failures.count(said)} x {said}", file=sys.stderr)
    return report(
        f"{len(sent)} submissions of {CELLS} cells, {RATE:g}/s, {workers} workers x "
        f"{threads} threads, clients and database on the same cores",
        [
            Line("lost", str(lost), "0", lost == 0),
            Line("failed", str(len(failures)), "0", not failures),
            Line("p50 from the planned moment", f"{marks[49]:.2f} s", "-", None),
            Line("p95", f"{marks[94]:.2f} s", "-", None),
            Line("p99", f"{marks[98]:.2f} s", "-", None),
            Line("longest", f"{seconds[-1]:.2f} s", "-", None),
            Line("last answer after", f"{spent:.1f} s", f"offered in {SECONDS:g} s", None),
            Line("answered a second", f"{len(sent) / spent:.1f}", f"{RATE:g}", None),
            Line("server's processor time each", f"{used * 1000:.1f} ms", "-", None),
            Line("database's", f"{stored * 1000:.1f} ms", "-", None),
            Line("clients'", f"{spoken * 1000:.1f} ms", "-", None),
            Line("clients' own delay, longest", f"{max(s.late for s in sent):.2f} s", "-", None),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
