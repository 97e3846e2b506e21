"""What leaves the house of a run: workbook, official report, files for the console."""

from .bundle import bundle_of
from .paper import Paper, paper_of
from .report import run_report, zone_report
from .workbook import workbook_of

__all__ = ["Paper", "bundle_of", "paper_of", "run_report", "workbook_of", "zone_report"]
