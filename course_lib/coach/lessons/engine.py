"""Lesson 02: what an engine is, what its blocks keep, and the event loop that it belongs to."""

import asyncio
import gc
import weakref
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import NoResultFound, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from course_lib.coach.describe import describe
from course_lib.coach.exercise import Choice, Exercise, Lab, Lesson, Question, Requirement
from course_lib.lens import connections
from course_lib.lens.statements_view import counted
from course_lib.patterns import make_engine
from course_lib.shop import Product

NOBODY = 99_999_999
UNKNOWN = (LookupError, NoResultFound, ValueError, AssertionError)
REFUSED = (SQLAlchemyError, asyncpg.PostgresError)


class Delivery(Exercise):
    """Commit all of a delivery or nothing, on a borrowed connection of a borrowed engine."""

    id = "engine/delivery"
    title = "The delivery"
    defines = "book_delivery"
    minutes = 8
    achieved = "borrow a connection, commit, and give it back on every way out"
    users = (7, 7, 7)
    requirements = {
        "booked": Requirement(
            "afterwards another connection reads the new stock",
            "What is not committed is rolled back, without a word. The block of `connect()` does not commit.",
            "engine/2",
        ),
        "added": Requirement(
            "what was delivered is added to the stock of these products, and of no others",
            "`values(stock=cds)` puts the delivery in place of the stock. `Product.stock + cds` adds to it.",
            "engine/2",
        ),
        "number": Requirement(
            "the number of CDs is returned, 0 for an empty delivery",
            "The number of products, or of statements, is another number.",
            "engine/2",
        ),
        "unknown": Requirement(
            "a product that does not exist raises LookupError",
            "An UPDATE that matches no row is no error. Somebody has to look at `rowcount`, and raise: what is "
            "returned instead, or raised under another name, the caller does not expect.",
            "engine/2",
        ),
        "nothing": Requirement(
            "if a product does not exist, nothing of the delivery is booked",
            "What was committed before the error stays. One commit, at the end, keeps the parts together. "
            "Statements that `gather` has started go on after an error.",
            "engine/2",
        ),
        "given-back": Requirement(
            "after a delivery the connection is back in the pool",
            "A connection that is not closed stays out until the garbage collector finds it.",
            "engine/2",
        ),
        "given-back-on-error": Requirement(
            "after an error the connection is back in the pool",
            "An exception skips the `close()` at the end of the function.",
            "engine/2",
        ),
        "engine": Requirement(
            "the caller's engine keeps its pool and its open connections",
            "`dispose()` ends the whole pool, for everybody who uses the engine.",
            "engine/2",
        ),
    }
    hints = (
        "Which of the two blocks of step 2 commits?",
        "`async with engine.begin() as connection:` around the loop. What happens to it when an error leaves?",
        "Keep the loop as it is, inside that block; `connect`, `close` and `dispose` go. The sum comes after it.",
    )
    afterword = (
        "`engine.begin()` commits at the end of its block, rolls back when an error leaves it, and gives the "
        "connection back in both cases. Whoever made the engine disposes of it; a function that borrows it "
        "does not."
    )
    another = """
async def book_delivery(engine, delivery):
    async with engine.connect() as connection:
        known = set(await connection.scalars(select(Product.id).where(Product.id.in_(delivery))))
        if unknown := delivery.keys() - known:
            raise LookupError(f"there are no products {sorted(unknown)}")
        for product_id, cds in delivery.items():
            here = Product.id == product_id
            await connection.execute(update(Product).where(here).values(stock=Product.stock + cds))
        await connection.commit()
    return sum(delivery.values())
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Book a delivery, one with a product that does not exist, and an empty one."""
        async with lab.shop(7) as db:
            before = await _stocks(db.engine)
            delivery = {5: 10, 17: 1}
            call = await self._book(answer, lab, db, delivery, "two products")
            wanted = {**before, 5: before[5] + 10, 17: before[17] + 1}
            after = await _stocks(db.engine)
            wrong = [key for key in wanted if wanted[key] != after.get(key)]
            if lab.expect("booked", after != before, "the stock of every product is as it was", call):
                first = next(iter(wrong), 5)
                saw = f"the stock of product {first} was {before[first]} and is {after.get(first)}"
                lab.expect("added", not wrong, f"{saw}, not {wanted[first]}", call)
            lab.same("number", call.value, 11, call)
        if lab.raised:  # the other cases would show the same error under another name
            return
        async with lab.shop(7) as db:
            before = await _stocks(db.engine)
            call = await self._book(
                answer, lab, db, {5: 10, NOBODY: 2, 17: 1}, "a product that does not exist", UNKNOWN
            )
            saw = type(call.error).__name__ if call.error else f"no error, and {call.value!r} was returned"
            lab.expect("unknown", isinstance(call.error, LookupError), saw, call)
            after = await _stocks(db.engine)
            changed = [key for key in before if before[key] != after.get(key)]
            lab.expect("nothing", not changed, f"the stock of {_few(changed)} was changed all the same", call)
        async with lab.shop(7) as db:
            call = await self._book(answer, lab, db, {}, "an empty delivery")
            lab.expect("number", call.value == 0, f"{call.value!r} for an empty delivery", call)

    async def _book(
        self, answer: Any, lab: Lab, db: Any, delivery: dict[int, int], label: str, catch: Any = ()
    ) -> Any:
        pool = db.engine.pool
        with connections(db.engine) as seen:
            call = await lab.call(answer, db.engine, delivery, on=db, catch=catch, label=label)
        key = "given-back-on-error" if catch else "given-back"
        kept = seen.out + seen.lost
        lab.expect(key, not kept, f"{counted(kept, 'connection')} not back in the pool", call)
        kind = "a new pool" if db.engine.pool is not pool else "connections were closed"
        lab.expect("engine", db.engine.pool is pool and not seen.closed, kind, call)
        return call


