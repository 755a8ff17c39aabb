"""An async engine that behaves alike on SQLite and on PostgreSQL."""

from typing import Any

from sqlalchemy import Connection, event
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
    if connection.info.pop("begin is owed", False):
        try:
            connection.exec_driver_sql("BEGIN")
        except BaseException:
            connection.info["begin is owed"] = True
            raise
