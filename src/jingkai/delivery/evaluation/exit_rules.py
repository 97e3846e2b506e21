"""Warning and exit rules (警示、约谈、降级、退出) as data, and what follows from zones' places.

Pure: no database, no clock. A year that is not known never counts for or against a zone: a
finding is `APPLIES` or `CLEAR` only when no missing year could change it, else `UNKNOWN` with the
years that are missing. Both generations of the national method (2016 and 2021) can be written.

JSON form, one object a rule; keys that a kind does not use are left out:
`{"code", "name", "name_en", "kind", "bottom", "years", "within", "times", "by", "effect", "source",
"verified", "least_field"}`.

- `bottom_once`: among the last `bottom` in the latest year;
- `bottom_consecutive`: among the last `bottom` in each of the last `years` years;
- `bottom_times`: among the last `bottom` at least `times` times in the last `within` years; the
  finding carries the mean score of those years, by which the 2021 method orders the candidates;
- `average_bottom`: the mean score of the last `years` years is among the `bottom` lowest.

`by` says in which field places are counted; `least_field` is the smallest field the rule is meant
for (a rule about 230 zones says nothing about a ranking of 15).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise


class RuleKind(StrEnum):
    ONCE = "bottom_once"
    CONSECUTIVE = "bottom_consecutive"
    TIMES = "bottom_times"
    AVERAGE = "average_bottom"


class By(StrEnum):
    """The field in which places are counted."""

    ALL = "all"
    GROUP = "group"
    REGION = "region"


class Effect(StrEnum):
    EXIT = "exit"
    DOWNGRADE = "downgrade"
    TALK = "talk"


class Outcome(StrEnum):
    APPLIES = "applies"
    NEAR = "near"
    CLEAR = "clear"
    UNKNOWN = "unknown"


class Gap(StrEnum):
    """Why a year says nothing under a rule."""

    NO_RESULT = "no_result"
    NO_PLACE = "no_place"
    NO_SCORE = "no_score"
    SMALL_FIELD = "small_field"
    OTHER_SCORES = "other_scores"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `span` years are looked at, `needed` of them must be among the last `bottom`."""

    code: str
    name: str
    kind: RuleKind
    bottom: int
    effect: Effect
    source: str
    name_en: str = ""
    years: int | None = None
    within: int | None = None
    times: int | None = None
    by: By = By.ALL
    least_field: int | None = None
    verified: bool = False

    @property
    def span(self) -> int:
        return (self.within if self.kind == RuleKind.TIMES else self.years) or 1

    @property
    def needed(self) -> int:
        return (self.times if self.kind == RuleKind.TIMES else self.years) or 1

    @property
    def field_from(self) -> int:
        """Smallest field in which a place means anything: never one that is all bottom."""
        return max(self.least_field or 0, self.bottom + 1)

    def as_data(self) -> dict[str, Any]:
        """The JSON form; `parse_rules` reads it back to an equal rule."""
        optional = {k: getattr(self, k) for k in ("years", "within", "times", "least_field")}
        return {
            "code": self.code,
            "name": self.name,
            "name_en": self.name_en,
            "kind": self.kind.value,
            "bottom": self.bottom,
            **{key: value for key, value in optional.items() if value is not None},
            "by": self.by.value,
            "effect": self.effect.value,
            "source": self.source,
            "verified": self.verified,
        }


@dataclass(frozen=True, slots=True)
class Place:
    """1 = last of `field` zones."""

    from_bottom: int
    field: int


