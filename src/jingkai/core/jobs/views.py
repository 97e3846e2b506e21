"""Watching long work."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from jingkai.core.accounts.public import Role
from jingkai.core.http import AuthedRequest, page_of, page_or_fragment

from .models import Job


def visible_jobs(request: AuthedRequest) -> QuerySet[Job]:
    """Own jobs; the system administrator sees all. 1 query."""
    jobs = Job.objects.select_related("owner")
    if request.user.has_role(Role.SYSTEM_ADMIN):
        return jobs
    return jobs.filter(owner=request.user)


@require_safe
def job_list(request: AuthedRequest) -> HttpResponse:
    return render(request, "jobs/list.html", {"page_obj": page_of(request, visible_jobs(request))})


@require_safe
def job_detail(request: AuthedRequest, job_id: uuid.UUID) -> HttpResponse:
    job = get_object_or_404(visible_jobs(request), pk=job_id)
    return page_or_fragment(
        request, page="jobs/detail.html", fragment="jobs/_progress.html", context={"job": job}
    )
