"""Insert, upsert and COPY of many rows, and the load that goes on after a failure, on both backends."""

import asyncio
import enum
import uuid
import weakref
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Date,
    Enum,
    ForeignKey,
    Numeric,
    String,
    UniqueConstraint,
    delete,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncConnection
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from course_lib.lens import watch
from course_lib.patterns import (
    LoadConflict,
    LoadProgress,
    UtcDateTime,
    copy_rows,
    in_chunks,
    insert_rows,
    load,
    load_notes,
    upsert_rows,
)
from course_lib.sandbox import Sandbox, open_sandbox
from course_lib.shop import real_orders

Writer = Callable[..., Any]
HOW: list[Writer] = [insert_rows, copy_rows]


class OwnBase(AsyncAttrs, DeclarativeBase):
    """Tables of these tests."""


class Color(enum.Enum):
    RED = "r"
    BLUE = "b"


class Sale(OwnBase):
    """A real order with its natural key: equal orders are told apart by their number among equals."""

    __tablename__ = "sales"
    __table_args__ = (UniqueConstraint("customer", "day", "cds", "cents", "nth"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[int]
    day: Mapped[date] = mapped_column(Date)
    cds: Mapped[int]
    cents: Mapped[int]
    nth: Mapped[int]


class Person(OwnBase):
    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column("e_mail", String(100), unique=True)
    name: Mapped[str | None]
    points: Mapped[int] = mapped_column(default=7)
    city: Mapped[str | None] = mapped_column(server_default="Berlin")
    changed: Mapped[int] = mapped_column(default=0, onupdate=1)


class Everything(OwnBase):
    """Types that need a hand on their way, and defaults that live in Python."""

    __tablename__ = "everything"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    color: Mapped[Color | None] = mapped_column(Enum(Color))
    price: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    extra: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    label: Mapped[str] = mapped_column(default="none")


class Stamped(OwnBase):
    __tablename__ = "stamped"
    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(default=func.current_date())


class Animal(OwnBase):
    __tablename__ = "animals"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "animal"}  # noqa: RUF012


class Part(OwnBase):
    __tablename__ = "parts"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))


