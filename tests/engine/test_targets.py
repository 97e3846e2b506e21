from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkai.engine.errors import GrowthError, TargetError
from jingkai.engine.growth import change_percent, grown, implied_base, implied_growth
from jingkai.engine.periods import Period
from jingkai.engine.semantics import Direction
from jingkai.engine.targets import (
    Evidence,
    Modality,
    Reason,
    TargetKind,
    TargetSpec,
    Tolerance,
    Verdict,
    check_target,
    evaluate,
    required_level,
)

D = Decimal
Y2025, Y2028, Y2030 = (Period.of(year) for year in (2025, 2028, 2030))
numbers = st.decimals(-1000, 1000, places=2)
sizes = st.decimals("0.01", 1000, places=2)
percents = st.decimals(-50, 50, places=1)
NUMERIC = [kind for kind in TargetKind if kind is not TargetKind.QUALITATIVE]

TOLERANCES = {
    Modality.ABOUT: Tolerance(D(2)),
    Modality.STRIVE: Tolerance(D(5)),
    Modality.MORE_THAN: Tolerance(strict=True),
}


@st.composite
def cases(draw: st.DrawFn) -> tuple[TargetSpec, Evidence]:
    kind = draw(st.sampled_from(NUMERIC))
    direction = draw(st.sampled_from(Direction))
    base = draw(numbers)
    if kind is TargetKind.REDUCTION:
        base = -direction.sign * abs(base) if direction is not Direction.NONE else base
    relative = kind in (TargetKind.AVERAGE_GROWTH, TargetKind.REDUCTION, TargetKind.RELATIVE)
    spec = TargetSpec(
        kind=kind,
        direction=direction,
        value=draw(percents if relative else numbers),
        modality=draw(st.sampled_from(Modality)),
        base_period=Y2025,
        base_value=base,
        horizon=Y2028,
        benchmark="city",
    )
    evidence = Evidence(
        actual=draw(st.none() | numbers),
        whole=draw(st.none() | sizes),
        benchmark_change=draw(st.none() | percents),
    )
    return spec, evidence


def mirror(spec: TargetSpec, evidence: Evidence) -> tuple[TargetSpec, Evidence]:
    """The same promise about the series with its sign turned round."""
    kinds = {TargetKind.FLOOR: TargetKind.CAP, TargetKind.CAP: TargetKind.FLOOR}
    levels = {*kinds, TargetKind.LEVEL, TargetKind.SHARE, TargetKind.INTENSITY_RATIO}
    turned = replace(
        spec,
        kind=kinds.get(spec.kind, spec.kind),
        direction=spec.direction.mirrored,
        value=-spec.value if spec.value is not None and spec.kind in levels else spec.value,
        base_value=None if spec.base_value is None else -spec.base_value,
    )
    change = evidence.benchmark_change
    return turned, replace(
        evidence,
        actual=None if evidence.actual is None else -evidence.actual,
        benchmark_change=None if change is None else -change,
    )


@given(cases())
def test_mirror(case: tuple[TargetSpec, Evidence]) -> None:
    here, there = evaluate(*case, TOLERANCES), evaluate(*mirror(*case), TOLERANCES)
    assert (here.verdict, here.reason, here.gap, here.allowance) == (
        *(there.verdict, there.reason),
        *(there.gap, there.allowance),
    )
    if here.required is not None:
        assert there.required == -here.required


@given(cases(), sizes)
def test_a_better_value_is_never_judged_worse(
    case: tuple[TargetSpec, Evidence], step: Decimal
) -> None:
    spec, evidence = case
    if evidence.actual is None or spec.direction is Direction.NONE:
        spec, evidence = replace(spec, direction=Direction.HIGHER), replace(evidence, actual=D(1))
        spec = replace(spec, base_value=-abs(spec.base_value or D(0)))
    up = {TargetKind.FLOOR: 1, TargetKind.CAP: -1}.get(spec.kind, spec.direction.sign)
    assert evidence.actual is not None
    better = replace(evidence, actual=evidence.actual + up * step)
    here, there = evaluate(spec, evidence, TOLERANCES), evaluate(spec, better, TOLERANCES)
    if here.verdict is Verdict.MET:
        assert there.verdict is Verdict.MET
    if here.gap is not None:
        assert there.gap == here.gap + step


