"""Schemes and their editions: written, drafted, checked, published; a published one stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.http import Http404
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.checks import check_row
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput, TransitionNotAllowed
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import move

from .. import rules
from ..definition import Definition, Problem
from ..drafting import EditionDraft, edition_data, empty_edition, in_tree_order
from ..models import Scheme, SchemeNode, SchemeVersion, VersionState
from ..problem_words import sentence
from ..queries.schemes import definition_of, edition_of_version, examine, overlapping
from ..states import VERSION_MOVES
from ._nodes import needs_text, node_rows

SETTINGS = (
    "first_year",
    "last_year",
    "group_by",
    "min_group",
    "min_coverage",
    "verified",
    "source",
)


@transaction.atomic
def create_scheme(
    *,
    code: str,
    name: str,
    actor: User | None,
    now: datetime,
    name_en: str = "",
    issuer: str = "",
    position: int = 0,
    copy_of: int | None = None,
) -> Scheme:
    """A new scheme with a first draft: empty, or a copy of the edition `copy_of`.

    `actor` None is the pack, which brings its own edition: no draft is made. Raises InvalidInput,
    Conflict when the code is taken.
    """
    if actor is not None:
        require(rules.can_edit_schemes(actor))
    scheme = Scheme(
        code=code.strip(),
        name=name.strip(),
        name_en=name_en.strip(),
        issuer=issuer.strip(),
        position=position,
    )
    check_row(scheme)
    scheme.save()
    audit.record(
        "evaluation.scheme.created", actor=actor, target=scheme, at=now, details={"code": code}
    )
    if actor is not None:
        start_draft(scheme_id=scheme.pk, copy_of=copy_of, actor=actor, now=now)
    return scheme


@transaction.atomic
def start_draft(
    *, scheme_id: int, actor: User | None, now: datetime, copy_of: int | None = None
) -> SchemeVersion:
    """A draft that copies `copy_of`, else the newest edition; the present draft when there is one.

    Raises Conflict when a draft exists and something else was to be copied.
    """
    if actor is not None:
        require(rules.can_edit_schemes(actor))
    scheme = Scheme.objects.select_for_update().filter(pk=scheme_id).first()
    if scheme is None:
        raise Http404
    draft = scheme.versions.filter(state=VersionState.DRAFT).first()
    if draft is not None:
        if copy_of not in (None, draft.pk):
            raise Conflict(_("A draft is being edited: publish or discard it first."))
        return draft
    original = (
        SchemeVersion.objects.filter(pk=copy_of).first()
        if copy_of is not None
        else scheme.versions.order_by("-number").first()
    )
    if original is None and copy_of is not None:
        raise Http404
    if original is None:
        edition = empty_edition(now.year, scheme.name)
    else:
        # Why the old one was made says nothing of the new one.
        edition = replace(edition_of_version(original), reason="")
    number = (scheme.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    draft = SchemeVersion(scheme=scheme, number=number, created_by=actor, created_at=now)
    _write(draft, edition)
    audit.record(
        "evaluation.scheme.drafted",
        actor=actor,
        target=draft,
        at=now,
        details={"number": number, "copy_of": original.pk if original else None},
    )
    return draft


def _lock(version_id: int) -> SchemeVersion:
    version = (
        SchemeVersion.objects.select_for_update(of=("self",))
        .select_related("scheme")
        .filter(pk=version_id)
        .first()
    )
    if version is None:
        raise Http404
    return version


def _lock_draft(version_id: int, action: str) -> SchemeVersion:
    version = _lock(version_id)
    if version.state != VersionState.DRAFT:
        raise TransitionNotAllowed(
            action=action,
            state=version.get_state_display(),
            message=_("A published edition never changes: start a new draft."),
        )
    return version


@transaction.atomic
def save_draft(
    *, version_id: int, edition: EditionDraft, revision: int, actor: User | None, now: datetime
) -> SchemeVersion:
    """Replace what a draft says; sums and methods may still be wrong, the shape of the tree not.

    What is saved already is not saved again, also when the revision is older: sending twice is no
    error. Raises InvalidInput naming each wrong node (`nodes.<index>.<field>`), Conflict when
    somebody else saved in between.
    """
    if actor is not None:
        require(rules.can_edit_schemes(actor))
    version = _lock_draft(version_id, _("Edit"))
    wanted = in_tree_order(edition)
    present = edition_of_version(version)
    if edition_data(present) == edition_data(wanted) and present.reason == wanted.reason:
        return version
    if version.revision != revision:
        raise Conflict(
            _(
                "Somebody else changed this draft in the meantime. Reload it to see what they "
                "changed; what you typed is still on this page."
            ),
            revision=version.revision,
        )
    version.revision += 1
    _write(version, edition)
    audit.record(
        "evaluation.scheme.edited",
        actor=actor,
        target=version,
        at=now,
        details={"nodes": [node.code for node in edition.nodes]},
        row_count=len(edition.nodes),
    )
    return version


def _write(version: SchemeVersion, edition: EditionDraft) -> None:
    """Put the edition into a draft's rows. Raises InvalidInput before anything is written."""
    rows = node_rows(edition)
    for name in SETTINGS:
        setattr(version, name, getattr(edition, name))
    version.method, version.adjust = dict(edition.method), dict(edition.adjust)
    version.ledger_rules, version.exit_rules = list(edition.ledger_rules), list(edition.exit_rules)
    version.reason = edition.reason.strip()
    check_row(version)
    version.save()
    version.nodes.all().delete()
    for row in rows:
        row.version = version
        check_row(row, exclude=("version", "parent", "indicator"), unique=False)
    # Parents before children: a row's parent has its key by the time the row is written.
    for level in _by_depth(rows):
        SchemeNode.objects.bulk_create(level)


