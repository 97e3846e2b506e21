"""How the console says no: what is wrong, where, and what to do; exit code 1."""

from __future__ import annotations


class CommandFailed(Exception):
    """A command cannot go on. `message` says what is wrong and where, `repair` what to do."""

    def __init__(self, message: str, repair: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.repair = repair

    def __str__(self) -> str:
        return f"{self.message}\n{self.repair}" if self.repair else self.message
