"""One command for an author: starters cut, notebooks run, everything saved in its normal form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_lib.paths import CourseError, course_root

from .normal import normalize
from .overview import overview
from .running import NotebookRunError, run
from .sheets import sheets
from .starters import starter


@dataclass
class Report:
    """What `build` did, or with `check=True` would do: paths relative to the clone, and what went wrong."""

    changed: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Nothing to change and nothing wrong."""
        return not self.changed and not self.problems

    def __str__(self) -> str:
        lines = [f"changed: {path}" for path in self.changed] + self.problems
        return "\n".join(lines) if lines else "Everything is up to date."


def build(
    paths: Iterable[str | Path] | None = None,
    *,
    check: bool = False,
    run_notebooks: bool = True,
    root: Path | None = None,
) -> Report:
    """Cut `exercises/` from `solutions/`, run the notebooks and solutions, renew what lessons declare.

    `paths` picks notebooks by path, by name (`09_lazy_loading`) or by number (`09`); None takes all. With
    `check` nothing is written and the report says what differs. `run_notebooks=False` leaves out the runs:
    starters only. `root` is the clone. Notebooks run on SQLite, each in a fresh kernel, in their own folder.
    One that fails is reported and left as it was.

    Raises CourseError where a name matches no notebook.
    """
    root = root or course_root()
    report = Report()
    wanted = None if paths is None else [Path(path).stem for path in paths]
    notebooks, solutions = (
        list(find_notebooks(root / "notebooks", wanted)),
        list(find_notebooks(root / "solutions", wanted)),
    )
    for name in wanted or ():
        if not any(matches(path, name) for path in notebooks + solutions):
            raise CourseError(
                f"No notebook is called {name!r}. Give a name such as 09_lazy_loading, or its number."
            )
    for path in solutions:
        try:
            exercise = starter(read_notebook(path))
        except RuntimeError as error:
            report.problems.append(f"{path.relative_to(root)}: {error}")
            continue
        _save(exercise, root / "exercises" / path.name, report, root=root, check=check)
    if wanted is None:
        _remove_orphans(root, solutions, report, check=check)
        _renew_readme(root / "README.md", report, check=check)
        _renew_sheets(root, report, check=check)
    for path in [*notebooks, *solutions] if run_notebooks else ():
        _run_and_save(path, report, root=root, check=check)
    return report


def _renew_readme(path: Path, report: Report, *, check: bool) -> None:
    """The README names the lessons that stand, in a clone; a folder of notebooks needs none."""
    if not path.exists():
        return
    text = path.read_text(encoding="utf-8")
    renewed = overview(text)
    if renewed != text:
        report.changed.append(path.name)
        if not check:
            path.write_text(renewed, encoding="utf-8", newline="\n")


def _renew_sheets(root: Path, report: Report, *, check: bool) -> None:
    """The cheat sheet and the glossary lie beside the lessons; like the README's table, in a clone only."""
    if not (root / "README.md").exists():
        return
    for name, text in sheets().items():
        path = root / "notebooks" / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            report.changed.append(f"notebooks/{name}")
            if not check:
                path.write_text(text, encoding="utf-8", newline="\n")


def _run_and_save(path: Path, report: Report, *, root: Path, check: bool) -> None:
    try:
        fresh = normalize(run(read_notebook(path), path.parent))
    except NotebookRunError as error:
        report.problems.append(f"{path.relative_to(root)}: {error}")
        return
    _save(fresh, path, report, root=root, check=check)


def find_notebooks(folder: Path, wanted: list[str] | None) -> Iterator[Path]:
    for path in sorted(folder.glob("*.ipynb")):
        if wanted is None or any(matches(path, name) for name in wanted):
            yield path


def matches(path: Path, name: str) -> bool:
    return path.stem == name or path.stem.split("_")[0] == name


def read_notebook(path: Path) -> NotebookNode:
    notebook: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


def _save(notebook: NotebookNode, path: Path, report: Report, *, root: Path, check: bool) -> None:
    text = nbformat.writes(notebook, version=4) + "\n"  # type: ignore[no-untyped-call]
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    report.changed.append(str(path.relative_to(root)))
    if not check:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def _remove_orphans(root: Path, solutions: list[Path], report: Report, *, check: bool) -> None:
    """A starter without its solution belongs to a lesson that was renamed."""
    names = {path.name for path in solutions}
    for path in sorted((root / "exercises").glob("*.ipynb")):
        if path.name not in names:
            report.changed.append(str(path.relative_to(root)))
            if not check:
                path.unlink()
