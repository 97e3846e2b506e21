"""The ledger of points: a case is proposed with evidence, and a second person decides about it.

Lock order: the scheme (so that two people do not enter one case at the same moment), then the
entry. Runs keep copies: nothing here changes a run that is frozen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import DEPARTMENT, Role, User
from jingkai.core.audit import public as audit
from jingkai.core.checks import check_row
from jingkai.core.errors import Conflict
from jingkai.core.files.public import Attachment, attach, attachments_of
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import move
from jingkai.masterdata.organisations.public import Zone

from .. import rules
from ..models import LedgerEntry, LedgerState, Run, RunState, Scheme
from ..people import office, tell
from ..points import PointRule, point_rules
from ..queries.ledger import alike, edition_for, visible_entries
from ..states import LEDGER_MOVES
from ._checks import invalid, needs_text, same_revision

Upload = UploadedFile[bytes]


class AlikeCase(Conflict):
    """The same zone, rule and date stand in the ledger already: one case, or two?"""

    code = "alike-case"


@transaction.atomic
def propose_points(
    *,
    scheme_id: int,
    zone_id: int,
    year: int,
    rule: str,
    reason: str,
    actor: User,
    now: datetime,
    happened_on: date | None = None,
    outside_year: str = "",
    evidence: Sequence[Upload] = (),
    another_case: bool = False,
) -> LedgerEntry:
    """Enter a case. The rule of the scheme's published edition gives kind and points.

    `happened_on` lies in the data year, or `outside_year` says why the case counts for it.
    `another_case`: it is a second case, though zone, rule and date are those of another.

    Raises
    ------
    NotPermitted
        Others enter cases.
    Http404
        No such scheme or zone.
    InvalidInput
        A field is wrong; a department brought no evidence.
    AlikeCase
        A case like this stands or waits; say `another_case` to enter a second.
    Conflict
        The result of this year is published, or no published edition covers the year.
    """
    require(rules.can_propose_points(actor))
    scheme = Scheme.objects.select_for_update(no_key=True).filter(pk=scheme_id).first()
    zone = Zone.objects.filter(pk=zone_id).first()
    if scheme is None or zone is None:
        raise Http404
    given = _rule_of(scheme, year, rule)
    _not_published(scheme, year)
    if not zone.evaluated:
        raise invalid("zone", _("This zone takes no part in evaluations."))
    outside_year = _check_date(happened_on, outside_year, year, timezone.localdate(now))
    if not evidence and not actor.has_role(Role.OFFICE):
        raise invalid(
            "evidence",
            _("A department enters a case only with its evidence: attach it."),
            "required",
        )
    twin = alike(
        scheme_id=scheme.pk, zone_id=zone.pk, year=year, rule=given.code, happened_on=happened_on
    )
    if twin is not None and not another_case:
        raise AlikeCase(
            _(
                "Entry no. %(number)d has the same zone, rule and date. If this is a second case, "
                "say so and send it again."
            )
            % {"number": twin.pk},
            entry=twin.pk,
        )
    entry = LedgerEntry(
        scheme=scheme,
        zone=zone,
        year=year,
        kind=given.kind,
        rule=given.code,
        points=given.points,
        happened_on=happened_on,
        outside_year=outside_year,
        reason=needs_text("reason", reason),
        body_id=_department(actor),
        entered_by=actor,
        entered_at=now,
    )
    check_row(entry)
    entry.save()
    audit.record(
        "evaluation.ledger.proposed",
        actor=actor,
        target=entry,
        at=now,
        summary=entry.reason,
        details={
            "scheme": scheme.code,
            "zone": zone.code,
            "year": year,
            "rule": given.code,
            "points": str(given.points),
        },
    )
    for upload in evidence:
        attach(target=entry, upload=upload, actor=actor, now=now)
    _tell(entry, actor, now, "proposed")
    return entry


def _rule_of(scheme: Scheme, year: int, code: str) -> PointRule:
    edition = edition_for(scheme.pk, year)
    if edition is None:
        raise invalid(
            "year",
            _("No published edition of “%(scheme)s” is meant for the data year %(year)d.")
            % {"scheme": scheme.name, "year": year},
        )
    known = point_rules(edition.ledger_rules)
    if code not in known:
        raise invalid(
            "rule",
            _("Edition %(number)d of “%(scheme)s” has no rule “%(code)s”.")
            % {"number": edition.number, "scheme": scheme.name, "code": code},
        )
    return known[code]


def _not_published(scheme: Scheme, year: int) -> None:
    if Run.objects.filter(version__scheme=scheme, year=year, state=RunState.PUBLISHED).exists():
        raise Conflict(
            _("The result of %(year)d is published: nothing is entered for it any more.")
            % {"year": year}
        )


def _check_date(happened_on: date | None, why: str, year: int, today: date) -> str:
    """What to keep of `why`. Raises InvalidInput."""
    if happened_on is not None and happened_on > today:
        raise invalid("happened_on", _("This day has not come yet."))
    if happened_on is not None and happened_on.year == year:
        return ""
    if not why.strip():
        raise invalid(
            "outside_year",
            _("The case is not dated within %(year)d: say why it counts for this data year.")
            % {"year": year},
            "required",
        )
    return needs_text("outside_year", why, 300)


def _department(actor: User) -> int | None:
    """The department somebody enters for; None for the office."""
    if actor.has_role(Role.OFFICE):
        return None
    return min(actor.body_ids(*DEPARTMENT), default=None)


@transaction.atomic
def attach_case_evidence(
    *, entry_id: int, upload: Upload, actor: User, now: datetime, note: str = ""
) -> Attachment:
    """Put a paper to a case that waits. Raises Http404, NotPermitted, Conflict, InvalidInput."""
    entry = _locked(entry_id, actor)
    require(rules.can_add_evidence(actor, entry))
    if entry.state != LedgerState.PROPOSED:
        raise Conflict(
            _("This case is %(state)s: its papers stay as they are.")
            % {"state": entry.get_state_display()}
        )
    return attach(target=entry, upload=upload, actor=actor, now=now, note=note)


@transaction.atomic
def confirm_points(
    *, entry_id: int, actor: User, now: datetime, answer: str = "", revision: int | None = None
) -> LedgerEntry:
    """Confirm a case: it counts in every run frozen from now on.

    Raises Http404, NotPermitted, TransitionNotAllowed, Conflict without evidence.
    """
    entry = _locked(entry_id, actor)
    require(rules.can_decide_points(actor, entry))
    same_revision(entry, revision)
    LEDGER_MOVES.next_state(entry.state, "confirm")
    if not attachments_of(entry).exists():
        raise Conflict(_("No evidence is attached. Attach it before the case is confirmed."))
    return _decide(entry, "confirm", answer.strip(), actor=actor, now=now)


@transaction.atomic
def refuse_points(
    *, entry_id: int, reason: str, actor: User, now: datetime, revision: int | None = None
) -> LedgerEntry:
    """Refuse a case. Raises Http404, NotPermitted, TransitionNotAllowed, InvalidInput."""
    entry = _locked(entry_id, actor)
    require(rules.can_decide_points(actor, entry))
    same_revision(entry, revision)
    return _decide(entry, "refuse", reason, actor=actor, now=now)


@transaction.atomic
def withdraw_points(*, entry_id: int, reason: str, actor: User, now: datetime) -> LedgerEntry:
    """Take back a case of one's own body. Raises as `refuse_points` does."""
    entry = _locked(entry_id, actor)
    require(rules.can_withdraw_points(actor, entry))
    return _decide(entry, "withdraw", reason, actor=actor, now=now, decided=False)


