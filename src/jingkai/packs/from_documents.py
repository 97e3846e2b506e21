"""Packs made of documents: how the room of documents has a pack checked, loaded and written out."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import yaml
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from jingkai.core.accounts.public import User
from jingkai.delivery.intake.public import Files, Loaded, PackProblem

from .kept import keep
from .loading import Difference, load
from .models import KeptFiles, LoadedRecord
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
            tuple(_said(kept) for kept in _edits(pack.id, report.kept)),
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


def _edits(pack: str, kept: Iterable[Difference]) -> Iterator[Difference]:
    """What people changed: not what the loader works out, nor the word of a pack that came first,
    for bodies and indicators are shared."""
    others = LoadedRecord.objects.exclude(pack=pack).values_list("kind", "code")
    shared = set(others)
    for difference in kept:
        if difference.field not in _COMPUTED and (difference.kind, difference.code) not in shared:
            yield difference


def _said(kept: Difference) -> str:
    """An edit that was kept, for people."""
    field = _FIELDS.get(kept.field, kept.field)
    return _("%(code)s, %(field)s: the document says %(document)s, kept %(here)s") % {
        "code": kept.code,
        "field": field,
        "document": _plain(kept.pack),
        "here": _plain(kept.local),
    }


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(_plain(part) for part in value)
    return "—" if value in (None, "") else str(value)


_FIELDS: Final = {
    "title": pgettext_lazy("field of a record", "title"),
    "name": pgettext_lazy("field of a record", "name"),
    "value": pgettext_lazy("field of a record", "value"),
    "unit": pgettext_lazy("field of a record", "unit"),
    "horizon": pgettext_lazy("field of a record", "due year"),
    "modality": pgettext_lazy("field of a record", "how binding"),
    "goal": pgettext_lazy("field of a record", "goal"),
    "bodies": pgettext_lazy("field of a record", "responsible bodies"),
    "lead": pgettext_lazy("field of a record", "lead"),
    "assist": pgettext_lazy("field of a record", "assisting bodies"),
    "aliases": pgettext_lazy("field of a record", "other names"),
    "parent": pgettext_lazy("field of a record", "superior body"),
}


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
