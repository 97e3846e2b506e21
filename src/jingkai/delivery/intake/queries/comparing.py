"""Versions that can be compared."""

from __future__ import annotations

from django.db.models import QuerySet

from jingkai.core.accounts.public import User

from ..models import SourceState, SourceVersion
from .documents import visible_versions

_READ = (SourceState.REVIEW, SourceState.PUBLISHED, SourceState.DISCARDED)


def versions_to_compare(user: User, document_id: int) -> QuerySet[SourceVersion]:
    """Versions of a document that were read, newest first, without their texts. 1 query."""
    rows = visible_versions(user).filter(document=document_id, state__in=_READ)
    return rows.exclude(reading={}).defer("text", "reading", "sections").order_by("-number")


def pair_of(
    user: User, *, old: int = 0, new: int = 0, document: int = 0
) -> tuple[SourceVersion | None, SourceVersion] | None:
    """Two read versions of one document, the older first. ≤ 3 queries.

    Without `old` the one before `new`; without `new` the newest of `document`. The older is None
    when there is no other; None altogether when there is nothing to show.
    """
    rows = visible_versions(user).filter(state__in=_READ).exclude(reading={})
    rows = rows.select_related("document").defer("text", "sections")
    newest = (
        rows.filter(pk=new).first()
        if new
        else rows.filter(document=document).order_by("-number").first()
    )
    if newest is None:
        return None
    others = rows.filter(document=newest.document_id).exclude(pk=newest.pk)
    before = (
        others.filter(pk=old).first()
        if old
        else others.filter(number__lt=newest.number).order_by("-number").first()
    )
    if old and before is None:
        return None
    return before, newest
