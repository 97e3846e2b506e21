"""What a correction moves: told beforehand exactly, and two at once give one figure."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jingkai.core.audit.models import AuditEvent
from jingkai.core.errors import Conflict
from jingkai.core.notices.public import Notice
from jingkai.delivery.indicators.models import (
    CurrentValue,
    StatusVoice,
    ValueEvent,
)
from jingkai.delivery.indicators.public import statuses
from jingkai.delivery.reporting import impact as shapes
from jingkai.delivery.reporting.impact import Impact, Use, register_uses
from jingkai.delivery.reporting.models import Correction, CorrectionState
from jingkai.delivery.reporting.services.correction_trials import impact_now, preview_correction
from jingkai.delivery.reporting.services.corrections import (
    withdraw_correction,
)
from jingkai.engine.periods import Period

from .correction_scenes import (
    NOW,
    PERIOD,
    correction_cast,
    judged_in_english,
)
from .test_corrections import approve, say


@pytest.fixture(autouse=True)
def english():
    with judged_in_english():
        yield


@pytest.fixture
def cast(db):
    return correction_cast()


# What moves


def counts() -> dict[str, int]:
    return {
        model.__name__: model.objects.count()
        for model in (ValueEvent, CurrentValue, StatusVoice, AuditEvent, Notice, Correction)
    }


def test_a_preview_leaves_nothing_behind(cast) -> None:
    before = (counts(), list(CurrentValue.objects.order_by("pk").values()))
    found = preview_correction(
        series_id=cast.series().pk, period=PERIOD, new_value=Decimal(60),
        actor=cast.clerk, now=NOW,
    )  # fmt: skip
    assert len(found.figures) > 1
    assert (counts(), list(CurrentValue.objects.order_by("pk").values())) == before


@pytest.mark.parametrize("value", ["60", "1", "37.5", "0"])
def test_the_preview_is_what_happens(cast, value) -> None:
    slip = cast.ask(value)
    expected = impact_now(slip, actor=cast.reviewer, now=NOW)
    done = approve(cast, slip)
    assert Impact.from_json(done.impact) == expected
    stored = Correction.objects.get(pk=slip.pk).impact
    assert Impact.from_json(stored) == expected
    for move in expected.figures:
        current = CurrentValue.objects.get(series_id=move.series, period=move.period)
        assert current.value == Decimal(move.after)


def test_what_moves_is_told_exactly(cast) -> None:
    """Zone 2 jumps from 36 to 60: past zone 3 (54), below zone 4 (72); the total grows by 24."""
    found = preview_correction(
        series_id=cast.series().pk, period=PERIOD, new_value=Decimal(60),
        actor=cast.clerk, now=NOW,
    )  # fmt: skip
    zones = cast.scene.zones
    (total,) = found.totals
    assert (total.before, total.after, total.computed) == ("270", "294", True)
    assert {(r.scope, r.before, r.after, r.of) for r in found.ranks} == {
        (zones[1].code, 4, 3, 5),
        (zones[2].code, 3, 4, 5),
    }
    (later,) = found.later
    assert (later.period, later.value, later.own_before, later.own_after) == (
        "2026-10", "40", "4", "-20",
    )  # fmt: skip
    assert any("falls from 60" in warning for warning in found.warnings)


def test_a_light_that_turns_is_told(cast) -> None:
    """Nobody has spoken about September: before is what pages showed, after is what is spoken."""
    page = statuses([cast.series()], Period.parse(PERIOD)).of(cast.series()).light
    slip = cast.ask("20")
    moves = impact_now(slip, actor=cast.reviewer, now=NOW).lights
    own = next(row for row in moves if row.scope == cast.series().scope)
    assert own.before == page.light.value
    assert Decimal(own.distance_before) == round(page.distance, 4)
    assert own.turns
    approve(cast, slip)
    (said,) = StatusVoice.objects.filter(series=cast.series(), period=PERIOD, voice="rule")
    assert (said.light, said.distance) == (own.after, Decimal(own.distance_after))


def test_a_light_spoken_before_is_told(cast) -> None:
    approve(cast, cast.ask("20"))
    slip = cast.ask("60")
    own = next(
        row for row in impact_now(slip, actor=cast.reviewer, now=NOW).lights
        if row.scope == cast.series().scope
    )  # fmt: skip
    approve(cast, slip)
    said = StatusVoice.objects.filter(series=cast.series(), period=PERIOD, voice="rule")
    assert [voice.light for voice in said] == [own.after, own.before]


def test_targets_are_held_against_the_latest_figure(cast) -> None:
    slip = cast.ask("44", period="2026-10")
    (target,) = impact_now(slip, actor=cast.reviewer, now=NOW).targets
    total = 2 * 10 * (1 + 2 + 3 + 4) + 2 * 5 * 9  # the silent fifth is carried from September
    assert target.horizon == "2030"
    assert target.before == str(round(Decimal(total) / 395 * 100, 2))
    assert target.after == str(round(Decimal(total + 4) / 395 * 100, 2))


def test_a_zone_sees_its_own_rank_and_no_other(cast) -> None:
    from jingkai.delivery.indicators.public import visible_series

    found = preview_correction(
        series_id=cast.series().pk, period=PERIOD, new_value=Decimal(60),
        actor=cast.clerk, now=NOW,
    )  # fmt: skip
    ids = set(visible_series(cast.clerk).values_list("pk", flat=True))
    seen = found.seen_by(ids)
    assert {row.scope for row in seen.ranks} == {cast.series().scope}
    assert {row.scope for row in seen.figures} == {cast.series().scope, "EDZ"}


def test_rooms_above_are_asked_while_the_new_figures_stand(cast, monkeypatch) -> None:
    monkeypatch.setattr(shapes, "_uses", {})
    heard = []

    def uses(moves):
        heard.append(cast.current().value)
        return [Use("bulletins", "九月通报", f"{len(moves)}")]

    register_uses("bulletins", uses)
    with pytest.raises(ValueError, match="already"):
        register_uses("bulletins", uses)
    found = preview_correction(
        series_id=cast.series().pk, period=PERIOD, new_value=Decimal(60),
        actor=cast.clerk, now=NOW,
    )  # fmt: skip
    assert (heard, found.asked, found.uses[0].title) == ([60], ("bulletins",), "九月通报")


@pytest.mark.django_db
def test_a_preview_costs_the_same_at_any_number_of_zones() -> None:
    costs = set()
    for zones in (3, 9):
        cast = correction_cast(zones=zones)
        user = type(cast.clerk).objects.get(pk=cast.clerk.pk)
        with CaptureQueriesContext(connection) as seen:
            preview_correction(
                series_id=cast.series().pk, period=PERIOD, new_value=Decimal(7),
                actor=user, now=NOW,
            )  # fmt: skip
        costs.add(len(seen))
    assert len(costs) == 1, costs
    assert costs.pop() <= 44


# Two at once


def together(*jobs):
    """Run the jobs in threads that start at the same moment; what they return or raise."""
    gate = Barrier(len(jobs))

    def run(job):
        try:
            gate.wait(timeout=10)
            with judged_in_english():
                return job()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, job) for job in jobs]]


@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_once_record_one_figure() -> None:
    cast = correction_cast()
    slip = cast.ask()
    results = together(
        lambda: approve(cast, slip, by=cast.reviewer), lambda: approve(cast, slip, by=cast.office)
    )
    assert sorted(type(r).__name__ for r in results) == ["Correction", "TransitionNotAllowed"]
    assert ValueEvent.objects.filter(series=cast.series(), period=PERIOD).count() == 2


@pytest.mark.django_db(transaction=True)
def test_approval_and_withdrawal_at_once_leave_one_word() -> None:
    cast = correction_cast()
    for value in ("40", "41", "42"):
        slip = cast.ask(value)
        results = together(
            lambda s=slip: approve(cast, s),
            lambda s=slip: withdraw_correction(correction_id=s.pk, actor=cast.clerk, now=NOW),
        )
        slip.refresh_from_db()
        assert sorted(type(r).__name__ for r in results) == ["Correction", "TransitionNotAllowed"]
        stands = cast.current().value == Decimal(value)
        assert stands is (slip.state == CorrectionState.APPROVED)


@pytest.mark.django_db(transaction=True)
def test_an_approval_that_waits_for_another_writer_gives_way() -> None:
    cast = correction_cast()
    slip = cast.ask("40")
    results = together(lambda: approve(cast, slip), lambda: say(cast, Decimal(38)))
    slip.refresh_from_db()
    said = list(
        ValueEvent.objects.filter(series=cast.series(), period=PERIOD)
        .order_by("id").values_list("value", flat=True)
    )  # fmt: skip
    if slip.state == CorrectionState.APPROVED:
        assert said in ([36, 40, 38], [36, 40])  # the other came after, and knew of it
    else:
        assert isinstance(results[0], Conflict)
        assert said == [36, 38]


@pytest.mark.django_db(transaction=True)
def test_two_slips_at_once_become_one() -> None:
    cast = correction_cast()
    results = together(
        lambda: cast.ask("40"), lambda: cast.ask("41", by=cast.office), lambda: cast.ask("42")
    )
    assert sorted(type(r).__name__ for r in results) == ["Conflict", "Conflict", "Correction"]
    assert Correction.objects.count() == 1
