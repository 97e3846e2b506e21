"""Two at once: both are heard, the last one stands, nobody waits in a circle."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection

from jingkai.core.accounts.public import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.delivery.indicators.models import CurrentValue, ValueEvent
from jingkai.masterdata.organisations.tests.factories import ZoneFactory

from .factories import IndicatorFactory
from .test_record import say

pytestmark = pytest.mark.django_db(transaction=True)


def together(*jobs):
    """Run the jobs in threads that start at the same moment; return what they return."""
    gate = Barrier(len(jobs))

    def run(job):
        try:
            gate.wait(timeout=10)
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, job) for job in jobs]]


def test_two_recordings_of_one_cell_are_both_kept() -> None:
    office, zone, row = UserFactory(role=Role.OFFICE), ZoneFactory(), IndicatorFactory()
    together(
        *[
            lambda v=v: say(office, (row.code, zone.code, "2026-10", v))
            for v in ("1", "2", "3", "4")
        ]
    )
    events = list(ValueEvent.objects.filter(series__scope=zone.code).order_by("id"))
    assert {e.value for e in events} == {Decimal(n) for n in (1, 2, 3, 4)}
    for scope in (zone.code, "EDZ"):
        current = CurrentValue.objects.get(series__scope=scope)
        assert current.value == events[-1].value


def test_zones_that_report_at_once_all_stand_in_the_total() -> None:
    office, row = UserFactory(role=Role.OFFICE), IndicatorFactory()
    zones = ZoneFactory.create_batch(4)
    together(*[lambda z=z: say(office, (row.code, z.code, "2026-10", "10")) for z in zones])
    total = CurrentValue.objects.get(series__scope="EDZ")
    assert (total.value, total.observed) == (40, 4)


def test_batches_in_opposite_order_do_not_wait_in_a_circle() -> None:
    office, zone = UserFactory(role=Role.OFFICE), ZoneFactory()
    rows = IndicatorFactory.create_batch(8)

    def batch(order, value):
        return lambda: say(office, *[(r.code, zone.code, "2026-10", value) for r in order])

    for round_ in range(4):
        together(batch(rows, str(10 + round_)), batch(rows[::-1], str(50 + round_)))
    assert ValueEvent.objects.filter(series__scope=zone.code).count() == 64
