"""Forms of consultation: they parse and hold what was typed; services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingkai.core.errors import DomainError, InvalidInput
from jingkai.delivery.intake.public import SourceVersion

from .models import Outcome, SenderKind


def _text(
    label: Any, *, rows: int = 3, required: bool = True, limit: int = 500, help_text: Any = ""
) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=limit,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows, "class": "form-control"}),
    )


def _line(
    label: Any, *, required: bool = True, limit: int = 200, **attributes: Any
) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=limit,
        widget=forms.TextInput(attrs={"class": "form-control", **attributes}),
    )


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
    )


def show_problems(form: forms.Form, error: DomainError) -> None:
    """Put each problem of `error` beside its field where the form has one."""
    if not isinstance(error, InvalidInput):
        return
    for problem in error.problems:
        if problem.field in form.fields:
            form.add_error(problem.field, problem.message)


class VersionChoice(forms.ModelChoiceField[SourceVersion]):
    """A version of a draft by the words people know it by."""

    def label_from_instance(self, obj: Any) -> str:
        return _("%(title)s, version %(n)d (%(file)s)") % {
            "title": obj.document.title, "n": obj.number, "file": obj.file_name,
        }  # fmt: skip


class RoundForm(forms.Form):
    version = VersionChoice(
        label=pgettext_lazy("consultation", "Draft"),
        queryset=SourceVersion.objects.none(),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    title = _line(_("Title"))
    intro = _text(
        _("Explanation"), rows=4, required=False, limit=4000,
        help_text=_("Why this draft, and what opinions are wanted on. Everybody reads it."),
    )  # fmt: skip
    contact = _line(_("Contact for questions"), limit=300)
    closes_on = _day(_("Last day"), _("A working day; opinions are taken until its end."))
    short_reason = _text(
        _("Why the term is shorter"), rows=2, required=False,
        help_text=_("Only for a term below the usual one; it is shown with the draft."),
    )  # fmt: skip
    is_public = forms.BooleanField(label=_("Ask the public"), required=False, initial=True)
    asks_bodies = forms.BooleanField(label=_("Ask bodies"), required=False, initial=True)

    def __init__(self, *args: Any, versions: Any, fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if fixed:
            del self.fields["version"]
        else:
            self.fields["version"].queryset = versions  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    reason = _text(_("Reason"), rows=2, limit=1000)


class ExtendForm(forms.Form):
    closes_on = _day(_("New last day"))
    reason = _text(_("Reason"), rows=2, limit=1000)


class PublishForm(forms.Form):
    conclusion = _text(
        _("Word to all who took part"), rows=4, required=False, limit=4000,
        help_text=_("Stands above the results. Leave it empty for none."),
    )  # fmt: skip


class OpinionForm(forms.Form):
    """One opinion of a body."""

    clause = forms.ChoiceField(
        label=pgettext_lazy("adoption table", "Clause"),
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    text = _text(_("Opinion"), rows=4, limit=3000)
    proposal = _text(
        _("Proposed wording"), rows=3, required=False, limit=3000,
        help_text=_("How the clause should read, if you have words for it."),
    )  # fmt: skip

    def __init__(self, *args: Any, clauses: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clause"].choices = [("", _("Whole draft")), *clauses]  # type: ignore[attr-defined]


class PublicForm(OpinionForm):
    """One opinion of the public; everything about the sender may be left out."""

    sender_kind = forms.ChoiceField(
        label=_("You are"), choices=SenderKind.choices,
        widget=forms.Select(attrs={"class": "form-select"}),
    )  # fmt: skip
    name = _line(pgettext_lazy("form", "Name"), required=False, limit=60, autocomplete="name")
    contact = _line(_("Telephone or e-mail"), required=False, limit=120)
    ticket = forms.CharField(widget=forms.HiddenInput, max_length=300)


class ReceiptForm(forms.Form):
    code = forms.CharField(
        label=_("Receipt code"), max_length=40,
        widget=forms.TextInput(
            attrs={"class": "form-control", "autocomplete": "off", "spellcheck": "false"}
        ),
    )  # fmt: skip


class TopicForm(forms.Form):
    title = _text(_("What is said"), rows=2)
    clause = forms.ChoiceField(
        label=pgettext_lazy("adoption table", "Clause"),
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(self, *args: Any, clauses: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clause"].choices = [("", _("Whole draft")), *clauses]  # type: ignore[attr-defined]


class DecisionForm(forms.Form):
    outcome = forms.ChoiceField(
        label=pgettext_lazy("adoption table", "Outcome"),
        choices=Outcome.choices,
        widget=forms.RadioSelect,
    )
    reason = _text(
        _("Reason"), rows=3, required=False, limit=2000,
        help_text=_("Those who wrote will read it. Only adopted words may stand without one."),
    )  # fmt: skip
    wording = _text(
        _("Changed wording"), rows=6, required=False, limit=6000,
        help_text=_("How the clause reads afterwards. Leave it as it is when the text stays."),
    )  # fmt: skip
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class FilterForm(forms.Form):
    clause = forms.CharField(required=False, max_length=24)
    origin = forms.ChoiceField(required=False, choices=[("", ""), ("public", ""), ("body", "")])
    state = forms.ChoiceField(
        required=False,
        choices=[(s, s) for s in ("", "received", "sorted", "answered", "hidden")],
    )
    topic = forms.IntegerField(required=False)
    text = forms.CharField(required=False, max_length=60)
    order = forms.ChoiceField(
        required=False, choices=[(s, s) for s in ("clause", "time", "origin", "topic", "alike")]
    )
