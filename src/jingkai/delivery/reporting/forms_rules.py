"""The form of a rule: one field per parameter of its kind, examples as readable text."""

from __future__ import annotations

from typing import Any

import yaml
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jingkai.delivery.indicators.public import Indicator
from jingkai.engine.validation import PARAMETERS, Form, Kind, Parameter

from .models import Confidence, Level, ValidationRule
from .rule_words import CHOICES, LABELS
from .services import RuleDraft

PREFIX = "p_"
_YES_NO = (("true", gettext_lazy("yes")), ("false", gettext_lazy("no")))


class RuleForm(forms.Form):
    """Everything an edition says; `kind` decides which parameters there are."""

    level = forms.ChoiceField(label=gettext_lazy("level"), choices=Level)
    title = forms.CharField(label=gettext_lazy("what it checks"), max_length=120)
    title_en = forms.CharField(
        label=gettext_lazy("what it checks, in English"), max_length=200, required=False
    )
    advice = forms.CharField(label=gettext_lazy("what to do"), max_length=300, required=False)
    advice_en = forms.CharField(
        label=gettext_lazy("what to do, in English"), max_length=300, required=False
    )
    indicators = forms.MultipleChoiceField(
        label=gettext_lazy("indicators"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: every indicator this kind fits."),
    )
    confidence = forms.ChoiceField(label=gettext_lazy("confidence"), choices=Confidence)
    source = forms.CharField(label=gettext_lazy("source"), max_length=300, required=False)
    examples = forms.CharField(
        label=gettext_lazy("examples"), widget=forms.Textarea(attrs={"rows": 16})
    )
    reason = forms.CharField(
        label=gettext_lazy("what changed and why"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, kind: Kind, is_new: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.kind = kind
        if is_new:
            code = forms.RegexField(
                label=gettext_lazy("code"),
                regex=r"^[a-z][a-z0-9_]{2,59}$",
                max_length=60,
                error_messages={
                    "invalid": _("A code has 3 to 60 small letters, digits and _, a letter first.")
                },
            )
            self.fields = {"code": code, **self.fields}
        chosen = self.fields["indicators"]
        assert isinstance(chosen, forms.MultipleChoiceField)
        chosen.choices = [(row.code, f"{row.name} {row.code}") for row in Indicator.objects.all()]
        for parameter in PARAMETERS[kind]:
            self.fields[f"{PREFIX}{parameter.name}"] = _field(parameter)
        for field in self.fields.values():
            if isinstance(field.widget, forms.CheckboxSelectMultiple):
                continue
            select = isinstance(field.widget, forms.Select)
            field.widget.attrs["class"] = "form-select" if select else "form-control"
        self.fields["examples"].widget.attrs["class"] += " mono"
        self.fields["examples"].widget.attrs["spellcheck"] = "false"

    @property
    def parameter_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(PREFIX)]

    @property
    def other_fields(self) -> list[forms.BoundField]:
        aside = ("examples", "reason")
        return [
            self[name] for name in self.fields if not name.startswith(PREFIX) and name not in aside
        ]

    def clean_examples(self) -> list[dict[str, Any]]:
        text = self.cleaned_data["examples"]
        try:
            found = yaml.safe_load(text)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            raise forms.ValidationError(
                _("Line %(line)s cannot be read: look for a missing quote, bracket or colon.")
                % {"line": line},
                code="yaml",
            ) from error
        except yaml.YAMLError as error:
            raise forms.ValidationError(_("This text cannot be read."), code="yaml") from error
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise forms.ValidationError(
                _("Write a list of examples, each with name, expect and given."), code="list"
            )
        examples: list[dict[str, Any]] = _plain(found)
        return examples

    def draft(self, *, position: int = 0) -> RuleDraft:
        """What was typed, as a draft. Only for a valid form."""
        data = self.cleaned_data
        parameters = {}
        for parameter in PARAMETERS[self.kind]:
            raw = data[f"{PREFIX}{parameter.name}"]
            if raw not in ("", None):
                parameters[parameter.name] = _typed(parameter, raw)
        return RuleDraft(
            kind=self.kind,
            level=data["level"],
            title=data["title"],
            title_en=data["title_en"],
            advice=data["advice"],
            advice_en=data["advice_en"],
            indicators=data["indicators"],
            parameters=parameters,
            examples=data["examples"],
            confidence=data["confidence"],
            source=data["source"],
            position=position,
        )


def _field(parameter: Parameter) -> forms.Field:
    label = str(LABELS[parameter.name])
    choices: list[tuple[str, Any]] = []
    if parameter.form is Form.FLAG:
        choices = list(_YES_NO)
    elif parameter.form is Form.CHOICE:
        choices = [(each, CHOICES.get(each, each)) for each in parameter.choices]
    if choices:
        empty = [] if parameter.required else [("", _("as usual"))]
        return forms.ChoiceField(
            label=label, choices=[*empty, *choices], required=parameter.required
        )
    hint = "" if parameter.default is None else _("usually %(value)s")
    return forms.CharField(
        label=label,
        max_length=200,
        required=parameter.required,
        help_text=hint % {"value": _written(parameter.default)} if hint else "",
    )


def _typed(parameter: Parameter, raw: str) -> Any:
    """What was typed, in the form the engine reads; what cannot be read is left for its errors."""
    match parameter.form:
        case Form.FLAG:
            return raw == "true"
        case Form.CODES | Form.NUMBERS:
            return [each for each in raw.replace("，", " ").replace("、", " ").split() if each]
        case Form.NUMBER | Form.INTEGER:
            text = raw.strip()
            return int(text) if text.lstrip("-").isascii() and text.lstrip("-").isdigit() else text
        case _:
            return raw.strip()


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def _plain(value: Any) -> Any:
    """Values of YAML as JSON keeps them; a number with decimals by its own digits."""
    match value:
        case dict():
            return {str(name): _plain(each) for name, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case bool() | int() | None:
            return value
        case _:
            return str(value)


def initial_of(row: ValidationRule) -> dict[str, Any]:
    """An edition as the form shows it."""
    fields = ("level", "title", "title_en", "advice", "advice_en", "indicators", "confidence")
    return {
        **{name: getattr(row, name) for name in (*fields, "source")},
        **{f"{PREFIX}{name}": _written(value) for name, value in row.parameters.items()},
        "examples": yaml.safe_dump(
            [_ordered(example) for example in row.examples],
            allow_unicode=True,
            sort_keys=False,
            default_flow_style=None,
            width=90,
        ),
    }


_ORDER = ("name", "expect", "given", "period", "scope", "indicators", "cells")


def _ordered(value: Any) -> Any:
    """Keys in the order people read them: the database does not keep one."""
    if not isinstance(value, dict):
        return value
    last = len(_ORDER)
    keys = sorted(value, key=lambda key: (_ORDER.index(key) if key in _ORDER else last, key))
    return {key: _ordered(value[key]) for key in keys}


EMPTY_EXAMPLES = """\
- name: 应当通过
  expect: pass
  given: {period: 2026-09, cells: {FAI: 60}}
- name: 应当提示
  expect: alarm
  given: {period: 2026-09, cells: {FAI: -1}}
"""
