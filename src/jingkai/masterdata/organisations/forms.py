"""Forms of bodies and zones: they parse; the services judge."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import Body, BodyKind, Zone


def _date() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class BodyForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta:
        model = Body
        fields = (
            "code",
            "kind",
            "name",
            "name_en",
            "parent",
            "admin_code",
            "position",
            "valid_from",
            "valid_to",
            "source",
        )
        labels = {
            "parent": _("part of"),
            "valid_from": _("valid from"),
            "valid_to": _("valid until"),
        }
        widgets = {"valid_from": _date(), "valid_to": _date()}


class ZoneForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta:
        model = Zone
        fields = (
            "code",
            "name",
            "short_name",
            "name_en",
            "level",
            "committee",
            "host_district",
            "parent",
            "catalogue_code",
            "planned_area",
            "controlled_area",
            "approved_area",
            "founded_on",
            "evaluated",
            "valid_from",
            "valid_to",
            "position",
            "source",
            "note",
        )
        labels = {
            "parent": _("part of"),
            "valid_from": _("valid from"),
            "valid_to": _("valid until"),
        }
        widgets = {
            "valid_from": _date(),
            "valid_to": _date(),
            "note": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = {
            "committee": Body.objects.filter(kind=BodyKind.COMMITTEE),
            "host_district": Body.objects.filter(kind=BodyKind.DISTRICT),
            "parent": Zone.objects.filter(parent__isnull=True),
        }
        for name, rows in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows


class AliasForm(forms.Form):
    name = forms.CharField(label=_("alias"), max_length=80)
    valid_from = forms.DateField(label=_("valid from"), required=False, widget=_date())
    valid_to = forms.DateField(label=_("valid until"), required=False, widget=_date())
    note = forms.CharField(label=_("note"), max_length=200, required=False)


class EndAliasForm(forms.Form):
    alias = forms.IntegerField(widget=forms.HiddenInput)
    last_day = forms.DateField(label=_("last day"), widget=_date())


class MergeForm(forms.Form):
    into = forms.ModelChoiceField(label=_("merged into"), queryset=Body.objects.none())
    on = forms.DateField(label=_("takes over on"), widget=_date())
    reason = forms.CharField(label=_("reason"), max_length=500)

    def __init__(self, *args: Any, body: Body, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["into"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Body.objects.filter(merged_into__isnull=True).exclude(pk=body.pk)


class VerifyForm(forms.Form):
    verified = forms.BooleanField(required=False)
    source = forms.CharField(label=_("source"), max_length=300, required=False)


class IndustriesForm(forms.Form):
    names = forms.CharField(
        label=_("Leading industries"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One in each line, the first is the most important; at most three."),
    )


class BoundaryForm(forms.Form):
    file = forms.FileField(label=_("GeoJSON file"))
    effective_from = forms.DateField(label=_("in force from"), widget=_date())
    source = forms.CharField(label=_("source"), max_length=300)
