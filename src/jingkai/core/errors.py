"""The one error family: every refusal has a code, an HTTP status and a sentence for people.

Who may not is 403 (`NotPermitted`); not now is 409 (`TransitionNotAllowed`, `Conflict`);
what was sent is wrong is 422 (`InvalidInput`). Out of scope is 404: ids do not leak.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise


class DomainError(Exception):
    """A rule said no. `str(error)` is the sentence shown to the user."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    title: ClassVar[StrOrPromise] = _("The request could not be carried out.")

    def __init__(self, message: StrOrPromise = "", **params: Any) -> None:
        super().__init__(message)
        self.message: StrOrPromise = message or self.title
        self.params: Mapping[str, Any] = params

    def __str__(self) -> str:
        return str(self.message)


class NotPermitted(DomainError):
    """This person may not do it, now or later."""

    code, status, title = "not-permitted", 403, _("You may not do this.")


class Conflict(DomainError):
    """It clashes with what is already there, or somebody was faster."""

    code, status, title = "conflict", 409, _("This clashes with what is already recorded.")


class TransitionNotAllowed(Conflict):
    """The object is not in a state from which the action leads anywhere."""

    code, title = "transition-not-allowed", _("This step is not possible now.")

    def __init__(self, *, action: str, state: str, message: StrOrPromise = "") -> None:
        super().__init__(
            message
            or _(
                "“%(action)s” is not possible in state “%(state)s”. Reload the page to see it now."
            )
            % {"action": action, "state": state},
            action=action,
            state=state,
        )


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing wrong in what was sent: where, and what to do about it."""

    field: str
    message: str
    code: str = "invalid"


class InvalidInput(DomainError):
    """What was sent is wrong. `problems` names each place."""

    code, status, title = "invalid-input", 422, _("Please correct what is marked.")

    def __init__(
        self, message: StrOrPromise = "", *, problems: Sequence[FieldProblem] = (), **params: Any
    ) -> None:
        super().__init__(message or (problems[0].message if problems else ""), **params)
        self.problems = tuple(problems)
