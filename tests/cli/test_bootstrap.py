"""Setting up: only what is missing, one at a time, and on from where it was interrupted."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from jingkai.cli import assets, bootstrap
from jingkai.cli.bootstrap import Reporter, SetupFailed


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what setting up looks at, and of what it makes, under tmp_path."""
    for name in ("requirements.lock", "requirements-dev.lock", "package-lock.json"):
        (tmp_path / name).write_text(f"{name}\n")
    (tmp_path / "src/jingkai/cli").mkdir(parents=True)
    (tmp_path / "src/jingkai/cli/assets.py").touch()
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "ENVIRONMENT", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / ".venv/bin/python")
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / ".venv/jingkai-stamp.json")
    monkeypatch.setattr(bootstrap, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(bootstrap, "VENDOR_STAMP", tmp_path / "vendor/.stamp")
    return tmp_path


@pytest.fixture
def done(copy: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps taken, each of which succeeds without doing its long work."""
    steps: list[str] = []

    def make_environment() -> None:
        steps.append("environment")
        (copy / ".venv/bin").mkdir(parents=True, exist_ok=True)
        (copy / ".venv/bin/python").touch()
        bootstrap.STAMP.unlink(missing_ok=True)

    def install_launcher() -> None:
        steps.append("launcher")
        (copy / ".venv/bin/jingkai").touch()

    def fetch_front_end() -> None:
        steps.append("front end")
        (copy / "vendor").mkdir(exist_ok=True)

    monkeypatch.setattr(bootstrap, "make_environment", make_environment)
    monkeypatch.setattr(bootstrap, "install_packages", steps.append)
    monkeypatch.setattr(bootstrap, "install_launcher", install_launcher)
    monkeypatch.setattr(bootstrap, "fetch_front_end", fetch_front_end)
    monkeypatch.setattr(bootstrap, "execute", lambda *command: steps.append("translations"))
    return steps


def set_up(*, dev: bool = False) -> None:
    bootstrap.set_up(dev=dev, reporter=Reporter(quiet=True))


def test_everything_once_then_nothing(done: list[str]) -> None:
    set_up()
    assert done == ["environment", "requirements.lock", "launcher", "front end", "translations"]

    set_up()
    assert len(done) == 5


def test_development_tools_are_added_and_contain_the_rest(done: list[str]) -> None:
    set_up()
    done.clear()
    set_up(dev=True)
    set_up()

    assert done == ["requirements-dev.lock"]


@pytest.mark.parametrize(
    ("changed", "step"),
    [("requirements.lock", "requirements.lock"), ("package-lock.json", "front end")],
)
def test_changed_lock_is_followed(done: list[str], copy: Path, changed: str, step: str) -> None:
    set_up()
    done.clear()
    (copy / changed).write_text("other")
    set_up()

    assert done == [step]


def test_interrupted_installation_begins_with_a_new_environment(
    done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_lock: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bootstrap, "install_packages", killed)
        with pytest.raises(KeyboardInterrupt):
            set_up()
    done.clear()
    set_up()

    assert done[:2] == ["environment", "requirements.lock"]
    assert bootstrap.pending("requirements.lock") == []


def test_moved_folder_or_other_python_needs_a_new_environment(
    done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up()
    monkeypatch.setattr(bootstrap, "environment_stamp", lambda: "/elsewhere/.venv 3.13")

    assert bootstrap.pending("requirements.lock")[0] == "environment"


def test_changed_translation_is_compiled(done: list[str], copy: Path) -> None:
    folder = copy / "src/jingkai/core/locale/zh_Hans/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").touch()
    set_up()
    assert done[-1] == "translations"

    (folder / "django.mo").touch()
    assert bootstrap.pending("requirements.lock") == []


def test_linked_environment_is_left_as_it_is(done: list[str], copy: Path) -> None:
    (copy / "shared").mkdir()
    (copy / ".venv").symlink_to(copy / "shared")

    assert bootstrap.pending("requirements.lock") == ["front end"]


def test_two_at_once_work_one_after_the_other(
    copy: Path, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(lock: str) -> None:
        time.sleep(0.3)
        done.append(lock)

    monkeypatch.setattr(bootstrap, "install_packages", slow)
    both = [threading.Thread(target=set_up) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(20)

    assert done.count("requirements.lock") == 1
    assert done.count("environment") == 1


def test_tool_that_fails_is_quoted(copy: Path) -> None:
    with pytest.raises(SetupFailed, match=r"no such lock\n\nTry again\."):
        bootstrap.execute(
            *(sys.executable, "-c", "print('no such lock'); raise SystemExit(1)"), hint="Try again."
        )


def test_full_disk_is_named(copy: Path) -> None:
    with pytest.raises(SetupFailed, match=r"disk is full.*Free about 1 GB"):
        bootstrap.execute(
            sys.executable, "-c", "print('[Errno 28] No space left on device'); raise SystemExit(1)"
        )


def test_python_without_means_to_make_an_environment(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = copy / "python3"
    bare.write_text(
        f'#!/bin/sh\ncase "$2" in "import "*) exit 1;; esac\nexec {sys.executable} "$@"\n'
    )
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "_base_executable", str(bare))

    with pytest.raises(SetupFailed, match="apt-get install python3-venv"):
        bootstrap.make_environment()


def test_bootstrap_needs_the_standard_library_only() -> None:
    for name in ("bootstrap.py", "assets.py"):
        script = Path(bootstrap.__file__).with_name(name)
        ran = subprocess.run(
            [sys.executable, "-I", "-S", str(script), "--help"]
            if name == "bootstrap.py"
            else [sys.executable, "-I", "-S", "-c", f"exec(open({str(script)!r}).read(), {{}})"],
            capture_output=True,
            text=True,
            env={"PATH": os.environ["PATH"]},
        )
        assert ran.returncode == 0, ran.stderr


def packages(folder: Path) -> Path:
    for name in (*assets.FILES, *assets.LICENCES):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"/* {name} */\n//# sourceMappingURL=x.map")
    return folder


def test_only_named_files_are_copied_without_pointers_to_maps(tmp_path: Path) -> None:
    source = packages(tmp_path / "node_modules")
    (source / "echarts/dist/echarts.common.js").touch()
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "old.js").touch()

    copied = assets.copy_assets(source, tmp_path / "vendor")

    names = {path.relative_to(tmp_path / "vendor").as_posix() for path in copied}
    licences = {f"licences/{name}" for name in assets.LICENCES.values()}
    assert names == {*assets.FILES.values(), *licences}
    for name in assets.FILES.values():
        assert "sourceMappingURL" not in (tmp_path / "vendor" / name).read_text()


def test_file_a_package_no_longer_has_leaves_the_old_ones(tmp_path: Path) -> None:
    source = packages(tmp_path / "node_modules")
    (source / "htmx.org/dist/htmx.min.js").unlink()
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "old.js").touch()

    with pytest.raises(FileNotFoundError, match=r"htmx\.min\.js"):
        assets.copy_assets(source, tmp_path / "vendor")
    assert (tmp_path / "vendor" / "old.js").exists()
