"""Lesson 17: the lost update, and four ways to keep it from happening."""

import asyncio
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, event, func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.util import await_only

from course_lib.coach.exercise import Choice, Exercise, Lab, Lesson, Question, Requirement
from course_lib.coach.lab import Call
from course_lib.coach.luck import no_luck_with_order
from course_lib.lens import connections
from course_lib.lens.statements_view import counted
from course_lib.patterns import is_conflict, make_engine, make_session_factory
from course_lib.shop import Product, Tag

PATIENCE = 5.0
"""Seconds after which the check goes on although nobody came to wait. No right answer has to meet it."""
SEVEN, LAST, SOLD_OUT, NO_PRODUCT = 3, 53, 59, 99_999
"""Products of the shop: one with seven copies, one with a single copy, one without any; and no product."""
LOCK_NOT_AVAILABLE = "55P03"
"""What NOWAIT gives instead of waiting."""
WAITING = text(
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN "
    "(SELECT pid FROM pg_stat_activity WHERE datname = current_database())"
)


def sell(product_id: int, copies: int = 1) -> Any:
    return update(Product).where(Product.id == product_id).values(stock=Product.stock - copies)


async def stocks(db: Any, *ids: int) -> list[int | None]:
    """The stock of these products, None for one that does not exist."""
    async with db.engine.connect() as connection:
        found = dict((await connection.execute(select(Product.id, Product.stock))).all())
    return [found.get(each) for each in ids]


class Other:
    """Somebody else, with an engine of their own, who changes rows and keeps them locked until asked for.

    `async with Other(db, sell(3)) as other:` commits as soon as a session of this database waits for a lock,
    at the latest when the block ends. `waited`: whether one did. `free`: a row that is tried first, and
    `was_free`: whether nobody had it locked at that moment.
    """

    def __init__(self, db: Any, *changes: Any, free: int | None = None) -> None:
        self.waited = self.was_free = False
        self._changes = changes
        self._free = free
        self._over = asyncio.Event()
        self._engine = make_engine(db.url)

    async def __aenter__(self) -> "Other":
        self._holding = await self._engine.connect()
        for change in self._changes:
            await self._holding.execute(change)
        self._watching = asyncio.create_task(self._commit_when_awaited())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()  # cancelling the task could hit it in the middle of its commit
        await self._watching
        await self._holding.close()
        await self._engine.dispose()

    async def _commit_when_awaited(self) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE
        async with self._engine.connect() as looking:
            while not (self._over.is_set() or self.waited) and loop.time() < end:
                self.waited = bool(await looking.scalar(WAITING))
                await looking.rollback()
                await asyncio.sleep(0.002)
            if self.waited and self._free is not None:
                self.was_free = await row_is_free(looking, self._free)
        await self._holding.commit()


async def row_is_free(connection: Any, product_id: int) -> bool:
    """Whether nobody holds the row of this product. The lock taken to find out is given back."""
    await connection.execute(text("SET LOCAL lock_timeout = '2s'"))
    row = select(Product.id).where(Product.id == product_id).with_for_update(skip_locked=True)
    try:
        return await connection.scalar(row) is not None
    except DBAPIError:
        return False
    finally:
        await connection.rollback()


