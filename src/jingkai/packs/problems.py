"""What is wrong with a pack: one line per mistake, with the place to open and what to do there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from jingkai.core.errors import FieldProblem, InvalidInput


class Severity(StrEnum):
    """An error stops the pack from loading; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake. `field` is the path inside the file, such as `targets[3].indicator`."""

    file: str
    line: int  # from 1; 0 when the whole file is meant
    field: str
    message: str
    remedy: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        place = ":".join(
            part for part in (self.file, str(self.line) if self.line else "", self.field) if part
        )
        kind = "warning: " if self.severity is Severity.WARNING else ""
        return f"{place}: {kind}{self.message}" + (f" {self.remedy}" if self.remedy else "")


class PackError(InvalidInput):
    """The pack cannot be used. `mistakes` lists every error found, in file order."""

    code, title = "pack-invalid", _("The pack has mistakes and was not loaded.")

    def __init__(self, mistakes: Sequence[Problem]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__(
            self.title,
            problems=[
                FieldProblem(
                    field=f"{m.file}:{m.line}:{m.field}", message=f"{m.message} {m.remedy}".strip()
                )
                for m in self.mistakes
            ],
        )
