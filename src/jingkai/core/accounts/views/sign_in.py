"""Sign-in, second factor, one-time links, sign-out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_stubs_ext import StrOrPromise

from jingkai.core.errors import InvalidInput
from jingkai.core.http import AuthedRequest

from ..forms import CodeForm, NewPasswordForm, SignInForm, add_problems
from ..models import LinkPurpose, User
from ..network import client_address, demo_door_open
from ..roles import ADMINISTRATORS, CITY_WIDE, DEPARTMENT, ROLE_PURPOSE, ZONE, Role
from ..services import links, second_factor
from ..services import sign_in as services
from ..sessions import SECOND_FACTOR, begin_session, lacks_second_factor, must_enrol, own_path

_WAY = "way"
_CANDIDATE = "totp_candidate"
_GROUPS: tuple[tuple[StrOrPromise, frozenset[Role]], ...] = (
    (gettext_lazy("Government"), frozenset(CITY_WIDE | DEPARTMENT)),
    (gettext_lazy("Development zones"), frozenset(ZONE)),
    (gettext_lazy("Enterprises and inspections"), frozenset({Role.ENTERPRISE, Role.INSPECTOR})),
    (gettext_lazy("Administrators"), frozenset(ADMINISTRATORS)),
)
REFUSED = gettext_lazy(
    "User name and password do not fit, or sign-in is paused after repeated failures; "
    "wait some minutes before trying again."
)


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """User name and password; in demonstration mode on this machine also the demo door."""
    after = own_path(request.POST.get("next") or request.GET.get("next"))
    if request.method != "POST":
        if request.user.is_authenticated and not lacks_second_factor(request.session, request.user):
            return HttpResponseRedirect(after)
        return _sign_in_page(request, SignInForm(), after)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _sign_in_page(request, form, after, status=422)
    user = services.check_password(
        username=form.cleaned_data["username"],
        password=form.cleaned_data["password"],
        address=client_address(request),
        now=timezone.now(),
    )
    if user is None:
        form.add_error(None, REFUSED)
        return _sign_in_page(request, form, after, status=422)
    return _enter(request, user, way="password", second_factor=False, after=after)


def _sign_in_page(
    request: HttpRequest, form: SignInForm, after: str, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "next": after,
        "demo_groups": _demo_groups() if demo_door_open(request) else [],
    }
    return render(request, "accounts/sign_in.html", context, status=status)


def _demo_groups() -> list[dict[str, Any]]:
    people = list(
        User.objects.filter(is_demo=True, is_active=True)
        .prefetch_related("memberships__body")
        .order_by("pk")
    )
    groups = []
    for label, roles in _GROUPS:
        entries = []
        for user in people:
            member = user.primary_membership
            if member is not None and member.role in roles:
                role = Role(member.role)
                entries.append({"user": user, "membership": member, "purpose": ROLE_PURPOSE[role]})
        if entries:
            groups.append({"label": label, "entries": entries})
    return groups


def _enter(
    request: HttpRequest, user: User, *, way: str, second_factor: bool, after: str
) -> HttpResponse:
    """Open the session; send on to the second factor when it is owed, else to `after`."""
    begin_session(request, user, second_factor=second_factor)
    if lacks_second_factor(request.session, user):
        request.session[_WAY] = way
        step = "accounts:enrol" if must_enrol(user) else "accounts:second-factor"
        query = "" if after == "/" else f"?{urlencode({'next': after})}"
        return HttpResponseRedirect(reverse(step) + query)
    services.record_sign_in(
        user=user, method=way, address=client_address(request), now=timezone.now()
    )
    return HttpResponseRedirect(after)


def _complete(request: AuthedRequest, after: str) -> HttpResponse:
    """The second factor is there: from here on the session reaches everything."""
    request.session.cycle_key()
    request.session[SECOND_FACTOR] = True
    request.session.pop(_CANDIDATE, None)
    if way := request.session.pop(_WAY, ""):
        services.record_sign_in(
            user=request.user, method=way, address=client_address(request), now=timezone.now()
        )
    return HttpResponseRedirect(after)


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """One click into a demonstration role; it stands for the second factor, so that the three
    administrators can be tried. Does not exist outside demonstration mode on this machine."""
    if not demo_door_open(request):
        raise Http404
    user = get_object_or_404(
        User, username=request.POST.get("username", ""), is_demo=True, is_active=True
    )
    after = own_path(request.POST.get("next"))
    return _enter(request, user, way="demo", second_factor=True, after=after)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: AuthedRequest) -> HttpResponse:
    """Ask for the code of the second factor."""
    after = own_path(request.POST.get("next") or request.GET.get("next"))
    if must_enrol(request.user):
        return HttpResponseRedirect(reverse("accounts:enrol"))
    if not lacks_second_factor(request.session, request.user):
        return HttpResponseRedirect(after)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now, address = timezone.now(), client_address(request)
        if second_factor.verify_totp(
            user=request.user, code=form.cleaned_data["code"], address=address, now=now
        ):
            return _complete(request, after)
        if User.objects.get(pk=request.user.pk).is_locked(now):
            logout(request)
            messages.error(request, REFUSED)
            return HttpResponseRedirect(reverse("accounts:sign-in"))
        form.add_error("code", _("This code is not right, or was used already. Wait for the next."))
    status = 422 if form.errors else 200
    context = {"form": form, "next": after}
    return render(request, "accounts/verify.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: AuthedRequest) -> HttpResponse:
    """Set up the second factor: show the code, take the first number made from it."""
    after = own_path(request.POST.get("next") or request.GET.get("next"))
    if request.user.totp_confirmed_at is not None:
        return HttpResponseRedirect(reverse("accounts:second-factor"))
    secret = request.session.get(_CANDIDATE)
    if not secret:
        secret = request.session[_CANDIDATE] = second_factor.new_secret()
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            second_factor.enrol_totp(
                actor=request.user,
                secret=secret,
                code=form.cleaned_data["code"],
                now=timezone.now(),
            )
        except InvalidInput as error:
            add_problems(form, error)
        else:
            messages.success(
                request, _("The second factor is set up. It is asked at each sign-in.")
            )
            return _complete(request, after)
    context = {
        "form": form,
        "next": after,
        "qr": second_factor.qr_image(request.user, secret),
        "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        "required": must_enrol(request.user),
    }
    return render(request, "accounts/enrol.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters("new", "again")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, secret: str) -> HttpResponse:
    """A one-time link. Opening the page uses nothing up: chat programs look at links unasked."""
    now = timezone.now()
    try:
        found = links.find_link(secret=secret, now=now)
        choosing = found.purpose == LinkPurpose.SET_PASSWORD
        form = NewPasswordForm(request.POST or None) if choosing else None
        if request.method == "POST" and (form is None or form.is_valid()):
            try:
                used = links.redeem_link(
                    secret=secret, now=now, new_password=form.cleaned_data["new"] if form else None
                )
            except InvalidInput as error:
                if form is None:
                    raise
                add_problems(form, error)
            else:
                if choosing:
                    messages.success(request, _("Your password is set."))
                demo = used.user.is_demo and demo_door_open(request)
                user = User.objects.get(pk=used.user_id)
                return _enter(request, user, way="link", second_factor=demo, after="/")
    except links.LinkNotValid as error:
        status = 404 if error.params["reason"] == "unknown" else error.status
        return render(request, "accounts/link_invalid.html", {"error": error}, status=status)
    context = {"link": found, "form": form, "choosing": choosing}
    status = 422 if form is not None and form.errors else 200
    return render(request, "accounts/link.html", context, status=status)


@require_POST
def sign_out(request: AuthedRequest) -> HttpResponse:
    services.record_sign_out(user=request.user, now=timezone.now())
    logout(request)
    messages.success(request, _("You are signed out."))
    return HttpResponseRedirect(reverse("accounts:sign-in"))