@transaction.atomic
def revoke_points(*, entry_id: int, reason: str, actor: User, now: datetime) -> LedgerEntry:
    """Revoke a confirmed case: runs frozen later do not count it, earlier ones stay as they are.

    Raises as `refuse_points` does.
    """
    entry = _locked(entry_id, actor)
    require(rules.can_decide_points(actor, entry))
    return _decide(entry, "revoke", reason, actor=actor, now=now)


def _locked(entry_id: int, actor: User) -> LedgerEntry:
    entry = (
        LedgerEntry.objects.select_for_update(of=("self",))
        .select_related("scheme", "zone__committee", "entered_by")
        .filter(pk=entry_id, pk__in=visible_entries(actor).values("pk"))
        .first()
    )
    if entry is None:
        raise Http404
    return entry


def _decide(
    entry: LedgerEntry,
    action: str,
    reason: str,
    *,
    actor: User,
    now: datetime,
    decided: bool = True,
) -> LedgerEntry:
    if len(reason) > 500:
        needs_text("reason", reason)
    move(
        entry,
        action,
        table=LEDGER_MOVES,
        actor=actor,
        at=now,
        reason=reason,
        audit_action=f"evaluation.ledger.{action}",
        details={"zone": entry.zone.code, "year": entry.year, "rule": entry.rule},
    )
    entry.answer = reason.strip()
    if decided:
        entry.decided_by, entry.decided_at = actor, now
    entry.revision += 1
    check_row(entry)
    entry.save()
    _tell(entry, actor, now, action)
    return entry


def _tell(entry: LedgerEntry, actor: User, now: datetime, done: str) -> None:
    """The office of what waits; who entered it of what became of it."""

    def say() -> str:
        words = {
            "proposed": _("Points to confirm: %(what)s"),
            "confirm": _("Points confirmed: %(what)s"),
            "refuse": _("Points refused: %(what)s"),
            "withdraw": _("Points withdrawn: %(what)s"),
            "revoke": _("Points revoked: %(what)s"),
        }
        what = f"{entry.zone.short_name} {entry.year} {entry.get_kind_display()}"
        return words[done] % {"what": what}

    people = office() if done in ("proposed", "withdraw") else [entry.entered_by]
    tell(
        people,
        kind=f"ledger.{done}",
        say=say,
        url=reverse("evaluation:entry", args=[entry.pk]),
        now=now,
        dedupe_key=f"eval-entry-{entry.pk}-{done}",
        but=actor,
        body=entry.answer or entry.reason,
    )
