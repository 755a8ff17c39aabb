"""Lesson 14: one transaction per use case, pages that stand still, and tests that leave nothing behind."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from course_lib.coach.describe import describe
from course_lib.coach.exercise import Choice, Exercise, Lab, Lesson, Question, Requirement
from course_lib.coach.luck import no_luck_with_order
from course_lib.lens import connections
from course_lib.lens.statements_view import counted
from course_lib.shop import Base, Order, OrderLine, Product, Tag, User, user_tags

FIRST_DAY = date(1998, 1, 1)


class NextPage(Exercise):
    """Turn pages of a list that changes meanwhile."""

    id = "unit-of-work-and-testing/next-page"
    title = "The next page"
    defines = "next_page"
    minutes = 10
    achieved = "cut pages that stand still while rows come and go"
    users = (0, 7, 7)
    requirements = {
        "pair": Requirement(
            "a list of Order objects comes, and beside it a tuple or None",
            "`execute` gives Rows. The orders are inside them.",
            "sessions/2",
        ),
        "order": Requirement(
            "the orders come by day, and on one day by id",
            "Ids say in what order rows were stored. An order can be entered late.",
            "unit-of-work-and-testing/2",
        ),
        "ties": Requirement(
            "turning the pages shows every order once, also where many are of one day",
            "The place is that of the last order shown, its day and its id compared as one. By the day alone, by the id alone, "
            "or by each for itself, orders are lost or come again.",
            "unit-of-work-and-testing/2",
        ),
        "moved": Requirement(
            "orders stored between two pages shift nothing, and appear where they belong",
            "An offset counts from the top, and the top moves. And what comes in before the next page's first order belongs on that page.",
            "unit-of-work-and-testing/2",
        ),
        "size": Requirement(
            "a page has at most `size` orders",
            "The one row more, which tells whether anything follows, is not for the page.",
            "unit-of-work-and-testing/2",
        ),
        "last": Requirement(
            "beside the last page comes None, also when it is full, and when there is no order at all",
            "A full page need not be followed by another.",
            "unit-of-work-and-testing/2",
        ),
        "budget": Requirement(
            "at most two statements are sent, and at most size + 1 rows fetched",
            "A list that is cut in Python was fetched as a whole. One row more than the page tells whether anything follows.",
            "unit-of-work-and-testing/2",
        ),
    }
    hints = (
        "The position of a page's last order is all that the next page needs to know. Which two values is it?",
        "Ask for one order more than the page holds. If it comes, something follows; it is not shown.",
        "`tuple_(Order.ordered_on, Order.id) > tuple_(*after)` is the condition. The position is "
        "`(orders[-1].ordered_on, orders[-1].id)` of what is shown.",
    )
    afterword = (
        "Ordered by day and id, every order has one place, and the page begins behind a place and not at a number. The "
        "row asked for beyond the page answers whether there is more. `keyset_page` in `course_lib.patterns` does it for "
        "any columns."
    )
    another = """
from course_lib.patterns import keyset_page


