"""Judging the lines of a file: all that is wrong, with line and column. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jingkai.core.accounts.public import User
from jingkai.core.errors import FieldProblem, InvalidInput, NotPermitted
from jingkai.delivery.indicators.public import (
    CurrentValue,
    Indicator,
    Origin,
    Release,
    Series,
    ValueEntry,
    can_record,
)
from jingkai.engine.errors import PeriodError
from jingkai.engine.periods import Frequency, Period
from jingkai.masterdata.organisations.public import Zone

from ..models import Cell
from .codes import FREQ_CODES, RECORDING, STRUCTURE_ID, measure_of, rescaled
from .files import Line

_SHOWN = 500
_TOTALS = ("CITY", "EDZ")
_RELEASES = {release.value.upper(): release for release in Release}
_STATUS_RELEASES = {"": Release.FLASH, "P": Release.FLASH, "E": Release.FLASH, "A": Release.FINAL}


@dataclass(frozen=True, slots=True)
class Understood:
    """One line understood."""

    line: Line
    entry: ValueEntry
    release: Release
    is_derived: bool


class Judge:
    """What is wrong, line by line and column by column."""

    def __init__(self, user: User) -> None:
        self.problems: list[FieldProblem] = []
        rows = Indicator.objects.all()
        self.indicators = {row.code: row for row in rows}
        self.zones = {zone.code: zone for zone in Zone.objects.all()}
        self.user = user

    def refuse(self, line: Line, column: str, message: str, code: str) -> None:
        self.problems.append(FieldProblem(f"{line.number}.{column}", message, code))

    def understand(self, line: Line) -> Understood | None:
        before = len(self.problems)
        if line.get("STRUCTURE").lower() != "dataflow" or line.get("STRUCTURE_ID") != STRUCTURE_ID:
            self.refuse(
                line,
                "STRUCTURE_ID",
                _("Expected dataflow %(flow)s.") % {"flow": STRUCTURE_ID},
                "structure",
            )
        if line.get("ACTION") not in RECORDING:
            self.refuse(
                line,
                "ACTION",
                _("Nothing is deleted here: a wrong figure is corrected by slip."),
                "action",
            )
        indicator = self.indicators.get(line.get("INDICATOR"))
        if indicator is None:
            known = {row.code: row.name for row in self.indicators.values()}
            self._unknown(line, "INDICATOR", known)
        area = line.get("REF_AREA")
        if area not in _TOTALS and area not in self.zones:
            known = {zone.code: zone.short_name for zone in self.zones.values()}
            self._unknown(line, "REF_AREA", known | {name: name for name in _TOTALS})
        release = self._release(line)
        value = self._value(line)
        if indicator is None:
            return None
        self._period(line, indicator)
        if value is not None:
            value = self._scaled(line, indicator, value)
        if len(self.problems) > before or value is None or release is None:
            return None
        entry = ValueEntry(indicator.code, area, line.get("TIME_PERIOD"), value)
        return Understood(line, entry, release, line.get("ORIGIN") == Origin.COMPUTED.value.upper())

    def _unknown(self, line: Line, column: str, known: Mapping[str, str]) -> None:
        given = line.get(column)
        by_upper = {code.upper(): code for code in known}
        close = [by_upper[c] for c in get_close_matches(given.upper(), by_upper, n=2, cutoff=0.5)]
        names = {name: code for code, name in known.items()}
        close += [names[n] for n in get_close_matches(given, names, n=2, cutoff=0.5)]
        message = _("There is no code “%(code)s” here.") % {"code": given}
        if close:
            hints = "、".join(f"{code} {known[code]}" for code in dict.fromkeys(close))
            message += " " + _("Did you mean %(names)s?") % {"names": hints}
        self.refuse(line, column, message, "unknown")

    def _release(self, line: Line) -> Release | None:
        said, status = line.get("RELEASE"), line.get("OBS_STATUS")
        if said and said not in _RELEASES:
            self.refuse(line, "RELEASE", _("Write FLASH, REVISED or FINAL."), "unknown")
            return None
        if status not in _STATUS_RELEASES:
            self.refuse(
                line,
                "OBS_STATUS",
                _("Only A, E and P are recorded; leave out observations without a value."),
                "status",
            )
            return None
        return _RELEASES[said] if said else _STATUS_RELEASES[status]

    def _value(self, line: Line) -> Decimal | None:
        text = line.get("OBS_VALUE")
        try:
            value = Decimal(text)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or "_" in text or abs(value.adjusted()) > 40:
            self.refuse(
                line,
                "OBS_VALUE",
                _("“%(text)s” is not a number. Leave a missing observation out: empty is not zero.")
                % {"text": text[:40]},
                "number",
            )
            return None
        return value

    def _period(self, line: Line, indicator: Indicator) -> None:
        frequency = Frequency(indicator.frequency)
        own = FREQ_CODES[frequency]
        if line.get("FREQ") != own:
            self.refuse(
                line,
                "FREQ",
                _("“%(indicator)s” is %(frequency)s: write %(code)s.")
                % {
                    "indicator": indicator.name,
                    "frequency": indicator.get_frequency_display(),
                    "code": own,
                },
                "frequency",
            )
            return
        try:
            fits = Period.parse(line.get("TIME_PERIOD")).frequency is frequency
        except PeriodError:
            fits = False
        if not fits:
            self.refuse(
                line,
                "TIME_PERIOD",
                _("“%(text)s” is no period of frequency %(code)s.")
                % {"text": line.get("TIME_PERIOD")[:20], "code": own},
                "period",
            )

    def _scaled(self, line: Line, indicator: Indicator, value: Decimal) -> Decimal | None:
        own = measure_of(indicator.unit)
        measure, mult = line.get("UNIT_MEASURE"), line.get("UNIT_MULT")
        if measure and measure != own.code:
            self.refuse(
                line,
                "UNIT_MEASURE",
                _("“%(indicator)s” is in %(unit)s: write %(code)s and the multiplier %(mult)d.")
                % {
                    "indicator": indicator.name,
                    "unit": indicator.unit,
                    "code": own.code,
                    "mult": own.mult,
                },
                "unit",
            )
            return None
        if not mult:
            return value
        if not mult.lstrip("-").isascii() or not mult.lstrip("-").isdigit() or len(mult) > 3:
            self.refuse(line, "UNIT_MULT", _("Write a power of ten, as 8."), "unit")
            return None
        return rescaled(value, int(mult), own)

    def twice(self, read_lines: Sequence[Understood]) -> None:
        first: dict[tuple[str, str, str], int] = {}
        for one in read_lines:
            key = (one.entry.indicator, one.entry.scope, one.entry.period)
            number = first.setdefault(key, one.line.number)
            if number != one.line.number:
                self.refuse(
                    one.line,
                    "TIME_PERIOD",
                    _("This figure is sent twice: it already stands in line %(line)d.")
                    % {"line": number},
                    "twice",
                )

    def permitted(self, read_lines: Sequence[Understood]) -> None:
        """Raise NotPermitted, naming the first lines, for figures that are not this person's."""
        refused: list[int] = []
        reason = ""
        for one in read_lines:
            verdict = can_record(self.user, self._drafted(one))
            if not verdict:
                reason = reason or str(verdict.reason)
                refused.append(one.line.number)
        if refused:
            raise NotPermitted(
                _("Lines %(lines)s are not yours to record; nothing was written. %(reason)s")
                % {"lines": "、".join(map(str, refused[:10])), "reason": reason}
            )

    def _drafted(self, one: Understood) -> Series:
        scope = one.entry.scope
        kind = {"CITY": "city", "EDZ": "zones"}.get(scope, "zone")
        return Series(
            indicator=self.indicators[one.entry.indicator],
            scope=scope,
            scope_kind=kind,
            zone=self.zones.get(scope),
        )

    def from_returns(self, read_lines: Sequence[Understood]) -> None:
        """Figures that came from a return change there, or by slip. 2 queries."""
        wanted = {self._pk(one): one for one in read_lines}
        rows = CurrentValue.objects.filter(
            series__indicator__code__in={one.entry.indicator for one in read_lines},
            period__in={one.entry.period for one in read_lines},
        ).values_list("series__indicator__code", "series__scope", "period", "value", "event_id")
        events = {
            event: wanted[code, scope, period]
            for code, scope, period, value, event in rows
            if (code, scope, period) in wanted and value != wanted[code, scope, period].entry.value
        }
        pairs = Cell.objects.filter(
            Q(event_id__in=events) | Q(releases__event_id__in=events)
        ).values_list("event_id", "releases__event_id")
        for event in sorted({e for pair in pairs for e in pair if e in events}):
            self.refuse(
                events[event].line,
                "OBS_VALUE",
                _("This figure came from a return: change it there, or by correction slip."),
                "from_return",
            )

    @staticmethod
    def _pk(one: Understood) -> tuple[str, str, str]:
        return one.entry.indicator, one.entry.scope, one.entry.period

    def stop(self) -> None:
        """Raise InvalidInput with every problem found so far."""
        if not self.problems:
            return
        count = len({problem.field.partition(".")[0] for problem in self.problems})
        self.problems.sort(key=lambda p: int(p.field.partition(".")[0]))
        raise InvalidInput(
            ngettext(
                "%(n)d line is wrong; nothing was written.",
                "%(n)d lines are wrong; nothing was written.",
                count,
            )
            % {"n": count},
            problems=self.problems[:_SHOWN],
        )