def _by_depth(rows: list[SchemeNode]) -> list[list[SchemeNode]]:
    depth: dict[str, int] = {}
    levels: list[list[SchemeNode]] = []
    for row in rows:
        depth[row.code] = 0 if row.parent is None else depth[row.parent.code] + 1
        while len(levels) <= depth[row.code]:
            levels.append([])
        levels[depth[row.code]].append(row)
    return levels


@transaction.atomic
def discard_draft(*, version_id: int, actor: User, now: datetime) -> None:
    """Delete a draft. Raises TransitionNotAllowed for any other edition."""
    require(rules.can_edit_schemes(actor))
    version = _lock_draft(version_id, _("Discard the draft"))
    audit.record(
        "evaluation.scheme.discarded",
        actor=actor,
        target=version,
        at=now,
        details={"number": version.number, "nodes": version.nodes.count()},
    )
    version.delete()


@transaction.atomic
def publish_version(
    *,
    version_id: int,
    reason: str,
    actor: User | None,
    now: datetime,
    revision: int | None = None,
) -> SchemeVersion:
    """Put a draft in force for its data years and seal it with its digest.

    An older edition without last year ends where this one begins. Raises InvalidInput with every
    problem of the scheme (`field` is the node's code, "" for the whole), Conflict when the years
    meet another published edition or somebody changed the draft after `revision`.
    """
    if actor is not None:
        require(rules.can_edit_schemes(actor))
    scheme_id = SchemeVersion.objects.filter(pk=version_id).values_list("scheme_id", flat=True)
    # The scheme first: two drafts never go into force side by side, nor one while one is made.
    Scheme.objects.select_for_update().filter(pk__in=scheme_id).first()
    version = _lock_draft(version_id, _("Publish"))
    if revision is not None and revision != version.revision:
        raise Conflict(_("This draft was changed after you looked at it: look again."))
    version.reason = needs_text("reason", reason or version.reason)
    refuse_problems(version)
    ended = _make_room(version)
    version.digest = definition_of(version).digest()
    move(
        version,
        "publish",
        table=VERSION_MOVES,
        actor=actor,
        at=now,
        reason=version.reason,
        audit_action="evaluation.scheme.published",
        details={"digest": version.digest, "ends": ended},
    )
    version.published_by, version.published_at = actor, now
    version.save()
    return version


def refuse_problems(version: SchemeVersion) -> None:
    """Raise InvalidInput with every problem of an edition, each naming its node."""
    definition, problems, __ = examine(edition_of_version(version))
    refuse(definition, problems)


def refuse(definition: Definition, problems: Sequence[Problem]) -> None:
    """Raise InvalidInput where there are problems, each naming its node."""
    if problems:
        found = [
            FieldProblem(problem.node, sentence(problem, definition), problem.code)
            for problem in problems
        ]
        raise InvalidInput(
            _("This edition cannot be published: %(first)s") % {"first": found[0].message},
            problems=found,
        )


def _make_room(version: SchemeVersion) -> int | None:
    """End the open edition before this one; return its number. Raises Conflict."""
    ended = None
    other = overlapping(version)
    if other is not None and other.last_year is None and other.first_year < version.first_year:
        other.last_year = version.first_year - 1
        other.save(update_fields=["last_year"])
        ended, other = other.number, overlapping(version)
    if other is not None:
        years = f"{other.first_year}–{other.last_year or ''}"
        raise Conflict(
            _(
                "Edition %(number)s is in force for %(years)s: choose other data years, or retire "
                "it first."
            )
            % {"number": other.number, "years": years}
        )
    return ended


@transaction.atomic
def retire_version(
    *, version_id: int, reason: str, actor: User | None, now: datetime
) -> SchemeVersion:
    """Take a published edition out of force; runs that used it keep their own copy.

    Raises InvalidInput without reason, TransitionNotAllowed.
    """
    if actor is not None:
        require(rules.can_edit_schemes(actor))
    version = _lock(version_id)
    move(
        version,
        "retire",
        table=VERSION_MOVES,
        actor=actor,
        at=now,
        reason=needs_text("reason", reason),
        audit_action="evaluation.scheme.retired",
    )
    version.save(update_fields=["state"])
    return version
