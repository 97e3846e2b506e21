"""The comparison of two editions as page, file and API give it: checked first, refused in words."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.core.ui.public import local_name
from jingkai.delivery.indicators.public import Indicator
from jingkai.engine.composite import CompositeError

from .comparing import Cases, Comparison, compare
from .freezing import FIRST_YEAR
from .models import SchemeVersion
from .problem_words import engine_sentence
from .queries.ledger import confirmed_entries
from .queries.schemes import definition_of
from .services.schemes import refuse_problems


def _cases(version: SchemeVersion, year: int) -> Cases:
    return [
        (entry.zone.code, entry.kind, entry.rule, entry.points)
        for entry in confirmed_entries(version.scheme_id, year)
    ]


def compared(one: SchemeVersion, two: SchemeVersion, year: int) -> Comparison:
    """Both editions on the year's figures and cases as known now. Raises InvalidInput in words."""
    if not FIRST_YEAR <= year <= timezone.localdate().year:
        message = _("%(year)s is not a data year that has ended or begun.") % {"year": year}
        raise InvalidInput(message, problems=[FieldProblem("year", message)])
    for version in (one, two):
        refuse_problems(version)
    definitions = definition_of(one), definition_of(two)
    names = {row.code: local_name(row) for row in Indicator.objects.all()}
    cases = _cases(one, year), _cases(two, year)
    try:
        return compare(*definitions, year=year, as_of=timezone.now(), names=names, cases=cases)
    except CompositeError as error:
        message = engine_sentence(error, *definitions)
        raise InvalidInput(message, problems=[FieldProblem("year", message, error.code)]) from error
