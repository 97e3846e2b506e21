"""What is sent as a figure, and every reason to refuse one. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches

from django.utils.translation import gettext as _

from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.engine.errors import UnitError
from jingkai.engine.periods import Period
from jingkai.engine.rounding import round_to
from jingkai.engine.semantics import ValueMode, find_falling_ytd
from jingkai.engine.units import convert
from jingkai.masterdata.organisations.public import Zone

from ..catalogue import CITY, EDZ, Catalogue, mode_of
from ..models import Indicator, IndicatorVersion, Release
from ..periods import fitting_period

PLACES = 6  # decimals of the value column
WHOLE_DIGITS = 18
_RANK = {Release.FLASH: 0, Release.REVISED: 1, Release.FINAL: 2}

SeriesKey = tuple[int, str]
"""Indicator id and scope."""


@dataclass(frozen=True, slots=True)
class ValueEntry:
    """One figure as sent. `value` None withdraws; `unit` None is the indicator's own."""

    indicator: str
    scope: str
    period: str
    value: Decimal | None
    unit: str | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class RecordWarning:
    """Something to look at, that does not stop the figure."""

    field: str
    message: str
    code: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One entry understood: which series, which period, the value in the indicator's unit."""

    index: int
    indicator: Indicator
    definition: IndicatorVersion
    scope: str
    period: Period
    value: Decimal | None
    comment: str

    @property
    def key(self) -> SeriesKey:
        return self.indicator.pk, self.scope

    @property
    def address(self) -> tuple[SeriesKey, date]:
        return self.key, self.period.end


@dataclass(frozen=True, slots=True)
class Known:
    """A value that holds now."""

    value: Decimal
    period: str
    end: date
    release: str
    origin: str
    event_id: int
    observed: int | None = None
    expected: int | None = None
    inputs: Mapping[str, object] | None = None


class Judge:
    """Collects what is wrong and what to look at, entry by entry."""

    def __init__(self, catalogue: Catalogue, zones: Mapping[str, Zone], today: date) -> None:
        self.catalogue, self.zones, self.today = catalogue, zones, today
        self.problems: list[FieldProblem] = []
        self.warnings: list[RecordWarning] = []

    def refuse(self, index: int, field: str, message: str, code: str) -> None:
        self.problems.append(FieldProblem(f"entries.{index}.{field}", message, code))

    def warn(self, index: int, field: str, message: str, code: str) -> None:
        self.warnings.append(RecordWarning(f"entries.{index}.{field}", message, code))

    def understand(self, entries: Sequence[ValueEntry], release: Release) -> list[Cell]:
        """The entries that can be read at all; the rest is in `problems`."""
        cells: list[Cell] = []
        seen: dict[tuple[SeriesKey, date], int] = {}
        for index, entry in enumerate(entries):
            cell = self._cell(index, entry, release)
            if cell is None:
                continue
            if (first := seen.setdefault(cell.address, index)) != index:
                self.refuse(
                    index,
                    "value",
                    _("This figure is sent twice: it already stands in line %(line)d.")
                    % {"line": first + 1},
                    "twice",
                )
                continue
            cells.append(cell)
        return cells

    def _cell(self, index: int, entry: ValueEntry, release: Release) -> Cell | None:
        indicator = self.catalogue.by_code.get(entry.indicator)
        if indicator is None:
            self.refuse(index, "indicator", self._unknown_indicator(entry.indicator), "unknown")
        if entry.scope not in (CITY, EDZ) and entry.scope not in self.zones:
            self.refuse(index, "scope", self._unknown_scope(entry.scope), "unknown")
            return None
        if indicator is None:
            return None
        period = self._period(index, entry.period, indicator, release)
        if period is None:
            return None
        definition = self.catalogue.definition_on(indicator.pk, period.end)
        if definition is None:
            self.refuse(
                index,
                "indicator",
                _("“%(indicator)s” has no definition yet: state what it counts first.")
                % {"indicator": indicator.name},
                "no_definition",
            )
            return None
        before = len(self.problems)
        value = self._value(index, entry, indicator)
        if len(self.problems) > before:
            return None
        return Cell(index, indicator, definition, entry.scope, period, value, entry.comment.strip())

    def _unknown_indicator(self, code: str) -> str:
        names = {i.name: i.code for i in self.catalogue.by_code.values()}
        close = get_close_matches(code.upper(), self.catalogue.by_code, n=3, cutoff=0.5)
        close += [names[name] for name in get_close_matches(code, names, n=3, cutoff=0.5)]
        message = _("There is no indicator “%(code)s”.") % {"code": code}
        if not close:
            return message
        hints = "、".join(
            f"{found} {self.catalogue.by_code[found].name}" for found in dict.fromkeys(close)
        )
        return message + " " + _("Did you mean %(names)s?") % {"names": hints}

    def _unknown_scope(self, scope: str) -> str:
        message = _("There is no scope “%(scope)s”: write CITY, EDZ or the code of a zone.") % {
            "scope": scope
        }
        names = {zone.name: code for code, zone in self.zones.items()}
        names |= {zone.short_name: code for code, zone in self.zones.items()}
        close = get_close_matches(scope.upper(), self.zones, n=2, cutoff=0.5)
        close += [names[name] for name in get_close_matches(scope, names, n=2, cutoff=0.5)]
        if not close:
            return message
        hints = "、".join(f"{code} {self.zones[code].short_name}" for code in dict.fromkeys(close))
        return message + " " + _("Did you mean %(names)s?") % {"names": hints}

    def _period(
        self, index: int, code: str, indicator: Indicator, release: Release
    ) -> Period | None:
        try:
            period = fitting_period(indicator, code)
        except InvalidInput as error:
            (problem,) = error.problems
            self.refuse(index, "period", problem.message, problem.code)
            return None
        params = {"period": period}
        if period.start > self.today:
            self.refuse(
                index,
                "period",
                _("%(period)s lies in the future: there can be no figure yet.") % params,
                "period_future",
            )
            return None
        if period.end > self.today:
            if release is Release.FINAL:
                self.refuse(
                    index,
                    "period",
                    _("%(period)s has not ended: its figure cannot be final. Send it as flash.")
                    % params,
                    "period_open",
                )
                return None
            self.warn(
                index,
                "period",
                _("%(period)s has not ended: the figure is provisional.") % params,
                "period_open",
            )
        return period

    def _value(self, index: int, entry: ValueEntry, indicator: Indicator) -> Decimal | None:
        value = entry.value
        if value is None:
            return None
        if not value.is_finite():
            self.refuse(index, "value", _("This is not a number."), "not_a_number")
            return None
        if entry.unit and entry.unit != indicator.unit:
            try:
                value = round_to(convert(value, entry.unit, indicator.unit), PLACES)
            except UnitError as error:
                text = (
                    _("There is no unit “%(unit)s”. “%(indicator)s” is in %(own)s.")
                    if error.code == "unit_unknown"
                    else _(
                        "%(unit)s cannot become %(own)s, the unit of “%(indicator)s”. Convert "
                        "it yourself, with the official rate where one is needed."
                    )
                )
                self.refuse(
                    index,
                    "unit",
                    text % {"unit": entry.unit, "own": indicator.unit, "indicator": indicator.name},
                    error.code,
                )
                return None
        if value.copy_abs() >= Decimal(10) ** WHOLE_DIGITS:
            self.refuse(
                index,
                "value",
                _("Too many digits: at most %(n)d before the decimal point. Check the unit.")
                % {"n": WHOLE_DIGITS},
                "digits",
            )
            return None
        places = 0 if indicator.decimals == 0 else PLACES
        if value != round_to(value, places):
            self.refuse(
                index,
                "value",
                _("“%(indicator)s” is counted in whole numbers.") % {"indicator": indicator.name}
                if places == 0
                else _("Too many digits: at most %(n)d after the decimal point.") % {"n": PLACES},
                "digits",
            )
            return None
        return round_to(value, PLACES)


