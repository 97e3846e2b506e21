"""What other rooms may use of the frame."""

from .names import is_english, local_name
from .names import local_name as localname
from .navigation import Item, Wing
from .search import Hit, register_search, text_condition

__all__ = [
    "Hit",
    "Item",
    "Wing",
    "is_english",
    "local_name",
    "localname",
    "register_search",
    "text_condition",
]
