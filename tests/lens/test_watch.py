"""What a watch records, on both backends."""

from __future__ import annotations

import asyncio
import pickle
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine, event, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import joinedload, selectinload

from course_lib.lens import Statements, side_by_side, watch
from course_lib.patterns import make_engine
from course_lib.shop import Order, Tag, User

from .conftest import USERS, Sessions


async def lazily(sessions: Sessions) -> None:
    async with sessions() as session:
        for user in (await session.scalars(select(User).order_by(User.id))).all():
            await user.awaitable_attrs.orders


async def test_n_plus_one_is_counted_and_named(engine: AsyncEngine, sessions: Sessions) -> None:
    async with sessions() as session:
        orders = await session.scalar(select(func.count()).select_from(Order))
    with watch(engine) as sql:
        await lazily(sessions)
    assert (sql.sent, len(sql), sql.rows) == (1 + USERS, 1 + USERS, USERS + (orders or 0))
    group = sql.n_plus_one
    assert group is not None
    assert (group.count, group.source, group.different, group.rows) == (USERS, 1, USERS, orders)
    lines = repr(sql).splitlines()
    assert lines[0] == f"{1 + USERS} statements, {sql.rows} rows"
    assert any(f"{USERS} x SELECT orders" in line for line in lines)
    what = f"N+1: after statement 1 came the same SELECT {USERS} times (statements 2-8)"
    assert lines[-1] == f"{what}, each time with another value."
    assert "N+1:" in sql._repr_html_() and "<details>" in sql._repr_html_()


async def test_eager_loading_is_no_n_plus_one(engine: AsyncEngine, sessions: Sessions) -> None:
    with watch(engine) as sql:
        async with sessions() as session:
            await session.scalars(select(User).options(selectinload(User.orders)).order_by(User.id))
    assert sql.sent == 2 and sql.n_plus_one is None
    assert f"x {USERS})" in repr(sql)
    with watch(engine) as joined:
        async with sessions() as session:
            (await session.scalars(select(User).options(joinedload(User.orders)))).unique().all()
    assert joined.sent == 1 and joined.rows > USERS and joined.n_plus_one is None


async def test_other_repetitions_are_not_called_n_plus_one(engine: AsyncEngine, sessions: Sessions) -> None:
    with watch(engine) as sql:
        async with sessions() as session:
            for _ in range(4):
                await session.scalar(select(func.count()).select_from(User).where(User.id == 1))
            last = 0
            for _ in range(3):  # pages
                ids = (await session.scalars(select(Order.id).where(Order.id > last).limit(2))).all()
                last = ids[-1]
            for some in ([1, 2, 3], [4, 5, 6], [7]):  # batches
                await session.scalars(select(Tag.id).where(Tag.id.in_(some)))
    assert sql.n_plus_one is None
    assert [group.pattern for group in sql.repeats] == ["same values", "repeated", "batches"]
    assert "for 3, 3 and 1 values" in repr(sql)


async def test_a_few_gets_after_a_list_are_one_by_one(engine: AsyncEngine, sessions: Sessions) -> None:
    with watch(engine) as sql:
        async with sessions() as session:
            await session.execute(select(User.id))
            for key in (1, 2, 3):
                await session.execute(select(User.name).where(User.id == key))
    assert sql.n_plus_one is None
    assert "One by one: statements 2-4" in repr(sql)


async def test_asking_again_for_expired_objects_is_an_n_plus_one(
    engine: AsyncEngine, sessions: Sessions
) -> None:
    with watch(engine) as sql:
        async with sessions() as session:
            users = (await session.scalars(select(User).order_by(User.id))).all()
            session.expire_all()
            for user in users:
                await session.refresh(user)
    assert sql.n_plus_one is not None and sql.n_plus_one.count == USERS


async def test_what_does_not_count(engine: AsyncEngine) -> None:
    fresh_engine = make_engine(engine.url, pool_pre_ping=True)
    with watch(fresh_engine) as sql:  # the first connection's set-up and a ping happen here
        for _ in range(2):
            async with fresh_engine.begin() as connection, connection.begin_nested():
                await connection.execute(select(1))
        async with fresh_engine.connect() as connection:
            await connection.execute(text("CREATE TABLE lens_probe (id INTEGER)"))
            await connection.rollback()
    await fresh_engine.dispose()
    assert sql.sent == 2
    assert [statement.kind for statement in sql.others if statement.kind != "PRAGMA"] == ["CREATE"]
    assert "CREATE TABLE lens_probe" in repr(sql)


