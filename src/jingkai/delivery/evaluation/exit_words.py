"""Findings of exit rules in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django_stubs_ext import StrOrPromise

from .exit_rules import By, Effect, Finding, Gap, Outcome, Rule, RuleKind

EFFECTS: Final[Mapping[str, StrOrPromise]] = {
    Effect.EXIT: pgettext_lazy("exit rule", "exit"),
    Effect.DOWNGRADE: pgettext_lazy("exit rule", "downgrade"),
    Effect.TALK: pgettext_lazy("exit rule", "official talk"),
}
OUTCOMES: Final[Mapping[str, StrOrPromise]] = {
    Outcome.APPLIES: pgettext_lazy("exit rule", "applies"),
    Outcome.NEAR: pgettext_lazy("exit rule", "near"),
    Outcome.CLEAR: pgettext_lazy("exit rule", "does not apply"),
    Outcome.UNKNOWN: pgettext_lazy("exit rule", "cannot be said"),
}
LIGHTS: Final[Mapping[str, str]] = {
    Outcome.APPLIES: "red",
    Outcome.NEAR: "yellow",
    Outcome.CLEAR: "green",
    Outcome.UNKNOWN: "grey",
}
FIELDS: Final[Mapping[str, StrOrPromise]] = {
    By.ALL: gettext_lazy("of all zones"),
    By.GROUP: gettext_lazy("of its own group"),
    By.REGION: gettext_lazy("of its own region"),
}


def rule_sentence(rule: Rule) -> str:
    """What the rule says, from its own numbers."""
    words = {
        RuleKind.ONCE: _("among the last %(bottom)d %(field)s in one year"),
        RuleKind.CONSECUTIVE: _(
            "among the last %(bottom)d %(field)s in %(years)d consecutive years"
        ),
        RuleKind.TIMES: _(
            "among the last %(bottom)d %(field)s %(times)d times within %(within)d years"
        ),
        RuleKind.AVERAGE: _("mean score of %(years)d years among the %(bottom)d lowest %(field)s"),
    }
    return words[rule.kind] % {
        "bottom": rule.bottom,
        "field": FIELDS[rule.by],
        "years": rule.years or 1,
        "times": rule.times or 1,
        "within": rule.within or 1,
    }


def finding_sentence(finding: Finding) -> str:
    """What the rule says of the zone, with the years it rests on."""
    years = "、".join(str(year) for year in finding.years)
    match finding.outcome:
        case Outcome.APPLIES:
            said = _("Applies: %(years)s.") % {"years": years}
            if finding.average is not None:
                said += " " + _("Mean score of these years: %(score)s.") % {
                    "score": f"{finding.average:.2f}"
                }
            return said
        case Outcome.NEAR:
            return _("Once more in %(next)d and it applies: %(years)s is counted already.") % {
                "next": finding.until + 1,
                "years": years,
            }
        case Outcome.CLEAR:
            return _("Does not apply at the end of %(year)d.") % {"year": finding.until}
    return _("Cannot be said: %(what)s.") % {"what": missing_words(finding)}


def missing_words(finding: Finding) -> str:
    """What is missing to say more, by year."""
    words = {
        Gap.NO_RESULT: _("no result"),
        Gap.NO_PLACE: _("no place in the field the rule is about"),
        Gap.NO_SCORE: _("no score"),
        Gap.SMALL_FIELD: _("the field is smaller than the rule is meant for"),
        Gap.OTHER_SCORES: _("the scores of the other zones are not known"),
    }
    by_gap: dict[Gap, list[str]] = {}
    for year, gap in finding.missing:
        by_gap.setdefault(gap, []).append(str(year))
    return "；".join(f"{'、'.join(years)} {words[gap]}" for gap, years in by_gap.items())
