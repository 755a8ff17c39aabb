"""Lesson 15: a session shared between tasks, three ways, and one session for each."""

import asyncio
import contextlib
from collections import Counter
from datetime import date
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession

from course_lib.coach.exercise import Choice, Exercise, Lab, Lesson, Question, Requirement
from course_lib.coach.luck import no_luck_with_order
from course_lib.coach.tasks import NEVER_ENDED, awaited, cancelled, holds
from course_lib.lens import connections
from course_lib.lens.statements_view import counted
from course_lib.shop import Order, Product, Tag, User

PATIENCE = 5.0
"""Seconds after which the check's own work goes on although nobody came. No right answer meets it."""
NO_PRODUCT = 99_999


class Meeting:
    """Everybody who comes waits until `size` are there. `met`: whether they were, in time."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.inside = self.most = 0
        self._all_here = asyncio.Event()

    @property
    def met(self) -> bool:
        return self.most >= self.size

    async def wait(self) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        if self.met:
            self._all_here.set()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._all_here.wait()
        except TimeoutError:
            self._all_here.set()  # one after the other: once is enough to know
        finally:
            self.inside -= 1


class OwnersPage(Exercise):
    """Give each task its own session."""

    id = "taskgroup-concurrency/owners-page"
    title = "The owner's page"
    defines = "owners_page"
    minutes = 8
    achieved = "mend a session that is shared between tasks"
    users = (7,)
    requirements = {
        "results": Requirement(
            "each panel's result stands under its name, None and 0 included",
            "`if result:` throws away a 0. What a panel gives is a result, whatever it is.",
            "taskgroup-concurrency/2",
        ),
        "order": Requirement(
            "the names stand in the order of `panels`",
            "Who has begun first need not end first. A dictionary keeps the order in which it is filled.",
            "await-and-tasks/2",
        ),
        "together": Requirement(
            "all panels are at work at the same time",
            "Awaits in a row, and an await in a loop, ask one after the other.",
            "await-and-tasks/2",
        ),
        "own": Requirement(
            "no session is used by two panels",
            "A session refuses a second task while it gets its connection. Once it has it, it accepts several "
            "without an error: one connection serves them in a row, and one transaction is everybody's.",
            "taskgroup-concurrency/2",
        ),
        "closed": Requirement(
            "afterwards every connection is back in the pool, also if a panel fails",
            "A session that has read holds its connection until it is closed.",
            "sessions/5",
        ),
        "failure": Requirement(
            "if a panel raises, its exception reaches the caller",
            "An exception among the results, or none at all, looks like a page that is complete.",
            "taskgroup-concurrency/4",
        ),
        "ended": Requirement(
            "when a panel's exception reaches the caller, no other panel is still at work",
            "`gather` hands on the first error, and leaves the other tasks running.",
            "taskgroup-concurrency/4",
        ),
    }
    hints = (
        "What does a panel need that no other panel may have?",
        "A small coroutine function that opens a session, awaits one panel with it, and closes it.",
        "`async def alone(panel): async with sessions() as session: return await panel(session)`, and a task "
        "of the group for `alone(panel)`.",
    )
    afterword = (
        "The session is opened inside the task, so the task that uses it is the one that closes it, however it "
        "ends. The colleague's `await session.connection()` cured the error and not its cause."
    )
    another = """
from contextlib import AsyncExitStack


