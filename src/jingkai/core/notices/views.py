"""The inbox and the calendar feed."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jingkai.core.accounts.public import User
from jingkai.core.http import AuthedRequest, page_of

from .calendar import feed
from .models import Notice
from .services import mark_read


@require_safe
def inbox(request: AuthedRequest) -> HttpResponse:
    """Own notices, newest first. 2 queries beside the frame's."""
    notices = Notice.objects.filter(recipient=request.user)
    if request.GET.get("show") != "all":
        notices = notices.filter(read_at__isnull=True)
    return render(request, "notices/inbox.html", {"page_obj": page_of(request, notices)})


@require_POST
def read_all(request: AuthedRequest) -> HttpResponse:
    count = mark_read(actor=request.user, now=timezone.now())
    messages.success(request, _("%(n)d notices marked as read.") % {"n": count})
    return HttpResponseRedirect(reverse("notices:inbox"))


@require_POST
def open_notice(request: AuthedRequest, notice_id: int) -> HttpResponse:
    """Mark one notice as read and go where it points."""
    notice = get_object_or_404(Notice, pk=notice_id, recipient=request.user)
    mark_read(actor=request.user, now=timezone.now(), notice_ids=[notice.pk])
    return HttpResponseRedirect(
        notice.url if notice.url.startswith("/") else reverse("notices:inbox")
    )


@require_safe
def calendar(request: HttpRequest, key: str) -> HttpResponse:
    """The feed behind its secret address; a wrong or ended key is 404."""
    user = User.objects.filter(calendar_key=key, is_active=True).first() if len(key) >= 24 else None
    if user is None:
        raise Http404
    body = feed(user, now=timezone.now(), base_url=request.build_absolute_uri("/"))
    return HttpResponse(body, content_type="text/calendar; charset=utf-8")
