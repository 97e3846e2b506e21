"""Alarms: what the rules said about a return at each save, and what people answered.

From them the precision of a rule is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db.models import F

from jingkai.core.statements import Given, Statement, insert_rows, update_rows

from .judging import Finding, Judgement
from .models import Alarm, AlarmOutcome, Cell, Level, Return

_UNTOLD: Final = "required_unanswered"
"""An empty cell is no alarm: every return starts empty, and precision would mean nothing."""
_KEPT: Final = (AlarmOutcome.EXPLAINED, AlarmOutcome.STOOD)
_CHANGING: Final = ("message", "figures", "outcome", "settled_at")
_OF_RETURN: Final = Statement(
    lambda: (
        Alarm.objects.filter(cell__in_return=Given("in_return"))
        .annotate(rule_code=F("rule__code"))
        .order_by("id")
    )
)


def record_alarms(
    in_return: Return,
    judgement: Judgement,
    *,
    cells: Sequence[Cell],
    now: datetime,
    sending: bool = False,
) -> None:
    """Raise new alarms and settle those that no longer stand, for the precision of the rules.

    An alarm falls silent as *changed* when its cell says something else than when it was raised,
    else as *gone*. One that was explained or stood becomes *changed* when the figure is changed
    after all. While the value stays, a settled doubt is not counted again.

    `cells` are all of the return, as they were judged. `sending`: the return is being sent with
    this judgement, which settles what need not be corrected: explained, or kept without a word.
    At most 3 queries.
    """
    by_id = {cell.pk: cell for cell in cells}
    latest: dict[tuple[int, str], Alarm] = {}
    for alarm in _OF_RETURN(in_return=in_return.pk):
        latest[alarm.cell_id, alarm.rule_code] = alarm
    speaking = {
        (finding.cell_id, finding.rule): finding
        for finding in judgement.findings
        if finding.key != _UNTOLD
    }
    changed = [
        alarm
        for address, alarm in latest.items()
        if _follow(alarm, speaking.get(address), by_id[alarm.cell_id], now, sending=sending)
    ]
    raised = [
        _alarm(by_id[finding.cell_id], finding, now, sending=sending)
        for address, finding in speaking.items()
        if _is_news(latest.get(address), by_id[finding.cell_id])
    ]
    update_rows(changed, _CHANGING)
    insert_rows(raised)


def _follow(
    alarm: Alarm, finding: Finding | None, cell: Cell, now: datetime, *, sending: bool
) -> bool:
    """Bring an alarm raised before up to date; False when nothing changed."""
    moved = _moved(alarm, cell)
    if alarm.outcome != AlarmOutcome.OPEN:
        if finding is None and moved and alarm.outcome in _KEPT:
            _settle(alarm, AlarmOutcome.CHANGED, now)
            return True
        return False
    if finding is None:
        _settle(alarm, AlarmOutcome.CHANGED if moved else AlarmOutcome.GONE, now)
        return True
    said_otherwise = finding.message[:600] != alarm.message
    if said_otherwise:
        alarm.message = finding.message[:600]
        alarm.figures = {**finding.figures, "cell": alarm.figures["cell"]}
    return (sending and _settle_sent(alarm, finding, now)) or said_otherwise


def _settle_sent(alarm: Alarm, finding: Finding, now: datetime) -> bool:
    if finding.level == Level.FIX:
        return False
    _settle(alarm, AlarmOutcome.EXPLAINED if finding.explanation else AlarmOutcome.STOOD, now)
    return True


def _is_news(last: Alarm | None, cell: Cell) -> bool:
    if last is None:
        return True
    if last.outcome == AlarmOutcome.OPEN:
        return False
    return last.outcome not in _KEPT or _moved(last, cell)


def _alarm(cell: Cell, finding: Finding, now: datetime, *, sending: bool) -> Alarm:
    alarm = Alarm(
        cell_id=cell.pk,
        rule_id=finding.rule_id,
        level=finding.level,
        message=finding.message[:600],
        figures={**finding.figures, "cell": _says(cell)},
        cell_revision=cell.revision,
        raised_at=now,
    )
    if sending:
        _settle_sent(alarm, finding, now)
    return alarm


def _says(cell: Cell) -> list[str]:
    """What the cell says, comparable whatever its trailing zeros."""
    value = "" if cell.value is None else f"{cell.value.normalize():f}"
    return [value, cell.absence]


def _moved(alarm: Alarm, cell: Cell) -> bool:
    return bool(alarm.figures.get("cell") != _says(cell))


def _settle(alarm: Alarm, outcome: AlarmOutcome, now: datetime) -> None:
    alarm.outcome, alarm.settled_at = outcome, now
