"""Make the environment in .venv. Standard library only: nothing is installed yet when it runs.

The steps, each skipped when its stamp in `.venv/jingkai-stamp.json` still fits:
virtual environment, Python packages by hash, console script, front-end files, message catalogues.
Two at once wait for each other; one that was interrupted is finished by the next.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / "jingkai-stamp.json"
VENDOR = ROOT / "src" / "jingkai" / "core" / "ui" / "static" / "vendor"
VENDOR_STAMP = VENDOR / ".stamp"
CLI = ROOT / "src" / "jingkai" / "cli"
LAUNCHER = """#!{python}
from jingkai.cli.main import main

main()
"""


class SetupFailed(Exception):
    """Setting up cannot go on; the sentence says why and what to do."""


class Reporter:
    """Says what is being done and how long it took; keeps a tool's output for the case it fails."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self.worked = False

    def step(self, name: str, work: Callable[[], None]) -> None:
        """Run `work` under `name`."""
        self.worked = True
        print(f"· {name} … ", end="", flush=True)
        begun = time.monotonic()
        try:
            work()
        except BaseException:
            print("failed", flush=True)
            raise
        print(f"{time.monotonic() - begun:.1f} s", flush=True)


def digest(*names: str) -> str:
    """SHA-256 over the named files of the repository."""
    total = hashlib.sha256()
    for name in names:
        total.update(name.encode() + b"\0" + (ROOT / name).read_bytes())
    return total.hexdigest()


def execute(*command: str | Path, hint: str = "") -> None:
    """Run a tool silently; raise SetupFailed with the end of its output when it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONNOUSERSITE": "1"},
    )
    if done.returncode:
        if "No space left on device" in done.stdout:
            hint = f"The disk is full. Free about 1 GB on the disk of {ROOT} and run ./setup again."
        tail = "\n".join(done.stdout.strip().splitlines()[-25:])
        raise SetupFailed(f"{Path(command[0]).name} failed:\n{tail}\n\n{hint}".rstrip())


def read_stamp() -> dict[str, str]:
    """What earlier runs finished; empty when unreadable, so that everything is done again."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(entries: dict[str, str]) -> None:
    """Add entries to the stamp, whole or not at all."""
    fresh = STAMP.with_suffix(".new")
    fresh.write_text(json.dumps({**read_stamp(), **entries}, indent=1, sort_keys=True))
    fresh.replace(STAMP)


def environment_stamp() -> str:
    """A virtual environment fits one place and one Python: scripts in it carry both."""
    return f"{ENVIRONMENT} {sys.version_info.major}.{sys.version_info.minor}"


def make_environment() -> None:
    """Create .venv, with pip.

    Debian's python3 without python3-venv lacks ensurepip; then virtualenv or a pip of the machine
    does its work.
    """
    base = Path(sys._base_executable or sys.executable)  # type: ignore[attr-defined]
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)

    def has(module: str) -> bool:
        probe = [str(base), "-c", f"import {module}"]
        return subprocess.run(probe, capture_output=True).returncode == 0

    if has("ensurepip") and has("venv"):
        execute(base, "-m", "venv", ENVIRONMENT)
    elif has("virtualenv"):
        execute(base, "-m", "virtualenv", ENVIRONMENT)
    elif has("venv") and has("pip"):
        execute(base, "-m", "venv", "--without-pip", ENVIRONMENT)
        execute(
            *(base, "-m", "pip", "--python", PYTHON, "install", "pip"),
            hint="The machine's pip is too old for that; install python3-venv.",
        )
    else:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise SetupFailed(
            f"{base} cannot make virtual environments: it lacks ensurepip, virtualenv and pip.\n"
            f"Debian, Ubuntu: apt-get install python3-venv (or python{version}-venv). "
            "Or name another one: JINGKAI_PYTHON=/path/to/python3.12 ./setup"
        )


def install_packages(lock: str) -> None:
    """Install what `lock` names, each file checked against its hash."""
    execute(
        *(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock),
        hint="Check that this machine reaches its Python package index (pip config list), then run "
        "./setup again.",
    )


def install_launcher() -> None:
    """Make `import jingkai` and .venv/bin/jingkai work; no build, so no unlocked build tools."""
    for folder in (ENVIRONMENT / "lib").glob("python3.*/site-packages"):
        (folder / "jingkai.pth").write_text(f"{ROOT / 'src'}\n")
    launcher = ENVIRONMENT / "bin" / "jingkai"
    launcher.write_text(LAUNCHER.format(python=PYTHON))
    launcher.chmod(0o755)


