"""Lesson 03: how many connections there are, who waits for them, and what happens when they die."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from course_lib.coach.describe import causes, error_text
from course_lib.coach.exercise import Choice, Exercise, Lab, Lesson, Question, Requirement
from course_lib.coach.lab import Call
from course_lib.coach.tasks import cancelled
from course_lib.lens import connections
from course_lib.lens.statements_view import counted
from course_lib.patterns import make_engine

PATIENCE = 6.0
"""Seconds after which the check goes on although nothing has come. No right answer meets it."""
BACKEND = text("SELECT pg_backend_pid()")


class GiveItBack(Exercise):
    """Find the ways out of a function on which its connection stays away."""

    id = "connection-pool/give-it-back"
    title = "Give it back"
    defines = "tell_each"
    minutes = 8
    achieved = "give a connection back on every way out, cancellation among them"
    users = (7,)
    requirements = {
        "told": Requirement(
            "`tell` is awaited with the first column of each row, in the query's order",
            "The rows come in the query's order. Each is a tuple, also if it has one column: `row[0]`.",
            "connection-pool/2",
        ),
        "in-turn": Requirement(
            "the rows are told one after the other",
            "`gather` and a TaskGroup start everything at once. A plain loop awaits one and then begins the "
            "next.",
            "await-and-tasks/2",
        ),
        "number": Requirement(
            "the number of rows is returned, 0 if there are none",
            "Count the rows that came: none is no error, and 0 is a number. `rowcount` is made for changes; for "
            "a query a driver may give -1.",
            "connection-pool/2",
        ),
        "given-back": Requirement(
            "afterwards the connection is back in the pool, also if there was no row",
            "The end of a function is a way out, and so is a `return` above the `close()`.",
            "connection-pool/2",
        ),
        "given-back-on-error": Requirement(
            "after an error, of the database or of `tell`, the connection is back in the pool",
            "An exception skips the `close()` that stands below it.",
            "connection-pool/2",
        ),
        "given-back-on-cancel": Requirement(
            "after being cancelled the connection is back in the pool",
            "`CancelledError` is not an `Exception`: `except Exception` does not see it.",
            "await-and-tasks/5",
        ),
        "error": Requirement(
            "an error of the database, or of `tell`, reaches the caller",
            "An error that is swallowed looks like success. One that is raised in its place, such as by a "
            "`finally` that closes what was never opened, hides what happened.",
            "connection-pool/3",
        ),
        "cancelled": Requirement(
            "a cancellation goes on to the caller",
            "A caught CancelledError leaves the caller with a task that does not stop.",
            "await-and-tasks/5",
        ),
        "pool": Requirement(
            "the engine keeps its pool, with its open connections",
            "`dispose()` brings no borrowed connection back, and ends the pool for everybody. `invalidate()` "
            "is for broken connections: it throws this one away.",
            "engine/5",
        ),
    }
    hints = (
        "Count the ways out: rows, no rows, an error, and a fourth, which is no `Exception`.",
        "`try` and `finally` cover all four. There is a shorter form of the same.",
        "`async with engine.connect() as connection:` around everything; no `close()` is left to write.",
    )
    afterword = (
        "The end of the block gives the connection back, whichever way it is left: by `return`, by an error, "
        "by a cancellation. Here the block ends before anybody is told, so that the connection is out for the "
        "query only, and the telling may take as long as it likes."
    )
    another = """
