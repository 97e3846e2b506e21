"""Whom a correction concerns, and telling them in their own language."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from jingkai.core.accounts.public import Role, User, users_with_role
from jingkai.core.notices.public import notify

from ..models import Correction


def deciders(correction: Correction) -> list[User]:
    """Those who can decide it: the office, the compiling department's reviewers."""
    compiler = correction.series.indicator.compiler_id
    reviewers = users_with_role(
        Role.DEPARTMENT_REVIEWER, body_ids=[] if compiler is None else [compiler]
    )
    return [*users_with_role(Role.OFFICE), *reviewers]


def concerned(correction: Correction) -> list[User]:
    """Everybody it concerns: asker, zone, compiling department, the office."""
    indicator, zone = correction.series.indicator, correction.series.zone
    people = [correction.requested_by, *deciders(correction)]
    if indicator.compiler_id is not None:
        people += users_with_role(Role.DEPARTMENT_CLERK, body_ids=[indicator.compiler_id])
    if zone is not None:
        people += users_with_role(Role.ZONE_CLERK, Role.ZONE_LEADER, body_ids=[zone.committee_id])
    return people


def _titles() -> dict[str, str]:
    return {
        "requested": _("Correction asked for: %(what)s"),
        "withdrawn": _("Correction withdrawn: %(what)s"),
        "refused": _("Correction refused: %(what)s"),
        "approved": _("Figure corrected: %(what)s"),
    }


def tell(
    correction: Correction, people: list[User], *, actor: User, now: datetime, kind: str
) -> None:
    """A notice in each reader's own language, except to the one who did it."""
    series = correction.series
    unit = series.indicator.unit
    by_language: dict[str, list[User]] = {}
    for person in people:
        if person.pk != actor.pk:
            by_language.setdefault(person.language or "zh-hans", []).append(person)
    for language, group in by_language.items():
        with override(language):
            scope = series.zone.short_name if series.zone else series.get_scope_kind_display()
            notify(
                recipients=group,
                kind=f"reporting.correction.{kind}",
                title=_titles()[kind]
                % {"what": f"{series.indicator.name} {scope} {correction.period}"},
                body=f"{correction.old_value.normalize():f} → "
                f"{correction.new_value.normalize():f} {unit}；{correction.reason}",
                url=reverse("reporting:correction", args=[correction.pk]),
                now=now,
                dedupe_key=f"correction:{correction.pk}:{kind}",
            )
