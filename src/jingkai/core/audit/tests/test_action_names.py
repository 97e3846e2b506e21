"""Every name the trail writes has words in both languages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import jingkai
from jingkai.core.audit.actions import register_actions
from jingkai.core.audit.public import (
    registered_actions,
)

pytestmark = pytest.mark.django_db


# Functions that put an ending to the name they are given.
_SUFFIXES = {
    "save_record": ("created", "changed"),
    "import_rows": ("created", "changed", "imported"),
}


def literal(node: ast.expr, constants: dict[str, str]) -> str:
    """The name an expression stands for; a star after what is made up only at run time."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.Name):
        return constants.get(node.id, "*")
    if isinstance(node, ast.FormattedValue):
        return literal(node.value, constants)
    if isinstance(node, ast.JoinedStr):
        return re.sub(r"\*.*", "*", "".join(literal(part, constants) for part in node.values))
    return "*"


def written_names() -> dict[str, str]:
    """Every action name the source writes, with the file it is in."""
    names: dict[str, str] = {}
    root = Path(jingkai.__file__).parent
    for path in sorted(root.rglob("*.py")):
        if "tests" in path.parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            given = [k.value for k in node.keywords if k.arg == "audit_action"]
            # Only the trail's own `record`: other objects may have a method of that name.
            owner = getattr(getattr(node.func, "value", None), "id", "")
            if called == "record" and owner in {"audit", ""} and node.args:
                given.append(node.args[0])
            if called == "AuditEvent":
                given += [k.value for k in node.keywords if k.arg == "action"]
            found = {literal(value, constants) for value in given}
            if suffixes := _SUFFIXES.get(called):
                stems = [k.value for k in node.keywords if k.arg == "action"]
                found |= {f"{literal(s, constants)}.{end}" for s in stems for end in suffixes}
            for name in found:
                if name and not name.startswith("*"):
                    names[name] = str(path.relative_to(root))
    return names


def has_words(name: str) -> bool:
    known = registered_actions()
    if name.endswith("*"):
        return any(other.startswith(name[:-1]) for other in known)
    return name in known


def test_every_name_that_is_written_has_words() -> None:
    names = written_names()
    # The search finds something: written out, by a constant, and with an ending put to it.
    assert {"accounts.signed-in", "demo.loaded", "organisations.zone.imported"} <= set(names)
    missing = {n: where for n, where in names.items() if not has_words(n)}
    assert not missing, f"list these in the room's audit_actions.py: {missing}"


def test_a_name_is_registered_once() -> None:
    with pytest.raises(ValueError, match=r"list\.exported"):
        register_actions({"list.exported": "Again"})
