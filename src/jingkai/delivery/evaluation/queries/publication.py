"""What stands between a run and its publication: one list, for the page and for the refusals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from ..models import Objection, Run, RunState
from .objections import OPEN, chain_of, objections_of, unsettled

AFTER_CIRCULATED = (RunState.CIRCULATED, RunState.APPROVED, RunState.PUBLISHED)
AFTER_APPROVED = (RunState.APPROVED, RunState.PUBLISHED)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the checklist. `who` acts; `why` says what is missing, "" when nothing is."""

    code: str
    label: str
    who: str
    is_done: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Path:
    """The way of one run to its publication, with the objections it has to answer for."""

    run: Run
    chain: Sequence[Run]
    objections: Sequence[Objection]
    waiting: Sequence[Objection]
    unsettled: Sequence[Objection]
    steps: Sequence[Step]

    @property
    def approval_gaps(self) -> list[str]:
        """Why it cannot be approved now; empty when it can."""
        codes = {"circulated", "window", "answered", "settled"}
        return [step.why for step in self.steps if step.code in codes and not step.is_done]

    @property
    def next(self) -> Step | None:
        """The first step that is not done."""
        return next((step for step in self.steps if not step.is_done), None)


def path_of(run: Run, today: date) -> Path:
    """The checklist of a run. At most 4 queries and one for each run it repeats."""
    chain = chain_of(run)
    found = objections_of(chain)
    waiting = [one for one in found if one.state in OPEN]
    behind = unsettled(run, found)
    return Path(run, chain, found, waiting, behind, _steps(run, waiting, behind, today))


def other_published(run: Run) -> Run | None:
    """A published run of the same scheme and data year. 1 query."""
    return _others(run).filter(state=RunState.PUBLISHED).first()


def other_under_way(run: Run) -> Run | None:
    """Another run of the same scheme and data year that is with the zones. 1 query."""
    repeated = [one.pk for one in chain_of(run)[1:]]
    return (
        _others(run)
        .filter(state__in=[RunState.CIRCULATED, RunState.APPROVED])
        .exclude(pk__in=repeated)
        .first()
    )


def _others(run: Run) -> QuerySet[Run]:
    return (
        Run.objects.filter(version__scheme=run.version.scheme_id, year=run.year)
        .exclude(pk=run.pk)
        .select_related("version__scheme")
        .order_by("-pk")
    )


def _steps(
    run: Run, waiting: Sequence[Objection], behind: Sequence[Objection], today: date
) -> list[Step]:
    office, second = _("Office"), _("A leader, or a second person of the office")
    computed = run.state in (RunState.COMPUTED, *AFTER_CIRCULATED)
    circulated = run.state in AFTER_CIRCULATED
    approved = run.state in AFTER_APPROVED
    until = run.objections_until
    over = circulated and until is not None and until < today
    return [
        Step("computed", _("Computed from frozen figures"), office, computed,
             "" if computed else _("The run has no result yet.")),
        Step("circulated", _("Given to the zones"), office, circulated,
             "" if circulated else _("The zones have not been given their results yet.")),
        Step("window", _("Time for objections is over"), _("Zones"), approved or over,
             "" if approved or over else _window(until)),
        Step("answered", _("Objections answered and confirmed"), office,
             circulated and not waiting, _waiting(waiting) if waiting else _not_yet(circulated)),
        Step("settled", _("Upheld objections taken up in a repeated run"), office,
             circulated and not behind, _behind(behind) if behind else _not_yet(circulated)),
        Step("approved", pgettext("evaluation run", "Approved by a second person"), second,
             approved, "" if approved else _("Nobody has approved the result yet.")),
        Step("published", pgettext("evaluation run", "Published"), office,
             run.state == RunState.PUBLISHED,
             "" if run.state == RunState.PUBLISHED else _("It is not published yet.")),
    ]  # fmt: skip


def _not_yet(circulated: bool) -> str:
    return "" if circulated else _("The zones have not been given their results yet.")


def _window(until: date | None) -> str:
    if until is None:
        return _("The time for objections has not begun.")
    return _("Zones may object until %(day)s.") % {"day": until.isoformat()}


def _named(objections: Sequence[Objection]) -> str:
    return "、".join(f"{one.pk} ({one.zone.short_name})" for one in objections)


def _waiting(waiting: Sequence[Objection]) -> str:
    return ngettext(
        "%(n)d objection is not decided: no. %(which)s",
        "%(n)d objections are not decided: no. %(which)s",
        len(waiting),
    ) % {"n": len(waiting), "which": _named(waiting)}


def _behind(behind: Sequence[Objection]) -> str:
    return ngettext(
        "%(n)d upheld objection does not show in this run: no. %(which)s. Repeat the run.",
        "%(n)d upheld objections do not show in this run: no. %(which)s. Repeat the run.",
        len(behind),
    ) % {"n": len(behind), "which": _named(behind)}
