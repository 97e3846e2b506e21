"""What other rooms may use of workflow."""

from .models import Move
from .services import history, move
from .transitions import Transition, TransitionTable

__all__ = ["Move", "Transition", "TransitionTable", "history", "move"]
