"""Saying what is being done and how long it took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from .texts import gettext as _


class Steps:
    """Prints one line per step: name, note, seconds."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.begun = time.monotonic()

    @contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        """Time what happens inside; what is appended to the yielded list is shown as a note."""
        notes: list[str] = []
        begun = time.monotonic()
        try:
            with self.console.status(name) if self.console.is_terminal else _silence():
                yield notes
        except BaseException:
            self.console.print(f"[red]✗[/] {name}", highlight=False)
            raise
        note = f"  [dim]{'; '.join(notes)}[/]" if notes else ""
        seconds = time.monotonic() - begun
        self.console.print(
            f"[green]✓[/] {name}{note}  [dim]{seconds:.1f} s[/]", highlight=False, soft_wrap=True
        )

    def total(self) -> str:
        """Time since the first step, for people."""
        return _("%(seconds).1f s") % {"seconds": time.monotonic() - self.begun}


@contextmanager
def _silence() -> Iterator[None]:
    yield