async def owners_page(sessions, panels):
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(sessions()) for _ in panels]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(panel(own)) for panel, own in zip(panels.values(), opened)]
        return {name: task.result() for name, task in zip(panels, tasks)}
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Three panels that wait for each other; one that fails while two are at work; none."""
        kinds = (LookupError, InvalidRequestError, BaseExceptionGroup)
        async with lab.shop(7) as db:
            async with lab.case("three panels"):
                page = _Page(3)
                with connections(db.engine) as pool:
                    call = await lab.call(answer, db.sessions, page.panels, on=db, returns=dict, catch=kinds)
                awaited(call, InvalidRequestError)
                shared = holds(call.error, InvalidRequestError) or page.shared
                saw = "two panels were at work in one session"
                if not lab.expect("own", not shared and call.error is None, saw, call):
                    return
                lab.expect("together", page.meeting.met, f"at most {page.meeting.most} at once", call)
                lab.same("results", dict(call.value), page.wanted, call)
                if call.value == page.wanted:
                    lab.same("order", list(call.value), list(page.wanted), call)
                self._all_back(lab, pool, call)
            if "together" in lab.broken:  # nobody would be at work when one fails
                return
            async with lab.case("no panels"):
                call = await lab.call(answer, db.sessions, {}, blame="results")
                lab.same("results", call.value, {}, call)
            async with lab.case("a panel that fails"):
                page = _Page(3, fails=True)
                with connections(db.engine) as pool:
                    call = await lab.call(answer, db.sessions, page.panels, on=db, catch=kinds)
                    awaited(call, LookupError)
                    at_work = page.at_work
                    saw = f"a panel raised LookupError, and the caller got {call.error or call.value!r}"
                    failed = lab.expect("failure", holds(call.error, LookupError), saw, call)
                    if failed and lab.expect("ended", not at_work, f"{at_work} still at work", call):
                        self._all_back(lab, pool, call)
                    await page.stop()

    def _all_back(self, lab: Lab, pool: Any, call: Any) -> None:
        kept = pool.out + pool.lost
        lab.expect("closed", not kept, f"{counted(kept, 'connection')} not back in the pool", call)


class _Page:
    """Panels that read, wait for each other, and read again; they end in the opposite order.

    With `fails`, the first raises once all have come, and the others stay until they are stopped.
    """

    def __init__(self, size: int, *, fails: bool = False) -> None:
        self.meeting = Meeting(size)
        self.shared = False
        self.at_work = 0
        self.wanted: dict[str, Any] = {"users": 7, "visitors": 0, "note": None}
        self.panels = {name: self._panel(place) for place, name in enumerate(self.wanted)}
        self._fails = fails
        self._over = asyncio.Event()
        self._using: Counter[Any] = Counter()

    def _panel(self, place: int) -> Any:
        async def panel(session: AsyncSession) -> Any:
            self.at_work += 1
            try:
                return await self._work(session, place)
            finally:
                self.at_work -= 1

        return panel

    async def _work(self, session: AsyncSession, place: int) -> Any:
        users = await session.scalar(select(func.count()).select_from(User))
        used = (await session.connection()).sync_connection
        self._using[used] += 1
        self.shared |= self._using[used] > 1
        await self.meeting.wait()
        if self._fails:
            if place == 0:
                raise LookupError("no such panel")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await self._over.wait()
        for _ in range(5 * (len(self.panels) - place)):
            await asyncio.sleep(0)
        self._using[used] -= 1
        return (users, 0, None)[place]

    async def stop(self) -> None:
        """Let those go who are still at work, and wait for their end."""
        self._over.set()
        for _ in range(1000):
            if not self.at_work:
                return
            await asyncio.sleep(0.001)


class WhatCanBeDone(Exercise):
    """Let one failure stop nobody else."""

    id = "taskgroup-concurrency/what-can-be-done"
    title = "What can be done"
    defines = "save_each"
    minutes = 10
    achieved = "keep what works and collect what fails, each in a transaction of its own"
    users = (7, 7)
    requirements = {
        "stored": Requirement(
            "what was saved without an error is committed",
            "The end of `async with sessions()` closes the session. It commits nothing.",
            "sessions/1",
        ),
        "nothing-half": Requirement(
            "of an item that failed nothing is stored",
            "A commit in a `finally`, or after an error was caught, stores what came before the error.",
            "sessions/1",
        ),
        "failed": Requirement(
            "the exceptions are returned by item; without any, the dictionary is empty",
            "A caller wants to know which items failed, and why.",
            "taskgroup-concurrency/4",
        ),
        "goes-on": Requirement(
            "a failure stops no other item, and reaches the caller as part of the result only",
            "A `TaskGroup` cancels all others when an exception leaves one of its tasks.",
            "taskgroup-concurrency/4",
        ),
        "at-commit": Requirement(
            "an error that comes with the commit is an error of that item",
            "What was only added is sent by the commit, and refused there.",
            "sessions/4",
        ),
        "together": Requirement(
            "all items are at work at the same time",
            "An await in a loop does one after the other.",
            "await-and-tasks/2",
        ),
        "cancelled": Requirement(
            "if the caller cancels you, the work is cancelled and has ended, and the cancellation goes on",
            "Whoever begins tasks ends them. `asyncio.wait` does not cancel what it waits for.",
            "await-and-tasks/5",
        ),
    }
    hints = (
        "In a `TaskGroup` an error must not leave its task, if the others are to go on. Where can you catch it?",
        "Around the whole transaction, inside the task: `try`, then `async with sessions.begin() as session`.",
        "`except Exception as error: failed[item] = error`, outside the `begin()` block, so that the commit is "
        "in the `try` as well. A `CancelledError` is not an `Exception`, and passes.",
    )
    afterword = (
        "Each task catches its own error, so the group sees none and cancels nobody. The `try` stands outside "
        "the `begin()` block: by the time the error is caught, the block has rolled back, and an error of the "
        "commit itself is caught too. A cancellation is not an `Exception` and passes."
    )
    another = """
