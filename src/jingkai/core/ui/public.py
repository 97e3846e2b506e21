"""What other rooms may use of the frame."""

from .navigation import Item, Wing
from .search import Hit, register_search, text_condition
from .templatetags.jingkai import localname

__all__ = ["Hit", "Item", "Wing", "localname", "register_search", "text_condition"]
