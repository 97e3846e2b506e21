"""Packs made of documents: how the room of documents has a pack checked, loaded and written out."""

from __future__ import annotations

import io
import tempfile
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from jingkai.core.accounts.public import User
from jingkai.delivery.intake.public import Files, Loaded, PackProblem

from .kept import keep
from .loading import load
from .models import KeptFiles
from .parsing import FILES
from .problems import Problem, Severity
from .public import check_pack, read_pack
from .reading import read_file

_COMPUTED = ("initials", "position", "verified", "source")
"""Fields the loader works out itself: that they differ is nobody's edit."""


class _Dumper(yaml.SafeDumper):
    """Figures as the characters they are made of; no binary float, no anchors."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _number(dumper: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    whole = value == value.to_integral_value()
    text = format(value.quantize(Decimal(1)) if whole else value.normalize(), "f")
    return dumper.represent_scalar(f"tag:yaml.org,2002:{'int' if whole else 'float'}", text)


def _day(dumper: yaml.SafeDumper, value: date) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:timestamp", value.isoformat())


_Dumper.add_representer(Decimal, _number)
_Dumper.add_representer(date, _day)


def texts_of(files: Files) -> dict[str, str]:
    """Each file of a pack as YAML."""
    return {
        name: yaml.dump(files[name], Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
        for name in FILES
    }


class DocumentPublisher:
    """The publisher that the room of documents is given; see `intake.publisher.Publisher`."""

    def base(self, code: str) -> Files | None:
        """What was loaded last; else the folder the product is shipped with."""
        kept = KeptFiles.objects.filter(pack=code).first()
        if kept is not None:
            with tempfile.TemporaryDirectory() as folder:
                _write(kept.files, Path(folder))
                return _values(Path(folder))
        shipped = Path(settings.PACKS_DIR) / code
        return _values(shipped) if (shipped / "pack.yaml").is_file() else None

    def catalogue(self) -> dict[str, dict[str, Any]]:
        """Indicators of every pack that was loaded, the first pack's word first."""
        found: dict[str, dict[str, Any]] = {}
        for code in KeptFiles.objects.order_by("kept_at", "pack").values_list("pack", flat=True):
            files = self.base(code)
            if files is None:
                continue
            units = {unit["code"]: unit for unit in files["indicators.yaml"]["units"]}
            for row in files["indicators.yaml"]["indicators"]:
                found.setdefault(row["code"], {**row, "unit": units[row["unit"]]})
        return found

    def check(self, files: Files) -> list[PackProblem]:
        """Errors and warnings of the pack's own checks."""
        with tempfile.TemporaryDirectory() as folder:
            _write(texts_of(files), Path(folder))
            return [_told(problem) for problem in check_pack(Path(folder))]

    def load(self, files: Files, *, actor: User, now: datetime) -> Loaded:
        """Load in the caller's transaction and keep the files for the next version.

        Raises PackError naming what the checks or the database refuse.
        """
        texts = texts_of(files)
        with tempfile.TemporaryDirectory() as folder:
            _write(texts, Path(folder))
            pack = read_pack(Path(folder))
        report = load(pack, actor=actor, now=now)
        keep(pack, texts, now)
        return Loaded(
            pack.version,
            report.created,
            report.updated,
            report.unchanged,
            tuple(str(kept) for kept in report.kept if kept.field not in _COMPUTED),
        )

    def archive(self, files: Files) -> bytes:
        """The pack's folder as a zip."""
        made = io.BytesIO()
        name = str(files["pack.yaml"]["id"])
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for file, text in texts_of(files).items():
                # A fixed time: the same pack gives the same bytes.
                info = zipfile.ZipInfo(f"{name}/{file}", (1980, 1, 1, 0, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, text)
        return made.getvalue()


def _values(folder: Path) -> Files:
    return {name: read_file(folder / name).value for name in FILES}


def _write(texts: dict[str, str], folder: Path) -> None:
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def _told(problem: Problem) -> PackProblem:
    return PackProblem(
        problem.file,
        problem.line,
        problem.field,
        problem.message,
        problem.remedy,
        problem.severity is Severity.ERROR,
    )
