"""The console's sentences about a policy document: one for each kind of finding and refusal."""

from __future__ import annotations

from typing import Final

from jingkai.core.documents import Unreadable
from jingkai.engine.policytext import Finding

from .texts import gettext as _


def gettext_noop(message: str) -> str:
    """Mark a text for translation where it is stored, not where it is shown."""
    return message


_FINDINGS: Final = {
    "structure_unknown": gettext_noop(
        "The structure is not recognised: no numbered measures were found. Check the headings."
    ),
    "document_number_missing": gettext_noop("No document number is printed."),
    "title_missing": gettext_noop("No title was found."),
    "no_responsibility": gettext_noop(
        "None of the %(measures)s measures names a responsible body."
    ),
    "table_row_unclear": gettext_noop(
        "%(cells)s cells of a table could not be assigned to their columns. Read them by hand."
    ),
    "heading_without_number": gettext_noop(
        "The heading “%(title)s” lacks its number; the next one is %(next)s"
    ),
    "numbering_gap": gettext_noop("Numbering %(form)s jumps from %(before)s to %(number)s."),
    "numbering_repeated": gettext_noop("Number %(number)s is used twice (%(form)s)."),
    "radical_characters": gettext_noop(
        "%(count)s characters are look-alike radicals (%(codes)s); "
        "searching for the word misses them."
    ),
    "bracket_not_closed": gettext_noop("A responsibility bracket is not closed."),
    "single_body_divided": gettext_noop(
        "“By division of duties”, but only %(body)s is named. Is another body missing?"
    ),
    "standing_rule": gettext_noop("Said once, binds everything after it: %(rule)s"),
    "no_lead_named": gettext_noop("None of %(brackets)s responsibility brackets names a lead."),
    "brackets_without_lead": gettext_noop(
        "%(brackets)s of %(of)s brackets name several bodies and no lead."
    ),
    "name_misprint": gettext_noop("“%(name)s” is a known misprint of %(suggestions)s."),
    "body_unknown": gettext_noop(
        "The body “%(name)s” is not known. Which one is meant? (%(suggestions)s)"
    ),
    "name_possible_misprint": gettext_noop(
        "“%(name)s” may be a misprint of %(suggestions)s. Ask the author."
    ),
    "name_variants": gettext_noop("%(body)s is written in several ways: %(names)s."),
    "clause_without_body": gettext_noop(
        "%(clauses)s stretches of measures have no responsible body."
    ),
    "task_without_body": gettext_noop("%(tasks)s tasks have no responsible body: %(numbers)s."),
    "body_without_task": gettext_noop(
        "%(count)s bodies answer for clauses but for no key task: %(bodies)s."
    ),
    "task_without_clause": gettext_noop("Task %(task)s has no counterpart in the text."),
    "task_text_differs": gettext_noop("Task %(task)s says something else than its clause."),
    "task_body_without_bracket": gettext_noop(
        "Task %(task)s names %(in_task)s; the text has no bracket there."
    ),
    "task_bodies_differ": gettext_noop(
        "Task %(task)s and its clause name different bodies: missing %(missing)s, added %(added)s."
    ),
    "group_repeated": gettext_noop(
        "Group %(group)s “%(title)s” is headed again before task %(task)s."
    ),
    "scope_differs": gettext_noop("The text speaks of %(text)s, the annex of %(annex)s."),
    "year_unstated": gettext_noop("%(count)s statements give no year: %(indicators)s."),
    "two_values": gettext_noop("%(indicator)s %(year)s is given two values: %(values)s."),
    "two_measures": gettext_noop(
        "%(indicator)s %(year)s is bound in two ways that need not agree: %(values)s."
    ),
    "bases_disagree": gettext_noop(
        "%(indicator)s: levels and growth rates (%(values)s) imply different values for %(base)s: "
        "%(first)s and %(second)s."
    ),
    "parts_disagree": gettext_noop(
        "%(indicator)s %(year)s: part, share and whole do not fit (%(values)s)."
    ),
    "one_value_two_years": gettext_noop(
        "%(indicator)s: the same %(value)s is due in several years: %(years)s."
    ),
    "modality_differs": gettext_noop(
        "%(indicator)s %(value)s is worded differently in different places: %(modalities)s."
    ),
    "base_unstated": gettext_noop("%(indicator)s: the base of the rate %(rates)s is not stated."),
    "implied_whole": gettext_noop(
        "%(indicator)s %(year)s: level and share imply a total (%(of)s) of %(results)s."
    ),
    "implied_pace": gettext_noop(
        "%(indicator)s: from %(from)s to %(to)s it would grow by %(rate)s %% a year."
    ),
    "implied_denominator": gettext_noop(
        "%(indicator)s: %(numerator)s at %(ratio)s imply %(result)s %(unit)s. Is that so?"
    ),
    "unit_missing": gettext_noop("A row of the table has no unit: %(indicators)s."),
    "missing_in_annex": gettext_noop(
        "%(count)s targets of the text are not in the annex: %(indicators)s."
    ),
    "missing_in_text": gettext_noop(
        "%(count)s targets of the annex are not in the text: %(indicators)s."
    ),
    "promise_without_indicator": gettext_noop(
        "%(count)s goals cannot be measured as worded: %(goals)s."
    ),
    "year_past": gettext_noop("%(count)s targets were due before %(now)s (%(years)s)."),
}
_REFUSALS: Final = {
    "too-large": gettext_noop("The file is too large to be read (limit %(limit)s)."),
    "empty": gettext_noop("The file holds no text."),
    "encrypted": gettext_noop(
        "The file is protected by a password. Save it without one and try again."
    ),
    "damaged": gettext_noop("The file is damaged and cannot be read."),
    "zip-bomb": gettext_noop("The file unpacks to far more than it weighs and is refused."),
    "old-format": gettext_noop(
        "This kind of file cannot be read. Save it as .docx, .txt, .html or a PDF with text."
    ),
    "scanned": gettext_noop(
        "The PDF holds pictures of pages (%(pages)s), no text. Run a text recognition first, "
        "or use the Word file."
    ),
    "not-chinese": gettext_noop(
        "The text is not Chinese; only Chinese policy documents can be read."
    ),
    "not-text": gettext_noop("The file is not a text, Word, HTML or PDF document."),
    "too-many-pages": gettext_noop("The PDF has %(pages)s pages; the limit is %(limit)s."),
}
_MODALITIES: Final = {
    "plain": gettext_noop("a plain promise"),
    "strive": gettext_noop("an aspiration"),
    "about": gettext_noop("an approximation"),
    "at_least": gettext_noop("a floor"),
    "more_than": gettext_noop("more than"),
    "at_most": gettext_noop("a ceiling"),
}
FINDING_KINDS: Final = frozenset(_FINDINGS)
REFUSALS: Final = frozenset(_REFUSALS)


def sentence(finding: Finding) -> str:
    """What a finding says, in the terminal's language."""
    params = {name: value or "–" for name, value in finding.params.items()}
    if "modalities" in params:
        wordings = str(params["modalities"]).split("、")
        params["modalities"] = "、".join(_(_MODALITIES[wording]) for wording in wordings)
    return _(_FINDINGS[finding.kind]) % params


def refusal(problem: Unreadable) -> str:
    """Why a file cannot be read, in the terminal's language."""
    params = {"limit": "–", "pages": "–", **problem.params}
    return _(_REFUSALS[problem.code]) % params
