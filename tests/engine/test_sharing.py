"""Allocation, ranking and roll-up: the laws that keep city and zones in agreement."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkai.engine.aggregate import (
    Aggregate,
    MissingPolicy,
    NoResult,
    over_places,
    over_time,
    ratio_over,
)
from jingkai.engine.allocation import (
    ZeroWeights,
    allocate_by_base,
    allocate_by_growth,
    allocate_by_hand,
    largest_remainder,
)
from jingkai.engine.errors import AggregateError, AllocationError, RankingError
from jingkai.engine.periods import Frequency, Period
from jingkai.engine.ranking import gap_contributions, rank
from jingkai.engine.semantics import Direction, PlaceAggregation, TimeAggregation

D = Decimal
names = st.text("abcdefgh", min_size=1, max_size=3)
amounts = st.decimals(-1000, 1000, places=2)
weights = st.dictionaries(names, st.decimals(0, 1000, places=2), min_size=1, max_size=12)
partly = st.dictionaries(names, st.none() | amounts, min_size=1, max_size=12)
directions = st.sampled_from([Direction.HIGHER, Direction.LOWER])


class TestLargestRemainder:
    @given(weights.filter(lambda w: any(w.values())), st.integers(-5000, 5000), st.integers(0, 3))
    def test_sum_is_exact_and_each_part_is_next_to_its_quota(
        self, shares: dict[str, D], ticks: int, places: int
    ) -> None:
        step = D(1).scaleb(-places)
        total = ticks * step
        parts = largest_remainder(total, shares, step=step)
        assert sum(parts.values()) == total
        whole = sum(shares.values())
        for key, part in parts.items():
            assert abs(part - total * shares[key] / whole) < step

    @given(weights.filter(lambda w: any(w.values())), st.integers(0, 500))
    def test_neither_order_nor_scale_of_weights_matters(
        self, shares: dict[str, D], total: int
    ) -> None:
        parts = largest_remainder(D(total), shares)
        turned = dict(reversed([(key, 8 * weight) for key, weight in shares.items()]))
        assert largest_remainder(D(total), turned) == parts
        opposite = largest_remainder(D(-total), shares)
        assert opposite == {key: -part for key, part in parts.items()}

    def test_ties_go_to_the_larger_weight_then_by_key(self) -> None:
        assert largest_remainder(D(2), {"a": D(1), "b": D(3)}) == {"a": 0, "b": 2}
        parts = largest_remainder(D(2), {"b": D(1), "a": D(1), "c": D(2)})
        assert parts == {"a": 1, "b": 0, "c": 1}

    def test_published_example(self) -> None:
        """Six parties, 100,000 votes, 10 seats by Hare quota (Wikipedia, Quota method)."""
        votes = {"A": D(47000), "B": D(16000), "C": D(15900), "D": D(12000), "E": D(6000)}
        parts = largest_remainder(D(10), votes | {"F": D(3100)})
        assert list(parts.values()) == [5, 2, 1, 1, 1, 0]

    @pytest.mark.parametrize(
        ("code", "total", "shares", "step"),
        [
            ("no_units", "1", {}, "1"),
            ("weight_negative", "1", {"a": D(2), "b": D(-1)}, "1"),
            ("zero", "1", {"a": D(0)}, "1"),
            ("step_misfit", "1.5", {"a": D(1)}, "1"),
            ("step", "1", {"a": D(1)}, "0"),
        ],
    )
    def test_refusals(self, code: str, total: str, shares: dict[str, D], step: str) -> None:
        with pytest.raises(AllocationError) as caught:
            largest_remainder(D(total), shares, step=D(step))
        assert caught.value.code == code

    def test_equal_shares_only_when_asked_for(self) -> None:
        zeros = {"a": D(0), "b": D(0)}
        parts = largest_remainder(D(3), zeros, zero_weights=ZeroWeights.EQUAL)
        assert parts == {"a": 2, "b": 1}


class TestAllocation:
    def test_by_base_leaves_nothing_and_needs_every_base(self) -> None:
        made = allocate_by_base(D(400), {"a": D(3), "b": D(1)})
        assert (made.parts, made.gap) == ({"a": 300, "b": 100}, 0)
        with pytest.raises(AllocationError, match="no base for b") as caught:
            allocate_by_base(D(400), {"a": D(3), "b": None})
        assert caught.value.params["zones"] == ["b"]

    @given(weights, st.decimals(-20, 30, places=1), amounts)
    def test_gap_closes_the_sum(self, bases: dict[str, D], rate: D, total: D) -> None:
        made = allocate_by_growth(total, bases, years=3, rate=rate, step=D("0.01"))
        assert made.allocated + made.gap == total
        assert made.unset == ()

    def test_growth_needs_a_rate_from_somewhere(self) -> None:
        with pytest.raises(AllocationError, match="rate"):
            allocate_by_growth(D(1), {"a": D(1)}, years=3)

    def test_by_hand_shows_who_has_no_part(self) -> None:
        made = allocate_by_hand(D(10), {"a": D(4), "b": None}, zones=["a", "b", "c"])
        assert (made.gap, made.unset) == (6, ("b", "c"))
        with pytest.raises(AllocationError, match="not among the zones: x"):
            allocate_by_hand(D(1), {"x": D(1)}, zones=["a"])


class TestRanking:
    @given(partly, directions)
    def test_mirror_and_competition(
        self, values: dict[str, D | None], direction: Direction
    ) -> None:
        order = rank(values, direction)
        turned = {key: None if value is None else -value for key, value in values.items()}
        assert [(r.key, r.rank) for r in order] == [
            (r.key, r.rank) for r in rank(turned, direction.mirrored)
        ]
        for row in order:
            if row.value is None:
                assert row.rank is None
            else:
                better = [
                    v
                    for v in values.values()
                    if v is not None and direction.sign * (v - row.value) > 0
                ]
                assert row.rank == 1 + len(better)
        assert {r.key for r in order} == set(values)

    def test_equals_share_a_rank_and_the_next_is_skipped(self) -> None:
        values = dict(zip("abcd", map(D, (9, 7, 7, 1)), strict=True))
        assert [r.rank for r in rank(values, Direction.HIGHER)] == [1, 2, 2, 4]
        assert [r.rank for r in rank(values, Direction.LOWER)] == [1, 2, 2, 4]

    def test_no_direction_no_rank(self) -> None:
        with pytest.raises(RankingError):
            rank({}, Direction.NONE)

    @given(partly, partly, directions, amounts, amounts)
    def test_contributions_add_up(
        self, actual: dict[str, D | None], aims: dict[str, D | None], way: Direction, a: D, p: D
    ) -> None:
        whole = gap_contributions(actual, aims, way, city_actual=a, city_planned=p)
        assert sum(z.gap for z in whole.zones) + whole.rest == whole.gap == way.sign * (a - p)
        alone = gap_contributions(actual, aims, way)
        assert (alone.rest, sum(z.gap for z in alone.zones)) == (0, alone.gap)
        assert {z.key for z in alone.zones} | set(alone.missing) == {*actual, *aims}
        assert list(alone.zones) == sorted(alone.zones, key=lambda z: (z.gap, z.key))
        if alone.gap:
            shares = [z.percent_of_gap for z in alone.zones if z.percent_of_gap is not None]
            assert abs(sum(shares) - 100) < D("1e-15")

    def test_half_of_the_city_is_refused(self) -> None:
        with pytest.raises(RankingError):
            gap_contributions({}, {}, Direction.HIGHER, city_actual=D(1))


class TestAggregate:
    @given(partly)
    def test_missing_is_never_zero(self, values: dict[str, D | None]) -> None:
        known = [v for v in values.values() if v is not None]
        strict = over_places(values, PlaceAggregation.SUM, missing=MissingPolicy.REFUSE)
        loose = over_places(values, PlaceAggregation.SUM, missing=MissingPolicy.OBSERVED_ONLY)
        assert (loose.observed, loose.expected) == (len(known), len(values))
        assert loose.value == (sum(known) if known else None)
        assert strict.value == (sum(known) if len(known) == len(values) else None)
        assert (loose.value is None) == (loose.reason is NoResult.NOTHING_OBSERVED)
        assert loose.reporting_share * loose.expected == pytest.approx(len(known))

    def test_carried_values_are_named_and_not_observed(self) -> None:
        made = over_places(
            {"a": D(3), "b": None},
            PlaceAggregation.SUM,
            missing=MissingPolicy.CARRY_FORWARD,
            earlier={"a": D(9), "b": D(2)},
        )
        assert made == Aggregate(D(5), 1, 2, (), ("b",))
        none = over_places(
            {"a": D(3), "b": None}, PlaceAggregation.SUM, missing=MissingPolicy.CARRY_FORWARD
        )
        assert (none.value, none.missing, none.reason) == (None, ("b",), NoResult.INCOMPLETE)

    def test_never_is_never(self) -> None:
        made = over_places({"a": D(3)}, PlaceAggregation.NEVER, missing=MissingPolicy.REFUSE)
        assert (made.value, made.reason, made.observed) == (None, NoResult.NEVER, 1)

    def test_mean(self) -> None:
        made = over_places(
            {"a": D(3), "b": D(4)}, PlaceAggregation.MEAN, missing=MissingPolicy.REFUSE
        )
        assert made.value == D("3.5")

    @given(st.dictionaries(names, st.tuples(amounts, st.decimals(1, 100, places=1)), min_size=1))
    def test_a_ratio_lies_between_its_parts(self, parts: dict[str, tuple[D, D]]) -> None:
        made = ratio_over(dict(parts), missing=MissingPolicy.REFUSE)
        own = [top / bottom for top, bottom in parts.values()]
        slack = D("1e-15")
        assert made.value is not None
        assert min(own) - slack <= made.value <= max(own) + slack

    def test_a_ratio_counts_only_whole_pairs(self) -> None:
        parts = {"a": (D(1), D(4)), "b": (D(9), None), "c": (None, D(7))}
        made = ratio_over(parts, missing=MissingPolicy.OBSERVED_ONLY, scale=D(100))
        assert (made.value, made.observed, made.missing) == (25, 1, ("b", "c"))
        assert ratio_over(parts, missing=MissingPolicy.REFUSE).reason is NoResult.INCOMPLETE
        filled = ratio_over(
            parts,
            missing=MissingPolicy.CARRY_FORWARD,
            earlier={"b": (D(1), D(4)), "c": (D(2), D(8))},
        )
        assert (filled.value, filled.carried) == (D("0.25"), ("b", "c"))
        zero = ratio_over({"a": (D(1), D(0))}, missing=MissingPolicy.REFUSE)
        assert zero.reason is NoResult.ZERO_DENOMINATOR

    def test_over_time(self) -> None:
        half, months = Period.parse("2026-S1"), Period.parse("2026-S1").months()
        own = dict.fromkeys(months[1:], D(2))
        joint = over_time(
            *(own, half, TimeAggregation.SUM, Frequency.MONTH),
            missing=MissingPolicy.REFUSE,
            joint_january=True,
        )
        assert (joint.value, joint.expected) == (10, 5)
        alone = over_time(
            *(own, half, TimeAggregation.SUM, Frequency.MONTH), missing=MissingPolicy.REFUSE
        )
        assert (alone.value, alone.missing) == (None, ("2026-01",))

    @pytest.mark.parametrize(
        ("policy", "value", "missing", "carried"),
        [
            (MissingPolicy.REFUSE, None, ("2026-Q4",), ()),
            (MissingPolicy.OBSERVED_ONLY, 7, ("2026-Q4",), ()),
            (MissingPolicy.CARRY_FORWARD, 7, (), ("2026-Q4",)),
        ],
    )
    def test_the_last_value_says_when_it_is_not_the_last(
        self, policy: MissingPolicy, value: int | None, missing: object, carried: object
    ) -> None:
        made = over_time(
            {Period.parse("2026-Q2"): D(7)},
            *(Period.of(2026), TimeAggregation.LAST, Frequency.QUARTER),
            missing=policy,
        )
        assert (made.value, made.missing, made.carried) == (value, missing, carried)
        assert (made.observed, made.expected) == (0, 1)

    def test_refusals(self) -> None:
        with pytest.raises(AggregateError):
            over_places({}, PlaceAggregation.WEIGHTED_RATIO, missing=MissingPolicy.REFUSE)
        arguments = ({}, Period.of(2026))
        for rule in (TimeAggregation.WEIGHTED_RATIO, TimeAggregation.SUM):
            with pytest.raises(AggregateError):
                over_time(*(*arguments, rule, Frequency.MONTH), missing=MissingPolicy.CARRY_FORWARD)
