"""What other rooms may use of accounts."""

from .models import Membership, User
from .queries import users_with_role
from .roles import ADMINISTRATORS, CITY_WIDE, DEPARTMENT, OFFICIALS, ROLE_PURPOSE, ZONE, Role
from .rules import require_role

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
    "require_role",
    "users_with_role",
]