def spec(kind: TargetKind, direction: Direction, value: str | None, **more: object) -> TargetSpec:
    made = TargetSpec(
        kind=kind, direction=direction, value=None if value is None else D(value), horizon=Y2028
    )
    return replace(made, **more)  # type: ignore[arg-type]


UP, DOWN, FLAT = Direction.HIGHER, Direction.LOWER, Direction.NONE


@pytest.mark.parametrize(
    ("target", "evidence", "verdict", "gap"),
    [
        (spec(TargetKind.LEVEL, UP, "360"), Evidence(actual=D(350)), "not_met", -10),
        (spec(TargetKind.LEVEL, DOWN, "38"), Evidence(actual=D(35)), "met", 3),
        (spec(TargetKind.LEVEL, FLAT, "10"), Evidence(actual=D(12)), "not_met", -2),
        (spec(TargetKind.FLOOR, UP, "400"), Evidence(actual=D(400)), "met", 0),
        (spec(TargetKind.CAP, UP, "3"), Evidence(actual=D(4)), "not_met", -1),
        (
            spec(TargetKind.SHARE, UP, "75", benchmark="city"),
            Evidence(actual=D(1400), whole=D(1900)),
            "not_met",
            -25,
        ),
        (
            spec(TargetKind.AVERAGE_GROWTH, UP, "10", base_period=Y2025, base_value=D(100)),
            Evidence(actual=D("133.1")),
            "met",
            0,
        ),
        (
            spec(TargetKind.REDUCTION, DOWN, "30", base_period=Y2025, base_value=D("0.5")),
            Evidence(actual=D("0.36")),
            "not_met",
            D("-0.01"),
        ),
        (
            spec(TargetKind.RELATIVE, DOWN, None, base_period=Y2025, base_value=D(50)),
            Evidence(actual=D(44), benchmark_change=D(-10)),
            "met",
            1,
        ),
        (
            spec(TargetKind.RELATIVE, UP, "1", base_period=Y2025, base_value=D(100)),
            Evidence(actual=D(106), benchmark_change=D(5)),
            "met",
            0,
        ),
        (
            spec(TargetKind.INTENSITY_RATIO, UP, "8.6"),
            Evidence(actual=D("8.5")),
            "not_met",
            D("-.1"),
        ),
        (
            spec(TargetKind.INTENSITY_RATIO, UP, "8.6"),
            Evidence(actual=D(5250), whole=D(600)),
            "met",
            90,
        ),
    ],
)
def test_each_kind(
    target: TargetSpec, evidence: Evidence, verdict: str, gap: Decimal | int
) -> None:
    out = evaluate(target, evidence)
    assert (out.verdict, out.gap) == (verdict, gap)


@pytest.mark.parametrize(
    ("target", "evidence", "reason"),
    [
        (spec(TargetKind.LEVEL, UP, "1"), Evidence(), Reason.NO_VALUE),
        (spec(TargetKind.LEVEL, UP, None), Evidence(actual=D(1)), Reason.NO_TARGET_VALUE),
        (spec(TargetKind.AVERAGE_GROWTH, UP, "5"), Evidence(actual=D(1)), Reason.NO_BASE),
        (spec(TargetKind.REDUCTION, DOWN, "5"), Evidence(actual=D(1)), Reason.NO_BASE),
        (spec(TargetKind.SHARE, UP, "5"), Evidence(actual=D(1)), Reason.NO_WHOLE),
        (spec(TargetKind.RELATIVE, UP, "5"), Evidence(actual=D(1)), Reason.NO_BENCHMARK),
        (spec(TargetKind.QUALITATIVE, UP, None), Evidence(), Reason.NO_JUDGEMENT),
        (spec(TargetKind.LEVEL, UP, "1", disputed=True), Evidence(actual=D(9)), Reason.DISPUTED),
    ],
)
def test_what_is_unknown_is_not_judged(
    target: TargetSpec, evidence: Evidence, reason: Reason
) -> None:
    out = evaluate(target, evidence)
    assert (out.verdict, out.reason, out.gap) == (Verdict.NOT_ASSESSABLE, reason, None)