async def next_page(session, after, size):
    return await keyset_page(session, Order, by=[Order.ordered_on], size=size, after=after)
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Turn all pages of a list with ties; look at the last page; store something between two pages."""
        async with lab.shop(7) as db:
            ids = await _order_ids(db)
            # Four orders to a day, and the later the id, the earlier the day.
            await _set_days(db, {number: -(place // 4) for place, number in enumerate(ids)})
            await no_luck_with_order(db, Order)
            pages = await self._turn(answer, lab, db, 3, "pages of 3")
            if pages is not None:
                self._judge_walk(lab, pages, await _placed(db))
        if {"ties", "pair"} & lab.broken.keys():
            return
        async with lab.shop(7) as db:
            ids = await _order_ids(db)
            await _set_days(db, {number: -2 * place for place, number in enumerate(ids)})
            await no_luck_with_order(db, Order)
            if "size" not in lab.broken:
                await self._last(answer, lab, db, len(ids))
            if not {"size", "order"} & lab.broken.keys():
                await self._moved(answer, lab, db)
        async with lab.shop(0) as db, db.sessions() as session:
            call = await lab.call(answer, session, None, 3, on=db, blame="last", label="no orders at all")
            seen = call.value
            empty = isinstance(seen, tuple) and len(seen) == 2 and not seen[0] and seen[1] is None
            lab.expect("last", empty, f"{describe(seen)} instead of ([], None)", call)

    async def _page(
        self, answer: Any, lab: Lab, db: Any, after: Any, size: int, label: str
    ) -> tuple[list[Order], Any, Any] | None:
        async with db.sessions() as session:
            call = await lab.call(answer, session, after, size, on=db, returns=tuple, label=label)
        value = call.value
        right = (
            len(value) == 2
            and isinstance(value[0], list | tuple)
            and all(isinstance(each, Order) for each in value[0])
            and (value[1] is None or isinstance(value[1], tuple))
        )
        if not lab.expect("pair", right, f"it returned {describe(value)}", call):
            return None
        orders, position = list(value[0]), value[1]
        lab.expect("size", len(orders) <= size, f"{counted(len(orders), 'order')} on a page of {size}", call)
        lab.expect("budget", call.sent <= 2, f"{call.sent} statements", call)
        lab.expect("budget", call.rows <= size + 1, f"{call.rows} rows for a page of {size}", call)
        return orders, position, call

    async def _turn(
        self, answer: Any, lab: Lab, db: Any, size: int, label: str
    ) -> list[list[tuple[date, int]]] | None:
        pages: list[list[tuple[date, int]]] = []
        after, most = None, len(await _order_ids(db)) + 2
        while len(pages) < most:
            got = await self._page(answer, lab, db, after, size, f"{label}, page {len(pages) + 1}")
            if got is None:
                return None
            orders, after, _ = got
            pages.append([(order.ordered_on, order.id) for order in orders])
            if after is None:
                break
        return pages

    def _judge_walk(
        self, lab: Lab, pages: list[list[tuple[date, int]]], wanted: list[tuple[date, int]]
    ) -> None:
        shown = [place for page in pages for place in page]
        twice = len(shown) - len(set(shown))
        saw = f"{len(set(shown))} of {len(wanted)} orders were shown"
        saw += f", and {counted(twice, 'order')} again" if twice else ""
        complete = lab.expect("ties", set(shown) == set(wanted) and not twice, saw)
        if complete or not twice:
            days = ", ".join(f"{number} of {day}" for day, number in shown[:4])
            lab.expect("order", shown == sorted(shown), f"the first orders were {days}")

    async def _last(self, answer: Any, lab: Lab, db: Any, count: int) -> None:
        label = f"{count} orders on a page of {count}"
        got = await self._page(answer, lab, db, None, count, label)
        if got is not None:
            lab.expect("last", got[1] is None, f"{describe(got[1])} beside the last page", got[2])
        pages = await self._turn(answer, lab, db, count - 1, f"{count} orders, {count - 1} to a page")
        sizes = [len(page) for page in pages or []]
        lab.same("last", sizes, [count - 1, 1])

    async def _moved(self, answer: Any, lab: Lab, db: Any) -> None:
        got = await self._page(answer, lab, db, None, 3, "page 1")
        if got is None or got[1] is None:
            return
        places = await _placed(db)
        first_day, third_day = places[0][0], places[2][0]
        async with db.sessions.begin() as session:
            for day in (first_day - timedelta(1), first_day + timedelta(1), third_day + timedelta(1)):
                session.add(Order(user_id=1, ordered_on=day, cds=1, cents=999))
        wanted = [place for place in await _placed(db) if place > places[2]][:3]
        # Orders written anew lie behind all others.
        await no_luck_with_order(db, Order)
        label = "page 2, after three orders were stored"
        got = await self._page(answer, lab, db, got[1], 3, label)
        if got is not None:
            seen = sorted((order.ordered_on, order.id) for order in got[0])[:3]
            saw = f"orders of {_days(seen)} instead of {_days(wanted)}"
            lab.expect("moved", seen[: len(seen)] == wanted[: len(seen)] and seen, saw, got[2])


async def _order_ids(db: Any) -> list[int]:
    async with db.sessions() as session:
        return list(await session.scalars(select(Order.id).order_by(Order.id)))


async def _placed(db: Any) -> list[tuple[date, int]]:
    async with db.sessions() as session:
        rows = await session.execute(select(Order.ordered_on, Order.id).order_by(Order.ordered_on, Order.id))
        return [tuple(row) for row in rows]


async def _set_days(db: Any, days: dict[int, int]) -> None:
    rows = [{"id": number, "ordered_on": FIRST_DAY + timedelta(day)} for number, day in days.items()]
    async with db.sessions.begin() as session:
        await session.execute(update(Order), rows)


def _days(places: list[tuple[date, int]]) -> str:
    return ", ".join(str(day) for day, _ in places) or "no day"


class OrderAndMail(Exercise):
    """Let a mail follow a commit."""

    id = "unit-of-work-and-testing/order-and-mail"
    title = "Order and mail"
    defines = "order_and_mail"
    minutes = 8
    achieved = "tell what belongs into a transaction from what must wait for it"
    users = (7,)
    requirements = {
        "stored": Requirement(
            "one order with one line is stored, as asked, and its id comes back",
            "The order's amount and its line's belong together; both are the price that was agreed.",
            "unit-of-work-and-testing/1",
        ),
        "mailed": Requirement(
            "`mail` is awaited once, with the id of the order",
            "Hand on the key, and not the object of a session that is closed. A new order has its key after the flush.",
            "unit-of-work-and-testing/1",
        ),
        "after-commit": Requirement(
            "when `mail` runs, another session sees the order",
            "A flush sends rows into the transaction. Nobody else sees them before the commit.",
            "unit-of-work-and-testing/1",
        ),
        "released": Requirement(
            "while `mail` runs, no connection is held",
            "A mail server can take seconds. A read after the commit borrows a connection, and keeps it.",
            "sessions/5",
        ),
        "refused": Requirement(
            "an unknown user or product raises IntegrityError; nothing is stored, and no mail goes out",
            "Two transactions are two chances to stop in between. A `finally` runs for a refused order too, and a caught error "
            "looks like success.",
            "unit-of-work-and-testing/1",
        ),
        "mail-fails": Requirement(
            "when `mail` raises, the order stays, and the error reaches the caller",
            "What is committed has happened. The failed mail is news, and somebody has to hear it.",
            "unit-of-work-and-testing/1",
        ),
    }
    hints = (
        "Follow the colleague's lines and say for each whether the order is stored by then.",
        "The block of `factory.begin()` ends with the commit. What comes after the block, comes after the commit.",
        "Add an order with `lines=[...]` in the block and flush to have its id; behind the block "
        "`await mail(order.id)` and `return order.id`.",
    )
    afterword = (
        "Behind the block the transaction is committed, the session closed and the connection returned. An error in "
        "`mail` finds nothing that could be rolled back. `unit_of_work` gives the same with the mail named inside."
    )
    another = """