def fetch_front_end() -> None:
    """Fetch the packages of package-lock.json and copy the named files into static/vendor."""
    install = ("ci", "--ignore-scripts", "--no-audit", "--no-fund")
    npm = shutil.which("npm")
    done = False
    if npm and shutil.which("node"):
        with contextlib.suppress(SetupFailed):
            execute(npm, *install)
            done = True
    if not done:
        own = ENVIRONMENT / "bin" / "npm"
        if not own.exists():
            install_packages("requirements-node.lock")
        os.environ["PATH"] = f"{ENVIRONMENT / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        execute(
            *(own, *install),
            hint="Check that this machine reaches its npm registry (npm config get registry), then "
            "run ./setup again.",
        )
    execute(PYTHON, "-I", CLI / "assets.py", ROOT / "node_modules", VENDOR)
    shutil.rmtree(ROOT / "node_modules", ignore_errors=True)


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Wait until no other ./setup works here. The kernel frees the lock when its holder dies."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("· another ./setup is at work; waiting for it", flush=True)
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def pending(lock: str) -> list[str]:
    """Names of the steps still to do."""
    stamp = read_stamp()
    steps = []
    linked = ENVIRONMENT.is_symlink()
    if not linked:
        fits = stamp.get("environment") == environment_stamp() and PYTHON.exists()
        # A killed pip leaves half packages behind that it cannot repair itself.
        if not fits or stamp.get("unfinished"):
            return ["environment", "packages", "launcher", "front end", "translations"]
        if stamp.get(lock) != digest(lock):
            steps.append("packages")
        if not (ENVIRONMENT / "bin" / "jingkai").exists() or stamp.get("launcher") != LAUNCHER:
            steps.append("launcher")
    try:
        front = VENDOR_STAMP.read_text()
    except OSError:
        front = ""
    if front != digest("package-lock.json", "src/jingkai/cli/assets.py"):
        steps.append("front end")
    if stale_messages():
        steps.append("translations")
    return steps


def stale_messages() -> bool:
    """Whether a translation changed after it was compiled, or never was."""
    for source in (ROOT / "src").glob("jingkai/**/LC_MESSAGES/django.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            return True
    return False


def set_up(*, dev: bool, reporter: Reporter) -> None:
    """Do what is missing. Raises SetupFailed."""
    lock = "requirements-dev.lock" if dev else "requirements.lock"
    if not pending(lock):
        return
    with only_one():
        steps = pending(lock)
        if "environment" in steps:
            reporter.step("virtual environment in .venv", make_environment)
            write_stamp({"environment": environment_stamp()})
        if "packages" in steps:
            write_stamp({"unfinished": lock})
            reporter.step(f"Python packages of {lock}", lambda: install_packages(lock))
            # The development lock contains the runtime lock: a plain ./setup asks for no less.
            done = {name: digest(name) for name in {lock, "requirements.lock"}}
            write_stamp({"unfinished": "", **done})
        if "launcher" in steps:
            reporter.step("console script .venv/bin/jingkai", install_launcher)
            write_stamp({"launcher": LAUNCHER})
        if "front end" in steps:
            reporter.step("front-end files", fetch_front_end)
            VENDOR_STAMP.write_text(digest("package-lock.json", "src/jingkai/cli/assets.py"))
        if "translations" in steps:
            reporter.step("translations", lambda: execute(PYTHON, "-I", CLI / "messages.py"))


def main(arguments: list[str]) -> int:
    """Entry point of ./setup. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="./setup",
        description="Make the environment in .venv (nothing else). Does only what is missing.",
    )
    parser.add_argument("--dev", action="store_true", help="with the tools for tests and checks")
    parser.add_argument("--quiet", action="store_true", help="say nothing when nothing is missing")
    parser.add_argument("--fresh", action="store_true", help="throw .venv away and begin again")
    options = parser.parse_args(arguments)
    reporter = Reporter(quiet=options.quiet)
    begun = time.monotonic()
    try:
        if options.fresh and not ENVIRONMENT.is_symlink():
            STAMP.unlink(missing_ok=True)
            VENDOR_STAMP.unlink(missing_ok=True)
        set_up(dev=options.dev, reporter=reporter)
    except SetupFailed as failure:
        print(f"\nJingkai could not be set up.\n{failure}", file=sys.stderr)
        return 1
    except OSError as failure:
        print(f"\nJingkai could not be set up: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. Run ./setup again: it goes on where it stopped.", file=sys.stderr)
        return 130
    if reporter.worked or not options.quiet:
        print(f"Ready after {time.monotonic() - begun:.1f} s: ./run starts Jingkai.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
