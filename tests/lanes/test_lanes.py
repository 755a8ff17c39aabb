"""The lanes themselves: red where a test is red or none ran, and the newest Python is found among others."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.lanes import places
from tests.lanes.harness import run_lane, told
from tests.lanes.left_out import ONLY_ON_2_1, SLOW
from tests.lanes.places import newer_python, version_of

ALL = "def test_one(): assert {}\n"


@pytest.mark.parametrize(
    ("text", "saw"),
    [
        (ALL.format("1 == 2"), "1 failed"),
        ("import pytest\n\n\n@pytest.mark.skip\ndef test_one(): pass\n", "no test passed"),
        ("import no_such_module\n", "No module named"),
    ],
)
def test_a_lane_is_red(text: str, saw: str, tmp_path: Path) -> None:
    file = tmp_path / "test_it.py"
    file.write_text(text)
    with pytest.raises(AssertionError, match=saw):
        run_lane(sys.executable, [str(file)], tmp_path)


def test_a_lane_tells_what_ran(tmp_path: Path) -> None:
    file = tmp_path / "test_it.py"
    file.write_text(ALL.format("True"))
    witness = run_lane(sys.executable, [str(file)], tmp_path)
    assert told("these", witness) == "these: 1 passed"
    assert witness["python"] == ".".join(map(str, sys.version_info[:3]))
    assert told("these", {"counts": {"passed": 2, "xfailed": 1}, "left_out": {"a.py::b": "because"}}) == (
        "these: 2 passed, 1 xfailed; left out: a.py::b (because)"
    )


def test_every_reason_is_given() -> None:
    for key, reason in (SLOW | ONLY_ON_2_1).items():
        assert "::test_" in key and "[" not in key and len(reason.split()) > 3, key


def stub(folder: Path, name: str, answer: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{answer}\n")
    file.chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="the stubs are shell scripts")
def test_the_newest_python_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "RUNNING", (3, 11))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    stub(tmp_path / "path", "python3.11", "echo 3 11 9")
    stub(tmp_path / "path", "python3.14", "echo not installed >&2; exit 127")  # a shim of pyenv
    stub(tmp_path / "path", "python3.15", "echo 3 15 0")  # no packages for it yet
    stub(tmp_path / "path", "python3.13", "echo 0 0 0")  # a preview
    assert newer_python() is None
    stub(tmp_path / "path", "python3.12", "echo 3 12 7")
    assert newer_python() == (tmp_path / "path" / "python3.12", "3.12.7")
    for version, answer in (("3.12.11", "3 12 11"), ("3.13.2", "3 13 2"), ("3.9.1", "3 9 1")):
        name = f"python{version.rpartition('.')[0]}"
        stub(tmp_path / "pyenv" / "versions" / version / "bin", name, f"echo {answer}")
    assert (newer_python() or ("", ""))[1] == "3.13.2"
    stub(tmp_path / "data/uv/python/cpython-3.14.1-linux/bin", "python3.14", "echo 3 14 1")
    assert (newer_python() or ("", ""))[1] == "3.14.1"


def test_a_python_says_its_version() -> None:
    assert version_of(Path(sys.executable)) == sys.version_info[:3]
    assert version_of(Path("no-such-python")) == ()


def test_what_is_said_where_none_is_newer() -> None:
    json.dumps(places.NONE_AT_HAND)
    assert places.NONE_AT_HAND.startswith("the tests of course_lib on a newer Python.")
