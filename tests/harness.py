"""Shared by the notebook tests: small notebooks made on the spot, and nbval run over files from outside."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOLUTIONS = sorted((ROOT / "solutions").glob("*.ipynb"))
EXERCISES = sorted((ROOT / "exercises").glob("*.ipynb"))
NOT_RUN = "not run: "
QUIET = ("-p", "no:cacheprovider", "--color=no", "-q")


def alone(path: Path) -> str:
    """A test id that keeps `--dist loadscope` from putting all files into one worker.

    loadscope groups by the text before the last `::`, so the name of the file becomes part of the group.
    """
    return f"{path.stem}::run"


def read(path: Path) -> NotebookNode:
    """The notebook in `path`."""
    return nbformat.read(path, as_version=4)


def code(source: str, *tags: str, outputs: Iterable[Any] = (), count: int | None = 1) -> NotebookNode:
    """A code cell, by default one that was run and printed nothing."""
    cell = nbformat.v4.new_code_cell(source, outputs=list(outputs), execution_count=count)
    if tags:
        cell.metadata["tags"] = list(tags)
    return cell


def text(source: str) -> NotebookNode:
    """A markdown cell."""
    return nbformat.v4.new_markdown_cell(source)


def printed(words: str, name: str = "stdout") -> NotebookNode:
    """The output of a `print`."""
    return nbformat.v4.new_output("stream", name=name, text=words)


def error(name: str, value: str) -> NotebookNode:
    """The output of a cell that raised."""
    return nbformat.v4.new_output("error", ename=name, evalue=value, traceback=[f"{name}: {value}"])


def notebook(*cells: NotebookNode) -> NotebookNode:
    """A notebook of these cells."""
    return nbformat.v4.new_notebook(cells=list(cells))


def write(book: NotebookNode, path: Path) -> Path:
    """Save as is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(book, path)
    return path


def clean_environment(**more: str) -> dict[str, str]:
    """This process's environment without what pytest put there, so that an inner run starts fresh."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    return {**kept, **more}


def nbval(folder: Path, *options: str, guarded: bool = True) -> dict[str, dict[int, str]]:
    """Strict nbval over the notebooks in `folder`, in one other process.

    For each file name the cells that failed or were not run: number among the code cells -> what was
    reported. An empty dict is green.
    """
    report = folder / "report.xml"
    guard = ["-p", "course_lib.authoring.nbval_guard"] if guarded else ["--nbval-current-env"]
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--nbval", *guard, *QUIET),
            *(f"--rootdir={folder}", f"--junitxml={report}", *options, "."),
        ],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert run.returncode in (0, 1), run.stdout + run.stderr
    results: dict[str, dict[int, str]] = {path.name: {} for path in folder.glob("*.ipynb")}
    for case in ElementTree.parse(report).iter("testcase"):
        name = case.get("classname", "").rpartition("/")[2]
        name = name if name.endswith(".ipynb") else f"{name}.ipynb"
        # After a cell that ran out of time, nbval runs no other and says "skipped".
        for fault in [*case.findall("failure"), *case.findall("error"), *case.findall("skipped")]:
            number = int(case.get("name", "").removeprefix("Cell "))
            results[name][number] = f"{fault.get('message')}\n{fault.text}"
    return results


def need(ready: bool, what: str, remedy: str) -> None:
    """Skip with a line at the end of the run where a reader's machine lacks something; fail in CI."""
    if ready:
        return
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing, and in CI that is a failure. {remedy}")
    pytest.skip(f"{NOT_RUN}{what}. {remedy}")
