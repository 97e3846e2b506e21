"""Numbers from records: rooms above say how an indicator is counted, this room records it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from jingkai.core.accounts.public import User
from jingkai.engine.periods import Period

from ..models import Indicator, Origin, Release
from ..periods import fitting_period, invalid
from .entries import ValueEntry
from .values import RecordResult, record_values

Counter = Callable[[Period], Mapping[str, Decimal | None]]
"""Value by scope code (a zone's code, CITY or EDZ), at the end of a period. Given the period,
never the clock, so that it can be run again. None says: not known for this scope."""


@dataclass(frozen=True, slots=True)
class IndicatorSource:
    """How one indicator is computed from records."""

    indicator: str
    count: Counter
    title: StrOrPromise
    """What is counted, shown in the lineage."""
    link: Callable[[str, str], str] | None = None
    """Address of the list behind a figure, from scope and period."""


_sources: dict[str, IndicatorSource] = {}


def register_source(source: IndicatorSource) -> None:
    """Say where an indicator's numbers come from; raises ValueError when it is said already."""
    if source.indicator in _sources:
        raise ValueError(f"indicator {source.indicator} already has a source")
    _sources[source.indicator] = source


def source_of(code: str) -> IndicatorSource | None:
    return _sources.get(code)


def registered_sources() -> tuple[str, ...]:
    """Codes of the indicators that are computed from records."""
    return tuple(sorted(_sources))


@contextmanager
def only_sources(*sources: IndicatorSource) -> Iterator[None]:
    """Hold exactly these sources inside the block, for tests."""
    global _sources
    kept, _sources = _sources, {}
    try:
        for source in sources:
            register_source(source)
        yield
    finally:
        _sources = kept


def refresh_from_source(
    code: str,
    period: str,
    *,
    now: datetime,
    actor: User | None = None,
    release: Release = Release.FLASH,
    reason: str = "",
) -> RecordResult:
    """Count an indicator from its records for one period and record what changed.

    Raises InvalidInput for an indicator without a source; else as `record_values`.
    """
    source = source_of(code)
    if source is None:
        raise invalid(
            "indicator",
            _("“%(code)s” is not computed from records: enter its figures.") % {"code": code},
            "no_source",
        )
    indicator = Indicator.objects.filter(code=code).first()
    if indicator is None:
        message = _("There is no indicator “%(code)s”.") % {"code": code}
        raise invalid("indicator", message, "unknown")
    at = fitting_period(indicator, period)
    entries = [
        ValueEntry(code, scope, at.code, value)
        for scope, value in sorted(source.count(at).items())
        if value is not None
    ]
    return record_values(
        entries=entries,
        actor=actor,
        now=now,
        origin=Origin.RECORDS,
        release=release,
        reason=reason or _("Counted from records: %(what)s") % {"what": source.title},
    )
