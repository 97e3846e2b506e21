"""Documents, versions and things read, as far as a person may see them."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, Prefetch, QuerySet

from jingkai.core.accounts.public import User

from .. import rules
from ..models import SourceDocument, SourceItem, SourceVersion

M = TypeVar("M", bound=Model)
HEAVY = ("text", "reading", "sections")


def _visible(rows: QuerySet[M], user: User) -> QuerySet[M]:
    return rows if rules.can_read(user) else rows.none()


def visible_documents(user: User) -> QuerySet[SourceDocument]:
    """Documents `user` may read: all for officials, none for others."""
    return _visible(SourceDocument.objects.all(), user)


def visible_versions(user: User) -> QuerySet[SourceVersion]:
    """Versions `user` may read, the whole text included when asked for."""
    return _visible(SourceVersion.objects.all(), user)


def visible_items(user: User) -> QuerySet[SourceItem]:
    """Things read in the versions `user` may read."""
    return _visible(SourceItem.objects.all(), user)


def documents_for_list(user: User) -> QuerySet[SourceDocument]:
    """Documents with their versions, newest first. 2 queries at any length."""
    versions = SourceVersion.objects.defer(*HEAVY).select_related("uploaded_by").order_by("-number")
    return (
        visible_documents(user)
        .select_related("policy")
        .prefetch_related(Prefetch("versions", queryset=versions))
        .order_by("-pk")
    )
