"""Finds lessons and exercises: the modules in `course_lib/coach/lessons`, one for each lesson."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Any

from course_lib.coach import lessons as _lessons
from course_lib.coach.exercise import Exercise, Lesson
from course_lib.paths import CourseError


@cache
def find_lesson(lesson_id: str) -> Lesson | None:
    """Give the lesson with this id, or None. Imports its module only."""
    name = f"{_lessons.__name__}.{lesson_id.replace('-', '_')}"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None
    lesson = module.LESSON
    return lesson if isinstance(lesson, Lesson) else None


@cache
def all_lessons() -> tuple[Lesson, ...]:
    """Give every lesson, in the order of their numbers."""
    names = [info.name for info in pkgutil.iter_modules(_lessons.__path__) if not info.name.startswith("_")]
    found = [lesson for name in names if (lesson := find_lesson(name.replace("_", "-")))]
    return tuple(sorted(found, key=lambda lesson: lesson.number))


def find_exercise(exercise_id: str, module: str = "") -> Exercise:
    """Give the exercise with this id.

    module: where to find its lesson when that is not one of the course's own (tests have theirs).

    Raises:
        CourseError: there is none.
    """
    if module:
        lesson: Lesson | None = importlib.import_module(module).LESSON
    else:
        lesson = find_lesson(exercise_id.partition("/")[0])
    for exercise in lesson.exercises if lesson else ():
        if exercise.id == exercise_id:
            return exercise
    raise CourseError(
        f"There is no exercise {exercise_id!r}. An id is the lesson's and the exercise's name, such as "
        "lazy-loading/users-with-orders. To see them all, run: course exercises"
    )


def catalogue() -> list[dict[str, Any]]:
    """Give every exercise as a dictionary for `course exercises --json`. `name` is what to define."""
    return [
        {
            "id": exercise.id,
            "lesson": lesson.id,
            "title": exercise.title,
            "name": exercise.defines,
            "core": exercise.core,
            "backends": list(exercise.backends),
            "minutes": exercise.minutes,
            "starter": f"exercises/{lesson.notebook}.ipynb",
        }
        for lesson in all_lessons()
        for exercise in lesson.exercises
    ]
