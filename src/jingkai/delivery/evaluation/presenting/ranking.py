"""The table of a run: score, points by class, rank with its interval, coverage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from jingkai.core.ui.public import local_name
from jingkai.core.ui.templatetags.jingkai import number

from ..definition import Definition, canonical, sm3
from ..differences import Change, differences
from ..links import zone_urls
from ..models import Run, SchemeVersion, VersionState, ZoneResult
from ..queries.schemes import definition_of
from ..words_runs import INPUTS, WHY, notice_words, word
from .names import Names, decimal_of, joined

_NOTICES = 12


@dataclass(frozen=True, slots=True)
class ClassPoints:
    """What a zone got of one class; `label` names it, `most` is what there is to get, as text."""

    label: str
    most: str
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class Row:
    """One zone in the table. `field` is how many places the whisker is drawn over."""

    result: ZoneResult
    name: str
    href: str
    group: str
    classes: Sequence[ClassPoints]
    adjustment: Decimal | None
    why: str
    field: int
    few_peers: bool


def rows_of(names: Names, results: Iterable[ZoneResult], field: int) -> list[Row]:
    """Rows in the order given."""
    href = zone_urls(names.run.pk)
    classes = [(node.code, local_name(node), number(node.points, 0)) for node in names.classes]
    return [_row(names, result, field, href, classes) for result in results]


def _row(
    names: Names,
    result: ZoneResult,
    field: int,
    href: Callable[[str], str],
    classes: Sequence[tuple[str, str, str]],
) -> Row:
    code = result.zone.code
    moved = None
    if result.score is not None and result.before_points is not None:
        moved = result.score - result.before_points
    return Row(
        result,
        names.zones.get(code, code),
        href(code),
        names.group(result.group),
        [
            ClassPoints(label, most, decimal_of(result.class_points.get(node)))
            for node, label, most in classes
        ],
        moved or None,
        word(WHY, result.why_unranked),
        field,
        bool(result.group) and result.rank is not None and result.group_rank is None,
    )


def few_peers_words(names: Names, sizes: Mapping[str, int]) -> list[str]:
    """Groups too small to be ranked, each in a sentence; `sizes`: ranked zones by group."""
    return [
        _(
            "%(group)s: only %(size)s ranked, fewer than the %(least)s this scheme asks for. They "
            "are scored and stand in the overall order, but have no rank in their group: a rank "
            "among so few says nothing. For national zones the rank within the province is asked "
            "from the provincial result."
        )
        % {"group": names.group(label), "size": size, "least": names.definition.min_group}
        for label, size in sizes.items()
        if label and size < names.definition.min_group
    ]


def notices_of(names: Names, notices: Iterable[Mapping[str, Any]]) -> list[str]:
    """What the engine wants to be known, in words; the same sentence once."""
    # A large field may have one for every figure: only those that are shown are put into words.
    once = list({(one["step"], one["element"], one["unit"]): one for one in notices}.values())
    said = list(dict.fromkeys(notice_words(one, names.everything) for one in once[:_NOTICES]))
    if len(once) > _NOTICES:
        said.append(_("and %(count)s more notices") % {"count": len(once) - _NOTICES})
    return said


@dataclass(frozen=True, slots=True)
class Changed:
    """A scheme that looks different today from the copy a run keeps."""

    version: SchemeVersion
    is_newer: bool
    differences: Sequence[Change]


def changed_since(run: Run, definition: Definition) -> Changed | None:
    """How today's scheme differs from the run's own copy: its draft, or a newer edition.

    1 query where it is the edition the run was made with, else 4. None where nothing differs.
    """
    newest = (
        SchemeVersion.objects.filter(scheme=run.version.scheme_id, state=VersionState.PUBLISHED)
        .select_related("scheme")
        .order_by("-number")
        .first()
    )
    version = newest if newest is not None and newest.number > run.version.number else run.version
    if version.pk == run.version_id and version.digest == sm3(canonical(run.definition)):
        return None
    found = differences(definition, definition_of(version))
    if not found and version.pk == run.version_id:
        return None
    return Changed(version, version.pk != run.version_id, found)


def verdict_sentences(names: Names, found: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Which conclusions survive, in plain words; `tone` good, warn or bad."""
    if not found:
        return []
    sure = round(100 * found["sure"])
    safe = [names.zones.get(code, code) for code in found["top"]["safe"]]
    k = found["top"]["k"]
    sentences: list[dict[str, Any]] = []
    if safe:
        sentences.append({
            "tone": "good" if len(safe) == k else "warn",
            "text": _("Sure to be among the first %(k)s whatever is chosen (%(sure)s %% of the replications): %(zones)s.")  # noqa: E501
            % {"k": k, "sure": sure, "zones": joined(safe)},
        })  # fmt: skip
    else:
        sentences.append({
            "tone": "bad",
            "text": _("No zone is sure to be among the first %(k)s: the top group depends on choices of the method.")  # noqa: E501
            % {"k": k},
        })  # fmt: skip
    near = found["neighbours"]
    if near["of"]:
        share = near["firm"] / near["of"]
        sentences.append({
            "tone": "good" if share >= 0.8 else "warn" if share >= 0.4 else "bad",
            "text": _("The order of neighbours holds in %(firm)s of %(of)s pairs; the others may be read as equal.")  # noqa: E501
            % {"firm": near["firm"], "of": near["of"]},
        })  # fmt: skip
    narrow = found["narrow"]
    if narrow["share"] is not None:
        sentences.append({
            "tone": "good" if narrow["share"] >= 0.7 else "warn" if narrow["share"] >= 0.4
            else "bad",
            "text": _("%(share)d %% of the zones have a narrow rank interval (at most %(limit)s places between 5 %% and 95 %%).")  # noqa: E501
            % {"share": round(100 * narrow["share"]), "limit": narrow["limit"]},
        })  # fmt: skip
    cause = found["cause"]
    if cause:
        sentences.append({"tone": "", "text": cause_sentence(cause)})
    else:
        sentences.append({
            "tone": "good", "text": _("No choice that was varied changes the order at all.")
        })  # fmt: skip
    return sentences


def cause_sentence(cause: dict[str, Any]) -> str:
    """Which choice matters most, with its interval where it was sampled."""
    params = {"name": word(INPUTS, cause["name"]), "total": round(100 * cause["total"])}
    if cause["low"] is None:
        return (
            _(
                "What matters most is the choice of %(name)s: it accounts for %(total)d %% of the "
                "movement of ranks."
            )
            % params
        )
    params |= {"low": round(100 * cause["low"]), "high": round(100 * cause["high"])}
    return (
        _(
            "What matters most is the choice of %(name)s: it accounts for %(total)d %% of the "
            "movement of ranks (95 %% interval %(low)d–%(high)d %%)."
        )
        % params
    )