async def save_each(sessions, items, save):
    async def one(item):
        async with sessions() as session:
            await save(session, item)
            await session.commit()

    results = await asyncio.gather(*map(one, items), return_exceptions=True)
    return {item: error for item, error in zip(items, results) if isinstance(error, Exception)}
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Save with and without failures, with one that comes at the commit, and be cancelled at work."""
        async with lab.shop(7) as db:
            async with lab.case("four items that wait for each other"):
                meeting = Meeting(4)

                async def meet(session: AsyncSession, item: str) -> None:
                    await meeting.wait()

                call = await lab.call(answer, db.sessions, ["a", "b", "c", "d"], meet, returns=dict)
                lab.expect("together", meeting.met, f"at most {meeting.most} at once", call)
                lab.same("failed", call.value, {}, call)
            async with lab.case("no items"):
                call = await lab.call(answer, db.sessions, [], _tag, blame="failed")
                lab.same("failed", call.value, {}, call)
            async with lab.case("one of four fails"):
                wanted = LookupError("bad")
                save = _Save({"bad": wanted})
                items = ["dub", "bad", "ska", "mambo"]
                call = await lab.call(answer, db.sessions, items, save, on=db, returns=dict, blame="goes-on")
                self._failures(lab, "failed", call, {"bad": wanted})
                await self._stored(lab, db, call, "nothing-half")
            async with lab.case("one is refused at the commit"):
                save = _Save({})
                call = await lab.call(
                    answer, db.sessions, ["jazz", "polka"], save, on=db, returns=dict, blame="at-commit"
                )
                refused = isinstance(call.value.get("jazz"), IntegrityError)
                saw = f"a name that is taken was refused, and {call.value!r} returned"
                lab.expect("at-commit", refused, saw, call)
                await self._stored(lab, db, call, "at-commit")
        async with lab.shop(7) as db, lab.case("cancelled at work"):
            call = await lab.call(_cancelled_at_work, answer, db)
            lab.expect("cancelled", call.value == "cancelled", f"the caller got {call.value}", call)

    def _failures(self, lab: Lab, key: str, call: Any, wanted: dict[str, Exception]) -> None:
        lab.same(key, list(call.value), list(wanted), call)
        for item, error in wanted.items():
            if item in call.value:
                saw = f"{call.value[item]!r} for an item that raised {error!r}"
                lab.expect(key, call.value[item] is error, saw, call)

    async def _stored(self, lab: Lab, db: Any, call: Any, key: str) -> None:
        async with db.engine.begin() as connection:
            names = set(await connection.scalars(select(Tag.name)))
            await connection.execute(delete(Tag).where(Tag.name.in_(_NEW)))
        tried = {"dub", "bad", "ska", "mambo"} if key == "nothing-half" else {"polka"}
        missing = sorted(tried - {"bad"} - names)
        lab.expect("stored", not missing, f"not stored: {', '.join(missing)}", call)
        lab.expect(key, "bad" not in names, "the row of the item that failed is stored", call)


_NEW = ("dub", "bad", "ska", "mambo", "polka")


async def _tag(session: AsyncSession, item: str) -> None:
    session.add(Tag(name=item))


class _Save:
    """Adds a tag; raises what is told for an item once its row was sent."""

    def __init__(self, errors: dict[str, Exception]) -> None:
        self._errors = errors

    async def __call__(self, session: AsyncSession, item: str) -> None:
        await _tag(session, item)
        if error := self._errors.get(item):
            await session.flush()
            raise error


async def _cancelled_at_work(answer: Any, db: Any) -> str:
    """Cancel the answer while two are at work, and say what came of it."""
    inside = 0
    both = asyncio.Event()

    async def work(session: AsyncSession, item: str) -> None:
        nonlocal inside
        inside += 1
        try:
            if inside == 2:
                both.set()
            await asyncio.sleep(PATIENCE)
        finally:
            inside -= 1

    said = await cancelled(answer(db.sessions, ["a", "b"], work), both, PATIENCE + 1)
    return f"an answer, with {inside} still at work" if inside and said != NEVER_ENDED else said


class TooManyTasks(Exercise):
    """Ask once for what a hundred tasks looked up."""

    id = "taskgroup-concurrency/too-many-tasks"
    title = "A hundred tasks too many"
    defines = "basket_totals"
    minutes = 8
    achieved = "replace a fan-out of look-ups by one statement"
    users = (7,)
    requirements = {
        "totals": Requirement(
            "a basket's total is the sum of price times copies, in the order of the baskets",
            "Rows come in an order of their own: a dictionary by id finds each price again.",
            "taskgroup-concurrency/5",
        ),
        "unknown": Requirement(
            "a basket with a product that does not exist gives None",
            "`IN` leaves out what it does not find, without a word.",
            "taskgroup-concurrency/5",
        ),
        "empty-basket": Requirement(
            "an empty basket costs 0",
            "0 counts as false, and is a total all the same: `total or None` loses it.",
            "taskgroup-concurrency/5",
        ),
        "no-baskets": Requirement(
            "no baskets give an empty list",
            "An empty list is a list without elements. It is not a wish for everything.",
            "taskgroup-concurrency/5",
        ),
        "one": Requirement(
            "at most one statement is sent",
            "A session per task is right, and each look-up is a statement and a round trip of its own.",
            "taskgroup-concurrency/5",
        ),
        "rows": Requirement(
            "at most one row is fetched for each different product in the baskets",
            "Reading the whole table is one statement, too. It grows with the shop.",
            "choosing-a-loader/5",
        ),
    }
    hints = (
        "Which prices are needed, for all baskets together?",
        "One `select(Product.id, Product.cents)` with `IN`, then a dictionary of prices by id.",
        "`wanted = {product_id for basket in baskets for product_id in basket}` for the `IN`; afterwards each "
        "basket is a sum over `prices[product_id] * copies`, or None if one is missing in `prices`.",
    )
    afterword = (
        "The set holds each product once, however many baskets it is in. The rows become a dictionary, and the "
        "sums are Python's business. With an empty set the statement may be sent or not: it finds nothing."
    )
    another = """
