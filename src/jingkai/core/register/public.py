"""What other rooms may use of register."""

from .background import LARGE_ROWS, provide_importer
from .cards import card_page, edit_page, guard_attachments, object_of, register_urls
from .cells import CellProblem, SheetColumn, SheetData, SheetRow, cell_name, plain, typed
from .declare import Panel, Register, Sheet, cell_html, yes_no_filter
from .edges import Edge, EdgeGroup, edges_of, provide_edges
from .endpoints import add_card, add_import, add_list
from .export import FORMATS, Column, export
from .history import Step, history_of
from .importer import Importer
from .importing import import_page
from .imports import ImportResult, RowChange, import_rows, raise_problems, rows_from_json
from .lists import list_page
from .records import changes_of, problems_of, save_record
from .sheets import broken_cells, open_workbook, read_sheet, sheet_source, visible_sheets

__all__ = [
    "FORMATS",
    "LARGE_ROWS",
    "CellProblem",
    "Column",
    "Edge",
    "EdgeGroup",
    "ImportResult",
    "Importer",
    "Panel",
    "Register",
    "RowChange",
    "Sheet",
    "SheetColumn",
    "SheetData",
    "SheetRow",
    "Step",
    "add_card",
    "add_import",
    "add_list",
    "broken_cells",
    "card_page",
    "cell_html",
    "cell_name",
    "changes_of",
    "edges_of",
    "edit_page",
    "export",
    "guard_attachments",
    "history_of",
    "import_page",
    "import_rows",
    "list_page",
    "object_of",
    "open_workbook",
    "plain",
    "problems_of",
    "provide_edges",
    "provide_importer",
    "raise_problems",
    "read_sheet",
    "register_urls",
    "rows_from_json",
    "save_record",
    "sheet_source",
    "typed",
    "visible_sheets",
    "yes_no_filter",
]
