from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jingkai.engine.errors import SynthesisError
from jingkai.engine.periods import Frequency, Period
from jingkai.engine.semantics import ValueMode, find_falling_ytd
from jingkai.engine.synthesis import SeriesKind, SeriesSpec, synthesise

D = Decimal
FIRST, LAST = Period.parse("2023-12"), Period.parse("2026-10")
ZONES = {f"z{n:02d}": D(n) for n in range(1, 17)}
SEASON = tuple(map(D, (14, 6, 10, 8, 8, 9, 7, 7, 8, 8, 7, 8)))

BUDGET = SeriesSpec(
    code="budget",
    kind=SeriesKind.FLOW,
    base=D("311.0"),
    growth=D(4),
    month_weights=SEASON,
    share_of_whole=D(40),
    whole_growth=D(3),
)
FIRMS = SeriesSpec(
    code="firms", kind=SeriesKind.STOCK, base=D(2900), growth=D(4), places=0, noise=D(8)
)
PROJECTS = SeriesSpec(code="projects", kind=SeriesKind.FLOW, base=D(37), places=0, noise=D(60))
PER_FIRM = SeriesSpec(
    code="per_firm",
    kind=SeriesKind.RATIO,
    numerator="budget",
    denominator="firms",
    places=4,
    frequency=Frequency.QUARTER,
)
ALL = [PER_FIRM, BUDGET, FIRMS, PROJECTS]


def make(*specs: SeriesSpec, seed: int = 1, zones: dict[str, D] = ZONES):
    return synthesise(
        specs,
        zones,
        first=FIRST,
        last=LAST,
        base_year=2025,
        rng=np.random.default_rng(seed),
    )


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32),
    st.sampled_from([SeriesKind.FLOW, SeriesKind.STOCK]),
    st.decimals(0, 10**6, places=2),
    st.decimals(-20, 20, places=1),
    st.integers(0, 3),
    st.decimals(0, 80, places=0),
    st.none() | st.decimals(1, 100, places=0),
    st.booleans(),
)
def test_zones_add_up_and_nothing_falls(
    seed: int, kind: SeriesKind, base: D, growth: D, places: int, noise: D, share: D, dips: bool
) -> None:
    spec = SeriesSpec(
        code="x",
        kind=kind,
        base=base,
        growth=growth,
        places=places,
        noise=noise,
        share_of_whole=share,
        whole_growth=-growth,
        dips=dips,
        trouble={"z03": D(40)},
        trouble_from=Period.parse("2026-02"),
    )
    made = make(spec, seed=seed)
    city = made["x", "city"]
    assert len(city) == 35
    for period, total in city.items():
        assert sum(made["x", zone][period] for zone in ZONES) == total
        assert all(made["x", zone][period] >= 0 for zone in ZONES)
        if share is not None:
            assert made["x", "whole"][period] >= total
    base_year = abs(city[Period.parse("2025-12")] - base)
    assert base_year <= D("0.5") * D(1).scaleb(-places)
    for series in made.values():
        assert {v.as_tuple().exponent for v in series.values()} == {-places}
        if kind is SeriesKind.FLOW:
            assert find_falling_ytd(series) == []
        elif not dips:
            assert all(a <= b for a, b in pairwise(series.values()))


def test_one_seed_one_result() -> None:
    assert make(*ALL) == make(*ALL)
    assert make(*ALL) != make(*ALL, seed=2)


def test_ratios_follow_from_their_parts() -> None:
    made = make(*ALL)
    quarter, month = Period.parse("2026-Q2"), Period.parse("2026-06")
    for scope in (*ZONES, "city"):
        exact = made["budget", scope][month] / made["firms", scope][month]
        assert abs(made["per_firm", scope][quarter] - exact) <= D("0.00005")
    assert ("per_firm", "whole") not in made
    quarters = {p.code for p in made["per_firm", "city"]}
    assert quarters == {"2023-Q4", "2026-Q1", "2026-Q2", "2026-Q3"} | {
        f"{year}-Q{part}" for year in (2024, 2025) for part in (1, 2, 3, 4)
    }