async def basket_totals(sessions, baskets):
    ids = sorted({product_id for basket in baskets for product_id in basket})
    async with sessions() as session:
        found = await session.scalars(select(Product).where(Product.id.in_(ids)))
        products = {product.id: product for product in found}

    def total(basket):
        try:
            return sum(products[product_id].cents * copies for product_id, copies in basket.items())
        except KeyError:
            return None

    return [total(basket) for basket in baskets]
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Baskets that share products, an empty one, an unknown product, the same twice, none at all."""
        async with lab.shop(7) as db:
            async with db.engine.connect() as connection:
                found = await connection.execute(select(Product.id, Product.cents))
                prices = {number: cents for number, cents in found}
            baskets = [
                {number: number % 3 + 1 for number in (place, 90 - place, 7)} for place in range(40, 10, -1)
            ]
            wanted = [sum(prices[number] * copies for number, copies in basket.items()) for basket in baskets]
            await no_luck_with_order(db, Product)
            async with lab.case("30 baskets"):
                call = await lab.call(answer, db.sessions, baskets, on=db, returns=list)
                lab.same("totals", call.value, wanted, call)
                self._budget(lab, call, len({number for basket in baskets for number in basket}))
            if "totals" in lab.broken:  # wrong prices make every other case wrong as well
                return
            async with lab.case("the same basket twice"):
                call = await lab.call(answer, db.sessions, [{5: 2}, {5: 2}], on=db, returns=list)
                lab.same("totals", call.value, [2 * prices[5]] * 2, call)
                self._budget(lab, call, 1)
            async with lab.case("an unknown product"):
                odd = [{5: 1, NO_PRODUCT: 1}, {6: 1}, {NO_PRODUCT: 2}]
                call = await lab.call(answer, db.sessions, odd, on=db, returns=list, blame="unknown")
                lab.same("unknown", call.value, [None, prices[6], None], call)
                self._budget(lab, call, 3)
            async with lab.case("an empty basket"):
                call = await lab.call(
                    answer, db.sessions, [{}, {6: 1}], on=db, returns=list, blame="empty-basket"
                )
                lab.same("empty-basket", call.value, [0, prices[6]], call)
                call = await lab.call(answer, db.sessions, [{}], on=db, returns=list, blame="empty-basket")
                lab.same("empty-basket", call.value, [0], call)
            async with lab.case("no baskets"):
                call = await lab.call(answer, db.sessions, [], on=db, returns=list, blame="no-baskets")
                lab.same("no-baskets", call.value, [], call)

    def _budget(self, lab: Lab, call: Any, products: int) -> None:
        lab.expect("one", call.sent <= 1, counted(call.sent, "statement"), call)
        if call.sent <= 1:  # a look-up for each fetches the same row more than once
            lab.expect("rows", call.rows <= products, f"{call.rows} rows for {products} products", call)


class PaidAndNotThere(Exercise):
    """Find out why orders that were paid are missing."""

    id = "taskgroup-concurrency/paid-and-not-there"
    title = "Paid and not there"
    defines = "place_orders"
    core = False
    minutes = 12
    achieved = "keep one task's rollback away from another task's rows"
    backends = ("postgresql",)
    users = (7,)
    requirements = {
        "paid": Requirement(
            "an order that was paid is committed, whatever becomes of the others, and its id is returned",
            "A session is one transaction: one task's rollback takes along what another has flushed.",
            "taskgroup-concurrency/3",
        ),
        "refused": Requirement(
            "of a refused order nothing is stored, and None stands in its place",
            "A caught exception leaves a `begin()` block without an error, and the block commits.",
            "sessions/1",
        ),
        "order": Requirement(
            "the ids stand in the order of the baskets",
            "The bank does not answer in the order in which it was asked.",
            "await-and-tasks/2",
        ),
        "together": Requirement(
            "all payments wait at the same time",
            "A lock around the payment makes a queue of it.",
            "taskgroup-concurrency/2",
        ),
        "hidden": Requirement(
            "before its payment an order is seen by nobody else",
            "What is committed early is there for everybody, if only for a moment.",
            "taskgroup-concurrency/3",
        ),
        "error": Requirement(
            "what `pay` raises otherwise reaches the caller, and the order is not stored",
            "`except Exception` takes a broken line for a refusal.",
            "taskgroup-concurrency/4",
        ),
    }
    hints = (
        "Two payments: one is refused, the other goes well. Whose INSERT does the rollback undo?",
        "One session per basket, opened inside its task. Then the lock is not needed either.",
        "Inside a `try`: `async with sessions.begin() as session:`, add, flush, `await pay(...)`. Outside the "
        "block, `except ValueError: return None`.",
    )
    afterword = (
        "With a session per task, each order has a transaction of its own, and a refusal rolls back one order. "
        'The lock of the colleague hid the warning sign, "Session is already flushing". Note the price: the '
        "connection is held while the bank thinks. If it thinks long, store the order as unpaid and commit, "
        "and mark it in a second transaction."
    )
    another = """
