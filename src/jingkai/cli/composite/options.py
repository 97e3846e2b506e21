"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

File: Final[dict[str, Any]] = {"exists": True, "dir_okay": False, "readable": True}
Data = Annotated[Path, typer.Option("--data", help="CSV: units by indicators.", **File)]
Meta = Annotated[Path, typer.Option("--meta", help="CSV: elements of the tree.", **File)]
MethodFile = Annotated[Path, typer.Option("--method", help="METHOD.yaml.", **File)]
Out = Annotated[Path, typer.Option("--out", help="Folder for the results.", file_okay=False)]
Seed = Annotated[int, typer.Option("--seed", min=0, help="One seed, one result.")]
Explain = Annotated[
    list[str] | None,
    typer.Option("--explain", help="Unit whose score is shown part by part; may be repeated."),
]
