"""One user per role, and for every body that owes something a clerk and a reviewer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from jingkai.core.accounts.public import Membership, Role, User
from jingkai.masterdata.organisations.public import Body, BodyKind, Zone

SINCE: Final = date(2025, 1, 1)
ENTERPRISE_CODE: Final = "DEMO_ENTERPRISE"
_OWING: Final = frozenset(
    {BodyKind.DEPARTMENT, BodyKind.CENTRAL, BodyKind.COMPANY, BodyKind.DISTRICT, BodyKind.COMMITTEE}
)


@dataclass(frozen=True, slots=True)
class Person:
    """A demonstration user: what they are called and as whom they act."""

    username: str
    name: str
    role: Role
    body: str


ROLES: Final = (
    Person("leader", "演示·市领导", Role.LEADER, "LEADING_GROUP"),
    Person("office", "演示·办公室", Role.OFFICE, "LEADING_GROUP_OFFICE"),
    Person("stat-clerk", "演示·统计局经办", Role.DEPARTMENT_CLERK, "STATISTICS"),
    Person("stat-reviewer", "演示·统计局审核", Role.DEPARTMENT_REVIEWER, "STATISTICS"),
    Person("zone-clerk", "演示·辽中经办", Role.ZONE_CLERK, "ZC_LIAOZHONG"),
    Person("zone-leader", "演示·辽中负责人", Role.ZONE_LEADER, "ZC_LIAOZHONG"),
    Person("enterprise", "演示·企业用户", Role.ENTERPRISE, ENTERPRISE_CODE),
    Person("inspector", "演示·检查人员", Role.INSPECTOR, "MARKET"),
    Person("sysadmin", "演示·系统管理员", Role.SYSTEM_ADMIN, "LEADING_GROUP_OFFICE"),
    Person("secadmin", "演示·安全管理员", Role.SECURITY_ADMIN, "LEADING_GROUP_OFFICE"),
    Person("auditor", "演示·审计管理员", Role.AUDIT_ADMIN, "LEADING_GROUP_OFFICE"),
)


def make_people() -> dict[str, User]:
    """Create the demonstration users that are missing; return them by user name.

    Only the eleven role users are offered on the sign-in page; the others give the story's
    reports their two different people. None has a password.
    """
    enterprise, _ = Body.objects.get_or_create(
        code=ENTERPRISE_CODE,
        defaults={
            "kind": BodyKind.COMPANY,
            "name": "演示企业（合成）",
            "name_en": "Demonstration enterprise (synthetic)",
            "position": 999,
            "source": "演示数据",
        },
    )
    bodies = {body.code: body for body in Body.objects.all()}
    committees = set(Zone.objects.values_list("committee_id", flat=True))
    people = list(ROLES)
    for body in bodies.values():
        if body.pk in committees:
            clerk, reviewer = Role.ZONE_CLERK, Role.ZONE_LEADER
        elif body.kind in _OWING:
            clerk, reviewer = Role.DEPARTMENT_CLERK, Role.DEPARTMENT_REVIEWER
        else:
            continue
        if body == enterprise:
            continue
        slug = body.code.lower().replace("_", "-")
        people.append(Person(f"{slug}-clerk", f"演示·{body.name}经办", clerk, body.code))
        people.append(Person(f"{slug}-reviewer", f"演示·{body.name}审核", reviewer, body.code))
    known = {user.username: user for user in User.objects.all()}
    offered = {person.username for person in ROLES}
    for person in people:
        if person.username in known or person.body not in bodies:
            continue
        user = User.objects.create_user(
            person.username, name=person.name[:60], is_demo=person.username in offered
        )
        Membership.objects.create(
            user=user, body=bodies[person.body], role=person.role, valid_from=SINCE
        )
        known[user.username] = user
    return known
