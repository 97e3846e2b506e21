"""Evaluation schemes of a pack as they lie in the database: editions in force never change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.errors import Conflict, InvalidInput
from jingkai.delivery.evaluation.public import (
    Scheme,
    SchemeVersion,
    VersionState,
    edition_data,
    edition_of,
    edition_of_version,
    in_tree_order,
    overlapping,
    publish_version,
    retire_version,
    save_draft,
    start_draft,
)

from .model import Pack
from .schemes import edition
from .stores import Extra, Fields, Store

REASON: Final = "随包载入"


def scheme_records(pack: Pack) -> Iterator[tuple[str, Fields]]:
    """Every scheme as the plain fields its store holds."""
    sources = {source.id: source.title_zh for source in pack.sources}
    for position, row in enumerate(pack.schemes, 1):
        yield (
            row.code,
            {
                "name": row.name_zh,
                "name_en": row.name_en,
                "issuer": row.issuer_zh,
                "position": position,
                "edition": edition_data(in_tree_order(edition(row, sources))),
            },
        )


def _published(row: models.Model) -> SchemeVersion | None:
    assert isinstance(row, Scheme)
    versions = [v for v in row.versions.all() if v.state == VersionState.PUBLISHED]
    return max(versions, key=lambda v: v.number, default=None)


def _read_edition(row: models.Model) -> dict[str, Any] | None:
    """What the newest edition in force says."""
    version = _published(row)
    return None if version is None else edition_data(edition_of_version(version))


def _write_edition(row: models.Model, data: dict[str, Any]) -> None:
    """Publish a new edition; one for the same years makes room for it. Raises ValidationError.

    Only reached while the newest edition in force is the pack's own: people's are never retired.
    """
    assert isinstance(row, Scheme)
    now = timezone.now()
    if row.versions.filter(state=VersionState.DRAFT).exists():
        raise ValidationError(
            _("A draft of “%(name)s” is being edited: publish or discard it, then load again.")
            % {"name": row.name}
        )
    wanted = edition_of(data)
    years = SchemeVersion(scheme=row, first_year=wanted.first_year, last_year=wanted.last_year)
    before = overlapping(years)
    try:
        if before is not None and before.first_year >= wanted.first_year:
            retire_version(version_id=before.pk, reason=REASON, actor=None, now=now)
        draft = start_draft(scheme_id=row.pk, actor=None, now=now)
        save_draft(
            version_id=draft.pk, edition=wanted, revision=draft.revision, actor=None, now=now
        )
        publish_version(version_id=draft.pk, reason=REASON, actor=None, now=now)
    except InvalidInput as error:
        raise ValidationError([str(problem.message) for problem in error.problems]) from error
    except Conflict as error:
        raise ValidationError(str(error)) from error


def edition_record(data: Mapping[str, Any]) -> dict[str, Any]:
    """An edition as `schemes.yaml` writes it: the tree nested, numbers as numbers."""
    record = {
        name: data[name]
        for name in ("first_year", "last_year", "group_by", "min_group", "verified", "method")
    }
    record["min_coverage"] = _number(data["min_coverage"])
    record["adjust"] = data["adjust"]
    record["ledger_rules"] = [
        {**rule, "points": _number(rule["points"]), "cap": _number(rule["cap"])}
        for rule in data["ledger_rules"]
    ]
    record["exit_rules"] = data["exit_rules"]
    directions = {1: "up", -1: "down"}
    nodes: dict[str, dict[str, Any]] = {}
    for given in data["nodes"]:
        node = {
            "code": given["code"],
            "name_zh": given["name"],
            "name_en": given["name_en"],
            "points": _number(given["points"]),
            "direction": directions.get(given["direction"]),
            "indicator": given["indicator"] or None,
            "period_rule": None if given["period_rule"] == "year" else given["period_rule"],
            "growth_share": _number(given["growth_share"]),
            "growth_rule": None if given["growth_rule"] == "percent" else given["growth_rule"],
            "target": _number(given["target"]),
            "method": given["method"] or None,
            "verified": given["verified"],
            "note": given["note"] or None,
        }
        node = {name: value for name, value in node.items() if value is not None}
        nodes[given["code"]] = node
        if given["parent"]:
            nodes[given["parent"]].setdefault("parts", []).append(node)
        else:
            record["tree"] = node
    return record


def _number(text: str | None) -> int | float | None:
    if text is None:
        return None
    return float(text) if "." in text else int(text)


SCHEMES: Final = Store(
    kind="scheme",
    model=Scheme,
    columns=("name", "name_en", "issuer", "position"),
    extras={"edition": Extra(_read_edition, _write_edition)},
    prefetch=("versions",),
)
