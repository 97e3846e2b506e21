"""Pages of consultation."""

from . import desk, open, opinions, rounds, topics

__all__ = ["desk", "open", "opinions", "rounds", "topics"]
