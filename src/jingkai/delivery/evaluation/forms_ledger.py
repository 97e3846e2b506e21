"""What people fill in for the ledger, objections, publication and earlier results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .models import Objection, ObjectionState, ObjectionSubject, PastResult

_TEXT = {"class": "form-control", "rows": 3}
_INPUT = {"class": "form-control"}
_SELECT = {"class": "form-select"}
_DATE = {"class": "form-control", "type": "date"}


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(FilesField, self).clean(one, initial) for one in given]


class CaseForm(forms.Form):
    """A case for the ledger of points."""

    zone = forms.ChoiceField(label=_("Zone"), widget=forms.Select(attrs=_SELECT))
    rule = forms.ChoiceField(label=_("rule"), widget=forms.RadioSelect)
    happened_on = forms.DateField(
        label=_("date of the case"), required=False, widget=forms.DateInput(attrs=_DATE)
    )
    outside_year = forms.CharField(
        label=_("why it counts for this data year"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs=_INPUT),
        help_text=_("Only where the date is not known, or lies in another year."),
    )
    reason = forms.CharField(
        label=_("case"),
        max_length=500,
        widget=forms.Textarea(attrs=_TEXT),
        help_text=_("What happened, who found it, number of the document. The zone will read it."),
    )
    evidence = FilesField(
        label=_("evidence"),
        required=False,
        widget=ManyFiles(attrs=_INPUT),
        help_text=_("PDF, picture, Word or Excel"),
    )
    another_case = forms.BooleanField(label=_("This is a second case"), required=False)

    def __init__(
        self,
        *args: Any,
        zones: Iterable[tuple[str, str]],
        rules: Iterable[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].choices = [("", pgettext_lazy("select", "Choose")), *zones]  # type: ignore[attr-defined]
        self.fields["rule"].choices = list(rules)  # type: ignore[attr-defined]


class ObjectionForm(forms.Form):
    """What a zone objects to. `point` is `figure:<node>`, `points:<entry>`, `method:<node>`, …"""

    point = forms.ChoiceField(label=_("against"), widget=forms.Select(attrs=_SELECT))
    claimed = forms.DecimalField(
        label=_("figure the zone holds right"),
        required=False,
        max_digits=24,
        decimal_places=6,
        widget=forms.NumberInput(attrs={**_INPUT, "step": "any"}),
        help_text=_("Only for an objection against a figure, in the unit of the indicator."),
    )
    text = forms.CharField(
        label=_("objection"),
        max_length=2000,
        widget=forms.Textarea(attrs={**_TEXT, "rows": 6}),
        help_text=_("What is wrong, what is right, and what proves it."),
    )

    def __init__(self, *args: Any, points: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["point"].choices = list(points)  # type: ignore[attr-defined]


class TextForm(forms.Form):
    """New words for a draft."""

    claimed = ObjectionForm.base_fields["claimed"]
    text = ObjectionForm.base_fields["text"]


class AnswerForm(forms.Form):
    """The answer the office proposes."""

    proposed_state = forms.ChoiceField(
        label=pgettext_lazy("objection", "Decision"),
        choices=[
            (state.value, state.label)
            for state in (ObjectionState.REJECTED, ObjectionState.PARTLY, ObjectionState.UPHELD)
        ],
        widget=forms.Select(attrs=_SELECT),
    )
    effect = forms.ChoiceField(
        label=_("what it changes in the next run"),
        required=False,
        widget=forms.Select(attrs=_SELECT),
    )
    answer = forms.CharField(
        label=_("answer"), max_length=2000, widget=forms.Textarea(attrs={**_TEXT, "rows": 5})
    )

    def __init__(self, *args: Any, objection: Objection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: list[tuple[str, Any]] = [("", _("nothing"))]
        if objection.subject == ObjectionSubject.FIGURE:
            choices += [
                ("figure:corrected", _("the figure is corrected by slip; the next run takes it")),
                ("figure:void", _("the figure does not count")),
            ]
        elif objection.subject == ObjectionSubject.POINTS:
            choices += [("points:revoked", _("the points are revoked"))]
        self.fields["effect"].choices = choices  # type: ignore[attr-defined]

    def chosen_effect(self) -> dict[str, str]:
        """The effect as the service takes it."""
        name, _sep, value = self.cleaned_data["effect"].partition(":")
        return {name: value} if value else {}


class CirculateForm(forms.Form):
    """Until when zones may object; empty: the table's term."""

    until = forms.DateField(
        label=_("objections until"), required=False, widget=forms.DateInput(attrs=_DATE)
    )


class PastResultForm(forms.ModelForm[PastResult]):
    """A result that was made elsewhere."""

    class Meta:
        model = PastResult
        fields = ("scheme", "zone", "year", "score", "rank", "field", "group", "source")
