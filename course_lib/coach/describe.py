"""Values and errors as a reader can take them in: short, stable, and safe with objects that misbehave."""

from __future__ import annotations

import linecache
import re
import reprlib
import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.exc import NoInspectionAvailable, StatementError

LONGEST = 300

_ADDRESS = re.compile(r" (?:object )?at 0x[0-9a-fA-F]+")
_OTHER_LOOP = re.compile(r"Task <.*> got Future <.*> attached to")
_BACKGROUND = re.compile(r"\(Background on this error at: \S+\)")

_HERE = str(Path(__file__).resolve().parents[1])
_MADE = ("<frozen", "<string>", "<sqlalchemy generated")  # the last two by libraries, at run time
_INSTALLED = tuple({sysconfig.get_paths()[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")})


class _Short(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxlist = self.maxtuple = self.maxset = self.maxdict = 8
        self.maxstring = self.maxother = self.maxlong = 80
        self.maxlevel = 4

    def repr_instance(self, x: Any, level: int) -> str:
        if "object.__repr__" in type(x).__repr__.__qualname__:
            return _plain_object(x)
        text = _ADDRESS.sub("", repr(x))
        half = self.maxother // 2 - 2
        return text if len(text) <= self.maxother else f"{text[:half]} ... {text[-half:]}"


_short = _Short()


def describe(value: object) -> str:
    """Give a short repr without addresses. A model without a `__repr__` of its own becomes `User 3`."""
    try:
        text = _ADDRESS.sub("", _short.repr(value))
    except BaseException as error:
        return f"a {type(value).__name__} whose repr raises {type(error).__name__}"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ..."


def _plain_object(value: object) -> str:
    try:
        state = inspect(value)
    except NoInspectionAvailable:
        name = type(value).__name__
        return f"an {name}" if name[0] in "AEIO" else f"a {name}"
    identity = getattr(state, "identity", None)
    key = ", ".join(str(part) for part in identity) if identity else "without an id"
    return f"{type(value).__name__} {key}"


def causes(error: BaseException) -> Iterator[BaseException]:
    """Give the error, and the one that SQLAlchemy wrapped in it; for a group, those of its members."""
    yield error
    if isinstance(error, StatementError) and error.orig is not None:
        yield error.orig
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from causes(member)


def own_line(error: BaseException) -> str:
    """Give the last line of the reader's own code on the way to the error: "line 4 of orders: ..."; or ""."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if is_own(frame.filename)]
    if not frames and isinstance(error, BaseExceptionGroup):
        return next((line for line in map(own_line, error.exceptions) if line), "")
    if not frames:
        return ""
    frame = frames[-1]
    # A comprehension has a frame of its own in some versions of Python.
    name = next((each.name for each in reversed(frames) if not each.name.startswith("<")), "the cell")
    source = (linecache.getline(frame.filename, frame.lineno or 0) or frame.line or "").strip()
    return f"line {frame.lineno} of {name}" + (f": {source}" if source else "")


def is_own(filename: str) -> bool:
    """Tell the reader's code from this package, the standard library and installed packages."""
    if "ipykernel_" in filename or filename.startswith("<ipython-input"):
        return True
    compiled = "/" in filename and not Path(filename).is_absolute()  # "lib/sqlalchemy/..." of an extension
    return not compiled and not filename.startswith((_HERE, *_INSTALLED, *_MADE))


def error_text(error: BaseException) -> str:
    """Give "Type: message" with the message cut to a few lines; for a group, one line for each member."""
    try:
        message = str(error).strip()
    except BaseException:
        message = "(its message could not be read)"
    if isinstance(error, BaseExceptionGroup):
        members = "".join(f"\n  - {error_text(member)}" for member in error.exceptions[:6])
        return f"{type(error).__name__}: {error.message}{members}"
    message = _BACKGROUND.sub("", _ADDRESS.sub("", message))
    message = _OTHER_LOOP.sub("a Task got a Future attached to", message)
    lines = [line.rstrip() for line in message.splitlines() if line.strip()]
    text = "\n".join(lines[:4])
    if len(text) > 600:
        text = f"{text[:596]} ..."
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