from course_lib.patterns import unit_of_work


async def order_and_mail(factory, user_id, product_id, cents, mail):
    line = OrderLine(product_id=product_id, quantity=1, cents=cents)
    order = Order(user_id=user_id, ordered_on=date(1998, 7, 1), cds=1, cents=cents, lines=[line])
    async with unit_of_work(factory) as work:
        work.session.add(order)
        work.after_commit(lambda: mail(order.id))
    return order.id
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Place an order; two that are refused; and one whose mail fails."""
        async with lab.shop(7) as db:
            before = set(await _order_ids(db))
            await self._good(answer, lab, db)
            for label, user_id, product_id in (("no such product", 3, 999_999), ("no such user", -1, 5)):
                await self._refused(answer, lab, db, label, user_id, product_id)
            if not {"after-commit", "mailed", "stored"} & lab.broken.keys():
                await self._mail_fails(answer, lab, db, before)

    async def _good(self, answer: Any, lab: Lab, db: Any) -> None:
        before = set(await _order_ids(db))
        mails: list[tuple[Any, bool, int]] = []
        async with lab.case("a good order"):
            with connections(db.engine) as pool:

                async def mail(order_id: Any) -> None:
                    held = pool.out
                    found = None
                    if isinstance(order_id, int):
                        async with db.sessions() as other:
                            found = await other.get(Order, order_id)
                    mails.append((order_id, found is not None, held))

                call = await lab.call(answer, db.sessions, 3, 5, 1250, mail, on=db, returns=int)
            new = [number for number in await _order_ids(db) if number not in before]
            async with db.sessions() as session:
                columns = select(Order.user_id, Order.ordered_on, Order.cds, Order.cents)
                rows = [tuple(row) for row in await session.execute(columns.where(Order.id.in_(new)))]
                parts = select(OrderLine.product_id, OrderLine.quantity, OrderLine.cents)
                lines = [
                    tuple(row) for row in await session.execute(parts.where(OrderLine.order_id.in_(new)))
                ]
            lab.same("stored", rows, [(3, date(1998, 7, 1), 1, 1250)], call)
            lab.same("stored", lines, [(5, 1, 1250)], call)
            lab.same("stored", [call.value], new, call)
            given = [each[0] for each in mails]
            saw = f"mail was awaited with {describe(given)}"
            if lab.expect("mailed", len(given) == 1 and isinstance(given[0], int), saw, call):
                _, seen, held = mails[0]
                if lab.expect("after-commit", seen, "another session found no such order", call):
                    lab.expect("released", held == 0, f"{counted(held, 'connection')} out", call)

    async def _refused(
        self, answer: Any, lab: Lab, db: Any, label: str, user_id: int, product_id: int
    ) -> None:
        before = await _state(db)
        mails: list[Any] = []

        async def mail(order_id: Any) -> None:
            mails.append(order_id)

        async with lab.case(label):
            call = await lab.call(
                answer,
                db.sessions,
                user_id,
                product_id,
                1250,
                mail,
                on=db,
                catch=SQLAlchemyError,
                label=label,
            )
            saw = type(call.error).__name__ if call.error else f"no error, and {describe(call.value)} came"
            lab.expect("refused", isinstance(call.error, IntegrityError), saw, call)
            lab.expect("refused", not mails, "a mail went out", call)
            lab.expect("refused", await _state(db) == before, "something was stored", call)

    async def _mail_fails(self, answer: Any, lab: Lab, db: Any, before: set[int]) -> None:
        async def mail(order_id: Any) -> None:
            raise NoMail("no answer")

        label = "the mail fails"
        async with lab.case(label):
            count = len(await _order_ids(db))
            call = await lab.call(
                answer, db.sessions, 4, 5, 1250, mail, on=db, catch=(NoMail, ExceptionGroup), label=label
            )
            reached = isinstance(call.error, NoMail) or (
                isinstance(call.error, ExceptionGroup) and call.error.subgroup(NoMail) is not None
            )
            saw = "no error came" if call.error is None else type(call.error).__name__
            lab.expect("mail-fails", reached, saw, call)
            more = len(await _order_ids(db)) - count
            lab.expect("mail-fails", more == 1, f"{counted(more, 'order')} stored", call)


class NoMail(Exception):
    """What the check's mail raises."""


