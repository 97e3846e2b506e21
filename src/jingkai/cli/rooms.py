"""Where the console calls the rooms. Imports stay inside the functions: Django must be set up first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
