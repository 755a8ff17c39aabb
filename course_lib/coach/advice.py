"""What well-known errors mean, in a sentence or two for the reader who met one, and where that was taught."""

from __future__ import annotations

import asyncio
import traceback
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import exc, inspect
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.ext.asyncio.exc import AsyncContextNotStarted
from sqlalchemy.orm.exc import DetachedInstanceError, StaleDataError

from course_lib.coach.describe import causes


class Advice(NamedTuple):
    """What an error means and what to do. step: "sessions/2", "transactions" for a whole lesson, or ""."""

    text: str
    step: str = ""


_SHARED = Advice(
    "Two tasks used one session at the same time. A session belongs to one task: open one for each.",
    "taskgroup-concurrency",
)
_NOT_SELECTED = Advice(
    "A Row holds what the query selected, under those names. What is asked for here is not among them.",
    "sessions/2",
)
_INSPECTOR = Advice(
    "An inspector works only inside the function given to `run_sync`: there it gets a connection that it can "
    "read from. Ask all your questions in that function, and return plain values.",
    "engine/3",
)
_SPELLING = Advice("The database has no such table or column. Compare the spelling with the models.")

# The first entry that fits gives the advice: a type, a part of the message (or ""), and what it means.
_ADVICE: tuple[tuple[type[BaseException], str, Advice], ...] = (
    (
        exc.MissingGreenlet,
        "",
        Advice(
            "A statement had to be sent at a place where nothing could wait for it: an attribute that was "
            "not loaded, or had expired, was touched without an await. Load it in the query, or await it.",
            "lazy-loading/1",
        ),
    ),
    (
        DetachedInstanceError,
        "",
        Advice(
            "The object's session is closed, so what was not loaded by then can no longer be loaded. Load "
            "it before.",
            "sessions/4",
        ),
    ),
    (
        exc.InvalidRequestError,
        "unique()",
        Advice(
            "A joinedload of a collection gives the same object once for each joined row. Ask the result "
            "for `.unique()` first, or use selectinload.",
            "choosing-a-loader/1",
        ),
    ),
    (
        exc.InvalidRequestError,
        "auto-correlation",
        Advice(
            "The inner SELECT names only tables of the outer one. They were taken for the outer row, and no "
            "FROM was left. Give the inner one a name of its own: `mine = aliased(Order)`.",
            "choosing-a-loader/5",
        ),
    ),
    (
        exc.InvalidRequestError,
        "lazy='raise",
        Advice(
            "The query forbids loading this relationship late (raiseload or lazy='raise'). Name it among "
            "the loader options.",
            "lazy-loading/5",
        ),
    ),
    (
        exc.InvalidRequestError,
        "is not persistent within",
        Advice(
            "This session does not know the object, or no longer: it was closed, or the object never had a "
            "row here. Use the object while the session is open.",
            "sessions/4",
        ),
    ),
    (
        exc.InvalidRequestError,
        "already begun",
        Advice(
            "The session had begun a transaction by itself at its first statement. Use one `async with "
            "session.begin()` around everything, or none.",
            "transactions",
        ),
    ),
    (
        exc.PendingRollbackError,
        "",
        Advice(
            "An earlier flush failed, and the session waits for a rollback. Roll back where the first "
            "error is caught, or put the risky part into `session.begin_nested()`.",
            "transactions",
        ),
    ),
    (exc.IllegalStateChangeError, "", _SHARED),
    (
        exc.ArgumentError,
        "Mapped annotation is the SQLAlchemy type",
        Advice(
            "Between the brackets of `Mapped[...]` stands a Python type, such as `datetime`. The type of the "
            "column goes into `mapped_column(...)`.",
            "models/1",
        ),
    ),
    (
        exc.ArgumentError,
        "can't be correctly interpreted for Annotated Declarative",
        Advice("In a model each column is annotated with `Mapped[...]`: `cents: Mapped[int]`.", "models/1"),
    ),
    (
        TypeError,
        "Boolean value of this clause",
        Advice("A column, a condition or a default is neither true nor false. Use `is`, or ask `is None`."),
    ),
    (
        exc.InvalidRequestError,
        "requires that constraint is explicitly named",
        Advice(
            "The naming convention makes most names by itself. For a CHECK it wants the last part from you: "
            '`CheckConstraint(..., name="...")`.',
            "models/5",
        ),
    ),
    (exc.InvalidRequestError, "concurrent operations", _SHARED),
    (exc.InvalidRequestError, "is provisioning a new connection", _SHARED),
    (
        exc.TimeoutError,
        "",
        Advice(
            "No connection of the pool became free in time. Something holds connections: sessions that are "
            "not closed, or more tasks at once than the pool has connections.",
            "sessions/5",
        ),
    ),
    (
        exc.IntegrityError,
        "",
        Advice(
            "The database refused the row: a constraint (unique, foreign key, not null) does not hold. The "
            "message names it. Store values that fit, or catch the error where it is a normal case."
        ),
    ),
    (
        exc.MultipleResultsFound,
        "",
        Advice(
            "One row was asked for and several came. Is the condition too wide, or did a join repeat rows?",
            "sessions/2",
        ),
    ),
    (
        exc.NoResultFound,
        "",
        Advice(
            "One row was asked for and none came. Where no row is a normal case, use `one_or_none` or "
            "`first`.",
            "sessions/2",
        ),
    ),
    (exc.NoSuchColumnError, "", _NOT_SELECTED),
    (exc.NoInspectionAvailable, "currently not supported", _INSPECTOR),
    (
        AttributeError,
        "_run_ddl_visitor",
        Advice(
            "Creating tables has no asynchronous form. It needs the synchronous face of a connection, which "
            "`run_sync` hands over: `await connection.run_sync(metadata.create_all)`.",
            "engine/3",
        ),
    ),
    (
        TypeError,
        "_all() missing 1 required positional argument: 'bind'",
        Advice(
            "The parentheses call it at once, without a connection. `run_sync` is given the function itself, "
            "without parentheses: `await connection.run_sync(metadata.create_all)`.",
            "engine/3",
        ),
    ),
    (
        AsyncContextNotStarted,
        "",
        Advice(
            "`engine.connect()` alone borrows nothing. `await engine.connect()` does, and so does "
            "`async with engine.connect() as connection:`.",
            "engine/1",
        ),
    ),
    (
        exc.DBAPIError,
        "password authentication failed",
        Advice(
            "The server did not accept the password. A URL that was made into a text shows `***` in its "
            "place: hand over the URL itself, or use the engine that is there.",
            "engine/1",
        ),
    ),
    (
        TypeError,
        "sent to create_engine()",
        Advice(
            "This kind of engine has no such argument. Those of a pool are `pool_size`, `max_overflow`, "
            "`pool_timeout`, `pool_recycle` and `pool_pre_ping`; a pool that is no queue takes fewer.",
            "connection-pool/1",
        ),
    ),
    (
        exc.ArgumentError,
        "cannot be used with asyncio engine",
        Advice(
            "This pool would block the loop. An async engine has a queue of its own kind, which it takes if "
            "you name no pool: `AsyncAdaptedQueuePool`.",
            "connection-pool/5",
        ),
    ),
    (
        exc.ObjectNotExecutableError,
        "Not an executable object: '",
        Advice("A string is no statement yet. Put SQL that you wrote yourself into `text(...)`."),
    ),
    (
        TypeError,
        "tuple indices must be integers",
        Advice(
            "A tuple is read by position, `row[0]`. A Row is a tuple that is also read by name, with a dot: "
            "`row.name`.",
            "sessions/2",
        ),
    ),
    (
        exc.ResourceClosedError,
        "",
        Advice("A result can be read once. Keep its rows in a list, and use the list.", "sessions/2"),
    ),
    (
        StaleDataError,
        "",
        Advice(
            "A row that was to be changed is not there any more, or has another version: somebody else was "
            "faster. Read it again and decide anew.",
            "locks-and-lost-updates/5",
        ),
    ),
    (
        exc.DBAPIError,
        "could not serialize access",
        Advice(
            "Somebody else was faster with a row that this transaction had read or written, so PostgreSQL "
            "refused it. Nothing is stored: do all of it again in a new transaction, reading included.",
            "locks-and-lost-updates/5",
        ),
    ),
    (
        exc.DBAPIError,
        "deadlock detected",
        Advice(
            "Two transactions waited for each other, and PostgreSQL ended this one. Let everybody lock "
            "rows in the same order.",
            "locks-and-lost-updates/4",
        ),
    ),
    (
        exc.InterfaceError,
        "another operation is in progress",
        Advice(
            "One connection was used by two tasks at the same time. Give each task a session, or a "
            "connection, of its own.",
            "taskgroup-concurrency",
        ),
    ),
    (
        RuntimeError,
        "attached to a different loop",
        Advice(
            "Something made under one event loop was used under another. An engine belongs to the loop it "
            "was first used in.",
            "engine",
        ),
    ),
    (
        RuntimeError,
        "asyncio.run() cannot be called",
        Advice("A loop is running already. Inside async code, await the coroutine.", "await-and-tasks/2"),
    ),
    (
        exc.OperationalError,
        "database is locked",
        Advice(
            "Another connection is writing, and SQLite lets one write at a time. End that transaction first.",
            "transactions",
        ),
    ),
    (
        exc.OperationalError,
        "too many",
        Advice(
            "The server gives no more connections. Close what is not in use, or share an engine.",
            "connection-pool",
        ),
    ),
    (exc.ProgrammingError, "does not exist", _SPELLING),
    (exc.OperationalError, "no such", _SPELLING),
    (
        TypeError,
        "_AsyncGeneratorContextManager can't be used in 'await' expression",
        Advice(
            "This is a block, as `engine.begin()` gives one: `async with engine.begin() as connection:`. "
            "Its end is what commits.",
            "engine/2",
        ),
    ),
    (
        TypeError,
        "can't be used in 'await' expression",
        Advice(
            "What stands behind `await` is a finished value. Leave the `await` out: it belongs before "
            "the call of an asynchronous function.",
            "await-and-tasks/1",
        ),
    ),
    (
        asyncio.InvalidStateError,
        "Result is not set",
        Advice(
            "A task was asked for its result before it had ended. Inside the block of a TaskGroup the tasks "
            "have not ended yet: the block's end is what waits. Ask after it.",
            "await-and-tasks/2",
        ),
    ),
    (
        TypeError,
        "object is not callable",
        Advice(
            "A finished value was called like a function. `to_thread(work(x))` runs `work` at once, in the "
            "loop, and hands over what it returned. Hand over the name and the argument: "
            "`to_thread(work, x)`.",
            "await-and-tasks/3",
        ),
    ),
    (
        TypeError,
        "'async for' requires an object with __aiter__",
        Advice("These rows are here already: a plain `for` goes through them."),
    ),
    (
        TypeError,
        "positional argument",
        Advice(
            "A call and the function it calls do not fit together. The check calls yours as its docstring "
            "says: compare the names and number of its parameters."
        ),
    ),
    (
        TypeError,
        "object does not support the context manager protocol",
        Advice(
            "A session, a connection and a transaction take `async with`, since their end has to wait for "
            "the database. (An exit stack for them is an AsyncExitStack.)"
        ),
    ),
    (
        TypeError,
        "'AsyncEngine' object does not support the asynchronous",
        Advice(
            "An engine is no block. Make it, use it inside a `try`, and write `await engine.dispose()` "
            "under `finally`.",
            "engine/5",
        ),
    ),
    (
        TypeError,
        "asynchronous context manager",
        Advice(
            "A session, a connection and a transaction take `async with`; what is not asynchronous takes "
            "`with`."
        ),
    ),
    (
        NameError,
        "",
        Advice("This name is not known where the function runs. Is its import missing, or its cell not run?"),
    ),
    (
        RecursionError,
        "",
        Advice("A function called itself without an end. Give it a case in which it stops."),
    ),
    (
        MemoryError,
        "",
        Advice(
            "The answer asked for far more memory than the task needs. It may hold all rows at once: take "
            "them in parts."
        ),
    ),
    (SystemExit, "", Advice("The answer tried to end the process. Return a value instead.")),
    (KeyboardInterrupt, "", Advice("The answer raised KeyboardInterrupt by itself.")),
    (
        asyncio.CancelledError,
        "",
        Advice("A task was cancelled, and the cancellation came out of the answer.", "await-and-tasks/5"),
    ),
    (
        SyntaxError,
        "",
        Advice("Python cannot read the code. Look at the line it names, and at the one before."),
    ),
)


