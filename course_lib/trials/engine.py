"""Trials on the engine and its pool."""

from __future__ import annotations

import asyncio

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from course_lib.lens import connections
from course_lib.patterns import make_engine
from course_lib.sandbox import Sandbox
from course_lib.trials.trial import Finding, Trial, finding

ONE = text("SELECT 1")


async def one_per_application(db: Sandbox) -> Finding:
    engine = make_engine(db.url)

    async def ask() -> bool:
        try:
            async with engine.connect() as connection:
                return bool(await connection.scalar(ONE) == 1)
        except (RuntimeError, DBAPIError):
            return False

    async def twice() -> list[bool]:
        return [await ask(), await ask()]

    # Each loop in its turn: with the first one still running, two threads would share one connection of the
    # driver, and asyncpg can crash the process then.
    here = await asyncio.to_thread(asyncio.run, twice())
    elsewhere = await asyncio.to_thread(asyncio.run, ask())
    await engine.dispose(close=elsewhere)  # otherwise forget connections whose loop is gone
    return finding(
        all(here),
        f"the same loop twice: {'works' if all(here) else 'fails'}; another loop: "
        f"{'works' if elsewhere else 'fails'}",
        {"it is one for each event loop: in a second one its connections fail": not elsewhere},
    )


async def pool_options(db: Sandbox) -> Finding:
    engine = make_engine(db.url, pool_size=20, max_overflow=10)
    with connections(engine) as pool:
        held = [await engine.connect() for _ in range(25)]
        for connection in held:
            await connection.close()
    await engine.dispose()
    memory = False
    if db.backend == "sqlite":
        try:
            create_async_engine("sqlite+aiosqlite://", pool_size=20)
        except TypeError:
            memory = True
    return finding(
        pool.most_at_once == 25,
        f"{pool.most_at_once} connections at once from 20 and 10 more",
        {"an engine in memory refuses pool_size": memory},
    )


async def _kill(db: Sandbox, pid: int) -> None:
    async with db.engine.connect() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        gone = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")
        async with asyncio.timeout(10):
            while await connection.scalar(gone, {"pid": pid}):
                await connection.rollback()


async def _pid(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return int(await connection.scalar(text("SELECT pg_backend_pid()")))


async def _works(engine: AsyncEngine) -> bool:
    try:
        async with engine.connect() as connection:
            return bool(await connection.scalar(ONE) == 1)
    except DBAPIError:
        return False


async def ping_validates(db: Sandbox) -> Finding:
    engine = make_engine(db.url, pool_pre_ping=True)
    await _kill(db, await _pid(engine))
    idle = await _works(engine)
    survived = True
    try:
        async with engine.connect() as connection:
            await _kill(db, int(await connection.scalar(text("SELECT pg_backend_pid()"))))
            await connection.execute(ONE)
    except DBAPIError:
        survived = False
    await engine.dispose()
    return finding(
        idle,
        f"killed while idle: {'not noticed' if idle else 'an error'}; killed while in use: "
        f"{'not noticed' if survived else 'an error'}",
        {"a connection that dies while it is in use fails all the same": not survived},
    )


async def stale_without_ping(db: Sandbox) -> Finding:
    engine = make_engine(db.url, pool_size=3)
    held = [await engine.connect() for _ in range(3)]
    pids = [int(await connection.scalar(text("SELECT pg_backend_pid()"))) for connection in held]
    for connection in held:
        await connection.close()
    for pid in pids:
        await _kill(db, pid)
    worked = [await _works(engine) for _ in range(4)]
    await engine.dispose()
    return finding(
        not worked[0],
        f"3 dead connections: {worked.count(False)} of 4 requests failed",
        {"the first failure empties the pool, and the next requests work": all(worked[1:])},
    )


async def recycled(db: Sandbox) -> Finding:
    engine = make_engine(db.url, pool_recycle=3600)
    with connections(engine) as pool:
        async with engine.connect() as connection:
            await connection.execute(ONE)
            raw = await connection.get_raw_connection()
            record = raw._connection_record
        assert record is not None
        record.starttime -= 3601
        await asyncio.sleep(0)
        closed_when_idle = pool.closed
        async with engine.connect() as connection:
            await connection.execute(ONE)
        replaced = (pool.closed, pool.opened) == (1, 2)
    await engine.dispose()
    return finding(
        replaced,
        "a connection older than an hour is replaced when it is asked for",
        {"nothing happens before somebody asks: an idle connection stays open": closed_when_idle == 0},
    )


TRIALS = (
    Trial(
        "one-engine",
        "One engine serves a whole application.",
        ("sample engine",),
        "engine/4",
        one_per_application,
        exercise="engine/count-in-any-loop",
        pattern="make_engine",
    ),
    Trial(
        "pool-size-and-overflow",
        "`pool_size=20, max_overflow=10` gives an engine up to 30 connections.",
        ("sample engine",),
        "connection-pool/1",
        pool_options,
        exercise="connection-pool/ten-and-no-more",
        pattern="make_engine",
    ),
    Trial(
        "pre-ping-validates",
        "`pool_pre_ping=True` makes sure that a connection works before it is used.",
        ("sample engine", "decision Connection pool"),
        "connection-pool/3",
        ping_validates,
        exercise="connection-pool/once-more",
        pattern="make_engine",
        backends=("postgresql",),
    ),
    Trial(
        "no-production-without-pre-ping",
        "Without `pool_pre_ping` an engine uses stale connections, and is not fit for production.",
        ("anti-pattern no pre-ping",),
        "connection-pool/4",
        stale_without_ping,
        exercise="connection-pool/once-more",
        pattern="in_transaction",
        backends=("postgresql",),
    ),
    Trial(
        "recycle-after-an-hour",
        "`pool_recycle=3600` replaces connections after an hour.",
        ("sample engine",),
        "connection-pool/3",
        recycled,
        exercise="connection-pool/warm-up",
        pattern="make_engine",
    ),
)
