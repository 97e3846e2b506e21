"""Opinions that look alike: proposed groups, for a person to join. Pure.

Two opinions can only be alike when they share enough pairs of characters; those candidates are
found through an index of the pairs and then compared as a whole, so that the work grows with
what is alike and not with the square of what came in.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz

_NOT_WORDS: Final = re.compile(r"[\W_]+")
_POLITE: Final = re.compile("建议|希望|请|应当|应该|贵单位|尊敬的领导|您好|谢谢")
_COMMON: Final = 0.2
"""A pair of characters in more than this share of all opinions tells nothing apart."""
_SHARED: Final = 0.35
"""Of the pairs of the shorter opinion, so many must be in the other."""
_DRIFT: Final = 0.8


@dataclass(frozen=True, slots=True)
class Alike:
    """Ids of opinions that look alike, and how much the least alike neighbours do (0–100)."""

    members: tuple[int, ...]
    likeness: int


def normal(text: str) -> str:
    """What counts when opinions are compared: letters and figures, without polite words.

    >>> normal("建议：将 2030 年目标，提高到1474亿元！")
    '将2030年目标提高到1474亿元'
    """
    return _NOT_WORDS.sub("", _POLITE.sub("", text)).lower()


def likeness(one: str, other: str) -> int:
    """How alike two normalised texts are, 0–100; an excerpt of the other counts for most.

    >>> likeness("提高进出口目标", "提高进出口目标")
    100
    """
    whole = fuzz.ratio(one, other)
    if min(len(one), len(other)) >= 12:
        whole = max(whole, 0.92 * fuzz.partial_ratio(one, other))
    return round(whole)


def groups(
    texts: Mapping[int, str],
    *,
    threshold: int = 75,
    apart: Collection[tuple[int, int]] = (),
) -> list[Alike]:
    """Groups of at least two alike opinions, the most alike first.

    `texts` by id; `apart` are pairs (smaller id first) that a person told apart: no group holds
    such a pair unless a third opinion is like both.
    """
    plain = {key: normal(text) for key, text in texts.items()}
    parent = {key: key for key in plain}

    def root(key: int) -> int:
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    told = frozenset(apart)
    weakest: dict[int, int] = {}
    scored = (
        (likeness(plain[one], plain[other]), one, other)
        for one, other in _candidates(plain)
        if (one, other) not in told
    )
    # The most alike first, so that the very same words are together before anything drifts.
    near = sorted((-score, one, other) for score, one, other in scored if score >= threshold)
    for minus, one, other in near:
        a, b = root(one), root(other)
        # Neighbours of neighbours drift away: both groups' first opinions must be alike as well.
        if a != b and likeness(plain[a], plain[b]) >= threshold * _DRIFT:
            parent[max(a, b)] = min(a, b)
            low = min(weakest.get(a, 100), weakest.get(b, 100), -minus)
            weakest[min(a, b)] = low
    members: defaultdict[int, list[int]] = defaultdict(list)
    for key in sorted(plain):
        members[root(key)].append(key)
    found = [Alike(tuple(keys), weakest[top]) for top, keys in members.items() if len(keys) > 1]
    return sorted(found, key=lambda group: (-group.likeness, group.members))


def nearest(text: str, others: Mapping[int, str], *, limit: int = 5, floor: int = 40) -> list[int]:
    """Ids of the opinions most like `text`, best first."""
    mine = normal(text)
    scored = ((likeness(mine, normal(other)), key) for key, other in others.items())
    best = sorted((-score, key) for score, key in scored if score >= floor)
    return [key for _score, key in best[:limit]]


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 2] for i in range(len(text) - 1)) or frozenset({text})


def _candidates(plain: Mapping[int, str]) -> set[tuple[int, int]]:
    grams = {key: _pairs(text) for key, text in plain.items() if text}
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for key in sorted(grams):
        for gram in grams[key]:
            holders[gram].append(key)
    most = max(30, int(len(grams) * _COMMON))
    shared: Counter[tuple[int, int]] = Counter()
    for keys in holders.values():
        if len(keys) <= most:
            shared.update((a, b) for i, a in enumerate(keys) for b in keys[i + 1 :])
    telling = {
        key: sum(len(holders[gram]) <= most for gram in pairs) for key, pairs in grams.items()
    }
    found = {
        pair
        for pair, count in shared.items()
        if count >= _SHARED * max(1, min(telling[pair[0]], telling[pair[1]]))
    }
    # The very same words, however common their characters are.
    same: defaultdict[str, list[int]] = defaultdict(list)
    for key in sorted(grams):
        same[plain[key]].append(key)
    for keys in same.values():
        found.update((keys[0], other) for other in keys[1:])
    return found
