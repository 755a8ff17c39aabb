"""Lesson 01: coroutines and tasks, the forgotten await, what blocks the loop, and when async pays."""

import asyncio
import contextlib
import threading
from typing import Any

from sqlalchemy import delete, insert, select

from course_lib.coach.exercise import Choice, Exercise, Lab, Lesson, Question, Requirement
from course_lib.coach.tasks import cancelled
from course_lib.lens.statements_view import counted
from course_lib.shop import Order, OrderLine, User, user_tags

VISITOR = 23_571
"""The first user without any order, in every shop of five users or more."""
CUSTOMER = 3
NOBODY = 99_999_999
PATIENCE = 3.0
"""Seconds after which the check's own work goes on although nobody set it free. No right answer meets it."""
LATE = 1.0
"""Seconds that a supplier takes who answers too late for a short deadline, and in time for a long one."""


class ForgetVisitor(Exercise):
    """Mend a function that reports what it has not done."""

    id = "await-and-tasks/forget-visitor"
    title = "Forget a visitor"
    defines = "forget_visitor"
    minutes = 5
    achieved = "find a forgotten await where nothing raises"
    users = (7,)
    requirements = {
        "gone": Requirement(
            "the visitor is deleted, another session no longer finds the row, and the answer is True",
            "The end of `async with sessions()` closes the session. It commits nothing.",
            "await-and-tasks/1",
        ),
        "customers": Requirement(
            "a user who has ordered stays, with everything, and the answer is False",
            "A guard that is not asked, or not believed, guards nothing.",
            "await-and-tasks/1",
        ),
        "unknown": Requirement(
            "an unknown user gives False",
            "`session.get` gives None for an id that is not there. The guard for it belongs before all else.",
            "start-here/1",
        ),
        "others": Requirement(
            "no other user is touched",
            "`session.delete(user)` takes one object. A delete by condition takes every row that fits.",
            "await-and-tasks/1",
        ),
    }
    hints = (
        "`add` and `delete` look alike. What did step 1 say about the two?",
        "Two of the calls at the end are asynchronous and stand without an `await`.",
        "`await session.delete(user)` and `await session.commit()`. The rest of the function is right.",
    )
    afterword = (
        "Calling `delete` or `commit` gives a coroutine. Without an `await` neither happens, and the function "
        "goes on to say True. `add` is a plain method, so the difference is soon overlooked."
    )
    another = """
from sqlalchemy import delete


async def forget_visitor(sessions, user_id):
    async with sessions.begin() as session:
        visitors = delete(User).where(User.id == user_id, ~User.orders.any())
        return (await session.execute(visitors)).rowcount == 1
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Forget a customer, nobody, and a visitor; look at the whole shop after each."""
        async with lab.shop(7) as db:
            async with db.engine.begin() as connection:
                # A second visitor, whom nobody asked to forget, and a tag for each of the two.
                other = {"id": VISITOR + 1, "name": "Ελένη", "email": "stays@example.org", "country": "GR"}
                await connection.execute(insert(User), [other])
                await connection.execute(delete(user_tags).where(user_tags.c.user_id == VISITOR))
                tags = [{"user_id": VISITOR, "tag_id": 1}, {"user_id": VISITOR + 1, "tag_id": 1}]
                await connection.execute(insert(user_tags), tags)
            before = await _contents(db)
            async with lab.case("a user who has ordered"):
                call = await lab.call(answer, db.sessions, CUSTOMER, on=db, blame="customers")
                kept = before == await _contents(db)
                lab.expect("customers", kept, "the customer, or what belongs to them, is gone", call)
                lab.expect("customers", call.value == False, f"the answer was {call.value!r}", call)  # noqa: E712
            before = await _contents(db)
            async with lab.case("an unknown user"):
                call = await lab.call(answer, db.sessions, NOBODY, on=db, blame="unknown")
                lab.expect("unknown", call.value == False, f"the answer was {call.value!r}", call)  # noqa: E712
                lab.expect("others", before == await _contents(db), "something was deleted", call)
            before = await _contents(db)
            async with lab.case("a visitor"):
                call = await lab.call(answer, db.sessions, VISITOR, on=db, returns=(bool, int))
                after = await _contents(db)
                lab.expect(
                    "gone", VISITOR not in after["users"], "another session still finds the visitor", call
                )
                lab.expect("gone", call.value == True, f"the answer was {call.value!r}", call)  # noqa: E712
                for table, rows in before.items():
                    missing = sorted(rows - after[table] - {VISITOR})
                    saw = f"gone from {table}: {counted(len(missing), 'other row')}"
                    lab.expect("others", not missing, saw, call)


