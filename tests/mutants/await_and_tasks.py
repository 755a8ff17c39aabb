"""Mutants of lesson 01."""

from tests.mutants.harness import Mutant

MUTANTS = [
    Mutant(
        cell="asked = session.scalar",
        old="before = sql.sent\n        answer = await asked",
        new="answer = await asked\n        before = sql.sent",
        why="nothing is sent before the await",
    ),
    Mutant(
        cell="        session.commit()",
        old="session.commit()",
        new="await session.commit()",
        why="the commit that was forgotten",
    ),
    Mutant(
        cell="task = asyncio.create_task(pack(1))",
        old='task = asyncio.create_task(pack(1))\nprint("task created")',
        new='task = asyncio.create_task(pack(1))\nawait asyncio.sleep(0)\nprint("task created")',
        why="a task does not start before the running code waits",
    ),
    Mutant(
        cell="first = group.create_task",
        old="second = group.create_task(pack(2))",
        new="await first\n    second = group.create_task(pack(2))",
        why="two tasks overlap",
    ),
    Mutant(
        cell="await colleagues_report()",
        old="await colleagues_report()",
        new="await asyncio.to_thread(report)",
        why="the blocked loop",
    ),
    Mutant(
        cell="nobody = session.get",
        old="session.get(User, 99_999_999)",
        new="session.get(User, 3)",
        why="nobody is found, and the coroutine counts as true",
    ),
    Mutant(
        cell="for order in (3, 4, 3)",
        old="[task.result() for task in tasks]",
        new="sorted({task.result() for task in tasks})",
        why="one result for each task, in order",
    ),
    Mutant(
        cell="total = await asyncio.to_thread(report)",
        old="await asyncio.to_thread(report)",
        new="report()",
        why="the thread that keeps the loop beating",
    ),
    Mutant(
        cell="with Session(db.engine) as session:",
        old="Session(db.engine)",
        new="Session(sync_engine)",
        why="a plain session raises on an asynchronous engine",
    ),
    Mutant(
        cell="group.create_task(ask(name, together))",
        old="group.create_task(ask(name, together))",
        new="await ask(name, together)",
        why="three waits at the same time",
    ),
    Mutant(
        cell="except* ConnectionError as failed:",
        old='0 if place == "Lille" else 60',
        new="0",
        why="the group cancels what has not failed",
    ),
    Mutant(
        cell="async def add_tag(sessions, name):",
        old="sessions.begin()",
        new="sessions()",
        why="the block that commits",
    ),
]
