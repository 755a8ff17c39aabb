"""Every lesson has five mutants or more, and each turns strict nbval red.

The table of a lesson is `MUTANTS` in `tests/mutants/<lesson>.py`, named like its module in
`course_lib.coach.lessons`.
"""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

import pytest

from course_lib.authoring import normalize
from tests.harness import LESSONS, alone, code, notebook, printed, read, text
from tests.mutants.harness import Mutant, mutate, survivors

SMALL = normalize(
    notebook(
        code("import math"),
        text("## Step 1: One"),
        code("number = 2\nunused = 3"),
        code("print(number)", outputs=[printed("2\n")]),
        text("## Step 2: Two"),
        code("print(math.pi > 3)", outputs=[printed("True\n")]),
    )
)


@pytest.mark.parametrize("path", LESSONS, ids=alone)
def test_each_mutant_turns_nbval_red(path: Path, tmp_path: Path) -> None:
    name = f"tests.mutants.{path.stem[3:]}"
    assert importlib.util.find_spec(name), f"no table of mutants: {name}"
    mutants: list[Mutant] = importlib.import_module(name).MUTANTS
    assert len(mutants) >= 5
    assert survivors(read(path), mutants, tmp_path) == []


def test_a_survivor_is_reported(tmp_path: Path) -> None:
    red = Mutant("number = 2", "number = 2", "number = 4", "another number")
    green = Mutant("number = 2", "unused = 3", "unused = 4", "a name that nobody reads")
    dead = Mutant("import math", "import math", "import os; os._exit(1)", "the kernel")
    assert survivors(SMALL, [red, green, dead], tmp_path) == ["a name that nobody reads"]


def test_a_mutant_runs_to_the_end_of_its_step() -> None:
    made = mutate(SMALL, Mutant("number = 2", "2", "4", ""))
    assert [cell.source for cell in made.cells][-1] == "print(number)"
    assert SMALL.cells[2].source.startswith("number = 2"), "the lesson itself is left alone"


@pytest.mark.parametrize("mutant", [Mutant("nowhere", "a", "b", ""), Mutant("number = 2", "absent", "b", "")])
def test_a_mutant_must_name_one_place(mutant: Mutant) -> None:
    with pytest.raises(AssertionError, match="stands"):
        mutate(SMALL, mutant)
