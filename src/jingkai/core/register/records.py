"""Plain objects in and out of their tables: one change, one audit event, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.core.verdicts import Verdict, require

M = TypeVar("M", bound=models.Model)


def readable(value: Any) -> Any:
    """A value as it is kept in an audit event."""
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def same(old: Any, new: Any) -> bool:
    """Whether two values of one field are the same to its reader: no text and nothing, are."""
    return bool(old == new) or (old in (None, "") and new in (None, ""))


def changes_of(obj: models.Model, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What `values` would change on `obj`: field → [old, new], readable."""
    changed = {}
    for name, value in values.items():
        field = obj._meta.get_field(name)
        if isinstance(field, models.ForeignKey):
            target = field.attname
            if getattr(obj, target) == (value.pk if value is not None else None):
                continue
        elif same(getattr(obj, name), value):
            continue
        old = getattr(obj, name) if obj.pk else None
        changed[name] = [readable(old), readable(value)]
    return changed


def problems_of(error: ValidationError) -> list[FieldProblem]:
    """A model's complaint as field problems; what concerns the whole object has no field."""
    if not hasattr(error, "error_dict"):
        return [FieldProblem("", message) for message in error.messages]
    return [
        FieldProblem("" if name == "__all__" else name, message)
        for name, messages in error.message_dict.items()
        for message in messages
    ]


@transaction.atomic
def save_record(
    model: type[M],
    *,
    obj_id: int | None,
    values: Mapping[str, Any],
    verdict: Verdict,
    action: str,
    actor: User | None,
    now: datetime,
    prepare: Callable[[M], None] | None = None,
) -> M:
    """Add (`obj_id` None) or change one object and write the event `<action>.created|changed`.

    Saying the same again changes nothing and leaves no event. Raises NotPermitted, InvalidInput;
    `model.DoesNotExist` when the object is gone.
    """
    obj = (
        model._default_manager.select_for_update(of=("self",)).get(pk=obj_id)
        if obj_id is not None
        else model()
    )
    require(verdict)
    changed = changes_of(obj, values)
    if obj_id is not None and not changed:
        return obj
    for name, value in values.items():
        setattr(obj, name, value)
    if prepare is not None:
        prepare(obj)
    try:
        obj.full_clean()
    except ValidationError as error:
        raise InvalidInput(
            _("Please correct what is marked."), problems=problems_of(error)
        ) from error
    obj.save()
    audit.record(
        f"{action}.{'created' if obj_id is None else 'changed'}",
        actor=actor,
        target=obj,
        at=now,
        details={"changes": changed},
    )
    return obj
