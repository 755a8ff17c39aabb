"""Each lesson and each solution with PostgreSQL as the default backend, every reply of the kernel read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from course_lib.authoring import run
from course_lib.sandbox import readiness
from tests.harness import LESSONS, SOLUTIONS, alone, need, read

LEFT_BEHIND = re.compile(r"Exception ignored|was never awaited|never retrieved|was destroyed but")


@pytest.fixture(scope="module")
def postgresql() -> None:
    state = readiness()["postgresql"]
    need(state.ready, f"the lessons on PostgreSQL ({state.detail})", state.remedy)


@pytest.mark.usefixtures("postgresql")
@pytest.mark.parametrize("path", [*LESSONS, *SOLUTIONS], ids=lambda path: f"{path.parent.name}-{alone(path)}")
def test_runs_on_postgresql(path: Path) -> None:
    """`run` raises for a cell that raised, or should have. What Python only prints is looked for here."""
    book = run(read(path), path.parent, backend="postgresql")
    for cell in book.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                assert not LEFT_BEHIND.search(output.text), f"{cell.source}\n\n{output.text}"
