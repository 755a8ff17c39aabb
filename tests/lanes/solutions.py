"""The solutions under their checks, for a lane on another version (pytest collects this file if it is named).

Each is judged on every backend of its exercise, in a copy of this process, so on this process's versions.
"""

from __future__ import annotations

import pytest

from course_lib.coach import grade
from course_lib.coach.exercise import Exercise, Lesson
from tests.harness import need
from tests.test_answers import EXERCISES, defined, told, whole


@pytest.mark.parametrize(("lesson", "exercise"), EXERCISES, ids=lambda value: value.id)
async def test_the_solution_passes(lesson: Lesson, exercise: Exercise) -> None:
    verdict = await grade(exercise, defined(exercise, whole(lesson, exercise)))
    assert verdict.passed, told(verdict)
    missing = set(exercise.backends) - set(verdict.backends) if exercise.users else set()
    need(not missing, "solutions on PostgreSQL", "`course doctor` says what is missing.")
