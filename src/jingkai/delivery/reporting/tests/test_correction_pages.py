"""Pages and API of corrections, revisions and the exchange: who sees what, what is said."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jingkai.core.accounts.tests.factories import signed_in
from jingkai.core.files.public import attachments_of
from jingkai.delivery.indicators.models import ValueEvent
from jingkai.delivery.reporting.exchange.files import write
from jingkai.delivery.reporting.models import Correction, CorrectionState
from jingkai.delivery.reporting.queries.revisions import revision_page
from jingkai.delivery.reporting.services.corrections import (
    approve_correction,
    attach_evidence,
    request_correction,
)

from .correction_scenes import NOW, PERIOD, correction_cast, judged_in_english, paper
from .test_exchange import row

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with judged_in_english():
        yield


@pytest.fixture
def cast():
    return correction_cast()


def page(name: str, *args: object, **query: object) -> str:
    return reverse(f"reporting:{name}", args=args) + (f"?{urlencode(query)}" if query else "")


def browser(user):
    client = signed_in(user)
    client.cookies["django_language"] = "en"
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def figure(cast, **more: object) -> dict[str, object]:
    return {
        "indicator": cast.scene.indicator.code, "scope": cast.series().scope, "period": PERIOD,
        **more,
    }  # fmt: skip


def test_from_the_figure_to_the_decision(cast) -> None:
    clerk, reviewer = browser(cast.clerk), browser(cast.reviewer)
    shown = clerk.get(page("correction-new", **figure(cast, new_value="60")))
    assert shown.status_code == 200
    assert "What would move" in shown.content.decode()
    assert not Correction.objects.exists()

    sent = clerk.post(
        page("correction-new"),
        figure(cast, new_value="60", code="error", reason="漏报两家企业"),
        follow=True,
    )
    slip = Correction.objects.get()
    assert sent.redirect_chain[0][0] == page("correction", slip.pk)
    assert "a second person then decides" in sent.content.decode()
    clerk.post(page("correction-act", slip.pk, "evidence"), {"file": paper()})
    assert attachments_of(slip).count() == 1

    card = reviewer.get(page("correction", slip.pk)).content.decode()
    assert "What would move" in card
    assert "formaction" in card
    done = reviewer.post(
        page("correction-act", slip.pk, "approve"), {"answer": "同意"}, follow=True
    ).content.decode()
    assert "the new figure stands" in done
    assert "What moved" in done
    assert cast.current().value == 60


def test_what_was_typed_stays_when_it_is_refused(cast) -> None:
    answer = browser(cast.clerk).post(
        page("correction-new"), figure(cast, new_value="36", code="check", reason="我的说明")
    )
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "the same as the old one" in text
    assert "我的说明" in text


def test_a_computed_figure_offers_its_parts_and_no_form(cast) -> None:
    asked = page("correction-new", **figure(cast, scope="EDZ"))
    text = browser(cast.office).get(asked).content.decode()
    assert text.count("Correct this one") == 5
    assert 'name="new_value"' not in text
    own = browser(cast.clerk).get(asked).content.decode()
    assert own.count("Correct this one") == 1


def test_a_decision_that_comes_too_late_says_what_stands(cast) -> None:
    from .test_corrections import say

    slip = cast.ask()
    say(cast, Decimal(38))
    answer = browser(cast.reviewer).post(page("correction-act", slip.pk, "approve"))
    assert answer.status_code == 409
    assert "now 38 revised stands" in answer.content.decode()
    again = browser(cast.clerk).post(page("correction-act", slip.pk, "frobnicate"))
    assert again.status_code == 404


@pytest.mark.parametrize(
    ("who", "list_status", "slip_status", "decides"),
    [
        ("clerk", 200, 200, 403), ("zone_leader", 200, 200, 403), ("stranger", 200, 404, 404),
        ("stat_clerk", 200, 200, 403), ("reviewer", 200, 200, 302), ("office", 200, 200, 302),
        ("leader", 200, 200, 403),
    ],
)  # fmt: skip
def test_who_sees_and_who_decides(cast, who, list_status, slip_status, decides) -> None:
    slip, client = cast.ask(), browser(getattr(cast, who))
    assert client.get(page("corrections")).status_code == list_status
    assert client.get(page("correction", slip.pk)).status_code == slip_status
    assert client.post(page("correction-act", slip.pk, "approve")).status_code == decides


def test_evidence_is_read_by_whoever_sees_the_figure(cast) -> None:
    slip = cast.ask()
    kept = attach_evidence(correction_id=slip.pk, upload=paper(), actor=cast.clerk, now=NOW)
    address = reverse("files:download", args=[kept.pk])
    assert browser(cast.reviewer).get(address).status_code == 200
    assert browser(cast.stranger).get(address).status_code == 404


def test_a_zone_is_not_told_how_others_move(cast) -> None:
    slip = cast.ask("60")
    own = browser(cast.clerk).get(page("correction", slip.pk)).content.decode()
    whole = browser(cast.office).get(page("correction", slip.pk)).content.decode()
    passed = cast.scene.zones[2].short_name  # falls behind
    assert passed in whole
    assert passed not in own


def test_lists_and_slips_cost_the_same_at_any_number(cast) -> None:
    office = browser(cast.office)
    costs: dict[str, set[int]] = {"corrections": set(), "api": set()}
    for _round in (1, 2):
        for month in range(1, 5):
            slip = request_correction(
                series_id=cast.series().pk, period=f"2026-0{month}",
                new_value=cast.current(period=f"2026-0{month}").value + 1, code="error",
                reason="说明", actor=cast.clerk, now=NOW,
            )  # fmt: skip
            approve_correction(correction_id=slip.pk, actor=cast.reviewer, now=NOW)
        for name, address in (
            ("corrections", page("corrections")),
            ("api", "/api/v1/reporting/corrections"),
        ):
            with CaptureQueriesContext(connection) as seen:
                assert office.get(address).status_code == 200
            costs[name].add(len(seen))
    assert all(len(cost) == 1 and max(cost) <= 12 for cost in costs.values()), costs


def test_filters_and_export_of_the_list(cast) -> None:
    slip, client = cast.ask(), browser(cast.office)
    none = client.get(page("corrections", state="approved")).content.decode()
    assert "Nothing fits these filters" in none
    sheet = client.get(page("corrections", state="requested", format="csv"))
    assert str(slip.pk) in sheet.content.decode("utf-8-sig").splitlines()[1]
    assert client.get(page("corrections", format="xlsx")).status_code == 200
    assert client.get(page("corrections", page="999")).status_code == 200


# Revisions


def test_the_triangle_of_a_corrected_figure(cast) -> None:
    slip = cast.ask("40")
    approve_correction(correction_id=slip.pk, actor=cast.reviewer, now=NOW)
    found = revision_page(
        user=cast.clerk, code=cast.scene.indicator.code, scope=cast.series().scope,
        today=NOW.date() + timedelta(days=60),
    )  # fmt: skip
    own = next(r for r in found.triangle.rows if r.period.code == PERIOD)
    assert found.triangle.maturities == (0, 1, 2)
    assert (own.values, own.now, own.steps) == ((36, 40, 40), 40, 1)
    assert (found.overall.revised, found.overall.largest) == (1, 4)


def test_a_total_begins_when_all_zones_have_reported(cast) -> None:
    found = revision_page(user=cast.office, code=cast.scene.indicator.code, today=NOW.date())
    assert found.series.scope == "EDZ"
    assert found.unfinished == 1  # October: the fifth zone is silent
    assert "2026-10" not in {r.period.code for r in found.triangle.rows}


def test_the_revision_page_in_every_form(cast) -> None:
    approve_correction(correction_id=cast.ask("40").pk, actor=cast.reviewer, now=NOW)
    code, own = cast.scene.indicator.code, cast.series().scope
    clerk = browser(cast.clerk)
    text = clerk.get(page("revisions", code, scope=own)).content.decode()
    assert 'data-chart="revisions-data"' in text
    assert "Revision triangle" in text
    assert clerk.get(page("revisions", code, scope=own, format="xlsx")).status_code == 200
    other = cast.scene.zones[0].code
    assert clerk.get(page("revisions", code, scope=other)).status_code == 404
    assert clerk.get(page("revisions", "NOTHING")).status_code == 404
    answer = clerk.get(f"/api/v1/reporting/revisions/{code}?scope={own}").json()
    assert answer["overall"]["revised"] == 1


@pytest.mark.parametrize("months", [2, 9])
def test_a_revision_page_costs_three_queries(cast, months) -> None:
    for month in range(1, months):
        slip = cast.ask(
            str(cast.current(period=f"2026-0{month}").value + 1), period=f"2026-0{month}"
        )
        approve_correction(correction_id=slip.pk, actor=cast.reviewer, now=NOW)
    user = type(cast.office).objects.get(pk=cast.office.pk)
    user.current_memberships  # noqa: B018  # read once per request, not by this query
    with CaptureQueriesContext(connection) as seen:
        revision_page(user=user, code=cast.scene.indicator.code, today=NOW.date())
    assert len(seen) == 3


# Exchange and API


def test_a_file_goes_out_and_comes_in(cast) -> None:
    office = browser(cast.office)
    assert office.get(page("exchange")).status_code == 200
    out = office.get(page("exchange-data", indicator=cast.scene.indicator.code))
    assert out["Content-Type"].startswith("application/vnd.sdmx.data+csv; version=2.0.0")
    assert out["X-Held-Back"] == "0"
    events = ValueEvent.objects.count()
    done = office.post(
        page("exchange-import"), {"file": SimpleUploadedFile("back.csv", out.content)}
    )
    assert done.status_code == 200
    assert "Unchanged 114" in done.content.decode()
    assert ValueEvent.objects.count() == events


def test_wrong_lines_stand_on_the_page(cast) -> None:
    content = write([row(cast, INDICATOR="NO")]).encode()
    answer = browser(cast.office).post(
        page("exchange-import"), {"file": SimpleUploadedFile("x.csv", content)}
    )
    assert answer.status_code == 422
    assert "2.INDICATOR" in answer.content.decode()
    assert browser(cast.office).post(page("exchange-import")).status_code == 422
    asked = page("exchange-data", **{"from": "yesterday"})
    assert browser(cast.office).get(asked).status_code == 422


def test_codes_and_structure_are_published(cast) -> None:
    clerk = browser(cast.clerk)
    sheet = clerk.get(page("exchange-codes", format="csv")).content.decode("utf-8-sig")
    assert cast.series().scope in sheet
    assert cast.scene.zones[0].code not in sheet
    structure = clerk.get(page("exchange-structure"))
    assert json.loads(structure.content)["data"]["dataflows"][0]["id"] == "ZONE_INDICATORS"
    lists = clerk.get("/api/v1/reporting/exchange/codes").json()
    assert {one["column"] for one in lists} >= {"FREQ", "INDICATOR", "REF_AREA"}


def test_the_api_walks_the_same_way(cast) -> None:
    clerk, reviewer = browser(cast.clerk), browser(cast.reviewer)
    root = "/api/v1/reporting/corrections"
    sent = {**figure(cast), "new_value": "60"}
    kind = {"content_type": "application/json"}
    moved = clerk.post(f"{root}/preview", json.dumps(sent), **kind).json()
    assert {r["scope"] for r in moved["ranks"]} == {cast.series().scope}
    made = clerk.post(root, json.dumps({**sent, "code": "error", "reason": "说明"}), **kind)
    assert made.status_code == 201
    number = made.json()["id"]
    again = clerk.post(root, json.dumps({**sent, "code": "error", "reason": "说明"}), **kind)
    assert again.status_code == 409
    paper_sent = clerk.post(f"{root}/{number}/evidence", {"file": paper()})
    assert paper_sent.status_code == 201
    assert clerk.post(f"{root}/{number}/approve", "{}", **kind).status_code == 403
    assert browser(cast.stranger).get(f"{root}/{number}").status_code == 404
    assert reviewer.get(f"{root}/{number}").json()["impact"]["figures"]
    done = reviewer.post(f"{root}/{number}/approve", "{}", **kind).json()
    assert (done["state"], Decimal(done["new_value"])) == (CorrectionState.APPROVED, 60)
    listed = clerk.get(f"{root}?state=approved").json()
    assert [one["id"] for one in listed["items"]] == [number]


def test_the_api_takes_and_gives_files(cast) -> None:
    office = browser(cast.office)
    address = "/api/v1/reporting/exchange/data"
    out = office.get(f"{address}?indicator={cast.scene.indicator.code}&scope=EDZ&until={PERIOD}")
    assert out.content.decode().count("\r\n") == 23
    sent = office.post(
        address,
        {"file": SimpleUploadedFile("x.csv", write([row(cast)]).encode()), "reason": "核对"},
    )
    assert sent.json()["recorded"] == 1
    wrong = office.post(address, {"file": SimpleUploadedFile("x.csv", b"a,b\n1,2\n")})
    assert wrong.status_code == 422
    assert office.get("/api/v1/reporting/exchange/structure").status_code == 200


def test_the_indicator_page_leads_to_a_correction(cast) -> None:
    address = reverse("indicators:detail", args=[cast.scene.indicator.code])
    text = browser(cast.clerk).get(f"{address}?scope={cast.series().scope}").content.decode()
    assert page("correction-new") in text
    assert page("revisions", cast.scene.indicator.code) in text
