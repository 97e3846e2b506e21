"""The web's sentences about a document: findings and refusals, the console's own words.

Codes and parameters are stored, sentences are made when shown, in the reader's language. The words
are those of `jingkai policy parse`; a test holds the two tables together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

_FINDINGS: Final[Mapping[str, StrOrPromise]] = {
    "structure_unknown": _(
        "The structure is not recognised: no numbered measures were found. Check the headings."
    ),
    "document_number_missing": _("No document number is printed."),
    "title_missing": _("No title was found."),
    "no_responsibility": _("None of the %(measures)s measures names a responsible body."),
    "table_row_unclear": _(
        "%(cells)s cells of a table could not be assigned to their columns. Read them by hand."
    ),
    "heading_without_number": _(
        "The heading “%(title)s” lacks its number; the next one is %(next)s"
    ),
    "numbering_gap": _("Numbering %(form)s jumps from %(before)s to %(number)s."),
    "numbering_repeated": _("Number %(number)s is used twice (%(form)s)."),
    "radical_characters": _(
        "%(count)s characters are look-alike radicals (%(codes)s); "
        "searching for the word misses them."
    ),
    "bracket_not_closed": _("A responsibility bracket is not closed."),
    "single_body_divided": _(
        "“By division of duties”, but only %(body)s is named. Is another body missing?"
    ),
    "standing_rule": _("Said once, binds everything after it: %(rule)s"),
    "no_lead_named": _("None of %(brackets)s responsibility brackets names a lead."),
    "brackets_without_lead": _("%(brackets)s of %(of)s brackets name several bodies and no lead."),
    "name_misprint": _("“%(name)s” is a known misprint of %(suggestions)s."),
    "body_unknown": _("The body “%(name)s” is not known. Which one is meant? (%(suggestions)s)"),
    "name_possible_misprint": _("“%(name)s” may be a misprint of %(suggestions)s. Ask the author."),
    "name_variants": _("%(body)s is written in several ways: %(names)s."),
    "clause_without_body": _("%(clauses)s stretches of measures have no responsible body."),
    "task_without_body": _("%(tasks)s tasks have no responsible body: %(numbers)s."),
    "body_without_task": _("%(count)s bodies answer for clauses but for no key task: %(bodies)s."),
    "task_without_clause": _("Task %(task)s has no counterpart in the text."),
    "task_text_differs": _("Task %(task)s says something else than its clause."),
    "task_body_without_bracket": _(
        "Task %(task)s names %(in_task)s; the text has no bracket there."
    ),
    "task_bodies_differ": _(
        "Task %(task)s and its clause name different bodies: missing %(missing)s, added %(added)s."
    ),
    "group_repeated": _("Group %(group)s “%(title)s” is headed again before task %(task)s."),
    "scope_differs": _("The text speaks of %(text)s, the annex of %(annex)s."),
    "year_unstated": _("%(count)s statements give no year: %(indicators)s."),
    "two_values": _("%(indicator)s %(year)s is given two values: %(values)s."),
    "two_measures": _(
        "%(indicator)s %(year)s is bound in two ways that need not agree: %(values)s."
    ),
    "bases_disagree": _(
        "%(indicator)s: levels and growth rates (%(values)s) imply different values for %(base)s: "
        "%(first)s and %(second)s."
    ),
    "parts_disagree": _("%(indicator)s %(year)s: part, share and whole do not fit (%(values)s)."),
    "one_value_two_years": _(
        "%(indicator)s: the same %(value)s is due in several years: %(years)s."
    ),
    "modality_differs": _(
        "%(indicator)s %(value)s is worded differently in different places: %(modalities)s."
    ),
    "base_unstated": _("%(indicator)s: the base of the rate %(rates)s is not stated."),
    "implied_whole": _(
        "%(indicator)s %(year)s: level and share imply a total (%(of)s) of %(results)s."
    ),
    "implied_pace": _(
        "%(indicator)s: from %(from)s to %(to)s it would grow by %(rate)s %% a year."
    ),
    "implied_denominator": _(
        "%(indicator)s: %(numerator)s at %(ratio)s imply %(result)s %(unit)s. Is that so?"
    ),
    "unit_missing": _("A row of the table has no unit: %(indicators)s."),
    "missing_in_annex": _("%(count)s targets of the text are not in the annex: %(indicators)s."),
    "missing_in_text": _("%(count)s targets of the annex are not in the text: %(indicators)s."),
    "promise_without_indicator": _("%(count)s goals cannot be measured as worded: %(goals)s."),
    "year_past": _("%(count)s targets were due before %(now)s (%(years)s)."),
}
_REFUSALS: Final[Mapping[str, StrOrPromise]] = {
    "too-large": _("The file is too large to be read (limit %(limit)s)."),
    "empty": _("The file holds no text."),
    "encrypted": _("The file is protected by a password. Save it without one and try again."),
    "damaged": _("The file is damaged and cannot be read."),
    "zip-bomb": _("The file unpacks to far more than it weighs and is refused."),
    "old-format": _(
        "This kind of file cannot be read. Save it as .docx, .txt, .html or a PDF with text."
    ),
    "scanned": _(
        "The PDF holds pictures of pages (%(pages)s), no text. Run a text recognition first, "
        "or use the Word file."
    ),
    "not-chinese": _("The text is not Chinese; only Chinese policy documents can be read."),
    "not-text": _("The file is not a text, Word, HTML or PDF document."),
    "too-many-pages": _("The PDF has %(pages)s pages; the limit is %(limit)s."),
}
_MODALITIES: Final[Mapping[str, StrOrPromise]] = {
    "plain": _("a plain promise"),
    "strive": _("an aspiration"),
    "about": _("an approximation"),
    "at_least": _("a floor"),
    "more_than": _("more than"),
    "at_most": _("a ceiling"),
}
FINDING_KINDS: Final = frozenset(_FINDINGS)
REFUSALS: Final = frozenset(_REFUSALS)


def finding_text(kind: str, params: Mapping[str, Any]) -> str:
    """What a finding says, in the reader's language."""
    said = {name: "–" if value in (None, "") else value for name, value in params.items()}
    if "modalities" in said:
        wordings = str(said["modalities"]).split("、")
        said["modalities"] = "、".join(str(_MODALITIES.get(word, word)) for word in wordings)
    return str(_FINDINGS[kind]) % said if kind in _FINDINGS else kind


def refusal_text(code: str, params: Mapping[str, Any]) -> str:
    """Why a file cannot be read, in the reader's language."""
    said = {"limit": "–", "pages": "–", **params}
    return str(_REFUSALS[code]) % said if code in _REFUSALS else code
