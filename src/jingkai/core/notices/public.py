"""What other rooms may use of notices."""

from .calendar import Deadline, deadlines_for, register_deadlines
from .channels import Channel, register_channel
from .models import Notice, Urgency
from .services import deliver_outbox, notify, send_morning_digest

__all__ = [
    "Channel",
    "Deadline",
    "Notice",
    "Urgency",
    "deadlines_for",
    "deliver_outbox",
    "notify",
    "register_channel",
    "register_deadlines",
    "send_morning_digest",
]
