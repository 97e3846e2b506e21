"""My account: roles, password, second factor, tokens, language, calendar address, sessions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from jingkai.core.errors import InvalidInput
from jingkai.core.http import AuthedRequest

from ..forms import ChangePasswordForm, CodeForm, LanguageForm, TokenForm, add_problems
from ..network import client_address
from ..queries import tokens_of
from ..roles import ADMINISTRATORS, ROLE_PURPOSE, Role
from ..services import passwords, second_factor, sign_in, tokens, users
from ..sessions import EPOCH

_RECENT = 10


@never_cache
@require_safe
def account(request: AuthedRequest) -> HttpResponse:
    return _page(request)


def _page(request: AuthedRequest, status: int = 200, **shown: Any) -> HttpResponse:
    """The account page; `shown` replaces a form or adds a secret that is seen once."""
    user, now = request.user, timezone.now()
    scopes = tokens.known_scopes()
    context: dict[str, Any] = {
        "memberships": [
            {"membership": m, "purpose": ROLE_PURPOSE[Role(m.role)]}
            for m in user.current_memberships
        ],
        "password_form": ChangePasswordForm(has_password=user.has_usable_password()),
        "language_form": LanguageForm(
            initial={"language": user.language or translation.get_language()}
        ),
        "removal_form": CodeForm(),
        "must_keep_factor": user.has_role(*ADMINISTRATORS),
        "token_form": token_form(),
        "areas": [(scopes[i].split(":")[0], scopes[i : i + 2]) for i in range(0, len(scopes), 2)],
        "tokens": tokens_of(user),
        "attempts": user.sign_in_attempts.order_by("-pk")[:_RECENT],
        "calendar_url": _calendar_url(request),
        "now": now,
        **shown,
    }
    return render(request, "accounts/account.html", context, status=status)


def token_form(data: Any = None) -> TokenForm:
    """The form of a new token with every scope this house has."""
    form = TokenForm(data)
    form.fields["scopes"].choices = [(s, s) for s in tokens.known_scopes()]  # type: ignore[attr-defined]
    return form


def _calendar_url(request: AuthedRequest) -> str:
    if not request.user.calendar_key:
        return ""
    try:
        path = reverse("notices:calendar", args=[request.user.calendar_key])
    except NoReverseMatch:
        return ""
    return request.build_absolute_uri(path)


def _done(request: AuthedRequest, said: str, tab: str) -> HttpResponse:
    messages.success(request, said)
    return HttpResponseRedirect(f"{reverse('accounts:account')}#{tab}")


@sensitive_post_parameters("current", "new", "again")
@require_POST
def change_password(request: AuthedRequest) -> HttpResponse:
    form = ChangePasswordForm(request.POST, has_password=request.user.has_usable_password())
    if form.is_valid():
        try:
            user = passwords.change_password(
                actor=request.user,
                current=form.cleaned_data.get("current", ""),
                new=form.cleaned_data["new"],
                now=timezone.now(),
            )
        except InvalidInput as error:
            add_problems(form, error)
        else:
            update_session_auth_hash(request, user)
            said = _("Your password is changed; other sessions of yours have ended.")
            return _done(request, said, "safety")
    return _page(request, 422, password_form=form, open_tab="safety")


@require_POST
def remove_second_factor(request: AuthedRequest) -> HttpResponse:
    form = CodeForm(request.POST)
    if form.is_valid():
        if second_factor.remove_totp(
            actor=request.user,
            code=form.cleaned_data["code"],
            address=client_address(request),
            now=timezone.now(),
        ):
            return _done(request, _("The second factor is removed."), "safety")
        form.add_error("code", _("This code is not right, or was used already. Wait for the next."))
    return _page(request, 422, removal_form=form, open_tab="safety")


@require_POST
def end_other_sessions(request: AuthedRequest) -> HttpResponse:
    request.session[EPOCH] = sign_in.end_own_sessions(actor=request.user, now=timezone.now())
    return _done(request, _("Your other sessions have ended."), "safety")


@never_cache
@require_POST
def create_token(request: AuthedRequest) -> HttpResponse:
    """Answers with the page itself, not a redirect: the secret is shown once and kept nowhere."""
    form = token_form(request.POST)
    if form.is_valid():
        try:
            token, secret = tokens.create_token(
                user=request.user,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                days=form.cleaned_data["days"],
                actor=request.user,
                now=timezone.now(),
            )
        except InvalidInput as error:
            add_problems(form, error)
        else:
            return _page(request, secret=secret, new_token=token, open_tab="tokens")
    return _page(request, 422, token_form=form, open_tab="tokens")


@require_POST
def revoke_token(request: AuthedRequest, token_id: int) -> HttpResponse:
    token = get_object_or_404(tokens_of(request.user), pk=token_id)
    tokens.revoke_token(token_id=token.pk, actor=request.user, now=timezone.now())
    said = _("Token %(name)s is revoked; programs that use it are refused from now on.")
    return _done(request, said % {"name": token.name}, "tokens")


@require_POST
def choose_language(request: AuthedRequest) -> HttpResponse:
    form = LanguageForm(request.POST)
    if not form.is_valid():
        raise Http404
    language = form.cleaned_data["language"]
    users.choose_language(actor=request.user, language=language, now=timezone.now())
    with translation.override(language):
        return _done(request, _("The language is chosen."), "mine")


@require_POST
def renew_calendar(request: AuthedRequest) -> HttpResponse:
    users.renew_calendar_key(actor=request.user, now=timezone.now())
    said = _("The calendar has a new address; give it to your calendar program.")
    return _done(request, said, "mine")
