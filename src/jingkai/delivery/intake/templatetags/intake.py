"""Words of documents in templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from jingkai.delivery.policy.public import place_label

from ..correcting import bodies_text
from ..labels import change_label, field_label, kind_label, value_label, word_label
from ..models import ItemKind, SourceItem
from ..sums import sum_of as sum_for_people
from ..texts import finding_text

register = template.Library()
register.filter("word", word_label)
register.filter("change", change_label)
register.filter("kind_word", kind_label)
register.filter("field_word", field_label)
register.filter("place", place_label)
_TONES = {"pending": "", "accepted": "good", "corrected": "accent", "merged": "good"}
_CHANGES = {"added": "good", "removed": "bad", "changed": "warn", "moved": "accent"}
_SEVERITIES = {"high": "bad", "medium": "warn", "low": "accent"}


@register.filter
def state_tone(state: str) -> str:
    """Tone of an item's state."""
    return _TONES.get(state, "bad")


@register.filter
def version_tone(state: str) -> str:
    """Tone of a version's state."""
    return {"review": "accent", "published": "good", "unreadable": "bad"}.get(state, "")


@register.simple_tag
def decided_of(counts: Sequence[Any]) -> tuple[int, int]:
    """How many things are decided, of how many."""
    return sum(count.decided for count in counts), sum(count.total for count in counts)


@register.filter
def change_tone(what: str) -> str:
    return _CHANGES.get(what, "")


@register.filter
def severity_tone(severity: str) -> str:
    return _SEVERITIES.get(severity, "")


@register.simple_tag
def field_value(name: str, value: str) -> Any:
    """What a field said before or after."""
    return value_label(name, value) or "—"


@register.filter
def said(item: SourceItem) -> str:
    """The title of a thing; of a question, its sentence."""
    if item.kind == ItemKind.FINDING:
        return finding_text(str(item.read["kind"]), item.read["params"])
    return str(item.data.get("title") or item.data.get("name") or item.title)


@register.simple_tag
def sum_of(step: Mapping[str, Any]) -> SafeString:
    """One step of a finding's arithmetic: what it is, the numbers put in, the result."""
    said = sum_for_people(step)
    if not said.expression:
        return format_html("{} <b>{}</b>", said.words, said.result)
    return format_html("{} {} = <b>{}</b>", said.words, said.expression, said.result)


@register.simple_tag
def facts(item: SourceItem) -> SafeString:
    """What counts of a thing, as definition list; what a person corrected is marked."""
    rows = [
        (label, value, format_html(' <span class="small muted">({})</span>', before))
        if before
        else (label, value, "")
        for label, value, before in _facts(item)
        if value not in ("", None)
    ]
    return format_html(
        '<dl class="facts">{}</dl>', format_html_join("", "<dt>{}</dt><dd>{}{}</dd>", rows)
    )


def _facts(item: SourceItem) -> Sequence[tuple[Any, Any, str]]:
    data: dict[str, Any] = {**item.data}
    read = item.read

    def was(name: str) -> str:
        if name not in item.corrected:
            return ""
        value = read.get(name)
        shown = bodies_text(value).replace("\n", "、") if isinstance(value, list) else value
        return _("read: %(value)s") % {"value": shown if shown not in ("", None) else "—"}

    match item.kind:
        case ItemKind.TARGET:
            value = "" if data.get("value") is None else f"{data['value']}{data['unit']}"
            if data.get("high"):
                value = f"{data['value']}–{data['high']}{data['unit']}"
            if not value and data.get("benchmark"):
                value = f"{word_label(data['kind'])} {data['benchmark']}"
            year = data.get("year") or ""
            if year and not data.get("year_stated", True):
                year = _("%(year)s (not stated, taken from the surroundings)") % {"year": year}
            return [
                (_("indicator"), data["indicator"], was("indicator")),
                (_("value"), value, was("value") or was("unit")),
                (_("due year"), year, was("year")),
                (_("kind"), word_label(data["kind"]), was("kind")),
                (_("How binding"), word_label(data["modality"]), was("modality")),
                (_("base year"), data.get("base_year") or "", was("base_year")),
                (_("place"), place_label(str(data.get("place") or "")), ""),
            ]
        case ItemKind.CLAUSE | ItemKind.TASK:
            bodies = bodies_text(data["bodies"]).replace("\n", "、")
            return [
                (_("responsible bodies"), bodies, was("bodies")),
                (_("wording"), word_label(data.get("wording", "")), was("wording")),
                (_("goal"), data.get("goal", ""), was("goal")),
                (_("deadline"), data.get("deadline", ""), ""),
            ]
        case ItemKind.BODY:
            others = "、".join(name for name in data.get("aliases", ()) if name != data["name"])
            return [
                (_("also written"), others, ""),
                (_("named"), _("%(n)d times") % {"n": data.get("count", 1)}, ""),
            ]
        case ItemKind.MEASURE:
            return [
                (_("number"), data.get("printed", ""), ""),
                (_("Part"), data.get("part", ""), ""),
            ]
        case ItemKind.STANDING:
            names = [b if isinstance(b, str) else b["name"] for b in data.get("bodies", ())]
            return [(_("responsible bodies"), "、".join(names), was("bodies"))]
    return []
