"""Claims that no experiment can settle: somebody has to read the page that they appeal to."""

from __future__ import annotations

from course_lib.trials.trial import Trial

TRIALS = (
    Trial(
        "documented-session-per-task",
        "SQLAlchemy's documentation asks for one AsyncSession per task.",
        ("decision Session scope",),
        "taskgroup-concurrency/3",
        None,
        exercise="taskgroup-concurrency/owners-page",
        pattern="fan_out",
        read="It does: https://docs.sqlalchemy.org/en/21/orm/extensions/asyncio.html"
        "#using-asyncsession-with-concurrent-tasks",
    ),
    Trial(
        "maintainers-discourage-scoped",
        "The maintainers discourage scoped sessions in async code.",
        ("decision Scoped sessions",),
        "limits-and-cancellation/5",
        None,
        exercise="limits-and-cancellation/at-most-five",
        pattern="make_session_factory",
        read="They call them not recommended for new development, async or not: "
        "https://docs.sqlalchemy.org/en/21/orm/extensions/asyncio.html#using-asyncio-scoped-session",
    ),
    Trial(
        "imports-of-today",
        "`AsyncGenerator` and `TypeVar` from `typing` are how this is written today.",
        ("sample imports",),
        "repositories/4",
        None,
        exercise="repositories/same-order",
        pattern="Repository",
        read="`typing.AsyncGenerator` is a deprecated alias of the class in `collections.abc`, and from 3.12 "
        "on a generic class needs no TypeVar: https://docs.python.org/3/library/typing.html",
    ),
    Trial(
        "samples-are-complete",
        "The recipe's samples can be pasted and run.",
        ("sample imports",),
        "models/3",
        None,
        exercise="models/an-order-that-inserts",
        pattern="Base",
        read="Several names are used and not imported, and where the dialect's UUID is imported, "
        "an annotation `UUID` means that one, and not Python's.",
    ),
)