async def _state(db: Any) -> tuple[list[int], int]:
    async with db.sessions() as session:
        lines = await session.scalar(select(func.count()).select_from(OrderLine))
    return await _order_ids(db), lines or 0


class NothingHappened(Exercise):
    """Run a test so that the database forgets it."""

    id = "unit-of-work-and-testing/nothing-happened"
    title = "Nothing happened"
    defines = "isolated"
    minutes = 10
    achieved = "run code that commits, and leave the database as it was"
    users = (7,)
    requirements = {
        "vanishes": Requirement(
            "after the test the database holds what it held before, though the test commits",
            "`engine.begin()` commits at its end. A session on the engine itself commits for good, and so does one on a "
            "connection whose transaction it opened or controls.",
            "unit-of-work-and-testing/4",
        ),
        "sees": Requirement(
            "the test sees what was there before, and what an earlier session of its factory committed",
            "To empty the tables first is to test another database.",
            "unit-of-work-and-testing/4",
        ),
        "rollback": Requirement(
            "a session's rollback takes back what that session did not commit, and no more",
            "Without a savepoint of its own a session rolls back the outer transaction.",
            "unit-of-work-and-testing/4",
        ),
        "failing": Requirement(
            "when the test raises, its error reaches the caller, and the database is as before",
            "A fixture that swallows errors makes every test pass.",
            "unit-of-work-and-testing/4",
        ),
        "given-back": Requirement(
            "afterwards no connection of the engine is out",
            "A rollback ends the transaction; only closing gives the connection back.",
            "sessions/5",
        ),
    }
    hints = (
        "All sessions of the factory must share one connection, and that connection one transaction.",
        "`async_sessionmaker(connection, ...)` makes sessions on a connection. Which mode keeps their rollback small?",
        "`async with engine.connect() as connection:`, `await connection.begin()`, and then `await test(...)` with "
        '`async_sessionmaker(connection, join_transaction_mode="create_savepoint")`.',
    )
    afterword = (
        "Nobody commits the connection's transaction, so closing the connection rolls it back, whichever way the block is "
        "left. `create_savepoint` lets each session commit and roll back inside it. `rolled_back` in "
        "`course_lib.patterns` is this, as a block of its own."
    )
    another = """
from course_lib.patterns import rolled_back


async def isolated(engine, test):
    async with rolled_back(engine) as factory:
        await test(factory)
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Run a test that commits and rolls back, and one that fails after a commit."""
        async with lab.shop(7) as db:
            before = await _contents(db.engine)
            seen: dict[str, Any] = {}

            async def busy(factory: Any) -> None:
                async with factory() as session:
                    seen["users"] = await session.scalar(select(func.count()).select_from(User))
                    session.add(Tag(name="skiffle"))
                    await session.execute(update(Tag).where(Tag.name == "jazz").values(name="bebop"))
                    await session.commit()
                async with factory() as session:
                    session.add(Tag(name="mambo"))
                    await session.flush()
                    await session.rollback()
                async with factory() as session:
                    names = set(await session.scalars(select(Tag.name)))
                    seen["committed"] = {"skiffle", "bebop"} <= names
                    seen["rolled back"] = "mambo" not in names

            async def later(factory: Any) -> None:
                async with factory.begin() as session:
                    session.add(Tag(name="skiffle"))
                async with factory() as session:
                    seen["later"] = await session.scalar(select(func.count()).where(Tag.name == "skiffle"))

            async with lab.case("a test that commits"):
                with connections(db.engine) as pool:
                    call = await lab.call(answer, db.engine, busy, on=db)
                lab.expect("sees", "users" in seen, "the test was not run", call)
                saw = f"{seen.get('users')} users were seen, and the database holds 7"
                lab.expect("sees", seen.get("users") == 7, saw, call)
                kept, undone = seen.get("committed"), seen.get("rolled back")
                lab.expect("rollback", kept, "what was committed before the rollback is gone", call)
                lab.expect("rollback", undone, "what was rolled back is still there", call)
                self._afterwards(lab, "vanishes", before, await _contents(db.engine), call)
                lab.expect("given-back", pool.out + pool.lost == 0, "a connection is out", call)
            if "vanishes" in lab.broken:
                return
            async with lab.case("a second test"):
                call = await lab.call(answer, db.engine, later, on=db)
                if "rollback" not in lab.broken:
                    saw = f"{seen.get('later')} tags were seen where one was committed"
                    lab.expect("sees", seen.get("later") == 1, saw, call)
            await self._fails(answer, lab, db, before)

    async def _fails(self, answer: Any, lab: Lab, db: Any, before: dict[str, Any]) -> None:
        async def failing(factory: Any) -> None:
            async with factory.begin() as session:
                session.add(Tag(name="skiffle"))
            raise TestFailed("as it should")

        async with lab.case("a failing test"):
            with connections(db.engine) as pool:
                call = await lab.call(answer, db.engine, failing, on=db, catch=TestFailed)
            lab.expect("failing", isinstance(call.error, TestFailed), "no error reached the caller", call)
            self._afterwards(lab, "failing", before, await _contents(db.engine), call)
            lab.expect("given-back", pool.out + pool.lost == 0, "a connection is out", call)

    def _afterwards(
        self, lab: Lab, key: str, before: dict[str, Any], after: dict[str, Any], call: Any
    ) -> None:
        changed = [name for name in before if before[name] != after[name]]
        lab.expect(key, not changed, f"changed: {', '.join(changed)}", call)


