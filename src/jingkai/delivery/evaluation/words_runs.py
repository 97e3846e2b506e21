"""What runs say, in words: why a zone is not ranked, why a figure is absent, what was varied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django_stubs_ext import StrOrPromise

Words = Mapping[str, StrOrPromise]

WHY: Final[Words] = {
    "few_peers": gettext_lazy("too few zones to rank"),
    "coverage": gettext_lazy("too little observed"),
    "vetoed": gettext_lazy("vetoed"),
    "no_score": gettext_lazy("no score"),
}
ABSENCES: Final[Words] = {
    "no_indicator": gettext_lazy("no indicator supplies it yet"),
    "no_figure": gettext_lazy("not reported"),
    "incomplete": gettext_lazy("the year is not complete"),
    "withdrawn": gettext_lazy("withdrawn"),
    "voided": gettext_lazy("void after an objection"),
}
CELLS: Final[Words] = {
    "RAW": "",
    "WINSORISED_HIGH": gettext_lazy("outlier cut back"),
    "WINSORISED_LOW": gettext_lazy("outlier raised"),
    "LOGGED": gettext_lazy("on a logarithmic scale"),
    "IMPUTED": gettext_lazy("filled in"),
    "MISSING": gettext_lazy("missing"),
}
PARTS: Final[Words] = {
    "bonus": gettext_lazy("bonus"),
    "deduction": gettext_lazy("deduction"),
    "lifted": gettext_lazy("given back by the floor"),
    "vetoed": gettext_lazy("veto"),
}
INPUTS: Final[Words] = {
    "Imputation": gettext_lazy("filling of missing figures"),
    "Winmax": gettext_lazy("treatment of outliers"),
    "Treatment": gettext_lazy("treatment of outliers"),
    "Normalisation": gettext_lazy("scale"),
    "Weights": gettext_lazy("weights"),
    "Aggregation": gettext_lazy("aggregation"),
    "Data": gettext_lazy("errors of the figures"),
}
BLOCKS: Final[Words] = {
    "data": gettext_lazy("Data"),
    "coherence": gettext_lazy("Coherence"),
    "uncertainty": gettext_lazy("Uncertainty"),
    "sensitivity": pgettext_lazy("audit", "Sensitivity"),
    "use": gettext_lazy("What may be concluded"),
}
FACTS: Final[Words] = {
    "units": gettext_lazy("zones"),
    "units_left_out": gettext_lazy("zones left out"),
    "indicators": gettext_lazy("indicators"),
    "reversed_indicators": gettext_lazy("indicators where less is better"),
    "denominated_indicators": gettext_lazy("indicators divided by a size"),
    "coverage": gettext_lazy("share of figures observed"),
    "indicators_with_low_coverage": gettext_lazy("indicators observed in few zones"),
    "units_with_low_coverage": gettext_lazy("zones with few figures"),
    "imputed_cells": gettext_lazy("figures filled in"),
    "missing_cells": gettext_lazy("figures missing"),
    "winsorised_cells": gettext_lazy("outliers cut back"),
    "logged_indicators": gettext_lazy("indicators put on a logarithmic scale"),
    "outlying_before": gettext_lazy("indicators with outliers before treatment"),
    "outlying_after": gettext_lazy("indicators with outliers after treatment"),
    "groups_with_low_alpha": gettext_lazy("classes that hardly hold together (α)"),
    "elements_against_their_group": gettext_lazy("elements that run against their class"),
    "elements_weak_in_their_group": gettext_lazy("elements hardly related to their class"),
    "redundant_pairs": gettext_lazy("pairs that measure nearly the same"),
    "assumed_variation": gettext_lazy("variation assumed, the scheme names none"),
    "replications": gettext_lazy("replications"),
    "varied_imputation": gettext_lazy("filling varied over"),
    "varied_treatment": gettext_lazy("treatment of outliers varied over"),
    "varied_normalisation": gettext_lazy("scale varied over"),
    "varied_aggregation": gettext_lazy("aggregation varied over"),
    "share_of_narrow_intervals": gettext_lazy("share of zones with a narrow interval"),
    "share_with_nominal_rank_inside": gettext_lazy(
        "share of zones whose rank lies in its interval"
    ),
    "mean_rank_shift": gettext_lazy("mean shift of ranks"),
    "estimator": gettext_lazy("how it was estimated"),
    "rank_reversals": gettext_lazy("rank reversals"),
    "units_removed_in_turn": gettext_lazy("zones taken out in turn"),
    "most_pairs_reversed": gettext_lazy("most pairs turned round by one zone"),
    "removals_that_change_the_leader": gettext_lazy("zones whose absence changes who is first"),
    "robust_top_group": gettext_lazy("sure to be in the top group"),
    "top_group_size": gettext_lazy("size of the top group"),
    "neighbours_in_robust_order": gettext_lazy("neighbours in sure order"),
    "neighbours": gettext_lazy("pairs of neighbours"),
    "share_of_robust_pairs": gettext_lazy("share of all pairs in sure order"),
}
TABLES: Final[Words] = {
    "indicators": gettext_lazy("Indicators"),
    "units_least_covered": gettext_lazy("Zones with fewest figures"),
    "changed_cells": gettext_lazy("Figures that were changed"),
    "groups": gettext_lazy("Classes"),
    "correlations": gettext_lazy("Correlations"),
    "importance": gettext_lazy("Weight and effective importance"),
    "more_than_one_part": gettext_lazy("Zones ranked differently by one class alone"),
    "rank_intervals": gettext_lazy("Rank intervals"),
    "neighbours": gettext_lazy("Order of neighbours"),
    "variance_shares": gettext_lazy("Shares of variance"),
    "single_changes": gettext_lazy("Single changes"),
    "leave_one_out": gettext_lazy("Leaving one class out"),
    "strengths_and_weaknesses": gettext_lazy("Strengths and weaknesses"),
    "since_the_earlier_edition": gettext_lazy("Since the earlier edition"),
}
COLUMNS: Final[Words] = {
    "indicator": gettext_lazy("indicator"),
    "available": gettext_lazy("available"),
    "zeros": gettext_lazy("zeros"),
    "unique": gettext_lazy("distinct"),
    "skew": gettext_lazy("skewness"),
    "kurtosis": gettext_lazy("kurtosis"),
    "skew treated": gettext_lazy("skewness treated"),
    "kurtosis treated": gettext_lazy("kurtosis treated"),
    "unit": pgettext_lazy("audit", "zone"),
    "next unit": gettext_lazy("next zone"),
    "how": gettext_lazy("how"),
    "from": pgettext_lazy("figure", "from"),
    "to": pgettext_lazy("figure", "to"),
    "group": gettext_lazy("class"),
    "elements": gettext_lazy("elements"),
    "alpha": "α",
    "eigenvalues > 1": gettext_lazy("eigenvalues > 1"),
    "first component": gettext_lazy("first component"),
    "one sign": gettext_lazy("one sign"),
    "element": gettext_lazy("element"),
    "with group": gettext_lazy("with its class"),
    "with index": gettext_lazy("with the score"),
    "weight": gettext_lazy("weight"),
    "r² share": gettext_lazy("effective share (r²)"),
    "weight in the index": gettext_lazy("weight in the score"),
    "share of units": gettext_lazy("share of zones"),
    "nominal": pgettext_lazy("audit", "rank"),
    "median": gettext_lazy("median"),
    "q05": "5 %",
    "q95": "95 %",
    "width": gettext_lazy("width"),
    "runs": gettext_lazy("replications"),
    "P(before)": gettext_lazy("P(before)"),
    "input": gettext_lazy("choice"),
    "S1": "S1",
    "S1 low": gettext_lazy("S1 from"),
    "S1 high": gettext_lazy("S1 to"),
    "ST": "ST",
    "ST low": gettext_lazy("ST from"),
    "ST high": gettext_lazy("ST to"),
    "change": pgettext_lazy("audit", "change"),
    "mean shift": gettext_lazy("mean shift"),
    "largest shift": gettext_lazy("largest shift"),
    "lifted by": gettext_lazy("lifted by"),
    "held back by": gettext_lazy("held back by"),
}
VALUES: Final[Words] = {
    "enumeration": gettext_lazy("all combinations computed"),
    "sobol_sequence": gettext_lazy("Sobol' sequence"),
    "yes": gettext_lazy("yes"),
    "no": gettext_lazy("no"),
    "winsorised_high": gettext_lazy("outlier cut back"),
    "winsorised_low": gettext_lazy("outlier raised"),
    "logged": gettext_lazy("on a logarithmic scale"),
    "imputed": gettext_lazy("filled in"),
    "weights ± 25 %, means": gettext_lazy("weights ± 25 %, arithmetic and geometric mean"),
}
_MEANS: Final[Words] = {
    "arithmetic": gettext_lazy("weighted sum"),
    "geometric": gettext_lazy("weighted geometric mean"),
    "harmonic": gettext_lazy("weighted harmonic mean"),
    "copeland": gettext_lazy("wins in pairs (Copeland)"),
    "topsis": gettext_lazy("closeness to the ideal (TOPSIS)"),
    "vikor": gettext_lazy("compromise (VIKOR)"),
    "minmax": gettext_lazy("between the lowest and the highest zone"),
    "efficacy": gettext_lazy("efficacy coefficient (功效系数)"),
    "zscore": gettext_lazy("distance to the mean in standard deviations"),
    "rank": gettext_lazy("place in the order"),
    "equal": gettext_lazy("all equal"),
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
    # Scales of single leaves that follow a “+” stay as they are: the change is the first.
    stem, _sep, params = rest.partition("+")[0].partition("_")
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
                "“%(node)s” of %(zone)s: last year's figure gives no growth rate; "
                "the level alone counts."
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
