"""Forms of supervision: they parse and hold what was typed; services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from jingkai.delivery.policy.public import Document, KeyTask
from jingkai.masterdata.organisations.public import Body, BodyKind

from .models import ObligationKind, ObligationState


def _text(
    label: Any, *, rows: int = 3, required: bool = True, limit: int = 1000
) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=limit,
        widget=forms.Textarea(attrs={"rows": rows, "class": "form-control"}),
    )


def _day(label: Any, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
    )


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of uploads."""

    widget = _ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        uploads = data if isinstance(data, list | tuple) else [data] if data else []
        if not uploads and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        one = super().clean
        return [one(upload, initial) for upload in uploads]


def _files(label: Any, *, required: bool) -> FilesField:
    return FilesField(
        label=label,
        required=required,
        widget=_ManyFiles(attrs={"class": "form-control"}),
        help_text=_("PDF, Word, Excel, pictures or text."),
    )


class _Bodies(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    def __init__(self, **options: Any) -> None:
        super().__init__(
            queryset=Body.objects.exclude(kind=BodyKind.GROUP).filter(merged_into__isnull=True),
            widget=forms.Select(attrs={"class": "form-select"}),
            **options,
        )


class IssueForm(forms.Form):
    due_on = _day(_("due date"))
    sign_by = _day(_("sign for by (empty: the usual term)"), required=False)


class NoteForm(forms.Form):
    note = _text(_("note"), required=False, rows=2)


class EmptyForm(forms.Form):
    pass


class ReasonForm(forms.Form):
    reason = _text(_("reason"))


class DisputeForm(forms.Form):
    proposed_body = _Bodies(label=_("whose it should be"), required=False)
    reason = _text(_("reason"))


class SettleForm(forms.Form):
    decision = forms.ChoiceField(
        label=_("decision"),
        choices=[("keep", _("Stays with this body")), ("reassign", _("Reassigned"))],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    new_body = _Bodies(label=_("new body (when reassigned)"), required=False)
    note = _text(_("reason"))


class ReportForm(forms.Form):
    period = forms.CharField(
        label=_("period"),
        max_length=10,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )
    progress = forms.IntegerField(
        label=_("progress (%)"),
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs={"class": "form-control", "inputmode": "numeric"}),
    )
    text = _text(_("what was done"), limit=2000)
    next_step = _text(_("next step"), required=False, rows=2)
    problems = _text(_("difficulties"), required=False, rows=2)
    evidence = _files(_("evidence"), required=False)


class ClaimForm(forms.Form):
    text = _text(_("what was done"), limit=2000)
    evidence = _files(_("evidence (at least one file)"), required=True)


class ExtensionForm(forms.Form):
    to_date = _day(_("due date asked for"))
    reason = _text(_("reason"))


class UrgeForm(forms.Form):
    text = _text(_("text"), limit=500, rows=2)


class AnswerForm(forms.Form):
    answer = _text(_("answer"), rows=2)


class ReopenForm(forms.Form):
    due_on = _day(_("new due date"))
    reason = _text(_("reason"))


class RolesForm(forms.Form):
    lead_body = _Bodies(label=_("lead"))
    assist_bodies = forms.ModelMultipleChoiceField(
        queryset=Body.objects.none(),
        required=False,
        label=_("assist"),
        widget=forms.CheckboxSelectMultiple,
    )
    reason = _text(_("reason"), limit=500, rows=2)

    def __init__(self, *args: Any, task: KeyTask, **options: Any) -> None:
        super().__init__(*args, **options)
        named = Body.objects.filter(pk__in=task.responsibilities.values("body")).exclude(
            kind=BodyKind.GROUP
        )
        field = self.fields["assist_bodies"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = named


class MeetingForm(forms.Form):
    title = forms.CharField(
        label=_("title"), max_length=120, widget=forms.TextInput(attrs={"class": "form-control"})
    )
    note = forms.CharField(
        label=_("note"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )


class RegisterForm(forms.Form):
    """Which document's key tasks are put under supervision, and by when."""

    document = forms.ModelChoiceField(
        queryset=Document.objects.none(),
        to_field_name="code",
        label=_("document"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    due_on = _day(_("due date"))

    def __init__(self, *args: Any, documents: QuerySet[Document], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["document"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = documents


class BulkIssueForm(IssueForm):
    """Which registered shares to issue; the list itself is on the page."""


class FilterForm(forms.Form):
    """Filters of the list; nonsense in the address narrows nothing."""

    kind = forms.ChoiceField(required=False, choices=[("", "—"), *ObligationKind.choices])
    document = forms.SlugField(required=False)
    group = forms.IntegerField(required=False)
    task = forms.IntegerField(required=False)
    body = forms.IntegerField(required=False)
    light = forms.ChoiceField(
        required=False, choices=[(c, c) for c in ("", "red", "yellow", "green", "grey")]
    )
    state = forms.ChoiceField(
        required=False, choices=[("", "—"), ("open", _("All open")), *ObligationState.choices]
    )
    late = forms.BooleanField(required=False)
    mine = forms.BooleanField(required=False)
    text = forms.CharField(required=False, max_length=60)
