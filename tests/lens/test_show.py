"""The visual language, and what a notebook makes of it."""

from __future__ import annotations

import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from course_lib.lens import groups, show

GROUP = """async def boom(number):
    raise ValueError(f"no {number}\\n[SQL: long]")
async with asyncio.TaskGroup() as tasks:
    tasks.create_task(boom(1))
    tasks.create_task(boom(2))"""
HOSTILE = """class Mute(Exception):
    def __str__(self): raise RuntimeError("mute")
raise ExceptionGroup("two", [Mute(), ValueError("x")])"""


def run(*cells: str, go_on: bool = True) -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=60, allow_errors=go_on).execute()
    return notebook


def test_an_escaped_group_is_a_real_error() -> None:
    book = run("import asyncio\nimport course_lib.lens", GROUP, HOSTILE, GROUP, "1 + 1")
    (first,), (hostile,), (again,) = (book.cells[index].outputs for index in (1, 2, 3))
    assert first.output_type == hostile.output_type == again.output_type == "error"
    assert first.ename == "ExceptionGroup" and "(2 sub-exceptions)" in first.evalue
    text = "\n".join(first.traceback)
    assert text.splitlines()[1] == "|- ValueError: no 1"
    assert "line 2 of boom: raise ValueError" in text and "except*" in text
    assert not any(line.strip(" |`-").startswith("[SQL") for line in text.splitlines())
    assert book.cells[4].outputs[0].data["text/plain"] == "2"


def test_the_run_of_such_a_notebook_fails() -> None:
    with pytest.raises(CellExecutionError):
        run("import asyncio\nimport course_lib.lens", GROUP, go_on=False)


def test_a_nested_group_as_a_tree() -> None:
    inner = ExceptionGroup("inner", [KeyError("k")])
    lines = groups.describe_group(ExceptionGroup("outer", [inner, *(OSError(n) for n in range(20))]))
    assert lines[0] == "ExceptionGroup: outer (21 sub-exceptions)"
    assert lines[1:4] == [
        "|- ExceptionGroup: inner (1 sub-exception)",
        "|  `- KeyError: 'k'",
        "|- OSError: 0",
    ]
    assert lines[-2] == "`- and 9 more"


def test_everything_is_escaped() -> None:
    page = show.panel("<t>", show.table(["<h>"], [["<c>", show.Html("<b>kept</b>")]], caption="<k>"), "bad")
    page += show.banner("<n>") + show.code_html("SELECT '<x>' FROM t -- <y>")
    for raw in ("<t>", "<h>", "<c>", "<k>", "<n>", "<x>", "<y>"):
        assert raw not in page
    assert "<b>kept</b>" in page and 'aria-label="&lt;t&gt;"' in page
    assert "://" not in show.CSS and " id=" not in page


def test_sql_that_cannot_be_laid_out_is_shown_as_it_is() -> None:
    deep = "SELECT " + "(" * 3000 + "1" + ")" * 3000
    assert "SELECT" in show.code_html(deep)


def test_side_by_side_takes_anything() -> None:
    both = show.side_by_side(a_list=[1, "<2>"], text="x")
    assert repr(both) == "== a list ==\n[1, '<2>']\n\n== text ==\n'x'"
    assert "&lt;2&gt;" in both._repr_html_()


def test_display_without_ipython_prints(capsys: pytest.CaptureFixture[str]) -> None:
    show.display(7)
    assert capsys.readouterr().out == "7\n"
    assert show.install_error_display() is False


def test_importing_the_lens_brings_no_notebook_and_no_parser() -> None:
    names = "('IPython', 'sqlparse', 'ipykernel')"
    code = f"import sys, course_lib.lens; print([n for n in {names} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
