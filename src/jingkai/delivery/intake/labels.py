"""Words of the reader for people: kinds of targets, wordings, severities, operations."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_stubs_ext import StrOrPromise

from jingkai.delivery.policy.public import ResponsibilityRole, Wording

_WORDS: Final[dict[str, StrOrPromise]] = {
    "level": pgettext_lazy("target", "level"),
    "average_growth": _("average yearly growth"),
    "growth": _("growth in all"),
    "share": _("share of the city"),
    "floor": _("not below"),
    "cap": _("not above"),
    "relative_to_benchmark": _("relative to a benchmark"),
    "reduction": _("reduction against a base year"),
    "intensity_ratio": _("intensity"),
    "qualitative": _("qualitative"),
    "strive": _("strive for"),
    "about": _("about"),
    "at_least": _("at least"),
    "more_than": _("more than"),
    "at_most": _("at most"),
    "plain": _("plain"),
    **{str(value): label for value, label in Wording.choices},
    **{str(value): label for value, label in ResponsibilityRole.choices},
    "listed": _("listed as responsible"),
    "implements": _("implements everything"),
    "first_leads": _("the first named leads"),
    "high": pgettext_lazy("severity", "high"),
    "medium": pgettext_lazy("severity", "medium"),
    "low": pgettext_lazy("severity", "low"),
    "info": pgettext_lazy("severity", "note"),
}


def word_label(word: str) -> StrOrPromise:
    """A word of the reader for people; an unknown one stays as it is."""
    return _WORDS.get(str(word), str(word))


def kind_label(kind: str) -> StrOrPromise:
    """Kind of a thing that changed."""
    return {
        "target": _("target"),
        "task": _("key task"),
        "duty": _("duty"),
        "body": _("body"),
        "measure": _("measure"),
        "clause": _("clause with responsibility"),
    }.get(kind, kind)


def change_label(what: str) -> StrOrPromise:
    """What became of it."""
    return {
        "added": pgettext_lazy("change", "added"),
        "removed": pgettext_lazy("change", "removed"),
        "changed": pgettext_lazy("change", "changed"),
        "moved": pgettext_lazy("change", "moved"),
    }.get(what, what)


_FIELDS: Final[dict[str, StrOrPromise]] = {
    "value": _("value"),
    "high": _("upper value"),
    "unit": _("unit"),
    "year": _("due year"),
    "base_year": _("base year"),
    "modality": _("How binding"),
    "kind": _("kind"),
    "benchmark": _("measured against"),
    "number": _("number"),
    "group_title": _("group"),
    "goal": _("goal"),
    "deadline": _("deadline"),
    "measure": _("measure"),
    "body": _("body"),
    "role": pgettext_lazy("duty", "role"),
    "lead": _("Lead"),
}


def field_label(name: str) -> StrOrPromise:
    """A field that changed."""
    return _FIELDS.get(name, name)


def value_label(name: str, value: str) -> StrOrPromise:
    """What a field said; words of the reader in the language of people."""
    if name in ("modality", "kind"):
        return word_label(value)
    if name == "role":
        body, _gap, role = value.rpartition(" ")
        return f"{body} {word_label(role)}"
    return value