class LastCopy(Exercise):
    """Mend a purchase that reads, looks and writes."""

    id = "locks-and-lost-updates/last-copy"
    title = "The last copy"
    defines = "buy"
    minutes = 8
    achieved = "sell each copy once, however many customers come at the same time"
    users = (7,)
    requirements = {
        "sold": Requirement(
            "True: there is one copy less of this product, committed, and no other product has changed",
            "`async with sessions()` closes the session, and a session that is closed rolls back.",
            "sessions/1",
        ),
        "none-left": Requirement(
            "without a copy it is False, and the stock stays 0",
            "An UPDATE without a condition goes below zero, and does not mind.",
            "locks-and-lost-updates/2",
        ),
        "unknown": Requirement(
            "an unknown product gives False",
            "A row that is not there comes as None, or as an error.",
            "sessions/2",
        ),
        "race": Requirement(
            "what others sell at the same time stays sold (PostgreSQL)",
            "A transaction does not keep others from writing between your read and your write. Neither does a "
            "lock in Python: the other one may be another process.",
            "locks-and-lost-updates/1",
        ),
        "last": Requirement(
            "a copy that somebody else takes at the same moment is not sold again (PostgreSQL)",
            "Between the question and the UPDATE there is time. A condition that counts stands in the UPDATE.",
            "locks-and-lost-updates/2",
        ),
        "served": Requirement(
            "whoever meets another customer gets a copy all the same, if there is one (PostgreSQL)",
            "To lose a race, or not to wait for a row, is no answer: whoever came second looks again.",
            "locks-and-lost-updates/5",
        ),
        "given-back": Requirement(
            "afterwards every connection is back in the pool, with True and with False",
            "A session that is not closed keeps its transaction, its connection and its locks.",
            "sessions/5",
        ),
    }
    hints = (
        "How long is the time between the colleague's read and his write? Which statement has none?",
        "`update(Product)` with the stock computed in `values`, and both conditions in `where`.",
        "`result = await session.execute(...)` inside `async with sessions.begin() as session:`, and "
        "`return result.rowcount == 1`.",
    )
    afterword = (
        "One UPDATE reads, decides and writes. A second one for the same row waits for the first to end, and "
        "then looks at the condition again. `rowcount` is 0 where no copy is left and where there is no such "
        "product. On SQLite the same statement does, though there the whole file is locked."
    )
    another = """
async def buy(sessions, product_id):
    async with sessions.begin() as session:
        product = await session.get(Product, product_id, with_for_update=True)
        if product is None or product.stock == 0:
            return False
        product.stock -= 1
        return True
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Buy what is there and what is not; on PostgreSQL, with somebody else at the same row."""
        async with lab.shop(7) as db:
            await self._alone(answer, lab, db)
            if lab.backend == "postgresql" and not lab.broken:
                await self._with_others(answer, lab, db)

    async def _alone(self, answer: Any, lab: Lab, db: Any) -> None:
        everything = select(func.sum(Product.stock))
        for label, product, key in (
            ("seven copies", SEVEN, "sold"),
            ("no copy left", SOLD_OUT, "none-left"),
            ("an unknown product", NO_PRODUCT, "unknown"),
        ):
            async with lab.case(label):
                async with db.engine.connect() as connection:
                    before = await connection.scalar(everything)
                [old] = await stocks(db, product)
                with connections(db.engine) as pool:
                    blame = "unknown" if key == "unknown" else None
                    call = await lab.call(answer, db.sessions, product, on=db, returns=bool, blame=blame)
                    kept = pool.out + pool.lost
                    lab.expect("given-back", not kept, f"{counted(kept, 'connection')} not back", call)
                lab.same(key, call.value, key == "sold", call)
                [new] = await stocks(db, product)
                wanted = old - 1 if key == "sold" and old is not None else old
                lab.expect(key, new == wanted, f"{old} in stock before, {new} after", call)
                async with db.engine.connect() as connection:
                    less = before - await connection.scalar(everything)
                if key == "sold" and key not in lab.broken:
                    lab.expect("sold", less == 1, f"{less} copies less in the whole shop", call)

    async def _with_others(self, answer: Any, lab: Lab, db: Any) -> None:
        async with lab.case("six copies, and somebody else buys two"):
            async with Other(db, sell(SEVEN, 2)):
                # No `on=`: what the other one sends would be taken for the answer's.
                call = await lab.call(answer, db.sessions, SEVEN, returns=bool, catch=DBAPIError)
            if call.error is not None:
                self._refused(lab, call)
                return
            if lab.expect("served", call.value, "False, and 4 copies were left", call):
                [left] = await stocks(db, SEVEN)
                lab.expect("race", left == 3, f"6 in stock, three sold, {left} left", call)
        if lab.broken:
            return
        async with lab.case("one copy, and somebody else buys it"):
            async with Other(db, sell(LAST)):
                call = await lab.call(answer, db.sessions, LAST, returns=bool, catch=DBAPIError)
            if call.error is not None:
                self._refused(lab, call)
                return
            [left] = await stocks(db, LAST)
            saw = f"it returned {call.value}, and {left} are in stock"
            lab.expect("last", call.value is False and left == 0, saw, call)

    def _refused(self, lab: Lab, call: Call) -> None:
        error = call.error
        told_not_to_wait = getattr(getattr(error, "orig", None), "sqlstate", None) == LOCK_NOT_AVAILABLE
        if error is None or not (is_conflict(error) or told_not_to_wait):
            lab.stumbled(error or AssertionError())
            return
        lab.expect("served", False, f"the customer got an error: {getattr(error, 'orig', error)}", call)


