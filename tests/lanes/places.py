"""Where the lanes keep what they need, and which newer Python is at hand.

Everything lies in `.venv/lanes`: git-ignored, and gone when `.venv` is made anew.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.harness import ROOT

LANES = ROOT / ".venv" / "lanes"
SQLALCHEMY_20 = LANES / "sqlalchemy-2.0"
NEWER_PYTHON = LANES / "newer-python"
PINS = Path(__file__).with_name("sqlalchemy_2_0.txt")
NEWEST = (3, 14)
"""The newest Python for which every pinned package has a wheel."""
RUNNING = sys.version_info[:2]
NONE_AT_HAND = (
    f"the tests of course_lib on a newer Python. No Python newer than {RUNNING[0]}.{RUNNING[1]} (and up to "
    f"{NEWEST[0]}.{NEWEST[1]}) was found on the PATH, or among the versions of pyenv and uv; "
    "nothing need be done."
)
ASK = """\
import sys, sysconfig
usable = sys.version_info.releaselevel == "final" and not sysconfig.get_config_var("Py_GIL_DISABLED")
print(*sys.version_info[:3] if usable else (0, 0, 0))"""


def inside(environment: Path) -> Path:
    """The Python of a virtual environment."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def version_of(python: Path) -> tuple[int, ...]:
    """(3, 13, 0), or an empty tuple for what does not answer, or is a preview or a free-threaded build."""
    try:
        answer = subprocess.run([python, "-c", ASK], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.fullmatch(r"(\d+) (\d+) (\d+)\s*", answer.stdout) if answer.returncode == 0 else None
    return tuple(map(int, found.groups())) if found and found.group(1) != "0" else ()


def newer_python() -> tuple[Path, str] | None:
    """Path and version of the newest Python at hand that is newer than the running one."""
    home = Path.home()
    pyenv = Path(os.environ.get("PYENV_ROOT") or home / ".pyenv") / "versions"
    uv = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "uv" / "python"
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    folders += [*sorted(pyenv.glob("3.*/bin")), *sorted(uv.glob("cpython-3.*/bin"))]
    known = {
        version_of(folder / name): folder / name
        for folder in folders
        for minor in range(RUNNING[1] + 1, NEWEST[1] + 1)
        if (folder / (name := f"python3.{minor}")).exists()
    }
    newer = [version for version in known if RUNNING < version[:2] <= NEWEST]
    return (known[max(newer)], ".".join(map(str, max(newer)))) if newer else None
