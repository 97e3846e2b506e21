"""What the pages of intake share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpResponse

from jingkai.core.http import AuthedRequest

from .. import rules
from ..models import SourceVersion
from ..queries.review import version_head

P = ParamSpec("P")
View = Callable[Concatenate[AuthedRequest, P], HttpResponse]


def readers_only(view: View[P]) -> View[P]:
    """404 for everybody who may not read documents: that they exist is not told."""

    @wraps(view)
    def guarded(request: AuthedRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not rules.can_read(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def version_of(request: AuthedRequest, version_id: int) -> SourceVersion:
    """The version without its text, or 404."""
    version = version_head(request.user, version_id)
    if version is None:
        raise Http404
    return version


def whole(text: str | None, default: int = 0) -> int:
    """A small whole number of a query; nonsense gives the default."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else default
