"""The hash chain over audit events: what is hashed, and how a chain is checked.

digest(n) = H(digest(n-1) ‖ canonical JSON of event n), H named in the seal. SM3 is the national
algorithm (GB/T 32905); SHA-256 is understood so that older chains stay verifiable.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives import hashes

ALGORITHMS: Final[Mapping[str, type[hashes.HashAlgorithm]]] = {
    "SM3": hashes.SM3,
    "SHA-256": hashes.SHA256,
}
DEFAULT_ALGORITHM: Final = "SM3"
SEALED_FIELDS: Final = (
    "id",
    "at",
    "action",
    "actor_id",
    "actor_label",
    "target_type",
    "target_id",
    "target_label",
    "summary",
    "details",
    "row_count",
    "address",
)


# One encoder for all rows: json.dumps would build one for each.
_ENCODER: Final = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str
)


def digest_of(data: bytes, algorithm: str = DEFAULT_ALGORITHM) -> str:
    """Return the hexadecimal digest of `data`. Raises KeyError for an unknown algorithm.

    >>> digest_of(b"abc")
    '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'
    """
    hasher = hashes.Hash(ALGORITHMS[algorithm]())
    hasher.update(data)
    return hasher.finalize().hex()


def canonical(row: Mapping[str, Any]) -> bytes:
    """Return the one byte string that stands for an event, independent of key order."""
    plain = {name: row[name] for name in SEALED_FIELDS}
    plain["at"] = plain["at"].isoformat()
    return _ENCODER.encode(plain).encode()


def link(previous: str, row: Mapping[str, Any], algorithm: str = DEFAULT_ALGORITHM) -> str:
    """Return the digest that ties `row` to the digest before it."""
    return digest_of(previous.encode() + b"\n" + canonical(row), algorithm)
