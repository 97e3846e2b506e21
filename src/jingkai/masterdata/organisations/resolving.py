"""From a name as people write it to the body it means on a date; never a guess in silence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz, process

from .models import Body, BodyAlias

_IGNORED = re.compile(r"[\s·・.,，。、“”\"'‘’()\[\]【】《》—_-]+")
_MIN_SCORE = 55.0
_SUGGESTIONS = 5


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A body that might be meant, the name that made it likely, and how alike (0–100)."""

    body: Body
    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a name means. `kind`: exact (official name), alias, normalised, or unknown.

    `body` is None exactly when `kind` is unknown; then `suggestions` are for a person to choose
    from. `merged_from` is the body named, when another has taken it over by that date.
    """

    body: Body | None
    kind: str
    suggestions: tuple[Suggestion, ...] = ()
    merged_from: Body | None = None


def normalised(name: str) -> str:
    """A name without the differences that do not matter: width, Kangxi radicals, spaces, marks.

    >>> normalised(" 市⼯信局 ")
    '市工信局'
    """
    return _IGNORED.sub("", unicodedata.normalize("NFKC", name)).casefold()


def _holds(start: date | None, end: date | None, on: date) -> bool:
    return (start is None or start <= on) and (end is None or on <= end)


class BodyResolver:
    """Resolves many names against one reading of the register. 2 queries when made."""

    def __init__(self) -> None:
        self._bodies = {body.pk: body for body in Body.objects.all()}
        self._aliases = list(BodyAlias.objects.all())
        self._names = [(body.name, body) for body in self._bodies.values()]
        self._names += [(alias.name, self._bodies[alias.body_id]) for alias in self._aliases]

    def resolve(self, name: str, on: date) -> Resolution:
        """What `name` means on `on`. Names that fit two bodies are unknown, with both suggested."""
        wanted = unicodedata.normalize("NFKC", name).strip()
        official = [body for body in self._bodies.values() if body.name == wanted]
        if official:
            return self._answer(official, "exact", name, on)
        alias = [
            self._bodies[a.body_id]
            for a in self._aliases
            if a.name == wanted and _holds(a.valid_from, a.valid_to, on)
        ]
        if alias:
            return self._answer(alias, "alias", name, on)
        key = normalised(name)
        if not key:
            return Resolution(None, "unknown")
        loose = [body for body in self._bodies.values() if normalised(body.name) == key]
        loose += [
            self._bodies[a.body_id]
            for a in self._aliases
            if normalised(a.name) == key and _holds(a.valid_from, a.valid_to, on)
        ]
        if loose:
            return self._answer(loose, "normalised", name, on)
        return Resolution(None, "unknown", self._suggest(key))

    def _answer(self, found: Iterable[Body], kind: str, name: str, on: date) -> Resolution:
        bodies = list({body.pk: body for body in found}.values())
        if len(bodies) > 1:
            both = tuple(Suggestion(body, name, 100.0) for body in bodies)
            return Resolution(None, "unknown", both)
        named = bodies[0]
        body = named
        while body.merged_into_id and body.valid_to is not None and body.valid_to < on:
            body = self._bodies[body.merged_into_id]
        return Resolution(body, kind, (), named if body.pk != named.pk else None)

    def _suggest(self, key: str) -> tuple[Suggestion, ...]:
        texts = [normalised(name) for name, _body in self._names]
        best: dict[int, Suggestion] = {}
        for _text, score, index in process.extract(
            key, texts, scorer=fuzz.ratio, limit=20, score_cutoff=_MIN_SCORE
        ):
            name, body = self._names[index]
            if body.pk not in best:
                best[body.pk] = Suggestion(body, name, round(float(score), 1))
        return tuple(best.values())[:_SUGGESTIONS]


def resolve_body(name: str, *, on: date) -> Resolution:
    """What `name` means on `on`. 2 queries; for many names make one BodyResolver."""
    return BodyResolver().resolve(name, on)
