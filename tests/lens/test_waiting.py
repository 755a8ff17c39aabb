"""Callers that wait for a connection: counted, drawn, and no trace left in the pool."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest
from sqlalchemy import NullPool, event, text
from sqlalchemy.exc import DBAPIError, SAWarning
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from course_lib.lens import Connections, connections
from course_lib.lens.markup import VARYING
from course_lib.patterns import make_engine


def small(engine: AsyncEngine, **options: Any) -> AsyncEngine:
    """An engine on the same database that opens no more than one connection."""
    return make_engine(engine.url, **{"pool_size": 1, "max_overflow": 0, **options})


async def until(pool: Connections, waiting: int) -> None:
    async with asyncio.timeout(20):
        while pool.waiting < waiting:  # noqa: ASYNC110 - a recording has no event to wait for
            await asyncio.sleep(0.005)


async def use(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))


async def test_callers_wait_while_all_are_out(engine: AsyncEngine) -> None:
    own = small(engine, pool_size=2)
    with connections(own) as pool:
        async with own.connect(), own.connect():
            tasks = [asyncio.create_task(use(own)) for _ in range(3)]
            await until(pool, 3)
            assert (pool.out, pool.waiting) == (2, 3)
            tasks[0].cancel()
            await asyncio.wait([tasks[0]])
            assert (pool.waiting, pool.gave_up) == (2, 1)
        await asyncio.gather(*tasks[1:])
    assert (pool.most_waiting, pool.waiting, pool.gave_up, pool.out) == (3, 0, 1, 0)
    await own.dispose()


async def test_who_waited_is_served_in_turn(engine: AsyncEngine) -> None:
    own = small(engine)
    with connections(own) as pool:
        async with asyncio.TaskGroup() as group, own.connect():
            for _ in range(3):
                group.create_task(use(own))
            await until(pool, 3)
    assert pool.sequence == (
        "#1 opened, #1 out, a caller waits, a caller waits, a caller waits, "
        "#1 back, #1 out, #1 back, #1 out, #1 back, #1 out, #1 back"
    )
    assert repr(pool) == ("connections: opened 1, at most 1 out at once, at most 3 waiting, 0 out at the end")
    assert (pool.waiting, pool.gave_up, pool.levels) == (0, 0, [1, 0, 1, 0, 1, 0, 1, 0])
    assert [happened.waited for happened in pool.events if happened.what == "out"] == [False, *[True] * 3]
    assert repr(pool.by_connection()).splitlines()[1:] == ["  connection 1     |--|  |--|  |--|  |--|"]
    await own.dispose()


async def test_who_waits_too_long_gives_up(engine: AsyncEngine) -> None:
    own = small(engine, pool_timeout=0.05)
    with connections(own) as pool:
        async with own.connect():
            for _ in range(2):
                with pytest.raises(PoolTimeout):
                    await own.connect()
    assert repr(pool).endswith("at most 1 waiting, 0 out at the end, gave up 2")
    assert "Gave up" in pool._repr_html_() and "Most waiting" in pool._repr_html_()
    await own.dispose()


async def test_opening_a_connection_is_not_waiting(engine: AsyncEngine) -> None:
    for options in ({"pool_size": 1, "max_overflow": 2}, {"poolclass": NullPool}):
        own = make_engine(engine.url, **options)
        with connections(own) as pool:
            async with asyncio.TaskGroup() as group:
                for _ in range(3):
                    group.create_task(use(own))
        assert (pool.most_waiting, pool.opened) == (0, 3)
        await own.dispose()


async def test_served_with_a_connection_that_cannot_be_opened_anew(engine: AsyncEngine) -> None:
    own = small(engine)
    allowed = True

    def refuse(dialect: Any, record: Any, cargs: Any, cparams: Any) -> None:
        if not allowed:
            raise OSError("the server is gone")

    event.listen(own.sync_engine, "do_connect", refuse)
    with connections(own) as pool:
        async with own.connect() as connection:
            waiter = asyncio.create_task(use(own))
            await until(pool, 1)
            allowed = False
            await connection.invalidate()
        with pytest.raises((OSError, DBAPIError)):
            await waiter
    assert (pool.waiting, pool.gave_up, pool.out) == (0, 1, 0)
    await own.dispose()


async def test_recordings_inside_each_other_and_disposal_meanwhile(engine: AsyncEngine) -> None:
    own = small(engine, pool_timeout=0.02)
    with connections(own) as outer:
        first_pool = own.sync_engine.pool
        with connections(own) as inner:
            async with own.connect():
                with pytest.raises(PoolTimeout):
                    await own.connect()
        async with own.connect():
            with pytest.raises(PoolTimeout):
                await own.connect()
        await own.dispose()
        assert own.sync_engine.pool is not first_pool
        async with own.connect():
            with pytest.raises(PoolTimeout):
                await own.connect()
    assert (inner.gave_up, outer.gave_up, outer.most_waiting) == (1, 3, 1)
    for pool in (first_pool, own.sync_engine.pool):
        assert "_do_get" not in vars(pool)
    one, two = connections(own), connections(own)
    one.__enter__()
    recorded = two.__enter__()
    one.__exit__(None, None, None)
    async with own.connect():
        with pytest.raises(PoolTimeout):
            await own.connect()
    two.__exit__(None, None, None)
    assert recorded.gave_up == 1 and "_do_get" not in vars(own.sync_engine.pool)
    await own.dispose()


async def test_a_recording_that_ends_while_somebody_waits(engine: AsyncEngine) -> None:
    own = small(engine)
    async with asyncio.TaskGroup() as group, own.connect():
        with connections(own) as pool:
            group.create_task(use(own))
            await until(pool, 1)
    assert (pool.waiting, pool.out) == (1, 0) and repr(pool).endswith("waiting at the end 1")
    await own.dispose()


async def test_the_staircases_have_words_and_marks(engine: AsyncEngine) -> None:
    own = small(engine, pool_timeout=0.02)
    with connections(own) as pool:
        async with own.connect():
            with pytest.raises(PoolTimeout):
                await own.connect()
    shown = pool.over_time()
    assert repr(shown) == repr(pool), "the order may vary, so the text has the counts alone"
    page = shown._repr_html_()
    for words in (
        "<title>Connections over time</title>",
        "connections out after each event: 1 1 1 0; callers waiting after each event: 0 1 0 0</desc>",
        ">callers waiting</text>",
        ">gave up</text>",
    ):
        assert words in page
    assert " id=" not in page and "<title>" not in VARYING.sub("", page)
    with connections(own) as quiet:
        await use(own)
    assert "callers waiting" not in quiet.over_time()._repr_html_()
    await own.dispose()


async def test_a_lost_connection_is_marked_and_lets_callers_wait(engine: AsyncEngine) -> None:
    own = small(engine, pool_timeout=0.02)
    gc.disable()
    try:
        with connections(own) as pool:
            leaked = await own.connect()
            await leaked.execute(text("SELECT 1"))
            with pytest.raises(PoolTimeout):
                await own.connect()
            with pytest.warns(SAWarning, match="garbage collector"):
                del leaked
                gc.collect()
    finally:
        gc.enable()
    assert (pool.lost, pool.gave_up) == (1, 1)
    page = pool.over_time()._repr_html_()
    assert ">lost</text>" in page and page.count('stroke="var(--cl-bad)"') == 2
    await own.dispose()
