"""`exercises/` is exactly what `solutions/` generate."""

from __future__ import annotations

from course_lib.authoring import build
from tests.harness import EXERCISES, LESSONS, ROOT, SOLUTIONS, read


def test_exercises_are_what_the_solutions_generate() -> None:
    report = build(check=True, run_notebooks=False, root=ROOT)
    assert report.clean, f"Run: course author build\n{report}"


def test_every_lesson_has_its_three_files() -> None:
    lessons, exercises, solutions = ([path.name for path in room] for room in (LESSONS, EXERCISES, SOLUTIONS))
    assert [name for name in lessons if name != "20_claims_on_trial.ipynb"] == exercises == solutions


def test_a_starter_holds_no_answer() -> None:
    for path in EXERCISES:
        sources = "\n".join(cell.source for cell in read(path).cells)
        assert "SOLUTION" not in sources and "return not_attempted" in sources, path.name
