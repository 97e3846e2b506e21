"""Exit rules: the two national generations as worked examples, and laws."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jingkai.delivery.evaluation.exit_rules import (
    By,
    Effect,
    ExitRuleError,
    Gap,
    Outcome,
    Place,
    Rule,
    RuleKind,
    Standing,
    findings,
    parse_rules,
    warnings,
)

# The national method of 2016.
GENERATION_2016: list[dict[str, Any]] = [
    {
        "code": "exit-2016",
        "name": "连续两年排名最后5位退出",
        "kind": "bottom_consecutive",
        "bottom": 5,
        "years": 2,
        "effect": "exit",
        "source": "商资函〔2016〕192号",
        "least_field": 100,
    },
    {
        "code": "talk-2016",
        "name": "排名最后10位约谈",
        "kind": "bottom_once",
        "bottom": 10,
        "effect": "talk",
        "source": "商资函〔2016〕192号",
        "least_field": 100,
    },
]
# The national method of 2021, within the own region.
GENERATION_2021: list[dict[str, Any]] = [
    {
        "code": "downgrade-2021",
        "name": "连续3年内两次位于本区域最后5位",
        "kind": "bottom_times",
        "bottom": 5,
        "within": 3,
        "times": 2,
        "by": "region",
        "effect": "downgrade",
        "source": "2021-11-02 新闻发布会",
        "least_field": 20,
    }
]


def at(
    zone: str,
    year: int,
    from_bottom: int,
    size: int = 219,
    score: str | None = None,
    by: By = By.ALL,
) -> Standing:
    return Standing(
        zone, year, None if score is None else Decimal(score), {by: Place(from_bottom, size)}
    )


def outcomes(rules: list[dict[str, Any]], standings: list[Standing]) -> dict[str, Outcome]:
    return {f.rule.code: f.outcome for f in findings(parse_rules(rules), standings)}


def test_2016_last_five_in_two_consecutive_years_goes_out() -> None:
    [out, talk] = warnings(parse_rules(GENERATION_2016), [at("JQ", 2017, 4), at("JQ", 2018, 2)])
    assert (out.rule.effect, out.years, out.until) == (Effect.EXIT, (2017, 2018), 2018)
    assert (talk.rule.effect, talk.years) == (Effect.TALK, (2018,))


def test_2016_last_ten_is_talked_to_only() -> None:
    said = outcomes(GENERATION_2016, [at("Z", 2017, 4), at("Z", 2018, 9)])
    assert said == {"exit-2016": Outcome.CLEAR, "talk-2016": Outcome.APPLIES}


def test_2016_a_year_between_breaks_the_row() -> None:
    standings = [at("Z", 2016, 1), at("Z", 2017, 100), at("Z", 2018, 3)]
    [finding, _] = findings(parse_rules(GENERATION_2016), standings)
    assert (finding.outcome, finding.years) == (Outcome.NEAR, (2018,))


def test_2021_twice_in_three_years_within_the_region_with_the_mean_of_both() -> None:
    standings = [
        at("Z", 2021, 5, 107, "40.2", By.REGION),
        at("Z", 2022, 30, 107, "61", By.REGION),
        at("Z", 2023, 1, 107, "39", By.REGION),
    ]
    [warning] = warnings(parse_rules(GENERATION_2021), standings)
    assert warning.rule.effect == Effect.DOWNGRADE
    assert warning.years == (2021, 2023)
    assert warning.average == Decimal("39.6")


def test_2021_the_third_year_leaves_the_window() -> None:
    standings = [
        at("Z", 2020, 2, 107, by=By.REGION),
        at("Z", 2021, 80, 107, by=By.REGION),
        at("Z", 2022, 70, 107, by=By.REGION),
        at("Z", 2023, 2, 107, by=By.REGION),
    ]
    [finding] = findings(parse_rules(GENERATION_2021), standings)
    assert (finding.outcome, finding.years) == (Outcome.NEAR, (2023,))


def test_a_place_in_another_field_says_nothing() -> None:
    [finding] = findings(parse_rules(GENERATION_2021), [at("Z", 2023, 2, 229)])
    assert finding.outcome == Outcome.UNKNOWN
    assert finding.missing == (
        (2021, Gap.NO_RESULT),
        (2022, Gap.NO_RESULT),
        (2023, Gap.NO_PLACE),
    )


def test_a_ranking_of_fifteen_says_nothing_about_a_rule_for_two_hundred() -> None:
    [_, talk] = findings(parse_rules(GENERATION_2016), [at("Z", 2025, 1, 15)])
    assert talk.outcome == Outcome.UNKNOWN
    assert talk.missing == ((2025, Gap.SMALL_FIELD),)


def test_a_field_no_larger_than_the_bottom_is_never_held_against_a_zone() -> None:
    rule = parse_rules([GENERATION_2016[1] | {"least_field": None}])
    assert not warnings(rule, [at("Z", 2025, 1, 10)])
    assert warnings(rule, [at("Z", 2025, 1, 11)])


def test_one_known_good_year_of_two_settles_a_row_whatever_the_other_was() -> None:
    said = outcomes(GENERATION_2016, [at("Z", 2018, 100)])
    assert said["exit-2016"] == Outcome.CLEAR
    said = outcomes(GENERATION_2016, [at("Z", 2018, 2)])
    assert said["exit-2016"] == Outcome.UNKNOWN


AVERAGE = [
    {
        "code": "low",
        "name": "两年平均最后2位",
        "kind": "average_bottom",
        "bottom": 2,
        "years": 2,
        "effect": "talk",
        "source": "演示",
    }
]


def averaged(size: int, scores: dict[str, tuple[str, str]]) -> dict[str, Outcome]:
    standings = [
        at(zone, year, 1, size, score)
        for zone, pair in scores.items()
        for year, score in zip((2024, 2025), pair, strict=True)
    ]
    return {f.zone: f.outcome for f in findings(parse_rules(AVERAGE), standings)}


def test_mean_of_two_years_among_the_lowest() -> None:
    scores = {"A": ("50", "60"), "B": ("70", "30"), "C": ("80", "80"), "D": ("56", "55")}
    assert averaged(4, scores) == {
        "A": Outcome.APPLIES,
        "B": Outcome.APPLIES,
        "C": Outcome.CLEAR,
        "D": Outcome.CLEAR,
    }


def test_mean_waits_for_the_others_only_where_they_matter() -> None:
    scores = {"A": ("50", "60"), "B": ("70", "30"), "C": ("80", "80"), "D": ("56", "55")}
    said = averaged(40, scores)
    assert said["A"] == said["B"] == Outcome.UNKNOWN
    assert said["C"] == said["D"] == Outcome.CLEAR


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"kind": "worst"}, "rules[0].kind"),
        ({"bottom": 0}, "rules[0].bottom"),
        ({"bottom": True}, "rules[0].bottom"),
        ({"bottom": None}, "rules[0].bottom"),
        ({"within": 1}, "rules[0].times"),
        ({"years": 2}, "rules[0].years"),
        ({"by": "planet"}, "rules[0].by"),
        ({"effect": "applause"}, "rules[0].effect"),
        ({"source": " "}, "rules[0].source"),
        ({"verified": "yes"}, "rules[0].verified"),
        ({"bottoms": 5}, "rules[0].bottoms"),
        ({"name": 5}, "rules[0].name"),
    ],
)
def test_bad_rules_name_their_place(change: dict[str, Any], place: str) -> None:
    with pytest.raises(ExitRuleError) as caught:
        parse_rules([GENERATION_2021[0] | change], place="rules")
    assert [problem.place for problem in caught.value.problems] == [place]


def test_all_problems_are_said_at_once() -> None:
    twice = [GENERATION_2021[0], GENERATION_2021[0], "text"]
    with pytest.raises(ExitRuleError) as caught:
        parse_rules(twice)
    assert [p.place for p in caught.value.problems] == ["exit_rules[1].code", "exit_rules[2]"]
    with pytest.raises(ExitRuleError):
        parse_rules({"code": "x"})


SIZE = 60
place = st.one_of(st.none(), st.integers(1, SIZE))
histories = st.lists(st.lists(place, min_size=1, max_size=5), max_size=3).map(
    lambda found: dict(zip("ABC", found, strict=False))
)
# How fast a busy machine draws examples says nothing about the rules.
calmly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    kind = draw(st.sampled_from([RuleKind.ONCE, RuleKind.CONSECUTIVE, RuleKind.TIMES]))
    within = draw(st.integers(1, 4))
    return Rule(
        "r",
        "r",
        kind,
        draw(st.integers(1, 10)),
        draw(st.sampled_from(Effect)),
        "s",
        years=draw(st.integers(2, 4)) if kind == RuleKind.CONSECUTIVE else None,
        within=within if kind == RuleKind.TIMES else None,
        times=draw(st.integers(1, within)) if kind == RuleKind.TIMES else None,
        verified=draw(st.booleans()),
    )


def standings_of(history: dict[str, list[int | None]]) -> list[Standing]:
    return [
        at(zone, 2020 + index, found, SIZE)
        for zone, places in history.items()
        for index, found in enumerate(places)
        if found is not None
    ]


@calmly
@given(rules())
def test_rules_come_back_from_their_json_form(rule: Rule) -> None:
    assert parse_rules([rule.as_data()]) == (rule,)


@calmly
@given(rules(), histories, st.randoms())
def test_the_order_of_the_years_does_not_matter(
    rule: Rule, history: dict[str, list[int | None]], random: Any
) -> None:
    standings = standings_of(history)
    shuffled = list(standings)
    random.shuffle(shuffled)
    found, again = findings([rule], standings), findings([rule], shuffled)
    assert {f.zone: f for f in found} == {f.zone: f for f in again}


@calmly
@given(rules(), histories)
def test_a_better_place_never_brings_a_warning(
    rule: Rule, history: dict[str, list[int | None]]
) -> None:
    standings = standings_of(history)
    better = [
        replace(s, places={By.ALL: Place(min(SIZE, s.places[By.ALL].from_bottom + 7), SIZE)})
        for s in standings
    ]
    assert {w.zone for w in warnings([rule], better)} <= {
        w.zone for w in warnings([rule], standings)
    }


@calmly
@given(rules(), histories, st.integers(1, SIZE), st.data())
def test_what_is_certain_stays_so_when_a_missing_year_becomes_known(
    rule: Rule, history: dict[str, list[int | None]], found: int, data: st.DataObject
) -> None:
    standings = standings_of(history)
    if not standings:
        return
    before = findings([rule], standings, until=2025)
    chosen = data.draw(st.sampled_from(before))
    if not chosen.missing:
        return
    year, _ = data.draw(st.sampled_from(chosen.missing))
    after = {
        f.zone: f
        for f in findings([rule], [*standings, at(chosen.zone, year, found, SIZE)], until=2025)
    }[chosen.zone]
    if chosen.outcome == Outcome.APPLIES:
        assert after.outcome == Outcome.APPLIES
    if chosen.outcome in {Outcome.CLEAR, Outcome.NEAR}:
        assert after.outcome in {Outcome.CLEAR, Outcome.NEAR}


@calmly
@given(rules(), histories)
def test_warnings_rest_on_enough_years_inside_the_window(
    rule: Rule, history: dict[str, list[int | None]]
) -> None:
    for warning in warnings([rule], standings_of(history)):
        assert len(warning.years) >= rule.needed
        assert all(warning.until - rule.span < year <= warning.until for year in warning.years)
