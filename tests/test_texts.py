"""The interface speaks Chinese everywhere, and one English text means one thing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from babel.messages.catalog import Catalog

from jingkai.cli import catalogues


def collisions(loaded: Iterable[tuple[str, Catalog]]) -> dict[str, dict[str, list[str]]]:
    """Texts translated in more than one way: text -> translation -> where.

    Django merges the catalogues of all apps, so of two translations of one text only one is shown,
    in both rooms. Two meanings need a context (pgettext) or a more exact English text.
    """
    said: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for where, catalog in loaded:
        for message in catalog:
            if not message.id:
                continue
            text = message.id if isinstance(message.id, str) else message.id[0]
            string = message.string if isinstance(message.string, str) else message.string[0]
            said[f"{message.context}: {text}" if message.context else text][string].append(where)
    return {text: dict(ways) for text, ways in said.items() if len(ways) > 1}


def test_every_text_has_chinese() -> None:
    gaps = catalogues.missing()
    assert not gaps, "\n".join(f"{where}: {text!r}" for where, text in gaps)


def test_a_text_has_one_translation_in_all_rooms() -> None:
    loaded = [
        (str(room.relative_to(catalogues.PACKAGE)), catalogues.load(room))
        for room in catalogues.rooms()
    ]
    assert sum(len(catalog) for _room, catalog in loaded) > 1000  # the catalogues were found
    found = collisions(loaded)
    assert not found, "\n".join(f"{text!r}: {ways}" for text, ways in sorted(found.items()))


def test_two_ways_are_seen_and_a_context_parts_them() -> None:
    task, zone = Catalog(locale="zh_Hans"), Catalog(locale="zh_Hans")
    task.add("Issue", "交办")
    zone.add("Issue", "下达")
    assert collisions([("task", task), ("zone", zone)]) == {
        "Issue": {"交办": ["task"], "下达": ["zone"]}
    }
    task = Catalog(locale="zh_Hans")
    task.add("Issue", "交办", context="task")
    assert not collisions([("task", task), ("zone", zone)])