async def _contents(db: Any) -> dict[str, set[Any]]:
    """The keys of what may be lost. The owner of an order counts: a deleted user's orders may be left without one."""
    async with db.engine.connect() as connection:
        tags = await connection.execute(select(user_tags).where(user_tags.c.user_id != VISITOR))
        return {
            "users": set(await connection.scalars(select(User.id))),
            "orders": {tuple(row) for row in await connection.execute(select(Order.id, Order.user_id))},
            "lines": set(await connection.scalars(select(OrderLine.id))),
            "tags": {tuple(row) for row in tags},
        }


class YearlyTotal(Exercise):
    """Keep the loop beating while a plain function takes its time."""

    id = "await-and-tasks/yearly-total"
    title = "The accountant's report"
    defines = "yearly_total"
    minutes = 5
    achieved = "call slow plain code without blocking the event loop"
    backends = ("sqlite",)
    users = ()
    requirements = {
        "beating": Requirement(
            "while the report works, the event loop goes on with other tasks",
            "`async def` makes a function awaitable. What stands inside still runs in the loop's only thread.",
            "await-and-tasks/3",
        ),
        "result": Requirement(
            "what the report returns is returned, 0 included",
            "What was returned is not what the report gave. (0 is a result too, though it counts as false.)",
            "await-and-tasks/3",
        ),
        "error": Requirement(
            "what the report raises reaches the caller",
            "An error was turned into a number, or was lost on the way.",
            "await-and-tasks/3",
        ),
        "once": Requirement(
            "the report is called exactly once, with the year",
            "Each call runs the whole report, and `to_thread` makes one call by itself.",
            "await-and-tasks/3",
        ),
    }
    hints = (
        "There is no `await` in the colleague's function. When could the loop take its turn?",
        "Step 3 moved such a function to a thread.",
        "`await asyncio.to_thread(function, argument)`: the function by its name, without calling it.",
    )
    afterword = (
        "`asyncio.to_thread` calls the function in a thread of its own and gives the loop something to await. "
        "Its result comes back, and so does an exception. The function must not mind the thread: a session of "
        "your own, used in the loop at the same time, would."
    )
    another = """
async def yearly_total(report, year):
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, report, year)
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Let the report wait until the loop has set it free; then let it return 0, and raise."""
        async with lab.case("a report that waits"):
            waiting = _Report(48_210)
            beat = asyncio.create_task(waiting.set_free())
            try:
                call = await lab.call(answer, waiting, 1997, returns=int)
            finally:
                beat.cancel()
            seen = "the loop stood still until the report gave up waiting for it"
            lab.expect("beating", waiting.was_freed, seen, call)
            lab.same("result", call.value, 48_210, call)
            lab.expect("once", waiting.years == [1997], _years(waiting), call)
        async with lab.case("a report of 0"):
            empty = _Report(0, waits=False)
            call = await lab.call(answer, empty, 1998)
            lab.expect("result", call.value == 0, f"{call.value!r} for a year without sales", call)
            lab.expect("once", empty.years == [1998], _years(empty), call)
        async with lab.case("a report that fails"):
            failing = _Report(LookupError("no books for 1996"), waits=False)
            call = await lab.call(answer, failing, 1996, catch=(LookupError, ExceptionGroup))
            saw = f"the report raised a LookupError, and the caller got {call.value!r}"
            lab.expect("error", _holds(call.error, LookupError), saw, call)
            lab.expect("once", failing.years == [1996], _years(failing), call)


