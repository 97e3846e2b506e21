"""Opening, extending, urging, publishing and cancelling the collection of a form."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import partial

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput, TransitionNotAllowed
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import move
from jingkai.engine.errors import PeriodError
from jingkai.engine.periods import Frequency, Period
from jingkai.masterdata.organisations.public import Zone, active_zones
from jingkai.masterdata.reference.public import add_working_days

from .. import rules
from ..models import (
    Campaign,
    CampaignState,
    Cell,
    CellState,
    Coverage,
    ExtensionState,
    FilledBy,
    Form,
    FormItem,
    FormVersion,
    Return,
    ReturnExtension,
    ReturnState,
    ReturnUrge,
    VersionState,
)
from ..people import clerks_of, signers_of, tell
from ..prefilling import prefill
from ..states import CAMPAIGN_MOVES, EXTENSION_MOVES, FILLING_STATES
from ._steps import lock_return, must_be_open, needs_text


def period_for(form: Form, code: str) -> Period:
    """The period `code`; raises InvalidInput when the form is not filled for it."""
    try:
        period = Period.parse(code)
    except PeriodError:
        period = None
    if period is None or period.frequency is not Frequency(form.frequency):
        message = _("“%(form)s” is %(frequency)s: “%(period)s” does not fit.") % {
            "form": form.name,
            "frequency": form.get_frequency_display(),
            "period": code,
        }
        raise InvalidInput(message, problems=[FieldProblem("period", message, "period")])
    if form.joins_january and period.frequency is Frequency.MONTH and period.part == 1:
        message = _("January is reported together with February: open %(period)s.") % {
            "period": period.next()
        }
        raise InvalidInput(message, problems=[FieldProblem("period", message, "january")])
    return period


def version_for(form: Form, period: Period) -> FormVersion:
    """The published version in force at the period's end. Raises InvalidInput when none is."""
    version = (
        form.versions.filter(state=VersionState.PUBLISHED, effective_from__lte=period.end)
        .order_by("-effective_from", "-number")
        .first()
    )
    if version is None:
        message = _("“%(form)s” has no published version in force in %(period)s.") % {
            "form": form.name,
            "period": period,
        }
        raise InvalidInput(message, problems=[FieldProblem("form", message, "no-version")])
    return version


@transaction.atomic
def open_campaign(*, form_id: int, period: str, actor: User | None, now: datetime) -> Campaign:
    """Ask every filler for one period: a return each, with what is known filled in.

    `actor` None is the clock. Raises InvalidInput for a period that does not fit or has not
    ended, Conflict when this form is being collected for it already.
    """
    if actor is not None:
        require(rules.can_administer(actor))
    form = Form.objects.select_for_update(of=("self",)).filter(pk=form_id).first()
    if form is None:
        raise Http404
    span = period_for(form, period)
    if span.end >= timezone.localdate(now):
        message = _("%(period)s has not ended yet.") % {"period": span}
        raise InvalidInput(message, problems=[FieldProblem("period", message, "not-ended")])
    if (
        Campaign.objects.filter(form=form, period=span.code)
        .exclude(state=CampaignState.CANCELLED)
        .exists()
    ):
        raise Conflict(_("This form is already being collected for this period."))
    version = version_for(form, span)
    campaign = Campaign.objects.create(
        form=form,
        version=version,
        period=span.code,
        period_end=span.end,
        due_on=add_working_days(span.end, version.due_working_days),
        opened_by=actor,
        opened_at=now,
    )
    returns = _open_returns(campaign, form, span)
    cells = _open_cells(campaign, returns)
    audit.record(
        "reporting.campaign.opened",
        actor=actor,
        target=campaign,
        at=now,
        details={"period": span.code, "returns": len(returns), "cells": cells},
        row_count=len(returns),
    )
    tell(
        clerks_of(*(row.body_id for row in returns)),
        kind="opened",
        now=now,
        say=partial(_say_opened, form.name, span.code, campaign.due_on),
        dedupe_key=f"rep-open-{campaign.pk}",
        url="/delivery/returns/",
    )
    return campaign


def _say_opened(form: str, period: str, due: date) -> str:
    return _("To fill in: %(form)s %(period)s, due %(due)s") % {
        "form": form,
        "period": period,
        "due": due,
    }


