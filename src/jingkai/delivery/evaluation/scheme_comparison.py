"""The comparison of two editions as page, file and API give it: checked first, refused in words."""

from __future__ import annotations

from django.utils import timezone

from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.core.ui.public import local_name
from jingkai.delivery.indicators.public import Indicator
from jingkai.engine.composite import CompositeError

from .comparing import Comparison, compare
from .models import SchemeVersion
from .problem_words import engine_sentence
from .queries.schemes import definition_of
from .services.schemes import refuse_problems


def compared(one: SchemeVersion, two: SchemeVersion, year: int) -> Comparison:
    """Both editions on the year's figures as known now. Raises InvalidInput in words."""
    for version in (one, two):
        refuse_problems(version)
    definitions = definition_of(one), definition_of(two)
    names = {row.code: local_name(row) for row in Indicator.objects.all()}
    try:
        return compare(*definitions, year=year, as_of=timezone.now(), names=names)
    except CompositeError as error:
        message = engine_sentence(error, *definitions)
        raise InvalidInput(message, problems=[FieldProblem("year", message, error.code)]) from error
