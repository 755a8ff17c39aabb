"""Many items at a time, a session each; transactions tried again after real races; on both backends."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from course_lib.lens import connections, timeline
from course_lib.patterns import fan_out, in_transaction, is_conflict, make_engine, make_session_factory
from course_lib.sandbox import Sandbox, open_sandbox
from course_lib.shop import Product, User


@pytest.fixture(params=["sqlite", "postgresql"])
async def db(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    async with open_sandbox(request.param, users=7) as sandbox:
        yield sandbox


@pytest.fixture
async def pg() -> AsyncIterator[Sandbox]:
    async with open_sandbox("postgresql", users=7) as sandbox:
        yield sandbox


def out(db: Sandbox) -> int:
    return db.engine.pool.checkedout()  # type: ignore[attr-defined, no-any-return]


async def name_of(session: AsyncSession, user_id: int) -> str:
    return (await session.scalars(select(User.name).where(User.id == user_id))).one()


async def rename(session: AsyncSession, user_id: int) -> int:
    await session.execute(update(User).where(User.id == user_id).values(name="renamed"))
    return user_id


async def renamed(db: Sandbox) -> list[int]:
    async with db.sessions() as session:
        return list(await session.scalars(select(User.id).where(User.name == "renamed").order_by(User.id)))


async def test_the_results_are_in_the_order_of_the_items(db: Sandbox) -> None:
    async with db.sessions() as session:
        known = list(await session.scalars(select(User.id).order_by(User.id.desc())))
        ids = [*known, known[2], known[0]]
        wanted = [await name_of(session, user_id) for user_id in ids]
    assert await fan_out(db.sessions, ids, name_of, limit=2) == wanted
    assert out(db) == 0


@pytest.mark.parametrize("limit", [1, 3])
async def test_as_many_at_a_time_as_allowed_and_a_session_for_each(db: Sandbox, limit: int) -> None:
    spans = timeline()
    sessions: list[AsyncSession] = []

    async def work(session: AsyncSession, item: int) -> None:
        sessions.append(session)
        with spans.span(f"item {item}"):
            await session.execute(text("SELECT 1"))
            await asyncio.sleep(0.01)

    with connections(db.engine) as pool:
        await fan_out(db.sessions, range(7), work, limit=limit)
    assert (spans.most_at_once, pool.most_at_once, pool.out) == (limit, limit, 0)
    assert len(set(map(id, sessions))) == 7


@pytest.mark.parametrize("kind", ["generator", "async generator"])
async def test_a_source_is_read_as_there_is_room_and_closed(db: Sandbox, kind: str) -> None:
    given: list[int] = []
    ahead: list[int] = []
    done = 0

    def numbers() -> Iterator[int]:
        try:
            for number in range(1, 51):
                given.append(number)
                yield number
        finally:
            given.append(0)

    async def later() -> AsyncIterator[int]:
        for number in numbers():
            await asyncio.sleep(0)
            yield number

    async def work(session: AsyncSession, item: int) -> int:
        nonlocal done
        await session.execute(text("SELECT 1"))
        ahead.append(len(given) - done)
        done += 1
        return item

    source = numbers() if kind == "generator" else later()
    assert await fan_out(db.sessions, source, work, limit=3) == list(range(1, 51))
    assert max(ahead) <= 4  # three in work, and one that is being handed over
    assert given[-1] == 0


async def test_no_items_open_nothing(db: Sandbox) -> None:
    with connections(db.engine) as pool:
        assert await fan_out(db.sessions, [], name_of, limit=5) == []
    assert not pool.events


async def test_a_limit_below_one_is_refused(db: Sandbox) -> None:
    with pytest.raises(ValueError, match="limit=0"):
        await fan_out(db.sessions, [1], name_of, limit=0)


async def test_the_first_failure_cancels_the_rest(db: Sandbox) -> None:
    begun: list[int] = []
    waits = asyncio.Event()

    async def work(session: AsyncSession, item: int) -> None:
        begun.append(item)
        if item == 3:
            await asyncio.wait_for(waits.wait(), 10)
            raise LookupError("nobody at home")
        if item == 2:
            await session.execute(text("SELECT 1"))
            waits.set()
            await asyncio.sleep(10)
        await rename(session, item)

    with connections(db.engine) as pool, pytest.raises(ExceptionGroup) as caught:
        await fan_out(db.sessions, range(1, 8), work, limit=2)
    assert [repr(error) for error in caught.value.exceptions] == ["LookupError('nobody at home')"]
    assert begun == [1, 2, 3]
    assert await renamed(db) == [1]
    assert pool.out == 0 == pool.lost


async def test_a_source_that_fails_ends_all(db: Sandbox) -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise OSError("the file has gone")

    with pytest.raises(ExceptionGroup) as caught:
        await fan_out(db.sessions, broken(), rename, limit=1)
    assert caught.group_contains(OSError)
    assert await renamed(db) == [1]


async def test_a_cancellation_goes_through_and_leaves_nothing(db: Sandbox) -> None:
    inside = asyncio.Event()

    async def work(session: AsyncSession, item: int) -> None:
        await rename(session, item)
        inside.set()
        await asyncio.sleep(10)

    with connections(db.engine) as pool:
        task = asyncio.create_task(fan_out(db.sessions, [1, 2, 3], work, limit=1))
        await asyncio.wait_for(inside.wait(), 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await renamed(db) == []
    assert pool.out == 0


async def test_a_cancellation_from_inside_is_no_success(db: Sandbox) -> None:
    async def work(session: AsyncSession, item: int) -> None:
        raise asyncio.CancelledError

    with pytest.raises(ExceptionGroup) as caught:
        await fan_out(db.sessions, [1], work, limit=2)
    assert caught.group_contains(RuntimeError, match="The work on 1")


async def test_work_that_succeeds_is_done_once(db: Sandbox) -> None:
    sessions = []

    async def work(session: AsyncSession) -> int:
        sessions.append(session)
        return await rename(session, 2)

    assert await in_transaction(db.sessions, work) == 2
    assert (len(sessions), await renamed(db), out(db)) == (1, [2], 0)


async def test_stock_never_goes_below_zero_under_serializable(pg: Sandbox) -> None:
    async with pg.sessions.begin() as session:
        await session.execute(update(Product).where(Product.id == 1).values(stock=3))
    attempts = 0

    async def buy(session: AsyncSession) -> bool:
        nonlocal attempts
        attempts += 1
        product = (await session.scalars(select(Product).where(Product.id == 1))).one()
        if product.stock == 0:
            return False
        await asyncio.sleep(0.01)
        product.stock -= 1
        return True

    buyers = [in_transaction(pg.sessions, buy, isolation="SERIALIZABLE", attempts=50) for _ in range(6)]
    assert sorted(await asyncio.gather(*buyers)) == [False] * 3 + [True] * 3
    async with pg.sessions() as session:
        assert await session.scalar(select(Product.stock).where(Product.id == 1)) == 0
    assert attempts > 6  # there was a race, and it was lost and run again


async def test_a_deadlock_is_tried_again(pg: Sandbox) -> None:
    both = asyncio.Barrier(2)
    attempts: list[str] = []

    async def swap(session: AsyncSession, first: int, second: int, label: str) -> str:
        attempts.append(label)
        await rename(session, first)
        if attempts.count(label) == 1:
            await asyncio.wait_for(both.wait(), 10)
        await rename(session, second)
        return label

    done = await asyncio.gather(
        in_transaction(pg.sessions, lambda session: swap(session, 1, 2, "a")),
        in_transaction(pg.sessions, lambda session: swap(session, 2, 1, "b")),
    )
    assert done == ["a", "b"]
    assert len(attempts) == 3
    assert await renamed(pg) == [1, 2]


async def test_a_locked_sqlite_is_tried_again() -> None:
    async with open_sandbox("sqlite", users=7) as db:
        impatient = make_engine(db.url, connect_args={"timeout": 0.01})
        attempts = 0

        async with db.sessions() as holder:
            await rename(holder, 1)

            async def work(session: AsyncSession) -> int:
                nonlocal attempts
                attempts += 1
                if attempts == 2:
                    await holder.commit()
                return await rename(session, 2)

            assert await in_transaction(make_session_factory(impatient), work) == 2
        assert attempts == 2
        assert await renamed(db) == [1, 2]
        await impatient.dispose()


async def test_a_race_lost_every_time_is_given_up() -> None:
    async with open_sandbox("sqlite", users=7) as db:
        impatient = make_engine(db.url, connect_args={"timeout": 0.01})
        attempts = 0

        async def work(session: AsyncSession) -> int:
            nonlocal attempts
            attempts += 1
            return await rename(session, 2)

        async with db.sessions.begin() as holder:
            await rename(holder, 1)
            with pytest.raises(DBAPIError, match="locked") as caught:
                await in_transaction(make_session_factory(impatient), work, attempts=2)
        assert (attempts, await renamed(db)) == (2, [1])
        assert caught.value.__notes__ == ["This transaction lost its race 2 times, and was given up."]
        await impatient.dispose()


async def test_a_duplicate_is_not_tried_again(db: Sandbox) -> None:
    attempts = 0

    async def work(session: AsyncSession) -> None:
        nonlocal attempts
        attempts += 1
        email = await session.scalar(select(User.email).where(User.id == 1))
        session.add(User(name="x", email=email, country="DE"))

    with pytest.raises(IntegrityError) as caught:
        await in_transaction(db.sessions, work)
    assert (attempts, is_conflict(caught.value)) == (1, False)


async def test_a_lost_connection_is_not_tried_again(pg: Sandbox) -> None:
    attempts = 0

    async def work(session: AsyncSession) -> None:
        nonlocal attempts
        attempts += 1
        await rename(session, 1)
        await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(DBAPIError) as caught:
        await in_transaction(pg.sessions, work)
    assert (attempts, is_conflict(caught.value), await renamed(pg)) == (1, False, [])


async def test_further_errors_can_mean_a_lost_race(db: Sandbox) -> None:
    attempts = 0

    async def work(session: AsyncSession) -> int:
        nonlocal attempts
        attempts += 1
        await rename(session, attempts)
        if attempts == 1:
            raise StaleDataError
        return attempts

    assert await in_transaction(db.sessions, work, also=(StaleDataError,)) == 2
    assert await renamed(db) == [2]
    attempts = 0
    with pytest.raises(StaleDataError):
        await in_transaction(db.sessions, work)


async def test_no_attempts_are_refused(db: Sandbox) -> None:
    async def work(session: AsyncSession) -> int:
        return (await session.scalar(select(func.count()).select_from(User))) or 0

    with pytest.raises(ValueError, match="attempts=0"):
        await in_transaction(db.sessions, work, attempts=0)
