"""The one form in which notebooks are saved: the same on every machine and after every run."""

from __future__ import annotations

import copy
import re
from typing import Any

from nbformat import NotebookNode, from_dict

from course_lib.lens.tracebacks import without_libraries

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "pygments_lexer": "ipython3",
    },
}
CELL_METADATA = ("jupyter", "nbgrader", "tags")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

# What differs between two machines or two runs, and what stands for it. nbval gets the same table, so a saved
# output and a fresh one meet in the middle. Every replacement must be a fixed point of its own pattern.
UNSTABLE: tuple[tuple[str, str], ...] = (
    (r"\b0x[0-9a-fA-F]{6,}\b", "0x..."),
    (r"%\(\d{6,} (\w+)\)s", r"%(... \1)s"),  # an unnamed parameter in SQLAlchemy's message, by its id()
    (r"[^\s\"'<>()]*[/\\]ipykernel_\d+[/\\]\d+\.py", "<cell>"),
    (r"[^\s\"'<>()]*[/\\](?:site|dist)-packages(?=[/\\])", ".../site-packages"),
    (r"[^\s\"'<>()]*[/\\]lib[/\\]python3\.\d+(?=[/\\])", ".../python3"),
    (r"[^\s\"'<>()]*[/\\](?=course_lib[/\\])", ""),
)
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_FRAME = re.compile(r"^(?=File \S+:\d+|Cell In\[\d+\])", re.MULTILINE)


def stable(text: str) -> str:
    """`text` without hex addresses, process numbers and the places of packages on this machine."""
    for pattern, replacement in UNSTABLE:
        text = re.sub(pattern, replacement, text)
    return text


def short_traceback(lines: list[str]) -> list[str]:
    """A traceback for readers: the cell, the course's own frames, the last lines; no colors.

    nbval never compares tracebacks, so this is free to help. GitHub and diffs want plain text.
    """
    text = _ANSI.sub("", "\n".join(lines))
    # The error's own words stand after the last frame, separated from it by an empty line.
    parts = [part for frame in _FRAME.split(text) for part in re.split(r"(?<=\n)(?=\n)", frame, maxsplit=1)]
    return stable("".join(without_libraries(parts))).rstrip("\n").split("\n")


def _normal_output(output: NotebookNode, count: int | None) -> NotebookNode:
    kind = output.output_type
    if kind == "stream":
        output.text = stable(output.text)
    elif kind == "error":
        output.evalue = stable(output.evalue)
        output.traceback = short_traceback(output.traceback)
    else:
        output.metadata = from_dict({})  # type: ignore[no-untyped-call]
        output.data.pop(WIDGET_VIEW, None)  # its model id is random
        for mime, value in output.data.items():
            if mime.startswith("text/"):
                output.data[mime] = stable(value)
    if kind == "execute_result":
        output.execution_count = count
    return output


def normalize(notebook: NotebookNode, *, outputs: bool = True) -> NotebookNode:
    """A copy of `notebook` in the form in which it is saved.

    Code cells that were run are numbered from 1, cells without an id get one from their place, metadata
    shrinks to what the course uses, outputs lose whatever differs between machines. With `outputs=False` they
    are dropped, as in a starter. Applying it twice changes nothing more.
    """
    result = copy.deepcopy(notebook)
    result.metadata = from_dict(METADATA)  # type: ignore[no-untyped-call]
    result.nbformat, result.nbformat_minor = 4, 5
    count = 0
    for place, cell in enumerate(result.cells):
        kept: dict[str, Any] = {key: cell.metadata[key] for key in CELL_METADATA if key in cell.metadata}
        cell.metadata = from_dict(kept)  # type: ignore[no-untyped-call]
        cell.setdefault("id", f"cell-{place}")
        if cell.cell_type != "code":
            continue
        if not outputs:
            cell.outputs, cell.execution_count = [], None
            continue
        if cell.execution_count is not None:
            count += 1
            cell.execution_count = count
        cell.outputs = [_normal_output(output, cell.execution_count) for output in cell.outputs]
    return result