@pytest.fixture(params=["sqlite", "postgresql"])
async def db(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    async with open_sandbox(request.param, users=0) as sandbox:
        async with sandbox.engine.begin() as connection:
            await connection.run_sync(OwnBase.metadata.create_all)
        yield sandbox


class LiveRow(dict[str, Any]):
    """A row whose life can be watched."""


class Feed:
    """A feed of ``total`` rows that knows how many are alive, and whether it was closed."""

    def __init__(self, total: int, *, fails_at: int | None = None) -> None:
        self.total, self.fails_at = total, fails_at
        self.alive: weakref.WeakSet[Any] = weakref.WeakSet()
        self.most_alive = 0
        self.closed = False
        self._count = 0

    def row(self, number: int) -> LiveRow:
        row = LiveRow(email=f"{number}@x", name="n")
        self._count += 1
        self.most_alive = max(self.most_alive, self._count)
        weakref.finalize(row, self._gone)
        return row

    def _gone(self) -> None:
        self._count -= 1

    async def later(self) -> AsyncIterator[LiveRow]:
        try:
            for number in range(self.total):
                if number == self.fails_at:
                    raise ConnectionError("the feed broke")
                yield self.row(number)
        finally:
            await asyncio.sleep(0)  # what a real feed does to close its file or its connection
            self.closed = True

    def now(self) -> Iterator[LiveRow]:
        try:
            for number in range(self.total):
                if number == self.fails_at:
                    raise ConnectionError("the feed broke")
                yield self.row(number)
        finally:
            self.closed = True


async def count(db: Sandbox, model: type[OwnBase]) -> int:
    async with db.sessions() as session:
        return (await session.scalar(select(func.count()).select_from(model))) or 0


async def people(db: Sandbox) -> list[tuple[Any, ...]]:
    async with db.sessions() as session:
        found = select(Person.email, Person.name, Person.points, Person.city).order_by(Person.email)
        return [tuple(row) for row in await session.execute(found)]


# ---------------------------------------------------------------- chunks


async def test_chunks_of_plain_and_of_async_feeds() -> None:
    async def later() -> AsyncIterator[int]:
        for number in range(5):
            yield number

    assert [chunk async for chunk in in_chunks(range(5), 2)] == [[0, 1], [2, 3], [4]]
    assert [chunk async for chunk in in_chunks(later(), 2)] == [[0, 1], [2, 3], [4]]
    assert [chunk async for chunk in in_chunks(range(4), 2)] == [[0, 1], [2, 3]]
    assert [chunk async for chunk in in_chunks([], 2)] == []
    with pytest.raises(ValueError, match="at least one row"):
        await anext(in_chunks(range(5), 0))


async def test_a_plain_feed_lets_the_loop_run_between_chunks() -> None:
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(beat())
    async for _ in in_chunks(range(100), 1):
        pass
    task.cancel()
    assert beats >= 100


# ---------------------------------------------------------------- insert and COPY


@pytest.mark.parametrize("write", HOW)
async def test_rows_go_in_and_the_caller_commits(db: Sandbox, write: Writer) -> None:
    rows = [{"email": "a", "name": "A"}, {"email": "b", "name": None}]
    async with db.engine.connect() as connection:
        assert await write(connection, Person, rows) == 2
        await connection.rollback()
    assert await people(db) == []
    async with db.engine.begin() as connection:
        assert await write(connection, Person, iter(rows)) == 2
    assert await people(db) == [("a", "A", 7, "Berlin"), ("b", None, 7, "Berlin")]


@pytest.mark.parametrize("write", HOW)
async def test_a_session_works_in_its_own_transaction(db: Sandbox, write: Writer) -> None:
    async with db.sessions() as session:
        session.add(Person(id=50, email="p"))
        await write(session, Part, [{"person_id": 50}])  # needs the pending person
        assert await session.scalar(select(func.count()).select_from(Part)) == 1
        await session.rollback()
    assert (await count(db, Part), await count(db, Person)) == (0, 0)


@pytest.mark.parametrize("write", [insert_rows, copy_rows, partial(upsert_rows, key=["email"])])
async def test_an_empty_feed_sends_nothing(db: Sandbox, write: Writer) -> None:
    async def nothing() -> AsyncIterator[dict[str, Any]]:
        return
        yield {}

    async with db.engine.connect() as connection:
        with watch(connection) as sql:
            assert await write(connection, Person, []) == 0
            assert await write(connection, Person, nothing()) == 0
        assert sql.sent == 0


@pytest.mark.parametrize("write", HOW)
async def test_uneven_rows_keep_their_values_and_defaults(db: Sandbox, write: Writer) -> None:
    rows: list[dict[str, Any]] = []
    for number in range(0, 1000, 2):
        rows += [{"email": f"{number:04}"}, {"points": 1, "city": None, "email": f"{number + 1:04}"}]
    async with db.engine.begin() as connection:
        with watch(connection) as sql:
            await write(connection, Person, rows)
    assert sql.sent <= 2
    found = await people(db)
    assert len(found) == 1000
    assert found[:2] == [("0000", None, 7, "Berlin"), ("0001", None, 1, None)]


@pytest.mark.parametrize("write", HOW)
async def test_more_values_than_one_statement_may_carry(db: Sandbox, write: Writer) -> None:
    rows = ({"email": str(number), "name": "n", "points": 1} for number in range(40_000))
    async with db.engine.begin() as connection:
        await write(connection, Person, rows, size=40_000)
    assert await count(db, Person) == 40_000


@pytest.mark.parametrize("write", HOW)
async def test_types_and_defaults_of_python_are_applied(db: Sandbox, write: Writer) -> None:
    instant = datetime(2026, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=9)))
    row = {"at": instant, "color": Color.BLUE, "price": Decimal("1.50"), "extra": {"a": [1]}}
    async with db.engine.begin() as connection:
        await write(connection, Everything, [row, {"label": "empty", "at": None}])
    async with db.sessions() as session:
        empty, full = (await session.scalars(select(Everything).order_by(Everything.label))).all()
        assert (full.at, full.color, full.price) == (instant, Color.BLUE, Decimal("1.50"))
        assert full.extra == {"a": [1]}
        assert full.label == "none"
        assert full.id != empty.id
        assert empty.at is None
    with pytest.raises(Exception, match="has no time zone"):
        async with db.engine.begin() as connection:
            await write(connection, Everything, [{"at": datetime(2026, 1, 1)}])


