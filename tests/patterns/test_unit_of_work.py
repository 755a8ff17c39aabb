"""One transaction per use case, on both backends; and what ``factory.begin()`` gives by itself."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, InvalidRequestError

from course_lib.patterns import unit_of_work
from course_lib.patterns.models import BigKey, UuidKey
from course_lib.sandbox import Sandbox, open_sandbox
from course_lib.shop import Order, User


@pytest.fixture(params=["sqlite", "postgresql"])
async def db(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    async with open_sandbox(request.param, users=7) as sandbox:
        yield sandbox


async def users(db: Sandbox) -> int:
    async with db.sessions() as session:
        return (await session.scalar(select(func.count()).select_from(User))) or 0


def somebody(email: str = "x@x") -> User:
    return User(name="x", email=email, country="DE")


async def test_it_commits_closes_and_then_acts(db: Sandbox) -> None:
    seen: list[object] = []

    async def look(label: str) -> None:
        seen.append((label, await users(db)))

    async with unit_of_work(db.sessions) as work:
        work.after_commit(lambda: look("first"))
        work.session.add(somebody())
        await work.session.flush()

        async def connections() -> None:
            seen.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]

        work.after_commit(connections)
        work.after_commit(lambda: look("last"))
        assert seen == []
    assert seen == [("first", 8), 0, ("last", 8)]


@pytest.mark.parametrize("error", [KeyError, asyncio.CancelledError])
async def test_an_error_in_the_block_stores_nothing_and_acts_not(
    db: Sandbox, error: type[BaseException]
) -> None:
    acted = []

    async def act() -> None:
        acted.append(1)

    with pytest.raises(error):
        async with unit_of_work(db.sessions) as work:
            work.after_commit(act)
            work.session.add(somebody())
            await work.session.flush()
            raise error
    assert (acted, await users(db)) == ([], 7)
    assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_a_commit_that_fails_acts_not(db: Sandbox) -> None:
    acted = []

    async def act() -> None:
        acted.append(1)

    with pytest.raises(IntegrityError):
        async with unit_of_work(db.sessions) as work:
            work.after_commit(act)
            work.session.add_all([somebody(), somebody()])
    assert (acted, await users(db)) == ([], 7)


async def test_an_action_that_fails_stops_no_other(db: Sandbox) -> None:
    acted = []

    async def act() -> None:
        acted.append(1)

    async def fail() -> None:
        raise ConnectionError("no mail today")

    with pytest.raises(ExceptionGroup, match="is committed") as caught:
        async with unit_of_work(db.sessions) as work:
            work.session.add(somebody())
            for action in fail, act, fail:
                work.after_commit(action)
    assert [str(error) for error in caught.value.exceptions] == ["no mail today"] * 2
    assert (acted, await users(db)) == ([1], 8)


async def test_a_cancelled_use_case_stores_nothing(db: Sandbox) -> None:
    entered = asyncio.Event()

    async def use_case() -> None:
        async with unit_of_work(db.sessions) as work:
            work.session.add(somebody())
            await work.session.flush()
            entered.set()
            await asyncio.sleep(30)

    task = asyncio.create_task(use_case())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await users(db) == 7
    assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_the_factory_alone_commits_all_or_nothing(db: Sandbox) -> None:
    """What ``unit_of_work`` builds on, and all that is needed where nothing follows the commit."""
    async with db.sessions.begin() as session:
        session.add(somebody("a"))
    with pytest.raises(KeyError):
        async with db.sessions.begin() as session:
            session.add(somebody("b"))
            await session.flush()
            raise KeyError
    assert await users(db) == 8
    with pytest.raises(InvalidRequestError, match="inside context manager"):
        async with unit_of_work(db.sessions) as work:
            work.session.add(somebody("c"))
            await work.session.commit()  # a helper that commits on its own
            work.session.add(somebody("d"))
            await work.session.scalar(select(func.count()).select_from(Order))
    assert await users(db) == 9


async def test_keys_are_filled_in_on_both_backends(db: Sandbox) -> None:
    from sqlalchemy.orm import DeclarativeBase, Mapped

    from course_lib.lens import watch

    class OwnBase(DeclarativeBase):
        """Tables of this test."""

    class Numbered(OwnBase):
        __tablename__ = "numbered"
        id: Mapped[BigKey]

    class Marked(OwnBase):
        __tablename__ = "marked"
        id: Mapped[UuidKey]
        size: Mapped[int]

    async with db.engine.begin() as connection:
        await connection.run_sync(OwnBase.metadata.create_all)
    kind = Numbered.__table__.c.id.type.dialect_impl(db.engine.dialect).compile(db.engine.dialect)
    assert kind == {"sqlite": "INTEGER", "postgresql": "BIGINT"}[db.backend]
    async with db.sessions.begin() as session:
        numbered, marked = [Numbered() for _ in range(3)], [Marked(size=n) for n in range(3)]
        session.add_all(numbered)
        await session.flush()
        assert [item.id for item in numbered] == [1, 2, 3]
        session.add_all(marked)
        with watch(db.engine) as sql:
            await session.flush()
        assert sql.sent == 1
        assert len({item.id for item in marked}) == 3
    async with db.sessions() as session:
        assert (await session.get_one(Marked, marked[1].id)).size == 1
