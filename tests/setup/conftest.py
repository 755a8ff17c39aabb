"""A copy of the clone in an odd folder, a copy of the course for `work/`, and disks that misbehave."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ODD = "kürs + ordner ñ"


def copy_clone(folder: Path) -> Path:
    """Everything that set-up reads, in a folder with spaces and letters beyond ASCII."""
    clone = folder / ODD
    clone.mkdir(parents=True)
    for name in ("Makefile", "bootstrap.py", "constraints.txt", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, clone / name)
    rubbish = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for name in ("course_lib", "notebooks", "exercises"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, clone / name, ignore=rubbish)
    (clone / "notebooks").mkdir(exist_ok=True)
    return clone


def clean_environment(home: Path) -> dict[str, str]:
    """The environment of a reader new to the course: no virtual environment, a data folder of their own."""
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COURSE", "UV_"))
    }
    env.pop("VIRTUAL_ENV", None)
    env.pop("MAKEFLAGS", None)
    env.pop("MAKELEVEL", None)
    env.update(
        COURSE_HOME=str(home / "daten für mich"), PYTHON=getattr(sys, "_base_executable", sys.executable)
    )
    return env


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A fresh copy of the clone, for one test."""
    return copy_clone(tmp_path)


Shell = Callable[[str], "subprocess.CompletedProcess[str]"]


def run_on_disk(
    folder: Path, options: str, script: str, env: dict[str, str]
) -> "subprocess.CompletedProcess[str]":
    """Run a shell script with a small disk of its own (a tmpfs) mounted at `folder`, seen by nobody else.

    Needs Linux and either root or user namespaces; elsewhere the test is skipped, and in CI it fails.
    """
    unshare = shutil.which("unshare")
    mount = f'mount -t tmpfs -o {options} tmpfs "$1" && shift && set -e; '
    command = [unshare or "unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--mount"]
    probe = [*command, "sh", "-c", mount + "true", "sh", str(folder)]
    if unshare is None or subprocess.run(probe, capture_output=True, check=False).returncode != 0:
        if os.environ.get("CI") and sys.platform == "linux" and os.geteuid() == 0:
            pytest.fail("A disk that misbehaves could not be mounted here, and in CI it must be.")
        pytest.skip("needs a mount namespace")
    return subprocess.run(
        [*command, "sh", "-c", mount + script, "sh", str(folder)],
        capture_output=True,
        text=True,
        env=env,
        timeout=120,
        check=False,
    )