@pytest.mark.parametrize("write", HOW)
async def test_a_table_names_its_columns_and_a_class_its_attributes(db: Sandbox, write: Writer) -> None:
    async with db.engine.begin() as connection:
        await write(connection, Person.__table__, [{"e_mail": "a"}])
        with pytest.raises(ValueError, match="people has no column named e_mail"):
            await write(connection, Person, [{"e_mail": "b"}])
        with pytest.raises(ValueError, match="no column named email"):
            await write(connection, Person.__table__, [{"email": "b"}])
    assert [row[0] for row in await people(db)] == ["a"]


@pytest.mark.parametrize("write", HOW)
async def test_rows_that_are_none_are_refused(db: Sandbox, write: Writer) -> None:
    async with db.engine.begin() as connection:
        with pytest.raises(ValueError, match="named emial"):
            await write(connection, Person, [{"email": "a"}, {"emial": "b"}])
        with pytest.raises(ValueError, match="is empty"):
            await write(connection, Person, [{}])
        with pytest.raises(TypeError, match="A row is a dict"):
            await write(connection, Person, [("a",)])
        with pytest.raises(TypeError, match="A row is a dict"):
            await write(connection, Person, {"email": "one dict is no feed"})
        with pytest.raises(ValueError, match="Animal is not one class for one table"):
            await write(connection, Animal, [{"id": 1}])
    assert await people(db) == []


@pytest.mark.parametrize("write", HOW)
async def test_a_refused_row_is_an_integrity_error_and_a_savepoint_survives_it(
    db: Sandbox, write: Writer
) -> None:
    async with db.engine.begin() as connection:
        await write(connection, Person, [{"email": "a"}])
        with pytest.raises(IntegrityError):
            async with connection.begin_nested():
                await write(connection, Person, [{"email": "b"}, {"email": "a"}])
        await write(connection, Person, [{"email": "c"}])
    assert [row[0] for row in await people(db)] == ["a", "c"]


async def test_copy_reports_what_it_cannot_do() -> None:
    async with open_sandbox("postgresql", users=0) as db, db.engine.begin() as connection:
        await connection.run_sync(OwnBase.metadata.create_all)
        with pytest.raises(ValueError, match=r"stamped\.day is SQL"):
            await copy_rows(connection, Stamped, [{"id": 1}])
        await copy_rows(connection, Stamped, [{"id": 1, "day": date(2026, 1, 1)}])
        with pytest.raises(DBAPIError):
            async with connection.begin_nested():
                await connection.execute(text("DROP TABLE stamped"))
                await copy_rows(connection, Stamped, [{"id": 2, "day": date(2026, 1, 1)}])
        assert await connection.scalar(select(func.count()).select_from(Stamped)) == 1


async def test_copy_is_a_copy() -> None:
    """No INSERT passes by on PostgreSQL; on SQLite an INSERT is all there is."""
    for backend, inserts in ("postgresql", 0), ("sqlite", 1):
        async with open_sandbox(backend, users=0) as db, db.engine.begin() as connection:
            await connection.run_sync(OwnBase.metadata.create_all)
            with watch(connection) as sql:
                await copy_rows(connection, Person, [{"email": "a"}, {"email": "b"}])
            assert [statement.kind for statement in sql.all].count("INSERT") == inserts
            assert await connection.scalar(select(func.count()).select_from(Person)) == 2


