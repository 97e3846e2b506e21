"""A person's corrections: which fields a thing has, and which values each may take.

Pure. The words are those of the engine and of packs, so that what is corrected here passes the
pack's own checks later; a mistake is told at its field at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.engine.policytext import Kind, Role
from jingkai.engine.targets import Modality
from jingkai.masterdata.organisations.public import BodyKind

from .models import ItemKind

Taker = Callable[[str, Any], Any]
_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_YEARS: Final = range(1990, 2101)
KINDS: Final = tuple(str(kind) for kind in Kind if kind is not Kind.GROWTH)
WORDINGS: Final = ("single", "shared", "etc")
ROLES: Final = tuple(str(role) for role in Role)
_ROLE_WORDS: Final = {"牵头": "lead", "主责": "lead", "配合": "assist", "lead": "lead"}
_ROLE_SHOWN: Final = {"lead": "牵头", "assist": "配合"}


class _Refused(ValueError):
    """One value is not allowed; the message is for people."""


def _text(low: int, high: int) -> Taker:
    def take(name: str, value: Any) -> str:
        text = str(value or "").strip()
        if not low <= len(text) <= high:
            raise _Refused(
                _("%(low)d to %(high)d characters are needed; this has %(n)d.")
                % {"low": low, "high": high, "n": len(text)}
            )
        return text

    return take


def _choice(words: Collection[str]) -> Taker:
    def take(name: str, value: Any) -> str:
        word = str(value or "").strip()
        if word not in words:
            raise _Refused(_("“%(word)s” is not one of the words allowed.") % {"word": word})
        return word

    return take


def _number(name: str, value: Any) -> str | None:
    text = str("" if value is None else value).strip()
    if not text:
        return None
    try:
        made = Decimal(text)
    except InvalidOperation:
        made = Decimal("NaN")
    if not made.is_finite() or abs(made) >= Decimal(10) ** 18:
        raise _Refused(_("“%(word)s” is not a number.") % {"word": text[:40]})
    return format(made, "f")


def _year(name: str, value: Any) -> int | None:
    text = str("" if value is None else value).strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or int(text) not in _YEARS:
        raise _Refused(_("A year between 1990 and 2100 is needed."))
    return int(text)


def _code(name: str, value: Any) -> str:
    text = str(value or "").strip()
    if text and not _CODE.fullmatch(text):
        raise _Refused(
            _("A code begins with a letter and has letters, digits and underscores, at most 40.")
        )
    return text


def _bodies(name: str, value: Any) -> list[dict[str, str]]:
    """From the API a list of names or {name, role}; from a form one body to a line or by 、."""
    rows = re.split(r"[\n、;；]+", value) if isinstance(value, str) else list(value or ())
    made: list[dict[str, str]] = []
    for row in rows:
        if isinstance(row, Mapping):
            written, role = str(row.get("name", "")).strip(), str(row.get("role") or "unspecified")
        else:
            head, _gap, rest = str(row).strip().partition(" ")
            said = _ROLE_WORDS.get(head.rstrip(":："), "assist" if head == "assist" else "")
            written, role = (rest.strip(), said) if said else (str(row).strip(), "unspecified")
        if not written:
            continue
        if role not in ROLES:
            raise _Refused(_("“%(word)s” is not one of the words allowed.") % {"word": role})
        if not 2 <= len(written) <= 60:
            raise _Refused(_("A body's name has 2 to 60 characters: %(name)s") % {"name": written})
        if any(body["name"] == written for body in made):
            raise _Refused(_("%(name)s is named twice.") % {"name": written})
        made.append({"name": written, "role": role})
    if not made:
        raise _Refused(_("Name at least one body."))
    if sum(body["role"] == "lead" for body in made) > 1:
        raise _Refused(_("There is one lead at most."))
    return made


def bodies_text(bodies: Any) -> str:
    """Bodies as a form shows them: one to a line, the role before the name.

    >>> bodies_text([{"name": "市商务局", "role": "lead"}, {"name": "市财政局", "role": ""}])
    '牵头 市商务局\\n市财政局'
    """
    return "\n".join(
        f"{_ROLE_SHOWN.get(body.get('role', ''), '')} {body['name']}".strip() for body in bodies
    )


@dataclass(frozen=True, slots=True)
class Field:
    """One field that may be corrected. `widget`: text, number, choice, lines."""

    name: str
    label: StrOrPromise
    take: Taker
    widget: str = "text"
    choices: tuple[tuple[str, StrOrPromise], ...] = ()
    hint: StrOrPromise = ""


_TITLE_EN = Field("title_en", gettext_lazy("English title"), _text(0, 200))
_SHORT = gettext_lazy("8 to 25 characters, our own words.")
_BODY_LINES = Field(
    "bodies",
    gettext_lazy("responsible bodies"),
    _bodies,
    "lines",
    hint=gettext_lazy(
        "One body to a line; write 牵头 or 配合 before it where the document says so."
    ),
)


def _words(words: Collection[str]) -> tuple[tuple[str, StrOrPromise], ...]:
    from .labels import word_label

    return tuple((word, word_label(word)) for word in words)


def fields_of(kind: str) -> tuple[Field, ...]:
    """The fields of a kind of thing that a person may correct, in the order of the form."""
    match kind:
        case ItemKind.BODY:
            kinds = tuple(BodyKind.choices)
            return (
                Field("name", gettext_lazy("official name"), _text(2, 60)),
                Field("name_en", gettext_lazy("English name"), _text(0, 160)),
                Field("code", gettext_lazy("code"), _code),
                Field("body_kind", gettext_lazy("kind"), _choice(BodyKind.values), "choice", kinds),
            )
        case ItemKind.MEASURE:
            return (Field("title", gettext_lazy("title"), _text(2, 40)), _TITLE_EN)
        case ItemKind.CLAUSE:
            return (
                Field("title", gettext_lazy("short title"), _text(8, 25), hint=_SHORT),
                _TITLE_EN,
                _BODY_LINES,
                Field(
                    "wording",
                    gettext_lazy("wording"),
                    _choice(WORDINGS),
                    "choice",
                    _words(WORDINGS),
                ),
            )
        case ItemKind.TASK:
            return (
                Field("title", gettext_lazy("short title"), _text(8, 25), hint=_SHORT),
                _TITLE_EN,
                Field("goal", gettext_lazy("goal"), _text(0, 200)),
                _BODY_LINES,
            )
        case ItemKind.STANDING:
            return (
                Field("title", gettext_lazy("short title"), _text(8, 25), hint=_SHORT),
                _BODY_LINES,
            )
        case ItemKind.TARGET:
            return _TARGET_FIELDS()
    return ()


def _TARGET_FIELDS() -> tuple[Field, ...]:  # a constant that needs the labels
    modalities = [str(word) for word in Modality]
    return (
        Field("indicator", gettext_lazy("indicator"), _text(2, 40)),
        Field(
            "indicator_code",
            gettext_lazy("indicator in the product"),
            _code,
            "indicator",
            hint=gettext_lazy("Empty: a new indicator of this name."),
        ),
        Field("title", gettext_lazy("short title"), _text(0, 25)),
        _TITLE_EN,
        Field("kind", gettext_lazy("kind"), _choice(KINDS), "choice", _words(KINDS)),
        Field(
            "modality",
            gettext_lazy("How binding"),
            _choice(modalities),
            "choice",
            _words(modalities),
        ),
        Field("value", gettext_lazy("value"), _number, "number"),
        Field("unit", gettext_lazy("unit"), _text(0, 30)),
        Field("year", gettext_lazy("due year"), _year, "number"),
        Field("base_year", gettext_lazy("base year"), _year, "number"),
        Field("benchmark", gettext_lazy("measured against"), _text(0, 40)),
    )


def corrections_of(kind: str, read: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `given` that differ from what was read, checked.

    Raises InvalidInput naming every field that is wrong.
    """
    problems: list[FieldProblem] = []
    made: dict[str, Any] = {}
    known = {field.name: field for field in fields_of(kind)}
    for name in given:
        if name not in known:
            message = _("There is no field “%(name)s” here.") % {"name": name}
            problems.append(FieldProblem(name, message, "unknown"))
    for name, field in known.items():
        if name not in given:
            continue
        try:
            value = field.take(name, given[name])
        except _Refused as refused:
            problems.append(FieldProblem(name, str(refused)))
            continue
        if not _same(value, read.get(name)):
            made[name] = value
    if kind == ItemKind.TARGET and not problems:
        problems += _target_problems({**read, **made})
    if problems:
        raise InvalidInput(problems=problems)
    return made


