"""Reading plain data with a place in mind: every refusal says where, and what is known there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .errors import MethodError
from .tree import nearest


class Reader:
    """A mapping that knows its place in the method, and which of its keys were asked for."""

    def __init__(self, data: object, path: str, known: Sequence[str]) -> None:
        if not isinstance(data, Mapping):
            raise wrong(path, f"must be a mapping with some of {', '.join(known)}, not {data!r}")
        self.data: Mapping[str, Any] = data
        self.path = path
        for key in data:
            if key not in known:
                raise MethodError(
                    f"{_at(path, key)} is not a key of a method"
                    f"{nearest(str(key), known) or '; known here: ' + ', '.join(known)}",
                    code="unknown_key",
                    path=_at(path, key),
                )

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def at(self, key: str) -> str:
        """Place of a key."""
        return _at(self.path, key)

    def number(
        self,
        key: str,
        default: float,
        *,
        least: float = float("-inf"),
        most: float = float("inf"),
        above: float = float("-inf"),
    ) -> float:
        """A finite number within bounds."""
        value = self.data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise wrong(self.at(key), f"must be a number, not {value!r}")
        if not least <= value <= most or not value > above or abs(value) == float("inf"):
            bounds = [f"at least {least:g}"] * (least > float("-inf"))
            bounds += [f"more than {above:g}"] * (above > float("-inf"))
            bounds += [f"at most {most:g}"] * (most < float("inf"))
            raise wrong(
                self.at(key), f"is {value:g}; it must be {' and '.join(bounds) or 'finite'}"
            )
        return float(value)

    def optional_number(self, key: str, default: float | None) -> float | None:
        """A number, or none/null."""
        if key not in self.data:
            return default
        return None if self.data[key] in (None, "none") else self.number(key, 0.0)

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            raise wrong(self.at(key), f"must be true or false, not {value!r}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """A text; required when there is no default."""
        value = self.data.get(key, default)
        if value is None:
            raise wrong(self.at(key), "is missing")
        if not isinstance(value, str | int | float) or isinstance(value, bool) or value == "":
            raise wrong(self.at(key), f"must be a text, not {value!r}")
        return str(value)

    def choice(self, key: str, known: Sequence[str], default: str | None = None) -> str:
        """One of the known words."""
        return choose(self.text(key, default), known, self.at(key))

    def range(self, default: tuple[float, float]) -> tuple[float, float]:
        """`range: [low, high]`."""
        value = self.data.get("range", default)
        if (
            not isinstance(value, Sequence)
            or isinstance(value, str)
            or len(value) != 2
            or not all(isinstance(v, int | float) and abs(v) < float("inf") for v in value)
            or not value[0] < value[1]
        ):
            raise wrong(self.at("range"), f"must be two ascending numbers, not {value!r}")
        return float(value[0]), float(value[1])


def choose(value: str, known: Sequence[str], path: str) -> str:
    if value in known:
        return value
    raise MethodError(
        f"{path}: “{value}” is not known{nearest(value, known) or '; known: ' + ', '.join(known)}",
        code="unknown_value",
        path=path,
    )


def whole(value: object, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise wrong(path, f"must be a whole number, zero or more, not {value!r}")
    return value


def wrong(path: str, said: str) -> MethodError:
    return MethodError(f"{path or 'the method'} {said}", code="bad_value", path=path)


def _at(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)
