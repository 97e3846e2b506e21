"""What leaves of a run: it computes to the same figures by hand, in the console, and is marked."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.urls import reverse

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.audit.models import AuditEvent
from jingkai.core.errors import NotPermitted
from jingkai.delivery.evaluation.models import LedgerKind, Run, RunKind, RunState
from jingkai.delivery.evaluation.outputs import bundle_of, paper_of, run_report, workbook_of
from jingkai.delivery.evaluation.services import outputs
from jingkai.delivery.evaluation.services.runs import compute_run, freeze_run
from jingkai.delivery.evaluation.tests.factories import NOW, YEAR, Stage, ledger_entry, stage
from jingkai.delivery.evaluation.tests.sheets import Sheets

pytestmark = pytest.mark.django_db
GEOMETRIC = {
    "normalise": {"method": "minmax", "range": [1, 100]},
    "aggregate": {"levels": {2: "geometric", 3: "arithmetic"}},
}


def computed(made: Stage, kind: str = RunKind.OFFICIAL) -> Run:
    run = freeze_run(
        version_id=made.version.pk, year=YEAR, kind=kind, as_of=NOW, seed=11, replications=200,
        actor=made.office, now=NOW,
    )  # fmt: skip
    compute_run(run_id=run.pk, actor=made.office, now=NOW)
    run.refresh_from_db()
    assert run.state == RunState.COMPUTED
    return run


@pytest.fixture
def run() -> Run:
    made = stage(zones=5, national=2)
    ledger_entry(made, place=0)
    ledger_entry(made, place=1, kind=LedgerKind.DEDUCTION, rule="accident", points="3")
    ledger_entry(made, place=2, kind=LedgerKind.VETO, rule="fraud", points="0")
    return computed(made)


def test_the_same_run_gives_the_same_files(run: Run) -> None:
    again = Run.objects.get(pk=run.pk)
    assert bundle_of(paper_of(run)) == bundle_of(paper_of(again))


@pytest.mark.parametrize("method", [None, GEOMETRIC], ids=["sums", "other means"])
def test_formulas_give_what_the_engine_gave(method: dict[str, Any] | None) -> None:
    made = stage(zones=4, **({"method": method} if method else {}))
    for _case in range(3):  # above the rule's own cap of 4
        ledger_entry(made, place=0)
    ledger_entry(made, place=1, kind=LedgerKind.DEDUCTION, rule="accident", points="3")
    paper = paper_of(computed(made))
    values = Sheets(workbook_of(paper))
    scores = values.column("得分", "最终得分")
    for place, unit in enumerate(paper.units):
        assert scores[place] == pytest.approx(paper.final(unit.code), abs=1e-9)
    assert values.column("得分", "核对") == ["一致"] * 4
    assert values.column("得分", "排名") == [paper.results[u.code].rank for u in paper.units]
    assert values.computed > 30  # formulas, not only figures


def test_marks_stand_on_every_file(run: Run, settings: Any) -> None:
    settings.DEMO = True
    paper = paper_of(run)
    assert "演示数据" in Sheets(workbook_of(paper)).text("得分")
    word = zipfile.ZipFile(io.BytesIO(run_report(paper, issued_on=NOW.date(), issuer="某办")))
    assert "演示数据" in word.read("word/document.xml").decode()


def test_figures_of_all_zones_stay_with_the_citys_side(run: Run, client: Any) -> None:
    made_by = run.created_by
    zone_person = UserFactory(role=Role.ZONE_LEADER, body=run.results.get(
        zone__code=paper_of(run).units[0].code).zone.committee)  # fmt: skip
    Run.objects.filter(pk=run.pk).update(state=RunState.CIRCULATED)
    client.force_login(zone_person)
    own = reverse("evaluation:zone-report-file", args=[run.pk, paper_of(run).units[0].code])
    other = reverse("evaluation:zone-report-file", args=[run.pk, paper_of(run).units[1].code])
    assert client.get(own).status_code == 200
    assert client.get(other).status_code == 404
    assert client.get(reverse("evaluation:run-workbook", args=[run.pk])).status_code == 403
    assert client.get(reverse("evaluation:run-report-file", args=[run.pk])).status_code == 403
    client.force_login(made_by)
    for name in ("run-workbook", "run-files", "run-report-file"):
        assert client.get(reverse(f"evaluation:{name}", args=[run.pk])).status_code == 200
    taken = AuditEvent.objects.filter(action="evaluation.run.exported")
    assert sorted(taken.values_list("row_count", flat=True)) == [1, 5, 5, 5]


def test_a_trial_leaves_only_with_the_office() -> None:
    made = stage(zones=4)
    run = computed(made, RunKind.TRIAL)
    for role in (Role.LEADER, Role.DEPARTMENT_CLERK, Role.ZONE_CLERK):
        body = {"body": made.zones[0].committee} if role == Role.ZONE_CLERK else {}
        with pytest.raises(NotPermitted):
            outputs.run_workbook(run_id=run.pk, actor=UserFactory(role=role, **body), now=NOW)
    assert outputs.run_workbook(run_id=run.pk, actor=made.office, now=NOW).content
