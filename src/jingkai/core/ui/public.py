"""What other rooms may use of the frame."""

from .navigation import Item, Wing
from .search import Hit, register_search, text_condition

__all__ = ["Hit", "Item", "Wing", "register_search", "text_condition"]
