"""Listening to an engine: every statement it sends, and how many rows came back."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import ExecuteStyle
from sqlalchemy.ext.asyncio import AsyncEngine

from course_lib.lens import sqltext
from course_lib.lens.statements import Statement, Statements


class _CountingCursor:
    """Stands before a cursor that does not hold its rows, and counts those it hands over."""

    def __init__(self, cursor: Any, statement: Statement) -> None:
        self._counted = cursor
        self._statement = statement

    def __getattr__(self, name: str) -> Any:
        return getattr(self._counted, name)

    def __iter__(self) -> Iterator[Any]:
        for row in self._counted:
            self._statement.rows += 1
            yield row

    def fetchone(self) -> Any:
        row = self._counted.fetchone()
        self._statement.rows += row is not None
        return row

    def fetchmany(self, *size: Any, **named: Any) -> Any:
        rows = self._counted.fetchmany(*size, **named)
        self._statement.rows += len(rows)
        return rows

    def fetchall(self) -> Any:
        rows = self._counted.fetchall()
        self._statement.rows += len(rows)
        return rows


_short = reprlib.Repr()
_short.maxstring = _short.maxother = 40
_short.maxtuple = _short.maxlist = _short.maxdict = 6


@dataclass(slots=True)
class _Recorder:
    statements: Statements
    keep_values: bool
    open: dict[Any, Statement] = field(default_factory=dict)
    variants: dict[tuple[str, int], int] = field(default_factory=dict)

    def before(
        self, conn: Connection, cursor: Any, text: str, parameters: Any, context: Any, executemany: bool
    ) -> None:
        # A statement of the dialect's own set-up of a new connection runs outside any transaction (there is
        # no autobegin).
        kind = sqltext.kind_of(text)
        if kind in sqltext.TRANSACTION or not conn.in_transaction():
            return
        batch = getattr(context, "execute_style", None) is ExecuteStyle.INSERTMANYVALUES
        many = executemany and not batch
        sets = len(parameters) if many else sqltext.row_count(text) if batch else 1
        statement = Statement(text, kind, many=many, sets=sets)
        if kind == "SELECT" and not many:
            key = (statement.signature, hash(repr(parameters)))
            statement.variant = self.variants.setdefault(key, len(self.variants))
        if self.keep_values and parameters:
            statement.values = _short.repr(parameters[0] if many else parameters)
        self.open[context] = statement
        self.statements.everything.append(statement)

    def after(
        self, conn: Connection, cursor: Any, text: str, parameters: Any, context: Any, executemany: bool
    ) -> None:
        statement = self.open.pop(context, None)
        if statement is None:
            return
        statement.done = True
        statement.returns_rows = cursor.description is not None
        if not statement.returns_rows:
            return
        # The adapters for asyncio fetch all rows before this event and keep them in a deque. This is the
        # one private attribute used here; without it, and with cursors that fetch later, rows are counted
        # as SQLAlchemy takes them.
        held: Sequence[Any] | None = (
            None if getattr(cursor, "server_side", False) else getattr(cursor, "_rows", None)
        )
        if held is not None:
            statement.rows = len(held)
        elif context is not None:
            context.cursor = _CountingCursor(cursor, statement)

    def error(self, context: ExceptionContext) -> None:
        statement = self.open.pop(context.execution_context, None)
        if statement is not None:
            error = context.sqlalchemy_exception or context.original_exception
            statement.failed = type(error).__name__

    def _mark(self, text: str) -> None:
        self.statements.everything.append(Statement(text, text.split()[0], done=True, mark=True))

    def begin(self, conn: Connection) -> None:
        self._mark("BEGIN")

    def commit(self, conn: Connection) -> None:
        self._mark("COMMIT")

    def rollback(self, conn: Connection) -> None:
        self._mark("ROLLBACK")

    def savepoint(self, conn: Connection, name: str) -> None:
        self._mark("SAVEPOINT")  # the name is not made yet

    def rollback_savepoint(self, conn: Connection, name: str, context: Any) -> None:
        self._mark("ROLLBACK TO SAVEPOINT")

    def release_savepoint(self, conn: Connection, name: str, context: Any) -> None:
        self._mark("RELEASE SAVEPOINT")


def sync_engine_of(target: object) -> Engine:
    """The synchronous engine behind an AsyncEngine, an Engine, or anything with an `.engine` (a sandbox, a
    connection).

    Raises `TypeError` when there is none. https://docs.sqlalchemy.org/en/21/orm/extensions/asyncio.html
    """
    if not isinstance(target, AsyncEngine | Engine):
        target = getattr(target, "engine", target)
    if isinstance(target, AsyncEngine):
        return target.sync_engine
    if isinstance(target, Engine):
        return target
    raise TypeError(
        f"a {type(target).__name__} cannot be watched: the lens listens to an engine. "
        "Pass the engine, or an object that has one as `.engine`."
    )


class watch:
    """Record every statement that an engine sends: `with watch(engine) as sql:`, then `sql` as the last
    line of a cell.

    Takes an `AsyncEngine`, an `Engine`, or an object with an `.engine`. Values are not recorded unless
    `values=True`. `transactions=True` adds lines for BEGIN, COMMIT, ROLLBACK and savepoints, which never
    count. Watches may be nested. Raises `TypeError` for anything without an engine.
    https://docs.sqlalchemy.org/en/21/core/events.html#sqlalchemy.events.ConnectionEvents.before_cursor_execute
    """

    def __init__(self, engine: object, *, values: bool = False, transactions: bool = False) -> None:
        self._engine = sync_engine_of(engine)
        self._options = (values, transactions)
        self._listeners: list[tuple[str, Any]] = []

    def __enter__(self) -> Statements:
        values, transactions = self._options
        if self._listeners:
            raise RuntimeError("this watch is open already. Open a second one with another `watch(...)`.")
        recorder = _Recorder(Statements(), values)
        self._listeners = [
            ("before_cursor_execute", recorder.before),
            ("after_cursor_execute", recorder.after),
            ("handle_error", recorder.error),
        ]
        if transactions:
            names = ("begin", "commit", "rollback", "savepoint", "rollback_savepoint", "release_savepoint")
            self._listeners += [(name, getattr(recorder, name)) for name in names]
        for name, listener in self._listeners:
            event.listen(self._engine, name, listener)
        return recorder.statements

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name, listener in self._listeners:
            event.remove(self._engine, name, listener)
        self._listeners = []
