"""Outside channels for notices: a plugin each, none needed. Without any, the inbox is all."""

from __future__ import annotations

import json
import os
import urllib.request
from typing import Protocol

from django.core.mail import EmailMessage, get_connection

from .models import OutboundMessage


class Channel(Protocol):
    """A way out of the house."""

    name: str

    def is_configured(self) -> bool:
        """Whether this installation has set the channel up."""
        ...

    def send(self, message: OutboundMessage) -> None:
        """Deliver, or raise: the outbox tries again later."""
        ...


class EmailChannel:
    """E-mail through the SMTP server of EMAIL_HOST (EMAIL_PORT, EMAIL_FROM)."""

    name = "email"

    def is_configured(self) -> bool:
        return bool(os.environ.get("EMAIL_HOST"))

    def send(self, message: OutboundMessage) -> None:
        if not message.recipient.email:
            return
        connection = get_connection(
            "django.core.mail.backends.smtp.EmailBackend",
            host=os.environ["EMAIL_HOST"],
            port=int(os.environ.get("EMAIL_PORT", "25")),
            timeout=10,
        )
        EmailMessage(
            message.subject,
            message.text,
            os.environ.get("EMAIL_FROM", "jingkai@localhost"),
            [message.recipient.email],
            connection=connection,
        ).send()


class WebhookChannel:
    """JSON by POST to WEBHOOK_URL, for the city's own message system."""

    name = "webhook"

    def is_configured(self) -> bool:
        return os.environ.get("WEBHOOK_URL", "").startswith(("http://", "https://"))

    def send(self, message: OutboundMessage) -> None:
        body = json.dumps(
            {
                "id": message.pk,
                "to": message.recipient.username,
                "subject": message.subject,
                "text": message.text,
            },
            ensure_ascii=False,
        ).encode()
        request = urllib.request.Request(
            os.environ["WEBHOOK_URL"], body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10):
            pass


_channels: dict[str, Channel] = {}


def register_channel(channel: Channel) -> None:
    """Add a channel. Raises ValueError when its name is taken."""
    if channel.name in _channels:
        raise ValueError(f"channel {channel.name} is taken")
    _channels[channel.name] = channel


def configured_channels() -> list[Channel]:
    return [channel for channel in _channels.values() if channel.is_configured()]


def channel_named(name: str) -> Channel | None:
    return _channels.get(name)


register_channel(EmailChannel())
register_channel(WebhookChannel())
