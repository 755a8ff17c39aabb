"""An error that escapes from a cell: your own lines and its words, without the frames of libraries."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import Any

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_FOREIGN = re.compile(
    r"\s*File\s+(?:\S*[/\\])?(?:(?:site|dist)-packages|lib[/\\]python3[.\d]*|\.\.\.[/\\]python3)[/\\]"
    r"|\s*File\s+<(?:frozen|string|sqlalchemy generated)"  # a library made the last two at run time
)


def without_libraries(blocks: Iterable[str]) -> list[str]:
    """Drop the frames of libraries from a traceback, and say how many there were.

    blocks: a traceback as IPython makes it, one string for each frame, with or without colors. Frames of
    this course stay: they are part of what is taught.
    """
    kept: list[str] = []
    left_out = 0
    for block in blocks:
        if _FOREIGN.match(_ANSI.sub("", block)):
            left_out += 1
            continue
        if left_out:
            kept.append(_note(left_out))
            left_out = 0
        kept.append(block)
    if left_out:
        kept.append(_note(left_out))
    return kept


def _note(frames: int) -> str:
    return f"... {frames} frame{'s' if frames > 1 else ''} inside libraries left out, %tb shows all ...\n"


def show_short(
    shell: Any, etype: type[BaseException], value: Any, trace: Any, tb_offset: Any = None
) -> list[str]:
    """Show an error in a cell as IPython would, less the frames of libraries. For `set_custom_exc`."""
    # %tb reads these; IPython leaves them alone when a handler of ours is at work.
    sys.last_type, sys.last_value, sys.last_traceback = etype, value, trace
    lines: list[str]
    try:
        lines = shell.InteractiveTB.structured_traceback(etype, value, trace, tb_offset=tb_offset)
        lines = without_libraries(lines)
    except Exception:
        lines = [f"{etype.__name__}: its message could not be read"]
        value = etype.__name__
    put_into_cell(shell, etype, value, lines)
    return lines


def put_into_cell(shell: Any, etype: type[BaseException], value: Any, lines: list[str]) -> None:
    """Make the lines a cell's error output. Never raises: a handler that raises is thrown out for good."""
    try:
        shell._showtraceback(etype, value, lines)
    except Exception:
        print("\n".join(lines), file=sys.stderr)
