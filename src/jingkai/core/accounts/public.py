"""What other rooms may use of accounts."""

from .models import Membership, User
from .roles import ADMINISTRATORS, CITY_WIDE, DEPARTMENT, OFFICIALS, ROLE_PURPOSE, ZONE, Role

__all__ = [
    "ADMINISTRATORS",
    "CITY_WIDE",
    "DEPARTMENT",
    "OFFICIALS",
    "ROLE_PURPOSE",
    "ZONE",
    "Membership",
    "Role",
    "User",
]
