"""Forms of the rules of an edition: of points, and of warning and exit."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from ..drafting import text_of
from ..models import LedgerKind
from .forms import Styled

EXIT_KINDS: Final = (
    ("bottom_once", gettext_lazy("among the last once")),
    ("bottom_consecutive", gettext_lazy("among the last in years on end")),
    ("bottom_times", gettext_lazy("among the last several times within some years")),
    ("average_bottom", gettext_lazy("mean of the years' scores among the last")),
)
EXIT_BY: Final = (
    ("all", pgettext_lazy("field of ranking", "all zones")),
    ("group", pgettext_lazy("field of ranking", "the own peer group")),
    ("region", pgettext_lazy("field of ranking", "the own region")),
)
EXIT_EFFECTS: Final = (
    ("exit", pgettext_lazy("exit rule", "exit")),
    ("downgrade", pgettext_lazy("exit rule", "downgrade candidate")),
    ("talk", pgettext_lazy("exit rule", "talk")),
)


class _RuleForm(Styled):
    """One rule of a list; an empty one is no rule."""

    code = forms.RegexField(
        label=gettext_lazy("code"), regex=r"^[A-Za-z][A-Za-z0-9_]{0,39}$", max_length=40
    )
    name = forms.CharField(label=gettext_lazy("name"), max_length=120)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=200, required=False)
    verified = forms.BooleanField(label=gettext_lazy("verified"), required=False)


class LedgerRuleForm(_RuleForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("kind"), choices=LedgerKind, initial=LedgerKind.BONUS
    )
    points = forms.DecimalField(
        label=gettext_lazy("points for each case"), required=False, min_value=0, max_value=100
    )
    cap = forms.DecimalField(
        label=gettext_lazy("at most"), required=False, min_value=0, max_value=100
    )
    basis = forms.CharField(label=gettext_lazy("basis"), max_length=300, required=False)
    field_order = ("code", "kind", "name", "name_en", "points", "cap", "basis", "verified")

    def rule(self) -> dict[str, Any]:
        """The rule as an edition keeps it."""
        data = self.cleaned_data
        return {
            "code": data["code"],
            "kind": data["kind"],
            "name": data["name"],
            "name_en": data["name_en"],
            "points": text_of(data["points"]) or "0",
            "cap": text_of(data["cap"]),
            "basis": data["basis"],
            "verified": data["verified"],
        }


class ExitRuleForm(_RuleForm):
    kind = forms.ChoiceField(label=gettext_lazy("kind"), choices=EXIT_KINDS, initial="bottom_once")
    bottom = forms.IntegerField(
        label=gettext_lazy("how many of the last"), min_value=1, max_value=500
    )
    years = forms.IntegerField(
        label=gettext_lazy("years on end"), required=False, min_value=1, max_value=20
    )
    within = forms.IntegerField(
        label=gettext_lazy("within years"), required=False, min_value=1, max_value=20
    )
    times = forms.IntegerField(
        label=gettext_lazy("times"), required=False, min_value=1, max_value=20
    )
    least_field = forms.IntegerField(
        label=gettext_lazy("only where at least so many are ranked"),
        required=False,
        min_value=1,
        max_value=5000,
    )
    by = forms.ChoiceField(label=gettext_lazy("counted in"), choices=EXIT_BY, initial="all")
    effect = forms.ChoiceField(
        label=gettext_lazy("what follows"), choices=EXIT_EFFECTS, initial="talk"
    )
    source = forms.CharField(label=gettext_lazy("source"), max_length=300)

    def rule(self) -> dict[str, Any]:
        """The rule as an edition keeps it; what its kind does not use is left out."""
        data = self.cleaned_data
        used = {
            "bottom_once": (),
            "bottom_consecutive": ("years",),
            "bottom_times": ("within", "times"),
            "average_bottom": ("years",),
        }[data["kind"]]
        numbers = {name: data[name] for name in (*used, "least_field") if data[name] is not None}
        return {
            "code": data["code"],
            "name": data["name"],
            "name_en": data["name_en"],
            "kind": data["kind"],
            "bottom": data["bottom"],
            **numbers,
            "by": data["by"],
            "effect": data["effect"],
            "source": data["source"],
            "verified": data["verified"],
        }


LEDGER_RULES: Final[Any] = forms.formset_factory(
    LedgerRuleForm, extra=1, can_delete=True, max_num=60
)
EXIT_RULES: Final[Any] = forms.formset_factory(ExitRuleForm, extra=1, can_delete=True, max_num=30)


def rules_said(formset: Any) -> tuple[dict[str, Any], ...]:
    """The rules of a valid formset, without those marked for deletion or left empty."""
    return tuple(
        form.rule()
        for form in formset
        if form.has_changed() and not form.cleaned_data.get("DELETE") and form.cleaned_data
    )
