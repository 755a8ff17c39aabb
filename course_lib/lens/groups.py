"""An ExceptionGroup in a few lines: which errors it holds, and where in the reader's code each came from."""

from __future__ import annotations

import linecache
import traceback

MOST_SHOWN = 12


def _where(error: BaseException) -> str:
    """The last place in a notebook cell, else the last place outside installed packages; empty without
    any."""
    frames = traceback.extract_tb(error.__traceback__)
    cells = [frame for frame in frames if "ipykernel_" in frame.filename or "ipython-input" in frame.filename]
    own = cells or [frame for frame in frames if "site-packages" not in frame.filename]
    if not own:
        return ""
    frame = own[-1]
    source = (frame.line or linecache.getline(frame.filename, frame.lineno or 0)).strip()
    place = "" if frame.name == "<module>" else f" of {frame.name}"
    return f"line {frame.lineno}{place}: {source}" if source else f"line {frame.lineno}{place}"


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _tree(group: BaseExceptionGroup[BaseException], indent: str) -> list[str]:
    lines: list[str] = []
    shown = group.exceptions[:MOST_SHOWN]
    left_out = len(group.exceptions) - len(shown)
    for number, error in enumerate(shown, 1):
        last = number == len(shown) and not left_out
        below = indent + ("   " if last else "|  ")
        lines.append(f"{indent}{'`- ' if last else '|- '}{_first_line(error)}")
        if isinstance(error, BaseExceptionGroup):
            lines += _tree(error, below)
        elif where := _where(error):
            lines.append(f"{below}   {where}")
    if left_out:
        lines.append(f"{indent}`- and {left_out} more")
    return lines


def describe_group(error: BaseExceptionGroup[BaseException]) -> list[str]:
    """Lines: the group's message, the tree of its errors with the line that raised each, and how to catch
    them.

    https://docs.python.org/3/library/exceptions.html#exception-groups
    """
    hint = (
        "Several errors at once. `except* SomeError as group:` catches those of one kind; "
        "`.exceptions` lists them."
    )
    return [_first_line(error), *_tree(error, ""), hint]
