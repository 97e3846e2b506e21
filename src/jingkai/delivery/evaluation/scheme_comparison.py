"""The comparison of two editions as page, file and API give it: checked first, refused in words."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.core.ui.public import local_name
from jingkai.engine.composite import CompositeError

from .checking import problems_of
from .comparing import Cases, Comparison, compare
from .definition import Definition
from .freezing import FIRST_YEAR
from .models import LedgerEntry, SchemeVersion
from .problem_words import engine_sentence
from .queries.ledger import confirmed_entries
from .queries.schemes import definition_of, facts_from, nodes_of
from .services.schemes import refuse


def _sound(version: SchemeVersion, names: dict[str, str]) -> Definition:
    """The edition as data, its indicators' names put into `names`; refused with its problems."""
    rows = nodes_of(version)
    indicators = [row.indicator for row in rows if row.indicator]
    names |= {indicator.code: local_name(indicator) for indicator in indicators}
    definition = definition_of(version, rows)
    refuse(definition, problems_of(definition, facts_from(indicators)))
    return definition


def _cases(entries: Iterable[LedgerEntry], version: SchemeVersion) -> Cases:
    return [
        (entry.zone.code, entry.kind, entry.rule, entry.points)
        for entry in entries
        if entry.scheme_id == version.scheme_id
    ]


def compared(one: SchemeVersion, two: SchemeVersion, year: int) -> Comparison:
    """Both editions on the year's figures and cases as known now. Raises InvalidInput in words."""
    if not FIRST_YEAR <= year <= timezone.localdate().year:
        message = _("%(year)s is not a data year that has ended or begun.") % {"year": year}
        raise InvalidInput(message, problems=[FieldProblem("year", message)])
    names: dict[str, str] = {}
    definitions = _sound(one, names), _sound(two, names)
    entries = confirmed_entries({one.scheme_id, two.scheme_id}, year)
    cases = _cases(entries, one), _cases(entries, two)
    try:
        return compare(*definitions, year=year, as_of=timezone.now(), names=names, cases=cases)
    except CompositeError as error:
        message = engine_sentence(error, *definitions)
        raise InvalidInput(message, problems=[FieldProblem("year", message, error.code)]) from error