async def tell_each(engine, sql, tell):
    connection = await engine.connect()
    try:
        rows = (await connection.execute(text(sql))).all()
        for row in rows:
            await tell(row[0])
        return len(rows)
    finally:
        await connection.close()
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Tell rows and no rows, fail in the query and in the telling, and be cancelled while telling."""
        async with lab.shop(7) as db:
            tags = "SELECT name, id FROM tags ORDER BY id DESC"
            async with db.engine.connect() as connection:
                names = list(await connection.scalars(text(tags)))
            for sql, wanted in ((tags, names), ("SELECT id FROM users WHERE id < 0", [])):
                tell = _Tell()
                async with self._recorded(lab, db, "given-back") as calls:
                    label = "rows" if wanted else "no rows"
                    call = await lab.call(answer, db.engine, sql, tell, on=db, label=label)
                    calls.append(call)
                    lab.same("told", tell.heard, wanted, call)
                    lab.expect("in-turn", not tell.overlapped, "several were told at the same time", call)
                    lab.expect("number", call.value == len(wanted), f"{call.value!r} for {label}", call)
            if "in-turn" in lab.broken or any(key.startswith("common/") for key in lab.broken):
                return
            no_column = "SELECT no_such_column FROM users"
            for sql, error, label in (
                (no_column, None, "a query that fails"),
                (tags, LookupError("nobody at home"), "a `tell` that fails"),
            ):
                async with self._recorded(lab, db, "given-back-on-error") as calls:
                    kinds = (SQLAlchemyError, LookupError)
                    call = await lab.call(
                        answer, db.engine, sql, _Tell(error), on=db, catch=kinds, label=label
                    )
                    calls.append(call)
                    lab.expect("error", call.error, f"no error, and {call.value!r} was returned", call)
            await self._refused(answer, lab, db.url)
            async with self._recorded(lab, db, "given-back-on-cancel") as calls:
                label = "cancelled while telling"
                call = await lab.call(_cancelled, answer, db.engine, tags, label=label)
                calls.append(call)
                lab.expect("cancelled", call.value == "cancelled", f"the caller got {call.value}", call)

    async def _refused(self, answer: Any, lab: Lab, url: str) -> None:
        engine = make_engine(url)
        event.listen(engine.sync_engine, "do_connect", _Refusing(after=0))
        kinds = (ConnectionRefusedError, SQLAlchemyError, UnboundLocalError)
        label = "no connection is to be had"
        try:
            call = await lab.call(answer, engine, "SELECT 1", _Tell(), catch=kinds, label=label)
        finally:
            await engine.dispose()
        error = call.error
        saw = error_text(error) if error else f"no error, and {call.value!r} was returned"
        reached = error and any(isinstance(each, ConnectionRefusedError) for each in causes(error))
        lab.expect("error", reached, saw, call)

    @contextlib.asynccontextmanager
    async def _recorded(self, lab: Lab, db: Any, key: str) -> AsyncIterator[list[Call]]:
        calls: list[Call] = []
        pool = db.engine.pool
        with connections(db.engine) as seen:
            yield calls
        kept = seen.out + seen.lost
        if calls:
            lab.expect(key, not kept, f"{counted(kept, 'connection')} not back in the pool", calls[0])
            lab.expect("pool", db.engine.pool is pool, "the engine has a new pool", calls[0])
            if key == "given-back":
                ended = seen.closed + seen.broken
                lab.expect("pool", not ended, f"{counted(ended, 'connection')} thrown away", calls[0])


class _Tell:
    """Notes what it is told; fails at the second, or with `waits` does not come back from the first."""

    def __init__(self, error: Exception | None = None, *, waits: bool = False) -> None:
        self.heard: list[Any] = []
        self.inside = asyncio.Event()
        self.overlapped = False
        self._busy = False
        self._error = error
        self._waits = waits

    async def __call__(self, value: Any) -> None:
        self.overlapped |= self._busy
        self._busy = True
        await asyncio.sleep(0)
        self._busy = False
        self.heard.append(value)
        self.inside.set()
        if self._error and len(self.heard) == 2:
            raise self._error
        if self._waits:
            await asyncio.sleep(PATIENCE)


async def _cancelled(answer: Any, engine: AsyncEngine, sql: str) -> str:
    """Cancel the answer while it tells somebody something, and say what came of it."""
    tell = _Tell(waits=True)
    return await cancelled(answer(engine, sql, tell), tell.inside, PATIENCE)


class TenAndNoMore(Exercise):
    """Write the limits of a pool into its engine."""

    id = "connection-pool/ten-and-no-more"
    title = "Ten and no more"
    defines = "limited_engine"
    minutes = 8
    achieved = "write a limit, a waiting time and a ping into an engine"
    backends = ("postgresql",)
    users = (7,)
    requirements = {
        "limit": Requirement(
            "there are never more than `limit` connections",
            "`pool_size` is how many are kept. `max_overflow` adds ten to it unless you say otherwise, and -1 "
            "is no limit; neither is `pool_size=0`, nor NullPool.",
            "connection-pool/1",
        ),
        "all": Requirement(
            "`limit` connections can be in use at the same time",
            "A pool that is smaller than allowed makes callers wait for nothing.",
            "connection-pool/1",
        ),
        "kept": Requirement(
            "all connections are kept for the next use",
            "An overflow connection is closed when it comes back to a full pool. NullPool keeps none, and a "
            "`pool_recycle` of 0 replaces each.",
            "connection-pool/1",
        ),
        "waits": Requirement(
            "a further caller gets a connection as soon as one is given back",
            "A timeout of 0 gives up at once, although the next connection may be free in a moment.",
            "connection-pool/2",
        ),
        "gives-up": Requirement(
            "after `wait` seconds a further caller gets sqlalchemy.exc.TimeoutError",
            "`pool_timeout` is in seconds. Unless told otherwise, a pool lets its callers wait for 30.",
            "connection-pool/2",
        ),
        "dead": Requirement(
            "if idle connections have died, no caller gets an error",
            "Without a ping the first caller meets a dead connection. `pool_recycle` looks at its age only.",
            "connection-pool/3",
        ),
    }
    hints = (
        "Four arguments of the engine, one for each sentence of the contract.",
        "`pool_size` and `max_overflow` together are the limit. Which of the two is kept?",
        "`make_engine(url, pool_size=limit, max_overflow=0, pool_timeout=wait, pool_pre_ping=True)`.",
    )
    afterword = (
        "Without an overflow, the size is both what is kept and the most there can be. The timeout turns a "
        "hang into an error. The ping replaces what died in the pool before anybody gets it."
    )
    another = """
