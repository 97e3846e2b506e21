"""Pages of schemes as people use them: list, card, editor without JavaScript, live check."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.delivery.evaluation.drafting import EditionDraft, edition_data
from jingkai.delivery.evaluation.editing import Typed
from jingkai.delivery.evaluation.editing.rows import FIELDS
from jingkai.delivery.evaluation.models import Scheme, SchemeVersion
from jingkai.delivery.evaluation.queries.schemes import edition_of_version

from .scheme_scenes import (
    drafted,
    edition,
    indicators,
    leaf,
    office,
    published,
    redrafted,
    with_node,
)

pytestmark = pytest.mark.django_db


def form_of(version: SchemeVersion, given: EditionDraft | None = None, **changes: Any) -> dict:
    """What a browser sends for the editor's page, with some fields typed over."""
    typed = Typed.of(given or edition_of_version(version))
    sent: dict[str, Any] = {
        "revision": str(version.revision),
        "method_kept": typed.method_text,
        "row": [row.key for row in typed.rows],
    }
    for row in typed.rows:
        sent |= {f"r{row.key}_{name}": getattr(row, name) for name in FIELDS}
    for form in (typed.settings, typed.method):
        for bound in form:
            value = bound.value()
            if value not in (None, "", False):
                sent[bound.html_name] = value
    for formset in (typed.ledger, typed.exits):
        for bound in formset.management_form:
            sent[bound.html_name] = bound.value()
        for form in formset:
            for bound in form:
                value = bound.value()
                if value not in (None, "", False):
                    sent[bound.html_name] = value
    return {**sent, **changes}


def edit_url(version: SchemeVersion, name: str = "edit-scheme") -> str:
    return reverse(f"evaluation:{name}", args=[version.scheme.code, version.number])


def key_of(version: SchemeVersion, code: str) -> str:
    return next(
        str(n) for n, node in enumerate(edition_of_version(version).nodes) if node.code == code
    )


def test_sending_the_page_back_unchanged_changes_nothing() -> None:
    actor = office()
    rules = (
        {
            "code": "ACC", "kind": "deduction", "name": "事故", "name_en": "Accident",
            "points": "1", "cap": "2", "basis": "依据", "verified": False,
        },
    )  # fmt: skip
    exits = (
        {
            "code": "OUT", "name": "退出", "name_en": "Exit", "kind": "bottom_times",
            "bottom": 5, "within": 3, "times": 2, "least_field": 20, "by": "region",
            "effect": "downgrade", "source": "依据", "verified": True,
        },
    )  # fmt: skip
    given = edition(
        [row.code for row in indicators()],
        ledger_rules=rules,
        exit_rules=exits,
        adjust={"veto_effect": "cap", "veto_cap": 59, "deduction_cap": 10},
        method={
            "normalise": {"method": "efficacy", "range": [60, 100], "constant": "middle"},
            "aggregate": {
                "levels": {"2": {"method": "geometric"}, "3": {"method": "arithmetic"}},
                "min_available": 0.5,
            },
            "impute": {"method": "group_median", "by": "group"},
            "treat": {"method": "winsorise_then_log", "winmax": 3},
            "uncertainty": {
                "weights": {"noise": 0.25},
                "normalise": [
                    {"method": "efficacy", "range": [60, 100], "constant": "middle"},
                    {"method": "minmax", "range": [60, 100], "constant": "middle"},
                ],
                "aggregate": ["arithmetic", "geometric"],
            },
        },
    )
    given = with_node(
        given,
        "A2",
        target=Decimal(75),
        method={"method": "distance_to_target", "range": [60, 100], "cap": 1.2},
    )
    given = with_node(given, "B", method={"method": "harmonic", "nonpositive": "skip"})
    version = drafted(actor, given)
    before = edition_data(edition_of_version(version))
    answer = signed_in(actor).post(edit_url(version), form_of(version))
    assert answer.status_code == 302, answer.content.decode()[:4000]
    version.refresh_from_db()
    assert edition_data(edition_of_version(version)) == before
    assert version.revision == 1


def test_the_editor_keeps_what_is_typed_and_says_what_is_wrong_at_the_node() -> None:
    actor = office()
    version = drafted(actor)
    key = key_of(version, "A2")
    client = signed_in(actor)
    answer = client.post(
        edit_url(version), form_of(version, **{f"r{key}_points": "24.5"}), follow=True
    )
    page = answer.content.decode()
    assert edition_of_version(version).nodes[3].points == Decimal("24.5")
    assert f'id="said-{key_of(version, "A")}" class="row-said"><span class="field-error"' in page
    stale = client.post(edit_url(version), form_of(version, **{f"r{key}_points": "23"}))
    assert stale.status_code == 409
    assert 'value="23"' in stale.content.decode()
    version.refresh_from_db()
    refused = client.post(edit_url(version), form_of(version, **{f"r{key}_points": "二十五"}))
    assert refused.status_code == 422
    assert 'value="二十五"' in refused.content.decode()
    assert edition_of_version(version).nodes[3].points == Decimal("24.5")


