"""Inbox, digest, outbox and calendar feed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.notices import calendar, channels, services
from jingkai.core.notices.models import Notice, OutboundMessage, OutboxState, Urgency

NOW = datetime(2026, 10, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


class FakeChannel:
    name = "fake"

    def __init__(self, broken: bool = False) -> None:
        self.broken, self.sent = broken, []

    def is_configured(self) -> bool:
        return True

    def send(self, message: OutboundMessage) -> None:
        if self.broken:
            raise OSError("no route")
        self.sent.append(message.subject)


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> FakeChannel:
    fake = FakeChannel()
    monkeypatch.setattr(channels, "_channels", {"fake": fake})
    return fake


def tell(user: Any, **more: Any) -> int:
    fields = {"kind": "test", "title": "任务14已交办", "now": NOW, **more}
    return services.notify(recipients=[user], **fields)


def test_a_key_is_said_once() -> None:
    user = UserFactory()
    assert tell(user, dedupe_key="task-14") == 1
    assert tell(user, dedupe_key="task-14") == 0
    assert tell(user) + tell(user) == 2


def test_inactive_people_are_not_told() -> None:
    assert tell(UserFactory(is_active=False)) == 0


def test_morning_digest_counts_once_and_leaves_read_ones_out(channel: FakeChannel) -> None:
    user, other = UserFactory(), UserFactory()
    tell(user)
    tell(user)
    tell(other)
    services.mark_read(actor=other, now=NOW)
    assert services.send_morning_digest(now=NOW) == 1
    assert services.send_morning_digest(now=NOW) == 0
    digest = Notice.objects.get(kind="digest")
    assert digest.recipient == user
    assert "2" in digest.title
    assert OutboundMessage.objects.count() == 1


def test_urgent_notice_goes_out_at_once_and_a_failure_is_tried_again_later(
    channel: FakeChannel,
) -> None:
    tell(UserFactory(), urgency=Urgency.NOW)
    channel.broken = True
    assert services.deliver_outbox(now=NOW) == 0
    message = OutboundMessage.objects.get()
    assert (message.attempts, message.state) == (1, OutboxState.WAITING)
    assert "no route" in message.last_error
    channel.broken = False
    assert services.deliver_outbox(now=NOW) == 0  # waits a minute after the first failure
    assert services.deliver_outbox(now=NOW + timedelta(minutes=2)) == 1
    assert services.deliver_outbox(now=NOW + timedelta(minutes=9)) == 0
    assert channel.sent == ["任务14已交办"]


def test_a_message_that_never_arrives_is_given_up(channel: FakeChannel) -> None:
    tell(UserFactory(), urgency=Urgency.NOW)
    channel.broken = True
    for hours in range(12):
        services.deliver_outbox(now=NOW + timedelta(hours=24 * hours))
    assert OutboundMessage.objects.get().state == OutboxState.FAILED


def test_inbox_shows_own_notices_only_and_marks_them(client: Client) -> None:
    user, other = UserFactory(role=Role.DEPARTMENT_CLERK), UserFactory()
    tell(user, title="给我的", url="/cockpit/my-work/")
    tell(other, title="给别人的")
    client.force_login(user)
    page = client.get("/inbox/").content.decode()
    assert "给我的" in page
    assert "给别人的" not in page
    foreign = Notice.objects.get(recipient=other)
    assert client.post(f"/inbox/{foreign.pk}/open/").status_code == 404
    own = Notice.objects.get(recipient=user)
    assert client.post(f"/inbox/{own.pk}/open/")["Location"] == "/cockpit/my-work/"
    own.refresh_from_db()
    assert own.read_at is not None


@pytest.mark.parametrize("count", [1, 40])
def test_inbox_cost_does_not_grow(
    client: Client, count: int, django_assert_max_num_queries: Any
) -> None:
    user = UserFactory(role=Role.DEPARTMENT_CLERK)
    for _ in range(count):
        tell(user)
    client.force_login(user)
    with django_assert_max_num_queries(7):
        client.get("/inbox/")


def test_calendar_feed_opens_with_its_key_alone(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = UserFactory(calendar_key="k" * 32)
    monkeypatch.setattr(calendar, "_providers", {})
    calendar.register_deadlines(
        "test", lambda who: [calendar.Deadline("t-14", "任务14 月报", date(2026, 11, 5), "/x/")]
    )
    text = client.get(f"/inbox/calendar/{user.calendar_key}.ics").content.decode()
    assert "DTSTART;VALUE=DATE:20261105" in text
    assert "任务14 月报" in text
    assert client.get("/inbox/calendar/wrongwrongwrongwrongwrong.ics").status_code == 404
    assert client.get("/inbox/calendar/.ics").status_code in (302, 404)
