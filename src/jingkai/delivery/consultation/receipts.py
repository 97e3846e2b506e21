"""Codes a sender keeps, and forms that count once. Only digests are stored.

A form carries a signed ticket; the code is derived from it, so a posting that is repeated (a second
click, a reload, a lost answer) gives the same code and no second opinion.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from jingkai.core.errors import FieldProblem, InvalidInput

_SALT: Final = "consultation.ticket"
_LIVES: Final = timedelta(days=2)
_ALPHABET: Final = str.maketrans("01OI", "8967")
"""Look-alikes are written as figures that base32 does not use otherwise."""


def new_ticket() -> str:
    """What a fresh form carries."""
    return signing.dumps(secrets.token_urlsafe(12), salt=_SALT)


def key_of_ticket(ticket: str) -> str:
    """What makes the form unique. Raises InvalidInput for a ticket that is not ours, or too old."""
    try:
        key: str = signing.loads(ticket, salt=_SALT, max_age=_LIVES)
    except signing.BadSignature:
        message = _("This form is too old. Your words are kept below: please send them again.")
        raise InvalidInput(message, problems=[FieldProblem("ticket", message)]) from None
    return key


def code_for(consultation_id: int, key: str) -> str:
    """The code of the posting made with `key`: 16 characters, 80 bits, in groups of four."""
    raw = _keyed("receipt", f"{consultation_id}|{key}")[:10]
    said = base64.b32encode(raw).decode().translate(_ALPHABET)
    return "-".join(said[i : i + 4] for i in range(0, 16, 4))


def digest_of_code(code: str) -> str:
    """What is stored of a code, however it was typed."""
    plain = "".join(c for c in code.upper() if c.isalnum()).translate(_ALPHABET)
    return hashlib.sha256(f"jingkai receipt {plain}".encode()).hexdigest()


def digest_of_caller(address: str, day: str) -> str:
    """A stand-in for an address that lasts one day and cannot be turned back without our key."""
    return _keyed("caller", f"{day}|{address}").hex()


def _keyed(purpose: str, words: str) -> bytes:
    key = f"consultation.{purpose}.{settings.SECRET_KEY}".encode()
    return hmac.new(key, words.encode(), hashlib.sha256).digest()
