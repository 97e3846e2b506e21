"""Fields whose limits hold for every door."""

from __future__ import annotations

from django.core.validators import MaxLengthValidator
from django.db import models
from django_stubs_ext import StrOrPromise


def long_text(label: StrOrPromise, most: int, *, blank: bool = False) -> models.TextField[str, str]:
    """A long text whose limit holds for every door, not for forms alone."""
    return models.TextField(
        label, max_length=most, blank=blank, validators=[MaxLengthValidator(most)]
    )