async def test_copy_follows_the_schema_translation() -> None:
    async with open_sandbox("postgresql", users=0) as db, db.engine.begin() as plain:
        await plain.run_sync(OwnBase.metadata.create_all)
        await plain.execute(text("CREATE TEMPORARY TABLE people (LIKE people INCLUDING ALL)"))
        connection = await plain.execution_options(schema_translate_map={None: "public"})
        await copy_rows(connection, Person, [{"id": 1, "email": "a"}])
        assert await connection.scalar(text("SELECT count(*) FROM public.people")) == 1
        assert await connection.scalar(text("SELECT count(*) FROM pg_temp.people")) == 0


# ---------------------------------------------------------------- upsert


async def test_an_upsert_inserts_and_updates(db: Sandbox) -> None:
    async with db.engine.begin() as connection:
        await insert_rows(connection, Person, [{"email": "a", "name": "old", "points": 1}])
        rows = [{"email": "a", "name": "new"}, {"email": "b", "name": "B"}]
        with watch(connection) as sql:
            assert await upsert_rows(connection, Person, rows, key=["email"]) == 2
        assert sql.sent == 1
    assert await people(db) == [("a", "new", 1, "Berlin"), ("b", "B", 7, "Berlin")]
    async with db.sessions() as session:
        changed = await session.execute(select(Person.email, Person.changed).order_by(Person.email))
        assert [tuple(row) for row in changed] == [("a", 1), ("b", 0)]


async def test_the_last_value_of_a_key_wins(db: Sandbox) -> None:
    rows = [
        {"email": "a", "name": "1", "points": 1},
        {"email": "b", "name": "2"},
        {"email": "a", "name": "3"},
        {"email": "a", "city": None},
    ]
    async with db.engine.begin() as connection:
        assert await upsert_rows(connection, Person, rows, key=["email"]) == 4
    assert await people(db) == [("a", "3", 1, None), ("b", "2", 7, "Berlin")]
    async with db.engine.begin() as connection:
        await upsert_rows(connection, Person, reversed(rows), key=["email"], size=1)
    assert await people(db) == [("a", "1", 1, None), ("b", "2", 7, "Berlin")]


async def test_a_single_statement_of_values_would_be_refused() -> None:
    """The reason for one row per key; if this ever fails, the merging may go."""
    from sqlalchemy.dialects.postgresql import insert as pg_insert

    async with open_sandbox("postgresql", users=0) as db, db.engine.begin() as connection:
        await connection.run_sync(OwnBase.metadata.create_all)
        twice = [{"e_mail": "a", "points": 1, "changed": 0}] * 2
        statement = pg_insert(Person).values(twice)
        statement = statement.on_conflict_do_update(index_elements=["e_mail"], set_={"points": 2})
        with pytest.raises(DBAPIError, match="cannot affect row a second time"):
            await connection.execute(statement)


async def test_what_an_upsert_may_touch(db: Sandbox) -> None:
    async with db.engine.begin() as connection:
        await insert_rows(connection, Person, [{"id": 5, "email": "a", "name": "old", "points": 1}])
        rows = [{"id": 9, "email": "a", "name": "new", "points": 2}, {"email": "c", "name": "C"}]
        await upsert_rows(connection, Person, rows, key=["email"], update=["points"])
        await upsert_rows(connection, Person, [{"email": "a", "name": "x"}], key=["email"], update=())
        rows = [{"email": "d", "name": "first"}, {"email": "d", "name": "second"}]
        await upsert_rows(connection, Person, rows, key=["email"], update=())
        await upsert_rows(connection, Person, [{"id": 77, "email": "a", "city": "X"}], key=["email"])
    assert await people(db) == [
        ("a", "old", 2, "X"),
        ("c", "C", 7, "Berlin"),
        ("d", "first", 7, "Berlin"),
    ]
    async with db.sessions() as session:
        assert await session.scalar(select(Person.id).where(Person.email == "a")) == 5


