"""Mutants of lesson 05."""

from tests.mutants.harness import Mutant

MUTANTS = [
    Mutant(
        cell='jazz.name = "bebop"',
        old="        await session.commit()\n",
        new="        await session.flush()\n",
        why="the commit after which another transaction begins",
    ),
    Mutant(
        cell="async with session.begin():",
        old="    await session.get(Tag, 1)\n",
        new="",
        why="the read that has begun the transaction",
    ),
    Mutant(
        cell="async def caught_and_committed(box):",
        old='        except IntegrityError:\n            print("refused: jazz")\n',
        new="        except IntegrityError:\n            await session.rollback()\n",
        why="what SQLite keeps after a refused statement",
    ),
    Mutant(
        cell="            await session.rollback()\n        session.add",
        old='        session.add(Tag(name="polka"))\n        await session.flush()\n',
        new='        session.add(Tag(name="polka"))\n        await session.commit()\n',
        why="the good row that the rollback takes along",
    ),
    Mutant(
        cell="async def add_tags(session, names):",
        old="async with session.begin_nested():\n                session.add(Tag(name=name))",
        new="session.add(Tag(name=name))\n            await session.flush()",
        why="the savepoint around each row",
    ),
    Mutant(
        cell="plain, mended = create_async_engine",
        old="plain, mended = create_async_engine(lite.url)",
        new="plain, mended = make_engine(lite.url)",
        why="the engine that sends no BEGIN",
    ),
    Mutant(
        cell="def begin_for_real(connection):",
        old='connection.exec_driver_sql("BEGIN")',
        new="pass",
        why="the BEGIN that mends the engine",
    ),
    Mutant(
        cell="flushed:   Anna sees",
        old="    await anna.flush()\n",
        new="    await anna.commit()\n",
        why="what nobody else sees before the commit",
    ),
    Mutant(
        cell='"READ COMMITTED", "REPEATABLE READ"',
        old="execution_options(isolation_level=level)",
        new='execution_options(isolation_level="REPEATABLE READ")',
        why="the level at which a transaction sees what others commit",
    ),
    Mutant(
        cell="work.after_commit(partial(mail, name))",
        old="work.after_commit(partial(mail, name))",
        new="await mail(name)",
        why="what waits for the commit",
    ),
]
