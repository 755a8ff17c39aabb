"""An async engine that behaves alike on SQLite and on PostgreSQL."""

from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, NullPool, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry


def make_engine(url: str | URL, **options: Any) -> AsyncEngine:
    """Create an async engine; on SQLite, one with real transactions and enforced foreign keys.

    Python's sqlite3 driver opens no transaction for a SELECT or a SAVEPOINT, and SQLite checks no
    foreign key unless it is told to. Both surprises are removed here, so that what you learn on SQLite
    also holds on PostgreSQL. On every other database this is ``create_async_engine``.

    An engine belongs to the event loop that first used it. Create it where the loop runs, and
    ``await engine.dispose()`` before that loop ends.

    Args:
        url: a database URL with an async driver, such as ``sqlite+aiosqlite:///shop.db`` or
            ``postgresql+asyncpg://user:password@localhost/shop``.
        **options: handed to ``create_async_engine`` unchanged.

    Raises:
        sqlalchemy.exc.ArgumentError: the URL cannot be read.
        sqlalchemy.exc.InvalidRequestError: the URL names a driver that is not asynchronous.

    Documentation: https://docs.sqlalchemy.org/en/21/orm/extensions/asyncio.html and
    https://docs.sqlalchemy.org/en/21/dialects/sqlite.html
    """
    address = make_url(url)
    engine = create_async_engine(address, **options)
    if address.get_backend_name() == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite_connection)
        event.listen(engine.sync_engine, "begin", _owe_a_begin)
        event.listen(engine.sync_engine, "before_cursor_execute", _begin_for_real)
    return engine


def make_pgbouncer_engine(url: str | URL, **options: Any) -> AsyncEngine:
    """Create an engine for PostgreSQL behind PgBouncer in transaction mode, with the asyncpg driver.

    There, the next transaction may run on another connection of the server. So nothing prepared is kept, each
    statement gets a name that no other process uses, and the pool is PgBouncer's: this side has none. The
    names stay on the server until PgBouncer says DISCARD ALL (``server_reset_query_always = 1``) or renews
    the connection (``server_lifetime``).

    Session settings (``server_settings``) do not pass through either; give them to the role instead
    (``ALTER ROLE shop SET statement_timeout = '5s'``).

    Args:
        url: a URL with ``postgresql+asyncpg`` that leads to PgBouncer.
        **options: handed to ``make_engine``; ``connect_args`` are added to those set here.

    Documentation:
    https://docs.sqlalchemy.org/en/21/dialects/postgresql.html#prepared-statement-name-with-pgbouncer and
    https://www.pgbouncer.org/features.html
    """
    connect_args = {
        "prepared_statement_name_func": lambda: f"__asyncpg_{uuid4()}__",
        "prepared_statement_cache_size": 0,  # SQLAlchemy's cache
        "statement_cache_size": 0,  # the driver's own
    }
    connect_args |= options.pop("connect_args", {})
    return make_engine(url, **({"poolclass": NullPool} | options), connect_args=connect_args)


def _prepare_sqlite_connection(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    # With None the driver stops opening transactions by itself; the two functions below do it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _owe_a_begin(connection: Connection) -> None:
    # Sent with the first statement and not here: where an expired attribute is touched without await,
    # nothing can be sent, and a failing BEGIN would cost the pool a connection.
    connection.info["begin is owed"] = True


def _begin_for_real(connection: Connection, *_: Any) -> None:
    info = connection.info  # read now: a connection that a cancellation has broken off has none any more
    if info.pop("begin is owed", False):
        try:
            connection.exec_driver_sql("BEGIN")
        except BaseException:
            info["begin is owed"] = True
            raise
