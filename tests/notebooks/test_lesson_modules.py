"""What a notebook and its lesson module say about each other is the same."""

from __future__ import annotations

from collections import Counter

import pytest

from course_lib.coach import all_lessons
from course_lib.coach.exercise import Lesson, Question
from course_lib.sandbox.keeper import IDLE
from tests.harness import LESSONS, ROOT, read
from tests.notebooks.form import calls, headings, steps

MODULES: dict[str, Lesson] = {lesson.notebook: lesson for lesson in all_lessons()}
lesson_wise = pytest.mark.parametrize("lesson", MODULES.values(), ids=lambda lesson: lesson.id)


def questions(lesson: Lesson) -> list[Question]:
    return [*lesson.recall, *lesson.predictions, *lesson.quiz]


def test_every_notebook_has_its_module() -> None:
    assert sorted(MODULES) == [path.stem for path in LESSONS]
    assert len({lesson.id for lesson in MODULES.values()}) == len(MODULES)


@lesson_wise
def test_top_of_the_notebook(lesson: Lesson) -> None:
    top = read(ROOT / "notebooks" / f"{lesson.notebook}.ipynb").cells[0].source
    assert top.startswith(f"# {lesson.number} {lesson.title}\n")
    assert [line[2:].rstrip(",.;") for line in top.splitlines() if line.startswith("- ")] == [
        objective.rstrip(",.;") for objective in lesson.objectives
    ]
    assert f"{lesson.minutes} minutes" in top
    assert lesson.minutes <= 25


@lesson_wise
def test_questions(lesson: Lesson) -> None:
    cells = read(ROOT / "notebooks" / f"{lesson.notebook}.ipynb").cells
    ids = [question.id.partition("/")[2] or question.id for question in lesson.predictions]
    assert calls(cells, "predict") == ids
    assert len(lesson.quiz) == 3
    assert len(lesson.recall) == (0 if lesson.number == "00" else 2)
    for question in questions(lesson):
        assert sum(choice.right for choice in question.choices) == 1, question.id
        assert len(question.choices) >= 3 or question in lesson.recall, question.id
    for question in lesson.quiz:
        replies = [choice.reply for choice in question.choices]
        assert all(replies) and len(set(replies)) == len(replies), f"{question.id}: each its own reply"


def test_only_the_exam_has_no_exercises() -> None:
    assert [lesson.number for lesson in MODULES.values() if not lesson.exercises] == ["20"]


@pytest.mark.parametrize(
    "lesson", [lesson for lesson in MODULES.values() if lesson.exercises], ids=lambda lesson: lesson.id
)
def test_exercises(lesson: Lesson) -> None:
    cells = read(ROOT / "solutions" / f"{lesson.notebook}.ipynb").cells
    checks = [line for cell in cells for line in cell.source.splitlines() if line.startswith("await ex.")]
    assert checks == [f"await ex.{item.name}.check({item.defines})" for item in lesson.exercises]
    assert sum(item.core for item in lesson.exercises) == (1 if lesson.number == "00" else 3)
    titles = [title for _, title in headings(read(ROOT / "solutions" / f"{lesson.notebook}.ipynb"), 2)]
    for number, (title, item) in enumerate(zip(titles, lesson.exercises, strict=True), 1):
        assert title.removesuffix(" (stretch)") == f"{number}. {item.title}"
        assert title.endswith(" (stretch)") != item.core
        assert item.id.startswith(f"{lesson.id}/")
        assert len(item.hints) == 3 and item.afterword and item.another and item.achieved


@lesson_wise
def test_every_step_named_exists(lesson: Lesson) -> None:
    known = {
        f"{other.id}/{step}"
        for other in MODULES.values()
        for step in steps(read(ROOT / "notebooks" / f"{other.notebook}.ipynb"))
    }
    named = {question.step for question in questions(lesson)}
    named |= {rule.step for item in lesson.exercises for rule in item.requirements.values()}
    assert named <= known, f"no such step: {sorted(named - known)}"
    numbers = {other.id: other.number for other in MODULES.values()}
    later = [step for step in named if numbers[step.partition("/")[0]] > lesson.number]
    assert not later, f"steps of later lessons, which a reader has not seen: {sorted(later)}"


def test_a_full_shelf_holds_all_databases_of_one_check() -> None:
    """So that no check waits while a database is made."""
    wanted = [Counter(exercise.users) for lesson in MODULES.values() for exercise in lesson.exercises]
    assert max(count for each in wanted for count in each.values()) <= IDLE
