"""What an effect says to people: questions in words, changes in order, words side by side."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

_KINDS: Final = {
    "two_values": gettext_noop("two values for one target"),
    "two_measures": gettext_noop("one target bound in two ways"),
    "one_value_two_years": gettext_noop("one value for several years"),
    "bases_disagree": gettext_noop("level and growth rate do not fit"),
    "parts_disagree": gettext_noop("part, share and whole do not fit"),
    "modality_differs": gettext_noop("worded differently in different places"),
    "base_unstated": gettext_noop("base of a rate not stated"),
    "year_unstated": gettext_noop("no year given"),
    "year_past": gettext_noop("year already past"),
    "unit_missing": gettext_noop("unit missing"),
    "implied_denominator": gettext_noop("what two figures imply"),
    "implied_whole": gettext_noop("what two figures imply"),
    "implied_pace": gettext_noop("what two figures imply"),
    "missing_in_annex": gettext_noop("in the text, not in the annex"),
    "missing_in_text": gettext_noop("in the annex, not in the text"),
    "promise_without_indicator": gettext_noop("goal that cannot be measured"),
    "no_lead_named": gettext_noop("no lead is named"),
    "brackets_without_lead": gettext_noop("several bodies and no lead"),
    "single_body_divided": gettext_noop("division of duties with one body only"),
    "clause_without_body": gettext_noop("clause without a responsible body"),
    "no_responsibility": gettext_noop("no responsible body at all"),
    "task_without_body": gettext_noop("task without a responsible body"),
    "body_without_task": gettext_noop("body without a key task"),
    "task_without_clause": gettext_noop("task without a clause"),
    "task_text_differs": gettext_noop("task and clause say different things"),
    "task_bodies_differ": gettext_noop("task and clause name different bodies"),
    "task_body_without_bracket": gettext_noop("task and clause name different bodies"),
    "body_unknown": gettext_noop("unknown body"),
    "name_misprint": gettext_noop("misprint of a name"),
    "name_possible_misprint": gettext_noop("possible misprint of a name"),
    "name_variants": gettext_noop("one body under several names"),
    "scope_differs": gettext_noop("text and annex speak of different areas"),
    "standing_rule": gettext_noop("rule that holds for everything after it"),
    "numbering_gap": gettext_noop("gap in the numbering"),
    "numbering_repeated": gettext_noop("number used twice"),
    "heading_without_number": gettext_noop("heading without its number"),
    "radical_characters": gettext_noop("look-alike characters"),
    "bracket_not_closed": gettext_noop("bracket not closed"),
    "group_repeated": gettext_noop("group headed twice"),
    "document_number_missing": gettext_noop("no document number"),
    "title_missing": gettext_noop("no title"),
    "structure_unknown": gettext_noop("structure not recognised"),
    "table_row_unclear": gettext_noop("table row not understood"),
}
_SHOWN: Final = (
    "indicator", "year", "value", "values", "years", "rates", "difference", "task", "in_task",
    "in_text", "missing", "added", "body", "bodies", "name", "names", "suggestions", "brackets",
    "clauses", "count", "indicators", "goals", "title", "text", "annex", "number", "numbers",
)  # fmt: skip
_PIECE: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?%?|[A-Za-z]+|\s+|.", re.DOTALL)


def kind_words(kind: str) -> str:
    """A kind of question in the reader's language; the kind itself when it is not known here."""
    return _(_KINDS[kind]) if kind in _KINDS else kind


def question_words(question: Mapping[str, Any]) -> dict[str, Any]:
    """A question of the reader for people: what it is about, what it is, its figures."""
    params = question["params"]
    facts = [str(params[name]) for name in _SHOWN if params.get(name) not in (None, "", "-")]
    return {
        "kind": kind_words(question["kind"]),
        "severity": question["severity"],
        "facts": " · ".join(facts),
        "quotes": question.get("quotes", ()),
    }


def effect_words(effect: Mapping[str, Any]) -> dict[str, Any]:
    """An effect (`effect.Effect.as_data`, or {}) ready to be shown."""
    if not effect or effect.get("empty"):
        return {"empty": True}
    labels = {
        "target": pgettext("effect", "target"),
        "task": pgettext("effect", "key task"),
        "duty": pgettext("effect", "responsibility"),
    }
    return {
        "empty": False,
        "changes": [{**c, "what": labels[c["what"]]} for c in effect["changes"]],
        "opened": [question_words(q) for q in effect["opened"]],
        "closed": [question_words(q) for q in effect["closed"]],
        "altered": [(question_words(a), question_words(b)) for a, b in effect["altered"]],
    }


def inline_diff(before: str, after: str) -> list[tuple[str, str]]:
    """`after` against `before` as pieces: ("same" | "gone" | "new", words). Figures stay whole."""
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    pieces: list[tuple[str, str]] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(("same", "".join(old[a:b])))
            continue
        if b > a:
            pieces.append(("gone", "".join(old[a:b])))
        if d > c:
            pieces.append(("new", "".join(new[c:d])))
    return pieces
