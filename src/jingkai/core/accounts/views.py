"""Sign-in and sign-out."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from .models import User


def sign_in(request: HttpRequest) -> HttpResponse:
    demo_users = (
        User.objects.filter(is_demo=True, is_active=True).order_by("pk") if settings.DEMO else []
    )
    return render(request, "accounts/sign_in.html", {"demo_users": demo_users})


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    if not settings.DEMO or request.META.get("REMOTE_ADDR") not in {"127.0.0.1", "::1"}:
        raise Http404
    user = get_object_or_404(User, username=request.POST.get("username"), is_demo=True)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponseRedirect("/")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponseRedirect("/account/sign-in/")
