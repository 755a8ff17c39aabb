"""What well-known errors mean, in a sentence or two for the reader who met one."""

from __future__ import annotations

import asyncio

from sqlalchemy import exc
from sqlalchemy.orm.exc import DetachedInstanceError, StaleDataError

from course_lib.coach.describe import causes

# The first entry that fits gives the advice: a type, a part of the message (or ""), and what it means.
_ADVICE: tuple[tuple[type[BaseException], str, str], ...] = (
    (
        exc.MissingGreenlet,
        "",
        "A statement had to be sent at a place where nothing could wait for it: an attribute that was not "
        "loaded, or "
        "had expired, was touched without an await. Load it in the query, or await it.",
    ),
    (
        DetachedInstanceError,
        "",
        "The object's session is closed, so what was not loaded by then can no longer be loaded. Load it "
        "before.",
    ),
    (
        exc.InvalidRequestError,
        "unique()",
        "A joinedload of a collection gives the same object once for each joined row. Ask the result for "
        "`.unique()` "
        "first, or use selectinload.",
    ),
    (
        exc.InvalidRequestError,
        "lazy='raise",
        "The query forbids loading this relationship late (raiseload or lazy='raise'). Name it among the "
        "loader options.",
    ),
    (
        exc.InvalidRequestError,
        "already begun",
        "The session had begun a transaction by itself at its first statement. Use one `async with "
        "session.begin()` "
        "around everything, or none.",
    ),
    (
        exc.PendingRollbackError,
        "",
        "An earlier flush failed, and the session waits for a rollback. Roll back where the first error is "
        "caught, or "
        "put the risky part into `session.begin_nested()`.",
    ),
    (
        exc.IllegalStateChangeError,
        "",
        "Two tasks used one session at the same time. A session belongs to one task: open one for each.",
    ),
    (
        exc.InvalidRequestError,
        "concurrent operations",
        "Two tasks used one session at the same time. A session belongs to one task: open one for each.",
    ),
    (
        exc.InvalidRequestError,
        "is provisioning a new connection",
        "Two tasks used one session at the same time. A session belongs to one task: open one for each.",
    ),
    (
        exc.TimeoutError,
        "",
        "No connection of the pool became free in time. Something holds connections: sessions that are not "
        "closed, or "
        "more tasks at once than the pool has connections.",
    ),
    (
        exc.IntegrityError,
        "",
        "The database refused the row: a constraint (unique, foreign key, not null) does not hold. The "
        "message names it.",
    ),
    (
        exc.MultipleResultsFound,
        "",
        "One row was asked for and several came. Is the condition too wide, or did a join repeat rows?",
    ),
    (
        exc.NoResultFound,
        "",
        "One row was asked for and none came. Where no row is a normal case, use `one_or_none` or `first`.",
    ),
    (exc.ResourceClosedError, "", "A result can be read once. Keep its rows in a list, and use the list."),
    (
        StaleDataError,
        "",
        "A row that was to be changed is not there any more, or has another version: somebody else was "
        "faster.",
    ),
    (
        exc.InterfaceError,
        "another operation is in progress",
        "One connection was used by two tasks at the same time. Give each task a session of its own.",
    ),
    (
        RuntimeError,
        "attached to a different loop",
        "Something made under one event loop was used under another. An engine belongs to the loop it was "
        "first used in.",
    ),
    (
        RuntimeError,
        "asyncio.run() cannot be called",
        "A loop is running already. Inside async code, await the coroutine.",
    ),
    (
        exc.OperationalError,
        "database is locked",
        "Another connection is writing, and SQLite lets one write at a time. End that transaction first.",
    ),
    (
        exc.OperationalError,
        "too many",
        "The server gives no more connections. Close what is not in use, or share an engine.",
    ),
    (
        exc.ProgrammingError,
        "does not exist",
        "The database has no such table or column. Compare the spelling with the models.",
    ),
    (
        exc.OperationalError,
        "no such",
        "The database has no such table or column. Compare the spelling with the models.",
    ),
    (
        TypeError,
        "can't be used in 'await' expression",
        "What stands behind `await` is a finished value. Only what returns an awaitable takes an await.",
    ),
    (
        TypeError,
        "positional argument",
        "The function was called as its docstring says. Compare the names and number of its parameters.",
    ),
    (
        TypeError,
        "asynchronous context manager",
        "`async with` needs an asynchronous context manager, `with` a plain one.",
    ),
    (
        NameError,
        "",
        "This name is not known where the function runs. Is its import missing, or its cell not run?",
    ),
    (RecursionError, "", "A function called itself without an end."),
    (
        MemoryError,
        "",
        "The answer asked for far more memory than the task needs. It may hold all rows at once.",
    ),
    (SystemExit, "", "The answer tried to end the process. Return a value instead."),
    (KeyboardInterrupt, "", "The answer raised KeyboardInterrupt by itself."),
    (asyncio.CancelledError, "", "A task was cancelled, and the cancellation came out of the answer."),
    (SyntaxError, "", "Python cannot read the code."),
)


def advice(error: BaseException) -> str:
    """Give what a well-known error means and what to do; "" for one that is not known."""
    for cause in reversed(list(causes(error))):
        message = str(cause)
        for kind, part, meaning in _ADVICE:
            if isinstance(cause, kind) and part in message:
                return meaning
    return ""