def test_full_width_digits_are_numbers() -> None:
    actor = office()
    version = drafted(actor)
    key = key_of(version, "A2")
    signed_in(actor).post(edit_url(version), form_of(version, **{f"r{key}_points": "２４．５"}))
    assert edition_of_version(version).nodes[3].points == Decimal("24.5")


def test_adding_moving_and_deleting_without_javascript() -> None:
    actor = office()
    version = drafted(actor)
    client = signed_in(actor)

    def press(do: str) -> Any:
        version.refresh_from_db()
        return client.post(edit_url(version), form_of(version, do=do))

    def codes() -> list[str]:
        return [node.code for node in edition_of_version(version).nodes]

    answer = press(f"add-leaf:{key_of(version, 'B')}")
    assert answer["Location"].endswith("#row-B_1")
    assert codes() == ["ROOT", "A", "A1", "A2", "B", "B1", "B2", "B_1"]
    press(f"up:{key_of(version, 'B')}")
    assert codes() == ["ROOT", "B", "B1", "B2", "B_1", "A", "A1", "A2"]
    press(f"down:{key_of(version, 'B')}")
    press(f"add-part:{key_of(version, 'A')}")
    assert codes() == ["ROOT", "A", "A1", "A2", "A_1", "B", "B1", "B2", "B_1"]
    asked = press(f"delete:{key_of(version, 'B')}")
    assert asked.status_code == 200
    assert "B1" in codes()
    assert b"delete-sure:" in asked.content
    press(f"delete-sure:{key_of(version, 'B')}")
    assert codes() == ["ROOT", "A", "A1", "A2", "A_1"]
    press(f"delete-sure:{key_of(version, 'ROOT')}")
    assert codes()[0] == "ROOT"


def test_a_node_is_hung_elsewhere_and_never_under_itself() -> None:
    actor = office()
    version = drafted(actor)
    client = signed_in(actor)
    a, b, b1 = (key_of(version, code) for code in ("A", "B", "B1"))
    client.post(edit_url(version), form_of(version, **{f"r{b1}_parent": a, f"r{a}_code": "NEW"}))
    read = {node.code: node.parent for node in edition_of_version(version).nodes}
    assert read["B1"] == "NEW"
    assert read["A1"] == "NEW"
    version.refresh_from_db()
    b, b2 = key_of(version, "B"), key_of(version, "B2")
    refused = client.post(edit_url(version), form_of(version, **{f"r{b}_parent": b2}))
    assert refused.status_code == 422
    assert "“类别B”" in refused.content.decode()


def test_the_live_check_saves_nothing_and_marks_the_rows() -> None:
    actor = office()
    version = drafted(actor)
    key = key_of(version, "A2")
    answer = signed_in(actor).post(
        edit_url(version, "check-scheme"),
        form_of(version, **{f"r{key}_points": "20"}),
        headers={"HX-Request": "true"},
    )
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f'id="said-{key_of(version, "A")}"' in page
    assert 'hx-swap-oob="true"' in page
    assert "<html" not in page
    assert edition_of_version(version).nodes[3].points == Decimal(25)


def test_the_check_bears_whatever_is_sent() -> None:
    actor = office()
    version = drafted(actor)
    client = signed_in(actor)
    url = edit_url(version, "check-scheme")
    for sent in (
        {},
        {"row": ["0", "0", "x", "-1"]},
        {"row": ["0", "1"], "r0_parent": "1", "r1_parent": "0", "method_kept": "{"},
        {"row": ["0"], "r0_points": "NaN", "r0_own": "nonsense", "r0_kept": "[1]"},
        form_of(version, **{"m-scale": "nonsense", "ledger-TOTAL_FORMS": "x"}),
    ):
        assert client.post(url, sent).status_code == 200


def test_publishing_from_the_page() -> None:
    actor = office()
    version = drafted(actor)
    client = signed_in(actor)
    refused = client.post(edit_url(version, "publish-scheme"), {"reason": ""})
    assert refused.status_code in (302, 422)
    broken = redrafted(version.scheme, actor, with_node(edition(), "A2", points=Decimal(20)))
    refused = client.post(edit_url(broken, "publish-scheme"), {"reason": "发布"})
    assert refused.status_code in (409, 422)


