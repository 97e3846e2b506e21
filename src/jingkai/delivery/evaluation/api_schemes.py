"""API of schemes: read an edition, send it back as a draft, check, publish, compare."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Router

from jingkai.core.accounts.public import User
from jingkai.core.api import Problem as ApiProblem
from jingkai.core.verdicts import require

from . import rules
from .drafting import edition_data
from .models import Scheme, SchemeVersion, VersionState
from .problem_words import sentence
from .queries.scheme_pages import SchemeRow, scheme_rows
from .queries.schemes import (
    edition_of_version,
    examine,
    visible_schemes,
    visible_versions,
)
from .schemas_schemes import (
    CheckOut,
    ComparisonOut,
    DraftIn,
    EditionHead,
    EditionOut,
    PublishIn,
    ReasonIn,
    SaveIn,
    SchemeCard,
    SchemeIn,
    SchemeList,
)
from .scheme_comparison import compared
from .services.schemes import (
    create_scheme,
    discard_draft,
    publish_version,
    retire_version,
    save_draft,
    start_draft,
)

router = Router(tags=["evaluation"])
READ: dict[int, Any] = {404: ApiProblem, 422: ApiProblem}
WRITE: dict[int, Any] = {**READ, 403: ApiProblem, 409: ApiProblem}


def _person(request: HttpRequest) -> User:
    """404 for whom there is nothing to see, like the pages."""
    user = request.user
    if not isinstance(user, User) or not rules.can_follow(user):
        raise Http404
    return user


def _scheme(user: User, code: str) -> Scheme:
    scheme = visible_schemes(user).filter(code=code).first()
    if scheme is None:
        raise Http404
    return scheme


def _version(user: User, code: str, number: int) -> SchemeVersion:
    version = visible_versions(user).filter(scheme__code=code, number=number).first()
    if version is None:
        raise Http404
    return version


def _by_key(user: User, key: str) -> SchemeVersion:
    code, __, number = key.rpartition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 5):
        raise Http404
    return _version(user, code, int(number))


def _head(row: SchemeVersion) -> dict[str, Any]:
    return {name: getattr(row, name) for name in EditionHead.model_fields}


def _whole(row: SchemeVersion) -> dict[str, Any]:
    edition = edition_data(edition_of_version(row))
    return {**_head(row), "scheme": row.scheme.code, "edition": edition}


def _row(row: SchemeRow) -> dict[str, Any]:
    return {
        **{name: getattr(row.scheme, name) for name in ("code", "name", "name_en", "issuer")},
        "version": row.version.number if row.version else None,
        "state": row.version.state if row.version else "",
        "editions": row.editions,
        "leaves": row.leaves,
        "points_supplied": row.supplied,
        "unverified": row.unverified,
    }


@router.get("/schemes", response={200: SchemeList, **READ}, operation_id="list_schemes")
def list_schemes(request: HttpRequest) -> Any:
    """Every scheme this person sees, in their order; a city has a handful."""
    return {"items": [_row(row) for row in scheme_rows(_person(request))]}


@router.post("/schemes", response={201: EditionOut, **WRITE}, operation_id="create_scheme")
def create(request: HttpRequest, sent: SchemeIn) -> Any:
    """A new scheme; answers with its draft."""
    user = _person(request)
    require(rules.can_edit_schemes(user))
    copy_of = _by_key(user, sent.copy_of).pk if sent.copy_of else None
    scheme = create_scheme(
        code=sent.code,
        name=sent.name,
        name_en=sent.name_en,
        issuer=sent.issuer,
        copy_of=copy_of,
        actor=user,
        now=timezone.now(),
    )
    return 201, _whole(_version(user, scheme.code, 1))


@router.get(
    "/schemes/compare", response={200: ComparisonOut, **WRITE}, operation_id="compare_schemes"
)
def compare(request: HttpRequest, one: str, two: str, year: int) -> Any:
    """Two editions (SCHEME-NUMBER) on the figures of one year; for the office alone."""
    user = _person(request)
    require(rules.can_edit_schemes(user))
    found = compared(_by_key(user, one), _by_key(user, two), year)
    return {
        "one": one,
        "two": two,
        "year": year,
        "as_of": found.as_of,
        "movers": found.movers,
        "firm": found.firm,
        "agreement": found.agreement,
        "items": [
            {
                "zone": line.zone.code,
                "scores": line.scores,
                "ledger": line.ledger,
                "ranks": tuple(rank or None for rank in line.ranks),
                "intervals": line.intervals,
                "coverage": line.coverage,
                "moved": line.moved,
                "parts": [
                    {
                        "indicator": part.key,
                        "name": part.name,
                        "points": part.amount,
                        "beyond": part.beyond,
                    }
                    for part in line.parts
                ],
            }
            for line in found.lines
        ],
    }


@router.get("/schemes/{code}", response={200: SchemeCard, **READ}, operation_id="get_scheme")
def get_scheme(request: HttpRequest, code: str) -> Any:
    """One scheme and its editions, newest first."""
    user = _person(request)
    scheme = _scheme(user, code)
    rows = visible_versions(user).filter(scheme=scheme).order_by("-number")
    return {
        **{name: getattr(scheme, name) for name in ("code", "name", "name_en", "issuer")},
        "editions": [_head(row) for row in rows],
    }


@router.get(
    "/schemes/{code}/{int:number}",
    response={200: EditionOut, **READ},
    operation_id="get_scheme_edition",
)
def get_edition(request: HttpRequest, code: str, number: int) -> Any:
    """One edition whole. What stands under `edition` can be sent back as a draft."""
    return _whole(_version(_person(request), code, number))


@router.post(
    "/schemes/{code}/draft", response={200: EditionOut, **WRITE}, operation_id="draft_scheme"
)
def draft(request: HttpRequest, code: str, sent: DraftIn) -> Any:
    """Begin the next edition; the present draft where there is one."""
    user = _person(request)
    scheme = _scheme(user, code)
    require(rules.can_edit_schemes(user))
    copy_of = None if sent.copy_of is None else _version(user, code, sent.copy_of).pk
    found = start_draft(scheme_id=scheme.pk, copy_of=copy_of, actor=user, now=timezone.now())
    return _whole(_version(user, code, found.number))


@router.put(
    "/schemes/{code}/{int:number}",
    response={200: EditionOut, **WRITE},
    operation_id="save_scheme_draft",
)
def save(request: HttpRequest, code: str, number: int, sent: SaveIn) -> Any:
    """Replace what a draft says; `revision` is the one that was read."""
    user = _person(request)
    version = _version(user, code, number)
    saved = save_draft(
        version_id=version.pk,
        edition=sent.edition.draft(sent.reason),
        revision=sent.revision,
        actor=user,
        now=timezone.now(),
    )
    return _whole(saved)


@router.post(
    "/schemes/{code}/{int:number}/check",
    response={200: CheckOut, **READ},
    operation_id="check_scheme_edition",
)
def check(request: HttpRequest, code: str, number: int) -> Any:
    """What forbids publishing an edition, and what should be known of it."""
    version = _version(_person(request), code, number)
    edition = edition_of_version(version)
    definition, problems, hints = examine(edition, scheme=code, number=number)

    def said(found: Any) -> list[dict[str, str]]:
        return [
            {"code": each.code, "node": each.node, "message": sentence(each, definition)}
            for each in found
        ]

    is_draft = version.state == VersionState.DRAFT
    return {
        "can_be_published": is_draft and not problems,
        "problems": said(problems),
        "hints": said(hints),
    }


@router.post(
    "/schemes/{code}/{int:number}/publish",
    response={200: EditionOut, **WRITE},
    operation_id="publish_scheme",
)
def publish(request: HttpRequest, code: str, number: int, sent: PublishIn) -> Any:
    """Put a draft in force; refused with every problem and its node."""
    user = _person(request)
    version = publish_version(
        version_id=_version(user, code, number).pk,
        reason=sent.reason,
        revision=sent.revision,
        actor=user,
        now=timezone.now(),
    )
    return _whole(version)


@router.post(
    "/schemes/{code}/{int:number}/retire",
    response={200: EditionOut, **WRITE},
    operation_id="retire_scheme",
)
def retire(request: HttpRequest, code: str, number: int, sent: ReasonIn) -> Any:
    """Take an edition out of force."""
    user = _person(request)
    version = retire_version(
        version_id=_version(user, code, number).pk,
        reason=sent.reason,
        actor=user,
        now=timezone.now(),
    )
    return _whole(version)


@router.delete(
    "/schemes/{code}/{int:number}",
    response={204: None, **WRITE},
    operation_id="discard_scheme_draft",
)
def discard(request: HttpRequest, code: str, number: int) -> Any:
    """Throw a draft away."""
    user = _person(request)
    version = _version(user, code, number)
    discard_draft(version_id=version.pk, actor=user, now=timezone.now())
    return 204, None
