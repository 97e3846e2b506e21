"""What other rooms may use of register."""

from .export import FORMATS, Column, export

__all__ = ["FORMATS", "Column", "export"]
