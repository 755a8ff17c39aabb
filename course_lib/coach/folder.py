"""Answers of many: filled-in exercise notebooks and files, found below a folder and judged side by side.

A notebook says with `exercises("lesson-id")` which lesson it is of. A file is an answer where it lies as
`<lesson-id>/<exercise>.py`, such as `lazy-loading/order_days.py`.
"""

from __future__ import annotations

import ast
import asyncio
import csv
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TextIO

from course_lib.coach.exercise import Exercise
from course_lib.coach.grade import CannotJudge, grade
from course_lib.coach.library import find_exercise, find_lesson
from course_lib.paths import CourseError


@dataclass(frozen=True)
class Answer:
    """An answer that was found: in which file, to which exercise, and the source of a module with it."""

    file: str
    student: str
    exercise: Exercise
    source: str


@dataclass(frozen=True)
class Graded:
    """One line of a report. `student` is the folder below the given one, `broken` the requirements' keys."""

    file: str
    student: str
    exercise: str
    core: bool
    outcome: str
    passed: bool
    broken: str
    message: str
    seconds: float


@dataclass(frozen=True)
class FolderReport:
    """What became of all answers, and the files that hold none, each with the reason."""

    graded: tuple[Graded, ...]
    skipped: tuple[tuple[str, str], ...]

    @property
    def passed(self) -> int:
        """How many answers passed."""
        return sum(each.passed for each in self.graded)

    @property
    def files(self) -> dict[str, tuple[int, int]]:
        """For each file how many of its answers passed, and how many there are."""
        names = dict.fromkeys(each.file for each in self.graded)
        results = {name: [each.passed for each in self.graded if each.file == name] for name in names}
        return {name: (sum(passed), len(passed)) for name, passed in results.items()}

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as `course grade --json` prints it."""
        return {
            "passed": self.passed,
            "total": len(self.graded),
            "graded": [asdict(each) for each in self.graded],
            "skipped": [{"file": file, "reason": reason} for file, reason in self.skipped],
        }

    def write_csv(self, file: TextIO) -> None:
        """Write one row for each answer, under a row with the names of the columns."""
        writer = csv.DictWriter(file, [each.name for each in fields(Graded)])
        writer.writeheader()
        writer.writerows(asdict(each) for each in self.graded)


def find_answers(places: Iterable[Path]) -> tuple[list[Answer], list[tuple[str, str]]]:
    """Look for answers in files and below folders; gives them, and the files without, each with the reason.

    Raises:
        CourseError: a place does not exist.
    """
    answers: list[Answer] = []
    skipped: list[tuple[str, str]] = []
    for place in places:
        if not place.exists():
            raise CourseError(f"There is no {place}. Nothing was judged. Give notebooks, files or folders.")
        for path in [place] if place.is_file() else _below(place):
            name = path.relative_to(place).as_posix() if place.is_dir() else path.name
            student = name.partition("/")[0] if "/" in name else ""
            try:
                found = _in_notebook(path) if path.suffix == ".ipynb" else _in_file(path)
            except (CourseError, OSError, ValueError) as error:
                skipped.append((name, str(error)))
            else:
                answers += [Answer(name, student, exercise, source) for exercise, source in found]
    return answers, skipped


async def grade_folder(
    places: Sequence[Path],
    backends: str | Iterable[str] | None = None,
    *,
    jobs: int | None = None,
    on_graded: Callable[[Graded], object] | None = None,
) -> FolderReport:
    """Judge all answers below some folders, several at a time, each in processes of its own.

    Args:
        places: notebooks, files, or folders of them.
        backends: as for `grade`.
        jobs: how many answers are judged at a time; None for one for each processor.
        on_graded: called with each result when it is there.

    Raises:
        CourseError: a place does not exist; or a check is at fault.
    """
    answers, skipped = find_answers(places)
    gate = asyncio.Semaphore(jobs or os.cpu_count() or 1)

    async def one(answer: Answer) -> Graded:
        async with gate:
            graded = await _graded(answer, backends)
        if on_graded:
            on_graded(graded)
        return graded

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(answer)) for answer in answers]
    return FolderReport(tuple(task.result() for task in tasks), tuple(skipped))


async def _graded(answer: Answer, backends: str | Iterable[str] | None) -> Graded:
    exercise = answer.exercise
    filename = Path(answer.file).name
    try:
        verdict = await grade(exercise, answer.source, backends, filename=filename)
    except CannotJudge as problem:
        outcome, passed, broken, message, seconds = "not judged", False, "", str(problem), 0.0
    else:
        keys = dict.fromkeys(each.requirement for each in verdict.broken)
        outcome, passed, broken = str(verdict.outcome), verdict.passed, " ".join(keys)
        first = verdict.broken[0].saw if verdict.broken else verdict.message
        message, seconds = " ".join(first.split()), round(verdict.seconds, 2)
    return Graded(
        answer.file, answer.student, exercise.id, exercise.core, outcome, passed, broken, message, seconds
    )


def _below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder).parts
        if path.suffix in (".ipynb", ".py") and not any(part[0] in "._" for part in inner):
            yield path


def _in_file(path: Path) -> list[tuple[Exercise, str]]:
    lesson, name = path.resolve().parent.name, path.stem
    try:
        exercise = find_exercise(f"{lesson}/{name}".replace("_", "-"))
    except CourseError:
        raise CourseError(
            "It is not clear which exercise it answers. Put it into a folder with the lesson's id, under the "
            "exercise's name, such as lazy-loading/order_days.py."
        ) from None
    return [(exercise, path.read_text(encoding="utf-8"))]


def _in_notebook(path: Path) -> list[tuple[Exercise, str]]:
    book = json.loads(path.read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in book.get("cells", ()) if cell["cell_type"] == "code"]
    lessons = [name for cell in cells if (name := _lesson_of(cell))]
    if not lessons:
        raise CourseError('No cell says which lesson it is of, as `ex = exercises("lazy-loading")` does.')
    lesson = find_lesson(lessons[0])
    if lesson is None:
        raise CourseError(f"There is no lesson {lessons[0]!r}. `course exercises` lists them.")
    return [(exercise, _module(cells, exercise.defines)) for exercise in lesson.exercises]


def _lesson_of(cell: str) -> str | None:
    for node in ast.walk(_parsed(cell) or ast.Module([], [])):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "exercises":
            for argument in node.args:
                if isinstance(argument, ast.Constant):
                    return str(argument.value)
    return None


def _module(cells: Iterable[str], defines: str) -> str:
    """What the cells define, as a module: without what awaits, and without what talks to the coach."""
    parts = []
    for cell in cells:
        tree = _parsed(cell)
        if tree is None:
            parts += [cell] if f"def {defines}(" in cell or f"class {defines}" in cell else []
            continue
        lines = cell.splitlines()
        for node in tree.body:
            if not _is_for_the_notebook(node):
                first = min(
                    (each.lineno for each in getattr(node, "decorator_list", ())), default=node.lineno
                )
                parts.append("\n".join(lines[first - 1 : node.end_lineno]))
    return "\n\n".join(parts) + "\n"


def _parsed(cell: str) -> ast.Module | None:
    try:
        return ast.parse(cell)
    except (SyntaxError, ValueError):
        return None


def _is_for_the_notebook(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        return True
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    if isinstance(node, ast.AsyncFor | ast.AsyncWith):
        return True
    return any(
        isinstance(each, ast.Await)
        or (isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == "exercises")
        for each in ast.walk(node)
    )


__all__ = ["Answer", "FolderReport", "Graded", "find_answers", "grade_folder"]
