"""The desk: opinions sorted, filtered, put to topics; duplicates; the table; what it all does."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jingkai.core.http import AuthedRequest, page_of
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import history

from .. import queries, rules, services
from ..exports import FORMATS, revised_response, table_response
from ..forms import FilterForm
from ..models import CommentState, Origin, Sender
from ..rewriting import confirmed_wordings
from ..similarity import nearest
from ..states import COMMENT_MOVES, DESK_STATES
from ..terms import terms_on
from ..words import effect_words, inline_diff
from .common import chosen_ids, desk_or_404, did


def filters_from(request: AuthedRequest) -> queries.DeskFilters:
    """Filters of the address; what is not understood is left out."""
    form = FilterForm(request.GET)
    form.is_valid()
    given = {name: value for name, value in form.cleaned_data.items() if value not in ("", None)}
    return queries.DeskFilters(**given)


@require_safe
def desk(request: AuthedRequest, consultation_id: int) -> HttpResponse:
    """Opinions by clause, time, origin, topic or likeness. 10 queries at any length."""
    row = desk_or_404(request, consultation_id)
    filters = filters_from(request)
    found = queries.comments_for_desk(row, filters)
    rows: Any = found
    if filters.order == "alike":
        rows = _by_likeness(list(found))
    page = page_of(request, rows, size=100)
    return render(
        request,
        "consultation/desk.html",
        {
            "round": row,
            "filters": filters,
            "page_obj": page,
            "rows": page.object_list,
            "figures": queries.figures_of(row),
            "topics": list(queries.topics_for_desk(row)),
            "clauses": queries.commentable(row),
            "states": [c for c in CommentState.choices if c[0] != CommentState.DRAFT],
            "origins": Origin.choices,
            "may": rules.can_administer(request.user),
            "at_desk": row.state in DESK_STATES,
        },
    )


def _by_likeness(rows: list[Any]) -> list[Any]:
    """Each opinion followed by those most like it."""
    from ..similarity import groups

    alike = groups({row.pk: row.text for row in rows}, threshold=50)
    place = {pk: n for n, group in enumerate(alike) for pk in group.members}
    return sorted(rows, key=lambda row: (place.get(row.pk, len(alike)), row.number))


@require_POST
def sort(request: AuthedRequest, consultation_id: int) -> HttpResponse:
    """Put the ticked opinions to a topic, or say that they are not the same."""
    row = desk_or_404(request, consultation_id)
    require(rules.can_administer(request.user))
    ids, now = chosen_ids(request, "comments"), timezone.now()
    back = request.POST.get("back", "")
    base = reverse(
        "consultation:duplicates" if back == "duplicates" else "consultation:desk", args=[row.pk]
    )
    if request.POST.get("do") == "apart":
        return did(
            request,
            _("Kept apart. They are not proposed together any more."),
            base,
            lambda: services.tell_apart(
                consultation_id=row.pk, comment_ids=ids, actor=request.user, now=now
            ),
        )
    topic = request.POST.get("topic", "")
    return did(
        request,
        _("Put to one topic. Decide it next."),
        base,
        lambda: services.put_to_topic(
            consultation_id=row.pk,
            comment_ids=ids,
            topic_id=int(topic) if topic.isascii() and topic.isdigit() else None,
            title=request.POST.get("title", ""),
            actor=request.user,
            now=now,
        ),
    )


@require_safe
def duplicates(request: AuthedRequest, consultation_id: int) -> HttpResponse:
    """What looks alike, side by side, for a person to join or to keep apart. 6 queries."""
    row = desk_or_404(request, consultation_id)
    found, cut = queries.duplicates_of(row, terms_on(timezone.localdate()))
    page = page_of(request, found, size=20)
    return render(
        request,
        "consultation/duplicates.html",
        {
            "round": row,
            "page_obj": page,
            "groups": page.object_list,
            "cut": cut,
            "may": rules.can_administer(request.user),
            "at_desk": row.state in DESK_STATES,
        },
    )


@require_safe
def comment(request: AuthedRequest, comment_id: int) -> HttpResponse:
    """One opinion with its history, who sent it (the office only), and what is like it."""
    rows = queries.visible_comments(request.user).select_related(
        "consultation", "anchor", "topic", "invitation__body", "written_by", "hidden_by"
    )
    found = get_object_or_404(rows, pk=comment_id)
    row = found.consultation
    sees_all = rules.can_see_all(request.user)
    sender = None
    if rules.can_see_senders(request.user):
        sender = Sender.objects.filter(comment=found).first()
    like: list[Any] = []
    if sees_all:
        others = {
            other.pk: other
            for other in row.comments.exclude(pk=found.pk)
            .exclude(state=CommentState.DRAFT)
            .select_related("anchor", "topic", "invitation__body")[:2000]
        }
        like = [others[pk] for pk in nearest(found.text, {k: o.text for k, o in others.items()})]
    return render(
        request,
        "consultation/comment.html",
        {
            "round": row,
            "comment": found,
            "sender": sender,
            "may": rules.can_administer(request.user),
            "sees_all": sees_all,
            "at_desk": row.state in DESK_STATES,
            "like": like,
            "trail": history(found),
            "moves": {name: t.label for name, t in COMMENT_MOVES.transitions.items()},
        },
    )


@require_POST
def comment_act(request: AuthedRequest, comment_id: int, name: str) -> HttpResponse:
    """Hide, show again, or take out of the topic."""
    found = get_object_or_404(queries.visible_comments(request.user), pk=comment_id)
    require(rules.can_administer(request.user))
    now = timezone.now()
    url = reverse("consultation:comment", args=[found.pk])
    if name == "hide":
        return did(
            request, _("Hidden. It stays on record with the reason."), url,
            lambda: services.hide(
                comment_id=found.pk, reason=request.POST.get("reason", ""), actor=request.user,
                now=now,
            ),
        )  # fmt: skip
    if name == "show":
        return did(
            request, _("Shown again."), url,
            lambda: services.show_again(comment_id=found.pk, actor=request.user, now=now),
        )  # fmt: skip
    return did(
        request, _("Taken out of its topic."), url,
        lambda: services.take_out(comment_id=found.pk, actor=request.user, now=now),
    )  # fmt: skip


@require_safe
def table(request: AuthedRequest, consultation_id: int) -> HttpResponse:
    """The adoption table on screen, `?format=xlsx|docx` as a file. 9 queries at any length."""
    row = desk_or_404(request, consultation_id)
    fmt = request.GET.get("format", "")
    if fmt in FORMATS:
        return table_response(request, row, fmt)
    rows = queries.adoption_rows(row)
    return render(
        request,
        "consultation/table.html",
        {
            "round": row,
            "rows": rows,
            "statistics": queries.statistics_line(queries.figures_of(row)),
            "may": rules.can_administer(request.user),
            "changed": any(rewritten.wording for rewritten in rows),
        },
    )


@require_safe
def effect(request: AuthedRequest, consultation_id: int) -> HttpResponse:
    """The draft beside the draft with all confirmed changes: targets, duties, conflicts, words."""
    row = desk_or_404(request, consultation_id)
    words = confirmed_wordings(row)
    changed = [
        (anchor, inline_diff(row.text[anchor.start : anchor.end], words[anchor.pk]))
        for anchor in row.anchors.filter(pk__in=words)
    ]
    return render(
        request,
        "consultation/effect.html",
        {"round": row, "changed": changed, "effect": effect_words(row.effect)},
    )


@require_safe
def revised(request: AuthedRequest, consultation_id: int) -> HttpResponse:
    """The draft with all confirmed changes as a file, to be uploaded as the next version."""
    fmt = "docx" if request.GET.get("format") == "docx" else "txt"
    return revised_response(request, desk_or_404(request, consultation_id), fmt)