class TestFailed(Exception):
    """What a failing test of the check raises."""

    __test__ = False  # pytest collects classes whose name begins like this one's


async def _contents(engine: AsyncEngine) -> dict[str, list[Any]]:
    """All rows of all tables, sorted."""
    async with engine.connect() as connection:
        return {
            table.name: sorted(tuple(row) for row in await connection.execute(select(table)))
            for table in Base.metadata.sorted_tables
        }


class WhoLeftThat(Exercise):
    """Find the tests that change the database for those behind them."""

    id = "unit-of-work-and-testing/who-left-that"
    title = "Who left that?"
    defines = "leaving_traces"
    core = False
    minutes = 12
    achieved = "find the test that makes another one fail"
    users = (7,)
    requirements = {
        "content": Requirement(
            "a test is named that adds, changes or exchanges rows",
            "A row changed, or one for another, leaves the number of rows as it was.",
            "unit-of-work-and-testing/5",
        ),
        "every-table": Requirement(
            "all tables of `Base.metadata` are watched",
            "Not every table has a class: `user_tags` has none.",
            "unit-of-work-and-testing/5",
        ),
        "failing": Requirement(
            "a test that raises is no reason to stop, and is named if it leaves something",
            "A test can commit first and fail then.",
            "unit-of-work-and-testing/4",
        ),
        "innocent": Requirement(
            "a test that leaves everything as it found it is not named",
            "Each test is compared with what it found, and not with the beginning. To fail is not to leave a trace. And the same "
            "rows may come in another order.",
            "unit-of-work-and-testing/5",
        ),
        "order": Requirement(
            "each test is run once, in the given order, and the names come in that order",
            "A set has no order, and an alphabet is another one.",
            "unit-of-work-and-testing/5",
        ),
    }
    hints = (
        "Take a picture of the database before and after each test, and compare the two.",
        "`Base.metadata.sorted_tables` lists all tables, and `select(table)` reads one. Rows come in any order: sort.",
        "`{table.name: sorted(tuple(row) for row in await connection.execute(select(table))) for table in "
        "Base.metadata.sorted_tables}` is such a picture.",
    )
    afterword = (
        "The picture after one test is the picture before the next, so one picture a test is enough. For large tables one "
        "would compare a checksum, or a number that the server keeps; the idea is the same."
    )
    another = """
async def picture(engine):
    async with engine.connect() as connection:
        return [
            sorted(map(tuple, await connection.execute(select(table))))
            for table in Base.metadata.tables.values()
        ]


async def leaving_traces(engine, tests):
    names, last = [], await picture(engine)
    for test in tests:
        try:
            await test(engine)
        except Exception:
            pass
        now = await picture(engine)
        if now != last:
            names.append(test.__name__)
        last = now
    return names
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Hand over ten tests, five of which leave something."""
        async with lab.shop(7) as db:
            ran: list[str] = []
            names = list(TESTS)
            tests = [_noting(ran, name) for name in names]
            call = await lab.call(answer, db.engine, tests, on=db, returns=list, of=str, catch=TestFailed)
            if call.error is not None:
                lab.expect("failing", False, "the error of a test came through", call)
                return
            named = list(call.value)
            for key, guilty in GUILTY.items():
                missing = [name for name in guilty if name not in named]
                lab.expect(key, not missing, f"not named: {', '.join(missing)}", call)
            wrong = [
                name for name in named if name not in {name for each in GUILTY.values() for name in each}
            ]
            lab.expect("innocent", not wrong, f"named: {', '.join(map(describe, wrong[:4]))}", call)
            lab.expect("order", ran == names, f"run: {', '.join(ran[:10])}", call)
            by_order = sorted(named, key=lambda name: names.index(name) if name in names else -1)
            lab.expect("order", named == by_order, f"named: {', '.join(named)}", call)


