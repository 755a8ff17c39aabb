"""`course lab` as a process: where it listens, what it prints, whose settings it uses, what it leaves."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from course_lib import jupyter
from tests.setup.conftest import ROOT, clean_environment, copy_clone

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
TRAP = "raise SystemExit('the reader\\'s own settings were read')\n"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A clone with one lesson, and a home whose own Jupyter settings would stop a server."""
    clone = copy_clone(tmp_path_factory.mktemp("lab"))
    lesson = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    (clone / "notebooks/00_start_here.ipynb").write_text(lesson)
    for name in (".jupyter/jupyter_server_config.py", ".ipython/profile_default/ipython_kernel_config.py"):
        trap = clone.parent / name
        trap.parent.mkdir(parents=True)
        trap.write_text(TRAP)
    yield clone
    subprocess.run(course(clone, "db", "reset", "--yes"), cwd=clone, env=environment(clone), check=True)


def course(clone: Path, *words: str) -> list[str]:
    """The clone's own `course`, run by this environment's Python."""
    return [sys.executable, "-m", "course_lib.cli", *words]


def environment(clone: Path) -> dict[str, str]:
    """A reader's environment, with a home and a data folder of their own, and no display."""
    env = clean_environment(clone.parent) | {"HOME": str(clone.parent)}
    return {
        name: value for name, value in env.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    }


@contextmanager
def lab(clone: Path, *words: str) -> Iterator[tuple[str, "subprocess.Popen[str]", list[str]]]:
    """A running `course lab`: its address, its process, and what it has printed (all of it after the end)."""
    process = subprocess.Popen(
        course(clone, "lab", "--no-browser", *words),
        cwd=clone,
        env=environment(clone),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    printed: list[str] = []
    try:
        for line in process.stdout:
            printed.append(line)
            if found := re.search(r"http://\S+", line):
                yield found[0], process, printed
                break
        else:
            pytest.fail("no address:\n" + "".join(printed))
    finally:
        process.terminate()
        printed += process.stdout.readlines()
        process.wait(60)
        process.stdout.close()


def get(address: str, path: str, token: bool = True) -> Any:
    """The JSON that the server answers with."""
    base, _, secret = address.partition("/lab?token=")
    headers = {"Authorization": f"token {secret}"} if token else {}
    with urllib.request.urlopen(urllib.request.Request(base + path, headers=headers), timeout=30) as answer:
        return json.load(answer)


def test_a_working_day(clone: Path) -> None:
    """One server, looked at from all sides, and closed."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with lab(clone, "--port", str(port)) as (address, process, printed):
            assert f":{port}/" not in address
            listening = {
                c.laddr.ip for c in psutil.Process(process.pid).net_connections() if c.status == "LISTEN"
            }
            assert listening == {"127.0.0.1"}
            with pytest.raises(urllib.error.HTTPError, match="403"):
                get(address, "/api/contents", token=False)

            files = {entry["path"] for entry in get(address, "/api/contents/notebooks")["content"]}
            assert "notebooks/00_start_here.ipynb" in files
            shown = get(address, "/lab/api/workspaces/default")["data"]
            assert {"markdownviewer-widget:README.md", f"notebook:{jupyter.FIRST_LESSON}"} <= set(shown)
            news = get(address, "/lab/api/settings/@jupyterlab/apputils-extension:notification")
            assert (news["settings"] == {} and '"fetchNews"' in news["raw"]) or news["raw"] in ("{}", "")
            defaults = news["schema"]["properties"]["fetchNews"]["default"]
            assert defaults == "false"

            kernels = get(address, "/api/kernelspecs")
            assert kernels["default"] == "python3" and list(kernels["kernelspecs"]) == ["python3"]
    text = "".join(printed)
    assert process.returncode == 0, text
    assert text.count("http://") == 1
    assert "Closed. What you wrote is in work/" in text
    assert not re.search(r"WARN|ERROR|Traceback|TROUBLE|Warning", text), text
    stopped = subprocess.run(course(clone, "db", "status"), cwd=clone, env=environment(clone), check=False)
    assert stopped.returncode == 1, "the PostgreSQL that it started must stop with it"
    assert sorted(path.name for path in clone.parent.iterdir() if path.name.startswith(".")) == [
        ".ipython",
        ".jupyter",
    ]


def test_a_killed_lab_leaves_nothing_broken(clone: Path) -> None:
    with lab(clone) as (_, process, _printed):
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)
    spaces = clone.parent / "daten für mich/jupyter/workspaces"
    (workspace,) = spaces.glob("*.jupyterlab-workspace")
    workspace.write_text(workspace.read_text()[:40])  # killed while it wrote the layout
    check = subprocess.run(
        course(clone, "lab", "--check"),
        cwd=clone,
        env=environment(clone),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert check.returncode == 0, check.stdout + check.stderr
    assert "The course opens and a kernel answers." in check.stdout
    json.loads(workspace.read_text())
    status = subprocess.run(course(clone, "db", "status"), cwd=clone, env=environment(clone), check=False)
    assert status.returncode == 1, "the one that the killed lab started stops with its successor"


def test_a_server_that_was_there_before_stays(clone: Path) -> None:
    run = {"cwd": clone, "env": environment(clone), "capture_output": True, "timeout": 180}
    subprocess.run(course(clone, "db", "start"), check=True, **run)  # type: ignore[call-overload]
    subprocess.run(course(clone, "lab", "--check"), check=True, **run)  # type: ignore[call-overload]
    status = subprocess.run(course(clone, "db", "status", "--json"), check=False, **run)  # type: ignore[call-overload]
    assert json.loads(status.stdout)["running"]


@pytest.mark.parametrize(
    ("files", "panes"),
    [
        ([], []),
        (["README.md"], ["markdownviewer-widget:README.md"]),
        (
            ["README.md", jupyter.FIRST_LESSON],
            ["markdownviewer-widget:README.md", f"notebook:{jupyter.FIRST_LESSON}"],
        ),
    ],
)
def test_the_layout_shows_what_there_is(files: list[str], panes: list[str]) -> None:
    data = jupyter.layout(files)["data"]
    text = json.dumps(data["layout-restorer:data"]["main"])
    assert [pane for pane in data if pane.split(":")[0] in ("notebook", "markdownviewer-widget")] == panes
    assert all(pane in text for pane in panes)


def test_the_makefile_and_ci_call_the_same_commands() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert "bootstrap.py lab" in makefile and re.search(r"^test:", makefile, re.M)
    for name in (".ci/run", ".github/workflows/test.yml"):
        text = (ROOT / name).read_text()
        assert "make lab" in text and "make test" in text
