"""Once a month the office hears which rules cry wolf."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jingkai.core.accounts.public import Role, users_with_role

from ..people import tell
from ..queries.precision import RuleRow, rule_rows
from ..rulebook import title_of


@transaction.atomic
def report_noisy_rules(*, now: datetime) -> int:
    """Tell the office of rules in force that are noisy, once a month; return how many people.

    Nothing is said while there is none, or while the limits are not loaded.
    """
    day = timezone.localdate(now)
    noisy = [row for row in rule_rows(day) if row.noisy and row.rule.is_active]
    if not noisy:
        return 0
    return tell(
        users_with_role(Role.OFFICE),
        kind="noisy",
        say=partial(_say, noisy),
        url=f"{reverse('reporting:rules')}?state=noisy",
        now=now,
        dedupe_key=f"rep-noisy-{day:%Y-%m}",
    )


def _say(rows: Sequence[RuleRow]) -> str:
    count = len(rows)
    return ngettext(
        "%(n)d validation rule is often wrong: %(first)s. Sharpen it or switch it off.",
        "%(n)d validation rules are often wrong, first of them: %(first)s. Sharpen or switch off.",
        count,
    ) % {
        "n": count,
        "first": _("“%(title)s” (%(percent)s%% right)")
        % {"title": title_of(rows[0].rule), "percent": f"{rows[0].precision.percent:.0f}"},
    }
