"""A pytest plugin for a lane: what ran, on what, and what was left out, written for whoever started the lane.

`COURSE_LANE_REPORT` names the file, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from tests.lanes.left_out import ONLY_ON_2_1, SLOW

REPORT = "COURSE_LANE_REPORT"
_left_out: dict[str, str] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is slow; expect what is about 2.1 alone to fail on 2.0. A key without its test is wrong."""
    on_20 = sqlalchemy.__version__.startswith("2.0.")
    marks = {key: pytest.mark.skip(reason=reason) for key, reason in SLOW.items()}
    if on_20:
        marks |= {key: pytest.mark.xfail(reason=why, strict=True) for key, why in ONLY_ON_2_1.items()}
    files = {item.nodeid.partition("::")[0] for item in items}
    unknown = {key for key in marks if key.partition("::")[0] in files}
    for item in items:
        key = item.nodeid.partition("[")[0]
        if key in marks:
            item.add_marker(marks[key])
            _left_out[key] = str(marks[key].kwargs["reason"])
            unknown.discard(key)
    if unknown:
        raise pytest.UsageError(f"tests/lanes/left_out.py names tests that are not there: {sorted(unknown)}")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Write the report."""
    stats = terminalreporter.stats
    report = {
        "sqlalchemy": sqlalchemy.__version__,
        "sqlalchemy_from": str(Path(sqlalchemy.__file__).parents[1]),
        "python": ".".join(map(str, sys.version_info[:3])),
        "python_from": sys.prefix,
        "counts": {
            outcome: len(stats.get(outcome, []))
            for outcome in ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
        },
        "left_out": _left_out,
    }
    Path(os.environ[REPORT]).write_text(json.dumps(report), encoding="utf-8")
