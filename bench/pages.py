"""Server time and query count of the main pages at city, province and nation size.

Budget (design, section 8): p95 ≤ 100 ms, ≤ 15 queries, constant in size; ≤ 300 MB per worker.
`BENCH_SIZES=city,province` leaves the nation out (it fills 12 million values first).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._common import Line, p95, report
from bench._nation import SIZES, build

RUNS = 40
PAGES = (
    ("cockpit", "/cockpit/?period=2026-10"),
    ("cockpit: zones", "/cockpit/zones-lights/?period=2026-10"),
    ("cockpit: changes", "/cockpit/changes/?short=1"),
    ("cockpit: gap", "/cockpit/gap/IND_VA/?period=2026-10"),
    ("zone page", "/cockpit/zones/SHENYANG/?period=2026-10"),
    ("my work", "/cockpit/my-work/"),
    ("indicators", "/delivery/indicators/?period=2026-10"),
    ("one indicator", "/delivery/indicators/IND_VA/?period=2026-10"),
    ("one indicator: zones", "/delivery/indicators/IND_VA/zones/?period=2026-10"),
    ("one indicator: gap", "/delivery/indicators/IND_VA/zones/?period=2026-10&part=gap"),
    ("one indicator: revisions", "/delivery/indicators/IND_VA/parts/revisions/?period=2026-10"),
    ("tasks", "/delivery/supervision/"),
    ("policy map", "/delivery/policy/"),
    ("bodies", "/masterdata/organisations/bodies/"),
    ("zones", "/masterdata/organisations/zones/"),
    ("API: values", "/api/v1/indicators/IND_VA/values?scope=SHENYANG"),
    ("API: values as of", "/api/v1/indicators/IND_VA/values?scope=SHENYANG&as_of=2026-06-30"),
    ("API: zones", "/api/v1/indicators/IND_VA/zones?period=2026-10"),
    ("API: board", "/api/v1/indicators/board?period=2026-10"),
)
FRAGMENTS = ("zones", "changes", "gap", "revisions")  # sent into a page that is there already


def measure(size_name: str) -> int:
    """Fill one size and time its pages in this process."""
    size = SIZES[size_name]
    filled = build(size)
    from django.conf import settings
    from django.db import connection, reset_queries
    from django.test import Client

    from jingkai.demo.people import make_people

    settings.ALLOWED_HOSTS.append("testserver")
    people = make_people()
    client = Client()
    client.force_login(people["leader"])
    connection.ensure_connection()
    server = psutil.Process(connection.connection.info.backend_pid)
    lines = [Line(f"filled {size.values:,} values", f"{filled:.0f} s", "-", None)]
    for name, url in PAGES:
        headers = {"HX-Request": "true"} if name.partition(": ")[2] in FRAGMENTS else {}
        client.get(url, headers=headers)  # fills the caches of the process
        settings.DEBUG = True
        reset_queries()
        answer = client.get(url, headers=headers)
        queries = len(connection.queries)
        settings.DEBUG = False
        seconds = []
        used = _cpu(server)
        for _ in range(RUNS):
            start = time.perf_counter()
            client.get(url, headers=headers)
            seconds.append(time.perf_counter() - start)
        used = (_cpu(server) - used) / RUNS * 1000
        slow = p95(seconds) * 1000
        lines.append(
            Line(
                f"{name} ({answer.status_code})",
                f"p95 {slow:.0f} ms (cpu {used:.0f} ms), {queries} q",
                "100 ms, 15 q",
                answer.status_code == 200 and slow <= 100 and queries <= 15,
            )
        )
    memory = psutil.Process().memory_info().rss / 1024**2
    lines.append(Line("memory of the process", f"{memory:.0f} MB", "300 MB", memory <= 300))
    return report(f"pages at {size_name} size", lines)


def _cpu(server: psutil.Process) -> float:
    """Processor seconds of this process and of its database session: what a request costs itself,
    however many others want the processors meanwhile."""
    times = server.cpu_times()
    return time.process_time() + times.user + times.system


def main() -> int:
    """Each size in a process of its own, so that memory is its own."""
    if os.environ.get("BENCH_ONE"):
        return measure(os.environ["BENCH_ONE"])
    wanted = os.environ.get("BENCH_SIZES", "city,province,nation").split(",")
    codes = [
        subprocess.run(
            [sys.executable, __file__, *sys.argv[1:]], env={**os.environ, "BENCH_ONE": name}
        ).returncode
        for name in wanted
    ]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
