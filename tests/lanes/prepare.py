"""Fetch what the lanes need: SQLAlchemy 2.0 beside the course's own, and an environment of a newer Python.

    python -m tests.lanes.prepare

`make test` runs it before the tests. A stamp, written last, says what was installed, so that the next run
needs neither time nor network.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

import bootstrap
from tests.lanes.places import (
    LANES,
    NEWER_PYTHON,
    NONE_AT_HAND,
    PINS,
    SQLALCHEMY_20,
    inside,
    newer_python,
)


def stamp(folder: Path) -> Path:
    """Where it is written what lies in a folder."""
    return folder / ".course-stamp"


def is_ready(folder: Path, *decide: str) -> bool:
    """Whether a folder holds what these words decide, in a clone that was not moved."""
    return stamp(folder).is_file() and stamp(folder).read_text() == _digest(*decide)


def _digest(*decide: str) -> str:
    return hashlib.sha256("\n".join((bootstrap.place(), bootstrap.UV, *decide)).encode()).hexdigest()


def _pip(python: Path, *arguments: str) -> None:
    """Install through uv, which knows the settings of pip, or through pip where there is no uv."""
    env = bootstrap.tool_environment()
    settings = bootstrap.known_settings(env)
    if bootstrap.inside("uv").exists():
        told = bootstrap.for_uv(settings, env)
        command = ["uv", "pip", "install", "--no-progress", "--python", str(python)]
    else:
        told = env
        command = ["python", "-m", "pip", "--python", str(python), "install", "--progress-bar=off"]
    code, output = bootstrap.run([str(bootstrap.inside(command[0])), *command[1:], *arguments], told)
    if code != 0:
        raise bootstrap.from_text(output) or bootstrap.Trouble(
            "The packages of a test lane could not be installed. The installer said:\n"
            f"{bootstrap.last_lines(output, settings)}\nRun the command again."
        )


def sqlalchemy_20() -> None:
    """The newest SQLAlchemy 2.0 in a folder of its own, without what it needs: that is in the `.venv`."""
    decide = PINS.read_text(), sys.version
    if is_ready(SQLALCHEMY_20, *decide):
        return
    bootstrap.say(f"For the tests: {PINS.read_text().strip()} beside the course's own ...")
    shutil.rmtree(SQLALCHEMY_20, ignore_errors=True)
    _pip(Path(sys.executable), "--no-deps", "--target", str(SQLALCHEMY_20), "-r", str(PINS))
    stamp(SQLALCHEMY_20).write_text(_digest(*decide))


def newer() -> None:
    """The course and its tools in an environment of the newest Python at hand, if newer than this one."""
    found = newer_python()
    if found is None:
        shutil.rmtree(NEWER_PYTHON, ignore_errors=True)
        bootstrap.say(f"Not run on this machine: {NONE_AT_HAND}")
        return
    python, version = found
    files = [(bootstrap.ROOT / name).read_text() for name in ("pyproject.toml", "constraints.txt")]
    if is_ready(NEWER_PYTHON, str(python), version, *files):
        return
    bootstrap.say(f"For the tests: the course on Python {version} ...")
    shutil.rmtree(NEWER_PYTHON, ignore_errors=True)
    making = [str(python), "-m", "venv", "--without-pip", str(NEWER_PYTHON)]
    code, output = bootstrap.run(making, bootstrap.tool_environment())
    if code != 0:
        raise bootstrap.Trouble(
            f"Python {version} could not make an environment for its test lane. It said:\n"
            f"{bootstrap.last_lines(output, {})}\nMend that Python, or take it from the PATH."
        )
    _pip(inside(NEWER_PYTHON), "-c", "constraints.txt", "-e", ".[dev]")
    stamp(NEWER_PYTHON).write_text(_digest(str(python), version, *files))


def main() -> int:
    """Prepare both lanes; the exit code."""
    try:
        with bootstrap.one_at_a_time():
            LANES.mkdir(parents=True, exist_ok=True)
            sqlalchemy_20()
            newer()
    except bootstrap.Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
