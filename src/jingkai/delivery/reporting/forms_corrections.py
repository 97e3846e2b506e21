"""What people fill in to ask for a correction and to decide about one."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import CorrectionReason


class CorrectionForm(forms.Form):
    """What it should say, and why."""

    new_value = forms.DecimalField(
        label=_("new value"),
        max_digits=24,
        decimal_places=6,
        widget=forms.NumberInput(attrs={"class": "form-control", "step": "any"}),
    )
    code = forms.ChoiceField(
        label=_("reason"),
        choices=CorrectionReason.choices,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    reason = forms.CharField(
        label=_("explanation"),
        max_length=500,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3}),
        help_text=_("Others will read it beside the figure: what was wrong, and how it was found."),
    )


class AnswerForm(forms.Form):
    """A word to the decision; refusing needs one."""

    answer = forms.CharField(
        label=_("answer"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 2}),
    )


class PaperForm(forms.Form):
    """One paper."""

    file = forms.FileField(
        label=_("evidence"), widget=forms.FileInput(attrs={"class": "form-control"})
    )
    note = forms.CharField(
        label=_("note"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )
