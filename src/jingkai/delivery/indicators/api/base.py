"""What every operation begins with: who may follow figures, and the indicator they may see."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from jingkai.core.accounts.public import OFFICIALS
from jingkai.core.api import Problem
from jingkai.core.http import AuthedRequest

from ..models import Indicator, Series
from ..queries.visibility import (
    visible_indicators,
    visible_series,
)

READ: dict[int, Any] = {404: Problem, 422: Problem}
WRITE: dict[int, Any] = {403: Problem, 404: Problem, 409: Problem, 422: Problem}


def officials_only(request: AuthedRequest) -> None:
    """404 like the pages: an empty list would say that there is something to be listed."""
    if not request.user.has_role(*OFFICIALS):
        raise Http404


def indicator_of(request: AuthedRequest, code: str) -> Indicator:
    rows = visible_indicators(request.user).select_related("responsible", "compiler")
    return get_object_or_404(rows, code=code)


def series_of(request: AuthedRequest, code: str, scope: str) -> Series:
    rows = visible_series(request.user).select_related("indicator", "zone")
    return get_object_or_404(rows, indicator__code=code, scope=scope)