class Swap(Exercise):
    """Review a change of two rows: it deadlocks, and it keeps what it should take back."""

    id = "locks-and-lost-updates/swap"
    title = "The swap"
    defines = "swap"
    minutes = 12
    achieved = "change several rows that others change too, without a deadlock"
    backends = ("postgresql",)
    users = (7,)
    requirements = {
        "both": Requirement(
            "True: one copy more of `back` and one less of `out`, both committed",
            "A session that is closed without a commit rolls back.",
            "sessions/1",
        ),
        "nothing": Requirement(
            "False: neither of the two has changed",
            "Leaving a `begin()` block with `return` is leaving it without an error: it commits.",
            "transactions/1",
        ),
        "which": Requirement(
            "it is `back` that gets one more, and `out` that has one less",
            "Rows in the order of their ids come as `out`, `back` half of the time. Look at the ids.",
            "locks-and-lost-updates/4",
        ),
        "unknown": Requirement(
            "if one of the two products does not exist, it is False, and nothing has changed",
            "An UPDATE of a row that is not there is no error. Its rowcount is 0.",
            "locks-and-lost-updates/2",
        ),
        "order": Requirement(
            "while you wait for a product, you hold no lock on one with a higher id",
            "Rows are locked in the order in which they are read or written. Where two take them in different "
            "orders, each may wait for the other.",
            "locks-and-lost-updates/4",
        ),
        "current": Requirement(
            "what others sell while you wait stays sold",
            "A row that was read before it was locked may be out of date by then.",
            "locks-and-lost-updates/3",
        ),
    }
    hints = (
        "In which order does the colleague lock the two rows? And what does `return` do inside `begin()`?",
        "Lock both first, in the order of their ids. Decide before you change anything.",
        "`select(Product).where(Product.id.in_([back, out])).order_by(Product.id).with_for_update()`. Then you "
        "know whether both are there and how many copies of `out` are left.",
    )
    afterword = (
        "The SELECT locks both rows, and ORDER BY says in which order, so that two swaps never hold what the "
        "other needs next. All decisions come before the first change; so `return False` commits a transaction "
        "that changed nothing. The session is new, so what it reads under the lock is what is stored."
    )
    another = """
from sqlalchemy import update


async def swap(sessions, back, out):
    async with sessions() as session:
        for product_id, copies in sorted({back: 1, out: -1}.items()):
            enough = (Product.id == product_id, Product.stock + copies >= 0)
            change = update(Product).where(*enough).values(stock=Product.stock + copies)
            if (await session.execute(change)).rowcount == 0:
                return False  # closing the session rolls back
        await session.commit()
        return True
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Swap in both directions, with the lower row held; then what is sold out and what does not exist."""
        async with lab.shop(7) as db:
            await no_luck_with_order(db, Product)
            event.listen(db.engine.sync_engine, "begin", _read_as_the_rows_lie)
            for back, out in ((2, 1), (1, 2)):
                async with lab.case(f"back {back}, out {out}, and somebody else sells 5 of 1"):
                    before = await stocks(db, 1, 2)
                    async with Other(db, sell(1, 5), free=2) as other:
                        call = await lab.call(answer, db.sessions, back, out, returns=bool)
                    if other.waited:
                        saw = "it held product 2 and waited for product 1"
                        lab.expect("order", other.was_free, saw, call)
                    self._swapped(lab, call, before, await stocks(db, 1, 2), back, out)
                if "which" in lab.broken:
                    return
                if lab.broken:
                    break
            if not lab.broken:
                async with lab.case("back 2, out 1, and somebody else holds 1, FOR SHARE"):
                    shared = select(Product.id).where(Product.id == 1).with_for_update(read=True)
                    async with Other(db, shared, free=2) as other:
                        call = await lab.call(answer, db.sessions, 2, 1, returns=bool)
                    if other.waited:
                        lab.expect(
                            "order", other.was_free, "it held product 2 and waited for product 1", call
                        )
                    lab.same("both", call.value, True, call)
            for back, out in ((1, SOLD_OUT), (SOLD_OUT + 1, SOLD_OUT)):
                async with lab.case(f"back {back}, out {out}, of which none is left"):
                    before = await stocks(db, back, out)
                    call = await lab.call(answer, db.sessions, back, out, returns=bool)
                    self._unchanged(lab, "nothing", call, before, await stocks(db, back, out))
            if "nothing" in lab.broken:
                return
            for back, out in ((NO_PRODUCT, 2), (-1, 2), (2, NO_PRODUCT), (2, -1)):
                async with lab.case(f"back {back}, out {out}, and only product 2 exists"):
                    before = await stocks(db, 2)
                    call = await lab.call(answer, db.sessions, back, out, returns=bool, blame="unknown")
                    self._unchanged(lab, "unknown", call, before, await stocks(db, 2))

    def _swapped(
        self, lab: Lab, call: Call, before: list[Any], after: list[Any], back: int, out: int
    ) -> None:
        moved = [new - old for old, new in zip(before, after, strict=True)]
        if moved == [-5, 0]:
            saw = f"it returned {call.value}, and neither product has changed"
            lab.expect("both", False, saw, call)
            return
        lab.same("both", call.value, True, call)
        wanted = [-4, -1] if back == 1 else [-6, 1]
        if moved[1] == -wanted[1]:
            lab.expect("which", False, f"product 2 changed by {moved[1]:+}", call)
            return
        lab.expect("both", moved[1] == wanted[1], f"product 2 changed by {moved[1]}", call)
        saw = f"5 of product 1 were sold meanwhile, and all in all it changed by {moved[0]}"
        lab.expect("current", moved[0] == wanted[0], saw, call)

    def _unchanged(self, lab: Lab, key: str, call: Call, before: list[Any], after: list[Any]) -> None:
        lab.same(key, call.value, False, call)
        lab.expect(key, before == after, f"the stocks were {before}, and are {after}", call)


