"""The room's pages."""

from .allocations import allocation, allocation_list, open_allocation
from .detail import detail, lineage, part
from .listing import indicator_list
from .planning import plan, targets
from .recording import judge, record
from .sharing import allocation_action
from .zones import zones

__all__ = [
    "allocation",
    "allocation_action",
    "allocation_list",
    "detail",
    "indicator_list",
    "judge",
    "lineage",
    "open_allocation",
    "part",
    "plan",
    "record",
    "targets",
    "zones",
]
