"""Lesson 16: how many tasks, for how long, how they end, and whose session a registry gives."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_scoped_session

from course_lib.coach.exercise import Choice, Exercise, Lab, Lesson, Question, Requirement
from course_lib.coach.lab import Call
from course_lib.coach.luck import no_luck_with_order
from course_lib.coach.tasks import awaited, cancelled, holds
from course_lib.lens import connections
from course_lib.lens.statements_view import counted
from course_lib.shop import Order, User

PATIENCE = 5.0
"""Seconds after which the check's own work goes on although nothing came. No right answer meets it."""
DEADLINES = (0.3, 4.0)
"""Seconds. The second is tried only where, on a busy machine, the first was too short for what is in time."""
CUSTOMER = 3
NOBODY = 99_999_999


class AtMostFive(Exercise):
    """Hold the limit, use it, and take no more than there is room for."""

    id = "limits-and-cancellation/at-most-five"
    title = "At most five"
    defines = "run_all"
    minutes = 12
    achieved = "limit a fan-out, its connections and what it takes in"
    users = (7,)
    requirements = {
        "results": Requirement(
            "the results come in the order of the items, None and 0 included",
            "Who has begun first need not end first.",
            "await-and-tasks/2",
        ),
        "limit": Requirement(
            "at most `limit` items are at work at the same time",
            "A task for each item means all of them at once.",
            "limits-and-cancellation/2",
        ),
        "own": Requirement(
            "each item has a session that no other item uses",
            "A session for each worker goes from item to item, with its objects and its transaction.",
            "taskgroup-concurrency/3",
        ),
        "room": Requirement(
            "as long as there are items, `limit` of them are at work",
            "A batch ends with its slowest. Meanwhile the places of the others stay empty.",
            "limits-and-cancellation/2",
        ),
        "connections": Requirement(
            "at most `limit` connections are out at the same time",
            "A session that has read holds its connection, also while it waits for its turn.",
            "limits-and-cancellation/2",
        ),
        "taken": Requirement(
            "at most `2 * limit + 1` items are taken and not done",
            "A semaphore holds back the work. The tasks are all made before it, and the whole source is read.",
            "limits-and-cancellation/2",
        ),
        "failure": Requirement(
            "if `work` raises, its exception reaches the caller",
            "An exception among the results looks like a result.",
            "taskgroup-concurrency/4",
        ),
        "no-more": Requirement(
            "by the time the caller has the exception, no item is at work, and none is begun after it",
            "`gather` hands on the first error and cancels nobody.",
            "taskgroup-concurrency/4",
        ),
        "given-back": Requirement(
            "however the call ends, every connection is back in the pool",
            "A session that has read holds its connection until it is closed.",
            "sessions/5",
        ),
    }
    hints = (
        "Two ways in step 2 hold the limit. Only one of them takes the items one by one.",
        "Workers that share one iterator, `enumerate(items)`: then each knows where its result belongs.",
        "`async def worker(): for place, item in numbered:`, then `async with sessions() as session:` and "
        "`results[place] = await work(session, item)`. At the end, sort by place.",
    )
    afterword = (
        "Workers are the limit: there are only so many. They share one iterator, so an item is taken when "
        "somebody is free. Each item has a session in a block of its own, so its connection goes back before "
        "the next is taken. A failing worker ends the group, and with it the others."
    )
    another = """
async def run_all(sessions, items, work, limit):
    gate = asyncio.Semaphore(limit)

    async def one(item):
        try:
            async with sessions() as session:
                return await work(session, item)
        finally:
            gate.release()

    tasks = []
    async with asyncio.TaskGroup() as group:
        for item in items:
            await gate.acquire()  # before the task is made, not in it
            tasks.append(group.create_task(one(item)))
    return [task.result() for task in tasks]
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Work that ends in another order, with limits above and below the number of items; and a failure."""
        kinds = (LookupError, BaseExceptionGroup)
        async with lab.shop(7) as db:
            for size, limit in ((12, 5), (3, 5), (4, 1), (0, 5)):
                async with lab.case(f"{size} items, limit {limit}"):
                    job = _Job(size, limit)
                    with connections(db.engine) as pool:
                        call = await lab.call(
                            answer, db.sessions, job.items(), job, limit, on=db, returns=list
                        )
                    self._limits(lab, job, limit, pool, call)
                    lab.same("results", call.value, job.wanted, call)
                    self._all_back(lab, pool, call)
                if lab.broken:
                    break
            if {"limit", "room"} & lab.broken.keys():  # who is at work when one fails is another matter then
                return
            async with lab.case("the third of 12 items fails"):
                job = _Job(12, 3, fails=2)
                with connections(db.engine) as pool:
                    call = await lab.call(answer, db.sessions, job.items(), job, 3, on=db, catch=kinds)
                    awaited(call, LookupError)
                    at_work, begun = len(job.inside), job.begun
                    saw = f"`work` raised LookupError, and the caller got {call.error or call.value!r}"
                    if lab.expect("failure", holds(call.error, LookupError), saw, call):
                        ended = lab.expect("no-more", not at_work, f"{at_work} still at work", call)
                        for _ in range(20):
                            await asyncio.sleep(0)
                        more = job.begun - begun
                        ended &= lab.expect("no-more", not more, f"{more} more begun", call)
                        if ended:
                            self._all_back(lab, pool, call)
                    await job.stop()

    def _limits(self, lab: Lab, job: "_Job", limit: int, pool: Any, call: Call) -> None:
        if lab.expect("limit", job.most <= limit, f"{job.most} at work at once", call):
            lab.expect("room", job.had_room, "a place stayed empty while there were items", call)
            lab.expect("own", not job.shared, "two items had the same session", call)
            saw = f"{job.ahead} items were taken and not done"
            lab.expect("taken", job.ahead <= 2 * limit + 1, saw, call)
            out = pool.most_at_once
            lab.expect("connections", out <= limit, f"{counted(out, 'connection')} out at once", call)

    def _all_back(self, lab: Lab, pool: Any, call: Call) -> None:
        kept = pool.out + pool.lost
        lab.expect("given-back", not kept, f"{counted(kept, 'connection')} not back in the pool", call)