def _read_as_the_rows_lie(connection: Connection) -> None:
    for way in ("indexscan", "indexonlyscan", "bitmapscan"):
        connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")


class OnceMore(Exercise):
    """Repeat a transaction that lost a race, and no other."""

    id = "locks-and-lost-updates/once-more"
    title = "Once more"
    defines = "once_more"
    minutes = 12
    achieved = "repeat a transaction that lost a race, as a whole"
    backends = ("postgresql",)
    users = (7,)
    requirements = {
        "result": Requirement(
            "what `work` gives is returned, None and 0 included, committed, after one attempt",
            "`if result:` takes a 0 for a failure, and sells once more.",
            "locks-and-lost-updates/5",
        ),
        "again": Requirement(
            "if `work` is refused with 40001, all of it is done again in a new transaction",
            "After such an error the transaction is over. And one that began before the other's commit goes on "
            "seeing the old rows.",
            "locks-and-lost-updates/5",
        ),
        "commit": Requirement(
            "if the commit is refused with 40001, all of it is done again too",
            "A session sends its last changes when it commits. That is where many races are lost.",
            "transactions/1",
        ),
        "deadlock": Requirement(
            "a deadlock, 40P01, is treated alike",
            "A deadlock is a lost race too: the server has rolled back, and the other one is through.",
            "locks-and-lost-updates/4",
        ),
        "attempts": Requirement(
            "there are `attempts` attempts at most, and after the last its error reaches the caller",
            "A loop that ends without a result has to say so.",
            "locks-and-lost-updates/5",
        ),
        "others": Requirement(
            "every other error reaches the caller at once",
            "What breaks a rule breaks it again, and an unknown error may have left something behind.",
            "locks-and-lost-updates/5",
        ),
        "nothing": Requirement(
            "of an attempt that failed nothing is stored",
            "What a `finally` commits is committed after an error too.",
            "transactions/2",
        ),
        "given-back": Requirement(
            "afterwards every connection is back in the pool, also after an error",
            "A session that nobody closes keeps its connection.",
            "sessions/5",
        ),
    }
    hints = (
        "What belongs to one attempt? The session, the transaction, `work`, and one thing more.",
        "A `try` around the whole block `async with sessions.begin() as session:`. The commit comes at its end.",
        "`except DBAPIError as error:`, and `raise` unless `error.orig.sqlstate` is 40001 or 40P01 and this was "
        "not the last attempt. `is_conflict(error)` from `course_lib.patterns` knows the codes.",
    )
    afterword = (
        "The `try` stands around the block, so it sees what `work` raises and what the commit raises. Each "
        "attempt opens a session, and so reads anew. The codes are in `error.orig.sqlstate`. `in_transaction` "
        "does the same, with a pause: where many meet, those who repeat at once meet again."
    )
    another = """
async def once_more(sessions, work, attempts):
    session = sessions()
    try:
        while True:
            attempts -= 1
            try:
                result = await work(session)
                await session.commit()
                return result
            except DBAPIError as error:
                await session.rollback()  # also makes the session forget what it has read
                if attempts == 0 or error.orig.sqlstate not in ("40001", "40P01"):
                    raise
    finally:
        await session.close()
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Work that loses races in a given order, against somebody who commits in the middle of it."""
        async with lab.shop(7) as db:
            strict = make_session_factory(db.engine.execution_options(isolation_level="SERIALIZABLE"))
            for label, key, fates, value in (
                ("work that goes well and gives 0", "result", ("well",), 0),
                ("work that goes well and gives None", "result", ("well",), None),
                ("refused in work, then well", "again", ("in work", "in work", "well"), "sold"),
                ("refused at the commit, then well", "commit", ("at commit", "well"), "sold"),
                ("a deadlock, then well", "deadlock", ("deadlock", "well"), "sold"),
            ):
                async with lab.case(label):
                    await self._goes_well(answer, lab, db, strict, key, _Work(db, fates, value))
                if lab.broken.keys() & {"result", "again"}:
                    return
            for attempts in (3, 1):
                async with lab.case(f"refused for ever, attempts={attempts}"):
                    await self._gives_up(answer, lab, db, strict, attempts)
            for fate in ("duplicate", "division", "own error"):
                async with lab.case(f"another error: {fate}"):
                    await self._other_error(answer, lab, db, strict, fate)

    async def _goes_well(
        self, answer: Any, lab: Lab, db: Any, sessions: Any, key: str, work: "_Work"
    ) -> None:
        before = await work.stock()
        with connections(db.engine) as pool:
            call = await lab.call(answer, sessions, work, 5, on=db, blame=key)
            self._all_back(lab, pool, call)
        lab.same(key, call.value, work.value, call)
        saw = f"{counted(work.calls, 'attempt')}, where {len(work.fates)} were needed"
        lab.expect(key, work.calls == len(work.fates), saw, call)
        if key in lab.broken:
            return
        sold = before - await work.stock() - work.others
        lab.expect(key, sold == 1, f"{sold} copies sold by `work` instead of 1", call)
        names = await work.stored()
        lab.expect(key, work.name(work.calls) in names, "the last attempt is not stored", call)
        lab.expect("nothing", len(names) <= 1, "a refused attempt is stored", call)

    async def _gives_up(self, answer: Any, lab: Lab, db: Any, sessions: Any, attempts: int) -> None:
        work = _Work(db, ("in work",) * 9, "sold")
        with connections(db.engine) as pool:
            call = await lab.call(answer, sessions, work, attempts, on=db, catch=DBAPIError)
            self._all_back(lab, pool, call)
        saw = f"`work` was refused each time, and the caller got {call.error or call.value!r}"
        lab.expect("attempts", call.error is not None and is_conflict(call.error), saw, call)
        lab.expect("attempts", work.calls == attempts, counted(work.calls, "attempt"), call)
        lab.expect("nothing", not await work.stored(), "a refused attempt is stored", call)

    async def _other_error(self, answer: Any, lab: Lab, db: Any, sessions: Any, fate: str) -> None:
        work = _Work(db, (fate, "well"), "sold")
        kind = {"duplicate": IntegrityError, "division": DBAPIError}.get(fate, LookupError)
        with connections(db.engine) as pool:
            call = await lab.call(answer, sessions, work, 5, on=db, catch=kind)
            self._all_back(lab, pool, call)
        saw = f"`work` raised, there were {counted(work.calls, 'attempt')}, and the caller got "
        saw += repr(call.value) if call.error is None else type(call.error).__name__
        lab.expect("others", call.error is not None and work.calls == 1, saw, call)
        if "others" not in lab.broken:
            lab.expect("nothing", not await work.stored(), "what came before the error is stored", call)

    def _all_back(self, lab: Lab, pool: Any, call: Call) -> None:
        kept = pool.out + pool.lost
        lab.expect("given-back", not kept, f"{counted(kept, 'connection')} not back in the pool", call)