async def test_transactions_read_the_same_on_both_backends(engine: AsyncEngine) -> None:
    with watch(engine, transactions=True) as sql:
        async with engine.begin() as connection, connection.begin_nested():
            await connection.execute(select(1))
        async with engine.connect() as connection:
            await connection.execute(select(2))
    assert [line.split("  ")[-1].strip() for line in repr(sql).splitlines()[1:]] == [
        "BEGIN",
        "SAVEPOINT",
        "SELECT 1",
        "RELEASE SAVEPOINT",
        "COMMIT",
        "BEGIN",
        "SELECT 2",
        "ROLLBACK",
    ]
    assert sql.sent == 2


async def test_rows_are_counted_without_being_taken(engine: AsyncEngine, sessions: Sessions) -> None:
    with watch(engine) as sql:
        async with sessions() as session:
            assert len((await session.execute(select(User.id))).all()) == USERS
            assert (await session.execute(select(User.id).order_by(User.id))).first() is not None
            names = [{"name": f"label {number}"} for number in range(3)]
            assert len((await session.scalars(insert(Tag).returning(Tag.id), names)).all()) == 3
            await session.execute(update(User).values(country="NL"))
            key = insert(User).values(id=1, name="again", email="again@example.org", country="NL")
            with pytest.raises(IntegrityError):
                await session.execute(key)
    assert [statement.rows for statement in sql.all] == [USERS, USERS, 3, 0, 0]
    assert [statement.failed for statement in sql.all] == ["", "", "", "", "IntegrityError"]
    assert "raised IntegrityError" in repr(sql)


async def test_a_failed_statement_is_not_folded_with_good_ones(
    engine: AsyncEngine, sessions: Sessions
) -> None:
    with watch(engine) as sql:
        async with sessions() as session:
            for number in (901, 902, 903):
                await session.execute(insert(Tag).values(id=number, name=f"label {number}"))
            with pytest.raises(IntegrityError):
                await session.execute(insert(Tag).values(id=901, name="again"))
    lines = repr(sql).splitlines()
    assert lines[1].split()[:4] == ["1-3", "-", "3", "x"]
    assert lines[2].split()[:3] == ["4", "failed", "INSERT"]
    assert lines[3].strip() == "raised IntegrityError"
    assert lines[-1] == "Repeated: statements 1-3 are the same INSERT."
    assert "failed" in sql._repr_html_() and len(lines) == 5


async def test_marks_behind_folded_statements_take_one_line(engine: AsyncEngine, sessions: Sessions) -> None:
    with watch(engine, transactions=True) as sql:
        for number in range(6):
            async with sessions() as session:
                await session.execute(select(User.id).where(User.id == number))
                await session.commit()
    assert [line.split("  ")[-1].strip() for line in repr(sql).splitlines()[1:4]] == [
        "BEGIN",
        "6 x SELECT users.id FROM users WHERE users.id = "
        + ("?" if engine.name == "sqlite" else "$1::INTEGER"),
        "6 x COMMIT, 5 x BEGIN",
    ]


async def test_streamed_rows_are_counted_as_they_come(engine: AsyncEngine, sessions: Sessions) -> None:
    with watch(engine) as sql:
        async with sessions() as session:
            result = await session.stream_scalars(select(User.id).execution_options(yield_per=2))
            async for _ in result:
                break
            await result.close()
            seen = [key async for key in await session.stream_scalars(select(User.id))]
    assert 1 <= sql.all[0].rows < USERS
    assert sql.all[1].rows == len(seen) == USERS


async def test_one_executemany_is_one(engine: AsyncEngine, sessions: Sessions) -> None:
    changes = [{"id": number, "name": f"user {number}"} for number in (1, 2, 3)]
    with watch(engine) as sql:
        async with sessions() as session:
            await session.execute(update(User), changes)
    assert sql.sent == 1
    assert (sql.all[0].many, sql.all[0].sets) == (True, 3)
    assert "with 3 sets of values: UPDATE users" in repr(sql)