from contextlib import suppress


async def place_orders(sessions, baskets, pay):
    placed = [None] * len(baskets)

    async def place(number, basket):
        with suppress(ValueError):
            async with sessions() as session, session.begin():
                order = Order(**basket)
                session.add(order)
                await session.flush()
                await pay(order.id, order.cents)
            placed[number] = order.id

    async with asyncio.TaskGroup() as group:
        for number, basket in enumerate(baskets):
            group.create_task(place(number, basket))
    return placed
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Pay all of four, refuse some, the one that answers first among them; then let the bank's line break."""
        async with lab.shop(7) as db:
            for label, refused in (("all paid", ()), ("two refused", (502, 504)), ("one refused", (504,))):
                async with lab.case(label):
                    await self._round(answer, lab, db, refused)
                if "together" in lab.broken:  # once is enough to know, and it takes its time
                    return
            async with lab.case("the line to the bank breaks"):
                bank = _Bank(db, 1, broken=True)
                kinds = (ConnectionError, BaseExceptionGroup)
                call = await lab.call(answer, db.sessions, [_basket(1, 501)], bank.pay, on=db, catch=kinds)
                awaited(call, ConnectionError)
                saw = f"`pay` raised ConnectionError, and the caller got {call.error or call.value!r}"
                lab.expect("error", holds(call.error, ConnectionError), saw, call)
                lab.expect("error", not await bank.stored(), "the order is stored", call)

    async def _round(self, answer: Any, lab: Lab, db: Any, refused: tuple[int, ...]) -> None:
        baskets = [_basket(place % 2 + 1, cents) for place, cents in enumerate((501, 502, 503, 504))]
        bank = _Bank(db, len(baskets), refused)
        kinds = (InvalidRequestError, BaseExceptionGroup)
        call = await lab.call(answer, db.sessions, baskets, bank.pay, on=db, returns=list, catch=kinds)
        awaited(call, InvalidRequestError)
        if call.error is not None:
            lab.expect("paid", False, "two tasks came into each other's way in one session", call)
            return
        lab.expect("together", bank.meeting.met, f"at most {bank.meeting.most} waited at once", call)
        lab.expect("hidden", not bank.seen, "another session saw an order that was not paid", call)
        stored = await bank.stored()
        lost = [cents for cents in bank.asked if cents not in refused and cents not in stored]
        lab.expect("paid", not lost, f"paid and not stored: {counted(len(lost), 'order')}", call)
        kept = [cents for cents in refused if cents in stored]
        lab.expect("refused", not kept, f"refused and stored: {counted(len(kept), 'order')}", call)
        wanted = [None if cents in refused else bank.asked.get(cents) for cents in (501, 502, 503, 504)]
        numbers, places = (sorted(map(str, each)) for each in (call.value, wanted))
        if numbers == places:
            lab.same("order", call.value, wanted, call)
        else:
            key = "refused" if refused and call.value.count(None) != len(refused) else "paid"
            lab.same(key, call.value, wanted, call)


