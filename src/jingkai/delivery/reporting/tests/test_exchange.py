"""SDMX-CSV out and in: the same figures, only published ones, and every wrong line named."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.audit.models import AuditEvent
from jingkai.core.errors import InvalidInput, NotPermitted
from jingkai.delivery.indicators.models import CurrentValue, ValueEvent
from jingkai.delivery.indicators.tests.factories import IndicatorFactory
from jingkai.delivery.reporting.exchange.codes import COLUMNS, STRUCTURE_ID, Measure, rescaled
from jingkai.delivery.reporting.exchange.files import FileProblem, read, write
from jingkai.delivery.reporting.exchange.incoming import import_figures
from jingkai.delivery.reporting.exchange.outgoing import Selection, select
from jingkai.delivery.reporting.exchange.structure import code_lists, structure_message
from jingkai.delivery.reporting.models import CampaignState
from jingkai.delivery.reporting.services.corrections import approve_correction

from .correction_scenes import NOW, PERIOD, correction_cast, judged_in_english, put_into_return


@pytest.fixture(autouse=True)
def english():
    with judged_in_english():
        yield


@pytest.fixture
def cast(db):
    return correction_cast()


def taken(cast, by=None, **asked) -> list[dict[str, str]]:
    given = Selection(indicators=(cast.scene.indicator.code,), **asked)
    return [dict(row) for row in select(user=by or cast.office, selection=given).rows]


def bring(rows, actor, reason=""):
    text = rows if isinstance(rows, bytes) else write(rows).encode()
    return import_figures(content=text, name="figures.csv", reason=reason, actor=actor, now=NOW)


def row(cast, **changes) -> dict[str, str]:
    return {
        "STRUCTURE": "dataflow", "STRUCTURE_ID": STRUCTURE_ID, "ACTION": "I", "FREQ": "M",
        "INDICATOR": cast.scene.indicator.code, "REF_AREA": cast.series().scope,
        "TIME_PERIOD": PERIOD, "OBS_VALUE": "36.5", "RELEASE": "REVISED",
        "UNIT_MEASURE": "CNY", "UNIT_MULT": "8", **changes,
    }  # fmt: skip


def test_out_and_in_gives_the_same_figures(cast) -> None:
    """Exported, brought in for a twin of the indicator, and exported again: the same lines."""
    say_final(cast)
    twin = IndicatorFactory(code="TWIN")
    out = taken(cast)
    assert {r["RELEASE"] for r in out} == {"FLASH", "FINAL"}
    assert {r["OBS_STATUS"] for r in out} == {"P", "E", "A"}

    done = bring([{**r, "INDICATOR": "TWIN"} for r in out], cast.office, reason="往返")

    assert (done.recorded, done.differing) == (
        sum(r["ORIGIN"] != "COMPUTED" for r in out), (),
    )  # fmt: skip
    again = select(user=cast.office, selection=Selection(indicators=(twin.code,))).rows

    def plain(rows):
        left_out = ("INDICATOR", "ORIGIN")
        return [{k: v for k, v in r.items() if k not in left_out} for r in rows]

    assert plain(again) == plain(out)


def say_final(cast) -> None:
    from .test_corrections import say

    say(cast, Decimal("36.123456"), release="final")


def test_a_repeated_import_changes_nothing(cast) -> None:
    rows = taken(cast)
    events = ValueEvent.objects.count()
    done = bring(rows, cast.office)
    assert (done.recorded, done.unchanged + done.derived) == (0, len(rows))
    assert ValueEvent.objects.count() == events


def test_the_past_is_exported_as_it_was_known(cast) -> None:
    before = taken(cast)
    slip = cast.ask("40")
    approve_correction(correction_id=slip.pk, actor=cast.reviewer, now=NOW)
    known = cast.current(period="2026-08").event.recorded_at
    assert taken(cast, as_of=known) == before
    assert taken(cast) != before


def test_only_published_figures_leave_the_house(cast) -> None:
    whole = taken(cast)
    cell = put_into_return(cast)  # still being collected
    found = select(user=cast.office, selection=Selection(indicators=(cast.scene.indicator.code,)))
    gone = {(r["REF_AREA"], r["TIME_PERIOD"]) for r in whole}
    gone -= {(r["REF_AREA"], r["TIME_PERIOD"]) for r in found.rows}
    assert gone == {(cast.series().scope, PERIOD), ("EDZ", PERIOD)}
    assert found.held_back == 2

    marked = taken(cast, unpublished=True)
    assert [r["CONF_STATUS"] for r in marked].count("N") == 2
    assert len(taken(cast, by=cast.clerk, unpublished=True)) == 2 * 23 - 2

    cell.in_return.campaign.state = CampaignState.PUBLISHED
    cell.in_return.campaign.save()
    assert taken(cast) == whole


def test_a_zone_takes_its_own_figures_and_the_totals(cast) -> None:
    assert {r["REF_AREA"] for r in taken(cast, by=cast.clerk)} == {cast.series().scope, "EDZ"}
    assert not taken(cast, by=UserFactory(role=Role.ENTERPRISE))


@pytest.mark.django_db
def test_an_export_costs_the_same_at_any_size() -> None:
    costs = set()
    for zones in (2, 7):
        cast = correction_cast(zones=zones)
        put_into_return(cast)
        with CaptureQueriesContext(connection) as seen:
            rows = taken(cast)
        assert len(rows) > 23 * zones - 3
        costs.add(len(seen))
    assert len(costs) == 1
    assert costs.pop() <= 10


@pytest.mark.parametrize(
    ("changes", "column", "code", "says"),
    [
        ({"INDICATOR": "IND-X"}, "INDICATOR", "unknown", "Did you mean"),
        ({"REF_AREA": "zonne-1"}, "REF_AREA", "unknown", "no code"),
        ({"FREQ": "Q"}, "FREQ", "frequency", "write M"),
        ({"TIME_PERIOD": "2026-Q3"}, "TIME_PERIOD", "period", "no period"),
        ({"TIME_PERIOD": "2026-13"}, "TIME_PERIOD", "period", "no period"),
        ({"TIME_PERIOD": "2031-01"}, "OBS_VALUE", "period_future", "future"),
        ({"OBS_VALUE": ""}, "OBS_VALUE", "number", "empty is not zero"),
        ({"OBS_VALUE": "NaN"}, "OBS_VALUE", "number", "not a number"),
        ({"OBS_VALUE": "1e999999"}, "OBS_VALUE", "number", "not a number"),
        ({"OBS_VALUE": "1_000"}, "OBS_VALUE", "number", "not a number"),
        ({"OBS_VALUE": "=1+1"}, "OBS_VALUE", "number", "not a number"),
        ({"OBS_VALUE": "0.12345678"}, "OBS_VALUE", "digits", "after the decimal"),
        ({"OBS_VALUE": "1e20"}, "OBS_VALUE", "digits", "before the decimal"),
        ({"UNIT_MEASURE": "USD"}, "UNIT_MEASURE", "unit", "multiplier 8"),
        ({"UNIT_MULT": "many"}, "UNIT_MULT", "unit", "power of ten"),
        ({"RELEASE": "DRAFT"}, "RELEASE", "unknown", "FLASH"),
        ({"RELEASE": "", "OBS_STATUS": "M"}, "OBS_STATUS", "status", "without a value"),
        ({"ACTION": "D"}, "ACTION", "action", "Nothing is deleted"),
        ({"STRUCTURE_ID": "ECB:EXR(1.0)"}, "STRUCTURE_ID", "structure", "Expected"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_written(cast, changes, column, code, says) -> None:
    good = row(cast, REF_AREA=cast.scene.zones[2].code, OBS_VALUE="60")
    events, trail = ValueEvent.objects.count(), AuditEvent.objects.count()
    with pytest.raises(InvalidInput) as refused:
        bring([good, row(cast, **changes)], cast.office, reason="核对")
    (problem,) = refused.value.problems
    assert (problem.field, problem.code) == (f"3.{column}", code)
    assert says in problem.message
    assert (ValueEvent.objects.count(), AuditEvent.objects.count()) == (events, trail)


def test_all_wrong_lines_are_named_at_once(cast) -> None:
    rows = [
        row(cast, OBS_VALUE="x"), row(cast, TIME_PERIOD="2026-08", FREQ="A"),
        row(cast), row(cast),
    ]  # fmt: skip
    with pytest.raises(InvalidInput, match="3 lines") as refused:
        bring(rows, cast.office, reason="核对")
    assert [p.field for p in refused.value.problems] == ["2.OBS_VALUE", "3.FREQ", "5.TIME_PERIOD"]


def test_lines_of_others_stop_the_whole_file(cast) -> None:
    rows = [row(cast), row(cast, REF_AREA=cast.scene.zones[3].code)]
    with pytest.raises(NotPermitted, match="Lines 3"):
        bring(rows, cast.clerk, reason="核对")
    assert cast.current().value == 36
    assert bring(rows[:1], cast.clerk, reason="核对").recorded == 1


def test_a_figure_of_a_return_is_not_changed_by_a_file(cast) -> None:
    put_into_return(cast, state=CampaignState.PUBLISHED)
    with pytest.raises(InvalidInput) as refused:
        bring([row(cast)], cast.office, reason="核对")
    assert refused.value.problems[0].code == "from_return"
    assert bring([row(cast, OBS_VALUE="36", RELEASE="FLASH")], cast.office).unchanged == 1


def test_another_multiplier_is_brought_to_the_indicators_own(cast) -> None:
    bring([row(cast, OBS_VALUE="365000", UNIT_MULT="4")], cast.clerk, reason="核对")
    assert cast.current().value == Decimal("36.5")


def test_no_digit_is_lost_on_the_way(cast) -> None:
    """18 digits: a reader that goes through binary floats would change the last ones."""
    exact = "123456789012.123457"
    bring([row(cast, OBS_VALUE=exact)], cast.office, reason="核对")
    assert CurrentValue.objects.get(series=cast.series(), period=PERIOD).value == Decimal(exact)
    (out,) = taken(cast, scopes=(cast.series().scope,), since=PERIOD, until=PERIOD)
    assert out["OBS_VALUE"] == exact


def test_derived_lines_are_compared(cast) -> None:
    rows = [r for r in taken(cast) if (r["REF_AREA"], r["TIME_PERIOD"]) == ("EDZ", PERIOD)]
    done = bring([{**rows[0], "OBS_VALUE": "271"}], cast.office)
    assert (done.recorded, done.derived) == (0, 1)
    assert "says 271" in done.differing[0]
    assert "here it is 270" in done.differing[0]


HEAD = ",".join(COLUMNS)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "no_head"),
        (b"\xff\xfe\x00", "not_utf8"),
        ("指标,区域\n".encode("gb18030"), "not_utf8"),
        (b"a\0b", "not_csv"),
        (b"DATAFLOW,FREQ\nX,M\n", "no_head"),
        (b"STRUCTURE,STRUCTURE_ID,FREQ\ndataflow,x,M\n", "missing_columns"),
        (f"{HEAD},FREQ\n".encode(), "columns_twice"),
        (f"{HEAD}\n".encode(), "empty"),
        (f"{HEAD}\n{'x,' * 40}\n".encode(), "too_many_cells"),
        (f'{HEAD}\n"open\n'.encode(), "not_csv"),
        (f"{HEAD}\n{'9' * 200_000}\n".encode(), "not_csv"),
        (b"x" * (20 * 1024 * 1024 + 1), "too_big"),
    ],
)
def test_what_is_no_file_of_ours_is_refused(content, code) -> None:
    with pytest.raises(FileProblem) as refused:
        read(content)
    assert refused.value.code == code


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(content) -> None:
    try:
        lines = read(content)
    except FileProblem:
        return
    assert lines


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, cells)), min_size=1, max_size=5))
def test_what_is_written_is_read(rows) -> None:
    rows = [{**r, "OBS_VALUE": "1"} for r in rows]
    expected = [{k: v.partition(": ")[0].strip() for k, v in r.items()} for r in rows]
    assert [dict(line.cells) for line in read(write(rows).encode())] == expected


@given(
    st.integers(-(10**16), 10**16).map(lambda n: Decimal(n) / 10**4),
    st.integers(-3, 12),
    st.integers(-3, 12),
)
def test_a_multiplier_there_and_back(value, mult, own) -> None:
    there = rescaled(value, mult, Measure("CNY", own))
    assert rescaled(there, own, Measure("CNY", mult)) == value


def test_the_structure_message_is_read_by_an_independent_reader(cast) -> None:
    """pysdmx reads what describes our file; its components are the columns we write."""
    import msgspec
    from pysdmx.io.json.sdmxjson2.messages.structure import JsonStructureMessage

    message = structure_message(code_lists(cast.office))
    found = msgspec.json.decode(message, type=JsonStructureMessage).to_model().structures
    by_id = {type(one).__name__ + ":" + one.id: one for one in found}
    definition = by_id["DataStructureDefinition:DSD_ZONE_INDICATORS"]
    assert tuple(c.id for c in definition.components) == COLUMNS[3:]
    areas = {code.id for code in by_id["Codelist:CL_REF_AREA"].items}
    assert areas == {"CITY", "EDZ", *(zone.code for zone in cast.scene.zones)}
    flow = by_id["Dataflow:ZONE_INDICATORS"]
    assert f"{flow.agency}:{flow.id}({flow.version})" == STRUCTURE_ID
    assert json.loads(message)["data"]["codelists"]


def test_the_file_opens_with_the_columns_of_sdmx_csv(cast) -> None:
    reader = csv.reader(io.StringIO(write(taken(cast))))
    assert next(reader)[:3] == ["STRUCTURE", "STRUCTURE_ID", "ACTION"]
    assert next(reader)[:3] == ["dataflow", STRUCTURE_ID, "I"]
