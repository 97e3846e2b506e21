"""Administration of users: what each of the three administrators may do is in rules.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jingkai.core.errors import DomainError, InvalidInput, NotPermitted
from jingkai.core.http import AuthedRequest, page_of
from jingkai.core.register.public import FORMATS, Column, export
from jingkai.core.verdicts import Verdict, require

from ..forms import GrantForm, LinkForm, NewPersonForm, PersonForm, PlainForm, add_problems
from ..models import ApiToken, LinkPurpose, Membership, User
from ..queries import users_for_list, visible_users
from ..roles import Role
from ..rules import can_change_active, can_create_link, can_manage_users, can_secure, can_see_users
from ..services import links, roles, tokens
from ..services import users as services

_RECENT = 15


def _roles_text(user: User) -> str:
    return "；".join(f"{m.body} {m.get_role_display()}" for m in user.held)  # type: ignore[attr-defined]


_COLUMNS = (
    Column("username", gettext_lazy("User name"), lambda u: u.username),
    Column("name", pgettext_lazy("person", "Name"), lambda u: u.name),
    Column("email", gettext_lazy("E-mail"), lambda u: u.email, width=24),
    Column("roles", gettext_lazy("Roles"), _roles_text, width=48),
    Column("active", gettext_lazy("Active"), lambda u: _("yes") if u.is_active else _("no")),
    Column("factor", gettext_lazy("Second factor since"), lambda u: u.totp_confirmed_at, width=18),
    Column("last", gettext_lazy("Last sign-in"), lambda u: u.last_login, width=18),
)


@require_safe
def user_list(request: AuthedRequest) -> HttpResponse:
    require(can_see_users(request.user))
    query = {key: request.GET.get(key, "") for key in ("q", "role", "state")}
    now = timezone.now()
    rows = users_for_list(user=request.user, now=now, **query)
    if (fmt := request.GET.get("format")) in FORMATS:
        return export(
            request, name="accounts.users", title=_("Users"), columns=_COLUMNS, rows=rows, fmt=fmt
        )
    context = {
        "page_obj": page_of(request, rows),
        "query": query,
        "roles": Role.choices,
        "now": now,
        "can_create": can_manage_users(request.user),
        "states": [
            ("active", _("active")),
            ("inactive", _("deactivated")),
            ("locked", _("locked")),
            ("no-factor", _("without second factor")),
        ],
    }
    return render(request, "accounts/user_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def user_new(request: AuthedRequest) -> HttpResponse:
    require(can_manage_users(request.user))
    form = NewPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = services.create_user(**form.cleaned_data, actor=request.user, now=timezone.now())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            said = _(
                "%(name)s is created. Next: send a link to choose a password; the security "
                "administrator grants the role."
            )
            messages.success(request, said % {"name": user.name})
            return HttpResponseRedirect(reverse("accounts-admin:user", args=[user.pk]))
    status = 422 if form.errors else 200
    return render(request, "accounts/user_new.html", {"form": form}, status=status)


@never_cache
@require_safe
def user_card(request: AuthedRequest, user_id: int) -> HttpResponse:
    return _card(request, user_id)


def _person(request: AuthedRequest, user_id: int) -> User:
    require(can_see_users(request.user))
    return get_object_or_404(visible_users(request.user), pk=user_id)


def _card(request: AuthedRequest, user_id: int, status: int = 200, **shown: Any) -> HttpResponse:
    user = _person(request, user_id)
    actor = request.user
    context: dict[str, Any] = {
        "person": user,
        "memberships": user.memberships.select_related("body").order_by("ended_at", "-pk"),
        "tokens": user.api_tokens.all(),
        "attempts": user.sign_in_attempts.order_by("-pk")[:_RECENT],
        "can_manage": can_manage_users(actor),
        "can_change_active": can_change_active(actor, user),
        "can_link": can_create_link(actor, user),
        "can_secure": can_secure(actor, user),
        "person_form": PersonForm(initial={"name": user.name, "email": user.email}),
        "link_form": LinkForm(initial={"purpose": LinkPurpose.SET_PASSWORD}),
        "grant_form": GrantForm(initial={"valid_from": timezone.localdate()}),
        "locked": user.is_locked(timezone.now()),
        "now": timezone.now(),
        "today": timezone.localdate(),
        **shown,
    }
    return render(request, "accounts/user_card.html", context, status=status)


def _can_manage(actor: User, _user: User) -> Verdict:
    return can_manage_users(actor)


Act = Callable[[User], str]
Rule = Callable[[User, User], Verdict]


def _act(
    request: AuthedRequest,
    user_id: int,
    rule: Rule,
    act: Act,
    form: PlainForm | None = None,
    name: str = "",
) -> HttpResponse:
    """Carry out one act on a person: back to the card with what was done, or with what is wrong.

    `rule` is the one the service asks too; here it comes before the form is looked at.
    """
    user = _person(request, user_id)
    if not (verdict := rule(request.user, user)):
        return _card(request, user_id, 403, error=NotPermitted(verdict.reason))
    if form is not None and not form.is_valid():
        return _card(request, user_id, 422, **{name: form})
    try:
        said = act(user)
    except ValidationError as error:
        if form is None:
            raise
        form.add_error(None, error)
        return _card(request, user_id, 422, **{name: form})
    except DomainError as error:
        if form is not None and isinstance(error, InvalidInput):
            add_problems(form, error)
            return _card(request, user_id, 422, **{name: form})
        return _card(request, user_id, error.status, error=error)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("accounts-admin:user", args=[user_id]))


@require_POST
def user_edit(request: AuthedRequest, user_id: int) -> HttpResponse:
    form = PersonForm(request.POST)

    def act(user: User) -> str:
        services.rename_user(
            user_id=user.pk, **form.cleaned_data, actor=request.user, now=timezone.now()
        )
        return _("Saved.")

    return _act(request, user_id, _can_manage, act, form, "person_form")


@require_POST
def user_deactivate(request: AuthedRequest, user_id: int) -> HttpResponse:
    def act(user: User) -> str:
        services.deactivate_user(
            user_id=user.pk,
            reason=request.POST.get("reason", ""),
            actor=request.user,
            now=timezone.now(),
        )
        return _("%(name)s is deactivated; sessions and tokens have ended.") % {"name": user.name}

    return _act(request, user_id, can_change_active, act)


@require_POST
def user_activate(request: AuthedRequest, user_id: int) -> HttpResponse:
    def act(user: User) -> str:
        services.activate_user(user_id=user.pk, actor=request.user, now=timezone.now())
        return _("%(name)s may sign in again.") % {"name": user.name}

    return _act(request, user_id, can_change_active, act)


@never_cache
@require_POST
def user_link(request: AuthedRequest, user_id: int) -> HttpResponse:
    """Answers with the card itself, not a redirect: the link is shown once and kept nowhere."""
    user = _person(request, user_id)
    if not (verdict := can_create_link(request.user, user)):
        return _card(request, user_id, 403, error=NotPermitted(verdict.reason))
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _card(request, user_id, 422, link_form=form)
    try:
        link, path = links.create_link(
            user=user,
            purpose=LinkPurpose(form.cleaned_data["purpose"]),
            minutes=form.cleaned_data["minutes"],
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        return _card(request, user_id, error.status, error=error)
    return _card(request, user_id, link=link, link_url=request.build_absolute_uri(path))


@require_POST
def role_grant(request: AuthedRequest, user_id: int) -> HttpResponse:
    form = GrantForm(request.POST)

    def act(user: User) -> str:
        member = roles.grant_role(
            user_id=user.pk, **form.cleaned_data, actor=request.user, now=timezone.now()
        )
        return _("%(name)s acts as %(role)s for %(body)s.") % {
            "name": user.name,
            "role": member.get_role_display(),
            "body": member.body,
        }

    return _act(request, user_id, can_secure, act, form, "grant_form")


@require_POST
def role_end(request: AuthedRequest, user_id: int, membership_id: int) -> HttpResponse:
    def act(user: User) -> str:
        member = get_object_or_404(Membership, pk=membership_id, user=user)
        roles.end_role(membership_id=member.pk, actor=request.user, now=timezone.now())
        return _("The role %(role)s has ended.") % {"role": member.get_role_display()}

    return _act(request, user_id, can_secure, act)


@require_POST
def user_unlock(request: AuthedRequest, user_id: int) -> HttpResponse:
    def act(user: User) -> str:
        services.unlock_user(user_id=user.pk, actor=request.user, now=timezone.now())
        return _("%(name)s may try again.") % {"name": user.name}

    return _act(request, user_id, can_secure, act)


@require_POST
def user_reset_factor(request: AuthedRequest, user_id: int) -> HttpResponse:
    def act(user: User) -> str:
        services.reset_second_factor(user_id=user.pk, actor=request.user, now=timezone.now())
        return _("The second factor is reset; %(name)s sets up a new one.") % {"name": user.name}

    return _act(request, user_id, can_secure, act)


@require_POST
def user_end_sessions(request: AuthedRequest, user_id: int) -> HttpResponse:
    def act(user: User) -> str:
        services.end_sessions(user_id=user.pk, actor=request.user, now=timezone.now())
        return _("Every session of %(name)s has ended.") % {"name": user.name}

    return _act(request, user_id, can_secure, act)


@require_POST
def token_revoke(request: AuthedRequest, user_id: int, token_id: int) -> HttpResponse:
    def act(user: User) -> str:
        token = get_object_or_404(ApiToken, pk=token_id, user=user)
        tokens.revoke_token(token_id=token.pk, actor=request.user, now=timezone.now())
        return _("Token %(name)s is revoked.") % {"name": token.name}

    return _act(request, user_id, can_secure, act)
