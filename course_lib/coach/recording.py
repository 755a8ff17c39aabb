"""What is recorded while an answer runs: statements, Python's warnings, results read twice."""

from __future__ import annotations

import contextlib
import functools
import warnings
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.cursor import CursorResult
from sqlalchemy.engine.result import IteratorResult

from course_lib.lens import Statements, watch

if TYPE_CHECKING:
    from course_lib.coach.lab import ShopDatabase


@contextlib.contextmanager
def watch_database(database: ShopDatabase | None) -> Iterator[Statements]:
    """Record what is sent to a database, by its own engine and by any that the answer makes for its URL.

    Begin and end of each transaction are noted as well; they never count.
    """
    if database is None:
        yield Statements()
        return
    own = database.engine.sync_engine
    address = make_url(database.url)
    others: dict[Engine, Statements] = {}
    with contextlib.ExitStack() as stack:
        statements = stack.enter_context(watch(own, transactions=True))

        def connected(connection: Connection) -> None:
            # An engine with options of its own shares the pool of the engine it was made from.
            engine = getattr(connection.engine, "_proxied", connection.engine)
            same = (engine.url.database, engine.url.port) == (address.database, address.port)
            if same and engine.pool is not own.pool and engine not in others:
                others[engine] = stack.enter_context(watch(engine, transactions=True))

        event.listen(Engine, "engine_connect", connected)
        stack.callback(event.remove, Engine, "engine_connect", connected)
        try:
            yield statements
        finally:
            for more in others.values():
                statements.everything += more.everything


def told(statements: Statements) -> Statements:
    """Give what a verdict shows of a recording. Where something was written, COMMIT and ROLLBACK decide what
    stays of it; where all is read, they would say nothing.
    """
    shown = Statements()
    wrote = any(each.kind != "SELECT" for each in statements.all)
    shown.everything = [each for each in statements.everything if wrote or not each.mark]
    return shown


class Warned(list[str]):
    """A list of the warnings given inside the `with` block, as text. Needs `install_hooks`."""

    def __enter__(self) -> Warned:
        _warned.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        _drop(_warned, self)


class ReadTwice:
    """True after the block if a Result was read to its end and then read again. Needs `install_hooks`."""

    def __init__(self) -> None:
        self.again = False
        self.read: weakref.WeakSet[Any] = weakref.WeakSet()

    def __enter__(self) -> ReadTwice:
        _reading.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        _drop(_reading, self)

    def __bool__(self) -> bool:
        return self.again


_warned: list[Warned] = []
_reading: list[ReadTwice] = []
# A coroutine that a driver made and SQLAlchemy could not await (MissingGreenlet) is not the answer's to
# await.
_NOT_THE_ANSWERS = ("aiosqlite", "asyncpg", "dialects", "connectors", "pool")


def install_hooks() -> None:
    """Let warnings and readings of results be noted from now on. Only for an answer's process."""
    warnings.resetwarnings()
    warnings.simplefilter("always")

    def shown(message: object, category: type[Warning], *rest: object, **more: object) -> None:
        for each in _warned:
            each.append(f"{category.__name__}: {message}")

    warnings.showwarning = shown

    def unawaited(coroutine: Any) -> None:
        if not set(Path(coroutine.cr_code.co_filename).parts).intersection(_NOT_THE_ANSWERS):
            message = f"coroutine '{coroutine.__qualname__}' was never awaited"
            shown(message, RuntimeWarning)

    warnings._warn_unawaited_coroutine = unawaited  # type: ignore[attr-defined]
    for kind in (IteratorResult, CursorResult):
        for name in ("_fetchall_impl", "_fetchiter_impl", "_fetchone_impl"):
            _note_reading(kind, name)


def _note_reading(kind: type, name: str) -> None:
    original = getattr(kind, name)

    @functools.wraps(original)
    def noting(result: Any, *args: Any, **keywords: Any) -> Any:
        closed = result._soft_closed
        read = original(result, *args, **keywords)
        # What an INSERT returned, SQLAlchemy itself rewinds and reads again: then rows are there.
        rows_there = name == "_fetchall_impl" and bool(read)
        for each in _reading:
            # A CursorResult knows that it is exhausted. One of objects, read by a `for` loop, does not.
            if (closed and not rows_there) or (kind is IteratorResult and result in each.read):
                each.again = True
            elif kind is IteratorResult and name != "_fetchone_impl":
                each.read.add(result)
        return read

    setattr(kind, name, noting)


def _drop(active: list[Any], one: object) -> None:
    active[:] = [each for each in active if each is not one]
