"""The order of the house that import-linter cannot say: other rooms enter by `public.py` only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import jingkai

SOURCE = Path(jingkai.__file__).parent
# The house itself hangs every room's API under one root.
HOUSE_MAY = {("api.py", "api")}
# Formatting of figures and lights is the same in a page and in a chart made by Python.
EVERYBODY_MAY = {("core/ui", "templatetags")}


def rooms() -> list[Path]:
    """Every room, relative to the package."""
    return sorted(path.parent.relative_to(SOURCE) for path in SOURCE.rglob("apps.py"))


def room_of(path: Path) -> Path | None:
    """The room a path inside the package lies in; None for what belongs to the house."""
    return next((room for room in rooms() if room == path or room in path.parents), None)


def imported(tree: ast.Module, package: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line and dotted path below `jingkai` of every import, one for each imported name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            base += node.module.split(".") if node.module else []
            modules = [[*base, alias.name] for alias in node.names]
        else:
            continue
        for module in modules:
            if module[0] == "jingkai":
                yield node.lineno, tuple(module[1:])


def strangers(source: str, path: Path) -> list[str]:
    """Imports in `source`, of the file `path` inside the package, past another room's door."""
    found = []
    for line, names in imported(ast.parse(source), ("jingkai", *path.parent.parts)):
        target = room_of(Path(*names)) if names else None
        if target is None or target == room_of(path):
            continue
        door = names[len(target.parts) : len(target.parts) + 1]
        allowed = {"public"}
        allowed |= {name for room, name in EVERYBODY_MAY if Path(room) == target}
        allowed |= {name for file, name in HOUSE_MAY if Path(file) == path}
        if not set(door) & allowed:
            found.append(f"{path}:{line}: jingkai.{'.'.join(names)}")
    return found


def test_other_rooms_enter_by_the_public_door() -> None:
    found = []
    for file in sorted(SOURCE.rglob("*.py")):
        path = file.relative_to(SOURCE)
        if not {"tests", "migrations"} & set(path.parts):
            found += strangers(file.read_text(encoding="utf-8"), path)
    assert not found, "import these from the room's public.py:\n" + "\n".join(found)


def test_a_way_past_the_door_is_seen() -> None:
    path = Path("cockpit/queries.py")
    assert strangers("from jingkai.core.accounts.models import User", path)
    assert strangers("from ..core.accounts import models", path)
    assert strangers("def f():\n    import jingkai.core.files.services", path)
    assert not strangers("from jingkai.core.accounts.public import User", path)
    assert not strangers("from jingkai.core.http import page_or_fragment", path)
    assert not strangers("from .rows import Row", path)


def test_the_table_of_floors_names_every_room() -> None:
    """A room outside the layers of import-linter would be held by no contract at all."""
    floors = {"core", "masterdata", "delivery", "cockpit", "packs"}
    assert {room.parts[0] for room in rooms()} == floors
