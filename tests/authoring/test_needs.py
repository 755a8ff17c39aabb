"""What this machine lacks is a line at the end of a reader's run, and a failure in CI."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from course_lib.authoring import nbval_guard
from tests.harness import QUIET, ROOT, clean_environment, need


def test_a_reader_gets_a_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"not run: the moon. Build a rocket\."):
        need(False, "the moon", "Build a rocket.")


def test_ci_gets_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    need(True, "the moon", "")
    with pytest.raises(pytest.fail.Exception, match="the moon is missing"):
        need(False, "the moon", "Build a rocket.")
    assert nbval_guard._postgresql_ready(), (
        "in CI the output of a cell that needs PostgreSQL is always compared"
    )


def test_the_end_of_a_run_says_what_was_not_run(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "from tests.harness import need\n"
        "def test_moon(): need(False, 'the moon', 'Build a rocket.')\n"
        "def test_right(record_property): record_property('answer', 'right')\n"
        "def test_wrong(record_property): record_property('answer', 'wrong'); assert False\n",
        encoding="utf-8",
    )
    environment = clean_environment(PYTHONPATH=str(ROOT))
    environment.pop("CI", None)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *QUIET, "-n1", "-p", "tests.conftest", str(tmp_path)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Not run on this machine: the moon. Build a rocket." in run.stdout, run.stdout + run.stderr
    assert "1 right answers, 0 of them turned down; 1 wrong answers, 1 of them" in run.stdout
    assert "1 erred" in run.stdout
