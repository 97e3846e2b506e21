"""A person's own deadlines as an iCalendar feed (RFC 5545)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event

from jingkai.core.accounts.public import User


@dataclass(frozen=True, slots=True)
class Deadline:
    """One day by which a person's body owes something."""

    key: str
    title: str
    due_on: date
    url: str = ""


Provider = Callable[[User], Iterable[Deadline]]
_providers: dict[str, Provider] = {}


def register_deadlines(name: str, provider: Provider) -> None:
    """Add a source of deadlines. Raises ValueError when the name is taken."""
    if name in _providers:
        raise ValueError(f"deadline provider {name} is taken")
    _providers[name] = provider


def deadlines_for(user: User) -> list[Deadline]:
    """All of `user`'s deadlines, nearest first. One query set per provider."""
    found = [deadline for provider in _providers.values() for deadline in provider(user)]
    return sorted(found, key=lambda d: (d.due_on, d.key))


def feed(user: User, *, now: datetime, base_url: str) -> bytes:
    """The feed's bytes."""
    calendar = Calendar()
    calendar.add("prodid", "-//Jingkai//deadlines//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"经开 · {user.name}")
    for deadline in deadlines_for(user):
        event = Event()
        event.add("uid", f"{deadline.key}@jingkai")
        event.add("summary", deadline.title)
        event.add("dtstart", deadline.due_on)
        event.add("dtend", deadline.due_on + timedelta(days=1))
        event.add("dtstamp", now)
        if deadline.url:
            event.add("url", base_url.rstrip("/") + deadline.url)
        calendar.add_component(event)
    return bytes(calendar.to_ical())
