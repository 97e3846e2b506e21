"""What can be done with an obligation now: form, verdict and wording of each action."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_stubs_ext import StrOrPromise

from jingkai.core.accounts.public import User
from jingkai.core.verdicts import Verdict

from . import forms, rules, services
from .models import Obligation, ObligationKind, ObligationState
from .services.reporting import default_period

S = ObligationState
Form = django_forms.Form
Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Action:
    """One action: when it is there, who may, what it asks, what it says afterwards."""

    name: str
    label: StrOrPromise
    states: frozenset[str]
    form: type[Form]
    may: Callable[[User, Obligation], Verdict]
    run: Callable[[Obligation, Data, User, datetime], object]
    done: StrOrPromise
    confirm: StrOrPromise = ""
    kinds: frozenset[str] = frozenset({ObligationKind.SHARE})
    uploads: bool = False


def _office(user: User, _obligation: Obligation) -> Verdict:
    return rules.can_administer(user)


def _settle(o: Obligation, data: Data, actor: User, now: datetime) -> object:
    new = data["new_body"]
    return services.settle_dispute(
        obligation_id=o.pk,
        keep=data["decision"] == "keep",
        new_body_id=new.pk if new else None,
        note=data["note"],
        actor=actor,
        now=now,
    )


def _dispute(o: Obligation, data: Data, actor: User, now: datetime) -> object:
    proposed = data["proposed_body"]
    return services.dispute(
        obligation_id=o.pk,
        reason=data["reason"],
        actor=actor,
        now=now,
        proposed_body_id=proposed.pk if proposed else None,
    )


_SHARE = frozenset({ObligationKind.SHARE})
_WHOLE = frozenset({ObligationKind.TASK})
_BOTH = _SHARE | _WHOLE

ACTIONS: Final = (
    Action(
        "issue",
        pgettext_lazy("task", "Issue"),
        frozenset({S.REGISTERED}),
        forms.IssueForm,
        _office,
        lambda o, d, u, t: services.issue(
            obligation_id=o.pk, due_on=d["due_on"], sign_by=d["sign_by"], actor=u, now=t
        ),
        _("Issued. The body has been told and signs for it next."),
    ),
    Action(
        "sign",
        _("Sign for"),
        frozenset({S.ISSUED}),
        forms.EmptyForm,
        rules.can_sign,
        lambda o, d, u, t: services.sign(obligation_id=o.pk, actor=u, now=t),
        _("Signed for. The first report is due on the day shown."),
    ),
    Action(
        "dispute",
        _("Dispute ownership"),
        frozenset({S.ISSUED}),
        forms.DisputeForm,
        rules.can_dispute,
        _dispute,
        _("Ownership disputed. The office decides next."),
    ),
    Action(
        "settle",
        _("Settle the dispute"),
        frozenset({S.DISPUTED}),
        forms.SettleForm,
        _office,
        _settle,
        _("Decided. Both bodies have been told."),
    ),
    Action(
        "report",
        _("Report progress"),
        frozenset({S.ACTIVE}),
        forms.ReportForm,
        rules.can_report,
        lambda o, d, u, t: services.report_progress(
            obligation_id=o.pk,
            period=d["period"],
            progress=d["progress"],
            text=d["text"],
            next_step=d["next_step"],
            problems=d["problems"],
            evidence=d["evidence"],
            actor=u,
            now=t,
        ),
        _("Report sent. Another person of the body reviews it next."),
        uploads=True,
    ),
    Action(
        "claim",
        _("Claim completion"),
        frozenset({S.ACTIVE}),
        forms.ClaimForm,
        rules.can_claim,
        lambda o, d, u, t: services.claim_completion(
            obligation_id=o.pk, text=d["text"], evidence=d["evidence"], actor=u, now=t
        ),
        _("Completion claimed. The body's reviewer checks it, then the office decides."),
        uploads=True,
    ),
    Action(
        "extension",
        _("Request an extension"),
        frozenset({S.ACTIVE}),
        forms.ExtensionForm,
        rules.can_request_extension,
        lambda o, d, u, t: services.request_extension(
            obligation_id=o.pk, to_date=d["to_date"], reason=d["reason"], actor=u, now=t
        ),
        _("Extension requested. The office decides; until then the date stays."),
    ),
    Action(
        "urge",
        _("Urge"),
        frozenset({S.ISSUED, S.ACTIVE}),
        forms.UrgeForm,
        _office,
        lambda o, d, u, t: services.urge(obligation_id=o.pk, text=d["text"], actor=u, now=t),
        _("Urged. The body answers by the day shown."),
    ),
    Action(
        "conclude",
        _("Complete the whole task"),
        frozenset({S.ISSUED, S.ACTIVE}),
        forms.NoteForm,
        _office,
        lambda o, d, u, t: services.conclude(obligation_id=o.pk, note=d["note"], actor=u, now=t),
        _("The whole task is completed."),
        kinds=_WHOLE,
    ),
    Action(
        "exempt",
        _("Exempt from the next figure"),
        frozenset({S.COMPLETED}),
        forms.ReasonForm,
        rules.can_exempt,
        lambda o, d, u, t: services.exempt_from_figure(
            obligation_id=o.pk, reason=d["reason"], actor=u, now=t
        ),
        _("Exempted. The office can close the task."),
        kinds=_WHOLE,
    ),
    Action(
        "close",
        _("Strike off"),
        frozenset({S.COMPLETED}),
        forms.NoteForm,
        _office,
        lambda o, d, u, t: services.close(obligation_id=o.pk, note=d["note"], actor=u, now=t),
        _("Closed. It is off the list; its late days stay on record."),
        kinds=_BOTH,
    ),
    Action(
        "reopen",
        _("Reopen"),
        frozenset({S.COMPLETED, S.CLOSED}),
        forms.ReopenForm,
        _office,
        lambda o, d, u, t: services.reopen(
            obligation_id=o.pk, due_on=d["due_on"], reason=d["reason"], actor=u, now=t
        ),
        _("Reopened with a new due date."),
        kinds=_BOTH,
    ),
    Action(
        "withdraw",
        _("Withdraw"),
        frozenset({S.REGISTERED, S.ISSUED, S.DISPUTED, S.ACTIVE, S.IN_REVIEW}),
        forms.ReasonForm,
        _office,
        lambda o, d, u, t: services.withdraw(
            obligation_id=o.pk, reason=d["reason"], actor=u, now=t
        ),
        _("Withdrawn."),
        confirm=_(
            "Withdraw this obligation? A whole task takes its open shares with it. "
            "It cannot be undone."
        ),
        kinds=_BOTH,
    ),
)
BY_NAME: Final = {action.name: action for action in ACTIONS}


@dataclass(frozen=True, slots=True)
class Offer:
    """An action as one person sees it on one obligation."""

    action: Action
    verdict: Verdict
    form: Form
    opened: bool = False


def initial_for(name: str, obligation: Obligation, now: datetime) -> dict[str, Any]:
    """What a form begins with."""
    if name == "issue":
        return {"due_on": obligation.due_on}
    if name == "report":
        return {
            "period": default_period(obligation, now.date()),
            "progress": obligation.claimed_progress,
        }
    return {}


def offers(
    user: User, obligation: Obligation, now: datetime, *, bound: tuple[str, Form] | None = None
) -> list[Offer]:
    """Actions of the present state, permitted ones first; `bound` keeps what was typed."""
    found = []
    for action in ACTIONS:
        if obligation.state not in action.states or obligation.kind not in action.kinds:
            continue
        verdict = action.may(user, obligation)
        if bound and bound[0] == action.name:
            form, opened = bound[1], True
        else:
            form = action.form(
                initial=initial_for(action.name, obligation, now), auto_id=f"{action.name}_%s"
            )
            opened = False
        found.append(Offer(action, verdict, form, opened))
    return sorted(found, key=lambda offer: not offer.verdict)
