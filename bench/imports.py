"""Twenty columns in and out: import against django-import-export on the same file, and export.

Budget (design, section 8): an import of 100,000 rows at least ten times faster than the peer; an
export of 40,000 rows in 3 s. Each run is a process of its own, so that its memory is its own.

The peer is measured three ways: as its documentation begins; with all it offers for speed; and that
with each row validated by the model, which is what ours always does. Ours also keeps one audit
event for each object, with what changed, and names the cell of each problem; the peer does not.
`BENCH_ROWS` is the size (100,000), `BENCH_PEER_ROWS` that of the peer's two slow ways (the same):
a smaller one is scaled up linearly and said so. `BENCH_REPEAT` repeats ours (3). Seconds are those
of the clock; "cpu" those this process had a core for, which other work on the machine hardly moves.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._common import Line, fresh_database, report, start_django

ROWS = int(os.environ.get("BENCH_ROWS", "100000"))
PEER_ROWS = int(os.environ.get("BENCH_PEER_ROWS", str(ROWS)))
REPEAT = int(os.environ.get("BENCH_REPEAT", "3"))
EXPORT_ROWS = 40_000
PATIENCE = 300.0  # the peer's answer on a file with wrong cells grows much faster than the file
FILES = Path(os.environ.get("DATA_DIR", ".data")) / "imports"
DATABASE = "bench_imports"


def path_of(kind: str, rows: int, ending: str) -> Path:
    return FILES / f"{kind}-{rows}.{ending}"


def make_files() -> None:
    """The files both sides read; kept for the next run."""
    from bench import _firms as firms

    FILES.mkdir(parents=True, exist_ok=True)
    for rows in {ROWS, PEER_ROWS}:
        wanted = {
            "first": firms.rows(rows),
            "second": firms.rows(rows, changed=True),
            "wrong": firms.rows(rows, wrong=100),
        }
        for kind, lines in wanted.items():
            if not path_of(kind, rows, "xlsx").exists():
                firms.write_xlsx(path_of(kind, rows, "xlsx"), lines)


def ours(kind: str) -> dict[str, Any]:
    """Read, judge, write and record one file."""
    from django.utils import timezone

    from bench import _firms as firms
    from jingkai.core.accounts.public import User
    from jingkai.core.register.public import import_rows, read_sheet
    from jingkai.core.verdicts import ALLOWED

    actor, _made = User.objects.get_or_create(username="bench", defaults={"name": "bench"})
    path = path_of(kind, ROWS, "xlsx")
    start = time.perf_counter()
    data = read_sheet(path.read_bytes(), path.name, firms.columns())
    read = time.perf_counter() - start
    problems = len(data.problems)
    told = ""
    if not problems:
        result = import_rows(
            data,
            model=firms.OurFirm,
            key="code",
            verdict=ALLOWED,
            action="bench.firm",
            actor=actor,
            now=timezone.now(),
            dry_run=False,
        )
        problems = len(result.problems)
        told = f"{result.created}/{result.changed}/{result.unchanged}"
    return {
        "seconds": time.perf_counter() - start,
        "read": read,
        "problems": problems,
        "told": told,
    }


def peer(kind: str, how: str, rows: str) -> dict[str, Any]:
    """The same by django-import-export."""
    from import_export.formats.base_formats import XLSX

    from bench import _firms as firms

    resource_ = firms.peer_resource(tuned=how != "plain", judged=how == "judged")
    start = time.perf_counter()
    dataset = XLSX().create_dataset(path_of(kind, int(rows), "xlsx").read_bytes())
    read = time.perf_counter() - start
    result = resource_.import_data(dataset, raise_errors=False)
    counts = dict(result.totals)
    return {
        "seconds": time.perf_counter() - start,
        "read": read,
        "problems": counts["error"] + counts["invalid"],
        "told": f"{counts['new']}/{counts['update']}/{counts['skip']}",
    }


def export_list() -> dict[str, Any]:
    """40,000 rows of the table to a workbook, as a person downloads them."""
    from django.test import RequestFactory

    from bench import _firms as firms
    from jingkai.core.accounts.public import User
    from jingkai.core.register.public import Column, export

    request = RequestFactory().get("/")
    request.user = User.objects.get(username="bench")
    columns = [
        Column(
            name,
            name,
            (lambda row: row.place.name) if name == "place" else _reader(name),
            numeric=firms.KINDS.get(name) in ("integer", "decimal"),
            decimals=2 if firms.KINDS.get(name) == "decimal" else None,
        )
        for name in firms.NAMES
    ]
    start = time.perf_counter()
    found = firms.OurFirm.objects.select_related("place").order_by("pk")[:EXPORT_ROWS]
    answer = export(request, name="firms", title="企业", columns=columns, rows=found, fmt="xlsx")
    size = sum(len(part) for part in answer)
    return {"seconds": time.perf_counter() - start, "size": size}


def _reader(name: str) -> Any:
    return lambda row: getattr(row, name)


def empty(table: str) -> dict[str, Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table} RESTART IDENTITY")
    return {}


def digest(table: str) -> dict[str, Any]:
    """One number for all rows of a table but their ids."""
    from django.db import connection

    from bench import _firms as firms

    names = ", ".join(f.column for f in firms.OurFirm._meta.fields if f.name != "id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), md5(string_agg(row::text, '|' ORDER BY row.code)) "
            f"FROM (SELECT {names} FROM {table}) row"
        )
        count, found = cursor.fetchone()
    return {"count": count, "digest": found}


STEPS = {
    "ours": ours,
    "peer": peer,
    "export": export_list,
    "empty": empty,
    "digest": digest,
    "files": make_files,
}


def step(*words: str, patience: float | None = None) -> dict[str, Any]:
    """Run one step in a process of its own; its answer and its peak of memory.

    Raises subprocess.TimeoutExpired after `patience` seconds.
    """
    done = subprocess.run(
        [sys.executable, __file__, "--step", *words],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=patience,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def run_step(name: str, *words: str) -> None:
    start_django("bench", migrate=False)
    from bench import _firms  # noqa: F401  # its models

    begun = time.process_time()
    answer = STEPS[name](*words) or {}
    cpu = time.process_time() - begun
    # Not getrusage: its peak outlives exec, so it would be the parent's.
    status = Path("/proc/self/status").read_text().split()
    peak = int(status[status.index("VmHWM:") + 1]) / 1024
    print(json.dumps({**answer, "memory": peak, "cpu": cpu}))


def shown(runs: list[dict[str, Any]], *, scale: float = 1) -> str:
    seconds = [run["seconds"] * scale for run in runs]
    memory = max(run["memory"] for run in runs)
    cpu = min(run["cpu"] * scale for run in runs)
    middle = statistics.median(seconds)
    return f"{min(seconds):.1f} / {middle:.1f} s, cpu {cpu:.1f} s, {memory:.0f} MB"


def main() -> int:
    """Make tables and files, then measure side by side."""
    fresh_database(DATABASE)
    start_django("bench")
    from bench import _firms as firms

    firms.make_tables()
    from django.db import connection

    connection.close()
    step("files")
    our_table, peer_table = "bench_ourfirm", "bench_peerfirm"
    first, second = [], []
    for _n in range(REPEAT):
        step("empty", our_table)
        first.append(step("ours", "first"))
        first_digest = step("digest", our_table)
        second.append(step("ours", "second"))
    second_digest = step("digest", our_table)
    wrong = [step("ours", "wrong") for _n in range(REPEAT)]
    lines = [
        Line(f"ours: new, {ROWS:,} rows (min / median)", shown(first), "-", None),
        Line("  of it reading and typing", f"{min(r['read'] for r in first):.1f} s", "-", None),
        Line("ours: again, 5 % changed", shown(second), "-", None),
        Line(f"ours: {wrong[0]['problems']} wrong cells named", shown(wrong), "-", None),
    ]
    lines += compare(first, second, wrong, first_digest, second_digest, peer_table)
    exported = [step("export") for _n in range(REPEAT)]
    best = min(run["seconds"] for run in exported)
    lines.append(Line(f"export of {EXPORT_ROWS:,} rows", shown(exported), "3 s", best <= 3))
    return report(f"import and export of {len(firms.NAMES)} columns", lines)


def compare(
    first: list[dict[str, Any]],
    second: list[dict[str, Any]],
    wrong: list[dict[str, Any]],
    first_digest: dict[str, Any],
    second_digest: dict[str, Any],
    peer_table: str,
) -> list[Line]:
    """The peer's three ways beside ours; nothing when it is not installed."""
    try:
        import import_export  # noqa: F401
    except ImportError:
        return [Line("django-import-export", "not installed: ./setup --dev", "≥ 10 x", None)]
    mine = statistics.median(run["seconds"] for run in first)
    lines = []
    for how, words, rows, budget in (
        ("judged", "validated as ours", PEER_ROWS, True),
        ("plain", "as documented", PEER_ROWS, True),
        ("tuned", "tuned, nothing validated", ROWS, False),
    ):
        scale = ROWS / rows
        note = "" if scale == 1 else f" (x {scale:g} of {rows:,} rows)"
        step("empty", peer_table)
        run = step("peer", "first", how, str(rows))
        ratio = run["seconds"] * scale / mine
        lines.append(Line(f"peer, {words}{note}", shown([run], scale=scale), "-", None))
        lines.append(
            Line(
                f"  ours is faster than peer, {words}",
                f"{ratio:.1f} x",
                "≥ 10 x" if budget else "-",
                ratio >= 10 if budget else None,
            )
        )
    lines.append(_equal("rows of both tables, new", step("digest", peer_table), first_digest))
    again = step("peer", "second", "tuned", str(ROWS))
    lines.append(_equal("rows of both tables, changed", step("digest", peer_table), second_digest))
    changed = again["seconds"] / statistics.median(run["seconds"] for run in second)
    answer = statistics.median(run["seconds"] for run in wrong)
    try:
        error = step("peer", "wrong", "tuned", str(ROWS), patience=PATIENCE)
        answered = f"{error['seconds'] / answer:.1f} x"
    except subprocess.TimeoutExpired:
        answered = f"more than {PATIENCE / answer:.0f} x: no answer within {PATIENCE:.0f} s"
    return [
        *lines,
        Line("  5 % changed, against tuned", f"{changed:.1f} x", "-", None),
        Line("  answer on wrong cells, against tuned", answered, "-", None),
    ]


def _equal(what: str, ours_: dict[str, Any], peers: dict[str, Any]) -> Line:
    equal = ours_["digest"] == peers["digest"]
    return Line(what, f"{'equal' if equal else 'DIFFERENT'}, {ours_['count']:,}", "equal", equal)


if __name__ == "__main__":
    if "--step" in sys.argv:
        run_step(*sys.argv[sys.argv.index("--step") + 1 :])
    else:
        sys.exit(main())
