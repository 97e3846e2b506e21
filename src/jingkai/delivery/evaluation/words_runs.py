"""What runs say, in words: why a zone is not ranked, why a figure is absent, what was varied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy
from django_stubs_ext import StrOrPromise

Words = Mapping[str, StrOrPromise]

WHY: Final[Words] = {
    "few_peers": lazy("too few zones to rank"),
    "coverage": lazy("too little observed"),
    "vetoed": lazy("vetoed"),
    "no_score": lazy("no score"),
}
ABSENCES: Final[Words] = {
    "no_indicator": lazy("no indicator supplies it yet"),
    "no_figure": lazy("not reported"),
    "incomplete": lazy("the year is not complete"),
    "withdrawn": lazy("withdrawn"),
    "voided": lazy("void after an objection"),
}
CELLS: Final[Words] = {
    "RAW": "",
    "WINSORISED_HIGH": lazy("outlier cut back"),
    "WINSORISED_LOW": lazy("outlier raised"),
    "LOGGED": lazy("on a logarithmic scale"),
    "IMPUTED": lazy("filled in"),
    "MISSING": lazy("missing"),
}
PARTS: Final[Words] = {
    "bonus": lazy("bonus"),
    "deduction": lazy("deduction"),
    "lifted": lazy("given back by the floor"),
    "vetoed": lazy("veto"),
}
INPUTS: Final[Words] = {
    "Imputation": lazy("filling of missing figures"),
    "Winmax": lazy("treatment of outliers"),
    "Treatment": lazy("treatment of outliers"),
    "Normalisation": lazy("scale"),
    "Weights": lazy("weights"),
    "Aggregation": lazy("aggregation"),
    "Data": lazy("errors of the figures"),
}
BLOCKS: Final[Words] = {
    "data": lazy("Data"),
    "coherence": lazy("Coherence"),
    "uncertainty": lazy("Uncertainty"),
    "sensitivity": pgettext_lazy("audit", "Sensitivity"),
    "use": lazy("What may be concluded"),
}
FACTS: Final[Words] = {
    "units": lazy("zones"),
    "units_left_out": lazy("zones left out"),
    "indicators": lazy("indicators"),
    "reversed_indicators": lazy("indicators where less is better"),
    "denominated_indicators": lazy("indicators divided by a size"),
    "coverage": lazy("share of figures observed"),
    "indicators_with_low_coverage": lazy("indicators observed in few zones"),
    "units_with_low_coverage": lazy("zones with few figures"),
    "imputed_cells": lazy("figures filled in"),
    "missing_cells": lazy("figures missing"),
    "winsorised_cells": lazy("outliers cut back"),
    "logged_indicators": lazy("indicators put on a logarithmic scale"),
    "outlying_before": lazy("indicators with outliers before treatment"),
    "outlying_after": lazy("indicators with outliers after treatment"),
    "groups_with_low_alpha": lazy("classes that hardly hold together (α)"),
    "elements_against_their_group": lazy("elements that run against their class"),
    "elements_weak_in_their_group": lazy("elements hardly related to their class"),
    "redundant_pairs": lazy("pairs that measure nearly the same"),
    "assumed_variation": lazy("variation assumed, the scheme names none"),
    "replications": lazy("replications"),
    "varied_imputation": lazy("filling varied over"),
    "varied_treatment": lazy("treatment of outliers varied over"),
    "varied_normalisation": lazy("scale varied over"),
    "varied_aggregation": lazy("aggregation varied over"),
    "share_of_narrow_intervals": lazy("share of zones with a narrow interval"),
    "share_with_nominal_rank_inside": lazy("share of zones whose rank lies in its interval"),
    "mean_rank_shift": lazy("mean shift of ranks"),
    "estimator": lazy("how it was estimated"),
    "rank_reversals": lazy("rank reversals"),
    "units_removed_in_turn": lazy("zones taken out in turn"),
    "most_pairs_reversed": lazy("most pairs turned round by one zone"),
    "removals_that_change_the_leader": lazy("zones whose absence changes who is first"),
    "robust_top_group": lazy("sure to be in the top group"),
    "top_group_size": lazy("size of the top group"),
    "neighbours_in_robust_order": lazy("neighbours in sure order"),
    "neighbours": lazy("pairs of neighbours"),
    "share_of_robust_pairs": lazy("share of all pairs in sure order"),
}
TABLES: Final[Words] = {
    "indicators": lazy("Indicators"),
    "units_least_covered": lazy("Zones with fewest figures"),
    "changed_cells": lazy("Figures that were changed"),
    "groups": lazy("Classes"),
    "correlations": lazy("Correlations"),
    "importance": lazy("Weight and effective importance"),
    "more_than_one_part": lazy("Zones ranked differently by one class alone"),
    "rank_intervals": lazy("Rank intervals"),
    "neighbours": lazy("Order of neighbours"),
    "variance_shares": lazy("Shares of variance"),
    "single_changes": lazy("Single changes"),
    "leave_one_out": lazy("Leaving one class out"),
    "strengths_and_weaknesses": lazy("Strengths and weaknesses"),
    "since_the_earlier_edition": lazy("Since the earlier edition"),
}
COLUMNS: Final[Words] = {
    "indicator": lazy("indicator"),
    "available": lazy("available"),
    "zeros": lazy("zeros"),
    "unique": lazy("distinct"),
    "skew": lazy("skewness"),
    "kurtosis": lazy("kurtosis"),
    "skew treated": lazy("skewness treated"),
    "kurtosis treated": lazy("kurtosis treated"),
    "unit": pgettext_lazy("audit", "zone"),
    "next unit": lazy("next zone"),
    "how": lazy("how"),
    "from": pgettext_lazy("figure", "from"),
    "to": pgettext_lazy("figure", "to"),
    "group": lazy("class"),
    "elements": lazy("elements"),
    "alpha": "α",
    "eigenvalues > 1": lazy("eigenvalues > 1"),
    "first component": lazy("first component"),
    "one sign": lazy("one sign"),
    "element": lazy("element"),
    "with group": lazy("with its class"),
    "with index": lazy("with the score"),
    "weight": lazy("weight"),
    "r² share": lazy("effective share (r²)"),
    "weight in the index": lazy("weight in the score"),
    "share of units": lazy("share of zones"),
    "nominal": pgettext_lazy("audit", "rank"),
    "median": lazy("median"),
    "q05": "5 %",
    "q95": "95 %",
    "width": lazy("width"),
    "runs": lazy("replications"),
    "P(before)": lazy("P(before)"),
    "input": lazy("choice"),
    "S1": "S1",
    "S1 low": lazy("S1 from"),
    "S1 high": lazy("S1 to"),
    "ST": "ST",
    "ST low": lazy("ST from"),
    "ST high": lazy("ST to"),
    "change": pgettext_lazy("audit", "change"),
    "mean shift": lazy("mean shift"),
    "largest shift": lazy("largest shift"),
    "lifted by": lazy("lifted by"),
    "held back by": lazy("held back by"),
}
VALUES: Final[Words] = {
    "enumeration": lazy("all combinations computed"),
    "sobol_sequence": lazy("Sobol' sequence"),
    "yes": lazy("yes"),
    "no": lazy("no"),
    "winsorised_high": lazy("outlier cut back"),
    "winsorised_low": lazy("outlier raised"),
    "logged": lazy("on a logarithmic scale"),
    "imputed": lazy("filled in"),
    "weights ± 25 %, means": lazy("weights ± 25 %, arithmetic and geometric mean"),
}
_MEANS: Final[Words] = {
    "arithmetic": lazy("weighted sum"),
    "geometric": lazy("weighted geometric mean"),
    "harmonic": lazy("weighted harmonic mean"),
    "copeland": lazy("wins in pairs (Copeland)"),
    "topsis": lazy("closeness to the ideal (TOPSIS)"),
    "vikor": lazy("compromise (VIKOR)"),
    "minmax": lazy("between the lowest and the highest zone"),
    "efficacy": lazy("efficacy coefficient (功效系数)"),
    "zscore": lazy("distance to the mean in standard deviations"),
    "rank": lazy("place in the order"),
    "equal": lazy("all equal"),
}


def word(words: Words, key: str) -> str:
    """The word for `key`, or the key itself."""
    return str(words.get(key, key))


def change_words(name: str) -> str:
    """An alternative of the engine (“aggregate: geometric”) for people."""
    kind, found, rest = name.partition(": ")
    if not found:
        return name
    kinds: Words = {
        "impute": INPUTS["Imputation"],
        "treat": INPUTS["Treatment"],
        "normalise": INPUTS["Normalisation"],
        "aggregate": INPUTS["Aggregation"],
        "weights": INPUTS["Weights"],
    }
    stem, _sep, params = rest.partition("_")
    said = str(_MEANS.get(stem, stem))
    if params:
        said = f"{said} ({params.replace('_', '–')})"
    return _("%(choice)s: %(value)s") % {"choice": word(kinds, kind), "value": said}


def notice_words(notice: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """A notice of the engine in the reader's language; `names` of nodes and zones by code."""
    node = names.get(notice["element"], notice["element"])
    zone = names.get(notice["unit"], notice["unit"])
    match (notice["step"], bool(node), bool(zone)):
        case ("data", True, False):
            text = _(
                "No zone has a figure for “%(node)s”: its points go to the others of its class."
            )
        case ("data", False, True):
            text = _("%(zone)s has no figure at all.")
        case ("growth", _, _):
            text = _(
                "“%(node)s” of %(zone)s: last year's figure gives no growth rate; the level alone counts."
            )
        case ("screen", _, _):
            text = _("%(zone)s is left out: too few figures.")
        case ("denominate", _, _):
            text = _("“%(node)s” of %(zone)s is divided by zero and counts as missing.")
        case ("normalise", True, _):
            text = _("“%(node)s” is the same in every zone: it does not tell them apart.")
        case ("aggregate", _, True):
            text = _("%(zone)s has no score.")
        case _:
            return str(notice["message"])
    return text % {"node": node, "zone": zone}