class _Work:
    """Sells a copy and notes the attempt as a tag; each attempt has its fate. The last fate is repeated."""

    count = 0

    def __init__(self, db: Any, fates: tuple[str, ...], value: Any) -> None:
        self.fates = fates
        self.value = value
        self.calls = self.others = 0
        self._db = db
        _Work.count += 1
        self._mark = f"work {_Work.count}, attempt "

    def name(self, attempt: int) -> str:
        return f"{self._mark}{attempt}"

    async def stock(self) -> int:
        [found] = await stocks(self._db, 1)
        return found or 0

    async def stored(self) -> list[str]:
        """The tags of this work that are there for everybody."""
        async with self._db.engine.connect() as connection:
            named = select(Tag.name).where(Tag.name.startswith(self._mark)).order_by(Tag.id)
            return list(await connection.scalars(named))

    async def __call__(self, session: AsyncSession) -> Any:
        self.calls += 1
        fate = self.fates[min(self.calls, len(self.fates)) - 1]
        session.add(Tag(name=self.name(self.calls)))
        await session.flush()
        product = await session.get_one(Product, 1)
        product.stock -= 1
        if fate in ("in work", "at commit"):
            await self._meanwhile()
        if fate == "in work":
            await session.flush()
        elif fate == "deadlock":
            raised = "RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'"
            await session.execute(text(f"DO $$ BEGIN {raised}; END $$"))
        elif fate == "duplicate":
            session.add(Tag(name="jazz"))
            await session.flush()
        elif fate == "division":
            await session.execute(text("SELECT 1 / 0"))
        elif fate == "own error":
            raise LookupError("the supplier has never heard of it")
        return self.value

    async def _meanwhile(self) -> None:
        """Somebody else sells a copy and commits; what was read before is out of date."""
        other = make_engine(self._db.url)
        async with other.begin() as connection:
            await connection.execute(sell(1))
        await other.dispose()
        self.others += 1


