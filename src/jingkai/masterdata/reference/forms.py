"""Forms of reference versions: they parse; the services judge."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import Confidence
from .services import VersionHead


class HeadForm(forms.Form):
    version = forms.CharField(label=_("version"), max_length=40)
    effective_from = forms.DateField(
        label=_("in force from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    effective_to = forms.DateField(
        label=_("in force until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: until another version takes its place."),
    )
    source = forms.CharField(label=_("source"), max_length=300)
    confidence = forms.ChoiceField(label=_("confidence"), choices=Confidence.choices)
    note = forms.CharField(label=_("note"), max_length=500, required=False)

    def head(self) -> VersionHead:
        """What was entered. Call after is_valid()."""
        values: dict[str, Any] = self.cleaned_data
        return VersionHead(**values)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=1000)
