"""Small inputs of `jingkai composite`, and a way to call its commands on them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from typer.testing import CliRunner, Result

from jingkai.cli.main import app

DATA = Path(__file__).resolve().parents[1] / "engine" / "composite_data"
Run = Callable[..., Result]
C01 = (DATA / "methods" / "c01_minmax100_arith.yaml").read_text("utf-8")
SMALL_DATA = "unit,region,a,b,base\nu1,x,1,5,2\nu2,x,2,4,2\nu3,y,4,1,0\nu4,y,3,,1\n"
SMALL_META = (
    "code,label,level,parent,direction,weight,denominator\n"
    "a,A,1,top,1,1,\nb,B,1,top,-1,1,\ntop,Top,2,,,1,\n"
)


def caller(tmp_path: Path) -> Run:
    """Call a command on given texts; returns code and output."""

    def call(
        command: str,
        *options: str,
        data: str | Path = SMALL_DATA,
        meta: str | Path = SMALL_META,
        method: str | Path = "normalise: minmax\n",
    ) -> Result:
        paths = {}
        for name, given in (("data.csv", data), ("meta.csv", meta), ("METHOD.yaml", method)):
            paths[name] = given if isinstance(given, Path) else tmp_path / name
            if isinstance(given, str):
                paths[name].write_text(given, encoding="utf-8")
        arguments = ["composite", command, "--data", str(paths["data.csv"])]
        arguments += ["--meta", str(paths["meta.csv"]), "--method", str(paths["METHOD.yaml"])]
        arguments += ["--out", str(tmp_path / "out"), *options]
        return CliRunner().invoke(app, arguments)

    return call


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8") as lines:
        return list(csv.reader(lines))
