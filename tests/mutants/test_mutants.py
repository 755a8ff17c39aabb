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
from tests.mutants.harness import Mutant, plan, survivors

SMALL = normalize(
    notebook(
        code("import math\nimport sys"),
        text("## Step 1: One"),
        code("number = 2\nunused = 3"),
        code("print(number)", outputs=[printed("2\n")]),
        code("print(number + 1)", outputs=[printed("3\n")]),
        text("## Step 2: Two, which cannot be repeated"),
        code("first = not hasattr(sys, 'seen')\nsys.seen = True"),
        code("print(first)", outputs=[printed("True\n")]),
        text("## Step 3: Three"),
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


def test_survivors_are_reported(tmp_path: Path) -> None:
    """They stand behind mutants that end or spoil the kernel: each of those would turn them red."""
    red = Mutant("number = 2", "number = 2", "number = 4", "another number")
    green = Mutant("number = 2", "unused = 3", "unused = 4", "a name that nobody reads")
    dead = Mutant("import math", "import math", "import os; os._exit(1)", "the kernel")
    poison = Mutant("number = 2", "number = 2", "import builtins; builtins.print = repr", "print itself")
    once = Mutant("print(first)", "first", "first is not None", "another way to say it")
    circle = Mutant("math.pi > 3", "math.pi", "math.tau", "the other circle")
    found = survivors(SMALL, [poison, red, green, dead, once, circle], tmp_path)
    assert sorted(found) == sorted(mutant.why for mutant in (green, once, circle))


def test_a_mutant_is_followed_by_what_shows_something_and_alone_by_the_rest_of_its_section() -> None:
    mutant = Mutant("number = 2", "number = 2", "number = 4", "")
    first, rest = (plan(SMALL, [mutant], whole=whole)[-2].cells for whole in (False, True))
    assert first[0].source.startswith("number = 4") and first[-1].source == "print(number)"
    assert rest[0].source.startswith("number = 4") and rest[-1].source == "print(number + 1)"
    assert SMALL.cells[2].source.startswith("number = 2"), "the lesson itself is left alone"


def test_a_lesson_that_is_red_itself(tmp_path: Path) -> None:
    wrong = normalize(
        notebook(code("import math"), code("print(1)", outputs=[printed("2\n")]), code("print(3)"))
    )
    with pytest.raises(AssertionError, match="the lesson itself is red"):
        survivors(wrong, [Mutant("print(3)", "3", "4", "")], tmp_path)


@pytest.mark.parametrize("mutant", [Mutant("nowhere", "a", "b", ""), Mutant("number = 2", "absent", "b", "")])
def test_a_mutant_must_name_one_place(mutant: Mutant) -> None:
    with pytest.raises(AssertionError, match="stands"):
        plan(SMALL, [mutant], whole=True)
