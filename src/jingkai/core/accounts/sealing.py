"""Secrets the house must read again, sealed while they rest in the database.

AES-128-CBC with HMAC-SHA256 (Fernet). The key is derived by HKDF-SHA256 (RFC 5869) from this
installation's SECRET_KEY, which is not in the database: a copy of the database alone opens nothing.
"""

from __future__ import annotations

import base64
import logging
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

log = logging.getLogger(__name__)
_VERSION: Final = "v1:"
_PURPOSE: Final = b"jingkai accounts second factor"


def _fernet() -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE)
    return Fernet(base64.urlsafe_b64encode(key.derive(settings.SECRET_KEY.encode())))


def seal(secret: str) -> str:
    """`secret` as it may rest in the database; "" stays "". Never the same twice."""
    return _VERSION + _fernet().encrypt(secret.encode()).decode() if secret else ""


def unseal(sealed: str) -> str | None:
    """The secret again; None where it was sealed with another installation's key, or never."""
    try:
        return _fernet().decrypt(sealed.removeprefix(_VERSION).encode()).decode()
    except InvalidToken:
        log.error("A sealed secret does not open: SECRET_KEY is not the one it was sealed with.")
        return None
