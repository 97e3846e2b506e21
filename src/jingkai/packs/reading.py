"""YAML into plain values that remember their line.

PyYAML's node graph is walked by hand, because the ready-made loader forgets lines, lets the last of
two equal keys win and turns 4.9 into a binary float.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import yaml

from .problems import Problem

FOLDED_CATEGORIES = frozenset({"Lu", "Ll", "Lo", "Lm", "Nd", "So"})
DATE = re.compile(r"\d{4}-\d{2}-\d{2}$")

Value = str | Decimal | bool | date | None | list["Value"] | dict[str, "Value"]


@dataclass(slots=True)
class Reading:
    """One file as read: its values, and the line of every path in it."""

    file: str
    value: Value = None
    lines: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)  # YAML nodes walked; an alias leads to one again

    def problem(self, line: int, path: str, message: str, remedy: str = "") -> None:
        """Note a mistake at `path`."""
        self.problems.append(Problem(self.file, line, path, message, remedy))


def normalise(text: str) -> str:
    """Return `text` in the characters people type: NFKC for letters, digits and radicals only.

    Full-width punctuation is proper Chinese and stays; so do superscripts.

    >>> normalise("深⼊４９，（市）km²")
    '深入49，（市）km²'
    """
    folded = (
        unicodedata.normalize("NFKC", c) if unicodedata.category(c) in FOLDED_CATEGORIES else c
        for c in text
    )
    return unicodedata.normalize("NFC", "".join(folded)).strip()


def match_key(name: str) -> str:
    """Return what two ways of writing one name have in common: full NFKC, no spaces.

    >>> match_key("各区县（市） 政府") == match_key("各区县(市)政府")
    True
    """
    return "".join(unicodedata.normalize("NFKC", name).split())


def read_file(path: Path) -> Reading:
    """Read one YAML file. Mistakes end up in `problems`; nothing is raised for its content.

    Raises OSError when the file cannot be opened.
    """
    reading = Reading(path.name)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        reading.problem(line, "", "The file is not UTF-8.", "Save it as UTF-8.")
        return reading
    try:
        node = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reading.problem(mark.line + 1 if mark else 0, "", *_explain(error))
        return reading
    except yaml.YAMLError as error:
        reading.problem(0, "", f"The file is not YAML: {error}.", "Remove the character.")
        return reading
    if node is None:
        reading.problem(0, "", "The file is empty.", "Fill it or restore it.")
        return reading
    reading.value = _value(node, "", reading)
    return reading


def _explain(error: yaml.MarkedYAMLError) -> tuple[str, str]:
    problem = error.problem or "cannot be read"
    if "'\\t'" in problem:
        return "A tab stands where spaces must.", "Indent with spaces."
    return (
        f"This is not YAML: {problem}.",
        "Look for a missing quote, bracket, colon or space here or in the line above.",
    )


def _value(node: yaml.Node, path: str, reading: Reading) -> Value:
    line = node.start_mark.line + 1
    reading.lines.setdefault(path, line)
    if id(node) in reading.seen:
        line = reading.lines[path]
        reading.problem(line, path, "YAML aliases (*name) are not used here.", "Write it out.")
        return None
    reading.seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, reading)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, f"{path}[{i}]", reading) for i, item in enumerate(node.value)]
    return _scalar(node, line, path, reading)


def _mapping(node: yaml.MappingNode, path: str, reading: Reading) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            reading.problem(line, path, "A key must be a plain word.", "Quote the value.")
            continue
        key = normalise(key_node.value)
        inner = f"{path}.{key}" if path else key
        if key in values:
            reading.problem(
                line,
                inner,
                f"The key “{key}” stands twice (first in line {reading.lines[inner]}).",
                "Keep one.",
            )
            continue
        reading.lines[inner] = line
        values[key] = _value(value_node, inner, reading)
    return values


def _scalar(node: yaml.Node, line: int, path: str, reading: Reading) -> Value:
    text: str = node.value
    match node.tag.rpartition(":")[2]:
        case "null":
            return None
        case "bool":
            return text.lower() in {"true", "yes", "on"}
        case "int" | "float":
            try:
                number = Decimal(text)
            except InvalidOperation:
                number = Decimal("nan")
            if number.is_finite():
                return number
            reading.problem(line, path, f"“{text}” is not a decimal number.", "Write it as 4.9.")
            return None
        case "timestamp" if DATE.match(text):
            try:
                return date.fromisoformat(text)
            except ValueError:
                reading.problem(line, path, f"There is no day {text}.", "Correct the date.")
                return None
        case "str" | "timestamp":
            return normalise(text)
    reading.problem(line, path, f"The tag {node.tag} is not used here.", "Remove it.")
    return None