Test = Callable[[AsyncEngine], Awaitable[None]]


async def _reads_only(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(select(Tag))


async def _adds_a_tag(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(insert(Tag).values(name="skiffle"))


async def _rolls_back(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(delete(user_tags))
        await connection.rollback()


async def _swaps_tags(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(delete(Tag).where(Tag.name == "skiffle"))
        await connection.execute(insert(Tag).values(name="mambo"))


async def _changes_stock(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(update(Product).where(Product.id == 5).values(stock=Product.stock + 1))


async def _fails_clean(engine: AsyncEngine) -> None:
    raise TestFailed("nothing was done")


async def _commits_and_fails(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(insert(Tag).values(name="polka"))
    raise TestFailed("too late")


async def _unlinks_tags(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(delete(user_tags))


async def _adds_and_removes(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(insert(Tag).values(name="fandango"))
    async with engine.begin() as connection:
        await connection.execute(delete(Tag).where(Tag.name == "fandango"))


async def _changes_and_restores(engine: AsyncEngine) -> None:
    for more in (1, -1):
        async with engine.begin() as connection:
            change_stock = update(Product).where(Product.id == 6).values(stock=Product.stock + more)
            await connection.execute(change_stock)


TESTS: dict[str, Test] = {
    "reads_only": _reads_only,
    "adds_a_tag": _adds_a_tag,
    "rolls_back": _rolls_back,
    "swaps_tags": _swaps_tags,
    "changes_stock": _changes_stock,
    "fails_clean": _fails_clean,
    "commits_and_fails": _commits_and_fails,
    "unlinks_tags": _unlinks_tags,
    "adds_and_removes": _adds_and_removes,
    "changes_and_restores": _changes_and_restores,
}
GUILTY: dict[str, tuple[str, ...]] = {
    "content": ("adds_a_tag", "swaps_tags", "changes_stock"),
    "failing": ("commits_and_fails",),
    "every-table": ("unlinks_tags",),
}
"""Names of the tests that leave something, by the requirement under which they are missed."""


def _noting(ran: list[str], name: str) -> Test:
    async def run(engine: AsyncEngine) -> None:
        ran.append(name)
        await TESTS[name](engine)

    run.__name__ = run.__qualname__ = name
    return run


LESSON = Lesson(
    id="unit-of-work-and-testing",
    number="14",
    notebook="14_unit_of_work_and_testing",
    title="Unit of work and testing",
    promise="One transaction for a use case, pages that stand still, and tests on a real database that leave nothing "
    "behind.",
    minutes=25,
    exercise_minutes=40,
    objectives=(
        "let a mail follow a commit, and never precede it",
        "turn pages while rows come and go",
        'explain "attached to a different loop" and mend it',
        "run code that commits, and take it back",
        "set up fixtures under which tests do not see one another",
    ),
    exercises=(NextPage(), OrderAndMail(), NothingHappened(), WhoLeftThat()),
    recall=(
        Question(
            "one-of-three",
            "Three rows are added, each in a `begin_nested()` of its own, and the second is refused. The error is "
            "caught. What does a commit store?",
            (
                Choice(
                    "The first and the third",
                    "Right: going back to a savepoint undoes what came after it.",
                    True,
                ),
                Choice(
                    "All but what came after the error: the first", "The session works on after a savepoint."
                ),
                Choice("Nothing: the transaction is over", "So it is without a savepoint."),
            ),
            "repositories/2",
        ),
        Question(
            "engine-and-loop",
            "An engine on PostgreSQL was used under one event loop. That loop ended. May a second loop use the engine?",
            (
                Choice(
                    "No: its pool holds connections of the first loop",
                    "Right, unless it was disposed of before the first loop ended.",
                    True,
                ),
                Choice("Yes: an engine is for the whole application", "For all of one loop, rather."),
                Choice(
                    "Yes, with `pool_pre_ping`", "The ping would be sent over a connection of the dead loop."
                ),
            ),
            "engine/4",
        ),
    ),
    predictions=(
        Question(
            "page-two",
            "Page 1 shows the five newest orders. A newer one is stored. What does page 2 show, by `offset(5)`?",
            (
                Choice("The sixth to the tenth of before", ""),
                Choice("The last of page 1 again, and four more", "", True),
                Choice("The new order, and four more", ""),
            ),
            "unit-of-work-and-testing/2",
        ),
        Question(
            "two-tests-one-engine",
            "Two equal tests, each in a loop of its own, with one engine for both. On SQLite and on PostgreSQL?",
            (
                Choice("Both pass on both", ""),
                Choice("On PostgreSQL the second fails; on SQLite both pass", "", True),
                Choice("On PostgreSQL both fail; on SQLite both pass", ""),
                Choice("The second fails on both", ""),
            ),
            "unit-of-work-and-testing/3",
        ),
        Question(
            "commit-inside",
            "A connection begins a transaction. A session on this connection adds a tag and commits. The connection is "
            "closed, without a commit of its own. Is the tag stored?",
            (
                Choice("Yes: a commit is a commit", ""),
                Choice("No: it was the session's commit, inside the connection's transaction", "", True),
                Choice("It raises: a session may not commit there", ""),
            ),
            "unit-of-work-and-testing/4",
        ),
    ),
    quiz=(
        Question(
            "where-the-mail-goes",
            "A colleague sends the mail behind `await session.flush()`: the order has its id by then. What is wrong?",
            (
                Choice(
                    "The commit can still fail, and the mail is gone",
                    "Right. A flush is not a commit: nobody else sees the order yet.",
                    True,
                ),
                Choice(
                    "Nothing: a flush has passed all checks of the database",
                    "Deferred constraints are checked at the commit, and a connection can break before it.",
                ),
                Choice(
                    "The id may still change",
                    "The id is settled by then. Whether there will be such an order is not.",
                ),
            ),
            "unit-of-work-and-testing/1",
        ),
        Question(
            "lost-orders",
            "A keyset page asks `where(Order.ordered_on > last_day)`, ordered by day. Some orders never show. Which?",
            (
                Choice(
                    "Those that share a day with the last order of a page",
                    "Right. Name the id as well: in the order, and in the comparison.",
                    True,
                ),
                Choice("Those stored while somebody turned the pages", "Behind the position, these do show."),
                Choice(
                    "Those of the last page",
                    "The last page is short, and complete as far as its days are concerned.",
                ),
            ),
            "unit-of-work-and-testing/2",
        ),
        Question(
            "different-loop",
            'A suite is green on SQLite. On PostgreSQL the first test passes, all others raise "attached to a different '
            'loop". What now?',
            (
                Choice(
                    "Let engine and loop live equally long: one loop for the run, or an engine for each test",
                    "Right. Both ways are a matter of two lines.",
                    True,
                ),
                Choice(
                    "Switch on `pool_pre_ping`",
                    "The ping itself would have to be awaited on a connection of the other loop.",
                ),
                Choice(
                    "Keep to SQLite for the tests",
                    "Then the tests pass, and tell little about PostgreSQL. This error is one of many they miss.",
                ),
            ),
            "unit-of-work-and-testing/3",
        ),
    ),
    cheat=(
        "async with unit_of_work(factory) as work:",
        "tuple_(Order.ordered_on, Order.id) > tuple_(day, number)",
        'async_sessionmaker(connection, join_transaction_mode="create_savepoint")',
        'pytest_plugins = ["course_lib.patterns.fixtures"]',
    ),
    terms={
        "unit of work": "all that one use case changes, stored together or not at all",
        "keyset page": "a page that begins behind a row, given by the values it is sorted by",
        "fixture": "something that pytest prepares for a test and clears away afterwards",
        "loop scope": "how long one event loop serves the tests",
        "outer transaction": "a transaction of a connection, in which a session works without owning it",
    },
)
