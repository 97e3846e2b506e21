"""What other rooms may use of reporting. Models are for reads; writes go through services."""

from .impact import FigureMove, Impact, Use, register_uses
from .models import Correction, CorrectionState

__all__ = [
    "Correction",
    "CorrectionState",
    "FigureMove",
    "Impact",
    "Use",
    "register_uses",
]
