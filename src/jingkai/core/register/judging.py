"""A column of values judged by its model's field: all at once where that can be told at a glance.

What a field says is what `Field.clean` says; a column of known kind with known validators is
measured by its longest, least and greatest value, any other is asked once for each distinct value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.core import validators as v
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from .cells import CellProblem, SheetData, Table

MAX_PROBLEMS: Final = 200


def judged(data: SheetData, table: Table, key: str, fields: Sequence[Any]) -> list[CellProblem]:
    """Everything wrong with the values themselves; values become what their fields make of them."""
    found: list[tuple[int, int, CellProblem]] = []
    for order, field in enumerate(fields):
        values = table.columns[field.name]
        if field.is_relation:
            if not field.null:
                said = _("This cell must be filled in.")
                for n, value in enumerate(values):
                    if value is None:
                        found.append((n, order, data.problem_at(n, field.name, said, "required")))
            continue
        if field.empty_strings_allowed and not field.null and None in values:
            values = ["" if value is None else value for value in values]
            table.columns[field.name] = values
        if not _surely_fine(field, values):
            cleaned, wrong = _cleaned(field, values)
            table.columns[field.name] = cleaned
            found += [(n, order, data.problem_at(n, field.name, said)) for n, said in wrong]
    seen: dict[Any, int] = {}
    if len(set(table.columns[key])) < len(table.numbers):
        for n, value in enumerate(table.columns[key]):
            if value in seen:
                said = _("“%(key)s” already stands in row %(row)d. Keep one of them.") % {
                    "key": value,
                    "row": table.numbers[seen[value]],
                }
                found.append((n, -1, data.problem_at(n, key, said, "doubled")))
            else:
                seen[value] = n
    found.sort(key=lambda item: item[:2])
    return [problem for _n, _order, problem in found[:MAX_PROBLEMS]]


def _surely_fine(field: Any, values: Sequence[Any]) -> bool:
    """Whether every value passes its field's own checks, told without asking value by value."""
    given = [x for x in values if x is not None and x != ""]
    if len(given) < len(values) and not field.blank:
        return False
    kinds = {str} if field.empty_strings_allowed else _KINDS.get(_base(field), set())
    if not given or not set(map(type, given)) <= kinds:
        return not given
    if field.choices is not None and not set(given) <= {
        value for value, _label in field.flatchoices
    }:
        return False
    return all(_passes(validator, field, given) for validator in field.validators)


_KINDS: Final[Mapping[type, set[type]]] = {
    models.IntegerField: {int},
    models.DecimalField: {Decimal},
    models.BooleanField: {bool},
}


def _base(field: Any) -> type:
    return next((kind for kind in _KINDS if isinstance(field, kind)), object)


def _passes(validator: Any, field: Any, given: Sequence[Any]) -> bool:
    limit: Any = getattr(validator, "limit_value", None)
    if callable(limit):
        limit = limit()
    kind = type(validator)
    if kind is v.MaxLengthValidator:
        return bool(max(map(len, given)) <= limit)
    if kind is v.MaxValueValidator:
        return bool(max(given) <= limit)
    if kind is v.MinValueValidator:
        return bool(min(given) >= limit)
    if kind is v.DecimalValidator and field.max_digits is not None:
        top = Decimal(10) ** (field.max_digits - field.decimal_places)
        least = -field.decimal_places
        return (
            max(given) < top
            and min(given) > -top
            and all(value.as_tuple().exponent >= least for value in given)
        )
    for value in set(given):
        try:
            validator(value)
        except ValidationError:
            return False
    return True


def _cleaned(field: Any, values: Sequence[Any]) -> tuple[list[Any], list[tuple[int, str]]]:
    """Values as `Field.clean` makes them, and its complaints by position."""
    known: dict[tuple[type, Any], Any] = {}
    cleaned: list[Any] = []
    wrong: list[tuple[int, str]] = []
    for n, value in enumerate(values):
        if field.blank and value in field.empty_values:
            cleaned.append(value)
            continue
        mark = (type(value), value)
        if mark not in known:
            try:
                known[mark] = field.clean(value, None)
            except ValidationError as error:
                known[mark] = error
        if isinstance(known[mark], ValidationError):
            wrong.append((n, " ".join(known[mark].messages)))
            cleaned.append(value)
        else:
            cleaned.append(known[mark])
    return cleaned, wrong