@dataclass(frozen=True, slots=True)
class Standing:
    """One zone in one data year. `peers` names its field per way of counting ("" = not known)."""

    zone: str
    year: int
    score: Decimal | None = None
    places: Mapping[By, Place] = field(default_factory=dict)
    peers: Mapping[By, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of one zone at the end of `until`.

    `years`: the years that count (among the last `bottom`, or averaged), ascending. `missing`:
    years without which no more can be said, with why. `average`: mean score of `years`, where all
    are known.
    """

    rule: Rule
    zone: str
    until: int
    outcome: Outcome
    years: tuple[int, ...] = ()
    missing: tuple[tuple[int, Gap], ...] = ()
    average: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """Something wrong in the JSON form; `place` is a path such as `exit_rules[1].bottom`."""

    place: str
    message: StrOrPromise

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class ExitRuleError(ValueError):
    """Rules that cannot be read; `problems` names every place."""

    def __init__(self, problems: Sequence[RuleProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in problems))


_TEXTS: Final = {"code": True, "name": True, "name_en": False, "source": True}
_NUMBERS: Final = ("bottom", "years", "within", "times", "least_field")
_NEEDS: Final[Mapping[RuleKind, frozenset[str]]] = {
    RuleKind.ONCE: frozenset({"bottom"}),
    RuleKind.CONSECUTIVE: frozenset({"bottom", "years"}),
    RuleKind.TIMES: frozenset({"bottom", "within", "times"}),
    RuleKind.AVERAGE: frozenset({"bottom", "years"}),
}
_KEYS: Final = frozenset({*_TEXTS, *_NUMBERS, "kind", "by", "effect", "verified"})


def parse_rules(data: Any, *, place: str = "exit_rules") -> tuple[Rule, ...]:
    """Rules from their JSON form. Raises ExitRuleError with every problem and its place.

    >>> parse_rules([{"code": "t", "name": "约谈", "kind": "bottom_once", "bottom": 10,
    ...               "effect": "talk", "source": "S2"}])[0].span
    1
    """
    if not isinstance(data, list | tuple):
        raise ExitRuleError([RuleProblem(place, _("a list of rules is expected"))])
    problems: list[RuleProblem] = []
    rules: list[Rule] = []
    seen: set[str] = set()
    for index, given in enumerate(data):
        here = f"{place}[{index}]"
        if not isinstance(given, Mapping):
            problems.append(RuleProblem(here, _("an object is expected")))
            continue
        found = [RuleProblem(f"{here}.{key}", text) for key, text in _problems_of(given)]
        code = given.get("code")
        if isinstance(code, str) and code in seen:
            found.append(RuleProblem(f"{here}.code", _("this code is used twice")))
        seen.add(str(code))
        problems += found
        if not found:
            rules.append(_rule(given))
    if problems:
        raise ExitRuleError(problems)
    return tuple(rules)


def findings(
    rules: Iterable[Rule], standings: Iterable[Standing], *, until: int | None = None
) -> list[Finding]:
    """What every rule says of every zone at the end of the year `until` (default: the latest).

    Zones keep the order in which they first appear; within a zone, rules keep theirs.
    Two standings of one zone and year: the later one counts.
    """
    known: dict[str, dict[int, Standing]] = {}
    for standing in standings:
        known.setdefault(standing.zone, {})[standing.year] = standing
    if not known:
        return []
    end = until if until is not None else max(year for years in known.values() for year in years)
    ordered = list(rules)
    return [
        _averaged(rule, zone, known, end)
        if rule.kind == RuleKind.AVERAGE
        else _counted(rule, zone, known[zone], end)
        for zone in known
        for rule in ordered
    ]


def warnings(
    rules: Iterable[Rule], standings: Iterable[Standing], *, until: int | None = None
) -> list[Finding]:
    """Only what applies: each with the rule, the years it rests on and their mean score."""
    return [f for f in findings(rules, standings, until=until) if f.outcome == Outcome.APPLIES]


def _counted(rule: Rule, zone: str, known: Mapping[int, Standing], end: int) -> Finding:
    hits, missing = _look(rule, known, range(end - rule.span + 1, end + 1))
    if len(hits) >= rule.needed:
        scores = [known[year].score for year in hits]
        return Finding(rule, zone, end, Outcome.APPLIES, hits, missing, _mean(scores))
    if len(hits) + len(missing) >= rule.needed:
        return Finding(rule, zone, end, Outcome.UNKNOWN, hits, missing)
    # Next year's window: would one more time be enough?
    coming, _gaps = _look(rule, known, range(end - rule.span + 2, end + 1))
    near = rule.span > 1 and len(coming) + 1 >= rule.needed and bool(coming)
    outcome = Outcome.NEAR if near else Outcome.CLEAR
    return Finding(rule, zone, end, outcome, coming if near else hits, missing)


def _look(
    rule: Rule, known: Mapping[int, Standing], years: range
) -> tuple[tuple[int, ...], tuple[tuple[int, Gap], ...]]:
    hits: list[int] = []
    missing: list[tuple[int, Gap]] = []
    for year in years:
        standing = known.get(year)
        place = standing.places.get(rule.by) if standing else None
        if standing is None:
            missing.append((year, Gap.NO_RESULT))
        elif place is None:
            missing.append((year, Gap.NO_PLACE))
        elif place.field < rule.field_from:
            missing.append((year, Gap.SMALL_FIELD))
        elif place.from_bottom <= rule.bottom:
            hits.append(year)
    return tuple(hits), tuple(missing)


def _averaged(
    rule: Rule, zone: str, known: Mapping[str, Mapping[int, Standing]], end: int
) -> Finding:
    years = range(end - rule.span + 1, end + 1)
    own = known[zone]
    missing = tuple(
        (year, Gap.NO_RESULT if year not in own else Gap.NO_SCORE)
        for year in years
        if year not in own or own[year].score is None
    )
    if missing:
        return Finding(rule, zone, end, Outcome.UNKNOWN, (), missing)
    peers = own[end].peers.get(rule.by, "")
    averages: dict[str, Decimal] = {}
    for other, standings in known.items():
        latest = standings.get(end)
        if latest is None or latest.peers.get(rule.by, "") != peers:
            continue
        mean = _mean([standings[y].score if y in standings else None for y in years])
        if mean is not None:
            averages[other] = mean
    mine = averages[zone]
    below = sum(mean < mine for mean in averages.values())
    place = own[end].places.get(rule.by)
    size = place.field if place else len(averages)
    used = tuple(years)
    if size < rule.field_from:
        return Finding(rule, zone, end, Outcome.UNKNOWN, used, ((end, Gap.SMALL_FIELD),), mine)
    if below >= rule.bottom:
        return Finding(rule, zone, end, Outcome.CLEAR, used, (), mine)
    # A zone whose scores are not known could lie below.
    if below + size - len(averages) >= rule.bottom:
        return Finding(rule, zone, end, Outcome.UNKNOWN, used, ((end, Gap.OTHER_SCORES),), mine)
    return Finding(rule, zone, end, Outcome.APPLIES, used, (), mine)


def _mean(scores: Sequence[Decimal | None]) -> Decimal | None:
    known = [score for score in scores if score is not None]
    if not known or len(known) < len(scores):
        return None
    return sum(known, Decimal(0)) / len(known)


def _rule(given: Mapping[str, Any]) -> Rule:
    return Rule(
        **{
            **given,
            "kind": RuleKind(given["kind"]),
            "by": By(given.get("by", By.ALL)),
            "effect": Effect(given["effect"]),
        }
    )


def _problems_of(given: Mapping[str, Any]) -> Iterable[tuple[str, StrOrPromise]]:
    for key in given:
        if key not in _KEYS:
            yield key, _("this key is not known")
    for key, needed in _TEXTS.items():
        text = given.get(key, "")
        if not isinstance(text, str):
            yield key, _("a text is expected")
        elif needed and not text.strip():
            yield key, _("is missing")
    for key, words in (("kind", RuleKind), ("by", By), ("effect", Effect)):
        word = given.get(key, By.ALL if key == "by" else "")
        if word not in list(words):
            allowed = ", ".join(words)
            yield key, _("must be one of: %(words)s") % {"words": allowed}
    if not isinstance(given.get("verified", False), bool):
        yield "verified", _("true or false is expected")
    yield from _number_problems(given)


def _number_problems(given: Mapping[str, Any]) -> Iterable[tuple[str, StrOrPromise]]:
    kind = given.get("kind")
    needs = _NEEDS[RuleKind(kind)] if kind in list(RuleKind) else frozenset()
    sound = True
    for key in _NUMBERS:
        number = given.get(key)
        if number is None:
            if key in needs:
                sound = False
                yield key, _("is missing")
        elif isinstance(number, bool) or not isinstance(number, int) or number < 1:
            sound = False
            yield key, _("a whole number above zero is expected")
        elif needs and key not in needs and key != "least_field":
            yield key, _("this kind of rule does not use it")
    if not sound:
        return
    if kind == RuleKind.TIMES and given["times"] > given["within"]:
        yield "times", _("cannot happen: more times than years")
    if kind == RuleKind.CONSECUTIVE and given["years"] < 2:  # a single year is bottom_once
        yield "years", _("consecutive years are two or more")