class _Job:
    """Work on items that ends only as others come: when all places are taken, the last who came goes.

    So the first at work stays to the end, and only a place that is filled again lets anybody else go.
    `had_room`: whether that went well. With `fails`, that item raises instead of going.
    """

    def __init__(self, size: int, limit: int, *, fails: int | None = None) -> None:
        self.size = size
        self.limit = limit
        self.inside: list[int] = []
        self.begun = 0
        self.most = self.ahead = 0
        self.had_room = True
        self.shared = False
        self._sessions: list[AsyncSession] = []  # kept, so that no two have the same id
        self._fails = fails
        self._taken = self._done = 0
        self._stopped = False
        self._changed = asyncio.Condition()

    @property
    def wanted(self) -> list[Any]:
        return [self._result(number) for number in range(self.size)]

    @staticmethod
    def _result(number: int) -> Any:
        return None if number == 1 else 7 * number

    def items(self) -> Iterator[int]:
        for number in range(self.size):
            self._taken += 1
            self.ahead = max(self.ahead, self._taken - self._done)
            yield number

    def _may_go(self, number: int) -> bool:
        full = len(self.inside) >= self.limit or self.begun == self.size
        return self._stopped or (full and self.inside[-1] == number)

    async def __call__(self, session: AsyncSession, number: int) -> Any:
        self.shared |= any(session is used for used in self._sessions)
        self._sessions.append(session)
        self.begun += 1
        self.inside.append(number)
        self.most = max(self.most, len(self.inside))
        try:
            await session.scalar(select(func.count()).select_from(User))
            await self._stay(number)
            if number == self._fails:
                raise LookupError("no such item")
            return self._result(number)
        finally:
            if number in self.inside:
                self.inside.remove(number)
            self._done += 1

    async def _stay(self, number: int) -> None:
        async with self._changed:
            self._changed.notify_all()
            try:
                async with asyncio.timeout(PATIENCE if self.had_room else 0):
                    await self._changed.wait_for(lambda: self._may_go(number))
            except TimeoutError:
                self.had_room = False
            self.inside.remove(number)
            self._changed.notify_all()

    async def stop(self) -> None:
        """Let those go who are still at work, and wait for their end."""
        self._stopped = True
        async with self._changed:
            self._changed.notify_all()
        for _ in range(1000):
            if self._done == self.begun:
                return
            await asyncio.sleep(0.001)


