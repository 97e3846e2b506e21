"""What the office fills in to make a run."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from jingkai.core.ui.public import local_name

from .models import RunKind, SchemeVersion


class _EditionField(forms.ModelChoiceField[SchemeVersion]):
    def label_from_instance(self, obj: Any) -> str:
        return f"{local_name(obj.scheme)} · v{obj.number} · {obj.get_state_display()}"


class RunForm(forms.Form):
    """Which scheme on which year, as known when, and how much chance."""

    version = _EditionField(
        label=_("scheme and edition"),
        queryset=SchemeVersion.objects.none(),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    year = forms.IntegerField(
        label=_("data year"), widget=forms.NumberInput(attrs={"class": "form-control"})
    )
    kind = forms.ChoiceField(
        label=_("kind"),
        choices=RunKind.choices,
        widget=forms.Select(attrs={"class": "form-select"}),
        help_text=_("A trial run is seen by the office alone and is never published."),
    )
    as_of = forms.DateTimeField(
        label=_("figures as of"),
        required=False,
        widget=forms.DateTimeInput(
            attrs={"class": "form-control", "type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
        ),
        help_text=_("Only figures recorded by this moment count; empty: now."),
    )
    seed = forms.IntegerField(
        label=_("seed"),
        required=False,
        min_value=0,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
        help_text=_("Fixes the replications; empty: drawn once and kept with the run."),
    )
    replications = forms.IntegerField(
        label=_("replications"),
        initial=10_000,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
        help_text=_("How often the evaluation is repeated with other choices of the method."),
    )
    note = forms.CharField(
        label=_("note"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(_EditionField, self.fields["version"])
        field.queryset = (
            SchemeVersion.objects.select_related("scheme")
            .exclude(state="retired")
            .order_by("scheme__position", "scheme__code", "-number")
        )
