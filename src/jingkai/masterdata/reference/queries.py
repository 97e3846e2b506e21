"""Reading reference tables for people: lists, versions side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from jingkai.core.accounts.public import OFFICIALS, Role, User

from .models import ReferenceRow, ReferenceTable, ReferenceVersion, VersionState
from .values import shown


def visible_tables(user: User) -> QuerySet[ReferenceTable]:
    """Tables `user` may see, with the version in force today (`current_*`) and their drafts."""
    if not user.has_role(*OFFICIALS):
        return ReferenceTable.objects.none()
    today = timezone.localdate()
    current = ReferenceVersion.objects.filter(
        Q(effective_to__isnull=True) | Q(effective_to__gte=today),
        table=OuterRef("pk"),
        state=VersionState.IN_FORCE,
        effective_from__lte=today,
    ).order_by("-effective_from", "-pk")
    return ReferenceTable.objects.annotate(
        current_version=Subquery(current.values("version")[:1]),
        current_from=Subquery(current.values("effective_from")[:1]),
        current_confidence=Subquery(current.values("confidence")[:1]),
        current_source=Subquery(current.values("source")[:1]),
        version_count=Count("versions", filter=~Q(versions__state=VersionState.DRAFT)),
        draft_count=Count("versions", filter=Q(versions__state=VersionState.DRAFT)),
    )


def visible_versions(user: User, table: ReferenceTable) -> list[ReferenceVersion]:
    """Versions of a table, newest first; drafts only for those who keep the table. 1 query."""
    versions = table.versions.select_related("editor").annotate(row_count=Count("rows"))
    if not user.has_role(Role.OFFICE):
        versions = versions.exclude(state=VersionState.DRAFT)
    return list(versions.order_by("-effective_from", "-pk"))


def version_on(versions: list[ReferenceVersion], on: date) -> ReferenceVersion | None:
    """The version of `versions` (newest first) in force on `on`."""
    return next(
        (
            v
            for v in versions
            if v.state == VersionState.IN_FORCE
            and v.effective_from <= on
            and (v.effective_to is None or on <= v.effective_to)
        ),
        None,
    )


@dataclass(frozen=True, slots=True)
class RowDifference:
    """One row that differs: `kind` added, removed or changed; cells as (label, old, new)."""

    key: str
    kind: str
    cells: tuple[tuple[str, str, str], ...]


def difference(
    columns: Sequence[Mapping[str, Any]], old: list[ReferenceRow], new: list[ReferenceRow]
) -> list[RowDifference]:
    """What `new` says otherwise than `old`, in the order of `new`, removed rows last."""
    before, after = {r.key: r.values for r in old}, {r.key: r.values for r in new}
    found = []
    for key, values in after.items():
        if key not in before:
            cells = tuple((c["title"], "", shown(c, values.get(c["key"]))) for c in columns)
            found.append(RowDifference(key, "added", cells))
            continue
        changed = tuple(
            (c["title"], shown(c, before[key].get(c["key"])), shown(c, values.get(c["key"])))
            for c in columns
            if (before[key].get(c["key"]) or None) != (values.get(c["key"]) or None)
        )
        if changed:
            found.append(RowDifference(key, "changed", changed))
    for key, values in before.items():
        if key not in after:
            cells = tuple((c["title"], shown(c, values.get(c["key"])), "") for c in columns)
            found.append(RowDifference(key, "removed", cells))
    return found