class MorningReport(Exercise):
    """Keep a deadline, and leave nothing running behind it."""

    id = "limits-and-cancellation/morning-report"
    title = "The morning report"
    defines = "report"
    minutes = 12
    achieved = "keep a deadline without losing what was in time or leaving anything at work"
    backends = ("postgresql",)
    users = (7,)
    requirements = {
        "in-time": Requirement(
            "the report has what was finished in time, None and 0 included, and nothing else, in the order of the "
            "parts",
            "A deadline around everything throws away what was done with what was not. And None is a result: a "
            "late part has none.",
            "limits-and-cancellation/3",
        ),
        "late": Requirement(
            "the report does not wait for what is late",
            "Time is up after `seconds`, also for the slowest.",
            "limits-and-cancellation/3",
        ),
        "stopped": Requirement(
            "when the report is there, no part is at work any more, and the server has stopped its query",
            "Not waiting for a task does not end it. It has ended when it was cancelled and waited for.",
            "limits-and-cancellation/3",
        ),
        "together": Requirement(
            "all parts are at work at the same time",
            "One after the other, the first slow one eats the time of all.",
            "await-and-tasks/2",
        ),
        "error": Requirement(
            "what a part raises reaches the caller, also a TimeoutError of its own",
            "A TimeoutError need not be your own deadline.",
            "await-and-tasks/5",
        ),
        "cancelled": Requirement(
            "if the caller cancels you, the parts are cancelled and have ended, and the cancellation goes on",
            "Whoever begins tasks ends them, also when cancelled. `asyncio.wait` leaves them running.",
            "limits-and-cancellation/4",
        ),
    }
    hints = (
        "A deadline of its own for each part, or one `asyncio.wait` for all: both keep what is done.",
        "In each task: `async with asyncio.timeout(seconds) as deadline, sessions() as session:`, and the "
        "result goes into a dictionary.",
        "`except TimeoutError:` and then `if not deadline.expired(): raise`. All of it in a `TaskGroup`; at "
        "the end pick the finished parts in their order.",
    )
    afterword = (
        "Each task has the same deadline, and is cancelled by it alone: the others never know. "
        "`deadline.expired()` tells it from a TimeoutError that the part raised. The group waits for all "
        "ends, passes errors on, and when it is cancelled cancels its tasks."
    )
    another = """
async def report(sessions, parts, seconds):
    async def alone(part):
        async with sessions() as session:
            return await part(session)

    tasks = {name: asyncio.create_task(alone(part)) for name, part in parts.items()}
    try:
        if tasks:
            await asyncio.wait(tasks.values(), timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        done = {name: task for name, task in tasks.items() if task.done()}
        return {name: task.result() for name, task in done.items()}
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Parts in time and late; parts that raise; a caller who cancels."""
        async with lab.shop(7) as db:
            await _warm(db, 4)
            for seconds in DEADLINES:
                if await self._deadline(answer, lab, db, seconds):
                    break
            if {"together", "late"} & lab.broken.keys():  # the other cases would only take their time
                return
            async with lab.case("no parts"):
                call = await lab.call(answer, db.sessions, {}, 60.0, blame="in-time")
                lab.same("in-time", call.value, {}, call)
            for error in (LookupError("no such table"), TimeoutError("the supplier's own")):
                async with lab.case(f"a part raises {type(error).__name__}"):
                    parts = _Parts(1.0, error=error)
                    kinds = (type(error), BaseExceptionGroup)
                    call = await lab.call(answer, db.sessions, parts.failing, 60.0, on=db, catch=kinds)
                    awaited(call, type(error))
                    saw = f"a part raised {type(error).__name__}, and the caller got {call.value!r}"
                    if lab.expect("error", holds(call.error, type(error)), saw, call):
                        await self._nothing_left(lab, db, parts, "stopped", call)
            async with lab.case("the caller cancels"):
                parts = _Parts(2 * PATIENCE)
                call = await lab.call(_cancelled_report, answer, db.sessions, parts)
                ok = lab.expect("cancelled", call.value == "cancelled", f"the caller got {call.value}", call)
                if ok:
                    await self._nothing_left(lab, db, parts, "cancelled", call)

    async def _deadline(self, answer: Any, lab: Lab, db: Any, seconds: float) -> bool:
        """One report with a deadline. False if it should be tried again with more time."""
        async with lab.case("two parts in time, one late"):
            parts = _Parts(seconds + PATIENCE)
            call = await lab.call(answer, db.sessions, parts.all, seconds, on=db, returns=dict)
            if seconds != DEADLINES[-1] and not parts.in_time_done:
                await parts.stop()
                return False
            if not lab.expect("together", parts.met, f"at most {parts.most} at work at once", call):
                await parts.stop()
                return True
            late = parts.slow_done
            lab.expect("late", not late, "it waited until the late part had ended", call)
            seen = {name: value for name, value in call.value.items() if name != "late" or not late}
            lab.same("in-time", list(seen.items()), [("users", 7), ("none", None)], call)
            if not late:
                await self._nothing_left(lab, db, parts, "stopped", call)
        await parts.stop()
        return True

    async def _nothing_left(self, lab: Lab, db: Any, parts: "_Parts", key: str, call: Call) -> None:
        at_work = parts.at_work
        if lab.expect(key, not at_work, f"{counted(at_work, 'part')} still at work", call):
            queries = await _queries(db)
            lab.expect(key, not queries, f"the server still works on {counted(queries, 'query')}", call)
        await parts.stop()


