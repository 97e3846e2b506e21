"""What other rooms may use of accounts."""

from .authentication import API_AUTHENTICATION
from .models import LinkPurpose, Membership, User
from .network import client_address
from .queries import people_of, users_with_role
from .roles import ADMINISTRATORS, CITY_WIDE, DEPARTMENT, OFFICIALS, ROLE_PURPOSE, ZONE, Role
from .rules import require_role
from .services.first import ensure_first_administrator, issue_demo_links
from .services.links import create_link
from .services.roles import end_role, grant_role
from .services.tokens import create_token, known_scopes, revoke_token
from .services.users import create_user, renew_calendar_key

# The console's name for the same: it prints what it is given.
issue_first_administrator_link = ensure_first_administrator

__all__ = [
    "ADMINISTRATORS",
    "API_AUTHENTICATION",
    "CITY_WIDE",
    "DEPARTMENT",
    "OFFICIALS",
    "ROLE_PURPOSE",
    "ZONE",
    "LinkPurpose",
    "Membership",
    "Role",
    "User",
    "client_address",
    "create_link",
    "create_token",
    "create_user",
    "end_role",
    "ensure_first_administrator",
    "grant_role",
    "issue_demo_links",
    "issue_first_administrator_link",
    "known_scopes",
    "people_of",
    "renew_calendar_key",
    "require_role",
    "revoke_token",
    "users_with_role",
]
