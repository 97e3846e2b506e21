"""What other rooms may use of reference."""

from .models import Confidence, ReferenceRow, ReferenceTable, ReferenceVersion, VersionState

__all__ = ["Confidence", "ReferenceRow", "ReferenceTable", "ReferenceVersion", "VersionState"]