from sqlalchemy import AsyncAdaptedQueuePool
from sqlalchemy.ext.asyncio import create_async_engine


def limited_engine(url, *, limit, wait):
    numbers = {"pool_size": limit, "max_overflow": 0, "pool_timeout": wait}
    return create_async_engine(url, poolclass=AsyncAdaptedQueuePool, pool_pre_ping=True, **numbers)
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Borrow up to the limit and one more, with limits of 3 and 1; kill what is idle."""
        async with lab.shop(7) as db:
            for limit in (3, 1):
                async with lab.case(f"a limit of {limit}"):
                    await self._short_wait(answer, lab, db.url, limit)
                if lab.broken:  # the other cases count on what was found here
                    return
            async with lab.case("a long wait"):
                await self._long_wait(answer, lab, db.url)
            async with lab.case("connections that died"):
                await self._dead(answer, lab, db)

    async def _engine(self, answer: Any, lab: Lab, url: str, limit: int, wait: float) -> Call:
        return await lab.call(
            answer, url, keywords={"limit": limit, "wait": wait}, returns=AsyncEngine, asynchronous=False
        )

    async def _short_wait(self, answer: Any, lab: Lab, url: str, limit: int) -> None:
        call = await self._engine(answer, lab, url, limit, 0.2)
        engine: AsyncEngine = call.value
        held: list[AsyncConnection] = []
        try:
            with connections(engine) as pool:
                error = None
                for _ in range(limit):
                    error = error or await _borrow(engine, held)
                saw = f"{len(held)} of {limit} could be in use at the same time"
                if not lab.expect("all", len(held) == limit, saw, call):
                    return
                error = await _borrow(engine, held)
                if not lab.expect("limit", len(held) == limit, f"{len(held)} were in use", call):
                    return
                saw = f"after {PATIENCE:g} seconds: {type(error).__name__ if error else 'nothing yet'}"
                lab.expect("gives-up", isinstance(error, PoolTimeout), saw, call)
            await _give_back(held)
            with connections(engine) as pool:
                for _ in range(limit):
                    await _borrow(engine, held)
            saw = f"{pool.opened} of {limit} had to be opened anew"
            lab.expect("kept", pool.opened == 0, saw, call)
        finally:
            await _give_back(held)
            await engine.dispose()

    async def _long_wait(self, answer: Any, lab: Lab, url: str) -> None:
        call = await self._engine(answer, lab, url, 1, 60.0)
        engine: AsyncEngine = call.value
        held: list[AsyncConnection] = []
        try:
            await _borrow(engine, held)
            later: list[AsyncConnection] = []
            waiting = asyncio.create_task(_borrow(engine, later))
            await asyncio.sleep(0.1)
            if later:  # there was a second one: that breaks the limit, and says nothing about waiting
                lab.expect("limit", False, "2 were in use with a limit of 1", call)
            await _give_back(held)
            error = await waiting
            held = later
            saw = f"{type(error).__name__} for a caller who had to wait a tenth of a second"
            lab.expect("waits", error is None, saw, call)
        finally:
            await _give_back(held)
            await engine.dispose()

    async def _dead(self, answer: Any, lab: Lab, db: Any) -> None:
        call = await self._engine(answer, lab, db.url, 2, 3.0)
        engine: AsyncEngine = call.value
        held: list[AsyncConnection] = []
        try:
            await _borrow(engine, held)
            await _borrow(engine, held)
            pids = [await connection.scalar(BACKEND) for connection in held]
            await _give_back(held)
            await _kill(db.engine, pids)
            failed = 0
            for _ in range(3):
                try:
                    async with asyncio.timeout(PATIENCE), engine.connect() as connection:
                        await connection.scalar(BACKEND)
                except DBAPIError:
                    failed += 1
            lab.expect("dead", not failed, f"{failed} of 3 callers got an error", call)
        finally:
            await _give_back(held)
            await engine.dispose()


async def _borrow(engine: AsyncEngine, held: list[AsyncConnection]) -> BaseException | None:
    """Borrow one more connection, or give the error; None as well when nothing came in time."""
    try:
        async with asyncio.timeout(PATIENCE) as limit:
            held.append(await engine.connect())
    except Exception as error:
        return None if limit.expired() else error
    return None


async def _give_back(held: list[AsyncConnection]) -> None:
    for connection in held:
        await connection.close()
    held.clear()


async def _kill(engine: AsyncEngine, pids: list[Any]) -> None:
    """End these sessions and wait until they are gone. They are our own role's, so we may."""
    those = {"pids": [int(pid) for pid in pids]}
    end = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ANY(:pids)")
    left = text("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(:pids)")
    async with engine.connect() as connection:
        await connection.execute(end, those)
    for _ in range(1000):  # not PostgreSQL's own waiting, which looks ten times a second
        async with engine.connect() as connection:  # each time anew: a transaction keeps what it saw
            if not await connection.scalar(left, those):
                return
        await asyncio.sleep(0.005)


