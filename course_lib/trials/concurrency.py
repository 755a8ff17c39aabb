"""Trials on tasks, and on sessions that they share or do not share."""

from __future__ import annotations

import asyncio
import contextlib
import warnings
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.exc import InvalidRequestError, SADeprecationWarning
from sqlalchemy.ext.asyncio import AsyncSession, async_scoped_session
from sqlalchemy.orm import scoped_session

from course_lib.lens import connections, timeline, watch
from course_lib.patterns import make_engine, make_session_factory
from course_lib.sandbox import Sandbox
from course_lib.shop import Order, Tag, User
from course_lib.trials.trial import Finding, Trial, finding


@contextlib.asynccontextmanager
async def _warm_session(db: Sandbox) -> AsyncIterator[AsyncSession]:
    """A session whose connection is there already, as in a pool that has been in use."""
    async with db.sessions() as session:
        await session.execute(text("SELECT 1"))
        yield session


async def _five_at_once(session: AsyncSession) -> list[BaseException]:
    async def ask() -> None:
        await session.execute(select(func.count()).select_from(User))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(5):
                group.create_task(ask())
    except BaseExceptionGroup as failed:
        return list(failed.exceptions)
    return []


async def sharing_is_unsafe(db: Sandbox) -> Finding:
    async with _warm_session(db) as session:
        session.add(Tag(name="added by one task"))
        await session.flush()
        await asyncio.create_task(session.rollback())  # another task, which gives up its own work
        await session.commit()
    async with db.sessions() as session:
        stored = await session.scalar(select(func.count()).where(Tag.name == "added by one task"))
    return finding(stored == 0, "one task's rollback takes the other's row, and the commit raises nothing")


async def sharing_is_noticed(db: Sandbox) -> Finding:
    cold = make_engine(db.url)
    async with make_session_factory(cold)() as session:
        raised = await _five_at_once(session)
    await cold.dispose()
    async with _warm_session(db) as session:
        silent = not await _five_at_once(session)
    return finding(
        bool(raised) and all(isinstance(error, InvalidRequestError) for error in raised),
        f"five tasks on a new session: {len(raised)} errors",
        {"once the session has its connection, five SELECTs share it without any error": silent},
    )


async def dashboard_is_concurrent(db: Sandbox) -> Finding:
    spans = timeline()
    async with db.sessions() as session:
        for name, statement in {
            "user": select(User).limit(1),
            "orders": select(Order).limit(10),
            "count": select(func.count(Order.id)),
        }.items():
            with spans.span(name):
                await session.execute(statement)
    return finding(spans.most_at_once > 1, f"{spans.most_at_once} query at a time")


async def task_per_user(db: Sandbox) -> Finding:
    engine = make_engine(db.url, pool_size=5, max_overflow=0)
    factory = make_session_factory(engine)
    async with factory() as session:
        ids = list(await session.scalars(select(User.id).order_by(User.id)))

    async def fetch(user_id: int) -> str | None:
        async with factory() as session:
            user = await session.get(User, user_id)
            await asyncio.sleep(0)
            return user.email if user else None

    with connections(engine) as pool, watch(engine) as tasks:
        async with asyncio.TaskGroup() as group:
            fetched = [group.create_task(fetch(user_id)) for user_id in ids]
    async with factory() as session:
        with watch(engine) as one:
            emails = dict((await session.execute(select(User.id, User.email))).all())
    await engine.dispose()
    return finding(
        [task.result() for task in fetched] == [emails[user_id] for user_id in ids] and pool.most_at_once > 1,
        f"{len(ids)} tasks, {pool.most_at_once} connections at once",
        {
            f"the pool is the limit: {len(ids)} tasks wait for its 5 connections": pool.most_at_once == 5,
            f"one SELECT gives the same as {tasks.sent} statements": one.sent < tasks.sent,
        },
    )


async def avoid_scoped(db: Sandbox) -> Finding:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        scoped: Any = scoped_session(db.sessions)  # type: ignore[arg-type]
        here = scoped()
        warned = any(issubclass(one.category, SADeprecationWarning) for one in heard)

    async def mine(registry: Any) -> AsyncSession:
        session: AsyncSession = registry()
        return session

    shared = await asyncio.create_task(mine(scoped)) is here
    await here.close()
    own = async_scoped_session(db.sessions, scopefunc=asyncio.current_task)
    apart = await asyncio.create_task(mine(own)) is not own()
    await own.remove()
    return finding(
        shared,
        f"another task gets the same session; {'it warns' if warned else 'no warning'}",
        {"`async_scoped_session` with a scope for each task keeps them apart": apart},
    )


TRIALS = (
    Trial(
        "sharing-is-unsafe",
        "A session must not be shared by tasks.",
        ("function get_dashboard_data", "anti-pattern shared session"),
        "taskgroup-concurrency/3",
        sharing_is_unsafe,
        exercise="taskgroup-concurrency/owners-page",
        pattern="fan_out",
    ),
    Trial(
        "sharing-is-noticed",
        "Tasks that share a session run into an error.",
        ("anti-pattern shared session",),
        "taskgroup-concurrency/2",
        sharing_is_noticed,
        exercise="taskgroup-concurrency/owners-page",
        pattern="fan_out",
    ),
    Trial(
        "dashboard-runs-concurrently",
        "The recipe's dashboard runs its queries concurrently.",
        ("function get_dashboard_data",),
        "await-and-tasks/2",
        dashboard_is_concurrent,
        exercise="await-and-tasks/yearly-total",
        pattern="fan_out",
    ),
    Trial(
        "a-task-for-each-user",
        "A task and a session for each user fetch many users concurrently.",
        ("function get_data_from_multiple_users",),
        "taskgroup-concurrency/5",
        task_per_user,
        exercise="taskgroup-concurrency/too-many-tasks",
        pattern="fan_out",
        users=100,
    ),
    Trial(
        "avoid-scoped-sessions",
        "Scoped sessions are wrong for async code.",
        ("decision Scoped sessions", "anti-pattern scoped_session"),
        "limits-and-cancellation/5",
        avoid_scoped,
        exercise="limits-and-cancellation/at-most-five",
        pattern="make_session_factory",
    ),
)
