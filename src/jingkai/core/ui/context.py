"""What every page's frame needs: navigation, who I am, the demo mark, open notices."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from .navigation import navigation_for


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of the frame. 2 queries for a signed-in person: memberships and unread notices."""
    context: dict[str, Any] = {"demo": settings.DEMO, "theme": request.COOKIES.get("theme", "auto")}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return context
    context["navigation"] = navigation_for(user, request.path)
    context["membership"] = user.primary_membership
    context["unread_count"] = user.notices.filter(read_at__isnull=True).count()
    return context
