"""Bodies of the pack: each name a document prints leads to one code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from pypinyin import lazy_pinyin

from .plan import Draft, KnownBody, Taken

_KINDS: Final = (
    (re.compile(r"^(?:各|有关|相关|市直|全市)|成员单位$|部门$"), "group"),
    (re.compile(r"管委会$|管理委员会$"), "committee"),
    (re.compile(r"(?:区|县|市)(?:人民)?政府$"), "district"),
    (re.compile(r"公司$|集团$|银行$(?<!人民银行)"), "enterprise"),
    (re.compile(r"海关|中国人民银行|税务局|边防|边检|监管局$(?<!市场监管局)|国网"), "central"),
)


def spelled(name: str) -> str:
    """A name by which bodies are told apart: full width folded, no spaces."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", name))


def pinyin_of(name: str) -> list[str]:
    """Syllables of a name in Latin letters; digits and letters stay."""
    words = lazy_pinyin(spelled(name), errors=lambda chars: f" {chars} ")
    return re.findall(r"[A-Za-z0-9]+", " ".join(words))


def code_of(name: str, taken: Iterable[str], *, initials: bool = False) -> str:
    """A code for a new record from its name, not among `taken`.

    >>> code_of("市商务局", {"SHI_SHANG_WU_JU"}), code_of("工业增加值", (), initials=True)
    ('SHI_SHANG_WU_JU_2', 'GYZJZ')
    """
    words = pinyin_of(name)
    made = "".join(w[0] for w in words) if initials else "_".join(words)
    made = re.sub(r"[^A-Z0-9_]", "", made.upper())[:30].strip("_") or "X"
    if not made[0].isalpha():
        made = "N" + made
    used = set(taken)
    count, code = 1, made
    while code in used:
        count += 1
        code = f"{made}_{count}"
    return code


def kind_of(name: str) -> str:
    """What sort of body a name speaks of, by its form; a department when nothing else fits."""
    return next((kind for pattern, kind in _KINDS if pattern.search(name)), "department")


def bodies(draft: Draft) -> None:
    """Put every body of the document into the pack; the names lead to codes from then on."""
    rows = draft.rows("bodies.yaml", "bodies")
    for row in rows:
        _remember(draft, row)
    for code in (draft.plan.head.approved_by, draft.plan.head.coordinator):
        from_register(draft, code)
    for item in draft.of("body"):
        if item.match:
            from_register(draft, item.match)
            named = [row for row in rows if row["code"] == item.match]
            if not named:
                draft.mistake(item, "match", _("This body is not in the register any more."))
                continue
            row = named[0]
        else:
            row = _new(draft, item)
        draft.made[id(row)] = item.key
        draft.built.codes[item.key] = row["code"]
        _also(draft, row, item)


def _remember(draft: Draft, row: dict[str, Any]) -> None:
    for name in (row["name_zh"], *(alias["name"] for alias in row.get("aliases") or ())):
        draft.names.setdefault(spelled(name), row["code"])


def from_register(draft: Draft, code: str) -> None:
    """A body that the product knows and the pack does not name yet."""
    rows = draft.rows("bodies.yaml", "bodies")
    known = draft.plan.bodies.get(code)
    if known is None or any(row["code"] == code for row in rows):
        return
    row = _record(known)
    for name in known.names:
        if spelled(name) not in draft.names and spelled(name) != spelled(known.name):
            row["aliases"].append({"name": name, "kind": "variant"})
    rows.append(row)
    _remember(draft, row)


def _record(body: KnownBody) -> dict[str, Any]:
    return {
        "code": body.code,
        "kind": body.kind,
        "name_zh": body.name,
        "name_en": body.name_en or " ".join(pinyin_of(body.name)).title(),
        "aliases": [],
    }


def _new(draft: Draft, item: Taken) -> dict[str, Any]:
    data = item.data
    name = str(data["name"])
    known = draft.names.get(spelled(name))
    if known:
        return next(row for row in draft.rows("bodies.yaml", "bodies") if row["code"] == known)
    used = {*draft.plan.bodies, *draft.names.values()}
    code = str(data.get("code") or "") or code_of(name, used)
    if code in used:
        draft.mistake(item, "code", _("The code %(code)s is taken.") % {"code": code})
    kind = str(data.get("body_kind") or kind_of(name))
    made = KnownBody(
        code, name, str(data.get("name_en") or ""), "enterprise" if kind == "company" else kind
    )
    row = _record(made)
    draft.rows("bodies.yaml", "bodies").append(row)
    _remember(draft, row)
    return row


def _also(draft: Draft, row: dict[str, Any], item: Taken) -> None:
    """Other spellings of the document lead to the same body, unless they are another's."""
    read = item.data
    for name in (read["name"], read.get("as_printed", ""), *read.get("aliases", ())):
        key = spelled(str(name))
        if len(key) >= 2 and draft.names.setdefault(key, row["code"]) == row["code"]:
            known = {spelled(row["name_zh"])}
            known |= {spelled(alias["name"]) for alias in row.get("aliases") or ()}
            if key not in known:
                row.setdefault("aliases", []).append({"name": key[:60], "kind": "variant"})


@dataclass(frozen=True, slots=True)
class Named:
    """Codes of the bodies a clause or task names, in its order, and what it makes of them."""

    bodies: list[str]
    lead: str = ""
    assist: tuple[str, ...] = ()


def named_by(draft: Draft, item: Taken) -> Named:
    """Who answers for a clause or task, and in which role.

    A name nobody accepted is a mistake of the thing; so are two leads, for one has to answer.
    """
    roles: dict[str, str] = {}
    for body in item.data.get("bodies", ()):
        name, role = (body, "") if isinstance(body, str) else (body["name"], body.get("role", ""))
        code = draft.names.get(spelled(str(name)))
        if code is None:
            message = _("The body “%(name)s” is not accepted yet. Decide it, or correct the name.")
            draft.mistake(item, "bodies", message % {"name": name})
        elif roles.get(code) in (None, "", "unspecified"):
            # A body named twice keeps its first place and the role that is stated.
            roles[code] = role
    leads = [code for code, role in roles.items() if role == "lead"]
    if len(leads) > 1:
        message = _("%(n)d bodies lead here. Correct it: one leads, the others assist or share.")
        draft.mistake(item, "bodies", message % {"n": len(leads)})
    assist = tuple(code for code, role in roles.items() if role == "assist")
    return Named(list(roles), leads[0] if leads else "", assist)
