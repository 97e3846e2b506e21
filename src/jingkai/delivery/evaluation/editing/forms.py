"""Forms of an edition: its settings and its method."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jingkai.engine.composite.method import Scale

from ..checking import SCALES
from ..drafting import EditionDraft, text_of
from ..method_words import AGGREGATIONS, CONSTANTS, IMPUTATIONS, VETO_EFFECTS
from ..method_words import SCALES as SCALE_WORDS
from ..models import GroupBy
from .rows import WITH_RANGE, plain_number
from .widgets import quick

HUNDRED: Final = Decimal(100)
SCALE_CHOICES: Final = [(str(s), SCALE_WORDS[s]) for s in SCALES]
RULE_CHOICES: Final = list(AGGREGATIONS.items())


class Styled(forms.Form):
    """Fields with the house's classes and stable ids."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            widget = field.widget = quick(field.widget)
            if isinstance(widget, forms.CheckboxInput | forms.CheckboxSelectMultiple):
                continue
            select = isinstance(widget, forms.Select)
            widget.attrs["class"] = "form-select" if select else "form-control"
            if isinstance(field, forms.DecimalField):
                widget.attrs["step"] = "any"


class SettingsForm(Styled):
    """Years, peer groups, coverage, source."""

    first_year = forms.IntegerField(
        label=gettext_lazy("from data year"), min_value=1990, max_value=2200
    )
    last_year = forms.IntegerField(
        label=gettext_lazy("to data year"),
        min_value=1990,
        max_value=2200,
        required=False,
        help_text=gettext_lazy("Empty: until the next edition."),
    )
    group_by = forms.ChoiceField(label=gettext_lazy("peer groups"), choices=GroupBy)
    min_group = forms.IntegerField(
        label=gettext_lazy("smallest group that is ranked"), min_value=2, max_value=1000
    )
    coverage = forms.DecimalField(
        label=gettext_lazy("least observed share of points (%)"), min_value=0, max_value=100
    )
    source = forms.CharField(label=gettext_lazy("source"), max_length=300, required=False)
    verified = forms.BooleanField(
        label=gettext_lazy("The document itself was seen"), required=False
    )
    reason = forms.CharField(
        label=gettext_lazy("what changed and why"), max_length=500, required=False
    )


