"""A pytest plugin that closes nbval's blind spots.

nbval judges a cell by what it prints. It therefore passes a cell out of which an ExceptionGroup escapes
without a display, a cell that was never run, and a cell that promises an error and raises none; it waits for
a dead kernel until the cell limit. This plugin reads the kernel's reply to every cell and looks at every
cell's saved state, in any run with `--nbval` or `--nbval-lax`. The root `conftest.py` registers it, so plain
`pytest --nbval notebooks solutions` is guarded too.

https://docs.pytest.org/en/stable/how-to/writing_hook_functions.html and
https://jupyter-client.readthedocs.io/en/stable/messaging.html#execution-results
"""

from __future__ import annotations

import logging
import os
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from nbval.plugin import IPyNbCell  # type: ignore[import-untyped]

from course_lib.lens.markup import VARYING

from .normal import UNSTABLE
from .running import CELL_SECONDS, RAISES, waits_at_top_level
from .strict import strict_environment

NBVAL_DEFAULT_SECONDS = 2000
POSTGRESQL = "postgresql"  # the tag of a cell whose output needs a PostgreSQL
PGBOUNCER = "pgbouncer"  # and a PgBouncer before it
_FOLDER = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Defaults a maintainer should not have to type, and the strict surroundings of every kernel."""
    option = config.option
    if not (getattr(option, "nbval", False) or getattr(option, "nbval_lax", False)):
        return
    if option.nbval_kernel_name is None:
        option.nbval_current_env = True
    if option.nbval_cell_timeout == NBVAL_DEFAULT_SECONDS:
        option.nbval_cell_timeout = CELL_SECONDS
    folder = tempfile.TemporaryDirectory(prefix="course-nbval-", ignore_cleanup_errors=True)
    config.stash[_FOLDER] = folder
    os.environ.update(strict_environment(Path(folder.name)))
    # nbval's own loop is in debug mode too and would report each wait for a kernel.
    logging.getLogger("asyncio").addFilter(lambda record: not record.getMessage().startswith("Executing "))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what `pytest_configure` made."""
    folder = config.stash.get(_FOLDER, None)
    if folder is not None:
        folder.cleanup()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Look at the saved cell, let nbval run it with a listener on the kernel's replies, judge the reply."""
    if not isinstance(item, IPyNbCell) or item.options["skip"]:
        return (yield)
    _judge_saved(item)
    item.parent.sanitize_patterns.update(UNSTABLE)
    item.parent.sanitize_patterns[VARYING.pattern] = ""
    tags = item.cell.metadata.get("tags", [])
    if (POSTGRESQL in tags and not _postgresql_ready()) or (PGBOUNCER in tags and not _pgbouncer_ready()):
        item.options["check"] = False
    replies: list[dict[str, Any]] = []
    _listen(item, replies)
    result = yield
    _judge_reply(item, replies)
    return result


def _judge_saved(item: Any) -> None:
    """What the file alone tells: a cell that nbval would pass without looking."""
    cell, tagged = item.cell, item.options["check_exception"]
    if item.cell_num == 0 and waits_at_top_level(cell.source):
        item.raise_cell_error(
            "The first code cell awaits. If a group escaped it, the kernel would never reply:"
            " imports only here."
        )
    if cell.execution_count is None:
        item.raise_cell_error(
            "The saved cell was never run, so nothing would be compared. Run: course author build"
        )
    if tagged and not any(output.output_type == "error" for output in cell.outputs):
        item.raise_cell_error(f"The cell is tagged {RAISES}, but no error is saved with it")


def _listen(item: Any, replies: list[dict[str, Any]]) -> None:
    """Replace nbval's wait for a reply: keep the reply, and notice within a second that the kernel died."""
    kernel = item.parent.kernel

    def await_reply(msg_id: str, timeout: float | None = None) -> None:
        end = time.monotonic() + (CELL_SECONDS if timeout is None else timeout)
        while True:
            try:
                message = kernel.get_message("shell", timeout=min(1.0, max(0.0, end - time.monotonic())))
            except Empty:
                if not kernel.is_alive():
                    item.raise_cell_error("The kernel died in this cell")
                if time.monotonic() >= end:
                    raise
                continue
            if message["parent_header"].get("msg_id") == msg_id:
                replies.append(message["content"])
                return

    kernel.await_reply = await_reply


def _judge_reply(item: Any, replies: list[dict[str, Any]]) -> None:
    """What nbval does not ask: did the kernel itself say that the cell failed?"""
    status = replies[-1]["status"] if replies else "missing"
    tagged = item.options["check_exception"]
    if status != "ok" and not tagged:
        reply = replies[-1] if replies else {}
        item.raise_cell_error(
            f"The kernel's reply is {status!r} although no error was shown:"
            f" {reply.get('ename', '')}: {reply.get('evalue', '')}"
        )
    if status == "ok" and tagged:
        item.raise_cell_error(f"The cell is tagged {RAISES} but raised nothing")


def _postgresql_ready() -> bool:
    """Whether a PostgreSQL can be had. In CI the answer is always yes: there its absence is a failure."""
    if os.environ.get("CI"):
        return True
    from course_lib.sandbox import readiness

    return readiness()["postgresql"].ready


def _pgbouncer_ready() -> bool:
    """The same for PgBouncer."""
    if os.environ.get("CI"):
        return True
    from course_lib.sandbox import BackendUnavailable, pgbouncer_version

    try:
        return bool(pgbouncer_version())
    except BackendUnavailable:
        return False