def _basket(user_id: int, cents: int) -> dict[str, Any]:
    return {"user_id": user_id, "ordered_on": date(1998, 7, 1), "cds": 1, "cents": cents}


class _Bank:
    """Waits until all have asked, then answers in the opposite order; the cents say who is refused."""

    def __init__(self, db: Any, size: int, refused: tuple[int, ...] = (), *, broken: bool = False) -> None:
        self.meeting = Meeting(size)
        self.asked: dict[int, int] = {}
        self.seen = False
        self._db = db
        self._refused = refused
        self._broken = broken

    async def stored(self) -> set[int]:
        """The cents of the orders that are stored, among those that were asked for."""
        async with self._db.engine.connect() as connection:
            here = Order.id.in_(self.asked.values())
            return set(await connection.scalars(select(Order.cents).where(here)))

    async def pay(self, order_id: int, cents: int) -> None:
        self.asked[cents] = order_id
        async with self._db.engine.connect() as connection:
            self.seen |= bool(await connection.scalar(select(Order.id).where(Order.id == order_id)))
        await self.meeting.wait()
        for _ in range(20 * (505 - cents)):
            await asyncio.sleep(0)
        if self._broken:
            raise ConnectionError("the line to the bank is dead")
        if cents in self._refused:
            raise ValueError("the bank says no")


