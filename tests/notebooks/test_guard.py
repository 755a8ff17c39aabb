"""Each of nbval's blind spots: shown to be there without the guard, and to be red with it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.harness import code, error, nbval, notebook, printed, write

RAISE_GROUP = "raise ExceptionGroup('two', [ValueError('a'), KeyError('b')])"
IN_TASKS = """\
import asyncio
async def fail():
    raise ValueError("a")
async with asyncio.TaskGroup() as group:
    group.create_task(fail())"""
HANDLERS = {
    "group_without_handler": "x = 1",
    "group_with_our_handler": "import course_lib.lens",
    "group_with_returning_handler": """\
def handler(shell, etype, value, tb, tb_offset=None):
    return ["a list of lines"]
get_ipython().set_custom_exc((BaseExceptionGroup,), handler)""",
    "group_with_broken_handler": """\
def handler(shell, etype, value, tb, tb_offset=None):
    raise RuntimeError("the handler itself is broken")
get_ipython().set_custom_exc((BaseExceptionGroup,), handler)""",
    "group_with_replaced_handler": """\
import course_lib.lens
get_ipython().set_custom_exc((BaseExceptionGroup,), lambda *a, **k: None)""",
}
# What nbval alone would print is compared too, so the saved output has to be left out of the comparison to
# see the blind spot by itself; a group under `--nbval-lax`, or in a cell whose output is ignored, is the same
# case.
BLIND = {
    name: notebook(code(handler, "nbval-ignore-output"), code(group, "nbval-ignore-output"))
    for name, handler in HANDLERS.items()
    for group in [RAISE_GROUP if "broken" in name else IN_TASKS]
} | {
    "never_run": notebook(code("x = 1"), code("print('anything')", count=None)),
    "raises_nothing": notebook(
        code("x = 1"), code("y = 2", "raises-exception", "nbval-ignore-output", outputs=[error("E", "e")])
    ),
    "promises_unsaved_error": notebook(
        code("x = 1"), code("1 / 0", "raises-exception", "nbval-ignore-output")
    ),
    "first_cell_async": notebook(code("import asyncio\nawait asyncio.sleep(0)"), code("x = 1")),
}
SEEN_ANYWAY = {"group_with_our_handler"}  # there the handler alone is enough


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("blind")
    for name, book in BLIND.items():
        write(book, folder / f"{name}.ipynb")
    sound = notebook(
        code("import asyncio"),
        code("await asyncio.sleep(0)\nprint('seven')", outputs=[printed("seven\n")]),
        code("1 / 0", "raises-exception", outputs=[error("ZeroDivisionError", "division by zero")]),
        code("print(object())", outputs=[printed("<object object at 0x...>\n")]),
    )
    write(sound, folder / "sound.ipynb")
    return folder


@pytest.fixture(scope="module")
def guarded(folder: Path) -> dict[str, dict[int, str]]:
    return nbval(folder)


@pytest.fixture(scope="module")
def unguarded(folder: Path) -> dict[str, dict[int, str]]:
    return nbval(folder, guarded=False)


@pytest.mark.parametrize("name", BLIND)
def test_the_guard_fires(name: str, guarded: dict[str, dict[int, str]]) -> None:
    assert guarded[f"{name}.ipynb"]


@pytest.mark.parametrize("name", sorted(BLIND.keys() - SEEN_ANYWAY))
def test_nbval_alone_is_blind(name: str, unguarded: dict[str, dict[int, str]]) -> None:
    """When this fails, nbval has learned to see: the guard for it can go."""
    assert not unguarded[f"{name}.ipynb"]


def test_a_sound_notebook_is_green(guarded: dict[str, dict[int, str]]) -> None:
    assert guarded["sound.ipynb"] == {}


def test_a_wrong_saved_output_is_red(tmp_path: Path) -> None:
    write(notebook(code("x = 1"), code("print(x)", outputs=[printed("2\n")])), tmp_path / "wrong.ipynb")
    assert list(nbval(tmp_path)["wrong.ipynb"]) == [1]


def test_a_dead_kernel_is_noticed_long_before_the_cell_limit(tmp_path: Path) -> None:
    write(notebook(code("import os"), code("os._exit(1)"), code("x = 1")), tmp_path / "dead.ipynb")
    begin = time.monotonic()
    faults = nbval(tmp_path, "--nbval-cell-timeout=600")["dead.ipynb"]
    assert "died" in faults[1]
    assert set(faults) == {1, 2}
    assert time.monotonic() - begin < 300, "it waited for the cell limit"


def test_warnings_are_errors_in_the_kernel(tmp_path: Path) -> None:
    cells = {
        "runtime": "import warnings\nwarnings.warn('x', RuntimeWarning)",
        "sqlalchemy": "import warnings, sqlalchemy.exc\nwarnings.warn('x', sqlalchemy.exc.SAWarning)",
        "forgotten_await": "async def f(): pass\nf();",
        "leftover_names": "_strict",
    }
    for name, source in cells.items():
        write(notebook(code("x = 1"), code(source)), tmp_path / f"{name}.ipynb")
    debug = "await asyncio.sleep(0)\nprint(asyncio.get_running_loop().get_debug())"
    write(
        notebook(code("import asyncio"), code(debug, outputs=[printed("True\n")])),
        tmp_path / "debug.ipynb",
    )
    results = nbval(tmp_path)
    assert {name for name in cells if results[f"{name}.ipynb"]} == set(cells)
    assert results["debug.ipynb"] == {}
