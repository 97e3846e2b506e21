"""The console's own language: that of the terminal (LC_ALL, LC_MESSAGES, LANG), English otherwise.

Not Django's: the console speaks before settings are loaded, and to the operator, not to a user.
"""

from __future__ import annotations

import gettext as standard
import os
from functools import cache
from pathlib import Path

LOCALE_DIR = Path(__file__).resolve().parent / "locale"


def language() -> str:
    """Language of the terminal, as Django names it: `zh-hans` or `en`."""
    names = (os.environ.get(name, "") for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"))
    spoken = next((name for name in names if name), "")
    return "zh-hans" if spoken.lower().startswith("zh") else "en"


@cache
def _catalogue() -> standard.NullTranslations:
    languages = ["zh_Hans"] if language() == "zh-hans" else ["en"]
    return standard.translation("django", LOCALE_DIR, languages, fallback=True)


def gettext(message: str) -> str:
    """Return `message` in the terminal's language."""
    return _catalogue().gettext(message)