BUSY = text("""
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
    AND state = 'active' AND pid <> pg_backend_pid() AND query LIKE '%pg_sleep%'""")


async def _warm(db: Any, count: int) -> None:
    """Open connections beforehand, so that no part is late because of them."""
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(count):
            await stack.enter_async_context(db.engine.connect())


async def _queries(db: Any) -> int:
    """How many of the slow queries the server works on, once it had a second to hear of their end."""
    count = 0
    for _ in range(20):
        async with db.engine.connect() as connection:
            count = await connection.scalar(BUSY)
        if not count:
            break
        await asyncio.sleep(0.05)
    return count


class _Parts:
    """Parts of a report: two that are done when all three have begun; one keeps the server busy for `slow` seconds."""

    def __init__(self, slow: float, *, error: Exception | None = None) -> None:
        self.slow = slow
        self.at_work = self.most = 0
        self.slow_done = False
        self.begun = asyncio.Event()
        self.all = {"late": self.late, "users": self.users, "none": self.none}
        self.failing = {"users": self.users, "failing": self.fail, "late": self.late}
        self._done = 0
        self._error = error
        self._tasks: set[Any] = set()

    @property
    def met(self) -> bool:
        return self.most == 3

    @property
    def in_time_done(self) -> bool:
        return self._done == 2

    @contextlib.asynccontextmanager
    async def _working(self) -> Any:
        self._tasks.add(asyncio.current_task())
        self.at_work += 1
        self.most = max(self.most, self.at_work)
        if self.met:
            self.begun.set()
        try:
            yield
        except asyncio.CancelledError:
            await asyncio.sleep(0.01)  # cleaning up takes a moment; who does not wait leaves it at work
            raise
        finally:
            self.at_work -= 1

    async def _all_here(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self.begun.wait()

    async def none(self, session: AsyncSession) -> None:
        async with self._working():
            await self._all_here()
            self._done += 1

    async def users(self, session: AsyncSession) -> Any:
        async with self._working():
            await self._all_here()
            users = await session.scalar(select(func.count()).select_from(User))
            self._done += 1
            return users

    async def late(self, session: AsyncSession) -> str:
        async with self._working():
            await session.execute(select(func.pg_sleep(self.slow)))
            self.slow_done = True
            return "late"

    async def fail(self, session: AsyncSession) -> None:
        async with self._working():
            await self._all_here()
            assert self._error is not None
            raise self._error

    async def stop(self) -> None:
        """End what is left, so that it disturbs no other case."""
        mine = asyncio.current_task()
        for task in self._tasks - {mine}:
            task.cancel()
        if left := self._tasks - {mine}:
            await asyncio.wait(left, timeout=1)


async def _cancelled_report(answer: Any, sessions: Any, parts: _Parts) -> str:
    return await cancelled(answer(sessions, parts.all, 60.0), parts.begun, PATIENCE)


class NobodyTidiesUp(Exercise):
    """Find who has to remove a session from a registry, and when."""

    id = "limits-and-cancellation/nobody-tidies-up"
    title = "Nobody tidies up"
    defines = "run_jobs"
    minutes = 8
    achieved = "use a registry of sessions without leaving anything in it"
    users = (7,)
    requirements = {
        "results": Requirement(
            "the results come in the order of the jobs",
            "Who has begun first need not end first.",
            "await-and-tasks/2",
        ),
        "together": Requirement(
            "all jobs are at work at the same time",
            "An await in a loop does one after the other.",
            "await-and-tasks/2",
        ),
        "given-back": Requirement(
            "after the results no connection of the jobs is out, and the registry has forgotten their sessions",
            "A registry keeps each task's session until `remove()` is awaited in that task.",
            "limits-and-cancellation/5",
        ),
        "on-error": Requirement(
            "after a job's exception, which reaches the caller, nothing of the jobs is left either",
            "An exception skips what stands below it. So does the cancellation that the others get.",
            "limits-and-cancellation/5",
        ),
        "on-cancel": Requirement(
            "after a cancellation, which goes on to the caller, nothing of the jobs is left either",
            "`CancelledError` is not an `Exception`: `except Exception` does not see it.",
            "limits-and-cancellation/4",
        ),
        "callers": Requirement(
            "the caller's own session stays in the registry, and in its transaction",
            "`remove()` is for the session of the task that calls it. Outside the tasks, that is the caller's.",
            "limits-and-cancellation/5",
        ),
    }
    hints = (
        "In which task does `remove()` have to be awaited, and on which ways out?",
        "A small coroutine function around each job, with `try` and `finally`.",
        "`async def alone(job): try: return await job() finally: await registry.remove()`.",
    )
    afterword = (
        "The scope is the current task, so only that task can remove its session, and a `finally` is on every "
        "way out. The colleague's `remove()` stood outside: it removed the caller's session, which had nothing "
        "to do with it, and left those of the jobs. One thing to know: a second cancellation can strike at the "
        "`await` in a `finally`. SQLAlchemy's own `async with` blocks close to the end even then."
    )
    another = """
from contextlib import AsyncExitStack


async def run_jobs(registry, jobs):
    results = [None] * len(jobs)

    async def alone(place, job):
        async with AsyncExitStack() as stack:
            stack.push_async_callback(registry.remove)
            results[place] = await job()

    async with asyncio.TaskGroup() as group:
        for place, job in enumerate(jobs):
            group.create_task(alone(place, job))
    return results
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Jobs that read through the registry while their caller has a session there: well, failing, cancelled."""
        async with lab.shop(7) as db:
            registry = async_scoped_session(db.sessions, scopefunc=asyncio.current_task)
            mine = registry()
            await mine.get(User, CUSTOMER)
            async with self._recorded(lab, db, registry, "given-back") as calls:
                jobs = _Jobs(registry)
                call = await lab.call(answer, registry, jobs.all, on=db, returns=list, label="three jobs")
                calls.append(call)
                lab.expect("together", jobs.met, f"at most {jobs.most} at work at once", call)
                lab.same("results", call.value, [0, 7, None], call)
                same = registry() is mine and mine.in_transaction()
                lab.expect("callers", same, "the caller's session was closed or removed", call)
            if "together" in lab.broken or "callers" in lab.broken:
                return
            async with self._recorded(lab, db, registry, "on-error") as calls:
                jobs = _Jobs(registry, fails=True)
                kinds = (LookupError, BaseExceptionGroup)
                call = await lab.call(
                    answer, registry, jobs.all, on=db, catch=kinds, label="a job that fails"
                )
                awaited(call, LookupError)
                calls.append(call)
                saw = f"a job raised LookupError, and the caller got {call.error or call.value!r}"
                lab.expect("on-error", holds(call.error, LookupError), saw, call)
                left = jobs.at_work
                lab.expect("on-error", not left, f"{counted(left, 'job')} still at work", call)
                await jobs.stop()
            async with self._recorded(lab, db, registry, "on-cancel") as calls:
                jobs = _Jobs(registry, waits=True)
                call = await lab.call(_cancelled_jobs, answer, registry, jobs, label="cancelled at work")
                calls.append(call)
                lab.expect("on-cancel", call.value == "cancelled", f"the caller got {call.value}", call)
                left = jobs.at_work
                lab.expect("on-cancel", not left, f"{counted(left, 'job')} still at work", call)
                await jobs.stop()
            await mine.close()

    @contextlib.asynccontextmanager
    async def _recorded(self, lab: Lab, db: Any, registry: Any, key: str) -> Any:
        calls: list[Call] = []
        known = set(registry.registry.registry)
        with connections(db.engine) as pool:
            yield calls
        if not calls:
            return
        kept = pool.out + pool.lost
        lab.expect(key, not kept, f"{counted(kept, 'connection')} not back in the pool", calls[0])
        more = registry.registry.registry.keys() - known
        saw = f"the registry still knows {counted(len(more), 'session')} of the jobs"
        lab.expect(key, not more, saw, calls[0])
        for task in more:  # or the next case would find them
            await registry.registry.registry.pop(task).close()


class _Jobs:
    """Three jobs that read through the registry and wait for each other; they end in the opposite order."""

    def __init__(self, registry: Any, *, fails: bool = False, waits: bool = False) -> None:
        self.at_work = self.most = self.read = 0
        self.begun = asyncio.Event()
        self.all = [self._job(place) for place in range(3)]
        self._registry = registry
        self._fails = fails
        self._stays = fails or waits
        self._over = asyncio.Event()

    @property
    def met(self) -> bool:
        return self.most == 3

    def _job(self, place: int) -> Any:
        async def job() -> Any:
            self.at_work += 1
            self.most = max(self.most, self.at_work)
            try:
                return await self._work(place)
            finally:
                self.at_work -= 1

        return job

    async def _work(self, place: int) -> Any:
        users = await self._registry.scalar(select(func.count()).select_from(User))
        self.read += 1
        if self.read == len(self.all):  # so that no cancellation strikes a driver at work
            self.begun.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self.begun.wait()
        self.begun.set()
        if self._fails and place == 1:
            raise LookupError("no such job")
        if self._stays:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await self._over.wait()
        for _ in range(5 * (3 - place)):
            await asyncio.sleep(0)
        return (0, users, None)[place]

    async def stop(self) -> None:
        """Let those go who are still at work, and wait for their end."""
        self._over.set()
        for _ in range(1000):
            if not self.at_work:
                return
            await asyncio.sleep(0.001)


async def _cancelled_jobs(answer: Any, registry: Any, jobs: _Jobs) -> str:
    return await cancelled(answer(registry, jobs.all), jobs.begun, PATIENCE)


class Poster(Exercise):
    """Keep the loop beating and the connection in the pool while plain code takes its time."""

    id = "limits-and-cancellation/poster"
    title = "The poster"
    defines = "poster"
    core = False
    minutes = 8
    achieved = "hand slow plain code to a thread, and hold no connection meanwhile"
    users = (7,)
    requirements = {
        "result": Requirement(
            "what `render` gives is returned",
            "`render` is called once, with the values, and its result is the poster.",
            "limits-and-cancellation/4",
        ),
        "values": Requirement(
            "`render` is given the user's name and the cents of the orders, by the orders' ids",
            "Rows without an ORDER BY come as they like. And a Row is a tuple, also if it has one column.",
            "sessions/2",
        ),
        "beating": Requirement(
            "while `render` works, the event loop goes on with other tasks",
            "`async def` around plain code does not make it wait.",
            "await-and-tasks/3",
        ),
        "connection": Requirement(
            "while `render` works, no connection is out",
            "A session that has read holds its connection until it is closed, however long you compute.",
            "sessions/5",
        ),
        "unknown": Requirement(
            "an unknown user gives None, and `render` is not called",
            "`session.get` gives None for an id that is not there.",
            "sessions/3",
        ),
        "error": Requirement(
            "what `render` raises reaches the caller",
            "An error that becomes a value, or is lost on the way, is no poster.",
            "limits-and-cancellation/4",
        ),
    }
    hints = (
        "Two stages: read what is needed, then render. Where does the session's block end?",
        "`asyncio.to_thread(render, name, cents)`, behind the block.",
        "In the block: `user = await session.get(User, user_id)`, return None if there is none, and "
        "`cents = list(await session.scalars(select(Order.cents).where(...).order_by(Order.id)))`.",
    )
    afterword = (
        "The block ends before the slow part begins, so the connection serves others meanwhile. The thread gets "
        "a text and a list of numbers: nothing that could ask the database. It cannot be cancelled either; a "
        "deadline around this function would only stop the waiting."
    )
    another = """
async def poster(sessions, user_id, render):
    query = (
        select(User.name, Order.cents)
        .outerjoin(Order, Order.user_id == User.id)
        .where(User.id == user_id)
        .order_by(Order.id)
    )
    async with sessions() as session:
        rows = (await session.execute(query)).all()
    if not rows:
        return None
    cents = [row.cents for row in rows if row.cents is not None]
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, render, rows[0].name, cents)
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Render while the loop has to beat; a visitor without orders, nobody, and a render that raises."""
        async with lab.shop(7) as db:
            await no_luck_with_order(db, Order)
            async with db.sessions() as session:
                name = await session.scalar(select(User.name).where(User.id == CUSTOMER))
                query = select(Order.cents).where(Order.user_id == CUSTOMER).order_by(Order.id)
                cents = list(await session.scalars(query))
                visitor = await session.scalar(select(User.id).where(~User.orders.any()))
            async with lab.case("a customer"):
                with connections(db.engine) as pool:
                    render = _Render(f"poster of {name}", pool)
                    beat = asyncio.create_task(render.set_free())
                    try:
                        call = await lab.call(answer, db.sessions, CUSTOMER, render, on=db)
                    finally:
                        beat.cancel()
                lab.same("result", call.value, f"poster of {name}", call)
                odd = ", ".join(type(what).__name__ for _, what in render.given if not isinstance(what, list))
                if lab.expect("values", not odd, f"the cents came as {odd}, and not as a list", call):
                    lab.same("values", render.given, [(name, cents)], call)
                lab.expect("beating", render.was_freed, "the loop stood still until `render` gave up", call)
                out = counted(render.out, "connection")
                lab.expect("connection", not render.out, f"{out} out while `render` worked", call)
            async with lab.case("a visitor without orders"):
                with connections(db.engine) as pool:
                    render = _Render(0, pool, waits=False)
                    call = await lab.call(answer, db.sessions, visitor, render, on=db)
                lab.same("result", call.value, 0, call)
                lab.same("values", [what for _, what in render.given], [[]], call)
            async with lab.case("an unknown user"):
                with connections(db.engine) as pool:
                    render = _Render("nobody", pool, waits=False)
                    call = await lab.call(answer, db.sessions, NOBODY, render, on=db, blame="unknown")
                lab.expect("unknown", call.value is None, f"{call.value!r} for an unknown user", call)
                lab.expect("unknown", not render.given, "`render` was called", call)
            async with lab.case("a render that raises"):
                with connections(db.engine) as pool:
                    render = _Render(LookupError("no ink"), pool, waits=False)
                    kinds = (LookupError, BaseExceptionGroup)
                    call = await lab.call(answer, db.sessions, CUSTOMER, render, on=db, catch=kinds)
                awaited(call, LookupError)
                saw = f"`render` raised LookupError, and the caller got {call.value!r}"
                lab.expect("error", holds(call.error, LookupError), saw, call)


class _Render:
    """Plain code that waits until the event loop has had its turn, and then returns or raises."""

    def __init__(self, outcome: Any, pool: Any, *, waits: bool = True) -> None:
        self.given: list[tuple[Any, Any]] = []
        self.was_freed = not waits
        self.out = 0
        self._outcome = outcome
        self._pool = pool
        self._loop = asyncio.get_running_loop()
        self._begun = asyncio.Event()
        self._free = threading.Event()

    def __call__(self, name: Any, cents: Any) -> Any:
        self.given.append((name, cents))
        self.out = max(self.out, self._pool.out)
        self._loop.call_soon_threadsafe(self._begun.set)
        if not self.was_freed:
            self.was_freed = self._free.wait(PATIENCE)
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    async def set_free(self) -> None:
        """A heartbeat of the check: ten beats while `render` works set it free."""
        await self._begun.wait()
        for _ in range(10):
            await asyncio.sleep(0.002)
        self._free.set()


LESSON = Lesson(
    id="limits-and-cancellation",
    number="16",
    notebook="16_limits_and_cancellation",
    title="Limits and cancellation",
    promise="Limits that hold, queries cut off on two databases, and what a deadline cannot stop.",
    minutes=25,
    exercise_minutes=40,
    objectives=(
        "say who waits when a fan-out meets the pool",
        "limit a fan-out, and put the limit in the right place",
        "predict what a deadline does to a query on either database",
        "clean up after a cancellation, and let it pass",
        "use a registry of sessions without a leak",
    ),
    exercises=(AtMostFive(), MorningReport(), NobodyTidiesUp(), Poster()),
    recall=(
        Question(
            "who-may-share",
            "Two tasks share a session, and one rolls back. What becomes of the rows that the other has flushed?",
            (
                Choice("They are gone, without an error", "Right: one session is one transaction.", True),
                Choice("They stay: the other task flushed them", "A flush is no commit."),
                Choice("The other task gets an error", "Its commit finds nothing left, and says nothing."),
            ),
            "taskgroup-concurrency/3",
        ),
        Question(
            "how-many-out",
            "`make_engine(url, pool_size=5)`, and nothing else is said. How many connections may be out at once?",
            (
                Choice("15", "Right: 5 are kept, and 10 more may come.", True),
                Choice("5", "`max_overflow` is 10 unless you say otherwise."),
            ),
            "connection-pool/1",
        ),
    ),
    predictions=(
        Question(
            "customer-in-line",
            "Forty jobs want a pool of five connections; a customer's request comes right after them. How many "
            "jobs get a connection before the customer does?",
            (
                Choice("None: a request goes first", ""),
                Choice("5: then it is the customer's turn", ""),
                Choice("40", "", True),
                Choice("It is left to chance", ""),
            ),
            "limits-and-cancellation/1",
        ),
        Question(
            "deadline-on-sqlite",
            "`asyncio.timeout(0.5)` around an SQLite query that takes three times as long. What happens?",
            (
                Choice("TimeoutError at the deadline, and the query is stopped", ""),
                Choice("TimeoutError at the deadline, and the query goes on unseen", ""),
                Choice("TimeoutError when the query has run to its end", "", True),
                Choice("No error: SQLite knows no deadlines", ""),
            ),
            "limits-and-cancellation/3",
        ),
        Question(
            "plain-under-deadline",
            "`asyncio.timeout(0.1)` around a plain function that takes half a second. What happens?",
            (
                Choice("It is stopped at the deadline", ""),
                Choice("It ends, and then there is a TimeoutError", ""),
                Choice("It ends, and nobody says a word about the deadline", "", True),
            ),
            "limits-and-cancellation/4",
        ),
    ),
    quiz=(
        Question(
            "where-the-gate",
            "`async with sessions() as session:`, a query, and then `async with gate:` around a call to a "
            "supplier; the gate lets 3 through. 100 tasks do this. How many connections are out?",
            (
                Choice(
                    "As many as the pool has",
                    "Right: each task reads first, and then waits at the gate with its connection.",
                    True,
                ),
                Choice("3", "Three call the supplier. The others wait, and hold a connection meanwhile."),
                Choice("100", "The pool has an end. But what it has is all out."),
            ),
            "limits-and-cancellation/2",
        ),
        Question(
            "after-the-deadline",
            "On PostgreSQL a deadline strikes in the middle of a query. What becomes of the connection?",
            (
                Choice(
                    "It is given up, and the pool opens another when needed",
                    "Right. A deadline that strikes all the time costs a connection each time.",
                    True,
                ),
                Choice(
                    "It goes back to the pool at once",
                    "It would, had the deadline struck between two queries. This conversation was cut off.",
                ),
                Choice(
                    "It stays out until the query has ended",
                    "That is SQLite. Here the server was told to stop.",
                ),
            ),
            "limits-and-cancellation/3",
        ),
        Question(
            "which-except",
            "A job has committed a reservation and must take it back if anything goes wrong. What fits?",
            (
                Choice(
                    "`except BaseException:` take it back, `raise`",
                    "Right: it sees the cancellation, and lets it pass.",
                    True,
                ),
                Choice(
                    "`except Exception:` take it back, `raise`",
                    "A deadline or a failing sibling cancels the job, and a CancelledError is no Exception.",
                ),
                Choice(
                    "Nothing: `async with` rolls back",
                    "It rolls back what is not committed. The reservation is.",
                ),
            ),
            "limits-and-cancellation/4",
        ),
    ),
    cheat=(
        "gate = asyncio.Semaphore(4); async with gate, factory() as session:",
        "async with asyncio.timeout(5), factory() as session:",
        "async_scoped_session(factory, scopefunc=asyncio.current_task); await registry.remove()",
        "await driver_connection.interrupt()  # SQLite",
    ),
    terms={
        "semaphore": "lets so many tasks into a block at the same time; the others wait",
        "worker": "a task that takes items one by one until none is left",
        "deadline": "a limit in time; when it strikes, what runs is cancelled at its await",
        "interrupt": "what stops a query on SQLite, from another task",
        "scope": "what has a session of its own in a registry: a thread, or a task",
    },
)