class SoldOut(Exercise):
    """Take what nobody else is working on."""

    id = "locks-and-lost-updates/sold-out"
    title = "Sold out"
    defines = "order_one"
    core = False
    minutes = 12
    achieved = "give several workers different rows of one table"
    backends = ("postgresql",)
    users = (7,)
    requirements = {
        "stored": Requirement(
            "the supplier's copies are in stock, committed, and the id is returned",
            "A session that is closed without a commit rolls back.",
            "sessions/1",
        ),
        "lowest": Requirement(
            "of those that are free, the lowest id is taken",
            "Without ORDER BY the database gives any row, and today's order is an accident.",
            "sessions/2",
        ),
        "free": Requirement(
            "what somebody else holds is passed over, without waiting",
            "FOR UPDATE waits for a row. SKIP LOCKED takes the next one.",
            "locks-and-lost-updates/4",
        ),
        "once": Requirement(
            "while the supplier is asked, the product is locked",
            "A lock ends with its transaction: with the commit, and when the session is closed.",
            "locks-and-lost-updates/4",
        ),
        "one-only": Requirement(
            "no other product is locked",
            "`first()` and `scalar()` take one row of the result. All rows of the result are locked.",
            "locks-and-lost-updates/4",
        ),
        "again": Requirement(
            "what is in stock again when you get its lock is not ordered",
            "Between a list and a lock there is time. The condition stands in the query that locks.",
            "locks-and-lost-updates/2",
        ),
        "failed": Requirement(
            "what `supply` raises reaches the caller, the stock is still 0 and the row is free again",
            "A result that looks as if there were nothing to do hides that something failed.",
            "taskgroup-concurrency/4",
        ),
        "none": Requirement(
            "if none is sold out or free it is None, and `supply` is not called",
            "`one()` raises where there is no row.",
            "sessions/2",
        ),
    }
    hints = (
        "Step 4 has a query for the next order that nobody else has.",
        "One transaction for everything: the SELECT, the supplier, the new stock. Its lock is what keeps the "
        "others away.",
        "`select(Product).where(Product.stock == 0).order_by(Product.id).limit(1)` and "
        "`.with_for_update(skip_locked=True)`, inside `async with sessions.begin() as session:`.",
    )
    afterword = (
        "The lock says that somebody is at work on the row, and it needs no column. If the worker dies, the "
        "server ends its transaction, and the product is free again. The price: a connection and a transaction "
        "for as long as the supplier takes. For work of minutes, rather store who has taken it and when, and commit."
    )
    another = """
from sqlalchemy import text


async def order_one(sessions, supply):
    free = text("SELECT id FROM products WHERE stock = 0 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED")
    async with sessions() as session:
        product_id = await session.scalar(free)
        if product_id is not None:
            stock = {"copies": await supply(product_id), "id": product_id}
            await session.execute(text("UPDATE products SET stock = :copies WHERE id = :id"), stock)
            await session.commit()
        return product_id
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Order with nobody else there, with a row held by somebody, with a supplier who fails, for nothing."""
        async with lab.shop(7) as db:
            await no_luck_with_order(db, Product)
            async with db.engine.connect() as connection:
                empty = list(await connection.scalars(select(Product.id).where(Product.stock == 0)))
            first, second, third, fourth, *_ = sorted(empty)
            async with lab.case("nobody else is there"):
                supply = _Supply(db, other=second)
                call = await self._order(answer, lab, db, supply)
                lab.same("lowest", call.value, first, call)
                if "lowest" not in lab.broken:
                    lab.expect("stored", await stocks(db, first) == [7], "the copies are not stored", call)
                    held = supply.free.get(first) is False
                    lab.expect("once", held, "while the supplier was asked, others could lock it", call)
                    others = supply.free.get(second) is True
                    lab.expect("one-only", others, f"product {second} was locked too", call)
            if lab.broken:
                return
            async with lab.case(f"somebody holds product {second}"):
                mine = select(Product.id).where(Product.id == second).with_for_update()
                async with Other(db, mine) as other:
                    call = await self._order(answer, lab, db, _Supply(db), catch=DBAPIError)
                if call.error is not None:
                    lab.expect("free", False, f"it raised: {getattr(call.error, 'orig', call.error)}", call)
                else:
                    lab.expect("free", not other.waited, "it waited for a product that was held", call)
                    lab.same("free", call.value, third, call)
            if lab.broken:
                return
            async with lab.case("the supplier does not answer"):
                supply = _Supply(db, fails=True)
                call = await self._order(answer, lab, db, supply, catch=ConnectionError)
                saw = f"`supply` raised, and the caller got {call.value!r}"
                if lab.expect("failed", call.error is not None, saw, call):
                    lab.expect("failed", await stocks(db, second) == [0], "the stock is not 0", call)
                    async with db.engine.connect() as connection:
                        free = await row_is_free(connection, second)
                    lab.expect("failed", free, "the product is still locked", call)
            if lab.broken:
                return
            async with lab.case(f"somebody else is supplied with product {second} after your first query"):
                with _Quicker(db, second) as quicker:
                    call = await self._order(answer, lab, db, _Supply(db))
                if quicker.came:
                    lab.same("again", call.value, fourth, call)
            if lab.broken:
                return
            async with lab.case("none is sold out"):
                async with db.engine.begin() as connection:
                    await connection.execute(update(Product).where(Product.stock == 0).values(stock=5))
                supply = _Supply(db)
                call = await lab.call(answer, db.sessions, supply, blame="none")
                lab.same("none", call.value, None, call)
                lab.expect("none", not supply.asked, f"the supplier was asked for {supply.asked}", call)

    async def _order(
        self,
        answer: Any,
        lab: Lab,
        db: Any,
        supply: "_Supply",
        catch: type[BaseException] | tuple[type[BaseException], ...] = (),
    ) -> Call:
        kinds = (int, type(None))
        return await lab.call(answer, db.sessions, supply, returns=kinds, catch=catch)