async def test_batches_of_an_insert(engine: AsyncEngine, sessions: Sessions) -> None:
    rows = [{"name": f"label {number}"} for number in range(5)]
    options = {"insertmanyvalues_page_size": 2}
    with watch(engine) as sql:
        async with sessions() as session:
            await session.scalars(insert(Tag).returning(Tag.id), rows, execution_options=options)
    assert (sql.sent, sql.rows) == (3, 5)
    assert [statement.sets for statement in sql.all] == [2, 2, 1]
    assert "In batches: statements 1-3 are the same INSERT, for 2, 2 and 1 rows." in repr(sql)


async def test_values_are_shown_on_request_only(engine: AsyncEngine, sessions: Sessions) -> None:
    query = select(User).where(User.email == "someone@example.org")
    with watch(engine) as closed, watch(engine, values=True) as opened:
        async with sessions() as session:
            await session.execute(query)
    assert closed.sent == opened.sent == 1
    assert b"someone@" not in pickle.dumps(closed)
    assert "someone@" not in repr(closed) + closed._repr_html_()
    assert "someone@" in repr(opened) and "someone@" in opened._repr_html_()


async def test_watches_nest_end_and_stay_readable(engine: AsyncEngine, sessions: Sessions) -> None:
    box = SimpleNamespace(engine=engine)
    async with sessions() as session:
        with watch(box) as outer:
            await session.execute(select(1))
            with watch(engine.sync_engine) as inner:
                await session.execute(select(2))
        await session.execute(select(3))
    assert (outer.sent, inner.sent) == (2, 1)
    assert repr(pickle.loads(pickle.dumps(outer))) == repr(outer)
    both = side_by_side(all_of_it=outer, the_end=inner)
    assert repr(both).startswith("== all of it ==\n2 statements, 2 rows\n")
    assert both._repr_html_().count("<style>") == 1
    again = watch(engine)
    with again, pytest.raises(RuntimeError, match="open already"):
        again.__enter__()


async def test_listeners_are_gone_afterwards(engine: AsyncEngine) -> None:
    recorder = watch(engine, transactions=True)
    with recorder:
        listeners = list(recorder._listeners)
        assert all(event.contains(engine.sync_engine, name, listener) for name, listener in listeners)
    assert not any(event.contains(engine.sync_engine, name, listener) for name, listener in listeners)


async def test_tasks_are_recorded_in_the_order_of_sending(engine: AsyncEngine, sessions: Sessions) -> None:
    order = [3, 0, 4, 1, 2]
    turns = [asyncio.Event() for _ in range(6)]
    turns[0].set()

    async def one(number: int) -> None:
        place = order.index(number)
        async with sessions() as session:
            await session.connection()
            await turns[place].wait()
            await session.execute(text(f"SELECT {number}"))
            turns[place + 1].set()
            await turns[5].wait()  # all sessions are open at the same time

    with watch(engine) as sql:
        async with asyncio.TaskGroup() as group:
            for number in range(5):
                group.create_task(one(number))
    assert [int(statement.text.split()[1]) for statement in sql.all] == order
    assert [statement.rows for statement in sql.all] == [1] * 5


def test_a_synchronous_engine_counts_rows_as_they_are_taken(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'plain.db'}")
    with watch(engine) as sql, engine.connect() as connection:
        connection.execute(text("WITH t(n) AS (VALUES (1), (2), (3)) SELECT n FROM t")).fetchall()
        connection.execute(text("VALUES (1)")).scalar()
    assert (sql.sent, sql.rows) == (1, 3)
    engine.dispose()


def test_something_without_an_engine_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot be watched"):
        watch(object())


def test_an_empty_recording() -> None:
    assert repr(Statements()) == "0 statements, 0 rows"
    assert "0 statements" in Statements()._repr_html_()


async def test_the_display_is_the_same_at_every_run(engine: AsyncEngine, sessions: Sessions) -> None:
    seen = []
    for _ in range(2):
        with watch(engine) as sql:
            await lazily(sessions)
        seen.append((repr(sql), sql._repr_html_()))
    assert seen[0] == seen[1]


async def test_many_different_statements_stay_within_the_page(engine: AsyncEngine) -> None:
    with watch(engine) as sql:
        async with engine.connect() as connection:
            for number in range(60):
                await connection.execute(text(f"SELECT {number} AS n{number}"))
    lines = repr(sql).splitlines()
    assert len(lines) <= 25
    assert "  ... 41 lines like these not shown ..." in lines
    assert lines[-1].endswith("SELECT 59 AS n59")
