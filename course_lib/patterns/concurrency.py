"""Work over many items at a time, a session each; and a transaction tried again after a lost race."""

import asyncio
import random
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from contextlib import aclosing
from typing import TypeVar

from sqlalchemy.engine.interfaces import IsolationLevel
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from course_lib.patterns.chunks import in_chunks
from course_lib.patterns.errors import is_conflict

Item = TypeVar("Item")
Result = TypeVar("Result")

PAUSE = 0.01
"""Seconds: the unit of the pause before another attempt; it doubles with each further one."""


async def fan_out(
    factory: async_sessionmaker[AsyncSession],
    items: Iterable[Item] | AsyncIterable[Item],
    work: Callable[[AsyncSession, Item], Awaitable[Result]],
    *,
    limit: int,
) -> list[Result]:
    """Do ``work(session, item)`` for each item, at most ``limit`` at a time, each in a session of its own.

    ::

        totals = await fan_out(factory, user_ids, total_of_user, limit=5)

    Each item gets one transaction: committed when its work returns, rolled back when it fails. Items are
    taken one by one as there is room for them, so their source may be long. Choose a ``limit`` that leaves
    connections for everybody else: above the pool's size and overflow tasks only wait for each other.
    Where one statement gives the same answer for all items, it is nearly always faster.

    Args:
        factory: a session factory, such as ``make_session_factory(engine)``.
        items: what to work on: a list, a generator or an async generator.
        work: does the work for one item with the session given to it; it neither commits nor keeps it.
        limit: how many items are worked on at the same time, and so how many connections are used.

    Returns:
        What ``work`` gave for each item, in the order of ``items``.

    Raises:
        ValueError: ``limit`` is below 1.
        ExceptionGroup: one or more items failed, or their source did. The first failure cancels what is
            under way, and nothing new begins. Items whose work was done before stay committed.

    Documentation: https://docs.python.org/3/library/asyncio-task.html#task-groups and
    https://docs.sqlalchemy.org/en/21/orm/extensions/asyncio.html#using-asyncsession-with-concurrent-tasks
    """
    if limit < 1:
        raise ValueError(f"At least one item is worked on at a time, and limit={limit} was asked for.")
    results: dict[int, Result] = {}
    begun = 0
    turn = asyncio.Lock()  # a source that is async cannot be asked for two items at once

    async def take_items() -> None:
        nonlocal begun
        while True:
            async with turn:
                chunk = await anext(source, None)
                place, begun = begun, begun + 1
            if chunk is None:
                return
            results[place] = await _in_own_session(factory, work, chunk[0])

    async with aclosing(in_chunks(items, 1)) as source, asyncio.TaskGroup() as group:
        for _ in range(limit):
            group.create_task(take_items())
    return [results[place] for place in range(len(results))]


async def _in_own_session(
    factory: async_sessionmaker[AsyncSession],
    work: Callable[[AsyncSession, Item], Awaitable[Result]],
    item: Item,
) -> Result:
    try:
        async with factory.begin() as session:
            return await work(session, item)
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        # A TaskGroup takes a CancelledError for a cancellation, and would go on as if all were well.
        raise RuntimeError(f"The work on {item!r} was cancelled from inside; it is rolled back.") from error


async def in_transaction(
    factory: async_sessionmaker[AsyncSession],
    work: Callable[[AsyncSession], Awaitable[Result]],
    *,
    attempts: int = 5,
    isolation: IsolationLevel | None = None,
    also: tuple[type[Exception], ...] = (),
) -> Result:
    """Do ``work(session)`` in one transaction, and do all of it again if it lost a race.

    ::

        sold = await in_transaction(factory, buy_last_copy, isolation="SERIALIZABLE")

    Each attempt has a session and a transaction of its own, so nothing read before is used again. Only a
    failure that leaves nothing behind is followed by another attempt (see ``is_conflict``). A connection
    lost at the commit is not: nobody knows whether that commit took place. ``work`` may run several times:
    let it do nothing but database work, and do the rest once this function has returned.

    Args:
        factory: a session factory, such as ``make_session_factory(engine)``.
        work: reads and writes with the session given to it; it neither commits nor keeps it.
        attempts: how often to try at most. Between two there is a short random pause.
        isolation: the isolation level of the transaction; None leaves the engine's.
        also: further exceptions that mean a lost race, such as
            ``sqlalchemy.orm.exc.StaleDataError`` where a model has a version column.

    Returns:
        What ``work`` returned in the attempt that was committed.

    Raises:
        ValueError: ``attempts`` is below 1.
        DBAPIError: the last attempt lost its race too (a note says how many there were), or failed
            otherwise.
        Exception: what ``work`` raised, at once and rolled back.

    Documentation: https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html and
    https://docs.sqlalchemy.org/en/21/orm/session_transaction.html#setting-transaction-isolation-levels-dbapi-autocommit
    """
    if attempts < 1:
        raise ValueError(f"There is at least one attempt, and attempts={attempts} was asked for.")
    attempt = 1
    while True:
        try:
            async with factory.begin() as session:
                if isolation is not None:
                    await session.connection(execution_options={"isolation_level": isolation})
                return await work(session)
        except Exception as error:
            if not (is_conflict(error) or isinstance(error, also)):
                raise
            if attempt == attempts:
                error.add_note(f"This transaction lost its race {attempts} times, and was given up.")
                raise
        await asyncio.sleep(random.uniform(0, PAUSE * 2**attempt))
        attempt += 1
