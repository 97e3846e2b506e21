"""Forms of the room's pages: they read what people type and say what cannot be read."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from jingkai.core.errors import InvalidInput
from jingkai.engine.errors import UnitError
from jingkai.engine.units import known_units, unit

from .models import Light, Release, Shape


class FigureField(forms.CharField):
    """A number as people type it: 1,234.5, １２３, with spaces. Empty is None, never zero."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 40)
        super().__init__(**options)
        self.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        text = unicodedata.normalize("NFKC", str(value or ""))
        text = text.replace(",", "").replace(" ", "").replace("\u2212", "-").replace("，", "")
        if not text:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise forms.ValidationError(
                _("“%(text)s” is not a number. Write digits, for example 118.6.") % {"text": value},
                code="not_a_number",
            )
        return number

    def validate(self, value: Any) -> None:
        if value is None and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """Lengths belong to the text, which was read already."""

    def prepare_value(self, value: Any) -> Any:
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def style(form: forms.BaseForm) -> None:
    """The look of the house for every field, and the link from a field to its error."""
    for name, field in form.fields.items():
        widget = field.widget
        if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.HiddenInput):
            continue
        kind = "form-select" if isinstance(widget, forms.Select) else "form-control"
        widget.attrs.setdefault("class", kind)
        if name in form.errors:
            widget.attrs["aria-invalid"] = "true"
            widget.attrs["aria-describedby"] = f"error-{form.add_prefix(name)}"


def show_problems(form: forms.BaseForm, error: InvalidInput, *, prefix: str = "") -> None:
    """Put each problem beside its field; what fits no field goes above the form."""
    problems = error.problems or ()
    for problem in problems:
        name = problem.field.removeprefix(prefix)
        form.add_error(name if name in form.fields else None, problem.message)
    if not problems:
        form.add_error(None, str(error))


class RecordForm(forms.Form):
    """One figure of one series, already chosen."""

    period = forms.ChoiceField(label=gettext_lazy("Period"))
    value = FigureField(label=gettext_lazy("Value"), required=False)
    unit = forms.ChoiceField(label=gettext_lazy("Unit"))
    release = forms.ChoiceField(label=gettext_lazy("Release"), choices=Release.choices)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Needed when a final figure changes, falls or is withdrawn."),
    )
    withdraw = forms.BooleanField(
        label=gettext_lazy("Withdraw the figure of this period"), required=False
    )

    def __init__(
        self, *args: Any, periods: Sequence[tuple[str, str]], units: Sequence[str], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        _choices(self, "period", periods)
        _choices(self, "unit", [(name, name) for name in units])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("withdraw"):
            cleaned["value"] = None
        elif "value" in cleaned and cleaned["value"] is None and "value" not in self.errors:
            self.add_error(
                "value",
                _(
                    "Give the figure. An empty cell is not zero: write 0 where it is zero, or tick "
                    "“withdraw”."
                ),
            )
        return cleaned


class JudgeForm(forms.Form):
    """A person's own light and why."""

    light = forms.ChoiceField(
        label=gettext_lazy("Light"),
        widget=forms.RadioSelect,
        choices=Light.choices,
        error_messages={"required": gettext_lazy("Choose a light.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Give a reason: others will read it.")},
    )


class PathForm(forms.Form):
    """Shape, base and reason of a path; drawn points come beside it as `point-<period>`."""

    shape = forms.ChoiceField(
        label=gettext_lazy("Shape"), widget=forms.RadioSelect, choices=Shape.choices
    )
    base_period = forms.ChoiceField(label=gettext_lazy("Base period"))
    base_value = FigureField(
        label=gettext_lazy("Base value"),
        required=False,
        help_text=gettext_lazy("Empty: the recorded value at the end of the base period."),
    )
    even = forms.BooleanField(
        label=gettext_lazy("Spread each year evenly, although past years have a season"),
        required=False,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self, *args: Any, bases: Sequence[tuple[str, str]], flow: bool, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        _choices(self, "base_period", bases)
        if not flow:
            shapes = [choice for choice in Shape.choices if choice[0] != Shape.SEASONAL]
            _choices(self, "shape", shapes)
            del self.fields["even"]


class PointsForm(forms.Form):
    """One figure per period, in a table."""

    def __init__(
        self,
        *args: Any,
        points: Mapping[str, Decimal | None],
        required: bool = True,
        **options: Any,
    ) -> None:
        options["prefix"] = "point"
        super().__init__(*args, **options)
        for code, planned in points.items():
            self.fields[code] = FigureField(label=code, initial=planned, required=required)
            self.fields[code].widget.attrs["aria-label"] = code

    @property
    def changed_points(self) -> dict[str, Decimal]:
        """Only what was moved: an untouched point keeps all its decimals."""
        return {
            code: self.cleaned_data[code]
            for code in self.changed_data
            if self.cleaned_data.get(code) is not None
        }


class LinesForm(forms.Form):
    """One figure per zone, by the zone's code."""

    def __init__(
        self,
        *args: Any,
        zones: Iterable[tuple[str, str]],
        values: Mapping[str, Decimal | None],
        **options: Any,
    ) -> None:
        options["prefix"] = "line"
        super().__init__(*args, **options)
        for code, name in zones:
            self.fields[code] = FigureField(label=name, initial=values.get(code), required=False)
            self.fields[code].widget.attrs["aria-label"] = name

    @property
    def values(self) -> dict[str, Decimal | None]:
        return {code: self.cleaned_data.get(code) for code in self.fields}


class ReasonForm(forms.Form):
    """Why something is done; others will read it."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Give a reason: others will read it.")},
    )


class TargetForm(forms.Form):
    """What may be corrected in a statement, and whether it leads."""

    value = FigureField(label=gettext_lazy("Value"), required=False)
    base_year = forms.CharField(label=gettext_lazy("Base year"), required=False, max_length=7)
    base_value = FigureField(label=gettext_lazy("Base value"), required=False)
    is_leading = forms.BooleanField(
        label=gettext_lazy("It leads: the path goes to this level"), required=False
    )


class OpenForm(forms.Form):
    """What is shared out, from which base, by which method."""

    horizon = forms.ChoiceField(label=gettext_lazy("Horizon"))
    base_period = forms.ChoiceField(label=gettext_lazy("Base period"))
    method = forms.ChoiceField(
        label=gettext_lazy("Method"),
        widget=forms.RadioSelect,
        choices=[
            ("base", gettext_lazy("in proportion to the bases")),
            ("growth", gettext_lazy("one growth rate for all")),
            ("hand", gettext_lazy("by hand")),
        ],
        initial="base",
    )
    total = FigureField(
        label=gettext_lazy("Total to share out"),
        required=False,
        help_text=gettext_lazy("Empty: the agreed leading target of the horizon."),
    )

    def __init__(
        self, *args: Any, horizons: Sequence[str], bases: Sequence[str], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        _choices(self, "horizon", [(h, h) for h in horizons])
        _choices(self, "base_period", [(b, b) for b in bases])


class ProposalForm(forms.Form):
    """What a zone proposes for itself."""

    value = FigureField(label=gettext_lazy("Proposed share"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def _choices(form: forms.Form, name: str, choices: Sequence[tuple[str, StrOrPromise]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def units_for(own: str) -> list[str]:
    """The indicator's unit first, then those that can become it exactly."""
    try:
        dimension = unit(own).dimension
    except UnitError:
        return [own]
    return [own, *(n for n in known_units() if n != own and unit(n).dimension == dimension)]
