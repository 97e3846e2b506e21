"""Reads of reporting."""

from .cells import cells_of, with_parts
from .visibility import visible_campaigns, visible_cells, visible_returns

__all__ = ["cells_of", "visible_campaigns", "visible_cells", "visible_returns", "with_parts"]
