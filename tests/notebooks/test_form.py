"""The lessons keep the form, and each rule of the form fires on a lesson that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode

from course_lib.authoring import normalize
from tests.harness import LESSONS, SOLUTIONS, alone, code, error, notebook, printed, read, text
from tests.notebooks.form import lesson_faults, solution_faults


@pytest.mark.parametrize("path", LESSONS, ids=alone)
def test_lesson(path: Path) -> None:
    faults = lesson_faults(read(path), path.stem[:2])
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("path", SOLUTIONS, ids=alone)
def test_solution(path: Path) -> None:
    faults = solution_faults(read(path))
    assert not faults, "\n".join(faults)


def sound_lesson() -> NotebookNode:
    """The smallest lesson without a fault."""
    return normalize(
        notebook(
            text("# 09 Small\n\n**You will see.**\n\n25 minutes (guessed).\n\n- see\n- count\n- load"),
            code("from course_lib.coach import lesson\nfrom course_lib.patterns import fill_in"),
            code('here = lesson("small")\ndb = await fresh(users=7)'),
            code("here.recall()", outputs=[printed("two questions\n")]),
            text("## Step 1: One\n\nWhat happens?"),
            code('here.predict("one")'),
            code("print(1)", outputs=[printed("1\n")]),
            text("It means one."),
            text("## Step 2: Two"),
            code('here.predict("two")'),
            code("1 / 0", "raises-exception", outputs=[error("ZeroDivisionError", "division by zero")]),
            text("**Your turn.** [Exercise 1](../exercises/09_small.ipynb)"),
            text("## Take home"),
            text("## Quiz"),
            code("here.quiz()"),
            text("## Summary\n\n- one"),
        )
    )


def sound_solution() -> NotebookNode:
    """The smallest solution notebook without a fault."""
    answer = (
        'async def answer():\n    """Give 42."""\n    ### BEGIN SOLUTION\n    return 42\n    ### END SOLUTION'
    )
    return normalize(
        notebook(
            text("# 09 Small: exercises"),
            code("from course_lib.coach import exercises, not_attempted"),
            code('ex = exercises("small")'),
            text("## 1. Answers"),
            code(answer),
            code("await ex.answer.check(answer)", outputs=[printed("passed\n")]),
        )
    )


def test_the_sound_ones_are_sound() -> None:
    assert lesson_faults(sound_lesson()) == []
    assert solution_faults(sound_solution()) == []


def change(place: int, **values: Any) -> Callable[[NotebookNode], None]:
    return lambda book: book.cells[place].update(values)


def add(place: int, cell: NotebookNode) -> Callable[[NotebookNode], None]:
    return lambda book: book.cells.insert(place, cell)


def drop(place: int) -> Callable[[NotebookNode], None]:
    return lambda book: book.cells.pop(place)


def tag(place: int, name: str) -> Callable[[NotebookNode], None]:
    return lambda book: book.cells[place].metadata.update(tags=[name])


BROKEN_LESSONS: dict[str, tuple[Callable[[NotebookNode], Any], str]] = {
    "title": (change(0, source="Small"), "does not open with"),
    "order": (change(12, source="## Quiz"), "does not end in"),
    "step numbers": (change(8, source="## Step 3: Two"), "is not `Step 2"),
    "six steps": (
        lambda book: [add(12, text(f"## Step {n}: More"))(book) for n in (6, 5, 4, 3)],
        "6 steps",
    ),
    "objectives": (change(0, source="# 09 S\n\n**P**\n\n25 minutes (guessed)\n\n- one"), "1 objectives"),
    "minutes": (change(0, source="# 09 S\n\n**P**\n\n- one\n- two\n- three"), "the minutes"),
    "promise": (change(0, source="# 09 S\n\n25 minutes (guessed)\n\n- a\n- b\n- c"), "no promise"),
    "sandbox": (change(2, source='here = lesson("small")'), "no fresh sandbox"),
    "recall": (drop(3), "no recall"),
    "predictions": (drop(5), "1 predictions"),
    "quiz": (drop(14), "the quiz"),
    "empty step": (drop(6), "step 1 runs nothing"),
    "long code": (change(6, source="x = 1\n" * 16), "16 lines"),
    "your turn": (drop(11), "no **Your turn** after step 2"),
    "your turn links": (change(11, source="**Your turn.**"), "links to no exercise"),
    "meaning": (change(7, source="word " * 61), "61 words for what it means"),
    "markdown": (change(4, source="## Step 1: One\n" + "word " * 90), "at most 89"),
    "long output": (change(6, outputs=[printed("line\n" * 25)]), "25 lines"),
    "first cell awaits": (change(1, source="await x"), "first code cell awaits"),
    "first cell works": (change(1, source="x = 1"), "more than imports"),
    "inner import": (change(6, source="from course_lib.coach.lab import Lab"), "not a face"),
    "package import": (change(6, source="import course_lib"), "not a face"),
    "forbidden": (change(7, source="It is just one."), "forbidden word"),
    "time": (change(6, outputs=[printed("took 1.5 s")]), "compares a time"),
    "address": (change(6, outputs=[printed("at 0x7f3a5c2b1d10")]), "compares an address"),
    "path": (change(6, outputs=[printed("in /home/me/x.py")]), "compares a path"),
    "size": (change(6, outputs=[printed("39 MB")]), "compares a size"),
    "untested": (tag(6, "nbval-ignore-output"), "1 of 3 cells"),
    "skipped": (tag(6, "nbval-skip"), "hidden from nbval"),
    "comment": (change(6, source="# NBVAL_IGNORE_OUTPUT\nprint(1)"), "hidden from nbval"),
    "not run": (change(6, execution_count=None), "was run in order"),
    "no error": (change(10, outputs=[]), "holds no error"),
    "untagged error": (change(10, metadata={}), "not tagged raises-exception"),
    "empty cell": (change(6, source=""), "cell 6 is empty"),
    "metadata": (lambda book: book.metadata.update(widgets={}), "normal form"),
    "patterns": (change(1, source="from course_lib.coach import lesson"), "taken home"),
}
BROKEN_SOLUTIONS: dict[str, tuple[Callable[[NotebookNode], Any], str]] = {
    "numbers": (change(3, source="## 2. Answers"), "is not `1. "),
    "no check": (drop(5), "1 solutions and 0 checks"),
    "no solution": (change(4, source="x = 1"), "0 solutions"),
    "other check": (change(5, source="await ex.answer.check(other)"), "checks"),
    "no contract": (
        change(4, source="async def answer():\n    ### BEGIN SOLUTION\n    return 42\n    ### END SOLUTION"),
        "defines []",
    ),
}


@pytest.mark.parametrize("name", BROKEN_LESSONS)
def test_a_rule_for_lessons_fires(name: str) -> None:
    book, (break_it, words) = sound_lesson(), BROKEN_LESSONS[name]
    break_it(book)
    assert any(words in fault for fault in lesson_faults(book)), lesson_faults(book)


@pytest.mark.parametrize("name", BROKEN_SOLUTIONS)
def test_a_rule_for_solutions_fires(name: str) -> None:
    book, (break_it, words) = sound_solution(), BROKEN_SOLUTIONS[name]
    break_it(book)
    assert any(words in fault for fault in solution_faults(book)), solution_faults(book)