class _Supply:
    """Gives seven copies. Meanwhile it looks from outside whether the product, and `other`, can be locked."""

    def __init__(self, db: Any, *, other: int | None = None, fails: bool = False) -> None:
        self.asked: list[int] = []
        self.free: dict[int, bool] = {}
        self._db = db
        self._other = other
        self._fails = fails

    async def __call__(self, product_id: int) -> int:
        self.asked.append(product_id)
        if self._fails:
            raise ConnectionError("the supplier does not answer")
        engine = make_engine(self._db.url)
        async with engine.connect() as connection:
            for each in filter(None, (product_id, self._other)):
                self.free[each] = await row_is_free(connection, each)
        await engine.dispose()
        return 7


class _Quicker:
    """Stores copies of a product right behind the answer's first SELECT, if this one locks nothing."""

    def __init__(self, db: Any, product_id: int) -> None:
        self.came = self._too_late = False
        self._db = db
        self._product_id = product_id

    def __enter__(self) -> "_Quicker":
        event.listen(self._db.engine.sync_engine, "after_cursor_execute", self._after)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self._db.engine.sync_engine, "after_cursor_execute", self._after)

    def _after(self, connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        words = statement.upper()
        if self._too_late or "PRODUCTS" not in words:
            return
        self._too_late = True
        if words.startswith("SELECT") and "FOR " not in words:
            self.came = True
            await_only(self._store())

    async def _store(self) -> None:
        engine = make_engine(self._db.url)
        async with engine.begin() as connection:
            await connection.execute(sell(self._product_id, -7))
        await engine.dispose()


LESSON = Lesson(
    id="locks-and-lost-updates",
    number="17",
    notebook="17_locks_and_lost_updates",
    title="Locks and lost updates",
    promise="The same copy sold twice without an error, and four ways to keep that from happening.",
    minutes=25,
    exercise_minutes=40,
    objectives=(
        "recognize a lost update in code",
        "let one UPDATE do it, and read its `rowcount`",
        "lock a row, read it anew, and decide",
        "lock several rows without a deadlock, or skip what others hold",
        "repeat a transaction that lost a race, and no other",
    ),
    exercises=(LastCopy(), Swap(), OnceMore(), SoldOut()),
    recall=(
        Question(
            "commits-before",
            "A task has committed a change, and then it is cancelled. What becomes of the change?",
            (
                Choice(
                    "It stays: what was committed, only you can undo",
                    "Right. `async with` rolls back what is not committed.",
                    True,
                ),
                Choice("It is rolled back with the session", "The session had committed it before."),
                Choice("That depends on the backend", "A commit is a commit on both."),
            ),
            "limits-and-cancellation/4",
        ),
        Question(
            "read-committed",
            "PostgreSQL, as it comes: a transaction counts, somebody else commits a row, it counts again. "
            "What does it see?",
            (
                Choice(
                    "The new row: each statement sees what was committed before it",
                    "Right: READ COMMITTED.",
                    True,
                ),
                Choice(
                    "The old count: a transaction sees one picture",
                    "That would be REPEATABLE READ or SERIALIZABLE.",
                ),
            ),
            "transactions/5",
        ),
    ),
    predictions=(
        Question(
            "both-take-one",
            "PostgreSQL, as it comes. 21 in stock. Two customers, each in a transaction of their own: both read, "
            "then both take one and commit. What happens?",
            (
                Choice("19 are left: each transaction is kept apart from the other", ""),
                Choice("One of them gets an error, and 20 are left", ""),
                Choice("Two are sold, nobody gets an error, and 20 are left", "", True),
            ),
            "locks-and-lost-updates/1",
        ),
        Question(
            "locked-and-shown-before",
            "Bob's session has loaded the CD: 21. Anna sells one and commits. Bob does `select(...)` with "
            "`with_for_update()`, and holds the lock. What is `product.stock`?",
            (
                Choice("20: under the lock he sees what is stored", ""),
                Choice("21", "", True),
                Choice("An error: the row has changed since he read it", ""),
            ),
            "locks-and-lost-updates/3",
        ),
        Question(
            "each-wants-the-others",
            "Anna has changed row 1 and wants row 2. Bob has changed row 2 and wants row 1. What happens on "
            "PostgreSQL?",
            (
                Choice("Both wait, until somebody cancels them", ""),
                Choice("Both get an error", ""),
                Choice("One gets an error, the other goes on", "", True),
            ),
            "locks-and-lost-updates/4",
        ),
    ),
    quiz=(
        Question(
            "which-loses",
            "Two of these lose nothing when many run at the same time on PostgreSQL. Which one loses?",
            (
                Choice(
                    "`account = await session.get(...)`, `account.cents += 100`, `commit()`",
                    "Right: it writes a sum that was computed from what was read.",
                    True,
                ),
                Choice(
                    "`update(Account).values(cents=Account.cents + 100)`, `commit()`",
                    "The database computes, from what is there at that moment.",
                ),
                Choice(
                    "In a new session `account = await session.get(..., with_for_update=True)`, "
                    "`account.cents += 100`, `commit()`",
                    "The next one waits at its read until this one has committed.",
                ),
            ),
            "locks-and-lost-updates/2",
        ),
        Question(
            "after-40001",
            "A SERIALIZABLE transaction reads the stock, computes and writes. It is refused: 40001. What now?",
            (
                Choice(
                    "A new transaction, from the read on",
                    "Right. What it had read is out of date.",
                    True,
                ),
                Choice(
                    "Send the UPDATE once more",
                    "The transaction is over. And its number came from what was read before.",
                ),
                Choice(
                    "Tell the customer: it is an error like others",
                    "Nothing was stored and nothing is wrong. The next attempt will most likely do.",
                ),
            ),
            "locks-and-lost-updates/5",
        ),
        Question(
            "queue-on-sqlite",
            "A queue with `with_for_update(skip_locked=True)` passes its tests on SQLite. What do the tests show?",
            (
                Choice(
                    "Nothing about two workers: there the clause is left out",
                    "Right: no error, no warning, no lock.",
                    True,
                ),
                Choice(
                    "That two workers get different rows",
                    "On PostgreSQL they do. On SQLite both read the same row.",
                ),
                Choice("That SQLite locks rows as well", "It locks the whole file, and only for writing."),
            ),
            "locks-and-lost-updates/4",
        ),
    ),
    cheat=(
        "update(P).where(P.id == 1, P.stock > 0).values(stock=P.stock - 1); result.rowcount == 1",
        "await session.refresh(item, with_for_update=True)  # locked, and as it is now",
        "select(P).order_by(P.id).limit(1).with_for_update(skip_locked=True)  # PostgreSQL",
        '__mapper_args__ = {"version_id_col": version}  # StaleDataError',
        'await in_transaction(factory, work, isolation="SERIALIZABLE")',
    ),
    terms={
        "lost update": "a change that is overwritten by somebody who had read before it",
        "row lock": "what an UPDATE or FOR UPDATE holds until its transaction ends; others wait",
        "deadlock": "two transactions that wait for each other; PostgreSQL ends one of them (40P01)",
        "SKIP LOCKED": "passes over rows that others hold",
        "version column": "a number that each UPDATE asks for and counts up, to notice other changes",
        "serialization failure": "PostgreSQL's refusal of a transaction that lost a race (40001)",
    },
)
