"""The lane on the newest SQLAlchemy 2.0: the patterns, and the solutions under their checks on both backends.

It lies in a folder of its own, which stands before the `.venv`'s packages (`tests/lanes/prepare.py`).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from packaging.version import Version

from tests.harness import ROOT, need
from tests.lanes.harness import Record, run_lane, told
from tests.lanes.places import SQLALCHEMY_20

PARTS = {"patterns": "tests/patterns", "solutions": "tests/lanes/solutions.py"}


@pytest.mark.parametrize("part", [pytest.param(part, id=f"{part}::run") for part in PARTS])
def test_on_sqlalchemy_2_0(part: str, tmp_path: Path, record_property: Record) -> None:
    need(
        SQLALCHEMY_20.is_dir(),
        f"the {part} on SQLAlchemy 2.0, which is not installed",
        "`make test` installs it, or: python -m tests.lanes.prepare",
    )
    path = os.pathsep.join(map(str, (SQLALCHEMY_20, ROOT)))
    witness = run_lane(sys.executable, [PARTS[part]], tmp_path, PYTHONPATH=path)
    judge_version(witness["sqlalchemy"])
    assert witness["sqlalchemy_from"] == str(SQLALCHEMY_20)
    record_property("lane", told(f"the {part} on SQLAlchemy {witness['sqlalchemy']}", witness))


def judge_version(ran: str) -> None:
    assert Version("2.0.58") <= Version(ran) < Version("2.1.dev0"), f"the lane ran on SQLAlchemy {ran}"


@pytest.mark.parametrize("wrong", ["2.1.9", "2.1.0b1", "2.0.57", "1.4.54"])
def test_another_version_is_no_lane(wrong: str) -> None:
    with pytest.raises(AssertionError, match="the lane ran on SQLAlchemy"):
        judge_version(wrong)
