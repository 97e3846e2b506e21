"""Small helpers of the web edge: typed requests, fragments, pages of a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails

if TYPE_CHECKING:
    from jingkai.core.accounts.public import User


class AuthedRequest(HttpRequest):
    """A request behind sign-in: `user` is a person, never anonymous."""

    user: User  # narrowed by SignedInMiddleware
    htmx: HtmxDetails


def wants_fragment(request: HttpRequest) -> bool:
    """True when htmx asks for a piece of the page, not for the page itself."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def page_or_fragment(
    request: HttpRequest,
    *,
    page: str,
    fragment: str,
    context: Mapping[str, Any],
    status: int = 200,
    after_post: str | None = None,
) -> HttpResponse:
    """Render the fragment for htmx, redirect after a plain POST, else render the whole page."""
    if wants_fragment(request):
        response = render(request, fragment, dict(context), status=status)
    elif request.method == "POST" and after_post:
        response = HttpResponseRedirect(after_post)
    else:
        response = render(request, page, dict(context), status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def page_of(request: HttpRequest, rows: Any, *, size: int = 50) -> Page[Any]:
    """The page of `rows` that `?page=` asks for; nonsense gives the first or last one."""
    return Paginator(rows, size).get_page(request.GET.get("page"))