async def _kill_asleep(engine: AsyncEngine, pid: int) -> None:
    """End a session as soon as the server says that its `pg_sleep` runs."""
    asleep = text(
        "SELECT count(*) FROM pg_stat_activity WHERE pid = :pid AND wait_event = 'PgSleep'"
    ).bindparams(pid=pid)
    for _ in range(int(PATIENCE / 0.02)):
        async with engine.connect() as connection:
            if await connection.scalar(asleep):
                break
        await asyncio.sleep(0.02)
    await _kill(engine, [pid])


class OnceMore(Exercise):
    """Repeat a piece of work whose connection broke, and nothing else."""

    id = "connection-pool/once-more"
    title = "Once more"
    defines = "read_once_more"
    minutes = 10
    achieved = "survive a connection that dies in the middle of work"
    backends = ("postgresql",)
    users = (7,)
    requirements = {
        "value": Requirement(
            "what the work returns is returned, 0 included, and it runs once if nothing breaks",
            "0 is a result. `or` and `if result` take it for none.",
            "connection-pool/4",
        ),
        "stale": Requirement(
            "a connection that died in the pool costs the caller nothing",
            "The pool notices at the first use. The error of that use reaches whoever made it.",
            "connection-pool/3",
        ),
        "middle": Requirement(
            "if the connection breaks in the middle, the work runs again from its beginning, on another one",
            "A ping comes before the work, and a connection that broke does not come back. The error may have "
            "several types and texts: `connection_invalidated` is what they have in common.",
            "connection-pool/4",
        ),
        "twice": Requirement(
            "if it breaks a second time, the error reaches the caller",
            "While a server is down, repeating again and again adds to the trouble. And an error that is "
            "swallowed in the end looks like a result.",
            "connection-pool/4",
        ),
        "others": Requirement(
            "any other error reaches the caller at once, and the work is not repeated",
            "Not every DBAPIError is a broken connection: `connection_invalidated` tells.",
            "connection-pool/3",
        ),
        "given-back": Requirement(
            "however the call ends, the connection is given back",
            "An error skips the `close()` that stands below it.",
            "connection-pool/2",
        ),
        "pool": Requirement(
            "the engine keeps its pool",
            "`dispose()` ends the pool for everybody. The pool replaces by itself what broke.",
            "connection-pool/3",
        ),
    }
    hints = (
        "By what did step 3 tell a broken connection from other errors?",
        "The whole block of `connect()` stands inside the `try`: after an error it is left, and a new one begun.",
        "`except DBAPIError as error: if not error.connection_invalidated: raise`, and below it the block again.",
    )
    afterword = (
        "The error leaves the first block, which gives the broken connection back. The second block borrows "
        "another. Because the pool now suspects everything it opened before the error, that one is new. Work "
        "that writes needs more thought: if the commit itself breaks, nobody knows whether it arrived."
    )
    another = """
async def read_once_more(engine, work):
    for attempt in ("first", "last"):
        async with engine.connect() as connection:
            try:
                return await work(connection)
            except DBAPIError:
                if attempt == "last" or not connection.invalidated:
                    raise
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Work that goes well, on dead connections, dies in the middle once and twice, and fails otherwise."""
        async with lab.shop(7) as db:

            async def run(label: str, work: Any, catch: Any = ()) -> Call:
                if catch:
                    blame = None
                else:
                    blame = {"it goes well": "value", "stale": "stale"}.get(label.split(",")[0], "middle")
                engine, pool = work.engine, work.engine.pool
                with connections(engine) as seen:
                    call = await lab.call(answer, engine, work, catch=catch, blame=blame, label=label)
                kept = seen.out + seen.lost
                lab.expect(
                    "given-back", not kept, f"{counted(kept, 'connection')} not back in the pool", call
                )
                lab.expect("pool", engine.pool is pool, "the engine has a new pool", call)
                return call

            async with lab.case("it goes well"), _engine(db.url) as engine:
                work = _Work(engine, db.engine)
                call = await run("it goes well", work)
                lab.same("value", call.value, 0, call)
                lab.expect("value", work.runs == 1, f"the work ran {counted(work.runs, 'time')}", call)
            async with lab.case("middle"), _engine(db.url) as engine:
                work = _Work(engine, db.engine, breaks=1)
                call = await run("it breaks in the middle", work)
                lab.same("middle", call.value, 0, call)
                lab.expect(
                    "middle", work.begun == [1, 2], f"the work began {counted(work.runs, 'time')}", call
                )
            async with lab.case("middle"), _engine(db.url) as engine:
                work = _Work(engine, db.engine, breaks=1, asleep=True)
                call = await run("it breaks while a query runs", work)
                lab.same("middle", call.value, 0, call)
            if "middle" not in lab.broken:
                async with lab.case("stale"), _engine(db.url) as engine:
                    await _kill(db.engine, await _fill(engine, 3))
                    work = _Work(engine, db.engine)
                    call = await run("stale, three connections died in the pool", work)
                    lab.same("stale", call.value, 0, call)
                async with lab.case("twice"), _engine(db.url) as engine:
                    work = _Work(engine, db.engine, breaks=9)
                    call = await run(
                        "it breaks each time", work, (SQLAlchemyError, TimeoutError, RuntimeError)
                    )
                    saw = f"the work ran {counted(work.runs, 'time')}, and the caller got {_name(call)}"
                    broke = isinstance(call.error, DBAPIError) and call.error.connection_invalidated
                    lab.expect("twice", broke and work.runs == 2, saw, call)
            for kind, error in (
                ("a query that fails", None),
                ("an error of the work itself", LookupError("no such report")),
                ("a TimeoutError of the work", TimeoutError("too slow")),
            ):
                async with lab.case(kind), _engine(db.url) as engine:
                    work = _Work(engine, db.engine, fails=True, error=error)
                    call = await run(kind, work, (SQLAlchemyError, LookupError, TimeoutError))
                    wanted = type(error) if error else DBAPIError
                    saw = f"the work ran {counted(work.runs, 'time')}, and the caller got {_name(call)}"
                    lab.expect("others", work.runs == 1 and isinstance(call.error, wanted), saw, call)


