"""Every write of a consultation. Locks: the round before anything in it, always."""

from .clock import close_due, erase, remind, tick
from .deciding import confirm, preview, propose, send_back, withdraw
from .opinions import (
    ask_for_signature,
    declare_no_opinion,
    remove_opinion,
    send_opinions,
    write_opinion,
)
from .public import Taken, TooMany, knock, send_public
from .rounds import (
    amend,
    ask_bodies,
    cancel,
    close_early,
    extend,
    finish,
    open_round,
    prepare,
    publish,
    resume,
    urge,
)
from .sorting import hide, name_topic, put_to_topic, show_again, take_out, tell_apart

__all__ = [
    "Taken",
    "TooMany",
    "amend",
    "ask_bodies",
    "ask_for_signature",
    "cancel",
    "close_due",
    "close_early",
    "confirm",
    "declare_no_opinion",
    "erase",
    "extend",
    "finish",
    "hide",
    "knock",
    "name_topic",
    "open_round",
    "prepare",
    "preview",
    "propose",
    "publish",
    "put_to_topic",
    "remind",
    "remove_opinion",
    "resume",
    "send_back",
    "send_opinions",
    "send_public",
    "show_again",
    "take_out",
    "tell_apart",
    "tick",
    "urge",
    "withdraw",
    "write_opinion",
]
