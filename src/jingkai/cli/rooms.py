"""Where the console calls the rooms: one place for what it needs of each.

Imports stay inside the functions: Django must be set up first.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .failures import CommandFailed
from .texts import gettext as _

if TYPE_CHECKING:
    from jingkai.core.accounts.public import User
    from jingkai.core.audit.public import ChainReport
    from jingkai.delivery.evaluation.public import Verification


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time sign-in link and whom it is for."""

    role: str
    url: str


def has(room: str, name: str) -> bool:
    """Whether this version has the room `room` and it offers `name`."""
    try:
        return hasattr(import_module(f"jingkai.{room}.public"), name)
    except ImportError:
        return False


def call(room: str, name: str, /, *arguments: Any, **named: Any) -> Any:
    """Call `name` of the room's public face. Raises CommandFailed when this version lacks it."""
    try:
        offered = getattr(import_module(f"jingkai.{room}.public"), name)
    except (ImportError, AttributeError) as error:
        raise CommandFailed(
            _("This version cannot do that: %(reason)s.") % {"reason": error},
            _("Use a version of Jingkai that has it."),
        ) from error
    return offered(*arguments, **named)


def load_pack(path: Path) -> str:
    """Load the policy pack (idempotent); return what was done, in a few words."""
    from django.utils import timezone

    if not has("packs", "load_pack"):
        return _("not part of this version")
    return str(call("packs", "load_pack", path, now=timezone.now()))


def pack_changes(path: Path) -> int | None:
    """Number of differences between the pack's files and what is loaded; None when nothing is."""
    found = call("packs", "diff_pack", path)
    return None if found is None else len(found)


def load_demo() -> str:
    """Load synthetic operating data (idempotent); return what was done, in a few words."""
    from django.utils import timezone

    if not has("demo", "load_demo"):
        return _("not part of this version")
    return str(call("demo", "load_demo", now=timezone.now()))


def sign_in_links(base_url: str, *, demo: bool) -> list[Link]:
    """One-time links for each demonstration role; without `demo` for the first administrator.

    The administrator is made when there is no user yet; later there is nothing to print.
    """
    from django.utils import timezone

    name = "issue_demo_links" if demo else "issue_first_administrator_link"
    if not has("core.accounts", name):
        return []
    issued = call("core.accounts", name, now=timezone.now())
    return [Link(str(role), f"{base_url}{path}") for role, path in issued]


def user_named(username: str) -> User:
    """The person a command acts for. Raises CommandFailed when there is none or may not sign in."""
    from jingkai.core.accounts.public import User

    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandFailed(
            _("There is no user %(name)s.") % {"name": username},
            _("The list of users is under administration, users."),
        )
    return user


def create_token(username: str, *, name: str, scopes: list[str], days: int) -> str:
    """Create an API token for a user and return its secret, shown this once only.

    Without `scopes` it may read everything that user may. Raises CommandFailed for an unknown user.
    """
    from django.utils import timezone

    user = user_named(username)
    if not scopes:
        known = call("core.accounts", "known_scopes")
        scopes = [scope for scope in known if scope.endswith(":read")]
    _row, secret = call(
        *("core.accounts", "create_token"),
        user=user,
        name=name,
        scopes=scopes,
        days=days,
        actor=None,
        now=timezone.now(),
    )
    return str(secret)


def verify_audit() -> ChainReport:
    """Walk the audit chain."""
    from jingkai.core.audit.public import verify_chain

    return verify_chain()


def unsealed_events() -> int:
    """Number of audit events that wait for the sealer."""
    from jingkai.core.audit.public import unsealed_count

    return unsealed_count()


def calendar_loaded(year: int) -> bool:
    """Whether the official working-day calendar of `year` is loaded."""
    return bool(call("masterdata.reference", "calendar_loaded", year))


def verify_evaluation(number: int) -> Verification | None:
    """Make an evaluation run again from its own rows; None when there is no such run."""
    from jingkai.delivery.evaluation.public import Run, verify_run

    run = Run.objects.filter(pk=number).first()
    return None if run is None else verify_run(run)
