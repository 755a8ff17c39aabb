"""Many rows in little memory: insert, upsert and COPY, inside your transaction.

They take a feed (any iterable or async iterable of dicts, of any length), hold one chunk of it at a time
and commit nothing. ``chunks.load`` adds a commit per chunk and a note of how far it came.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, TypeAlias

from sqlalchemy import Column, Table, bindparam, insert, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from course_lib.patterns.chunks import CHUNK, Feed, Row, in_chunks

Target: TypeAlias = type[Any] | Table
Columns: TypeAlias = dict[str, Column[Any]]


async def insert_rows(
    within: AsyncConnection | AsyncSession, target: Target, rows: Feed, *, size: int = CHUNK
) -> int:
    """Insert a feed of rows inside your transaction; you commit. Gives the number of rows.

    Rows may name different columns: those of a chunk are grouped by the names they carry, and each group
    is one ``executemany``, which no limit on parameters touches. What a row does not name gets the
    column's default. An empty feed sends nothing. Since grouping changes the order inside a chunk, rows
    that refer to other rows of the same table should all carry the same names.

    Args:
        within: a connection, or a session (which is flushed first, as for any statement of its own).
        target: a mapped class (rows name its attributes) or a ``Table`` (rows name its columns).
        rows: any iterable or async iterable of dicts; a generator is closed afterwards.
        size: rows held in memory and sent together.

    Raises:
        ValueError: a row is empty or names an unknown column; the class belongs to a hierarchy.
        TypeError: a row is not a dict.
        sqlalchemy.exc.IntegrityError: the database refuses a row. Roll back, or work in a savepoint.

    Documentation: https://docs.sqlalchemy.org/en/21/core/connections.html#insert-many-values-behavior-for-insert-statements
    and https://docs.sqlalchemy.org/en/21/tutorial/data_insert.html
    """
    table, columns = _table_and_columns(target)

    async def send(chunk: list[Row]) -> None:
        connection = await _connection_of(within)
        for names, alike in _alike(table, columns, chunk):
            await connection.execute(insert(table), _parameters(columns, names, alike))

    return await _send_all(rows, size, send)


async def upsert_rows(
    within: AsyncConnection | AsyncSession,
    target: Target,
    rows: Feed,
    *,
    key: Collection[str],
    update: Collection[str] | None = None,
    size: int = CHUNK,
) -> int:
    """Insert new rows and update those whose key is there already, inside your transaction.

    Gives the number of rows in the feed. A key may come several times: the last value of each column
    wins, as if the rows had been sent one by one. On an update, a column's ``onupdate`` is applied unless
    the row names the column. Objects that a session has loaded before stay as they are until refreshed.

    Args:
        within: a connection, or a session (which is flushed first).
        target: a mapped class or a ``Table``.
        rows: any iterable or async iterable of dicts, each with a value for every name in ``key``.
        key: names of the columns under one unique constraint or index (or the primary key).
        update: names to overwrite where the key is there; by default all that a row names, except the
            key and the primary key. ``()`` leaves such rows alone: it adds what is missing.
        size: rows held in memory and sent together.

    Raises:
        ValueError: no key; an unknown name; a row lacks a key column or has None there (None equals
            nothing, so every load would add such a row again); the class belongs to a hierarchy.
        NotImplementedError: a database other than PostgreSQL and SQLite.
        sqlalchemy.exc.DBAPIError: no unique constraint on these columns, or a row is refused.

    Documentation: https://docs.sqlalchemy.org/en/21/dialects/postgresql.html#insert-on-conflict-upsert
    """
    table, columns = _table_and_columns(target)
    keys = tuple(key)
    _refuse_unknown(table, columns, {*keys, *(update or ())})
    if not keys:
        raise ValueError("An upsert needs a key: the columns that tell whether a row is there already.")
    fixed = {name for name, column in columns.items() if column.primary_key or name in keys}
    overwritten = columns.keys() - fixed if update is None else set(update)

    async def send(chunk: list[Row]) -> None:
        connection = await _connection_of(within)
        last = _last_of_each(table, chunk, keys, overwritten)
        for names, alike in _alike(table, columns, last):
            statement = _insert_for(connection, table)
            changes: dict[Any, Any] = {
                columns[name]: statement.excluded[columns[name].key] for name in names if name in overwritten
            }
            unique = [columns[name] for name in keys]
            if changes:
                for column in table.columns:
                    if column.onupdate is not None and column not in changes:
                        changes[column] = _default_value(column.onupdate)
                statement = statement.on_conflict_do_update(index_elements=unique, set_=changes)
            else:
                statement = statement.on_conflict_do_nothing(index_elements=unique)
            await connection.execute(statement, _parameters(columns, names, alike))

    return await _send_all(rows, size, send)


async def copy_rows(
    within: AsyncConnection | AsyncSession, target: Target, rows: Feed, *, size: int = CHUNK
) -> int:
    """Send a feed of rows through PostgreSQL's COPY, inside your transaction. Gives the number of rows.

    The fastest way in. It goes past SQLAlchemy straight to asyncpg, in SQLAlchemy's transaction; column
    types and defaults that live in Python are applied here. Statement events and echo do not see it.

    **On every other backend or driver this is** ``insert_rows``: SQLite has no COPY.

    Args:
        within: a connection, or a session (which is flushed first).
        target: a mapped class or a ``Table``.
        rows: any iterable or async iterable of dicts; a generator is closed afterwards.
        size: rows held in memory and sent by one COPY.

    Raises:
        ValueError: as ``insert_rows``; or a column needs SQL (a default or a type written as an
            expression), which COPY cannot run.
        TypeError: a row is not a dict.
        sqlalchemy.exc.IntegrityError: a row is refused; nothing of the chunk is stored. ``orig`` is
            asyncpg's own exception.
        sqlalchemy.exc.DBAPIError: any other error of the database or the driver.

    Documentation: https://magicstack.github.io/asyncpg/current/api/index.html#asyncpg.connection.Connection.copy_records_to_table
    and https://docs.sqlalchemy.org/en/21/faq/connections.html#accessing-the-underlying-connection-for-an-asyncio-driver
    """
    table, columns = _table_and_columns(target)

    async def send(chunk: list[Row]) -> None:
        connection = await _connection_of(within)
        if (connection.dialect.name, connection.dialect.driver) != ("postgresql", "asyncpg"):
            await insert_rows(connection, target, chunk, size=size)
            return
        for names, alike in _alike(table, columns, chunk):
            await _copy(connection, table, [columns[name] for name in names], _values(names, alike))

    return await _send_all(rows, size, send)


async def _send_all(rows: Feed, size: int, send: Callable[[list[Row]], Awaitable[None]]) -> int:
    sent = 0
    async with aclosing(in_chunks(rows, size)) as chunks:
        async for chunk in chunks:
            await send(chunk)
            sent += len(chunk)
            del chunk  # or two chunks would be alive while the next one is read
    return sent


async def _connection_of(within: AsyncConnection | AsyncSession) -> AsyncConnection:
    if isinstance(within, AsyncConnection):
        return within
    if within.autoflush:
        await within.flush()
    return await within.connection()


def _table_and_columns(target: Target) -> tuple[Table, Columns]:
    if isinstance(target, Table):
        return target, dict(target.columns.items())
    mapper = inspect(target)
    table = mapper.local_table
    if not isinstance(table, Table) or mapper.inherits or mapper.polymorphic_on is not None:
        raise ValueError(
            f"{target.__name__} is not one class for one table, so a row does not say where it belongs. "
            "Give the tables one after the other, such as Model.__table__."
        )
    named = {attribute.key: attribute.columns[0] for attribute in mapper.column_attrs}
    return table, {name: column for name, column in named.items() if isinstance(column, Column)}


def _refuse_unknown(table: Table, columns: Columns, names: Collection[str]) -> None:
    if unknown := sorted(str(name) for name in names if name not in columns):
        known = ", ".join(columns)
        raise ValueError(f"{table.name} has no column named {', '.join(unknown)}. It has: {known}.")


def _alike(table: Table, columns: Columns, rows: Iterable[Row]) -> Iterable[tuple[list[str], list[Row]]]:
    """Group rows that name the same columns: the first row alone would decide for all of a statement."""
    groups: dict[frozenset[str], list[Row]] = {}
    for row in rows:
        if not isinstance(row, Mapping):
            raise TypeError(f"A row is a dict of column names and values, and this one is {row!r}.")
        groups.setdefault(frozenset(row), []).append(row)
    for names in groups:
        if not names:
            raise ValueError(f"A row for {table.name} is empty. It would store nothing but defaults.")
        _refuse_unknown(table, columns, names)
    return [([name for name in columns if name in names], alike) for names, alike in groups.items()]


def _last_of_each(
    table: Table, rows: Iterable[Row], key: Sequence[str], overwritten: Collection[str]
) -> list[Row]:
    """One row per key: PostgreSQL refuses to touch a row twice in one statement of many values."""
    last: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        if not isinstance(row, Mapping):
            raise TypeError(f"A row is a dict of column names and values, and this one is {row!r}.")
        identity = tuple(row.get(name) for name in key)
        if None in identity:
            raise ValueError(
                f"A row for {table.name} has no value for its key ({', '.join(key)}): {dict(row)!r}. "
                "None equals nothing, so every load would add it again."
            )
        if (earlier := last.get(identity)) is not None:
            row = {**earlier, **{name: value for name, value in row.items() if name in overwritten}}
        last[identity] = row
    return list(last.values())


def _parameters(columns: Columns, names: list[str], rows: list[Row]) -> list[dict[str, Any]]:
    keys = [columns[name].key for name in names]
    return [dict(zip(keys, values, strict=True)) for values in _values(names, rows)]


def _values(names: list[str], rows: list[Row]) -> list[tuple[Any, ...]]:
    return [tuple([row[name] for name in names]) for row in rows]


def _insert_for(connection: AsyncConnection, table: Table) -> Any:
    match connection.dialect.name:
        case "postgresql":
            return postgresql.insert(table)
        case "sqlite":
            return sqlite.insert(table)
    raise NotImplementedError(f"ON CONFLICT is not written here for {connection.dialect.name}.")


def _default_value(default: Any) -> Any:
    # SQLAlchemy wraps a function without parameters into one that takes the statement's context.
    return default.arg(None) if default.is_callable else default.arg


async def _copy(
    connection: AsyncConnection, table: Table, named: list[Column[Any]], records: list[tuple[Any, ...]]
) -> None:
    import asyncpg  # here, so that the module also serves where only SQLite is installed

    given = set(named)
    defaults = {
        column: column.default
        for column in table.columns
        if column.default is not None and not column.default.is_sentinel and column not in given
    }
    for column, default in defaults.items():
        if not (default.is_scalar or default.is_callable):
            raise ValueError(
                f"The default of {table.name}.{column.name} is SQL, which COPY does not run. "
                "Give the value in every row, or make it a server_default."
            )
    columns = [*named, *defaults]
    for column in columns:
        if column.type.bind_expression(bindparam("x", type_=column.type)) is not None:
            raise ValueError(f"The type of {table.name}.{column.name} wraps values in SQL: use insert_rows.")
    dialect = connection.dialect
    processors = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns]

    def ready(values: tuple[Any, ...]) -> tuple[Any, ...]:
        whole = [*values, *map(_default_value, defaults.values())]
        return tuple([p(value) if p else value for p, value in zip(processors, whole, strict=True)])

    driver: Any = (await connection.get_raw_connection()).driver_connection
    if not driver.is_in_transaction():
        # SQLAlchemy sends BEGIN with its first statement only; a COPY before it would commit itself.
        await connection.execute(select(1))
    try:
        await driver.copy_records_to_table(
            table.name,
            schema_name=connection.sync_connection.schema_for_object(table),  # type: ignore[union-attr]
            columns=[column.name for column in columns],
            records=[ready(values) for values in records],
        )
    except asyncpg.IntegrityConstraintViolationError as error:
        raise IntegrityError(f"COPY {table.name}", None, error) from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DBAPIError(f"COPY {table.name}", None, error) from error
