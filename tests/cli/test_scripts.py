"""The scripts a newcomer runs, and the promise that nothing names a download address."""

from __future__ import annotations

import json
import re
import shutil
import stat
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ["setup", "run", "test", ".ci/run"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_is_plain_posix_shell(name: str) -> None:
    path = ROOT / name
    shell = shutil.which("dash") or "/bin/sh"
    checked = subprocess.run([shell, "-n", str(path)], capture_output=True, text=True)

    assert checked.returncode == 0, checked.stderr
    text = path.read_text()
    assert text.startswith("#!/bin/sh\n")
    assert "set -eu" in text
    assert not re.search(r"\[\[|\bfunction \w|\blocal \w|\$'|<<<", text), "not POSIX"
    assert path.stat().st_mode & stat.S_IXUSR


def test_setup_says_what_to_do_without_a_usable_python(tmp_path: Path) -> None:
    for tool in ("dirname", "cat"):
        found = shutil.which(tool)
        assert found
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / tool).symlink_to(found)
    old = tmp_path / "bin" / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && { echo Python 3.9.2; exit 0; }\nexit 1\n')
    old.chmod(0o755)
    shutil.copy(ROOT / "setup", tmp_path / "setup")

    done = subprocess.run(
        ["/bin/sh", str(tmp_path / "setup")],
        capture_output=True,
        text=True,
        env={"PATH": str(tmp_path / "bin")},
    )

    assert done.returncode == 1
    assert "needs Python 3.11 or newer; found: Python 3.9.2" in done.stderr
    assert "apt-get install python3" in done.stderr


def test_second_setup_is_quick_and_silent() -> None:
    begun = time.monotonic()
    done = subprocess.run(
        [str(ROOT / "setup"), "--dev", "--quiet"], capture_output=True, text=True, timeout=300
    )
    if done.stdout:  # the first one in this copy of the sources
        begun = time.monotonic()
        done = subprocess.run(
            [str(ROOT / "setup"), "--dev", "--quiet"], capture_output=True, text=True
        )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert time.monotonic() - begun < 2  # 0.1 s alone; a loaded machine is granted more


@pytest.mark.parametrize("name", sorted(path.name for path in ROOT.glob("requirements*.lock")))
def test_python_lock_pins_by_hash_and_names_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    entries = re.findall(r"^([A-Za-z0-9._-]+(?:\[[^\]]*\])?)(==\S+)?(.*)$", text, re.M)

    assert entries
    assert "://" not in text
    assert not re.search(r"--(extra-)?index-url|--find-links|^-e |file:", text, re.M)
    for block in re.split(r"\n(?=\S)", text.strip()):
        if not block.startswith("#"):
            assert re.match(r"[A-Za-z0-9._-]+(\[[^\]]*\])?==", block), block
            assert "--hash=sha256:" in block, block


def test_npm_lock_pins_by_digest_and_names_no_address() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]

    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    for name, entry in packages.items():
        assert "resolved" not in entry, name
        assert entry["integrity"].startswith("sha512-"), name
    for name, version in wanted.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), f"{name} must be exact"
        assert packages[f"node_modules/{name}"]["version"] == version
    assert "omit-lockfile-registry-resolved=true" in (ROOT / ".npmrc").read_text()


def test_no_tracked_file_of_the_launcher_names_a_registry() -> None:
    # Put together here, so that this file passes its own test.
    hosts = re.compile("|".join(["pypi" + r"\.org", "pythonhosted" + r"\.", "npmjs" + r"\."]))
    files = [
        *(ROOT / name for name in (*SCRIPTS, "Makefile", "package.json", "package-lock.json")),
        *(ROOT / "src" / "jingkai" / "cli").rglob("*.py"),
        *ROOT.glob("requirements*"),
    ]
    named = [str(path) for path in files if hosts.search(path.read_text())]

    assert named == []


@pytest.mark.parametrize("target", ["help", "lint", "test", "bench", "docs", "demo", "lock"])
def test_makefile_explains_its_targets(target: str) -> None:
    assert re.search(rf"^{target}:.*## \S", (ROOT / "Makefile").read_text(), re.M)