def _same(value: Any, read: Any) -> bool:
    if isinstance(value, list):
        before = [
            (body["name"], body.get("role", "unspecified"))
            for body in read or ()
            if isinstance(body, Mapping)
        ]
        return [(body["name"], body["role"]) for body in value] == before
    if value in (None, "") and read in (None, ""):
        return True
    if isinstance(value, str) and isinstance(read, str):
        try:
            return Decimal(value) == Decimal(read)
        except InvalidOperation:
            return value == read
    return bool(value == read)


def _target_problems(data: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """What the engine could not judge: a number is missing, or years run backwards."""
    kind, value = data["kind"], data.get("value")
    bare = kind in (Kind.RELATIVE, Kind.QUALITATIVE)
    if bare and value not in (None, ""):
        yield FieldProblem("value", _("A target of this kind has no number."))
    if not bare and value in (None, ""):
        yield FieldProblem("value", _("A target of this kind needs a number."))
    if kind in (Kind.SHARE, Kind.RELATIVE) and not data.get("benchmark"):
        yield FieldProblem("benchmark", _("Name what it is a share of, or compared with."))
    year, base = data.get("year"), data.get("base_year")
    if kind not in (Kind.QUALITATIVE, Kind.CAP) and not year:
        yield FieldProblem("year", _("Name the year it is due."))
    if year and base and base >= year:
        yield FieldProblem("base_year", _("The base year lies before the year it is due."))
    if kind == Kind.REDUCTION and not base:
        yield FieldProblem("base_year", _("A fall needs the year it is measured against."))
    if kind == Kind.CAP and data.get("modality") != Modality.AT_MOST:
        yield FieldProblem("modality", _("A cap binds from above: choose “at most”."))