def test_few_counts_are_shared_without_bias() -> None:
    """37 projects a year over 16 zones: the largest take most, the smaller ones get theirs too."""
    made = make(PROJECTS)
    december = Period.parse("2025-12")
    counts = {zone: made["projects", zone][december] for zone in ZONES}
    assert sum(counts.values()) == 37
    assert sum(count > 0 for count in counts.values()) >= 10


def test_growth_season_and_trouble_show() -> None:
    calm = replace(BUDGET, noise=D(0))
    rough = replace(calm, trouble={"z09": D(50)}, trouble_from=Period.parse("2026-01"))
    city = make(calm)["budget", "city"]
    growth = city[Period.parse("2026-10")] / city[Period.parse("2025-10")] - 1
    assert D("0.02") < growth < D("0.06")
    january = city[Period.parse("2026-01")] / city[Period.parse("2025-12")]
    assert january > D("0.12")
    october = Period.parse("2026-10")
    before, after = make(calm)["budget", "z09"][october], make(rough)["budget", "z09"][october]
    assert after < before * D("0.85")


def test_own_flows_and_joint_january() -> None:
    months = replace(BUDGET, mode=ValueMode.MONTH, joint_january=True)
    own, ytd = make(months)["budget", "city"], make(BUDGET)["budget", "city"]
    assert Period.parse("2026-01") not in own
    assert own[Period.parse("2026-02")] == ytd[Period.parse("2026-02")]
    in_year = [value for period, value in own.items() if period.year == 2025]
    assert sum(in_year) == ytd[Period.parse("2025-12")] == D("311.00")
    quarters = replace(BUDGET, mode=ValueMode.MONTH, frequency=Frequency.QUARTER)
    by_quarter = make(quarters)["budget", "city"]
    assert sum(v for p, v in by_quarter.items() if p.year == 2025) == D("311.00")


@pytest.mark.parametrize(
    ("said", "spec"),
    [
        ("base must be stated", replace(BUDGET, base=None)),
        ("too many digits", replace(BUDGET, base=D(10) ** 15)),
        ("leaves nothing", replace(BUDGET, growth=D(-100))),
        ("a share of 120%", replace(BUDGET, share_of_whole=D(120))),
        ("twelve month weights", replace(BUDGET, month_weights=SEASON[:11])),
        ("unknown zones", replace(BUDGET, trouble={"mars": D(5)})),
        ("a first month", replace(BUDGET, trouble={"z01": D(5)})),
        (
            "loses 0 to",
            replace(BUDGET, trouble={"z01": D(100)}, trouble_from=Period.parse("2026-01")),
        ),
        ("no flow or stock", PER_FIRM),
    ],
)
def test_a_bad_specification_is_named(said: str, spec: SeriesSpec) -> None:
    with pytest.raises(SynthesisError, match=said) as caught:
        make(spec)
    assert str(caught.value).startswith(spec.code)


def test_scopes_and_periods_are_checked() -> None:
    rng = np.random.default_rng(0)
    span = {"first": FIRST, "last": LAST, "base_year": 2025, "rng": rng}
    for specs, zones, changed in (
        ([BUDGET, BUDGET], ZONES, {}),
        ([BUDGET], {}, {}),
        ([BUDGET], {"city": D(1)}, {}),
        ([BUDGET], ZONES, {"first": Period.of(2023), "last": Period.of(2026)}),
        ([BUDGET], ZONES, {"last": Period.parse("2022-01")}),
    ):
        with pytest.raises(SynthesisError):
            synthesise(specs, zones, **{**span, **changed})  # type: ignore[arg-type]


def test_a_demo_is_made_in_a_moment() -> None:
    specs = [replace(BUDGET, code=f"i{n}") for n in range(20)]
    started = perf_counter()
    made = make(*specs)
    assert perf_counter() - started < 2
    assert len(made) == 20 * 18
