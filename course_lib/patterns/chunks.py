"""A feed of any length, taken in chunks: a load that commits each one, and can stop and go on.

A feed is any iterable or async iterable of dicts. One chunk of it is held at a time.
"""

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
)
from contextlib import aclosing
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import BigInteger, Column, MetaData, String, Table, inspect, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

Row: TypeAlias = Mapping[str, Any]
Feed: TypeAlias = Iterable[Row] | AsyncIterable[Row]
Item = TypeVar("Item")

CHUNK = 5_000
"""How many rows are held, sent and (by ``load``) committed together, unless told otherwise."""

load_notes = Table(
    "load_notes",
    MetaData(),
    Column("job", String(200), primary_key=True),
    Column("rows", BigInteger, nullable=False),
)
"""How far each job has come. ``load`` creates it where it is missing; delete a row to forget its job."""


class LoadConflict(RuntimeError):
    """Another load of the same job is under way, or its note was changed by somebody else."""


@dataclass(frozen=True)
class LoadProgress:
    """Where a load stands.

    ``done``: rows of the feed that are committed, counted from its beginning. ``resumed``: how many of
    them an earlier call had committed. ``finished``: the feed has come to its end.
    """

    done: int
    resumed: int = 0
    finished: bool = False


async def in_chunks(
    rows: Iterable[Item] | AsyncIterable[Item], size: int = CHUNK
) -> AsyncGenerator[list[Item], None]:
    """Cut a feed into lists of ``size`` items; the last one may be shorter. No items give no list.

    A feed that is a generator, async or not, is closed when this one is. To have that happen at once
    also after a failure, write ``async with contextlib.aclosing(in_chunks(feed)) as chunks:``.
    A feed that is not async blocks the event loop while a chunk of it is read.

    Raises:
        ValueError: ``size`` is below 1.

    Documentation: https://docs.python.org/3/library/contextlib.html#contextlib.aclosing
    """
    if size < 1:
        raise ValueError(f"A chunk holds at least one row, and {size} were asked for.")
    source: AsyncIterator[Item] | Iterator[Item]
    source = aiter(rows) if isinstance(rows, AsyncIterable) else iter(rows)
    chunk: list[Item] = []
    try:
        if isinstance(source, AsyncIterator):
            async for item in source:
                chunk.append(item)
                if len(chunk) == size:
                    yield chunk
                    chunk = []  # lets the sent rows go before the next are read
            if chunk:
                yield chunk
        else:
            while chunk := list(islice(source, size)):
                yield chunk
                chunk = []
                await asyncio.sleep(0)
    finally:
        if isinstance(source, AsyncGenerator):
            await source.aclose()
        elif isinstance(source, Generator):
            source.close()


async def load(
    engine: AsyncEngine,
    rows: Feed,
    write: Callable[[AsyncConnection, list[Row]], Awaitable[object]],
    *,
    job: str | None,
    size: int = CHUNK,
    on_progress: Callable[[LoadProgress], object] | None = None,
) -> LoadProgress:
    """Load a feed of any length: a chunk, a commit, a note of how far it came; then the next chunk.

    ::

        async def write(connection, chunk):
            await insert_rows(connection, Order, chunk)

        await load(engine, feed(), write, job="orders of November")

    The note is committed together with its chunk. After a failure, call again with the same job and the
    same feed from its beginning: the rows that are stored already are read and passed over. A job that is
    done loads nothing. The feed must give the same rows in the same order each time.
    While the feed is being read no connection is held.

    Args:
        engine: the engine; each chunk gets a transaction of its own.
        rows: any iterable or async iterable of dicts; a generator is closed, however the load ends.
        write: stores one chunk with the connection given, and does not commit.
        job: a name for this feed, at most 200 characters. None keeps no note: a second call then sends
            everything again, which is harmless only if ``write`` is an upsert.
        size: rows in a chunk; may change from call to call.
        on_progress: called after each commit and once at the end. What it raises ends the load there.

    Raises:
        LoadConflict: another load of this job runs at the same time; this chunk is rolled back.
        ValueError: the feed is shorter than the note says: it is not the feed this job began with.
        Exception: what the feed, ``write`` or the database raises. The chunks before are stored.

    Documentation: https://docs.sqlalchemy.org/en/21/orm/extensions/asyncio.html
    """
    noted = await _noted(engine, job) if job is not None else None
    resumed = done = noted or 0
    seen = 0
    async with aclosing(in_chunks(rows, size)) as chunks:
        async for chunk in chunks:
            new = chunk[resumed - seen :] if seen < resumed else chunk
            seen += len(chunk)
            if new:
                async with engine.begin() as connection:
                    if job is not None:
                        await _move_note(connection, job, noted, done + len(new))
                    await write(connection, new)
                noted = done = done + len(new)
                if on_progress:
                    on_progress(LoadProgress(done, resumed))
            del chunk, new  # or two chunks would be alive while the next one is read
    if seen < resumed:
        raise ValueError(
            f"The note of job {job!r} says that {resumed} rows are stored, and the feed has only {seen}. "
            "It is another feed: give it a job name of its own."
        )
    progress = LoadProgress(done, resumed, finished=True)
    if on_progress:
        on_progress(progress)
    return progress


async def _noted(engine: AsyncEngine, job: str) -> int | None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(load_notes.create, checkfirst=True)
    except DBAPIError:
        # Another load may have created it between our look and our CREATE.
        async with engine.connect() as connection:
            if not await connection.run_sync(lambda sync: inspect(sync).has_table(load_notes.name)):
                raise
    async with engine.connect() as connection:
        return await connection.scalar(select(load_notes.c.rows).where(load_notes.c.job == job))


async def _move_note(connection: AsyncConnection, job: str, before: int | None, after: int) -> None:
    # First in the transaction: a second load of this job waits here, and then finds the note moved.
    if before is None:
        try:
            await connection.execute(load_notes.insert(), {"job": job, "rows": after})
        except IntegrityError as error:
            raise _conflict(job, 0) from error
        return
    note = load_notes.update().where(load_notes.c.job == job, load_notes.c.rows == before)
    if (await connection.execute(note, {"rows": after})).rowcount != 1:
        raise _conflict(job, before)


def _conflict(job: str, before: int) -> LoadConflict:
    return LoadConflict(
        f"The note of job {job!r} no longer says {before} rows: another load of the same job has moved on. "
        "This chunk was not stored. Let one load run at a time, or give each feed a job of its own."
    )
