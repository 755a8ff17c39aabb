"""Run one notebook in a fresh kernel and believe only the kernel's replies."""

from __future__ import annotations

import ast
import copy
import inspect
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Literal

from IPython.core.inputtransformer2 import TransformerManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager  # type: ignore[import-untyped]

from course_lib.paths import CourseError

from .normal import short_traceback
from .strict import strict_environment

CELL_SECONDS = 120
RAISES = "raises-exception"


class NotebookRunError(CourseError):
    """A cell did not do what its notebook promises; the message names the cell, the reason and the remedy."""


def waits_at_top_level(source: str) -> bool:
    """Whether a cell awaits outside any function, so that IPython runs it as a coroutine.

    Magics are understood; a cell that does not compile answers False. Any cell but the first
    may wait: a first cell that waits and lets an ExceptionGroup escape never replies.
    """
    transform = TransformerManager().transform_cell  # type: ignore[no-untyped-call]
    try:
        code = compile(transform(source), "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError):
        return False
    return bool(code.co_flags & inspect.CO_COROUTINE)


def run(
    notebook: NotebookNode,
    folder: Path,
    *,
    backend: Literal["sqlite", "postgresql"] = "sqlite",
    cell_seconds: int = CELL_SECONDS,
) -> NotebookNode:
    """A copy of `notebook` with the outputs of a run in a fresh kernel of this Python, working in `folder`.

    The reply to every cell is read, not only its outputs: an exception that shows no `error` output, such as
    a group whose display failed, counts. Cells tagged `raises-exception` must raise and no other cell may.
    Warnings are errors there (see `strict_environment`). `cell_seconds` is the limit of one cell.

    Raises NotebookRunError. https://nbclient.readthedocs.io/en/latest/client.html
    """
    result = copy.deepcopy(notebook)
    code = [(place, cell) for place, cell in enumerate(result.cells) if cell.cell_type == "code"]
    if code and waits_at_top_level(code[0][1].source):
        raise NotebookRunError(
            f"Cell {code[0][0]} is the first code cell and awaits. If a group escaped it, the kernel would"
            " never reply. Let the first code cell hold imports only."
        )
    replies: dict[int, dict[str, Any]] = {}

    def on_reply(cell: NotebookNode, cell_index: int, execute_reply: dict[str, Any]) -> None:
        replies[cell_index] = execute_reply["content"]
        cell.execution_count = execute_reply["content"].get("execution_count")
        _judge(cell, cell_index, execute_reply["content"])

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as ipython_folder:
        environment = {**os.environ, **strict_environment(Path(ipython_folder), backend)}
        client = NotebookClient(
            result,
            km=AsyncKernelManager(
                kernel_name=CURRENT_ENV_KERNEL_NAME, kernel_spec_manager=NbvalKernelspecManager()
            ),
            timeout=cell_seconds,
            allow_errors=True,  # `_judge` decides, after each reply
            coalesce_streams=True,
            record_timing=False,
            store_widget_state=False,
            on_cell_executed=on_reply,
            resources={"metadata": {"path": str(folder)}},
        )
        try:
            # The kernel's own log goes nowhere: what a cell prints comes as messages.
            client.execute(env=environment, stderr=subprocess.DEVNULL)
        except DeadKernelError as error:
            raise NotebookRunError(
                f"The kernel died in the cell after {len(replies)} others had answered."
                " Something in that cell ended the process."
            ) from error
        except (TimeoutError, CellTimeoutError, CellControlSignal) as error:
            raise NotebookRunError(
                f"A cell gave no reply within {cell_seconds} seconds,"
                f" after {len(replies)} others had answered:\n{error}"
            ) from error
    return result


def _judge(cell: NotebookNode, place: int, reply: dict[str, Any]) -> None:
    """Compare a reply with the cell's promise."""
    tagged = RAISES in cell.metadata.get("tags", [])
    if reply["status"] == "ok" and tagged:
        raise NotebookRunError(
            f"Cell {place} is tagged {RAISES} but raised nothing."
            f" Remove the tag or mend the cell:\n{cell.source}"
        )
    if reply["status"] != "ok" and not tagged:
        raise NotebookRunError(
            f"Cell {place} raised {reply.get('ename')}: {reply.get('evalue')}\n{cell.source}\n"
            + "\n".join(short_traceback(reply.get("traceback") or []))
        )