class MethodForm(Styled):
    """How figures become scores, scores become one, and what is varied to see how firm a rank is.

    `levels` are those the tree computes; each may have an aggregation of its own.
    """

    scale = forms.ChoiceField(label=gettext_lazy("scale"), choices=SCALE_CHOICES)
    low = forms.DecimalField(label=gettext_lazy("worst score"), required=False)
    high = forms.DecimalField(label=gettext_lazy("best score"), required=False)
    mean = forms.DecimalField(label=gettext_lazy("mean"), required=False)
    deviation = forms.DecimalField(
        label=gettext_lazy("standard deviation"), required=False, min_value=Decimal("0.0001")
    )
    constant = forms.ChoiceField(
        label=gettext_lazy("where all zones have the same figure"), choices=CONSTANTS.items()
    )
    rule = forms.ChoiceField(label=gettext_lazy("aggregation"), choices=RULE_CHOICES)
    power = forms.DecimalField(label=gettext_lazy("power"), required=False)
    available = forms.DecimalField(
        label=gettext_lazy("least share of parts with a score (%)"),
        required=False,
        min_value=0,
        max_value=100,
    )
    impute = forms.ChoiceField(
        label=gettext_lazy("a missing figure is"), choices=IMPUTATIONS.items()
    )
    treat = forms.ChoiceField(
        label=gettext_lazy("outliers"),
        choices=[
            ("none", gettext_lazy("as they are")),
            ("winsorise_then_log", gettext_lazy("drawn in, then logarithms")),
        ],
    )
    winmax = forms.IntegerField(
        label=gettext_lazy("at most so many figures drawn in"),
        required=False,
        min_value=0,
        max_value=100,
    )
    bonus_cap = forms.DecimalField(
        label=gettext_lazy("bonus at most"), required=False, min_value=0, max_value=100
    )
    deduction_cap = forms.DecimalField(
        label=gettext_lazy("deduction at most"), required=False, min_value=0, max_value=100
    )
    veto_effect = forms.ChoiceField(label=gettext_lazy("a veto"), choices=VETO_EFFECTS.items())
    veto_cap = forms.DecimalField(
        label=gettext_lazy("highest score after a veto"),
        required=False,
        min_value=0,
        max_value=100,
    )
    vary_points = forms.DecimalField(
        label=gettext_lazy("points by ± (%)"), required=False, min_value=0, max_value=100
    )
    vary_scales = forms.MultipleChoiceField(
        label=gettext_lazy("other scales"),
        choices=[c for c in SCALE_CHOICES if c[0] != Scale.DISTANCE_TO_TARGET],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    vary_rules = forms.MultipleChoiceField(
        label=gettext_lazy("other aggregations"),
        choices=[c for c in RULE_CHOICES if c[0] != "generalised_mean"],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    vary_imputes = forms.MultipleChoiceField(
        label=gettext_lazy("other fillings of missing figures"),
        choices=IMPUTATIONS.items(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, levels: Sequence[int] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.levels = tuple(levels) if len(levels) > 1 else ()
        for level in self.levels:
            self.fields[f"level_{level}"] = forms.ChoiceField(
                label=_("on level %(level)s") % {"level": level},
                choices=[
                    ("", gettext_lazy("as above")),
                    *(c for c in RULE_CHOICES if c[0] != "generalised_mean"),
                ],
                required=False,
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    @property
    def level_fields(self) -> list[forms.BoundField]:
        return [self[f"level_{level}"] for level in self.levels]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        low, high = data.get("low"), data.get("high")
        if low is not None and high is not None and not low < high:
            self.add_error("high", _("The best score lies above the worst."))
        if data.get("rule") == "generalised_mean" and not data.get("power"):
            self.add_error("power", _("A power mean needs a power other than 0."))
        return data

    def method(self, before: Mapping[str, Any], group_by: str) -> dict[str, Any]:
        """The method in the engine's grammar; what the form does not show is kept of `before`."""
        data = self.cleaned_data
        method: dict[str, Any] = {"normalise": self._scale(before)}
        rule: dict[str, Any] = {"method": data["rule"]}
        if data["rule"] == "generalised_mean":
            rule["power"] = plain_number(data["power"])
        own = {level: data[f"level_{level}"] for level in self.levels if data[f"level_{level}"]}
        aggregate: dict[str, Any] = rule
        if own:
            aggregate = {
                "levels": {
                    str(n): {"method": own[n]} if n in own else dict(rule) for n in self.levels
                }
            }
        if data["available"]:
            aggregate["min_available"] = float(data["available"] / HUNDRED)
        method["aggregate"] = aggregate["method"] if set(aggregate) == {"method"} else aggregate
        if data["impute"] != "none":
            method["impute"] = _imputation(data["impute"])
        if data["treat"] != "none":
            kept = before.get("treat")
            treat = dict(kept) if isinstance(kept, Mapping) else {"method": data["treat"]}
            if data["winmax"] is not None:
                treat["winmax"] = data["winmax"]
            method["treat"] = treat
        if varied := self._varied(before, method["normalise"]):
            method["uncertainty"] = varied
        return method

    def _scale(self, before: Mapping[str, Any]) -> dict[str, Any]:
        data, kept = self.cleaned_data, before.get("normalise")
        name = data["scale"]
        same = isinstance(kept, Mapping) and kept.get("method") == name
        scale: dict[str, Any] = dict(kept) if same and isinstance(kept, Mapping) else {}
        scale["method"] = name
        if name in WITH_RANGE:
            low = Decimal(60 if name == "efficacy" else 0) if data["low"] is None else data["low"]
            high = HUNDRED if data["high"] is None else data["high"]
            scale["range"] = [plain_number(low), plain_number(high)]
        if name == "zscore":
            scale["mean"] = plain_number(data["mean"] or Decimal(0))
            scale["sd"] = plain_number(data["deviation"] or Decimal(1))
        if name not in ("rank", "borda"):
            scale["constant"] = data["constant"]
        return scale

    def _varied(self, before: Mapping[str, Any], scale: Mapping[str, Any]) -> dict[str, Any]:
        data, kept = self.cleaned_data, before.get("uncertainty") or {}
        varied: dict[str, Any] = {k: v for k, v in kept.items() if k in ("treat", "data")}
        if data["vary_points"]:
            varied["weights"] = {"noise": float(data["vary_points"] / HUNDRED)}
        if data["vary_scales"]:
            limits = scale.get("range")
            varied["normalise"] = [
                dict(scale) if name == scale["method"] else _other_scale(name, limits)
                for name in data["vary_scales"]
            ]
        if data["vary_rules"]:
            varied["aggregate"] = list(data["vary_rules"])
        if data["vary_imputes"]:
            varied["impute"] = [_imputation(name) for name in data["vary_imputes"]]
        return varied

    def adjust(self) -> dict[str, Any]:
        """Caps and the effect of a veto."""
        data = self.cleaned_data
        adjust: dict[str, Any] = {"veto_effect": data["veto_effect"]}
        for name in ("bonus_cap", "deduction_cap"):
            if data[name] is not None:
                adjust[name] = plain_number(data[name])
        if data["veto_effect"] == "cap":
            adjust["veto_cap"] = plain_number(data["veto_cap"] or Decimal(0))
        return adjust


def _imputation(name: str) -> Any:
    return {"method": name, "by": "group"} if name.startswith("group_") else name


def _other_scale(name: str, limits: Any) -> dict[str, Any]:
    """An alternative on the range of the edition's own scale, so that scores stay comparable."""
    scale: dict[str, Any] = {"method": name}
    if name in WITH_RANGE and limits:
        scale["range"] = list(limits)
    if name == "zscore":
        scale |= {"mean": 100, "sd": 10}
    if name not in ("rank", "borda"):
        scale["constant"] = "middle"
    return scale


def method_initial(edition: EditionDraft, levels: Sequence[int]) -> dict[str, Any]:
    """An edition as the form of its method shows it."""
    method, adjust = edition.method, edition.adjust
    scale = _mapping(method.get("normalise", "minmax"))
    rule = _mapping(method.get("aggregate", "arithmetic"))
    by_level = {str(k): _mapping(v)["method"] for k, v in (rule.get("levels") or {}).items()}
    vary = method.get("uncertainty") or {}
    low, high = scale.get("range", ("", ""))
    share = rule.get("min_available")
    treat = _mapping(method.get("treat") or "none")
    return {
        "scale": scale["method"],
        "low": low,
        "high": high,
        "mean": scale.get("mean"),
        "deviation": scale.get("sd"),
        "constant": scale.get("constant", "error"),
        "rule": rule.get("method") or by_level.get(str(max(levels, default=2)), "arithmetic"),
        "power": rule.get("power"),
        "available": None if not isinstance(share, int | float) else share * 100,
        "impute": _mapping(method.get("impute") or "none")["method"],
        "treat": treat.get("method", "winsorise_then_log"),
        "winmax": treat.get("winmax"),
        "bonus_cap": adjust.get("bonus_cap"),
        "deduction_cap": adjust.get("deduction_cap"),
        "veto_effect": adjust.get("veto_effect", "zero"),
        "veto_cap": adjust.get("veto_cap"),
        "vary_points": _percent(_mapping(vary.get("weights") or "").get("noise")),
        "vary_scales": [_mapping(each)["method"] for each in _listed(vary.get("normalise"))],
        "vary_rules": [_mapping(each).get("method") for each in _listed(vary.get("aggregate"))],
        "vary_imputes": [_mapping(each)["method"] for each in _listed(vary.get("impute"))],
        **{f"level_{level}": by_level.get(str(level), "") for level in levels},
    }


def settings_initial(edition: EditionDraft) -> dict[str, Any]:
    """An edition as the form of its settings shows it."""
    return {
        "first_year": edition.first_year,
        "last_year": edition.last_year,
        "group_by": edition.group_by,
        "min_group": edition.min_group,
        "coverage": text_of(edition.min_coverage * HUNDRED),
        "source": edition.source,
        "verified": edition.verified,
        "reason": edition.reason,
    }


def _mapping(entry: Any) -> dict[str, Any]:
    return dict(entry) if isinstance(entry, Mapping) else {"method": entry}


def _listed(entry: Any) -> list[Any]:
    if not entry:
        return []
    return list(entry) if isinstance(entry, list | tuple) else [entry]


def _percent(share: Any) -> Any:
    return None if share is None else f"{float(share) * 100:g}"


def method_kept(text: str) -> dict[str, Any]:
    """The method that came along hidden, {} when it was torn."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
