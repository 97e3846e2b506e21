"""Who reads documents and who decides what becomes of them. Deny by default."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jingkai.core.accounts.public import OFFICIALS, Role, User
from jingkai.core.verdicts import ALLOWED, Verdict

from .models import SourceState, SourceVersion


def can_read(user: User) -> Verdict:
    """Officials read every document; the queryset twins are `queries.visible_*`."""
    if user.has_role(*OFFICIALS):
        return ALLOWED
    return Verdict(False, _("The documents are for officials of the city and its zones."))


def can_upload(user: User) -> Verdict:
    """Documents are brought in by the leading-group office."""
    if user.has_role(Role.OFFICE):
        return ALLOWED
    return Verdict(False, _("Only the leading-group office brings in documents."))


def can_decide(user: User) -> Verdict:
    """What was read is accepted, corrected and rejected by the leading-group office."""
    if user.has_role(Role.OFFICE):
        return ALLOWED
    return Verdict(False, _("Only the leading-group office decides what was read in a document."))


def can_publish(user: User) -> Verdict:
    """A document is taken over by the leading-group office."""
    if user.has_role(Role.OFFICE):
        return ALLOWED
    return Verdict(False, _("Only the leading-group office takes a document over."))


def is_open(version: SourceVersion) -> Verdict:
    """Whether decisions on the version can be made now."""
    if version.state == SourceState.REVIEW:
        return ALLOWED
    return Verdict(False, _("Decisions are made while a version is in review."))
