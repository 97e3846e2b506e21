"""What a template says about itself, signed, so that a foreign or altered one is recognised.

It stands on a sheet users do not see: which return, period, body and version it was made for, when,
and which figures stood in it then. HMAC-SM3 (GB/T 32905, RFC 2104) under a key derived from the
installation's own secret; the algorithm's name stands beside the code so that it can change.
"""

from __future__ import annotations

import hmac as compare
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

SHEET: Final = "_jingkai"
MARK: Final = "jingkai-return-template"
ALGORITHM: Final = "HMAC-SM3"
_PURPOSE: Final = b"jingkai.reporting.excel.template.v1"
_FIRST_STANDING: Final = 5  # rows before are the mark, the facts, the algorithm and the code


@dataclass(frozen=True, slots=True)
class Facts:
    """For whom and when a template was made. `issued_at` is ISO 8601."""

    return_id: int
    form: str
    version: int
    period: str
    body: str
    issued_at: str

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.issued_at)


@dataclass(frozen=True, slots=True)
class Standing:
    """What stood in one entry cell when the template was made: figure or word, and note."""

    figure: str = ""
    note: str = ""


Key = tuple[str, str]
"""Row label and scope of an entry cell."""


class TamperedError(Exception):
    """The hidden sheet is there, but its code does not fit what it says."""


def signed_rows(facts: Facts, standing: Mapping[Key, Standing]) -> list[list[str]]:
    """Rows of the hidden sheet."""
    cells = [[label, scope, s.figure, s.note] for (label, scope), s in standing.items()]
    text = json.dumps(asdict(facts), ensure_ascii=False, sort_keys=True)
    return [[MARK], [text], [ALGORITHM], [_code(text, cells)], [], *cells]


def read_rows(grid: Sequence[Sequence[Any]]) -> tuple[Facts, dict[Key, Standing]] | None:
    """The facts of a hidden sheet, None when it is not ours. Raises TamperedError."""
    rows = [[str(cell) for cell in row] for row in grid]
    if not rows or not rows[0] or rows[0][0] != MARK:
        return None
    try:
        text, algorithm, code = (rows[n][0] for n in (1, 2, 3))
        cells = [[*row[:4], "", "", "", ""][:4] for row in rows[_FIRST_STANDING:] if any(row)]
        genuine = algorithm == ALGORITHM and compare.compare_digest(_code(text, cells), code)
        facts = Facts(**json.loads(text)) if genuine else None
    except (IndexError, ValueError, TypeError) as error:
        raise TamperedError from error
    if facts is None:
        raise TamperedError
    return facts, {(c[0], c[1]): Standing(c[2], c[3]) for c in cells}


def _code(text: str, cells: Sequence[Sequence[str]]) -> str:
    key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_PURPOSE).derive(
        settings.SECRET_KEY.encode()
    )
    mac = HMAC(key, hashes.SM3())
    mac.update(json.dumps([text, cells], ensure_ascii=False).encode())
    return mac.finalize().hex()
