"""Mutants of lesson 16."""

from tests.mutants.harness import Mutant

MUTANTS = [
    Mutant(
        cell='print("jobs served before the customer:"',
        old="asyncio.Semaphore(40)",
        new="asyncio.Semaphore(4)",
        why="the line in which the customer stands",
    ),
    Mutant(
        cell="async def by_workers(",
        old="range(limit)",
        new="range(2 * limit)",
        why="how many workers there are",
    ),
    Mutant(
        cell="select(func.pg_sleep(60))",
        old="await session.execute(select(func.pg_sleep(60)))",
        new="await asyncio.sleep(60)",
        why="the connection that is given up when a query is cut off",
    ),
    Mutant(
        cell='print("too late;", ended)',
        old="asyncio.timeout(0.5)",
        new="asyncio.timeout(30)",
        why="the deadline that waits for the query's end",
    ),
    Mutant(
        cell="await driver.interrupt()",
        old="1000000000",
        new="10",
        why="the query that is interrupted",
    ),
    Mutant(
        cell="for kind_of_error in (Exception, BaseException):",
        old="(Exception, BaseException)",
        new="(Exception, asyncio.CancelledError, LookupError)",
        why="which errors a cancellation is among",
    ),
    Mutant(
        cell='print(supplier, "answered")',
        old="except asyncio.CancelledError:",
        new="except ConnectionError:",
        why="the cancellation that is swallowed",
    ),
    Mutant(
        cell="async def colleagues_report():",
        old="return plain_report()",
        new="return await asyncio.to_thread(plain_report)",
        why="plain code that hears of no deadline",
    ),
    Mutant(
        cell="registry = scoped_session(db.sessions)",
        old="scoped_session(db.sessions)",
        new="scoped_session(db.sessions, scopefunc=asyncio.current_task)",
        why="the session that two tasks share",
    ),
    Mutant(
        cell="for tidy in (True, False):",
        old="(True, False)",
        new="(True, True)",
        why="the leak of a registry that nobody tidies up",
    ),
]