async def _stocks(engine: AsyncEngine) -> dict[int, int]:
    async with engine.connect() as connection:
        return {key: stock for key, stock in await connection.execute(select(Product.id, Product.stock))}


def _few(keys: Any) -> str:
    shown = ", ".join(str(key) for key in sorted(keys)[:3])
    return f"product {shown}" + (" and others" if len(keys) > 3 else "")


class CreateMissing(Exercise):
    """Create the tables that a database lacks, all or none, from async code."""

    id = "engine/create-missing"
    title = "Create what is missing"
    defines = "create_missing"
    minutes = 8
    achieved = "create tables and inspect a database from async code"
    users = (7, 7)
    requirements = {
        "created": Requirement(
            "afterwards the tables are there for another connection",
            "Creating a table is part of the transaction, and goes back with it.",
            "engine/3",
        ),
        "names": Requirement(
            "the names of the tables that were missing are returned, sorted; an empty list if none was",
            "A `MetaData` knows its own tables. Which of them the database has, it must be asked, before they "
            "are created. `sorted` puts the names in order.",
            "engine/3",
        ),
        "kept": Requirement(
            "tables that were there keep their rows",
            "`create_all` leaves alone what is there. Dropping first takes the rows along.",
            "engine/3",
        ),
        "together": Requirement(
            "if one table cannot be created, none is",
            "Only what stands in one block of `begin()`, on its connection, goes back together. A second "
            "block, or the engine in place of the connection, commits by itself.",
            "engine/2",
        ),
        "error": Requirement(
            "if a table cannot be created, the error reaches the caller",
            "An error that is swallowed looks like a database that needs nothing.",
            "engine/3",
        ),
        "given-back": Requirement(
            "no connection is kept, and the engine keeps its pool",
            "A connection that is not closed stays out. `dispose()` is for whoever made the engine.",
            "engine/2",
        ),
    }
    hints = (
        "Both questions, which tables are there and create the others, need a plain function. Who calls it?",
        "Write a plain function that takes the connection, asks `inspect(connection).get_table_names()`, and "
        "calls `metadata.create_all(connection)`.",
        "`async with engine.begin() as connection: return await connection.run_sync(create)`.",
    )
    afterword = (
        "The plain function gets the synchronous face of the connection, so everything in it runs in the one "
        "transaction of `begin()`: what is there is asked, what is missing is created, and both or neither "
        "stay. `run_sync` hands back what the function returns."
    )
    another = """
async def create_missing(engine, metadata):
    async with engine.connect() as connection:
        async with connection.begin():
            there = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
            missing = [table for table in metadata.sorted_tables if table.name not in there]
            for table in missing:
                await connection.run_sync(table.create)
    return sorted(table.name for table in missing)
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Create two tables beside one that is there, call again, and let one table be refused."""
        async with lab.shop(7) as db:
            notes, metadata = _features()
            async with db.engine.begin() as connection:
                await connection.run_sync(notes.create)
                await connection.execute(insert(notes).values(id=1, text="behalten"))
            for label, wanted in (("a table is there", ["Wünsche", "order"]), ("all are there", [])):
                call = await self._create(answer, lab, db, metadata, label)
                lab.expect("names", call.value == wanted, f"{call.value!r} instead of {wanted!r}", call)
                there = await _tables(db.engine)
                lacking = [name for name in metadata.tables if name not in there]
                if not lab.expect("created", not lacking, f"there is no table {', '.join(lacking)}", call):
                    break
                async with db.engine.connect() as connection:
                    texts = list(await connection.scalars(select(notes.c.text))) if "notes" in there else []
                lab.expect("kept", texts == ["behalten"], f"the table notes holds {texts}", call)
        async with lab.shop(7) as db:
            before = await _tables(db.engine)
            _, metadata = _features()
            # It refers to another table, so it comes last; no database can read its condition.
            Table(
                "ratings",
                metadata,
                Column("id", Integer, primary_key=True),
                Column("wish_id", ForeignKey("Wünsche.id")),
                CheckConstraint("id >"),
            )
            call = await self._create(answer, lab, db, metadata, "a table is refused", SQLAlchemyError)
            lab.expect("error", call.error is not None, f"no error, and {call.value!r} was returned", call)
            new = sorted(await _tables(db.engine) - before)
            lab.expect("together", not new, f"these tables were created: {', '.join(new)}", call)

    async def _create(
        self, answer: Any, lab: Lab, db: Any, metadata: MetaData, label: str, catch: Any = ()
    ) -> Any:
        pool = db.engine.pool
        with connections(db.engine) as seen:
            call = await lab.call(
                answer, db.engine, metadata, on=db, returns=list, of=str, catch=catch, label=label
            )
        kept = seen.out + seen.lost
        lab.expect("given-back", not kept, f"{counted(kept, 'connection')} not back in the pool", call)
        lab.expect("given-back", db.engine.pool is pool, "the engine has a new pool", call)
        return call


