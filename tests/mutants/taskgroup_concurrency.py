"""Mutants of lesson 15."""

from tests.mutants.harness import Mutant

MUTANTS = [
    Mutant(
        cell='print("refused:  "',
        old="async with db.sessions() as session, asyncio.TaskGroup() as group:",
        new="async with db.sessions() as session, asyncio.TaskGroup() as group:\n"
        "        await session.connection()",
        why="the errors of a session that is new",
    ),
    Mutant(
        cell="await asyncio.gather(*tasks)",
        old="await asyncio.gather(*tasks)",
        new="await asyncio.gather(*tasks, return_exceptions=True)",
        why="the error that hides the first one",
    ),
    Mutant(
        cell="the colleague's cure",
        old="await session.connection()",
        new="pass",
        why="the queue of a session that has its connection",
    ),
    Mutant(
        cell="def add_pause(connection, record):",
        old="make_engine(lite.url)",
        new="make_engine(lite.url, pool_size=1, max_overflow=0)",
        why="queries that run at the same time",
    ),
    Mutant(
        cell="group.create_task(anna(session))",
        old="group.create_task(bob(session))",
        new="group.create_task(bob(db.sessions()))",
        why="the rollback that takes another's row along",
    ),
    Mutant(
        cell="for work in (anna, bob):",
        old="    async with db.sessions() as session:\n        await work(session)",
        new="    await work(session)",
        why="a session for each task",
    ),
    Mutant(
        cell="saving = group.create_task(save())",
        old="group.create_task(fail())",
        new="go_on.set()",
        why="the rollback of a cancelled task",
    ),
    Mutant(
        cell="cents = {order_id",
        old="Order.id.in_(ids)",
        new="Order.id.in_(range(2, 502))",
        why="the same answer from one statement",
    ),
]
