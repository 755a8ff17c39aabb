"""Run some of the tests once more, in another process on other versions, and read what its witness saw."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.harness import QUIET, ROOT, clean_environment
from tests.lanes.witness import REPORT

Record = Callable[[str, object], None]


def run_lane(python: Path | str, tests: list[str], folder: Path, **environment: str) -> dict[str, Any]:
    """What the witness of a green run of these tests wrote. Raises AssertionError where it was not green."""
    report = folder / "lane.json"
    run = subprocess.run(
        [str(python), "-m", "pytest", "-p", "tests.lanes.witness", *QUIET, "--durations=5", *tests],
        cwd=ROOT,
        env=clean_environment(**environment, **{REPORT: str(report)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1200,
        check=False,
    )
    assert run.returncode == 0, f"the lane is red:\n{run.stdout}"
    witness: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    assert witness["counts"]["passed"], f"no test passed, so nothing was shown:\n{run.stdout}"
    return witness


def told(what: str, witness: dict[str, Any]) -> str:
    """One line for the end of the run."""
    counts = ", ".join(f"{count} {outcome}" for outcome, count in witness["counts"].items() if count)
    left = "".join(f"; left out: {key} ({why})" for key, why in witness["left_out"].items())
    return f"{what}: {counts}{left}"
