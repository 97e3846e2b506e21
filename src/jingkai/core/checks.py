"""A row is judged by its model before it is written, in words that name the field."""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from .errors import Conflict, FieldProblem, InvalidInput


def check_row(row: models.Model, *, exclude: Collection[str] = (), unique: bool = True) -> None:
    """Validate `row`; with `unique` False what other rows say is left out.

    Raises
    ------
    InvalidInput
        Naming each wrong field, except those in `exclude`.
    Conflict
        A constraint of the table.
    """
    try:
        row.clean_fields(exclude=set(exclude))
        row.clean()
    except ValidationError as error:
        raise InvalidInput(problems=field_problems(row, error)) from None
    if not unique:
        return
    try:
        row.validate_unique()
        row.validate_constraints()
    except ValidationError as error:
        raise Conflict(" ".join(error.messages)) from None


def field_problems(row: models.Model, error: ValidationError) -> list[FieldProblem]:
    """What a model refuses, field by field: its name for programs, its label for people."""
    if not hasattr(error, "error_dict"):
        return [FieldProblem("", " ".join(error.messages))]
    return [
        FieldProblem(*_told(row, field, " ".join(messages)))
        for field, messages in error.message_dict.items()
    ]


def _told(row: models.Model, field: str, message: str) -> tuple[str, str]:
    if field == "__all__":
        return "", message
    try:
        found = row._meta.get_field(field)
    except FieldDoesNotExist:
        return field, message
    label = capfirst(str(getattr(found, "verbose_name", field)))
    return field, _("%(field)s: %(message)s") % {"field": label, "message": message}