def advice(error: BaseException) -> Advice | None:
    """Give what a well-known error means and what to do; None for one that is not known."""
    for cause in reversed(list(causes(error))):
        if isinstance(cause, AttributeError) and isinstance(cause.obj, Row):
            return _of_row(cause.obj)
        if isinstance(cause, AttributeError) and isinstance(cause.obj, AsyncEngine):
            known = _of_engine(cause.name or "")
            if known:
                return known
        if isinstance(cause, KeyError) and _from_a_row(cause):
            return _NOT_SELECTED
        if isinstance(cause, exc.MissingGreenlet) and "reflection.py" in _sqlalchemy_files(error):
            return _INSPECTOR
        message = str(cause)
        for kind, part, meaning in _ADVICE:
            if isinstance(cause, kind) and part in message:
                return meaning
    return None


def _from_a_row(error: KeyError) -> bool:
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and Path(frames[-1].filename).parts[-3:-1] == ("sqlalchemy", "engine")


def _sqlalchemy_files(error: BaseException) -> set[str]:
    """Names of the files of SQLAlchemy's core through which an error came."""
    frames = [frame for each in causes(error) for frame in traceback.extract_tb(each.__traceback__)]
    paths = [Path(frame.filename) for frame in frames]
    return {path.name for path in paths if path.parts[-3:-1] == ("sqlalchemy", "engine")}


def _of_engine(name: str) -> Advice | None:
    """An attribute that an engine does not have: mostly one of a connection."""
    if not hasattr(AsyncConnection, name):
        return None
    return Advice(
        f"`{name}` belongs to a connection. Borrow one from the engine: `async with engine.connect() as "
        "connection:`, or `begin` to commit.",
        "engine/3" if name == "run_sync" else "engine/2",
    )


def _of_row(row: Row[object]) -> Advice:
    """An attribute that a Row does not have: mostly one of the object inside it."""
    if not any(inspect(each, raiseerr=False) for each in row):
        names = ", ".join(f"`{name}`" for name in row._fields)
        return Advice(f"A Row has the names that the query selected, here {names}.", "sessions/2")
    if len(row) == 1:
        return Advice("A Row, not an object: `scalars` takes the object out of it.", "sessions/2")
    return Advice("A Row of several things, not one object. Take them apart: `a, b = row`.", "sessions/2")
