"""The typed targets of the policy document."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from ninja import Router

from jingkai.core.api import Problem
from jingkai.core.http import AuthedRequest

from .. import schemas as s
from ..payloads import (
    targets_payload,
)

policy_targets = Router(tags=["policy"])


@policy_targets.get(
    "/targets",
    response={200: s.PolicyTargets, 401: Problem, 404: Problem},
    operation_id="list_policy_targets",
)
def list_policy_targets(request: AuthedRequest) -> Any:
    """Every statement of every target in the document's order, disputed and set-aside included."""
    items = targets_payload(request.user)
    if not items:
        raise Http404
    return {"items": items, "next_cursor": ""}