async def test_an_upsert_without_a_usable_key_is_refused(db: Sandbox) -> None:
    async with db.engine.begin() as connection:
        for row in {"name": "x"}, {"email": None, "name": "x"}:
            with pytest.raises(ValueError, match="no value for its key"):
                await upsert_rows(connection, Person, [row], key=["email"])
        with pytest.raises(ValueError, match="needs a key"):
            await upsert_rows(connection, Person, [{"email": "a"}], key=[])
        with pytest.raises(ValueError, match="named emial"):
            await upsert_rows(connection, Person, [{"email": "a"}], key=["emial"])
        with pytest.raises(ValueError, match="named nmae"):
            await upsert_rows(connection, Person, [{"email": "a"}], key=["email"], update=["nmae"])
        with pytest.raises(DBAPIError):
            async with connection.begin_nested():
                await upsert_rows(connection, Person, [{"email": "a", "name": "A"}], key=["name"])
    assert await people(db) == []


# ---------------------------------------------------------------- load


async def write_people(connection: AsyncConnection, chunk: list[Any]) -> None:
    await insert_rows(connection, Person, chunk)


async def copy_people(connection: AsyncConnection, chunk: list[Any]) -> None:
    await copy_rows(connection, Person, chunk)


async def upsert_people(connection: AsyncConnection, chunk: list[Any]) -> None:
    await upsert_rows(connection, Person, chunk, key=["email"])


async def test_a_load_commits_and_reports_every_chunk(db: Sandbox) -> None:
    seen: list[tuple[LoadProgress, int]] = []
    stored: list[int] = []

    async def write(connection: AsyncConnection, chunk: list[Any]) -> None:
        stored.append(await count(db, Person))  # another connection sees what is committed
        await write_people(connection, chunk)

    def report(progress: LoadProgress) -> None:
        seen.append((progress, len(stored)))

    progress = await load(db.engine, Feed(5).later(), write, job="j", size=2, on_progress=report)
    assert stored == [0, 2, 4]
    assert seen == [
        (LoadProgress(2), 1),
        (LoadProgress(4), 2),
        (LoadProgress(5), 3),
        (LoadProgress(5, finished=True), 3),
    ]
    assert progress == LoadProgress(5, finished=True)


@pytest.mark.parametrize("write", [write_people, copy_people])
@pytest.mark.parametrize("kind", ["later", "now"])
async def test_a_load_goes_on_after_its_feed_broke(db: Sandbox, write: Writer, kind: str) -> None:
    broken = Feed(100, fails_at=55)
    with pytest.raises(ConnectionError):
        await load(db.engine, getattr(broken, kind)(), write, job="j", size=10)
    assert broken.closed
    assert await count(db, Person) == 50
    progress = await load(db.engine, getattr(Feed(100), kind)(), write, job="j", size=7)
    assert progress == LoadProgress(100, resumed=50, finished=True)
    assert await count(db, Person) == 100
    assert await load(db.engine, getattr(Feed(100), kind)(), write, job="j") == LoadProgress(100, 100, True)
    assert await count(db, Person) == 100


@pytest.mark.parametrize("write", [write_people, copy_people])
@pytest.mark.parametrize(("moment", "kind"), [("before", "later"), ("after", "now")])
async def test_a_chunk_and_its_note_are_stored_together(
    db: Sandbox, write: Writer, moment: str, kind: str
) -> None:
    """Whether it breaks before or after its rows are sent, a chunk counts only when it is committed."""
    calls = 0

    async def breaks(connection: AsyncConnection, chunk: list[Any]) -> None:
        nonlocal calls
        calls += 1
        if calls == 3 and moment == "before":
            raise ConnectionError
        await write(connection, chunk)
        if calls == 3:
            raise ConnectionError

    feed = Feed(50)
    source = getattr(feed, kind)()  # held here, so that no garbage collector closes it
    with pytest.raises(ConnectionError):
        await load(db.engine, source, breaks, job="j", size=10)
    assert feed.closed
    assert await count(db, Person) == 20
    await load(db.engine, Feed(50).later(), write, job="j", size=10)
    assert await count(db, Person) == 50