LESSON = Lesson(
    id="taskgroup-concurrency",
    number="15",
    notebook="15_taskgroup_concurrency",
    title="One session per task",
    promise="A shared session that fails, queues up and loses a row without a word; then one for each task.",
    minutes=25,
    exercise_minutes=35,
    objectives=(
        "recognize a shared session, also where nothing raises",
        "read an `ExceptionGroup` and catch one kind of error out of it",
        "say what is stored, and what is not, when one task of a group fails",
        "give each task a session of its own",
        "replace a hundred tasks by one statement",
    ),
    exercises=(OwnersPage(), WhatCanBeDone(), TooManyTasks(), PaidAndNotThere()),
    recall=(
        Question(
            "who-holds-it",
            "A session has read one row. Nobody has committed or closed it. What does it hold?",
            (
                Choice("A connection", "Right: until commit, rollback or close.", True),
                Choice(
                    "Nothing: the row is read",
                    "It is in the middle of a transaction, and that lives on a connection.",
                ),
                Choice("All connections of the pool", "One. Another session gets another one."),
            ),
            "sessions/5",
        ),
        Question(
            "when-it-fails",
            "Two tasks run in a `TaskGroup`, and one raises. What becomes of the other?",
            (
                Choice("It is cancelled", "Right: a CancelledError is raised where it stands.", True),
                Choice("It runs to its end", "With `gather` it does. A TaskGroup cancels it."),
            ),
            "await-and-tasks/5",
        ),
    ),
    predictions=(
        Question(
            "five-on-one",
            "Five tasks use the same new session at the same time. How many of them get their number?",
            (
                Choice("All five, at the same time", ""),
                Choice("All five, one after the other", ""),
                Choice("One: it came first", ""),
                Choice("None", "", True),
            ),
            "taskgroup-concurrency/1",
        ),
        Question(
            "used-before",
            "Three tasks share a session that has its connection already. What happens?",
            (
                Choice("Errors, as in step 1", ""),
                Choice("Three queries at the same time", ""),
                Choice("Three queries, one after the other, and no error", "", True),
            ),
            "taskgroup-concurrency/2",
        ),
        Question(
            "anna-and-bob",
            "One session. Anna adds a tag and flushes; then Bob rolls back; then Anna commits. What happens?",
            (
                Choice("The tag is stored: Bob had changed nothing", ""),
                Choice("Anna's commit raises", ""),
                Choice("Bob's rollback raises: the session is in use", ""),
                Choice("No error, and no tag", "", True),
            ),
            "taskgroup-concurrency/3",
        ),
    ),
    quiz=(
        Question(
            "fails-on-monday",
            "A page runs three queries in tasks. It fails for the first visitors after each restart, with "
            '"provisioning a new connection", and never again. What is it?',
            (
                Choice(
                    "The three tasks share a session",
                    "Right. With connections in the pool the mistake is silent, and is one all the same.",
                    True,
                ),
                Choice(
                    "The database is slow to start",
                    "Then all visitors would wait. This error comes from the session, before anything is sent.",
                ),
                Choice(
                    "The pool is too small",
                    "Then somebody would wait and get a TimeoutError. Nobody waits here.",
                ),
            ),
            "taskgroup-concurrency/2",
        ),
        Question(
            "two-commits",
            "Tasks A and B share a session. A has flushed half of its rows. B commits. Then A fails and rolls "
            "back. What is stored?",
            (
                Choice(
                    "The half that A had flushed",
                    "Right: B's commit was for the whole session. A's rollback finds nothing left.",
                    True,
                ),
                Choice(
                    "Nothing of A", "That would need a transaction of A's own, and so a session of its own."
                ),
                Choice(
                    "Nothing at all: the session is broken after A's error",
                    "B's commit was done by then, and stays.",
                ),
            ),
            "taskgroup-concurrency/3",
        ),
        Question(
            "names-of-a-hundred",
            "You have 100 ids and want 100 names. What is best?",
            (
                Choice("One statement with `IN`", "Right: one round trip, one connection.", True),
                Choice(
                    "A TaskGroup with 100 tasks, a session for each",
                    "Correct, and many times as slow: 100 statements through 15 connections.",
                ),
                Choice(
                    "100 tasks and one session, so that only one connection is used",
                    "It fails, or it queues. And 100 statements are sent all the same.",
                ),
            ),
            "taskgroup-concurrency/5",
        ),
    ),
    cheat=(
        "async with factory() as session:  # inside the task",
        "except* InvalidRequestError as group: group.exceptions",
        "await fan_out(factory, items, work, limit=5)",
    ),
    terms={
        "ExceptionGroup": "an exception that holds several; what a TaskGroup raises",
        "except*": "catches the errors of one kind out of a group; the rest goes on",
        "shared session": "one session used by several tasks: one connection, one transaction, everybody's",
        "fan-out": "one piece of work handed to many tasks",
    },
)
