"""The lane on the newest SQLAlchemy 2.0: the patterns, the solutions under their checks, and the trials.

It lies in a folder of its own, which stands before the `.venv`'s packages (`tests/lanes/prepare.py`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.version import Version

from course_lib.trials import found_on_2_0
from tests.harness import ROOT, clean_environment, need
from tests.lanes.harness import Record, run_lane, told
from tests.lanes.places import SQLALCHEMY_20

BESIDE = os.pathsep.join(map(str, (SQLALCHEMY_20, ROOT)))
INSTALL = "`make test` installs it, or: python -m tests.lanes.prepare"
PARTS = {"patterns": "tests/patterns", "solutions": "tests/lanes/solutions.py"}


@pytest.mark.parametrize("part", [pytest.param(part, id=f"{part}::run") for part in PARTS])
def test_on_sqlalchemy_2_0(part: str, tmp_path: Path, record_property: Record) -> None:
    need(
        SQLALCHEMY_20.is_dir(),
        f"the {part} on SQLAlchemy 2.0, which is not installed",
        INSTALL,
    )
    witness = run_lane(sys.executable, [PARTS[part]], tmp_path, PYTHONPATH=BESIDE)
    judge_version(witness["sqlalchemy"])
    assert witness["sqlalchemy_from"] == str(SQLALCHEMY_20)
    record_property("lane", told(f"the {part} on SQLAlchemy {witness['sqlalchemy']}", witness))


def test_the_ledger_of_2_0_is_what_its_trials_find(record_property: Record) -> None:
    """`course_lib/trials/found_on_2_0.json` is not typed: `make found-on-2-0` writes it."""
    need(SQLALCHEMY_20.is_dir(), "the trials on SQLAlchemy 2.0, which is not installed", INSTALL)
    command = [sys.executable, "-m", "course_lib.cli", "trials", "--json"]
    run = subprocess.run(
        command,
        cwd=ROOT,
        env=clean_environment(PYTHONPATH=BESIDE),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    need("PostgreSQL" not in run.stderr or run.returncode == 0, "the trials on SQLAlchemy 2.0", run.stderr)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    judge_version(found["sqlalchemy"])
    assert found == found_on_2_0(), "renew the file with `make found-on-2-0`"
    record_property("lane", f"the trials on SQLAlchemy {found['sqlalchemy']}: {len(found['trials'])} as kept")


def judge_version(ran: str) -> None:
    assert Version("2.0.58") <= Version(ran) < Version("2.1.dev0"), f"the lane ran on SQLAlchemy {ran}"


@pytest.mark.parametrize("wrong", ["2.1.9", "2.1.0b1", "2.0.57", "1.4.54"])
def test_another_version_is_no_lane(wrong: str) -> None:
    with pytest.raises(AssertionError, match="the lane ran on SQLAlchemy"):
        judge_version(wrong)