def judge_releases(
    judge: Judge,
    cells: Iterable[Cell],
    current: Mapping[tuple[SeriesKey, date], Known],
    release: Release,
    reason: str,
) -> list[Cell]:
    """The cells that say something new; refused: steps back in release, silent changes of finals.

    A repeat of value and release says nothing new and is left out.
    """
    fresh: list[Cell] = []
    for cell in cells:
        known = current.get(cell.address)
        explained = bool(reason or cell.comment)
        if cell.value is None:
            if known is None:
                continue
            if not explained:
                judge.refuse(
                    cell.index,
                    "value",
                    _("Say why the figure is withdrawn: others have read it."),
                    "reason_required",
                )
                continue
        elif known is not None:
            if known.value == cell.value and known.release == release:
                continue
            if _RANK[release] < _RANK[Release(known.release)]:
                judge.refuse(
                    cell.index,
                    "value",
                    _("%(period)s is already %(release)s: send the change as revised.")
                    % {"period": cell.period, "release": Release(known.release).label},
                    "release_back",
                )
                continue
            if known.release == Release.FINAL and known.value != cell.value and not explained:
                judge.refuse(
                    cell.index,
                    "value",
                    _("%(period)s is final: say why it changes.") % {"period": cell.period},
                    "reason_required",
                )
                continue
        fresh.append(cell)
    return fresh


def judge_falls(
    judge: Judge,
    cells: Sequence[Cell],
    current: Mapping[SeriesKey, Mapping[date, Known]],
    release: Release,
    reason: str,
) -> None:
    """A running total that falls inside its year is refused, or explained in a revised figure."""
    by_series: dict[SeriesKey, list[Cell]] = {}
    for cell in cells:
        if mode_of(cell.indicator) is ValueMode.YTD:
            by_series.setdefault(cell.key, []).append(cell)
    for key, touched in by_series.items():
        line = {Period.parse(k.period): k.value for k in current.get(key, {}).values()}
        line |= {cell.period: cell.value for cell in touched if cell.value is not None}
        for cell in touched:
            if cell.value is None:
                line.pop(cell.period, None)
        sent = {cell.period: cell for cell in touched}
        for fall in find_falling_ytd(line):
            blamed = sent.get(fall.period) or sent.get(fall.before)
            if blamed is None:
                continue
            params = {
                "before": fall.before,
                "period": fall.period,
                "high": f"{line[fall.before].normalize():f}",
                "low": f"{line[fall.period].normalize():f}",
            }
            if release is Release.FLASH or not (reason or blamed.comment):
                judge.refuse(
                    blamed.index,
                    "value",
                    _(
                        "A running total does not fall inside a year: %(before)s says %(high)s, "
                        "%(period)s says %(low)s. Correct one of them, or send it as revised and "
                        "say why."
                    )
                    % params,
                    "ytd_falls",
                )
            else:
                judge.warn(
                    blamed.index,
                    "value",
                    _("The running total falls from %(high)s (%(before)s) to %(low)s (%(period)s).")
                    % params,
                    "ytd_falls",
                )
