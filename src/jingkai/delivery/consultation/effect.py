"""What a changed wording does: the reading of the old text beside that of the new.

Pure. Statements are matched by what they are about, so a changed figure is one change and not
one thing lost and another found; a question of the reader that only one text raises is closed or
opened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, TypeVar

from jingkai.engine.policytext import as_data, parse_policy

Item = Mapping[str, Any]
T = TypeVar("T")
_SIGNS: Final = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤", "about": "≈"}
_ABOUT: Final = ("indicator", "task", "body", "name", "title", "number", "rule")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs; `before` or `after` is empty for what is new or gone."""

    what: Literal["target", "task", "duty"]
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the reader: `kind` and `params` make the sentence, `quotes` are its places."""

    kind: str
    severity: str
    params: Mapping[str, Any]
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """Differences between two readings."""

    changes: tuple[Change, ...] = ()
    opened: tuple[Question, ...] = ()
    closed: tuple[Question, ...] = ()
    altered: tuple[tuple[Question, Question], ...] = ()
    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether the changed words mean the same to the reader."""
        return not (self.changes or self.opened or self.closed or self.altered)

    def as_data(self) -> dict[str, Any]:
        """As plain data, to be kept."""
        return {**asdict(self), "empty": self.empty}


def read(text: str) -> dict[str, Any]:
    """The reading of `text` as plain data; about 5 ms for a thousand characters."""
    return as_data(parse_policy(text))


def compare(old: Item, new: Item) -> Effect:
    """The difference between two readings, each as `read` gives it."""
    changes = [
        *_changes("target", old["targets"], new["targets"], _about_target, _target_name, _stated),
        *_changes("task", old["tasks"], new["tasks"], _about_task, _task_name, _task_words),
        *_changes("duty", _duties(old), _duties(new), _about_duty, _duty_name, _duty_bodies),
    ]
    closed, opened = _only(_questions(old), _questions(new), _whole_question)
    altered, closed, opened = _paired(closed, opened, _about_question)
    return Effect(
        tuple(changes),
        tuple(map(_question, opened)),
        tuple(map(_question, closed)),
        tuple((_question(a), _question(b)) for a, b in altered),
        {
            name: (old["counts"][name], new["counts"][name])
            for name in ("targets", "tasks", "bodies", "open_questions")
            if old["counts"][name] != new["counts"][name]
        },
    )


def effect_of(old_text: str, new_text: str) -> Effect:
    """Read both texts and compare."""
    if old_text == new_text:
        return Effect()
    return compare(read(old_text), read(new_text))


def _changes(
    what: Literal["target", "task", "duty"],
    old: Sequence[Item],
    new: Sequence[Item],
    about: Callable[[Item], Hashable],
    name: Callable[[Item], str],
    words: Callable[[Item], str],
) -> list[Change]:
    gone, come = _only(old, new, lambda item: (about(item), words(item)))
    pairs, gone, come = _paired(gone, come, about)
    # What is said of the same thing in another form is a change too.
    more, gone, come = _paired(gone, come, name)
    return [
        *(Change(what, name(b), words(a), words(b)) for a, b in [*pairs, *more]),
        *(Change(what, name(a), words(a), "") for a in gone),
        *(Change(what, name(b), "", words(b)) for b in come),
    ]


def _only(
    old: Sequence[T], new: Sequence[T], key: Callable[[T], Hashable]
) -> tuple[list[T], list[T]]:
    """What stands in one of two lists only, each as often as it does."""

    def left(items: Sequence[T], others: Sequence[T]) -> list[T]:
        spare = Counter(map(key, others))
        kept = []
        for item in items:
            if spare[key(item)]:
                spare[key(item)] -= 1
            else:
                kept.append(item)
        return kept

    return left(old, new), left(new, old)


def _paired(
    old: Iterable[T], new: Iterable[T], key: Callable[[T], Hashable]
) -> tuple[list[tuple[T, T]], list[T], list[T]]:
    """Pairs with the same key in order of appearance, and what found no partner."""
    waiting: dict[Hashable, list[T]] = {}
    for item in new:
        waiting.setdefault(key(item), []).append(item)
    pairs, alone = [], []
    for item in old:
        if partners := waiting.get(key(item)):
            pairs.append((item, partners.pop(0)))
        else:
            alone.append(item)
    return pairs, alone, [item for items in waiting.values() for item in items]


def _about_target(item: Item) -> Hashable:
    place = str(item["place"]).partition(":")[0]
    return item["indicator"], item["year"], item["kind"], item["unit"], place


def _target_name(item: Item) -> str:
    return f"{item['indicator']} {item['year'] or ''}".strip()


def _stated(item: Item) -> str:
    if item["value"] is None:
        return str(item["clause"])
    high = f"–{item['high']}" if item["high"] else ""
    sign = _SIGNS.get(item["comparator"], "")
    return f"{sign}{item['value']}{high}{item['unit']}"


def _about_task(item: Item) -> Hashable:
    return item["number"], item["place"]


def _task_name(item: Item) -> str:
    return f"任务{item['number']}"


def _task_words(item: Item) -> str:
    bodies = "、".join(body["canonical"] or body["name"] for body in item["bodies"])
    deadline = f"；{item['deadline']}" if item["deadline"] else ""
    return f"{item['goal']}；{item['title']}（{bodies}）{deadline}"


def _duties(reading: Item) -> list[Item]:
    return [
        {**clause, "key": f"{measure['id']}.c{n:02d}", "measure": measure}
        for measure in reading["measures"]
        for n, clause in enumerate(measure["clauses"], start=1)
    ]


def _about_duty(item: Item) -> Hashable:
    return str(item["key"])


def _duty_name(item: Item) -> str:
    measure = item["measure"]
    printed = f"（{measure['printed']}）" if measure["printed"] else ""
    return f"{printed}{measure['title']} 第{int(item['key'].rpartition('c')[2])}款"


def _duty_bodies(item: Item) -> str:
    """Who answers, and until when; the words of the clause are the reader's own to compare."""
    bodies = "、".join(
        (body["canonical"] or body["name"]) + {"lead": "（牵头）"}.get(body["role"], "")
        for body in item["bodies"]
    )
    return f"{bodies}；{item['deadline']}" if item["deadline"] else bodies


def _questions(reading: Item) -> list[Item]:
    return [item for item in reading["findings"] if item["severity"] != "info"]


def _whole_question(item: Item) -> Hashable:
    return item["kind"], tuple(sorted((k, str(v)) for k, v in item["params"].items()))


def _about_question(item: Item) -> Hashable:
    named = next((str(item["params"][k]) for k in _ABOUT if k in item["params"]), "")
    return item["kind"], named


def _question(item: Item) -> Question:
    quotes = tuple(place["text"] for place in item["locations"] if place["text"])
    return Question(item["kind"], item["severity"], dict(item["params"]), quotes[:3])
