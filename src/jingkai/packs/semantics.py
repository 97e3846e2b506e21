"""Which declarations of one indicator or one target make sense together.

Yields (field, what is wrong, what to do); a figure that cannot be added up or a target that cannot
be judged is refused here, before anybody reports a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

from .figures import PackIndicator, PackTarget, PackUnit
from .vocabulary import (
    Aggregation,
    FormulaType,
    IndicatorKind,
    MeasuredAs,
    Modality,
    PriceBasis,
    Scope,
    TargetKind,
    ValueMode,
)

Mistake = tuple[str, str, str]
A, K, T = Aggregation, IndicatorKind, TargetKind

# kind: value modes, aggregation over time, aggregation over place
ALLOWED: dict[IndicatorKind, tuple[set[StrEnum], set[StrEnum], set[StrEnum]]] = {
    K.FLOW: ({ValueMode.MONTH, ValueMode.YTD}, {A.SUM}, {A.SUM, A.NEVER}),
    K.STOCK: ({ValueMode.POINT}, {A.LAST, A.MEAN}, {A.SUM, A.NEVER}),
    K.RATIO: (
        {ValueMode.YTD, ValueMode.POINT, ValueMode.MONTH},
        {A.LAST, A.WEIGHTED_RATIO, A.NEVER},
        {A.WEIGHTED_RATIO, A.NEVER},
    ),
    K.GROWTH: ({ValueMode.POINT, ValueMode.YTD, ValueMode.MONTH}, {A.NEVER}, {A.NEVER}),
    K.REDUCTION: ({ValueMode.POINT}, {A.LAST, A.NEVER}, {A.NEVER}),
}


def indicator_mistakes(
    i: PackIndicator, units: Mapping[str, PackUnit], known: Mapping[str, PackIndicator]
) -> Iterator[Mistake]:
    """Yield what makes an indicator impossible."""
    declared = (
        ("value_mode", i.value_mode),
        ("time_aggregation", i.time_aggregation),
        ("place_aggregation", i.place_aggregation),
    )
    for (field, value), allowed in zip(declared, ALLOWED[i.kind], strict=True):
        if value not in allowed:
            words = ", ".join(sorted(allowed))
            yield field, f"A {i.kind} cannot have {field}: {value}.", f"Use {words}."
    if i.scope is Scope.CITY and i.place_aggregation is not A.NEVER:
        yield "place_aggregation", "A city figure is not added up over zones.", "Use never."
    constant = i.price_basis is PriceBasis.CONSTANT and i.kind is not K.GROWTH
    if constant != (i.price_base_year is not None):
        yield (
            "price_base_year",
            "Constant prices need a price year, other figures have none.",
            "Add price_base_year or change price_basis.",
        )
    if (i.kind is K.REDUCTION) != (i.base_year is not None):
        yield "base_year", "A reduction needs a base year, other kinds have none.", "Correct it."
    dimension = units[i.unit].dimension if i.unit in units else ""
    if i.kind in {K.GROWTH, K.REDUCTION} and dimension not in {"ratio", ""}:
        yield "unit", f"A {i.kind} is a percentage, not {i.unit}.", "Use PERCENT."
    yield from _formula_mistakes(i, known)


def _formula_mistakes(i: PackIndicator, known: Mapping[str, PackIndicator]) -> Iterator[Mistake]:
    f = i.formula
    if i.kind is K.RATIO and (f is None or f.type is not FormulaType.RATIO):
        yield (
            "formula",
            "A ratio needs numerator and denominator.",
            "Add formula: {type: ratio, …}.",
        )
    if f is None:
        return
    if i.kind is not K.RATIO and f.type is FormulaType.RATIO:
        yield "kind", "A formula of type ratio gives a ratio.", "Set kind: ratio."
    complete = bool(f.numerator and f.denominator) and not f.terms
    if f.type is FormulaType.RATIO and not complete:
        yield "formula", "A ratio has numerator and denominator and no terms.", "Correct it."
    if f.type is FormulaType.SUM and (len(f.terms) < 2 or f.numerator or f.denominator):
        yield "formula", "A sum has two or more terms and nothing else.", "Correct it."
    if f.scale <= 0:
        yield "formula.scale", "The scale must be more than 0.", "Use 1, or 100 for per cent."
    for term in f.terms:
        if term in known and known[term].unit != i.unit:
            yield "formula.terms", f"{term} is in {known[term].unit}, not {i.unit}.", "Correct it."


def target_mistakes(t: PackTarget, known: Mapping[str, PackIndicator]) -> Iterator[Mistake]:
    """Yield what makes a target impossible to judge."""
    numeric = t.kind not in {T.QUALITATIVE, T.RELATIVE_TO_BENCHMARK}
    if numeric != (t.value is not None):
        yield (
            "value",
            f"A target of kind {t.kind} {'needs a' if numeric else 'has no'} value.",
            ("Correct value or kind."),
        )
    if (t.kind is not T.QUALITATIVE) != (t.indicator is not None):
        yield "indicator", "Every target but a qualitative one has an indicator.", "Correct it."
    if t.kind not in {T.QUALITATIVE, T.CAP} and t.horizon is None:
        yield "horizon", "The year is missing.", "Add horizon: 2030."
    if t.horizon is not None:
        for field in ("base_year", "period_from"):
            year = getattr(t, field)
            if year is not None and year >= t.horizon:
                yield field, f"{year} does not lie before the horizon {t.horizon}.", "Correct one."
    if (t.kind in {T.SHARE, T.RELATIVE_TO_BENCHMARK}) != (t.benchmark is not None):
        yield (
            "benchmark",
            "A share or a comparison needs a benchmark, others have none.",
            ("Name the city indicator."),
        )
    if (t.kind is T.RELATIVE_TO_BENCHMARK) != (t.measured_as is not None):
        yield "measured_as", "Only a comparison says what is compared.", "Use level or reduction."
    falling = t.kind is T.REDUCTION or t.measured_as is MeasuredAs.REDUCTION
    if falling and t.base_year is None:
        yield "base_year", "A fall needs the year it is measured against.", "Add base_year."
    if t.kind is T.CAP and t.modality is not Modality.AT_MOST:
        yield "modality", "A cap is at_most.", "Correct modality or kind."
    if t.kind is T.FLOOR and t.modality is Modality.AT_MOST:
        yield "modality", "A floor cannot be at_most.", "Correct modality or kind."
    yield from _target_against_indicator(t, known)


def _target_against_indicator(
    t: PackTarget, known: Mapping[str, PackIndicator]
) -> Iterator[Mistake]:
    i = known.get(t.indicator or "")
    if i is None:
        return
    percent = t.kind in {T.AVERAGE_GROWTH, T.REDUCTION, T.RELATIVE_TO_BENCHMARK}
    wanted = "PERCENT" if percent else i.unit
    if t.unit != wanted:
        yield "unit", f"The target is in {t.unit}, {wanted} is needed.", "Correct the unit."
    ratio = i.formula if i.formula and i.formula.type is FormulaType.RATIO else None
    if t.kind in {T.SHARE, T.INTENSITY_RATIO} and ratio is None:
        yield "indicator", f"{i.code} is no ratio.", "Use an indicator with a ratio formula."
    if t.kind is T.SHARE and ratio and ratio.denominator != t.benchmark:
        yield "benchmark", f"{i.code} is divided by {ratio.denominator}.", "Name that one."
    benchmark = known.get(t.benchmark or "")
    if benchmark and t.kind is T.RELATIVE_TO_BENCHMARK:
        kind = benchmark.kind
        same = kind is K.REDUCTION if t.measured_as is MeasuredAs.REDUCTION else kind is i.kind
        if not same:
            yield "benchmark", f"{t.benchmark} is a {kind} and cannot be compared.", "Correct it."