class _Report:
    """A plain function that waits until the event loop has had its turn, and then returns or raises."""

    def __init__(self, outcome: int | Exception, *, waits: bool = True) -> None:
        self.years: list[int] = []
        self.was_freed = not waits
        self._outcome = outcome
        self._loop = asyncio.get_running_loop()
        self._begun = asyncio.Event()
        self._free = threading.Event()

    def __call__(self, year: int) -> int:
        self.years.append(year)
        self._loop.call_soon_threadsafe(self._begun.set)
        if not self.was_freed:
            self.was_freed = self._free.wait(PATIENCE)
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    async def set_free(self) -> None:
        """A heartbeat of the check: ten beats while the report works set it free."""
        await self._begun.wait()
        for _ in range(10):
            await asyncio.sleep(0.002)
        self._free.set()


def _years(report: _Report) -> str:
    count = len(report.years)
    return f"it was called {count} times, for {', '.join(map(str, report.years)) or 'no year'}"


def _holds(error: BaseException | None, kind: type[BaseException]) -> bool:
    """Whether an error is of a kind, or a group that holds one."""
    if isinstance(error, BaseExceptionGroup):
        return any(_holds(each, kind) for each in error.exceptions)
    return isinstance(error, kind)


class AllPrices(Exercise):
    """Let several waits overlap, and keep their order."""

    id = "await-and-tasks/all-prices"
    title = "All suppliers at once"
    defines = "all_prices"
    minutes = 8
    achieved = "run several waits at once and keep their results in order"
    backends = ("sqlite",)
    users = ()
    requirements = {
        "together": Requirement(
            "all questions wait at the same time",
            "Awaits in a row, and an await in a loop, ask one after the other.",
            "await-and-tasks/2",
        ),
        "order": Requirement(
            "the prices come in the order of the suppliers",
            "Who is asked first need not answer first.",
            "await-and-tasks/4",
        ),
        "repeated": Requirement(
            "a supplier that is named twice is in the result twice",
            "One task for each name on the list: the second time counts too. (A dict or a set holds a name once.)",
            "await-and-tasks/2",
        ),
        "nobody": Requirement(
            "no suppliers give an empty list",
            "Without suppliers there are no tasks and no prices, and a list of no prices is still a list.",
            "await-and-tasks/2",
        ),
        "failure": Requirement(
            "if one question raises, its exception reaches the caller, bare or in a group",
            "An error was turned into a price, or into another error. The caller cannot tell who was silent.",
            "await-and-tasks/5",
        ),
    }
    hints = (
        "In step 2, what stood between the beginnings of the two parcels?",
        "Make one task for each supplier, all of them before you wait for any.",
        "In a `TaskGroup`, collect `group.create_task(ask(supplier))` in a list. After the block: `task.result()` of each.",
    )
    afterword = (
        "The list of tasks remembers the order, whoever answers first. The group waits for all of them, and if "
        "one fails it cancels the others, so no question is left running behind the caller's back."
    )
    another = """
async def all_prices(ask, suppliers):
    return list(await asyncio.gather(*(ask(supplier) for supplier in suppliers)))
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Answer in the opposite order, and only when all have asked; then fail; then ask nobody."""
        async with lab.case("four suppliers"):
            names = ["Lisboa", "Łódź", "Lille", "Cork"]
            shop = _Suppliers(names)
            call = await lab.call(answer, shop.ask, names, returns=(list, tuple), of=int)
            saw = f"{shop.most} of 4 waited at the same time"
            lab.expect("together", shop.most == 4, saw, call)
            wanted, seen = [shop.price(name) for name in names], list(call.value)
            lab.same("order", seen, wanted, call)
        async with lab.case("a supplier named twice"):
            names = ["Lille", "Cork", "Lille"]
            shop = _Suppliers(names, together=False)
            call = await lab.call(answer, shop.ask, names, returns=(list, tuple), of=int)
            wanted = [shop.price(name) for name in names]
            lab.expect("repeated", len(call.value) == 3, f"{len(call.value)} prices for 3 names", call)
            if len(call.value) == 3:
                lab.expect("order", list(call.value) == wanted, f"{list(call.value)} for {names}", call)
        async with lab.case("a supplier who does not answer"):
            names = ["Lille", "Porto", "Cork"]
            shop = _Suppliers(names, together=False, silent="Porto")
            call = await lab.call(
                answer, shop.ask, names, of=(int, Exception), catch=(ConnectionError, BaseExceptionGroup)
            )
            if call.error is not None and _holds(call.error, asyncio.InvalidStateError):
                raise call.error  # too early for a result: a mistake of its own, and no swallowed error
            saw = f"Porto raised a ConnectionError, and the caller got {call.error or call.value!r}"
            lab.expect("failure", _holds(call.error, ConnectionError), saw, call)
        async with lab.case("no suppliers"):
            call = await lab.call(answer, _Suppliers([]).ask, [], blame="nobody")
            empty = isinstance(call.value, list | tuple) and not call.value
            lab.expect("nobody", empty, f"{call.value!r} for no suppliers", call)


