"""A file judged whole, then recorded, or refused whole with the lines that are wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import InvalidInput
from jingkai.core.verdicts import require
from jingkai.delivery.indicators.public import CurrentValue, Origin, Release, record_values

from .. import rules
from .files import FileProblem, read
from .lines import Judge, Understood

_STEPS = (Release.FLASH, Release.REVISED, Release.FINAL)


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file did. `derived` lines are computed here: they were compared and not recorded."""

    recorded: int
    unchanged: int
    computed: int
    derived: int
    differing: tuple[str, ...]
    """Derived lines that say another figure than is computed here."""


def import_figures(
    *, content: bytes, name: str, reason: str, actor: User, now: datetime
) -> Imported:
    """Record the figures of an SDMX-CSV 2.0 file, all or none.

    Lines whose ORIGIN is COMPUTED follow from others: they are compared with what is computed here.

    Raises
    ------
    InvalidInput
        The file cannot be read, or lines are wrong: problems are named `<line>.<column>`.
    NotPermitted
        Figures are not this person's to record.
    """
    require(rules.can_import_figures(actor))
    try:
        lines = read(content)
    except FileProblem as problem:
        raise InvalidInput(_worded(problem)) from problem
    judge = Judge(actor)
    understood = [one for one in map(judge.understand, lines) if one is not None]
    judge.twice(understood)
    judge.stop()
    sent = [one for one in understood if not one.is_derived]
    derived = [one for one in understood if one.is_derived]
    judge.permitted(sent)
    judge.from_returns(sent)
    judge.stop()
    return _record(judge, sent, derived, name=name, reason=reason, actor=actor, now=now)


@transaction.atomic
def _record(
    judge: Judge,
    sent: Sequence[Understood],
    derived: Sequence[Understood],
    *,
    name: str,
    reason: str,
    actor: User,
    now: datetime,
) -> Imported:
    by_release: defaultdict[Release, list[Understood]] = defaultdict(list)
    for one in sent:
        by_release[one.release].append(one)
    recorded = unchanged = computed = 0
    said = reason.strip() or _("SDMX-CSV file %(name)s") % {"name": name}
    for release in _STEPS:
        batch = by_release[release]
        if not batch:
            continue
        try:
            with transaction.atomic():  # so that the next release is still judged
                result = record_values(
                    entries=[one.entry for one in batch],
                    actor=actor,
                    now=now,
                    origin=Origin.API,
                    release=release,
                    reason=said[:500],
                )
        except InvalidInput as error:
            for problem in error.problems:
                _entries, index, _field = problem.field.split(".")
                judge.refuse(batch[int(index)].line, "OBS_VALUE", problem.message, problem.code)
            continue
        recorded += len(result.events)
        unchanged += result.unchanged
        computed += len(result.computed)
    judge.stop()
    differing = _differing(derived)
    audit.record(
        "reporting.exchange.imported",
        actor=actor,
        at=now,
        summary=name[:200],
        details={
            "recorded": recorded,
            "unchanged": unchanged,
            "computed": computed,
            "derived": len(derived),
            "differing": len(differing),
        },
        row_count=recorded,
    )
    return Imported(recorded, unchanged, computed, len(derived), differing)


def _differing(derived: Sequence[Understood]) -> tuple[str, ...]:
    """Computed lines that say another figure than stands here. 1 query."""
    rows = CurrentValue.objects.filter(
        series__indicator__code__in={one.entry.indicator for one in derived},
        period__in={one.entry.period for one in derived},
    ).values_list("series__indicator__code", "series__scope", "period", "value")
    stands = {(code, scope, period): value for code, scope, period, value in rows}
    found: list[str] = []
    for one in derived:
        entry = one.entry
        here = stands.get((entry.indicator, entry.scope, entry.period))
        if here != entry.value:
            found.append(
                _("Line %(line)d says %(there)s for %(what)s; here it is %(here)s.")
                % {
                    "line": one.line.number,
                    "there": f"{entry.value:f}" if entry.value is not None else "—",
                    "what": f"{entry.indicator} {entry.scope} {entry.period}",
                    "here": "—" if here is None else f"{here.normalize():f}",
                }
            )
    return tuple(found)


def _worded(problem: FileProblem) -> str:
    sentences = {
        "too_big": _("The file is larger than %(limit)d MB: send it in parts."),
        "not_utf8": _("The file is not UTF-8 text (at byte %(byte)d): save it as CSV UTF-8."),
        "not_csv": _("Line %(line)d is not CSV: check its quotation marks."),
        "no_head": _("This is not SDMX-CSV 2.0: the head needs the columns %(columns)s."),
        "missing_columns": _("The head lacks the columns %(columns)s."),
        "columns_twice": _("The head names these columns twice: %(columns)s."),
        "too_many_cells": _("Line %(line)d has more cells than the head has columns."),
        "too_many_rows": _("More than %(limit)d lines: send the file in parts."),
        "empty": _("The file holds no observation."),
    }
    return sentences[problem.code] % problem.params
