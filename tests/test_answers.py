"""Right and wrong answers to every exercise, graded as a reader's would be.

They lie in `tests/answers/<lesson_module>/<exercise_name>/`. The docstring of a wrong one opens with
`Breaks: <requirement key>.`; it is a right answer with that one mistake. Where the mistake lets no
requirement be judged, the word is the outcome instead: `Breaks: raised.`
"""

from __future__ import annotations

import ast
import json
import os
import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from course_lib.authoring import starter, waits_at_top_level
from course_lib.coach import grade
from course_lib.coach.exercise import Exercise, Lesson
from course_lib.coach.runner import load_source
from tests.harness import ROOT, need, read
from tests.notebooks.test_lesson_modules import MODULES

OUTCOMES = ("raised", "out of time", "died")
ANSWERS = ROOT / "tests" / "answers"
EXERCISES: list[tuple[Lesson, Exercise]] = [
    (lesson, exercise) for lesson in MODULES.values() for exercise in lesson.exercises
]
Record = Callable[[str, object], None]


def folder(lesson: Lesson, exercise: Exercise) -> Path:
    return ANSWERS / lesson.id.replace("-", "_") / exercise.name


def files(kind: str) -> list[Any]:
    """Answers of a kind; the `::` in an id keeps loadscope from giving all of them to one worker."""
    return [
        pytest.param(exercise, path, id=f"{exercise.id}::{path.stem}")
        for lesson, exercise in EXERCISES
        for path in sorted(folder(lesson, exercise).glob(f"{kind}_*.py"))
    ]


def broken_by(path: Path) -> str:
    """The key that a wrong answer says it breaks."""
    words = ast.get_docstring(ast.parse(source(path))) or ""
    match = re.match(r"Breaks: ([\w/ -]+)\.\s+\S", words)
    assert match, f"{path.name}: the docstring opens with `Breaks: <requirement>.` and names the mistake"
    return match.group(1)


def source(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def answer(exercise: Exercise, path: Path) -> Any:
    """What a notebook would hand over: the function itself, judged in a fork; elsewhere the source."""
    return runpy.run_path(str(path))[exercise.defines] if hasattr(os, "fork") else source(path)


def defined(exercise: Exercise, text: str) -> Any:
    """What a source defines, as in a notebook's kernel; elsewhere the source."""
    return load_source(text, exercise.defines, "cell.py") if hasattr(os, "fork") else text


def told(verdict: Any) -> str:
    return json.dumps(verdict.to_dict(), indent=1, default=str)


@pytest.mark.parametrize(("exercise", "path"), files("right"))
async def test_right(exercise: Exercise, path: Path, record_property: Record) -> None:
    record_property("answer", "right")
    verdict = await grade(exercise, answer(exercise, path))
    assert verdict.passed, told(verdict)
    missing = set(exercise.backends) - set(verdict.backends) if exercise.users else set()
    need(not missing, "answers on PostgreSQL", "`course doctor` says what is missing.")


@pytest.mark.parametrize(("exercise", "path"), files("wrong"))
async def test_wrong(exercise: Exercise, path: Path, record_property: Record) -> None:
    record_property("answer", "wrong")
    key = broken_by(path)
    verdict = await grade(exercise, answer(exercise, path))
    assert not verdict.passed
    if key in OUTCOMES:
        assert verdict.outcome == key and not verdict.broken, told(verdict)
    else:
        assert {breach.requirement for breach in verdict.broken} == {key}, told(verdict)


@pytest.mark.parametrize(("lesson", "exercise"), EXERCISES, ids=lambda value: value.id)
def test_enough_of_both(lesson: Lesson, exercise: Exercise) -> None:
    where = folder(lesson, exercise)
    wrong = sorted(where.glob("wrong_*.py"))
    assert len(wrong) >= 5, f"{where.name}: {len(wrong)} wrong answers, at least five"
    assert len(list(where.glob("right_*.py"))) >= 3, f"{where.name}: at least three right answers"
    unshown = set(exercise.requirements) - {broken_by(path) for path in wrong}
    assert not unshown, f"{exercise.id}: no wrong answer breaks {sorted(unshown)} alone"


def test_no_answer_without_its_exercise() -> None:
    known = {folder(lesson, exercise) for lesson, exercise in EXERCISES}
    assert {path.parent for path in ANSWERS.rglob("*.py")} <= known


def sources(lesson: Lesson, *, stub: bool) -> dict[str, tuple[str, str]]:
    """By exercise, its solution or starter: what stands above it (imports, helpers), and the cell itself."""
    book = read(ROOT / "solutions" / f"{lesson.notebook}.ipynb")
    book = starter(book) if stub else book
    above, *cells = [cell.source for cell in book.cells if cell.cell_type == "code"]
    found, mine = {}, ""
    for cell in cells:
        if check := re.search(r"await ex\.(\w+)\.check\(", cell):
            found[check.group(1)] = above, mine
        elif not waits_at_top_level(cell) and "exercises(" not in cell:
            above = f"{above}\n\n\n{mine}" if mine else above
            mine = cell
    return found


def whole(lesson: Lesson, exercise: Exercise, *, stub: bool = False) -> str:
    """The source of a solution or a starter, with all that stands above it."""
    return "\n\n\n".join(sources(lesson, stub=stub)[exercise.name]) + "\n"


each = pytest.mark.parametrize(
    ("lesson", "exercise"),
    [pytest.param(lesson, exercise, id=f"{exercise.id}::own") for lesson, exercise in EXERCISES],
)


@each
async def test_the_starter_is_not_attempted(lesson: Lesson, exercise: Exercise) -> None:
    verdict = await grade(exercise, defined(exercise, whole(lesson, exercise, stub=True)))
    assert verdict.outcome == "not attempted", told(verdict)


@each
async def test_the_solution_passes(lesson: Lesson, exercise: Exercise) -> None:
    """As `course grade` does it, in a fresh process, which costs most; the others as a notebook does it."""
    verdict = await grade(exercise, whole(lesson, exercise))
    assert verdict.passed, told(verdict)


@each
async def test_the_other_solution_passes(lesson: Lesson, exercise: Exercise) -> None:
    above, _ = sources(lesson, stub=False)[exercise.name]
    verdict = await grade(exercise, defined(exercise, f"{above}\n{exercise.another}"))
    assert verdict.passed, told(verdict)