async def test_a_callback_that_fails_ends_the_load_after_the_commit(db: Sandbox) -> None:
    def stop(progress: LoadProgress) -> None:
        if progress.done == 20:
            raise KeyError("enough")

    feed = Feed(50)
    with pytest.raises(KeyError):
        await load(db.engine, feed.later(), write_people, job="j", size=10, on_progress=stop)
    assert feed.closed
    assert await count(db, Person) == 20
    assert (await load(db.engine, Feed(50).now(), write_people, job="j")).resumed == 20
    assert await count(db, Person) == 50


@pytest.mark.parametrize("where", ["feed", "write"])
async def test_a_cancelled_load_goes_on_later(db: Sandbox, where: str) -> None:
    reached = asyncio.Event()
    feed = Feed(50)

    async def slow_feed() -> AsyncIterator[LiveRow]:
        async for row in feed.later():
            if where == "feed" and row["email"] == "25@x":
                reached.set()
                await asyncio.sleep(30)
            yield row

    async def write(connection: AsyncConnection, chunk: list[Any]) -> None:
        await write_people(connection, chunk)
        if where == "write" and chunk[0]["email"] == "20@x":
            reached.set()
            await asyncio.sleep(30)

    source = slow_feed()
    task = asyncio.create_task(load(db.engine, source, write, job="j", size=10))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(StopAsyncIteration):  # closed: nothing more comes
        await anext(source)
    assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert await count(db, Person) == 20
    await load(db.engine, Feed(50).later(), write_people, job="j", size=10)
    assert await count(db, Person) == 50


