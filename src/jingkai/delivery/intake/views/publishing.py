"""Taking a document over: what it will do, what stands in the way, the pack to take along."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jingkai.core.errors import DomainError, InvalidInput
from jingkai.core.http import AuthedRequest, wants_fragment
from jingkai.masterdata.organisations.public import Body

from .. import rules, services
from ..models import SourceItem, SourceState, SourceVersion
from ..queries.review import counts_of
from ..services.publishing import PUBLISH_JOB, archive_of
from .common import readers_only, version_of


@require_http_methods(["GET", "HEAD", "POST"])
@readers_only
def publish_page(request: AuthedRequest, version_id: int) -> HttpResponse:
    version = version_of(request, version_id)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            services.begin_publication(
                version_id=version.pk,
                given={name: str(value) for name, value in request.POST.items()},
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("The document is being taken over."))
            return HttpResponseRedirect(reverse("intake:publish", args=[version.pk]))
    if version.state not in (SourceState.REVIEW, SourceState.PUBLISHED):
        return HttpResponseRedirect(reverse("intake:version", args=[version.pk]))
    job = version.job
    busy = job is not None and job.kind == PUBLISH_JOB and job.state in ("queued", "running")
    if wants_fragment(request) and not busy:
        answer = HttpResponse()
        answer["HX-Refresh"] = "true"
        return answer
    context = {
        "version": version,
        "job": version.job if busy else None,
        "counts": counts_of(version),
        "can_publish": rules.can_publish(request.user),
        "problems": _placed(version),
        "failed": version.job if version.job and version.job.state == "failed" else None,
        "bodies": Body.objects.filter(merged_into=None).order_by("position", "code"),
        "given": request.POST or version.publication,
        "error": error,
        "wrong": {p.field: p.message for p in error.problems}
        if isinstance(error, InvalidInput)
        else {},
        "must": sum(c.open for c in counts_of(version) if c.kind != "finding"),
    }
    page = "intake/_publishing.html" if wants_fragment(request) else "intake/publish.html"
    return render(request, page, context, status=error.status if error else 200)


def _placed(version: SourceVersion) -> list[dict[str, object]]:
    """Mistakes of the last attempt, each with its thing."""
    problems = version.outcome.get("problems", ())
    items = SourceItem.objects.filter(version=version, key__in={p["item"] for p in problems})
    by_key = {item.key: item for item in items}
    return [{**problem, "thing": by_key.get(problem["item"])} for problem in problems]


@require_safe
@readers_only
def pack_archive(request: AuthedRequest, version_id: int) -> HttpResponse:
    """The pack as a zip, for the next city."""
    version = version_of(request, version_id)
    data = archive_of(version, actor=request.user, now=timezone.now())
    code = version.document.policy.code if version.document.policy else "pack"
    answer = HttpResponse(data, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{code}-pack.zip"'
    return answer