def _name(call: Call) -> str:
    return type(call.error).__name__ if call.error else f"{call.value!r} and no error"


@contextlib.asynccontextmanager
async def _engine(url: str) -> Any:
    engine = make_engine(url, pool_size=3, max_overflow=0, pool_timeout=3)
    try:
        yield engine
    finally:
        await engine.dispose()


async def _fill(engine: AsyncEngine, count: int) -> list[Any]:
    held: list[AsyncConnection] = []
    for _ in range(count):
        await _borrow(engine, held)
    pids = [await connection.scalar(BACKEND) for connection in held]
    await _give_back(held)
    return pids


class _Work:
    """Reads twice. Its first `breaks` runs lose their connection in between, or with `asleep` while a query
    runs; with `fails` it raises there.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        killer: AsyncEngine,
        *,
        breaks: int = 0,
        asleep: bool = False,
        fails: bool = False,
        error: Exception | None = None,
    ) -> None:
        self.engine = engine
        self.runs = 0
        self.begun: list[int] = []
        self._killer = killer
        self._breaks = breaks
        self._asleep = asleep
        self._fails = fails
        self._error = error

    async def __call__(self, connection: AsyncConnection) -> int:
        self.runs += 1
        if self.runs > 9:
            raise RuntimeError("the work was begun ten times")
        pid = await connection.scalar(BACKEND)
        self.begun.append(self.runs)
        if self.runs <= self._breaks and self._asleep:
            killing = asyncio.create_task(_kill_asleep(self._killer, pid))
            try:
                await connection.execute(text("SELECT pg_sleep(60)"))
            finally:
                await killing
        elif self.runs <= self._breaks:
            await _kill(self._killer, [pid])
        if self._fails and self._error:
            raise self._error
        column = "no_such_column" if self._fails else "id"
        # The error of a query quotes it, so its text may hold any word.
        query = f"SELECT {column} FROM users WHERE id < 0 AND name <> 'connection closed, terminating'"
        users = await connection.execute(text(query))
        return len(users.all())


class WarmUp(Exercise):
    """Open connections beforehand: by holding them at the same time."""

    id = "connection-pool/warm-up"
    title = "Warm up"
    defines = "warm_up"
    core = False
    minutes = 10
    achieved = "fill a pool before it is needed"
    users = (7, 7, 7)
    requirements = {
        "ready": Requirement(
            "afterwards `count` connections can be borrowed without opening one",
            "The pool lends what lies in it before it opens another. For `count` connections, `count` have to "
            "be out at the same time.",
            "connection-pool/1",
        ),
        "no-more": Requirement(
            "no more connections are opened than are lacking",
            "What lies in the pool counts, and is lent first.",
            "connection-pool/1",
        ),
        "given-back": Requirement(
            "afterwards nothing is borrowed",
            "A connection that is open and not given back is ready for nobody.",
            "connection-pool/2",
        ),
        "given-back-on-error": Requirement(
            "after an error nothing is left borrowed",
            "Those that were opened before the error are still out, unless somebody closes them. With `gather` "
            "others may still be on their way: nobody gets those that come after the error.",
            "connection-pool/2",
        ),
        "error": Requirement(
            "if a connection cannot be opened, the error reaches the caller",
            "A pool that is half full in silence is found out by the customers.",
            "connection-pool/2",
        ),
    }
    hints = (
        "Borrow and give back, `count` times: how many connections does the pool open? Look at lesson 02, step 1.",
        "All must be out at the same time, and all must come back, also if one of them fails.",
        "`async with AsyncExitStack() as stack:`, and in a loop `await stack.enter_async_context(engine.connect())`.",
    )
    afterword = (
        "The pool opens a connection only when none lies in it, so all have to be out at once. The exit stack "
        "closes what was entered so far, in every case. Opening them in tasks is faster and needs the same "
        "care."
    )
    another = """
