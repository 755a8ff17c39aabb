"""`build`: starters from solutions, notebooks run and saved in one normal form."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from course_lib.authoring import NotebookRunError, build, normalize, run, starter, waits_at_top_level
from course_lib.paths import CourseError
from tests.harness import code, error, notebook, printed, read, text, write

SOLUTION = notebook(
    code("from course_lib.coach import not_attempted", count=None),
    text("## 1. Answers\nSee [the lesson](../notebooks/09_small.ipynb)."),
    code(
        "async def answer(session):\n"
        '    """Give 42."""\n'
        "    ### BEGIN SOLUTION\n"
        "    return 42\n"
        "    ### END SOLUTION\n",
        count=None,
    ),
    code("print(1)\n### BEGIN HIDDEN TESTS\nassert True\n### END HIDDEN TESTS", count=None),
    code("print('only here')", "solution-only", count=None),
)
LESSON = notebook(
    code("import asyncio", count=None),
    code("await asyncio.sleep(0)\nprint('a')\nprint('b')\nobject()", count=None),
    code("import json\njson.loads('{')", "raises-exception", count=None),
)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    solution = normalize(SOLUTION)
    solution.cells[0].source = "import asyncio"
    write(solution, tmp_path / "solutions" / "09_small.ipynb")
    write(normalize(LESSON), tmp_path / "notebooks" / "09_small.ipynb")
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.ipynb")}


def test_a_starter_keeps_the_contract_and_loses_the_answer() -> None:
    made = starter(SOLUTION)
    assert made.cells[2].source.splitlines() == [
        "async def answer(session):",
        '    """Give 42."""',
        "    return not_attempted",
    ]
    assert made.cells[3].source == "print(1)"
    assert len(made.cells) == 4
    assert all(not cell.outputs for cell in made.cells if cell.cell_type == "code")
    assert "BEGIN" in SOLUTION.cells[2].source, "the solution itself is left alone"


def test_build_is_repeatable_to_the_byte(clone: Path) -> None:
    assert not build(root=clone, check=True).clean
    assert not (clone / "exercises").exists(), "a check writes nothing"
    first = build(root=clone)
    assert sorted(first.changed) == [
        "exercises/09_small.ipynb",
        "notebooks/09_small.ipynb",
        "solutions/09_small.ipynb",
    ]
    assert not first.problems
    before = contents(clone)
    assert build(root=clone).clean
    assert build(["09"], root=clone, check=True).clean
    assert contents(clone) == before


def test_what_is_saved_holds_nothing_of_this_machine(clone: Path) -> None:
    build(root=clone)
    saved = read(clone / "notebooks" / "09_small.ipynb")
    nbformat.validate(saved)
    assert [cell.execution_count for cell in saved.cells] == [1, 2, 3]
    assert saved.cells[1].outputs[0].text == "a\nb\n"
    assert saved.cells[1].outputs[1].data["text/plain"] == "<object at 0x...>"
    assert "version" not in saved.metadata.language_info
    shown = "\n".join(saved.cells[2].outputs[0].traceback)
    assert "\x1b" not in shown and "left out" in shown and len(shown.splitlines()) < 15
    assert shown.splitlines()[-1].startswith("JSONDecodeError: ")
    assert str(clone) not in str(saved) and "site-packages" not in shown


def test_a_starter_without_its_solution_goes(clone: Path) -> None:
    write(normalize(LESSON), clone / "exercises" / "08_gone.ipynb")
    assert "exercises/08_gone.ipynb" in build(root=clone, run_notebooks=False).changed
    assert not (clone / "exercises" / "08_gone.ipynb").exists()


def test_an_unknown_name_is_said(clone: Path) -> None:
    with pytest.raises(CourseError, match="No notebook is called '77'"):
        build(["77"], root=clone)


def test_a_failing_notebook_is_reported_and_left_alone(clone: Path) -> None:
    path = write(normalize(notebook(code("x = 1"), code("1 / 0"))), clone / "notebooks" / "01_bad.ipynb")
    before = path.read_bytes()
    report = build(["01_bad"], root=clone)
    assert "notebooks/01_bad.ipynb: Cell 1 raised ZeroDivisionError" in report.problems[0]
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([code("x = 1"), code("import os"), code("os._exit(1)")], "kernel died in the cell after 2 others"),
        ([code("x = 1"), code("y = 2", "raises-exception")], "raised nothing"),
        ([code("import asyncio\nawait asyncio.sleep(0)")], "first code cell"),
        ([code("x = 1"), code("raise ExceptionGroup('g', [ValueError('a')])")], "ExceptionGroup"),
        ([code("import time"), code("time.sleep(60)")], "no reply within 3 seconds"),
    ],
)
def test_run_believes_only_replies(cells: list[nbformat.NotebookNode], message: str, tmp_path: Path) -> None:
    with pytest.raises(NotebookRunError, match=message):
        run(notebook(*cells), tmp_path, cell_seconds=3 if "3 seconds" in message else 60)


def test_run_sets_the_backend(tmp_path: Path) -> None:
    book = notebook(code("import os\nprint(os.environ['COURSE_BACKEND'], os.environ['COURSE_PROGRESS'])"))
    assert run(book, tmp_path, backend="postgresql").cells[0].outputs[0].text == "postgresql off\n"


def test_normalize_twice_changes_nothing_more() -> None:
    outputs = [printed("at 0x7f00deadbeef\n"), error("E", "in /some/where/site-packages/sqlalchemy/x.py")]
    book = notebook(code("x", outputs=outputs, count=17))
    once = normalize(book)
    assert normalize(once) == once
    assert once.cells[0].outputs[1].evalue == "in .../site-packages/sqlalchemy/x.py"
    assert once.cells[0].execution_count == 1


@pytest.mark.parametrize(
    ("source", "waits"),
    [
        ("import asyncio", False),
        ("async def f():\n    await g()", False),
        ("await g()", True),
        ("async with a as b:\n    pass", True),
        ("[x async for x in y]", True),
        ("%time x = 1\n!ls", False),
        ("not python", False),
    ],
)
def test_waits_at_top_level(source: str, waits: bool) -> None:
    assert waits_at_top_level(source) is waits