class _Suppliers:
    """Suppliers who answer in the opposite order, and with `together` only when all have been asked."""

    def __init__(self, names: list[str], *, together: bool = True, silent: str = "") -> None:
        self.most = 0
        self._inside = 0
        self._names = names
        self._silent = silent
        self._all_asked = asyncio.Event()
        if not together:
            self._all_asked.set()

    @staticmethod
    def price(name: str) -> int:
        """Different for each name, and in no order."""
        return 900 + sum(name.encode()) % 97

    async def ask(self, supplier: str) -> int:
        self._inside += 1
        self.most = max(self.most, self._inside)
        try:
            if self._inside >= len(self._names):
                self._all_asked.set()
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._all_asked.wait()
            except TimeoutError:
                self._all_asked.set()  # asked one after the other: once is enough to know
            for _ in range(3 * (len(self._names) - self._names.index(supplier))):
                await asyncio.sleep(0)
            if supplier == self._silent:
                raise ConnectionError(f"{supplier} does not answer")
            return self.price(supplier)
        finally:
            self._inside -= 1


class PriceInTime(Exercise):
    """A deadline that stops the work, and tells its own end from another's."""

    id = "await-and-tasks/price-in-time"
    title = "A price in time"
    defines = "price_in_time"
    core = False
    minutes = 10
    achieved = "set a deadline that stops what it gave up on"
    backends = ("sqlite",)
    users = ()
    requirements = {
        "price": Requirement(
            "a price that comes in time is returned, 0 included",
            "What was returned is not the supplier's price. (0 is one too, though it counts as false.)",
            "await-and-tasks/5",
        ),
        "deadline": Requirement(
            "the list price is returned after `seconds`, and not before",
            "How long to wait is the caller's choice. An `await` without a deadline waits as long as it takes.",
            "await-and-tasks/5",
        ),
        "stopped": Requirement(
            "when the time is up, `ask` is cancelled and has ended before you return",
            "Giving up on a task does not end it. It has ended when it was cancelled and then waited for.",
            "await-and-tasks/5",
        ),
        "own-error": Requirement(
            "what `ask` itself raises reaches the caller, a TimeoutError too",
            "An error of the supplier was turned into a price. A TimeoutError need not be your own deadline.",
            "await-and-tasks/5",
        ),
        "passes-on": Requirement(
            "if the caller cancels you, `ask` is cancelled and the CancelledError goes on",
            "Who cancels you expects two things: that you stop, and that what you have begun stops with you.",
            "await-and-tasks/5",
        ),
    }
    hints = (
        "Which block of step 5 stops what it waits for?",
        "`async with asyncio.timeout(seconds) as limit:` and the await inside. Where does the list price belong?",
        "In `except TimeoutError:` ask `limit.expired()`. If it says no, the error was not yours: `raise`.",
    )
    afterword = (
        "`asyncio.timeout` cancels the await in its block, waits until it has ended, and raises a `TimeoutError` "
        "outside. `limit.expired()` tells this one from a `TimeoutError` that came from inside. A cancellation "
        "from the caller passes untouched, because nobody catches it."
    )
    another = """
async def price_in_time(ask, product_id, list_price, seconds):
    question = asyncio.ensure_future(ask(product_id))
    try:
        await asyncio.wait([question], timeout=seconds)
        return question.result() if question.done() else list_price
    finally:
        if not question.done():
            question.cancel()
            await asyncio.wait([question])
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Answer at once, with 0, too late, late but in time, with errors, and be cancelled."""
        for price in (1299, 0):
            async with lab.case(f"a price of {price}, in time"):
                supplier = _Supplier(price)
                call = await lab.call(answer, supplier, 7, 1599, 60.0)
                lab.same("price", call.value, price, call)
        async with lab.case("no price in time"):
            supplier = _Supplier(1299, after=LATE)
            call = await lab.call(answer, supplier, 7, 1599, 0.05)
            ended = supplier.end.is_set()
            if lab.expect(
                "deadline", not supplier.gave_up, "it waited until the supplier ended by himself", call
            ):
                lab.expect("deadline", call.value == 1599, f"{call.value!r} instead of the list price", call)
                lab.expect("stopped", ended, "`ask` was still running after the return", call)
        async with lab.case("a minute to wait, and a price that takes a second"):
            # Longer than LATE, so no deadline that minds nothing of `seconds` passes both cases.
            supplier = _Supplier(1299, after=LATE + 0.2)
            call = await lab.call(answer, supplier, 7, 1599, 60.0)
            early = call.value == 1599 and not supplier.gave_up
            if lab.expect("deadline", not early, "the list price, long before the time was up", call):
                lab.same("price", call.value, 1299, call)
        for error in (ConnectionError("no line"), TimeoutError("the supplier's own")):
            name = type(error).__name__
            async with lab.case(f"`ask` raises {name}"):
                supplier = _Supplier(error)
                kinds = (type(error), ExceptionGroup)
                call = await lab.call(answer, supplier, 7, 1599, 60.0, catch=kinds)
                saw = f"`ask` raised {name}, and the caller got {call.value!r}"
                lab.expect("own-error", _holds(call.error, type(error)), saw, call)
        async with lab.case("the caller cancels"):
            supplier = _Supplier(1299, after=PATIENCE)
            call = await lab.call(_cancelled, answer, supplier)
            lab.expect("passes-on", call.value == "cancelled", f"the caller got {call.value}", call)
            lab.expect("passes-on", supplier.end.is_set(), "`ask` was still running", call)


