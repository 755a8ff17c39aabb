"""The set-up for real, in a folder with spaces and odd letters: killed, mended, offline, moved."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.setup.conftest import clean_environment, copy_clone

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="make is not the route on Windows")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One copy for the whole chain of tests: each goes on where the one before ended."""
    yield copy_clone(tmp_path_factory.mktemp("first run"))


def make(clone: Path, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    """Run make as a reader would."""
    command = ["make", "--no-print-directory", *arguments]
    environment = clean_environment(clone.parent) | env
    return subprocess.run(
        command, cwd=clone, env=environment, capture_output=True, text=True, timeout=540, check=False
    )


OFFLINE = {
    name: "http://127.0.0.1:9"
    for name in (
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "PIP_PROXY",
    )
} | {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "UV_OFFLINE": "1"}


def test_without_a_network_the_first_run_says_so(clone: Path) -> None:
    answer = make(clone, "setup", **OFFLINE, PIP_NO_CACHE_DIR="1", UV_NO_CACHE="1")
    assert answer.returncode != 0
    assert "The package index did not answer" in answer.stderr
    assert "run the command again" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_run_killed_in_the_middle_is_mended_by_the_next(clone: Path) -> None:
    process = subprocess.Popen(
        ["make", "setup"],
        cwd=clone,
        env=clean_environment(clone.parent),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "Installing the course" in line:
            break
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert (clone / ".venv").is_dir()

    answer = make(clone, "setup")
    if answer.returncode != 0 and "index did not answer" in answer.stderr and not os.environ.get("CI"):
        pytest.skip("needs a package index")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "Removing a half-made .venv" in answer.stdout
    assert "Set up in" in answer.stdout
    code = "import course_lib, sqlalchemy, jupyterlab, asyncpg; print(course_lib.__file__)"
    python = str(clone / ".venv/bin/python")
    found = subprocess.run([python, "-c", code], cwd="/", capture_output=True, text=True, check=True)
    assert Path(found.stdout.strip()) == clone / "course_lib/__init__.py"
    versions = json.loads(subprocess.check_output([python, "-m", "pip", "list", "--format=json"]))
    assert not {"ruff", "nbgrader"} & {package["name"] for package in versions}


def test_the_second_run_needs_no_network_and_says_nothing(clone: Path) -> None:
    assert (clone / ".venv/.course-stamp").exists(), "the first run did not come through"
    answer = make(clone, "setup", **OFFLINE)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")


def test_tools_that_cannot_be_fetched_leave_the_lab_usable(clone: Path) -> None:
    answer = make(clone, "dev", **OFFLINE, PIP_NO_CACHE_DIR="1", UV_NO_CACHE="1")
    assert answer.returncode != 0
    assert "The package index did not answer" in answer.stderr
    again = make(clone, "setup", **OFFLINE)
    assert (again.returncode, again.stdout) == (0, "")


def test_the_course_command_works_from_the_odd_folder(clone: Path) -> None:
    command = [str(clone / ".venv/bin/course"), "--help"]
    answer = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    assert answer.returncode == 0 and "course lab" in answer.stdout


def test_a_moved_folder_is_set_up_anew(clone: Path) -> None:
    moved = clone.rename(clone.with_name("moved + verschoben"))
    code = "import bootstrap; print(bootstrap.is_ready(''), bootstrap.must_be_rebuilt())"
    command = [sys.executable, "-B", "-c", code]
    answers = [subprocess.check_output(command, cwd=moved, text=True).split()]
    moved.rename(clone)
    answers += [subprocess.check_output(command, cwd=clone, text=True).split()]
    assert answers == [["False", "True"], ["True", "False"]]
