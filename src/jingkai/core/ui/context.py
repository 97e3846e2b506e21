"""What every page's frame needs: navigation, who I am, the demo mark, open notices."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from .navigation import navigation_for


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of the frame. 2 queries for a page with the frame, memberships and unread notices;
    a fragment asks neither, since both wait until a template wants them."""
    context: dict[str, Any] = {"demo": settings.DEMO, "theme": request.COOKIES.get("theme", "auto")}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return context
    context["navigation"] = SimpleLazyObject(lambda: navigation_for(user, request.path))
    context["membership"] = SimpleLazyObject(lambda: user.primary_membership)
    context["unread_count"] = SimpleLazyObject(
        lambda: user.notices.filter(read_at__isnull=True).count()
    )
    return context