class _Supplier:
    """Answers or raises at once, or after some seconds; `gave_up` says that it was waited for that long."""

    def __init__(self, outcome: int | Exception, *, after: float = 0) -> None:
        self.asked = asyncio.Event()
        self.end = asyncio.Event()
        self.gave_up = False
        self._outcome = outcome
        self._after = after

    async def __call__(self, product_id: int) -> int:
        self.asked.set()
        try:
            await asyncio.sleep(self._after)
            self.gave_up = self._after > 0
            if isinstance(self._outcome, Exception):
                raise self._outcome
            return self._outcome
        except asyncio.CancelledError:
            # Cleaning up takes a moment; who returns before it has ended leaves work behind.
            await asyncio.sleep(0.01)
            raise
        finally:
            self.end.set()


async def _cancelled(answer: Any, supplier: _Supplier) -> str:
    """Cancel the answer while it waits, and say what came of it."""
    said = await cancelled(answer(supplier, 7, 1599, 60.0), supplier.asked, PATIENCE)
    with contextlib.suppress(TimeoutError):  # being cancelled may take a moment
        async with asyncio.timeout(1):
            await supplier.end.wait()
    return said


LESSON = Lesson(
    id="await-and-tasks",
    number="01",
    notebook="01_await_and_tasks",
    title="Await and tasks",
    promise="Data lost by one forgotten word, an event loop that stands still and is set going again, and when "
    "async pays.",
    minutes=25,
    exercise_minutes=30,
    objectives=(
        "tell a coroutine from a task, and say when each begins to run",
        "find a forgotten `await`, also where nothing raises",
        "name the line that blocks an event loop, and mend it",
        "run several waits at the same time and collect the results",
        "say whether async will pay for a piece of work",
    ),
    exercises=(ForgetVisitor(), YearlyTotal(), AllPrices(), PriceInTime()),
    recall=(
        Question(
            "a-loop-of-twenty",
            "A loop over 20 users awaits the tags of each. With the query for the users, how many statements are sent?",
            (
                Choice("21", "Right: one for the users, and one for each of them. N+1.", True),
                Choice(
                    "2", "That is what `selectinload` would make of it. The loop sends one for each user."
                ),
                Choice("20", "And the one that found the users."),
            ),
            "start-here/2",
        ),
        Question(
            "text-for-a-number",
            'Which database found a user for `User.id == "3"`, with the number as a text?',
            (
                Choice("SQLite only", "Right: PostgreSQL refused it before the query ran.", True),
                Choice("PostgreSQL only", "The other way round: SQLite turns the text into a number."),
                Choice("Both", "PostgreSQL raised an error. That is why the course runs both."),
            ),
            "start-here/3",
        ),
    ),
    predictions=(
        Question(
            "forgotten-commit",
            "A tag is added, then `session.commit()` is called without `await`. What happens?",
            (
                Choice("An exception is raised at that line", ""),
                Choice("The tag is stored a little later, when the loop comes to it", ""),
                Choice("The program goes on, and the tag is not stored", "", True),
                Choice("The end of the `async with` block commits it", ""),
            ),
            "await-and-tasks/1",
        ),
        Question(
            "when-a-task-starts",
            "`create_task(pack(1))`, then a print, then `await task`. What is printed first?",
            (
                Choice("packing 1: the task starts at once", ""),
                Choice("task created", "", True),
                Choice("It differs from run to run, as with threads", ""),
            ),
            "await-and-tasks/2",
        ),
        Question(
            "async-def-around-sync",
            "A plain, slow function is called inside an `async def`, and that is awaited. Does the loop keep beating?",
            (
                Choice("Yes: it is awaited, so the loop has its turn", ""),
                Choice("Yes: Python moves plain functions to a thread", ""),
                Choice("No: nothing beats until the function has returned", "", True),
            ),
            "await-and-tasks/3",
        ),
    ),
    quiz=(
        Question(
            "two-awaits",
            "`a = await first()` and below it `b = await second()`. When does `second` begin?",
            (
                Choice("When `first` has ended", "Right: an await in a row means one after the other.", True),
                Choice(
                    "As soon as `first` has to wait",
                    "Other tasks run then. `second` is no task: its line has not been reached.",
                ),
                Choice(
                    "At the same time as `first`",
                    "For that both must be tasks, in a `TaskGroup` or with `create_task`.",
                ),
            ),
            "await-and-tasks/2",
        ),
        Question(
            "what-blocks",
            "Which of these stops all other tasks while it runs?",
            (
                Choice(
                    "Making 240,000 rows into objects inside an `async def`",
                    "Right: that is computing in the loop's own thread, and no await stands in between.",
                    True,
                ),
                Choice(
                    "`await session.scalar(...)` on a slow query",
                    "It waits with a real await: the loop goes on until the answer is there.",
                ),
                Choice(
                    "`await asyncio.to_thread(report)`",
                    "The report blocks its own thread. The loop is in another.",
                ),
            ),
            "await-and-tasks/3",
        ),
        Question(
            "does-it-pay",
            "A nightly script sends 5,000 queries, each needing the answer of the one before. Will async make it faster?",
            (
                Choice(
                    "No: there is nothing else to do while it waits",
                    "Right. Fewer statements would help; async would not.",
                    True,
                ),
                Choice(
                    "Yes: an asynchronous query is faster",
                    "A query takes what it takes. Async only lets other work go on meanwhile.",
                ),
                Choice(
                    "Yes, if each query becomes a task",
                    "Each needs the answer before it, so the tasks would wait for one another.",
                ),
            ),
            "await-and-tasks/4",
        ),
    ),
    cheat=(
        "async with asyncio.TaskGroup() as group: group.create_task(work())",
        "await asyncio.to_thread(function, argument)",
        "async with asyncio.timeout(seconds):",
        "async with sessions.begin() as session:",
    ),
    terms={
        "coroutine": "a piece of work made by calling an async function; it runs when it is awaited",
        "task": "a coroutine handed over to the event loop, which runs it beside others",
        "event loop": "what runs tasks, one at a time, in one thread, and turns to the next when one waits",
        "blocking": "waiting or computing without an await, so that no other task gets its turn",
        "cancellation": "raising CancelledError inside a task, at the await where it stands",
    },
)
