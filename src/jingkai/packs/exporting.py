"""Writing what is loaded as a pack again: the files, with people's edits put in.

Records are found by their place in the source files. Simple fields and lists are put in; an edit
that has no single place in the files (computed fields, for example) is listed in `EDITS.txt`
beside them, so that nothing is lost in silence.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from .loading import Difference, compare
from .model import Pack
from .policy_records import own
from .scheme_stores import edition_record

_AREAS = {"planned_area": "planned_ha", "controlled_area": "controlled_ha"}
_TITLES = {"title": "title_zh", "title_en": "title_en"}
FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "body": {"name": "name_zh", "name_en": "name_en", "parent": "parent", "admin_code": "gb_code"},
    "zone": {
        "name": "name_zh",
        "name_en": "name_en",
        "short_name": "short_zh",
        "level": "level",
        "catalogue_code": "catalogue_code",
        "verified": "verified",
        "industries": "leading_industries",
        "committee": "committee",
        "host_district": "host",
        "approved_area": "approved_ha",
        **_AREAS,
    },
    "part": _TITLES,
    "measure": _TITLES,
    "clause": {
        **_TITLES,
        "bodies": "bodies",
        "lead": "lead",
        "assist": "assist",
        "wording": "wording",
    },
    "task": {**_TITLES, "bodies": "bodies", "lead": "lead", "assist": "assist"},
    "standing-rule": {**_TITLES, "bodies": "bodies"},
    "indicator": {
        "name": "name_zh",
        "name_en": "name_en",
        "decimals": "decimals",
        "responsible": "responsible",
        "compiler": "verifying",
    },
    "validation-rule": {
        **_TITLES,
        "level": "level",
        "advice": "advice_zh",
        "advice_en": "advice_en",
        "indicators": "indicators",
        "parameters": "parameters",
        "examples": "examples",
        "confidence": "confidence",
    },
    "scheme": {"name": "name_zh", "name_en": "name_en", "issuer": "issuer_zh", "edition": ""},
    "conflict": _TITLES,
    "target": {
        "text": "title_zh",
        "text_en": "title_en",
        "value": "value",
        "modality": "modality",
        "kind": "kind",
    },
}
_NUMBERS = {"value", "planned_ha", "controlled_ha", "approved_ha"}
_STEP = re.compile(r"\.?([a-z_0-9]+)|\[(\d+)\]")


def export_pack(pack: Pack, source: Path, target: Path) -> list[Difference]:
    """Write `source` with people's edits to the new folder `target`; return the edits not put in.

    Raises FileExistsError when `target` is there already.
    """
    shutil.copytree(source, target)
    edits = [d for d in compare(pack) if d.kind_of in ("edited", "clash") and d.field]
    places = _places(pack)
    files: dict[str, Any] = {}
    left: list[Difference] = []
    for edit in edits:
        name = FIELDS.get(edit.kind, {}).get(edit.field)
        at = places.get((edit.kind, edit.code))
        if name is None or at is None:
            left.append(edit)
            continue
        file, _hash, path = at.partition("#")
        if file not in files:
            files[file] = yaml.safe_load((source / file).read_text(encoding="utf-8"))
        record = _record(files[file], path)
        if edit.kind == "scheme" and edit.field == "edition":
            _put_edition(record, edit.local, pack)
        else:
            record[name] = _number(edit.local) if name in _NUMBERS else edit.local
    for file, content in files.items():
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110)
        (target / file).write_text(text, encoding="utf-8")
    if left:
        lines = [f"{d.kind} {d.code} {d.field}: {d.pack!r} -> {d.local!r}" for d in left]
        (target / "EDITS.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return left


def _put_edition(record: dict[str, Any], edition: Any, pack: Pack) -> None:
    """A scheme's edition lies spread over its record; sources are ids there."""
    ids = {source.title_zh: source.id for source in pack.sources}
    record.update(edition_record(edition))
    for rule in record["exit_rules"]:
        rule["source"] = ids.get(rule["source"], rule["source"])
    record["source"] = ids.get(edition["source"], record["source"])


def _record(content: Any, path: str) -> dict[str, Any]:
    for name, index in _STEP.findall(path):
        content = content[int(index)] if index else content[name]
    record: dict[str, Any] = content
    return record


def _number(text: Any) -> Any:
    if text is None:
        return None
    return float(text) if "." in str(text) else int(text)


def _places(pack: Pack) -> dict[tuple[str, str], str]:
    """Where each record stands, by kind and the code it has in the product."""
    found: dict[tuple[str, str], str] = {}

    def add(kind: str, rows: Any, code: Callable[[Any], str]) -> None:
        found.update({(kind, code(row)): row.at for row in rows})

    add("body", pack.bodies, lambda row: row.code)
    add("zone", pack.zones, lambda row: row.code)
    add("part", pack.document.parts, lambda row: own(pack, row.code))
    add("measure", pack.measures, lambda row: own(pack, f"m{row.number:02d}"))
    add("clause", pack.clauses, lambda row: own(pack, row.id))
    add("task", pack.tasks, lambda row: own(pack, f"task-{row.number}"))
    add("standing-rule", pack.standing_rules, lambda row: own(pack, row.id))
    add("indicator", pack.indicators, lambda row: row.code)
    add("validation-rule", pack.validation_rules, lambda row: row.code)
    add("scheme", pack.schemes, lambda row: row.code)
    add("conflict", pack.conflicts, lambda row: own(pack, row.id))
    add("target", pack.targets, lambda row: own(pack, row.id))
    return found
