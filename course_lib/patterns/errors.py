"""What a database error means, on PostgreSQL and SQLite alike: a lost race, a broken rule, or "not now"."""

from typing import Literal, TypeAlias

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

Rule: TypeAlias = Literal["unique", "foreign key", "not null", "check"]

_CONFLICTS = frozenset({"40001", "40P01"})
"""PostgreSQL's codes for a serialization failure and a deadlock."""

_SQLITE_BUSY = 5
"""The lower eight bits of SQLite's error code where another connection holds the lock."""

_NOT_NOW = ("08", "53", "57014", "55P03", "57P0", "25P03", "25P04")
"""PostgreSQL's codes, by their beginning: connections, room, limits in time, a server at its start or end."""

_RULES: dict[str | int, Rule] = {
    "23505": "unique",
    "23503": "foreign key",
    "23001": "foreign key",  # since PostgreSQL 18: a row that ON DELETE RESTRICT protects
    "23502": "not null",
    "23514": "check",
    2067: "unique",
    1555: "unique",  # the primary key
    787: "foreign key",
    1811: "foreign key",  # RESTRICT is a trigger of SQLite's own
    1299: "not null",
    275: "check",
}


def is_conflict(error: BaseException) -> bool:
    """Say whether a transaction failed only because of another one, so that it can be tried again as a whole.

    True for a serialization failure (40001) and a deadlock (40P01) of PostgreSQL, whenever they come, at
    the commit too: the server has rolled the transaction back. True where SQLite found the database
    locked. False for everything else: a duplicate fails again, and after a lost connection it is unknown
    whether the commit took place.

    Documentation: https://www.postgresql.org/docs/current/errcodes-appendix.html and
    https://www.sqlite.org/rescode.html#busy
    """
    if not isinstance(error, DBAPIError):
        return False
    code = _code(error)
    return code in _CONFLICTS or (isinstance(code, int) and code & 0xFF == _SQLITE_BUSY)


def is_temporary(error: BaseException) -> bool:
    """Say whether the database could not serve now, and the request as such may be in order.

    True where the connection was lost or refused, where the pool or the server had none left, where a limit
    in time struck (statement, lock, idle transaction), and for a lost race. False for everything that would
    fail again: a duplicate, a missing table. After a connection was lost at the commit, nobody knows whether
    it took place: whoever tries again must make sure that twice does no harm.

    Documentation: https://docs.sqlalchemy.org/en/21/core/pooling.html#disconnect-handling-pessimistic and
    https://www.postgresql.org/docs/current/errcodes-appendix.html
    """
    if isinstance(error, PoolTimeout | ConnectionError):
        return True
    code = _code(error)  # 2.0 lets the driver's own error through where a connection cannot be opened
    named = isinstance(code, str) and code.startswith(_NOT_NOW)
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or named or is_conflict(error)


def broken_rule(error: IntegrityError) -> Rule | None:
    """Say which kind of rule a refused row broke; None where the database does not tell.

    Every refusal is an ``IntegrityError``, a duplicate and an unknown owner alike. The message differs
    between databases, drivers and versions; this reads the code that the database sends with it.

    Documentation: https://www.postgresql.org/docs/current/errcodes-appendix.html and
    https://www.sqlite.org/rescode.html#extrc
    """
    code = _code(error)
    return _RULES.get(code) if code is not None else None


def _code(error: BaseException) -> str | int | None:
    """PostgreSQL's SQLSTATE, or SQLite's extended error code; of the driver's error, where one is inside."""
    orig = getattr(error, "orig", error)
    code: str | int | None = getattr(orig, "sqlstate", None)
    return code if code is not None else getattr(orig, "sqlite_errorcode", None)