def _features() -> tuple[Table, MetaData]:
    """Three tables; the names need quotes, and their order is not the one in which they are created."""
    metadata = MetaData()
    notes = Table("notes", metadata, Column("id", Integer, primary_key=True), Column("text", String(100)))
    Table(
        "Wünsche",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("order_id", ForeignKey("order.id")),
    )
    Table("order", metadata, Column("id", Integer, primary_key=True))
    return notes, metadata


async def _tables(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


class CountInAnyLoop(Exercise):
    """Count under one event loop after the other, and leave nothing on the server."""

    id = "engine/count-in-any-loop"
    title = "A count in any loop"
    defines = "count_orders"
    minutes = 8
    achieved = "use a database from one event loop after the other"
    backends = ("postgresql",)
    users = (0, 7, 7)
    requirements = {
        "number": Requirement(
            "the number of orders is returned, 0 if there are none",
            "Counting another table, or its distinct users, gives another number.",
            "engine/4",
        ),
        "every-loop": Requirement(
            "every call gives the number, whichever event loop it runs under",
            "A pooled connection belongs to the loop that opened it, and a ping on it fails in the same way. "
            "One engine per application holds for applications with one loop.",
            "engine/4",
        ),
        "released": Requirement(
            "after a call the server holds no session of it",
            "A session ends when its connection is closed. The pool keeps open what lies in it, and nobody "
            "disposes of an engine for you. `dispose()` closes what lies in the pool at that moment; with "
            "`close=False` it closes nothing. NullPool closes what is given back.",
            "engine/5",
        ),
        "released-on-error": Requirement(
            "after an error the server holds no session of the call",
            "An exception skips what stands at the end of the function: `finally` is met in every case.",
            "engine/5",
        ),
        "error": Requirement(
            "an error of the database reaches the caller",
            "An error that is swallowed turns into a wrong number.",
            "engine/2",
        ),
    }
    hints = (
        "What did the first day leave behind, and in which loop was it opened?",
        "Step 5 shows two ways: a pool that keeps nothing, or an engine that is disposed of in the same loop.",
        "`engine = make_engine(url, poolclass=NullPool)`, inside the function, and a block of `connect()`.",
    )
    afterword = (
        "An engine made inside the function belongs to the loop of this call. With NullPool, giving the "
        "connection back closes it, on every way out. `dispose()` in a `finally` does the same. For one query "
        "a day the price of a new connection does not matter; for a web application it would."
    )
    another = """
async def count_orders(url):
    engine = make_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.scalar(select(func.count()).select_from(Order))
    finally:
        await engine.dispose()
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Call it here, then in five other loops, and look at the server; then let the query fail."""
        # This loop lives on, so its connections are left alone: a driver that is used from two threads at
        # the same time may end the process. The five loops below end one before the other begins.
        async with lab.shop(0) as db:
            none = await lab.call(answer, db.url, label="no orders")
        if lab.broken or lab.raised:
            return
        async with lab.shop(7) as db, _sessions(db.engine) as left:
            orders = await _count(db.engine)
            with _no_collector():
                first = await lab.call(_elsewhere, answer, db.url, returns=int, label="the first loop")
                lab.same("number", first.value, orders, first)
                lab.expect("number", none.value == 0, f"{none.value!r} where there are no orders", none)
                lost = [each for each in first.warnings if "garbage collector" in each]
                right = True
                for number in range(2, 6):
                    label = f"loop number {number}"
                    call = await lab.call(_elsewhere, answer, db.url, blame="every-loop", label=label)
                    lost += [each for each in call.warnings if "garbage collector" in each]
                    right &= lab.same("every-loop", call.value, first.value, call)
                if right:
                    open_still = await left()
                    saw = (
                        "a connection was never closed" if lost else f"{counted(open_still, 'session')} open"
                    )
                    lab.expect("released", not lost and not open_still, f"{saw} after five calls", call)
        if lab.broken:  # what is kept for another loop is kept after an error too: one mistake is enough
            return
        async with lab.shop(7) as db, _sessions(db.engine) as left:
            async with db.engine.begin() as connection:
                await connection.execute(text("ALTER TABLE orders RENAME TO elsewhere"))
            with _no_collector():
                call = await lab.call(_elsewhere, answer, db.url, catch=REFUSED, label="the table is missing")
                lab.expect("error", call.error, f"no error, and {call.value!r} was returned", call)
                lost = [each for each in call.warnings if "garbage collector" in each]
                open_still = await left()
                saw = "a connection was never closed" if lost else f"{counted(open_still, 'session')} open"
                lab.expect("released-on-error", not lost and not open_still, f"{saw} after an error", call)


async def _count(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return int((await connection.execute(text("SELECT count(*) FROM orders"))).scalar_one())


async def _elsewhere(answer: Any, *args: Any) -> Any:
    """What an answer gives under an event loop of its own, in another thread."""

    async def awaited() -> Any:
        return await answer(*args)

    return await asyncio.to_thread(lambda: asyncio.run(awaited()))


@contextmanager
def _no_collector() -> Iterator[None]:
    """Without the garbage collector an engine that nobody holds stays: no answer passes because it came."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class _sessions:
    """Counts the server's sessions of our role but those that were there at the start."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def _pids(self) -> set[int]:
        query = text("SELECT pid FROM pg_stat_activity WHERE usename = current_user")
        async with self._engine.connect() as connection:
            return set(await connection.scalars(query))

    async def __aenter__(self) -> Callable[[], Awaitable[int]]:
        self._before = await self._pids()
        return self.left

    async def __aexit__(self, *_: object) -> None:
        pass

    async def left(self) -> int:
        """How many are open; the server gets a moment to end those that were closed."""
        for _ in range(50):
            more = len(await self._pids() - self._before)
            if not more:
                return 0
            await asyncio.sleep(0.02)
        return more


class EngineHere(Exercise):
    """One engine per event loop and URL, found again, and not kept for longer than its loop."""

    id = "engine/engine-here"
    title = "The engine of this loop"
    defines = "engine_here"
    core = False
    minutes = 12
    achieved = "give every event loop an engine of its own"
    backends = ("postgresql",)
    users = (0, 7)
    seconds = 40.0
    requirements = {
        "same": Requirement(
            "the same URL in the same loop gives the same engine",
            "An engine that is not found again is a pool that is not used again. It has to be kept while its "
            "loop lives, also when another loop asks in between.",
            "engine/1",
        ),
        "urls": Requirement(
            "another URL gives another engine",
            "A loop may talk to several databases.",
            "engine/1",
        ),
        "loops": Requirement(
            "another loop gives another engine, also when the first loop is gone",
            "The URL, the thread or the context does not tell one loop from another. Nor does `id(loop)` for "
            "ever: the id of a loop that is gone may be given to the next one.",
            "engine/4",
        ),
        "pool": Requirement(
            "a connection that was given back is used again",
            "NullPool mends the loops, and opens a new connection for every block.",
            "engine/5",
        ),
        "memory": Requirement(
            "a loop that has ended and whose engines were disposed of is not kept in memory",
            "A dictionary holds its keys, and a variable what was put into it, until somebody takes it out: "
            "a loop that stays until the next call may stay for ever.",
            "engine/5",
        ),
        "no-loop": Requirement(
            "without a running loop RuntimeError is raised",
            "`get_event_loop()` gives some loop even where none is running.",
            "engine/4",
        ),
    }
    hints = (
        "A dictionary of engines: what has to be in its key? And what happens to a key when the loop is gone?",
        "`asyncio.get_running_loop()` gives the loop or raises. `weakref.WeakKeyDictionary` lets its keys go.",
        "A `WeakKeyDictionary` from the loop to a dictionary of engines by URL, made outside the function: "
        "`own.setdefault(asyncio.get_running_loop(), {})`.",
    )
    afterword = (
        "The engines are kept with the running loop, so they go when the loop goes. A dictionary that holds "
        "its keys weakly does the same without touching the loop. An engine that was not disposed of would "
        "hold its loop through its connections, so disposing remains the caller's duty. "
        "`get_running_loop()` raises where no loop runs."
    )
    another = """
from weakref import WeakKeyDictionary

own = WeakKeyDictionary()


def engine_here(url):
    engines = own.setdefault(asyncio.get_running_loop(), {})
    if url not in engines:
        engines[url] = make_engine(url)
    return engines[url]
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Ask twice in one loop, in many loops after one another, in two at once, and in none."""
        async with lab.shop(7) as db, lab.shop(0) as other:
            async with lab.case("this loop"):
                call = await lab.call(
                    answer, db.url, returns=AsyncEngine, asynchronous=False, label="this loop"
                )
                kept = weakref.ref(call.value)
                call.value = None
                gc.collect()  # the function has to keep the engine: here nobody does
                label = "the same URL again"
                again = await lab.call(answer, db.url, returns=AsyncEngine, asynchronous=False, label=label)
                engine = again.value
                lab.expect("same", engine is kept(), "another engine", again)
                with connections(engine) as seen:
                    for _ in range(2):
                        async with engine.connect():
                            pass
                lab.expect("pool", seen.opened == 1, f"two blocks opened {seen.opened} connections", call)
                label = "another loop, while this one runs"
                there = await lab.call(_elsewhere, _awaitable(answer), db.url, blame="loops", label=label)
                lab.expect("loops", there.value is not engine, "the engine of this loop", there)
                label = "this loop again, after another one"
                again = await lab.call(answer, db.url, asynchronous=False, label=label)
                lab.expect("same", again.value is engine, "another engine", again)
                second = await lab.call(answer, other.url, asynchronous=False, label="another URL")
                name = make_url(other.url).database
                fits = second.value is not engine and second.value.url.database == name
                lab.expect("urls", fits, "the engine of the first URL", second)
                await engine.dispose()
                await second.value.dispose()
            if "common/unneeded-async" in lab.broken:
                return
            async with lab.case("one loop after another"):
                await self._many_loops(answer, lab, db.url)
            async with lab.case("no loop is running"):
                call = await lab.call(_without_loop, answer, db.url, catch=RuntimeError)
                saw = f"no error, but {describe(call.value)}"
                lab.expect("no-loop", isinstance(call.error, RuntimeError), saw, call)

    async def _many_loops(self, answer: Any, lab: Lab, url: str) -> None:
        engines: weakref.WeakSet[AsyncEngine] = weakref.WeakSet()
        loops: list[weakref.ref[asyncio.AbstractEventLoop]] = []
        known = 0

        async def use(make: Any) -> None:
            nonlocal known
            engine = make(url)
            known += engine in engines
            engines.add(engine)
            loops.append(weakref.ref(asyncio.get_running_loop()))
            if len(loops) < 4:
                async with engine.connect() as connection:
                    await connection.execute(text("SELECT 1"))
            await engine.dispose()

        def one_after_another(make: Any, count: int) -> int:
            """How many of the loops are still there afterwards."""
            loops.clear()
            for _ in range(count):
                # Nothing is made between the end of a loop and the next one, which then gets the same place
                # in memory, and with it the same id.
                with asyncio.Runner() as runner:
                    runner.run(use(make))
                del runner
                gc.collect()
            return sum(loop() is not None for loop in loops)

        async def elsewhere() -> tuple[int, int]:
            # What a loop leaves behind if nobody keeps anything: none, as far as we know.
            always = await asyncio.to_thread(one_after_another, make_engine, 4)
            return always, await asyncio.to_thread(one_after_another, answer, 40)

        gc.collect()
        gc.freeze()  # the collections below look at what is new, and so cost next to nothing
        try:
            call = await lab.call(elsewhere, blame="loops", label="40 loops")
        finally:
            gc.unfreeze()
        lab.expect("loops", not known, "a loop got the engine of one that is gone", call)
        always, kept = call.value
        loops_kept = "1 loop that has ended is" if kept == 1 else f"{kept} loops that have ended are"
        lab.expect("memory", kept <= always, f"{loops_kept} still there", call)


def _awaitable(answer: Any) -> Any:
    async def awaited(url: str) -> Any:
        return answer(url)

    return awaited


async def _without_loop(answer: Any, url: str) -> Any:
    loop = asyncio.get_running_loop()
    asyncio._set_running_loop(None)
    try:
        return answer(url)
    finally:
        asyncio._set_running_loop(loop)


LESSON = Lesson(
    id="engine",
    number="02",
    notebook="02_engine",
    title="Engines",
    promise="When an engine first calls its database, which block commits, and why a second event loop breaks it.",
    minutes=25,
    exercise_minutes=35,
    objectives=(
        "read a database URL, and say which mistakes in it show early and which late",
        "choose between `connect` and `begin`, and say what is kept",
        "create tables and inspect a database from async code",
        'explain "attached to a different loop", and mend it',
        "say who makes and who disposes of an engine",
    ),
    exercises=(Delivery(), CreateMissing(), CountInAnyLoop(), EngineHere()),
    recall=(
        Question(
            "when-a-coroutine-runs",
            "`asked = session.scalar(...)`, without `await`. How many statements have been sent?",
            (
                Choice("None", "Right: a coroutine has not begun. Its `await` starts it.", True),
                Choice("One", "The call gave a coroutine, and nothing of it runs before the `await`."),
            ),
            "await-and-tasks/1",
        ),
        Question(
            "green-on-one-backend",
            "A test passes on SQLite. What does that say about PostgreSQL?",
            (
                Choice(
                    "Nothing certain: what differs has to be run",
                    "Right: a text in place of a number passed on one and not on the other.",
                    True,
                ),
                Choice(
                    "It passes there too: SQLAlchemy hides the differences",
                    "It writes the SQL for both. How the databases and their drivers behave is theirs.",
                ),
            ),
            "start-here/3",
        ),
    ),
    predictions=(
        Question(
            "no-such-folder",
            "`create_async_engine`, then `engine.connect()`, then an `await` of that. The folder of the database "
            "does not exist. Which of the three raises?",
            (
                Choice("`create_async_engine`: it opens the file", ""),
                Choice("the call of `connect()`", ""),
                Choice("the `await`", "", True),
                Choice("None: the folder is created", ""),
            ),
            "engine/1",
        ),
        Question(
            "second-loop",
            "The same engine, on PostgreSQL, in three event loops, one after the other. What do the runs give?",
            (
                Choice("Three results, as on SQLite", ""),
                Choice("A result, then an error twice", "", True),
                Choice("An error in each run", ""),
                Choice("A result, an error, a result: the pool recovers", ""),
            ),
            "engine/4",
        ),
        Question(
            "does-ping-help",
            "With `pool_pre_ping=True`, what does the second run give?",
            (
                Choice("A result: the ping notices and opens a new connection", ""),
                Choice("An error: the ping fails in the same way", "", True),
                Choice("It hangs: the ping waits for ever", ""),
            ),
            "engine/4",
        ),
    ),
    quiz=(
        Question(
            "wrong-host",
            "Somebody mistyped the host name in the database URL. When does the application notice?",
            (
                Choice(
                    "At its first connection",
                    "Right. Connect once at the start, and it notices before the first customer does.",
                    True,
                ),
                Choice(
                    "When the engine is made",
                    "Making it reads the address and loads the driver. Nobody is called.",
                ),
                Choice(
                    "When the module is imported",
                    "Even if the engine is made there, it calls nobody.",
                ),
            ),
            "engine/1",
        ),
        Question(
            "table-is-gone",
            "`async with engine.connect() as c: await c.run_sync(metadata.create_all)` raises nothing, and there "
            "are no tables. Why?",
            (
                Choice(
                    "Nothing was committed",
                    "Right: `engine.begin()` commits at the end of its block.",
                    True,
                ),
                Choice(
                    "`create_all` was not called: its parentheses are missing",
                    "`run_sync` calls it. It gets the function itself, as `to_thread` does.",
                ),
                Choice(
                    "`create_all` needs the engine, not a connection",
                    "An async engine is what it cannot use. A connection, through `run_sync`, is right.",
                ),
            ),
            "engine/3",
        ),
        Question(
            "different-loop",
            "A test suite starts an event loop for each test and shares one engine. On PostgreSQL, which change "
            "does NOT help?",
            (
                Choice(
                    "`pool_pre_ping=True`",
                    "Right: the ping waits on the wrong loop too.",
                    True,
                ),
                Choice(
                    "`poolclass=NullPool`",
                    "This helps: no connection outlives its block, so none meets another loop.",
                ),
                Choice(
                    "`await engine.dispose()` at the end of each test",
                    "This helps: the next loop finds an empty pool.",
                ),
            ),
            "engine/5",
        ),
    ),
    cheat=(
        "async with engine.begin() as connection:",
        "await connection.run_sync(metadata.create_all)",
        "await engine.dispose()",
        "event.listens_for(engine.sync_engine, ...)",
    ),
    terms={
        "engine": "a program's access to one database: its address, its dialect and a pool of connections",
        "dialect": "the kind of database, and SQLAlchemy's knowledge of how it wants to be spoken to",
        "driver": "the library that speaks to the database: aiosqlite, asyncpg",
        "autobegin": "a transaction begins by itself with the first statement on a connection",
        "pool": "where an engine keeps the connections that it has opened",
        "dispose": "close the connections that lie in an engine's pool, and start an empty one",
    },
)
