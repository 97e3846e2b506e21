"""Two versions of a document side by side: what changed."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jingkai.core.http import AuthedRequest
from jingkai.core.register.public import FORMATS, export

from ..comparing import compare
from ..exports import change_columns, change_rows
from ..queries.comparing import pair_of, versions_to_compare
from .common import readers_only, whole


@require_safe
@readers_only
def compare_page(request: AuthedRequest) -> HttpResponse:
    """?old= and ?new= are versions; one document's last two when only `document` is given."""
    pair = pair_of(
        request.user,
        old=whole(request.GET.get("old")),
        new=whole(request.GET.get("new")),
        document=whole(request.GET.get("document")),
    )
    if pair is None:
        raise Http404
    old, new = pair
    found = compare(old.reading, new.reading) if old is not None else None
    if found is not None and (fmt := request.GET.get("format")) in FORMATS:
        return export(
            request,
            name="intake.changes",
            title=_("Changes between two versions"),
            columns=change_columns(),
            rows=change_rows(found),
            fmt=str(fmt),
        )
    context = {
        "old": old,
        "new": new,
        "found": found,
        "versions": versions_to_compare(request.user, new.document_id),
    }
    return render(request, "intake/compare.html", context)