def _open_returns(campaign: Campaign, form: Form, period: Period) -> list[Return]:
    if form.filled_by == FilledBy.ZONE:
        rows = [
            Return(campaign=campaign, body=zone.committee, zone=zone, due_on=campaign.due_on)
            for zone in active_zones(period.end).select_related("committee")
        ]
    else:
        rows = [Return(campaign=campaign, body=form.body, due_on=campaign.due_on)]
    if not rows:
        raise InvalidInput(_("There is no zone that could fill in this form."))
    return Return.objects.bulk_create(rows)


def _open_cells(campaign: Campaign, returns: Sequence[Return]) -> int:
    items = list(campaign.version.items.select_related("indicator"))
    if not items:
        raise InvalidInput(_("This form asks for nothing: add items first."))
    zones = list(active_zones(campaign.period_end))
    cells = [
        Cell(in_return=row, item=item, indicator=item.indicator, scope=scope, part=part)
        for row in returns
        for item in items
        for scope in _scopes(item, row, zones)
        for part in (("", "month") if item.with_month else ("",))
    ]
    Cell.objects.bulk_create(cells, batch_size=5000)
    prefill(campaign, cells)
    return len(cells)


def _scopes(item: FormItem, in_return: Return, zones: Sequence[Zone]) -> list[str]:
    if in_return.zone is not None:
        return [in_return.zone.code]
    every = [zone.code for zone in zones]
    match item.coverage:
        case Coverage.CITY:
            return ["CITY"]
        case Coverage.BOTH:
            return [*every, "CITY"]
        case _:
            return every


def _lock_campaign(campaign_id: int) -> Campaign:
    row = (
        Campaign.objects.select_for_update(of=("self",))
        .select_related("form")
        .filter(pk=campaign_id)
        .first()
    )
    if row is None:
        raise Http404
    return row


@transaction.atomic
def publish_campaign(*, campaign_id: int, actor: User, now: datetime) -> Campaign:
    """Close the collection: what is verified is published, and changes by correction slip only.

    Raises Conflict while a signed figure waits for verification or a cell was returned; what a
    filler never sent stays unpublished and is named in the trail.
    """
    require(rules.can_administer(actor))
    campaign = _lock_campaign(campaign_id)
    returns = list(
        Return.objects.select_for_update(of=("self",)).filter(campaign=campaign).order_by("pk")
    )
    waiting = (
        Cell.objects.filter(in_return__campaign=campaign)
        .exclude(state__in=[CellState.VERIFIED, CellState.OPEN])
        .count()
    )
    if campaign.state == CampaignState.OPEN and waiting:
        raise Conflict(
            _("%(n)d figures are sent and not verified yet, or were returned. Settle these first.")
            % {"n": waiting}
        )
    move(
        campaign,
        "publish",
        table=CAMPAIGN_MOVES,
        actor=actor,
        at=now,
        audit_action="reporting.campaign.published",
        details={"missing": [r.pk for r in returns if r.state != ReturnState.VERIFIED]},
    )
    campaign.published_by, campaign.published_at = actor, now
    campaign.save()
    return campaign


@transaction.atomic
def cancel_campaign(*, campaign_id: int, reason: str, actor: User, now: datetime) -> Campaign:
    """Call the collection off. Raises Conflict once figures of it are verified."""
    require(rules.can_administer(actor))
    campaign = _lock_campaign(campaign_id)
    list(Return.objects.select_for_update().filter(campaign=campaign).order_by("pk"))
    if Cell.objects.filter(in_return__campaign=campaign, state=CellState.VERIFIED).exists():
        raise Conflict(_("Figures of this collection are verified already: publish it instead."))
    move(
        campaign,
        "cancel",
        table=CAMPAIGN_MOVES,
        actor=actor,
        at=now,
        reason=reason,
        audit_action="reporting.campaign.cancelled",
    )
    campaign.save()
    return campaign


@transaction.atomic
def request_extension(
    *, return_id: int, to_date: date, reason: str, actor: User, now: datetime
) -> ReturnExtension:
    """Ask for more time. Raises InvalidInput, or Conflict when a request is waiting."""
    in_return = lock_return(return_id)
    require(rules.can_request_unlock(actor, in_return))
    must_be_open(in_return.campaign, _("Ask for more time"))
    row = _extension(in_return, ExtensionState.REQUESTED, to_date, reason, actor, now)
    row.save()
    audit.record(
        "reporting.extension.requested",
        actor=actor,
        target=in_return,
        at=now,
        summary=row.reason,
        details={"to": str(to_date)},
    )
    return row


