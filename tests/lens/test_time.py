"""Connections, tasks and the loop over time."""

from __future__ import annotations

import asyncio
import gc
import threading
import time

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, SAWarning
from sqlalchemy.ext.asyncio import AsyncEngine

from course_lib.lens import connections, heartbeat, timeline
from course_lib.patterns import make_engine


async def test_connections_are_counted(engine: AsyncEngine) -> None:
    own = make_engine(engine.url, pool_size=2, max_overflow=1)
    gate = asyncio.Event()

    async def hold() -> None:
        async with own.connect():
            await gate.wait()

    with connections(own) as pool:
        tasks = [asyncio.create_task(hold()) for _ in range(3)]
        while pool.out < 3:  # noqa: ASYNC110 - pools have no event to wait for
            await asyncio.sleep(0.005)
        gate.set()
        await asyncio.gather(*tasks)
    assert (pool.opened, pool.most_at_once, pool.out, pool.lost, pool.broken) == (3, 3, 0, 0, 0)
    assert repr(pool) == "connections: opened 3, at most 3 out at once, 0 out at the end"
    assert pool.levels == [1, 2, 3, 2, 1, 0]
    for shown in (pool, pool.over_time(), pool.by_connection()):
        assert "<section" in shown._repr_html_() and " id=" not in shown._repr_html_()
    assert "<title>" in pool.by_connection()._repr_html_() and "<desc>" in pool.over_time()._repr_html_()
    await own.dispose()


async def test_one_connection_serves_one_after_the_other(engine: AsyncEngine) -> None:
    own = make_engine(engine.url)
    with connections(own) as pool:
        for _ in range(3):
            async with own.connect():
                pass
    assert pool.sequence == "#1 opened, #1 out, #1 back, #1 out, #1 back, #1 out, #1 back"
    assert repr(pool.by_connection()).splitlines()[1:] == ["  connection 1     |--|  |--|  |--|"]
    await own.dispose()


async def test_disposal_meanwhile_and_removal(engine: AsyncEngine) -> None:
    own = make_engine(engine.url)
    recorder = connections(own)
    with recorder as pool:
        listeners = list(recorder._listeners)
        async with own.connect():
            pass
        await own.dispose()
        async with own.connect():
            pass
    assert pool.sequence == "#1 opened, #1 out, #1 back, #1 closed, #2 opened, #2 out, #2 back"
    assert not any(event.contains(own.sync_engine.pool, name, listener) for name, listener in listeners)
    async with own.connect():
        pass
    assert len(pool.events) == 7
    await own.dispose()


async def ended(threads_before: set[threading.Thread]) -> None:
    """Wait for the driver's own threads: each tells the loop that it ends."""
    async with asyncio.timeout(10):
        while set(threading.enumerate()) - threads_before:  # noqa: ASYNC110 - threads have no event
            await asyncio.sleep(0.005)


async def test_a_leak_is_seen(engine: AsyncEngine) -> None:
    threads = set(threading.enumerate())
    own = make_engine(engine.url)
    gc.disable()
    try:
        with connections(own) as pool:
            leaked = await own.connect()
            await leaked.execute(text("SELECT 1"))
            assert pool.out == 1
            with pytest.warns(SAWarning, match="garbage collector"):
                del leaked
                gc.collect()
            assert (pool.out, pool.lost) == (0, 1)
    finally:
        gc.enable()
    assert repr(pool).endswith("lost 1")
    await own.dispose()
    await ended(threads)


async def test_a_leak_from_before_the_recording_is_not_counted(engine: AsyncEngine) -> None:
    threads = set(threading.enumerate())
    own = make_engine(engine.url)
    gc.disable()
    try:
        leaked = await own.connect()
        await leaked.execute(text("SELECT 1"))
        with connections(own) as pool, pytest.warns(SAWarning, match="garbage collector"):
            del leaked
            gc.collect()
        assert (pool.out, pool.lost) == (0, 0)
    finally:
        gc.enable()
    await own.dispose()
    await ended(threads)


async def test_a_broken_connection(engine: AsyncEngine) -> None:
    own = make_engine(engine.url)
    with connections(own) as pool:
        async with own.connect() as connection:
            await connection.invalidate()
        async with own.connect() as connection:
            await connection.execute(text("SELECT 1"))
    assert (pool.broken, pool.out, pool.opened) == (1, 0, 2)
    await own.dispose()


async def test_an_engine_that_cannot_connect() -> None:
    threads = set(threading.enumerate())
    own = make_engine("sqlite+aiosqlite:////no/such/folder/shop.db")
    with connections(own) as pool, pytest.raises(DBAPIError):
        await own.connect()
    assert repr(pool) == "no connection was opened, given out or closed"
    await own.dispose()
    await ended(threads)


async def test_timeline() -> None:
    tl = timeline()
    first, second = asyncio.Event(), asyncio.Event()

    async def a() -> None:
        with tl.span("task A"):
            first.set()
            await second.wait()

    async def b() -> None:
        with tl.span("B <b>"):
            await first.wait()
            second.set()

    await asyncio.gather(a(), b())
    with tl.span("task A"):
        assert repr(tl).splitlines()[-2].endswith(">")
    assert tl.most_at_once == 2
    assert tl.order == "task A begins, B <b> begins, B <b> ends, task A ends, task A begins, task A ends"
    assert repr(tl).splitlines() == [
        "3 spans, at most 2 at once",
        "  task A  |--------|  |--|",
        "  B <b>      |--|",
    ]
    assert "B &lt;b&gt;" in tl._repr_html_() and "<b>" not in tl._repr_html_()


def test_a_long_timeline_keeps_to_the_page() -> None:
    tl = timeline()
    for number in range(200):
        with tl.span(f"task {number}"):
            pass
    assert len(repr(tl).splitlines()) <= 25
    assert max(map(len, repr(tl).splitlines())) <= 100
    assert "and 186 more" in repr(tl) and "and 186 more" in tl._repr_html_()
    assert repr(timeline()) == "0 spans, at most 0 at once"
    assert "<svg" in timeline()._repr_html_()


async def test_heartbeat() -> None:
    async with heartbeat(patience=5) as beats:
        while beats.beats < 3:  # noqa: ASYNC110 - a heartbeat has no event to wait for
            await asyncio.sleep(0.001)
    assert not beats.stood_still and repr(beats) == "the loop kept beating"
    async with heartbeat(patience=0.05) as blocked:
        time.sleep(0.1)  # noqa: ASYNC251 - blocking is what this is about
    assert blocked.longest_gap >= 0.1 and blocked.stood_still
    assert repr(blocked).startswith("the loop stood still")
    assert "stood still" in blocked._repr_html_()
    with pytest.raises(ValueError, match="out"):
        async with heartbeat():
            raise ValueError("an error gets out")
