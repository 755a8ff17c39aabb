"""The patterns, on both backends."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import ForeignKey, ForeignKeyConstraint, event, func, insert, inspect, select, text, update
from sqlalchemy.exc import IntegrityError, InvalidRequestError, MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncAttrs, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

from course_lib.lens import connections, watch
from course_lib.patterns import (
    NAMING_CONVENTION,
    Base,
    UtcDateTime,
    fill_in,
    make_engine,
    with_exactly,
)
from course_lib.sandbox import Sandbox, open_sandbox
from course_lib.shop import Order, User


class OwnBase(AsyncAttrs, DeclarativeBase):
    """Tables of these tests."""


class Event(OwnBase):
    __tablename__ = "events"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Shelf(OwnBase):
    __tablename__ = "shelves"
    aisle: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    boxes: Mapped[list["Box"]] = relationship()


class Box(OwnBase):
    __tablename__ = "boxes"
    id: Mapped[int] = mapped_column(primary_key=True)
    aisle: Mapped[str]
    number: Mapped[int]
    __table_args__ = (ForeignKeyConstraint(["aisle", "number"], ["shelves.aisle", "shelves.number"]),)


@pytest.fixture(params=["sqlite", "postgresql"])
async def db(request):
    async with open_sandbox(request.param, users=7) as sandbox:
        yield sandbox


async def test_a_foreign_key_is_enforced(db: Sandbox) -> None:
    async with db.engine.begin() as connection:
        with pytest.raises(IntegrityError):
            row = {"user_id": -1, "ordered_on": datetime.now(UTC).date(), "cds": 1, "cents": 1}
            await connection.execute(insert(Order), [row])


async def test_a_released_savepoint_falls_with_its_transaction(db: Sandbox) -> None:
    async with db.sessions() as session:
        async with session.begin_nested():
            session.add(User(name="x", email="x", country="DE"))
        await session.rollback()
        assert await session.scalar(select(func.count()).select_from(User)) == 7


async def test_sqlite_without_the_pattern_keeps_that_row(tmp_path) -> None:
    """The reason for the pattern: if this ever fails, make_engine may be simplified."""
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/plain.db")
    async with engine.begin() as connection:
        await connection.exec_driver_sql("CREATE TABLE t (x INTEGER)")
    async with engine.connect() as connection:
        async with connection.begin_nested():
            await connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        await connection.rollback()
    async with engine.connect() as connection:
        assert (await connection.exec_driver_sql("SELECT count(*) FROM t")).scalar() == 1
    await engine.dispose()


@pytest.mark.filterwarnings("ignore:coroutine 'Connection.cursor' was never awaited:RuntimeWarning")
async def test_a_touch_that_cannot_wait_costs_no_connection(db: Sandbox) -> None:
    """It begins a transaction in which nothing can be sent. Whatever follows is in a real one."""
    with connections(db.engine) as pool:
        async with async_sessionmaker(db.engine)() as session:
            user = await session.get_one(User, 1)
            await session.commit()
            with pytest.raises((StatementError, MissingGreenlet)):
                _ = user.name
            async with session.begin_nested():
                await session.execute(update(User).values(name="x"))
            await session.rollback()
        async with db.sessions() as session:
            assert (await session.get_one(User, 1)).name != "x"
    assert pool.broken == 0


async def test_a_cancellation_that_strikes_the_first_statement_stays_one(db: Sandbox) -> None:
    def strike(*_: object) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()  # the next await on the way to the database raises CancelledError

    async def first_statement() -> None:
        async with db.sessions() as session:
            await session.scalar(select(func.count()).select_from(User))

    event.listen(db.engine.sync_engine, "before_cursor_execute", strike)
    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(first_statement())
    event.remove(db.engine.sync_engine, "before_cursor_execute", strike)
    async with db.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(User)) == 7


def test_a_url_without_an_async_driver_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="async driver"):
        make_engine("sqlite:///x.db")


def test_constraints_get_names() -> None:
    assert Base.metadata.naming_convention["pk"] == NAMING_CONVENTION["pk"]

    class Thing(Base):
        __tablename__ = "things"
        id: Mapped[int] = mapped_column(primary_key=True)
        parent_id: Mapped[int | None] = mapped_column(ForeignKey("things.id"))

    table = inspect(Thing).local_table
    assert table.primary_key.name == "pk_things"
    assert [key.name for key in table.foreign_key_constraints] == ["fk_things_parent_id_things"]


async def test_a_time_comes_back_aware_and_the_same_instant(db: Sandbox) -> None:
    instant = datetime(2026, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=9)))
    async with db.engine.begin() as connection:
        await connection.run_sync(Event.__table__.create)
    async with db.sessions.begin() as session:
        session.add_all([Event(id=1, at=instant), Event(id=2, at=None)])
    async with db.sessions() as session:
        found = (await session.get_one(Event, 1)).at
        assert found == instant
        assert found is not None and found.utcoffset() == timedelta(0)
        assert (await session.get_one(Event, 2)).at is None
        with pytest.raises(StatementError, match="has no time zone"):
            session.add(Event(id=3, at=datetime(2026, 3, 1)))
            await session.flush()


async def test_with_exactly_raises_with_the_name(db: Sandbox) -> None:
    async with db.sessions() as session:
        statement = with_exactly(select(User), selectinload(User.orders)).where(User.id == 3)
        user = (await session.scalars(statement)).one()
        assert len(user.orders) == 6
        with pytest.raises(InvalidRequestError, match=r"User\.tags"):
            _ = user.tags
        with pytest.raises(InvalidRequestError, match=r"Order\.lines"):
            _ = user.orders[0].lines


async def test_fill_in_sends_what_it_says(db: Sandbox) -> None:
    async with db.sessions() as session:
        users = list(await session.scalars(select(User).order_by(User.id)))
        with watch(db.engine) as sql:
            await fill_in(session, users, User.orders, User.tags)
        assert sql.sent == 3
        assert sum(len(user.orders) for user in users) == 25
        with watch(db.engine) as sql:
            await fill_in(session, users, User.orders)
            await fill_in(session, [], User.orders)
        assert sql.sent == 0


async def test_fill_in_batches_of_500() -> None:
    async with open_sandbox("sqlite", users=501) as db, db.sessions() as session:
        users = list(await session.scalars(select(User).order_by(User.id)))
        with watch(db.engine) as sql:
            await fill_in(session, users, User.orders)
        assert sql.sent == 4
        assert all("orders" in user.__dict__ for user in users)


async def test_fill_in_keeps_unsaved_changes(db: Sandbox) -> None:
    async with db.sessions() as session:
        user = await session.get_one(User, 1)
        user.name = "unsaved"
        with session.no_autoflush:
            await fill_in(session, [user], User.orders)
        assert user.name == "unsaved"
        assert user in session.dirty


async def test_fill_in_refuses_strangers_and_mixtures(db: Sandbox) -> None:
    async with db.sessions() as session:
        user, order = await session.get_one(User, 1), await session.get_one(Order, 1)
        with pytest.raises(ValueError, match="Order, User"):
            await fill_in(session, [user, order], User.orders)
        with pytest.raises(ValueError, match="not in this session"):
            await fill_in(session, [User(id=5)], User.orders)


async def test_fill_in_takes_composite_keys(db: Sandbox) -> None:
    async with db.engine.begin() as connection:
        await connection.run_sync(OwnBase.metadata.create_all)
    async with db.sessions.begin() as session:
        session.add_all([Shelf(aisle="A", number=1, boxes=[Box(id=1)]), Shelf(aisle="A", number=2, boxes=[])])
    async with db.sessions() as session:
        shelves = list(await session.scalars(select(Shelf).order_by(Shelf.number)))
        await fill_in(session, shelves, Shelf.boxes)
        assert [len(shelf.boxes) for shelf in shelves] == [1, 0]


async def test_the_factory_keeps_objects_readable_after_commit(db: Sandbox) -> None:
    async with db.sessions() as session:
        user = await session.get_one(User, 1)
        await session.execute(text("SELECT 1"))
        await session.commit()
        assert user.name
