"""What waits for one person among the returns, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jingkai.core.accounts.public import Role, User
from jingkai.core.notices.public import Deadline

from ..models import (
    CampaignState,
    Cell,
    CellState,
    ExtensionState,
    Return,
    ReturnExtension,
    ReturnState,
    UnlockState,
    UnlockTicket,
)
from ..rules import CLERKS, SIGNERS, delegations_to
from ..states import FILLING_STATES

Group = Literal["waiting", "late", "coming"]


@dataclass(frozen=True, slots=True)
class ReturnWork:
    """One thing for one person to do with a return."""

    group: Group
    kind: str
    what: str
    title: str
    body: str
    url: str
    due_on: date | None
    late_days: int = 0


def return_work(user: User, today: date) -> list[ReturnWork]:
    """Returns to fill in, to sign, to verify, and requests to decide. At most 6 queries."""
    items = [*_to_fill(user, today), *_to_sign(user, today), *_to_verify(user, today)]
    if user.has_role(Role.OFFICE):
        items += _to_decide()
    order = {"late": 0, "waiting": 1, "coming": 2}
    return sorted(items, key=lambda i: (order[i.group], i.due_on or date.max, i.title, i.url))


def _title(row: Return) -> str:
    return f"{row.campaign.form.name} {row.campaign.period}"


def _to_fill(user: User, today: date) -> list[ReturnWork]:
    bodies = user.body_ids(*CLERKS)
    if not bodies:
        return []
    rows = Return.objects.filter(
        body_id__in=bodies, state__in=FILLING_STATES, campaign__state=CampaignState.OPEN
    ).select_related("campaign__form", "body")
    return [
        ReturnWork(
            "late" if row.due_on < today else "waiting",
            "return-fill",
            _("Fill in and send")
            if row.state == ReturnState.DRAFT
            else _("Mend the returned cells"),
            _title(row),
            row.body.name,
            reverse("reporting:return", args=[row.pk]),
            row.due_on,
            row.late_days,
        )
        for row in rows
    ]


def _signing_bodies(user: User, today: date) -> set[int]:
    return set(user.body_ids(*SIGNERS)) | {d.body_id for d in delegations_to(user, today)}


def _to_sign(user: User, today: date) -> list[ReturnWork]:
    bodies = _signing_bodies(user, today)
    if not bodies:
        return []
    rows = Return.objects.filter(
        body_id__in=bodies, state=ReturnState.SUBMITTED, campaign__state=CampaignState.OPEN
    ).select_related("campaign__form", "body")
    return [
        ReturnWork(
            "late" if row.due_on < today else "waiting",
            "return-sign",
            _("Look through and sign"),
            _title(row),
            row.body.name,
            reverse("reporting:sign", args=[row.pk]),
            row.due_on,
        )
        for row in rows
    ]


def _to_verify(user: User, today: date) -> list[ReturnWork]:
    bodies = _signing_bodies(user, today)
    if not bodies:
        return []
    waiting = (
        Cell.objects.filter(
            Q(item__verifier__in=bodies)
            | Q(item__verifier__isnull=True, indicator__compiler__in=bodies),
            state=CellState.SIGNED,
            part="",
            in_return__campaign__state=CampaignState.OPEN,
        )
        .values(
            "indicator__code",
            "indicator__name",
            campaign=F("in_return__campaign"),
            period=F("in_return__campaign__period"),
            due=F("in_return__campaign__due_on"),
        )
        .annotate(n=Count("pk"))
        .order_by("due", "indicator__code", "campaign")
    )
    return [
        ReturnWork(
            "waiting",
            "return-verify",
            ngettext("Verify %(n)d signed figure", "Verify %(n)d signed figures", row["n"])
            % {"n": row["n"]},
            f"{row['indicator__name']} {row['period']}",
            "",
            reverse("reporting:verify", args=[row["campaign"], row["indicator__code"]]),
            None,
        )
        for row in waiting
    ]


def _to_decide() -> list[ReturnWork]:
    tickets = UnlockTicket.objects.filter(state=UnlockState.REQUESTED).select_related(
        "in_return__campaign__form", "in_return__body"
    )
    asked = ReturnExtension.objects.filter(state=ExtensionState.REQUESTED).select_related(
        "in_return__campaign__form", "in_return__body"
    )
    return [
        *(
            ReturnWork(
                "waiting",
                "return-unlock",
                _("Decide the unlock asked for"),
                _title(ticket.in_return),
                ticket.in_return.body.name,
                reverse("reporting:unlocks"),
                None,
            )
            for ticket in tickets
        ),
        *(
            ReturnWork(
                "waiting",
                "return-extension",
                _("Decide the time asked for"),
                _title(row.in_return),
                row.in_return.body.name,
                reverse("reporting:campaign", args=[row.in_return.campaign_id]),
                row.in_return.due_on,
            )
            for row in asked
        ),
    ]


def deadlines_for(user: User) -> list[Deadline]:
    """Days by which the user's bodies must have reported. 2 queries."""
    return [
        Deadline(f"reporting-{item.url}", f"{item.what}：{item.title}", item.due_on, item.url)
        for item in _to_fill(user, timezone.localdate())
        if item.due_on is not None
    ]