def test_wording_matters_only_through_the_table() -> None:
    about = spec(TargetKind.LEVEL, UP, "100", modality=Modality.ABOUT)
    close, exact = Evidence(actual=D(98)), Evidence(actual=D(100))
    assert evaluate(about, close).verdict is Verdict.NOT_MET
    assert evaluate(about, close, TOLERANCES).reason is Reason.WITHIN_TOLERANCE
    assert evaluate(about, Evidence(actual=D("97.99")), TOLERANCES).verdict is Verdict.NOT_MET
    more = replace(about, modality=Modality.MORE_THAN)
    assert evaluate(more, exact).verdict is Verdict.MET
    assert evaluate(more, exact, TOLERANCES).verdict is Verdict.NOT_MET


def test_a_person_judges_what_has_no_number() -> None:
    target = spec(TargetKind.QUALITATIVE, FLAT, None)
    assert evaluate(target, Evidence(judged=True)).verdict is Verdict.MET
    assert evaluate(target, Evidence(judged=False)).verdict is Verdict.NOT_MET


def test_a_reduction_of_what_should_grow_is_refused() -> None:
    wrong = spec(TargetKind.REDUCTION, UP, "30", base_period=Y2025, base_value=D(5))
    assert check_target(wrong) == ["reduction_wrong_way"]
    with pytest.raises(TargetError, match="should grow"):
        evaluate(wrong, Evidence(actual=D(4)))


def test_incomplete_statements_are_listed() -> None:
    assert check_target(spec(TargetKind.LEVEL, UP, None)) == ["value_missing"]
    assert check_target(spec(TargetKind.RELATIVE, FLAT, None, base_period=Y2030)) == [
        "base_not_before_horizon",
        "benchmark_missing",
        "direction_missing",
    ]


def test_levels_needed_under_the_reference_policy() -> None:
    fdi = spec(TargetKind.AVERAGE_GROWTH, UP, "10", base_period=Y2025, horizon=Y2030)
    assert round(required_level(fdi, Evidence(base=D("1.96"))), 2) == D("3.16")


@given(sizes, percents, st.decimals("0.25", 10, places=2))
def test_growth_functions_agree(base: Decimal, rate: Decimal, years: Decimal) -> None:
    value = grown(base, rate, years)
    assert abs(implied_base(value, rate, years) - base) < D("1e-20")
    assert abs(implied_growth(base, value, years) - rate) < D("1e-18")
    assert implied_growth(-base, -value, years) == implied_growth(base, value, years)


@given(numbers.filter(bool), numbers)
def test_change_mirrors(base: Decimal, value: Decimal) -> None:
    assert change_percent(-base, -value) == -change_percent(base, value)


@pytest.mark.parametrize(("base", "value", "years"), [(0, 1, 1), (1, 0, 1), (1, -1, 1), (1, 2, 0)])
def test_no_rate_exists(base: int, value: int, years: int) -> None:
    with pytest.raises(GrowthError):
        implied_growth(D(base), D(value), years)


def test_a_total_loss_is_no_growth_rate() -> None:
    with pytest.raises(GrowthError):
        grown(D(1), D(-100), 1)
    with pytest.raises(GrowthError):
        change_percent(D(0), D(1))
