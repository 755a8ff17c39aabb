"""The lane on the newest Python at hand: the tests of course_lib, in an environment of their own.

`tests/lanes/prepare.py` makes it. Where no newer Python is at hand, a line at the end of the run says so.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness import NOT_RUN, ROOT, need
from tests.lanes.harness import Record, run_lane, told
from tests.lanes.places import NEWER_PYTHON, NONE_AT_HAND, inside, newer_python

PARTS = {
    "patterns": ["tests/patterns"],
    "lens, shop and coach": ["tests/lens", "tests/shop", "tests/coach"],
    "sandbox": ["tests/sandbox"],
}


@pytest.mark.parametrize("part", [pytest.param(part, id=f"{part}::run") for part in PARTS])
def test_on_a_newer_python(part: str, tmp_path: Path, record_property: Record) -> None:
    found = newer_python()
    if found is None:
        pytest.skip(NOT_RUN + NONE_AT_HAND)
    need(
        inside(NEWER_PYTHON).exists(),
        f"the tests of {part} on Python {found[1]}, for which nothing is installed",
        "`make test` installs it, or: python -m tests.lanes.prepare",
    )
    witness = run_lane(inside(NEWER_PYTHON), PARTS[part], tmp_path, PYTHONPATH=str(ROOT))
    assert (witness["python"], witness["python_from"]) == (found[1], str(NEWER_PYTHON))
    record_property("lane", told(f"the tests of {part} on Python {found[1]}", witness))
