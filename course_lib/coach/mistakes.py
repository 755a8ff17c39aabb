"""The mistakes that every check recognizes before its own requirements."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Result, Row
from sqlalchemy.engine.result import FilterResult
from sqlalchemy.exc import ResourceClosedError
from sqlalchemy.ext.asyncio import AsyncResult, AsyncScalarResult

from course_lib.coach.describe import describe


@dataclass(frozen=True)
class Mistake:
    """A common mistake that was recognized: its key in `COMMON`, and what was seen."""

    key: str
    saw: str


# key: what is asked, the misconception, the step that taught it.
COMMON: Mapping[str, tuple[str, str, str]] = {
    "common/called-already": (
        "The check is given the function itself, without parentheses.",
        "Calling the function hands over what it returned. The check calls it by itself, on its own "
        "databases.",
        "start-here/4",
    ),
    "common/forgotten-async": (
        "The function is asynchronous: calling it gives something to await.",
        "A plain `def` returns its value at once, and the caller's `await` then fails. Write `async def`.",
        "await-and-tasks/1",
    ),
    "common/unneeded-async": (
        "The function is a plain one: calling it gives its value.",
        "`async def` gives a coroutine instead of the value, and this caller does not await it. Write `def`.",
        "await-and-tasks/1",
    ),
    "common/never-awaited": (
        "Every coroutine is awaited.",
        "Calling an `async def` function runs nothing of it. It gives a coroutine, which runs when it is "
        "awaited.",
        "await-and-tasks/1",
    ),
    "common/task-not-result": (
        "The function returns results, and no tasks.",
        "A task runs, and keeps its result. `await task` gives it, and so does `task.result()` once the task "
        "has ended, as it has after the block of a TaskGroup.",
        "await-and-tasks/2",
    ),
    "common/forgotten-return": (
        "The function returns its result.",
        "A function without a `return` gives None, whatever it has worked out.",
        "await-and-tasks/1",
    ),
    "common/result-not-list": (
        "The function returns a list.",
        "`execute` and `scalars` give a Result, which reads rows once. `.all()` or `list(...)` make a list "
        "of it.",
        "sessions/2",
    ),
    "common/rows-not-objects": (
        "The list holds the objects themselves.",
        "`execute` gives Rows, even for one entity. `scalars` takes the first element of each.",
        "sessions/2",
    ),
    "common/consumed-twice": (
        "A result is read once.",
        "A Result is a stream and not a list: a second reading finds nothing. Keep the rows in a list.",
        "sessions/2",
    ),
    "common/wrong-type": (
        "The function returns what its docstring says.",
        "A caller relies on the type. Compare what the docstring promises with your `return`.",
        "start-here/4",
    ),
}

_ON_COROUTINE = re.compile(
    r"\b'?(coroutine|_asyncio\.Task|Task)'? object\b|\bcoroutine\b.*\b(iterable|len)|got coroutine"
)
_NEVER_AWAITED = re.compile(r"coroutine '([^']+)' was never awaited")
_ATTRIBUTE = "greenlet_spawn"  # the coroutine behind `user.awaitable_attrs.orders`
_RESULTS = (Result, FilterResult, AsyncResult, AsyncScalarResult)


def in_error(error: BaseException) -> Mistake | None:
    """Recognize a mistake in what the answer raised."""
    message = str(error)
    if isinstance(error, AttributeError | TypeError) and _ON_COROUTINE.search(message):
        if "can't be used in 'await' expression" in message:
            return None
        return Mistake("common/never-awaited", f"{type(error).__name__}: {message}")
    if isinstance(error, ResourceClosedError) and "result object is closed" in message:
        return Mistake("common/consumed-twice", f"{type(error).__name__}: {message}")
    return None


def in_return(value: Any, returns: tuple[type, ...], asynchronous: bool) -> Mistake | None:
    """Recognize a mistake in what calling the answer gave, before any await."""
    if inspect.isasyncgen(value) and not issubclass(type(value), returns or (int,)):
        return Mistake(
            "common/forgotten-return",
            "it holds a `yield`, so that calling it gives a generator: there is nothing to await",
        )
    if asynchronous and not inspect.isawaitable(value):
        return Mistake(
            "common/forgotten-async", f"calling it gave {describe(value)} at once, with nothing to await"
        )
    if not asynchronous and inspect.iscoroutine(value):
        value.close()
        return Mistake("common/unneeded-async", "calling it gave a coroutine")
    return None


def in_value(value: Any, returns: tuple[type, ...], of: tuple[type, ...]) -> Mistake | None:
    """Recognize a mistake in the value that came after the await."""
    if inspect.isawaitable(value) and not (returns and isinstance(value, returns)):
        if isinstance(value, asyncio.Task):
            return Mistake("common/task-not-result", "it returned a task, not its result")
        name = getattr(value, "__qualname__", "")
        if inspect.iscoroutine(value):
            value.close()
        what = _known_as(name) if name == _ATTRIBUTE else f"the coroutine {_known_as(name)}".rstrip()
        return Mistake("common/never-awaited", f"it returned {what}, not awaited")
    if returns and not isinstance(value, returns):
        return _wrong_type(value, returns)
    if of and isinstance(value, list | tuple | set | frozenset):
        return _wrong_element(value, of)
    return None


def in_warnings(warnings: tuple[str, ...]) -> Mistake | None:
    """Recognize a coroutine that was made and thrown away."""
    names = [found.group(1) for warning in warnings if (found := _NEVER_AWAITED.search(warning))]
    if not names:
        return None
    told = ", ".join(dict.fromkeys(map(_known_as, names)))
    return Mistake("common/never-awaited", f"{told} was called and not awaited")


def _known_as(name: str) -> str:
    """What a reader calls it: `_Tell.__call__`, of a check's own class, is the argument `tell`."""
    if name == _ATTRIBUTE:
        return "an awaitable attribute"
    ours = name.startswith("_") and name.endswith(".__call__")
    return name.removesuffix(".__call__").lstrip("_").lower() if ours else name


def _wrong_type(value: Any, returns: tuple[type, ...]) -> Mistake:
    if value is None:
        return Mistake("common/forgotten-return", "it returned None")
    wanted = " or ".join("None" if each is type(None) else each.__name__ for each in returns)
    name = type(value).__name__
    key = "common/wrong-type"
    if isinstance(value, _RESULTS):
        key = "common/result-not-list" if list in returns else key
        return Mistake(key, f"it returned a {name}, and {wanted} is asked for: the result was not read")
    if isinstance(value, Row):
        return Mistake(
            "common/rows-not-objects", f"it returned the Row {describe(value)}, and {wanted} is asked for"
        )
    return Mistake(key, f"it returned {describe(value)}, of type {name}, and {wanted} is asked for")


def _wrong_element(value: Any, of: tuple[type, ...]) -> Mistake | None:
    wanted = " or ".join(each.__name__ for each in of)
    for number, element in enumerate(value):
        if isinstance(element, of):
            continue
        where = f"element {number} is {describe(element)}"
        if inspect.isawaitable(element):
            if inspect.iscoroutine(element):
                element.close()
            if isinstance(element, asyncio.Task):
                return Mistake("common/task-not-result", f"element {number} is a task, not its result")
            return Mistake("common/never-awaited", f"element {number} is a coroutine, not awaited")
        if isinstance(element, Row):
            return Mistake("common/rows-not-objects", f"{where}, a Row; {wanted} is asked for")
        return Mistake(
            "common/wrong-type", f"{where}, of type {type(element).__name__}; {wanted} is asked for"
        )
    return None