def test_a_published_edition_is_shown_with_its_differences() -> None:
    actor = office()
    first = published(actor, edition(first_year=2021))
    changed = with_node(edition(first_year=2026), "A1", points=Decimal(30))
    second = redrafted(
        first.scheme, actor, with_node(changed, "A2", points=Decimal(30), name="改名的末级")
    )
    client = signed_in(actor)
    assert client.post(
        edit_url(second, "publish-scheme"), {"reason": "调整", "revision": second.revision}
    ).status_code == 302  # fmt: skip
    page = client.get(reverse("evaluation:scheme", args=["TEST"])).content.decode()
    assert "改名的末级" in page
    assert "末级A2" in page  # what it was called before
    older = client.get(reverse("evaluation:scheme", args=["TEST"]), {"edition": "1"})
    assert "改名的末级" not in older.content.decode()
    assert client.get(edit_url(second)).status_code == 302
    assert client.post(edit_url(second), {}).status_code == 409


def test_who_sees_what() -> None:
    actor = office()
    version = published(actor)
    draft = drafted(actor, code="HIDDEN", name="未发布方案")
    for role, one, two in (
        (Role.OFFICE, 200, 200),
        (Role.LEADER, 200, 404),
        (Role.ZONE_LEADER, 200, 404),
        (Role.DEPARTMENT_CLERK, 200, 404),
        (Role.INSPECTOR, 404, 404),
        (Role.AUDIT_ADMIN, 404, 404),
    ):
        client = signed_in(UserFactory(role=role))
        assert client.get(reverse("evaluation:scheme", args=["TEST"])).status_code == one
        assert client.get(reverse("evaluation:scheme", args=["HIDDEN"])).status_code == two
        assert client.get(edit_url(draft)).status_code == two
        listed = client.get(reverse("evaluation:schemes"))
        assert listed.status_code == one
        assert ("未发布方案" in listed.content.decode()) == (two == 200)
        if role not in (Role.OFFICE, Role.INSPECTOR, Role.AUDIT_ADMIN):
            assert client.get(edit_url(version)).status_code == 403
            assert client.get(reverse("evaluation:new-scheme")).status_code == 403
            assert client.get(reverse("evaluation:compare-schemes")).status_code == 403


def test_beginning_a_scheme_from_another() -> None:
    actor = office()
    first = published(actor)
    client = signed_in(actor)
    answer = client.post(
        reverse("evaluation:new-scheme"),
        {"code": "COPY", "name": "另一方案", "copy_of": str(first.pk)},
    )
    assert answer.status_code == 302
    copy = Scheme.objects.get(code="COPY").versions.get()
    assert edition_of_version(copy).nodes == edition_of_version(first).nodes
    again = client.post(reverse("evaluation:new-scheme"), {"code": "COPY", "name": "又一个"})
    assert again.status_code == 409
    assert 'value="又一个"' in again.content.decode()
    assert (
        client.post(reverse("evaluation:new-scheme"), {"code": "", "name": ""}).status_code == 422
    )


@pytest.mark.parametrize("fmt", ["xlsx", "csv"])
def test_lists_are_files_too(fmt) -> None:
    actor = office()
    published(actor)
    client = signed_in(actor)
    for url in (reverse("evaluation:schemes"), reverse("evaluation:scheme", args=["TEST"])):
        answer = client.get(url, {"format": fmt})
        assert answer.status_code == 200
        assert "attachment" in answer["Content-Disposition"]


def _cost(client: Client, url: str, assert_max: Any) -> int:
    client.get(url)
    with assert_max(30) as found:
        assert client.get(url).status_code == 200
    return len(found.captured_queries)


def test_pages_cost_the_same_at_any_size(django_assert_max_num_queries) -> None:
    actor = office()
    client = signed_in(actor)
    some = [row.code for row in indicators()]
    small = drafted(actor, edition(some), code="SMALL", name="小方案")
    urls = [
        reverse("evaluation:schemes"),
        reverse("evaluation:scheme", args=["SMALL"]),
        edit_url(small),
    ]
    before = [_cost(client, url, django_assert_max_num_queries) for url in urls]
    more = tuple(leaf(f"L{n}", "A", "0", some[n % 4]) for n in range(30))
    for n in range(5):
        drafted(
            actor,
            replace(edition(), nodes=(*edition(some).nodes, *more)),
            f"LARGE{n}",
            f"大方案{n}",
        )
    large = SchemeVersion.objects.select_related("scheme").get(scheme__code="LARGE0")
    urls = [
        reverse("evaluation:schemes"),
        reverse("evaluation:scheme", args=["LARGE0"]),
        edit_url(large),
    ]
    assert [_cost(client, url, django_assert_max_num_queries) for url in urls] == before
    assert max(before) <= 15
