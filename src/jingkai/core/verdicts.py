"""Permission verdicts: one rule per action, an answer with a reason, for page, service and API."""

from __future__ import annotations

from dataclasses import dataclass

from django_stubs_ext import StrOrPromise

from .errors import NotPermitted


@dataclass(frozen=True, slots=True)
class Verdict:
    """Truthy when allowed; else `reason` is shown to the user."""

    allowed: bool
    reason: StrOrPromise = ""

    def __bool__(self) -> bool:
        return self.allowed


ALLOWED = Verdict(True)


def require(verdict: Verdict) -> None:
    """Raise NotPermitted with the rule's reason unless `verdict` allows."""
    if not verdict:
        raise NotPermitted(verdict.reason)
