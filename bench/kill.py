"""Kill the server and the worker while an import runs, again and again, and look what is left.

Each round imports bodies through HTTP, by a job or directly, kills every process of `jingkai run`
with SIGKILL at a random moment (each third time the database too), starts again and asks: are all
rows there or none, does the audit chain hold, does the job end by itself. Nothing may be half.

`BENCH_ROUNDS` rounds (50), `BENCH_SEED` the dice (1). Not with a database of your own: it kills it.
"""

from __future__ import annotations

import io
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import httpx
import psutil
import xlsxwriter

from bench._common import Line, report
from jingkai.cli import embedded

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "50"))
FOLDER = Path(os.environ.get("DATA_DIR", ".data")).resolve() / "kill"
SIZES = {"direct": 1500, "job": 2500}
PAGE = "/masterdata/organisations/bodies/import/"
READY_SECONDS, END_SECONDS = 180, 240


@dataclass
class Installation:
    """One `jingkai run` on a folder of its own."""

    port: int
    process: subprocess.Popen[bytes] | None = None
    started: list[float] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start and wait for the first page. Raises RuntimeError when it does not come."""
        begun = time.monotonic()
        with (FOLDER / "run.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jingkai.cli.main", "run"],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={
                    **{k: v for k, v in os.environ.items() if k != "DATABASE_URL"},
                    "DATA_DIR": str(FOLDER),
                    "PORT": str(self.port),
                    "DEMO": "0",
                    "JINGKAI_WORKERS": "1",
                },
            )
        while time.monotonic() - begun < READY_SECONDS:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/healthz", timeout=5).status_code == 200:
                    self.started.append(time.monotonic() - begun)
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.2)
        raise RuntimeError(f"no start; see {FOLDER / 'run.log'}")

    def kill(self, *, database: bool) -> None:
        """SIGKILL to all of it at once, and to the database when asked."""
        assert self.process is not None
        family = [psutil.Process(self.process.pid)]
        family += family[0].children(recursive=True)
        if database and (server := embedded._postmaster(FOLDER)) is not None:
            family += [server, *server.children(recursive=True)]
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()
        self.process.wait()
        psutil.wait_procs(family, timeout=20)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)


def main() -> int:
    """All rounds; exit code 1 when one of them left something half."""
    dice = random.Random(int(os.environ.get("BENCH_SEED", "1")))
    embedded.stop(FOLDER)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        house = Installation(probe.getsockname()[1])
    wrong: list[str] = []
    counts = {"whole": 0, "nothing": 0}
    jobs: dict[str, int] = {}
    longest = 0.0
    try:
        house.start()
        cookie = _sign_in()
        length = {way: _length(house, cookie, way) for way in SIZES}
        for number in range(ROUNDS):
            way = ("job", "direct")[number % 2]
            database = number % 3 == 2
            _begin(house, cookie, way, number)
            time.sleep(dice.random() * length[way])
            house.kill(database=database)
            house.start()
            found, state, waited, said = _look(way, number)
            wrong += said
            longest = max(longest, waited)
            counts["whole" if found else "nothing"] += 1
            if state:
                jobs[state] = jobs.get(state, 0) + 1
            if "--json" not in sys.argv:
                print(
                    f"round {number + 1}: {way}{', database too' if database else ''}: "
                    f"{found} rows, job {state or '-'}, {'; '.join(said) or 'holds'}",
                    flush=True,
                )
    finally:
        house.stop()
        embedded.stop(FOLDER)
    states = ", ".join(f"{n} {state}" for state, n in sorted(jobs.items()))
    outcome = f"{counts['whole']} whole, {counts['nothing']} nothing"
    return report(
        f"{ROUNDS} kills during an import",
        [
            Line("left half, stuck or broken", str(len(wrong)), "0", not wrong),
            Line("after the restart", outcome, "-", None),
            Line("jobs in the end", states or "-", "none running", "running" not in jobs),
            Line("longest wait for a job's end", f"{longest:.0f} s", "-", None),
            Line("longest start after a kill", f"{max(house.started[1:]):.1f} s", "-", None),
            *(Line("  wrong", said, "-", False) for said in wrong[:10]),
        ],
    )


def _django() -> None:
    os.environ["DATABASE_URL"] = embedded.url(FOLDER)
    os.environ["DATA_DIR"] = str(FOLDER)
    os.environ["DJANGO_SETTINGS_MODULE"] = "jingkai.settings"
    import django

    django.setup()


def _sign_in() -> dict[str, str]:
    """A person of the office, signed in: the cookie of a session."""
    _django()
    from jingkai.core.accounts.roles import Role
    from jingkai.core.accounts.tests.factories import UserFactory, signed_in

    client = signed_in(UserFactory(role=Role.OFFICE, username="kill-office"))
    return {"sessionid": client.cookies["sessionid"].value}


def _book(prefix: str, count: int) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        page = made.add_worksheet("单位")
        page.write_row(0, 0, ["编码", "类型", "规范名称", "英文名称"])
        for n in range(count):
            page.write_row(n + 1, 0, [f"{prefix}{n}", "部门", f"演示{prefix}{n}局", f"Body {n}"])
    return out.getvalue()


def _prefix(number: int) -> str:
    return f"K{number + 1000}N"


def _begin(house: Installation, cookie: dict[str, str], way: str, number: int) -> None:
    """Send the file and, once it is judged, the yes, whose work is then under way."""
    client = httpx.Client(base_url=house.url, cookies=cookie, timeout=120)
    content = _book(_prefix(number), SIZES[way])
    token = client.get(f"{PAGE}?other=1").cookies.get("csrftoken", "")
    headers = {"X-CSRFToken": token, "Referer": house.url}
    answer = client.post(PAGE, files={"file": ("单位.xlsx", content)}, headers=headers)
    if answer.status_code >= 400:
        raise RuntimeError(f"the file was refused: {answer.status_code}")
    from jingkai.core.register.models import PendingImport

    until = time.monotonic() + END_SECONDS
    while way == "job" and PendingImport.objects.get().outcome is None:
        if time.monotonic() > until:
            raise RuntimeError("the file was never judged")
        time.sleep(0.1)
    data = {"confirm": PendingImport.objects.get().digest}

    def say_yes() -> None:
        with suppress(httpx.HTTPError):  # the server is about to be killed
            client.post(PAGE, data=data, headers=headers)

    if way == "job":
        say_yes()
    else:
        threading.Thread(target=say_yes, daemon=True).start()


def _length(house: Installation, cookie: dict[str, str], way: str) -> float:
    """How long an import of this way takes undisturbed, and a little more."""
    number = -1 if way == "job" else -2
    begun = time.monotonic()
    _begin(house, cookie, way, number)
    begun = max(begun, time.monotonic() - 0.01)
    until = begun + END_SECONDS
    while _rows(number) != SIZES[way]:
        if time.monotonic() > until:
            raise RuntimeError("the first import never ended")
        time.sleep(0.05)
    return (time.monotonic() - begun) * 1.2


def _rows(number: int) -> int:
    from jingkai.masterdata.organisations.public import Body

    return int(Body.objects.filter(code__startswith=_prefix(number)).count())


def _look(way: str, number: int) -> tuple[int, str, float, list[str]]:
    """Rows found, state of the job, seconds until it ended, and everything that is wrong."""
    from django.db import connection
    from django.utils import timezone

    from jingkai.core.audit.public import seal_pending, verify_chain
    from jingkai.core.jobs.public import Job, JobState

    connection.close()
    size, said = SIZES[way], []
    begun = time.monotonic()
    if (found := _rows(number)) not in (0, size):
        said.append(f"{found} of {size} rows after the restart")
    state = ""
    if way == "job":
        job = Job.objects.latest("created_at")
        while job.state in (JobState.QUEUED, JobState.RUNNING):
            if time.monotonic() - begun > END_SECONDS:
                said.append(f"the job is {job.state} for ever")
                break
            time.sleep(0.2)
            job.refresh_from_db()
        state, found = str(job.state), _rows(number)
        if found != (size if job.state == JobState.DONE else 0):
            said.append(f"the job is {job.state} with {found} rows")
    waited = time.monotonic() - begun
    said += _history(number, found)
    while seal_pending(now=timezone.now()):
        pass
    chain: Any = verify_chain()
    if not chain.ok:
        said.append(f"the audit chain is broken: {chain.problems[0].message}")
    return found, state, waited, said


def _history(number: int, found: int) -> list[str]:
    from jingkai.core.audit.public import AuditEvent

    told = AuditEvent.objects.filter(
        action="organisations.body.created", target_label__contains=_prefix(number)
    ).count()
    return [] if told == found else [f"{told} events of {found} rows"]


if __name__ == "__main__":
    sys.exit(main())