def _extension(
    in_return: Return,
    state: ExtensionState,
    to_date: date,
    reason: str,
    actor: User,
    now: datetime,
) -> ReturnExtension:
    if in_return.state not in FILLING_STATES:
        raise TransitionNotAllowed(
            action=_("Ask for more time"), state=in_return.get_state_display()
        )
    if to_date <= in_return.due_on:
        message = _("The new date must lie after the present one.")
        raise InvalidInput(message, problems=[FieldProblem("to_date", message)])
    if ReturnExtension.objects.filter(in_return=in_return, state=ExtensionState.REQUESTED).exists():
        raise Conflict(_("A request for more time is already waiting."))
    return ReturnExtension(
        in_return=in_return,
        state=state,
        from_date=in_return.due_on,
        to_date=to_date,
        reason=needs_text("reason", reason),
        requested_by=actor,
        requested_at=now,
    )


@transaction.atomic
def decide_extension(
    *, extension_id: int, grant: bool, answer: str, actor: User, now: datetime
) -> ReturnExtension:
    """Give or refuse more time. Days late that were counted already stay."""
    require(rules.can_administer(actor))
    owner = (
        ReturnExtension.objects.filter(pk=extension_id)
        .values_list("in_return_id", flat=True)
        .first()
    )
    if owner is None:
        raise Http404
    in_return = lock_return(owner)
    row = ReturnExtension.objects.select_for_update().get(pk=extension_id)
    action = "grant" if grant else "refuse"
    move(
        row,
        action,
        table=EXTENSION_MOVES,
        actor=actor,
        at=now,
        reason=answer,
        audit_action=f"reporting.extension.{action}",
    )
    row.decided_by, row.decided_at, row.answer = actor, now, answer.strip()[:500]
    row.save()
    if grant:
        in_return.due_on = max(in_return.due_on, row.to_date)
        in_return.save(update_fields=["due_on"])
    tell(
        clerks_of(in_return.body_id),
        kind=f"extension-{action}",
        in_return=in_return,
        now=now,
        body=row.answer,
        say=partial(_say_extension, grant, row.to_date),
    )
    return row


def _say_extension(grant: bool, to_date: date) -> str:
    if grant:
        return _("More time to report: until %(day)s") % {"day": to_date}
    return _("Your request for more time was refused")


@transaction.atomic
def extend_return(
    *, return_id: int, to_date: date, reason: str, actor: User, now: datetime
) -> ReturnExtension:
    """The office gives more time without being asked."""
    require(rules.can_administer(actor))
    in_return = lock_return(return_id)
    must_be_open(in_return.campaign, _("Give more time"))
    row = _extension(in_return, ExtensionState.GRANTED, to_date, reason, actor, now)
    row.decided_by, row.decided_at = actor, now
    row.save()
    in_return.due_on = to_date
    in_return.save(update_fields=["due_on"])
    audit.record(
        "reporting.extension.grant",
        actor=actor,
        target=in_return,
        at=now,
        summary=row.reason,
        details={"to": str(to_date)},
    )
    return row


@transaction.atomic
def urge_returns(*, return_ids: Collection[int], actor: User, now: datetime, text: str = "") -> int:
    """Remind the people of returns that are not sent, at most once a day each; return how many.

    Raises InvalidInput when none of them is still to be sent.
    """
    require(rules.can_administer(actor))
    today = timezone.localdate(now)
    rows = list(
        Return.objects.select_for_update(of=("self",))
        .filter(pk__in=return_ids, state__in=FILLING_STATES, campaign__state=CampaignState.OPEN)
        .select_related("campaign__form")
        .order_by("pk")
    )
    if not rows:
        raise InvalidInput(_("None of these returns is still to be sent."))
    urged_today = {
        pk
        for pk, at in ReturnUrge.objects.filter(in_return__in=rows).values_list(
            "in_return_id", "at"
        )
        if timezone.localdate(at) == today
    }
    fresh = [row for row in rows if row.pk not in urged_today]
    ReturnUrge.objects.bulk_create(
        [ReturnUrge(in_return=row, actor=actor, text=text.strip()[:300], at=now) for row in fresh]
    )
    for row in fresh:
        audit.record(
            "reporting.return.urged", actor=actor, target=row, at=now, summary=text.strip()
        )
        tell(
            [*clerks_of(row.body_id), *signers_of(row.body_id)],
            kind="urged",
            in_return=row,
            now=now,
            at_once=True,
            body=text.strip(),
            say=partial(_say_urged, row.campaign.form.name, row.campaign.period, row.due_on),
        )
    return len(fresh)


def _say_urged(form: str, period: str, due: date) -> str:
    return _("Please report: %(form)s %(period)s, due %(due)s") % {
        "form": form,
        "period": period,
        "due": due,
    }