@pytest.mark.parametrize("write", HOW)
async def test_a_write_that_waits_can_be_cancelled(write: Writer) -> None:
    """PostgreSQL alone: another transaction holds the key, so the server itself is waiting."""
    async with open_sandbox("postgresql", users=0) as db:
        async with db.engine.begin() as connection:
            await connection.run_sync(OwnBase.metadata.create_all)

        async def store(connection: AsyncConnection, chunk: list[Any]) -> None:
            await write(connection, Person, chunk)

        async with db.engine.connect() as holder:
            await holder.execute(insert(Person), {"e_mail": "3@x"})
            task = asyncio.create_task(load(db.engine, Feed(4).later(), store, job="j", size=2))
            waiting = text(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            async with asyncio.timeout(20), db.engine.connect() as observer:
                while not await observer.scalar(waiting):
                    await observer.rollback()  # or the statistics stay those of the first look
                    await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await holder.rollback()
        assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        assert await count(db, Person) == 2
        await load(db.engine, Feed(4).later(), store, job="j", size=2)
        assert await count(db, Person) == 4


async def test_no_connection_is_held_while_the_feed_is_read(db: Sandbox) -> None:
    out: list[int] = []

    async def feed() -> AsyncIterator[dict[str, Any]]:
        for number in range(6):
            out.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
            yield {"email": str(number)}

    await load(db.engine, feed(), write_people, job="j", size=2)
    assert out == [0] * 6


@pytest.mark.parametrize("begun", [False, True])
async def test_two_loads_of_one_job_store_no_row_twice(db: Sandbox, begun: bool) -> None:
    """Whoever moves the note first goes on; the other one is told."""

    async def write(connection: AsyncConnection, chunk: list[Any]) -> None:
        await asyncio.sleep(0.01)
        await connection.execute(insert(Sale), [{**SALE, "customer": row["customer"]} for row in chunk])

    rows = [{"customer": number} for number in range(20)]
    if begun:
        with pytest.raises(ZeroDivisionError):
            await load(db.engine, rows, write, job="j", size=5, on_progress=lambda progress: 1 / 0)
        assert await count(db, Sale) == 5
    outcomes = await asyncio.gather(
        *(load(db.engine, rows, write, job="j", size=5) for _ in range(2)), return_exceptions=True
    )
    failed = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert len(failed) == 1
    assert isinstance(failed[0], LoadConflict)
    assert await count(db, Sale) == 20


SALE = {"day": date(1997, 1, 1), "cds": 1, "cents": 1, "nth": 1}


async def test_jobs_have_notes_of_their_own(db: Sandbox) -> None:
    await load(db.engine, [{"email": "a"}], write_people, job="one")
    await load(db.engine, [{"email": "b"}], write_people, job="two")
    with pytest.raises(ValueError, match="has only 0"):
        await load(db.engine, [], write_people, job="two")
    async with db.engine.begin() as connection:
        await connection.execute(delete(load_notes).where(load_notes.c.job == "two"))
    assert await load(db.engine, [], write_people, job="two") == LoadProgress(0, finished=True)
    assert await count(db, Person) == 2


async def test_without_a_job_nothing_is_noted(db: Sandbox) -> None:
    for _ in range(2):
        progress = await load(db.engine, Feed(9).now(), upsert_people, job=None, size=4)
        assert progress == LoadProgress(9, finished=True)
    assert await count(db, Person) == 9
    async with db.engine.connect() as connection:
        with pytest.raises(DBAPIError):
            await connection.execute(select(load_notes))


@pytest.mark.parametrize("kind", ["later", "now"])
@pytest.mark.parametrize("write", [write_people, copy_people, upsert_people])
async def test_one_chunk_of_rows_is_alive_at_a_time(db: Sandbox, write: Writer, kind: str) -> None:
    feed = Feed(2_000)
    await load(db.engine, getattr(feed, kind)(), write, job="j", size=100)
    assert feed.most_alive <= 101  # and the row that is being read
    await load(db.engine, getattr(again := Feed(2_000), kind)(), write, job="j", size=100)
    assert again.most_alive <= 101
    assert await count(db, Person) == 2_000


@pytest.mark.parametrize("write", [insert_rows, copy_rows, partial(upsert_rows, key=["email"])])
async def test_a_hundred_thousand_rows_in_one_transaction(db: Sandbox, write: Writer) -> None:
    feed = Feed(100_000)
    async with db.engine.begin() as connection:
        assert await write(connection, Person, feed.later(), size=1_000) == 100_000
    assert feed.most_alive <= 1_001
    assert await count(db, Person) == 100_000


# ---------------------------------------------------------------- the real orders


def sales() -> Iterator[dict[str, Any]]:
    """The real orders with their number among equals; a customer's orders stand together in the file."""
    customer, equals = 0, Counter[tuple[Any, ...]]()
    for order in real_orders():
        if order.customer_id != customer:
            customer, equals = order.customer_id, Counter()
        same = (order.ordered_on, order.cds, order.cents)
        equals[same] += 1
        yield {
            "customer": customer,
            "day": order.ordered_on,
            "cds": order.cds,
            "cents": order.cents,
            "nth": equals[same],
        }


KEY = ("customer", "day", "cds", "cents", "nth")


async def test_all_real_orders_twice_by_upsert(db: Sandbox) -> None:
    async def write(connection: AsyncConnection, chunk: list[Any]) -> None:
        await upsert_rows(connection, Sale, chunk, key=KEY)

    for job in "first", "second":
        assert (await load(db.engine, sales(), write, job=job)).done == 69_659
        assert await count(db, Sale) == 69_659


@pytest.mark.parametrize("how", HOW)
async def test_all_real_orders_in_spite_of_a_failure(db: Sandbox, how: Writer) -> None:
    async def write(connection: AsyncConnection, chunk: list[Any]) -> None:
        await how(connection, Sale, chunk)

    def broken() -> Iterator[dict[str, Any]]:
        for number, row in enumerate(sales()):
            if number == 33_333:
                raise ConnectionError
            yield row

    with pytest.raises(ConnectionError):
        await load(db.engine, broken(), write, job="orders")
    assert await count(db, Sale) == 30_000
    for resumed in 30_000, 69_659:
        progress = await load(db.engine, sales(), write, job="orders")
        assert progress == LoadProgress(69_659, resumed, True)
        assert await count(db, Sale) == 69_659
    async with db.sessions() as session:
        total = await session.execute(select(func.sum(Sale.cds), func.sum(Sale.cents)))
        expected = [sum(order.cds for order in real_orders()), sum(order.cents for order in real_orders())]
        assert list(total.one()) == expected
