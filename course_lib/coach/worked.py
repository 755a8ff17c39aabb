"""The worked solution of an exercise, read from the clone's `solutions/`."""

from __future__ import annotations

import ast
import json
import re

from course_lib.coach.exercise import Exercise, Lesson
from course_lib.paths import CourseError, course_root

_MARKERS = re.compile(r"^[ \t]*### (?:BEGIN|END) (?:SOLUTION|HIDDEN TESTS)[^\n]*\n?", re.MULTILINE)


def worked_solution(lesson: Lesson, exercise: Exercise) -> str:
    """Give the code of the worked solution from the clone's `solutions/`, without its markers and without the
    contract, which the reader has in the starter. Cells above it that the starter lacks come first.

    Raises:
        CourseError: the notebook is not there or does not hold it.
    """
    path = course_root() / "solutions" / f"{lesson.notebook}.ipynb"
    starts = re.compile(
        rf"^(?:async def|def|class) {re.escape(exercise.defines)}\b|^{re.escape(exercise.defines)}\s*=", re.M
    )
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError) as error:
        raise CourseError(
            f"The solutions of this lesson cannot be read: solutions/{path.name} is missing or damaged. "
            "Your answers are safe. To get the file back, run in the clone: git checkout -- solutions"
        ) from error
    helpers: list[str] = []
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] != "code":
            continue
        if "solution-only" in cell["metadata"].get("tags", []):
            helpers.append(source)
        elif starts.search(source) and "BEGIN SOLUTION" in source:
            own = _MARKERS.sub("", _without_contract(source, exercise.defines)).strip()
            return "\n\n\n".join([*helpers, own])
        elif "BEGIN SOLUTION" in source:
            helpers.clear()  # they were another exercise's
    raise CourseError(f"solutions/{path.name} holds no solution of {exercise.defines}. Please report it.")


def _without_contract(source: str, name: str) -> str:
    """Leave out the docstring of what the exercise asks for, unless it is a part of the solution."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name:
            first = node.body[0]
            lines = source.splitlines(keepends=True)
            before = "".join(lines[: first.lineno - 1])
            inside = before.count("### BEGIN SOLUTION") > before.count("### END SOLUTION")
            if ast.get_docstring(node) is not None and len(node.body) > 1 and not inside:
                return before + "".join(lines[first.end_lineno :])
    return source
