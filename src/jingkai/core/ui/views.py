"""The first page by role, and the health of the house."""

from __future__ import annotations

import shutil

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from jingkai.core.accounts.public import CITY_WIDE, Role
from jingkai.core.audit import public as audit
from jingkai.core.http import AuthedRequest

from .search import search

_LOW_DISK_BYTES = 200 * 1024 * 1024


def home(request: AuthedRequest) -> HttpResponse:
    """Send each role to its first screen."""
    user = request.user
    if user.has_role(*CITY_WIDE):
        return HttpResponseRedirect(reverse("cockpit:overview"))
    if user.has_role(Role.AUDIT_ADMIN):
        return HttpResponseRedirect(reverse("audit:events"))
    if user.has_role(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN):
        return HttpResponseRedirect(reverse("accounts-admin:users"))
    return HttpResponseRedirect(reverse("cockpit:my-work"))


@require_safe
def search_page(request: AuthedRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    found = search(request.user, query, limit=30)
    return render(request, "ui/search.html", {"query": query, "found": found})


@require_safe
def suggest(request: AuthedRequest) -> HttpResponse:
    found = search(request.user, request.GET.get("q", ""), limit=5)
    return render(request, "ui/_suggest.html", {"found": found})


def healthz(request: HttpRequest) -> HttpResponse:
    """Database, migrations, jobs, disk and unsealed audit rows as JSON; 503 when one fails."""
    report: dict[str, object] = {}
    healthy = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            report["database"] = {"ok": True, "version": cursor.fetchone()[0]}
            executor = MigrationExecutor(connection)
            pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
            report["migrations"] = {"ok": not pending, "pending": len(pending)}
            cursor.execute(
                "SELECT count(*) FILTER (WHERE status = 'todo'),"
                " count(*) FILTER (WHERE status = 'doing'),"
                " count(*) FILTER (WHERE status = 'failed') FROM procrastinate_jobs"
            )
            waiting, running, failed = cursor.fetchone()
            report["jobs"] = {"ok": True, "waiting": waiting, "running": running, "failed": failed}
        report["audit"] = {"ok": True, "unsealed": audit.unsealed_count()}
        healthy = not pending
    except Exception as error:
        report["database"] = {"ok": False, "error": type(error).__name__}
        healthy = False
    free = shutil.disk_usage(settings.DATA_DIR).free
    report["disk"] = {"ok": free > _LOW_DISK_BYTES, "free_bytes": free}
    healthy = healthy and free > _LOW_DISK_BYTES
    return JsonResponse({"ok": healthy, **report}, status=200 if healthy else 503)