async def warm_up(engine, count):
    held = []
    try:
        while len(held) < count:
            held.append(await engine.connect())
    finally:
        for connection in held:
            await connection.close()
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Fill an empty pool and one that holds two; let the third connection fail."""
        for there in (0, 2):
            async with lab.shop(7) as db:
                engine = make_engine(db.url, pool_size=5, max_overflow=0, pool_timeout=3)
                try:
                    await self._warm(answer, lab, engine, there)
                finally:
                    await engine.dispose()
        if lab.broken:  # without holding several at once nothing can be refused
            return
        async with lab.shop(7) as db:
            engine = make_engine(db.url, pool_size=5, max_overflow=0, pool_timeout=3)
            refusing = _Refusing(after=2)
            event.listen(engine.sync_engine, "do_connect", refusing)
            try:
                kinds = (ConnectionRefusedError, BaseExceptionGroup)
                label = "the third connection is refused"
                before = asyncio.all_tasks()
                with connections(engine) as pool:
                    call = await lab.call(answer, engine, 4, catch=kinds, label=label)
                    if others := asyncio.all_tasks() - before:  # they may still be opening theirs
                        await asyncio.wait(others, timeout=PATIENCE)
                lab.expect("error", call.error is not None, "no error", call)
                saw = f"{counted(pool.out + pool.lost, 'connection')} not back in the pool"
                lab.expect("given-back-on-error", not pool.out + pool.lost, saw, call)
            finally:
                await engine.dispose()

    async def _warm(self, answer: Any, lab: Lab, engine: AsyncEngine, there: int) -> None:
        await _warm_by_hand(engine, there)
        label = f"4 connections, {there} of them are there"
        with connections(engine) as pool:
            call = await lab.call(answer, engine, 4, label=label)
        lab.expect("no-more", pool.opened <= 4 - there, f"{pool.opened} were opened", call)
        kept = pool.out + pool.lost
        if not lab.expect(
            "given-back", not kept, f"{counted(kept, 'connection')} not back in the pool", call
        ):
            return
        with connections(engine) as pool:
            await _warm_by_hand(engine, 4)
        lab.expect("ready", pool.opened == 0, f"{pool.opened} of 4 had to be opened afterwards", call)


async def _warm_by_hand(engine: AsyncEngine, count: int) -> None:
    held: list[AsyncConnection] = []
    for _ in range(count):
        await _borrow(engine, held)
    await _give_back(held)


class _Refusing:
    """Refuses each connection after the first ones."""

    def __init__(self, *, after: int) -> None:
        self.opened = 0
        self._after = after

    def __call__(self, dialect: Any, record: Any, arguments: Any, keywords: Any) -> None:
        self.opened += 1
        if self.opened > self._after:
            raise ConnectionRefusedError("the server takes no more connections")


LESSON = Lesson(
    id="connection-pool",
    number="03",
    notebook="03_connection_pool",
    title="The connection pool",
    promise="Connections watched over time, a pool run dry, a connection killed for real, and a pool sized.",
    minutes=25,
    exercise_minutes=40,
    objectives=(
        "say how many connections an engine may open, and make that number yours",
        "recognise an exhausted pool and name its cause",
        "predict which requests fail when connections die, with and without a ping",
        "say when `pool_recycle` looks at the clock",
        "choose a kind of pool and its size, and give the reason",
    ),
    exercises=(GiveItBack(), TenAndNoMore(), OnceMore(), WarmUp()),
    recall=(
        Question(
            "whose-connection",
            "An engine was used under one event loop, and now runs under another. Where does it fail?",
            (
                Choice(
                    "With asyncpg: a pooled connection belongs to the loop that opened it",
                    "Right. aiosqlite hides it, because each of its connections has a thread.",
                    True,
                ),
                Choice(
                    "With aiosqlite: a file can be opened by one loop only",
                    "There it works, and so hides the mistake. asyncpg fails.",
                ),
                Choice("Nowhere: an engine opens a connection for each block", "The pool keeps them."),
            ),
            "engine/4",
        ),
        Question(
            "cancelled-is-what",
            "A task is cancelled while it waits in a `try` block. Does `except Exception` catch that?",
            (
                Choice(
                    "No: CancelledError is not an Exception",
                    "Right: `finally` and `async with` do their work all the same.",
                    True,
                ),
                Choice(
                    "Yes: it catches everything",
                    "Not CancelledError, so that a task can be stopped by whoever waits for it.",
                ),
            ),
            "await-and-tasks/5",
        ),
    ),
    predictions=(
        Question(
            "pool-size-five",
            "`make_engine(url, pool_size=5)`, and nothing else is said. How many connections can be borrowed at the "
            "same time?",
            (
                Choice("5", ""),
                Choice("10", ""),
                Choice("15", "", True),
                Choice("As many as are asked for", ""),
            ),
            "connection-pool/1",
        ),
        Question(
            "three-dead-connections",
            "Three dead connections in the pool, no ping, four requests in a row. How many fail?",
            (
                Choice("None: the pool notices", ""),
                Choice("1", "", True),
                Choice("3: one for each dead connection", ""),
                Choice("4: until the engine is disposed of", ""),
            ),
            "connection-pool/3",
        ),
        Question(
            "when-recycled",
            "`pool_recycle=1`: when is a connection that is older than a second replaced?",
            (
                Choice("After a second, wherever it is", ""),
                Choice("When it is given back", ""),
                Choice("After a second in the pool, by a timer", ""),
                Choice("When it is about to be borrowed", "", True),
            ),
            "connection-pool/4",
        ),
    ),
    quiz=(
        Question(
            "hangs-after-days",
            "After some days every request hangs for half a minute and then fails with a TimeoutError. What now?",
            (
                Choice(
                    "Look for a way out on which a connection is not given back",
                    "Right: they leave one by one, until callers wait for what never comes.",
                    True,
                ),
                Choice(
                    "Make the pool bigger",
                    "Then it takes a few days more. What leaks empties a pool of any size.",
                ),
                Choice(
                    "Switch on `pool_pre_ping`",
                    "A ping tests connections that lie in the pool. Here none lies there.",
                ),
            ),
            "connection-pool/2",
        ),
        Question(
            "ping-and-restart",
            "The server is restarted while 5 connections lie in the pool and 2 requests are in the middle of a "
            "query. With `pool_pre_ping=True`, who gets an error?",
            (
                Choice("The two requests", "Right: for them the ping came too early.", True),
                Choice(
                    "Nobody: that is what the ping is for",
                    "It tests a connection before lending it. Those two had theirs already.",
                ),
                Choice(
                    "All seven",
                    "The five in the pool are tested and replaced before anybody gets them.",
                ),
            ),
            "connection-pool/4",
        ),
        Question(
            "how-many-sessions",
            "6 worker processes, each with `pool_size=20` and nothing else. The server takes 100 connections. Will "
            "it do?",
            (
                Choice(
                    "No: it may become 180",
                    "Right: 6 x (20 + 10). It may go well for months, until a busy day.",
                    True,
                ),
                Choice(
                    "No: it may become 120",
                    "Too many already, and the overflow of 10 for each comes on top.",
                ),
                Choice(
                    "Yes: they share one pool of 20",
                    "A pool lives in its process. Six processes have six.",
                ),
            ),
            "connection-pool/5",
        ),
    ),
    cheat=(
        "make_engine(url, pool_size=10, max_overflow=0, pool_timeout=5, pool_pre_ping=True)",
        "except DBAPIError as error: error.connection_invalidated",
        "from sqlalchemy.exc import TimeoutError as PoolTimeout",
        "poolclass=NullPool",
    ),
    terms={
        "overflow": "connections beyond `pool_size`, closed when they come back to a full pool",
        "pool timeout": "how long a caller waits for a connection before SQLAlchemy's TimeoutError",
        "pre-ping": "a question to the server before a connection is lent",
        "invalidated": "given up by the pool because the connection no longer works",
        "recycle": "replace a connection that is older than a given age when it is about to be borrowed",
        "NullPool": "a pool that keeps nothing: each borrowing opens a connection, each return closes it",
        "StaticPool": "one connection for everybody, as SQLite in memory needs it",
    },
)
