"""The exercises as assignments of nbgrader, for teachers who collect and grade with it."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_lib.paths import CourseError, course_root

from .building import find_notebooks, matches, read_notebook
from .starters import STUB

CONFIG = """\
# An nbgrader course with the exercises of "Async SQLAlchemy, by experiment".
# https://nbgrader.readthedocs.io/en/stable/configuration/nbgrader_config.html
c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "async-sqlalchemy"
c.CourseDirectory.root = {root}
c.ClearSolutions.code_stub = {{"python": {stub}}}
c.ClearSolutions.enforce_metadata = False
c.Execute.timeout = 300
"""


def export(folder: Path, names: Iterable[str] = ()) -> list[Path]:
    """Write a course for nbgrader: `source/<lesson>/<lesson>.ipynb` for each lesson, and a configuration.

    Each check is worth one point, its verdict decides. With nbgrader installed, `nbgrader
    generate_assignment 09_lazy_loading` and `nbgrader autograde 09_lazy_loading` go on from there.

    Args:
        folder: a new or empty folder, or one that an earlier export wrote.
        names: notebooks such as "09_lazy_loading", or their numbers; none for all.

    Raises:
        CourseError: a name is unknown, or the folder holds an assignment's notebook already.

    https://nbgrader.readthedocs.io/en/stable/user_guide/creating_and_grading_assignments.html
    """
    found, wanted = course_root() / "solutions", list(names)
    for name in wanted:
        if not any(matches(path, name) for path in found.glob("*.ipynb")):
            raise CourseError(f"No exercise notebook is called {name!r}. Give one such as 09_lazy_loading.")
    chosen = list(find_notebooks(found, wanted or None))
    targets = {path: folder / "source" / path.stem / path.name for path in chosen}
    for target in targets.values():
        if target.exists():
            raise CourseError(
                f"{target} exists and may hold your changes. Nothing was written. Give another folder."
            )
    for path, target in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(assignment(read_notebook(path)), target)  # type: ignore[no-untyped-call]
    config = folder / "nbgrader_config.py"
    if not config.exists():
        text = CONFIG.format(root=json.dumps(str(folder.resolve())), stub=json.dumps(STUB))
        config.write_text(text, encoding="utf-8")
    return list(targets.values())


def assignment(solution: NotebookNode) -> NotebookNode:
    """A copy of a solution notebook in which nbgrader knows the answers and what each check is worth."""
    result = copy.deepcopy(solution)
    for cell in result.cells:
        if cell.cell_type != "code":
            continue
        cell.outputs, cell.execution_count = [], None
        if "### BEGIN SOLUTION" in cell.source:
            cell.metadata["nbgrader"] = _metadata(f"answer-{cell.id}", solution=True)
        elif match := re.search(r"^await ex\.(\w+)\.check\(", cell.source, re.MULTILINE):
            cell.metadata["nbgrader"] = _metadata(match.group(1), points=1)
    return result


def _metadata(name: str, *, solution: bool = False, points: int | None = None) -> NotebookNode:
    graded = NotebookNode(  # type: ignore[no-untyped-call]
        grade=points is not None,
        grade_id=name,
        locked=points is not None,
        schema_version=3,
        solution=solution,
        task=False,
    )
    if points is not None:
        graded["points"] = points
    return graded


__all__ = ["assignment", "export"]
