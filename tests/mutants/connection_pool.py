"""Mutants of lesson 03."""

from tests.mutants.harness import Mutant

MUTANTS = [
    Mutant(
        cell='print("closed by the pool:"',
        old="pool_size=2, max_overflow=1",
        new="pool_size=3, max_overflow=0",
        why="the overflow connection that is closed",
    ),
    Mutant(
        cell='print("borrowed at the same time:"',
        old="pool_size=5",
        new="pool_size=5, max_overflow=0",
        why="the overflow that comes unasked",
    ),
    Mutant(
        cell="Python's own TimeoutError",
        old="isinstance(error, TimeoutError)",
        new="isinstance(error, PoolTimeout)",
        why="whose TimeoutError it is",
    ),
    Mutant(
        cell="async def caller(engine):",
        old="range(6)",
        new="range(5)",
        why="how many callers wait at an exhausted pool",
    ),
    Mutant(
        cell="async def caller(engine):",
        old="pool_size=2",
        new="pool_size=3",
        why="that all of them leave with nothing",
    ),
    Mutant(
        cell="display(seen.over_time())",
        old="pool_size=2",
        new="pool_size=4",
        why="how long the line before a healthy pool is",
    ),
    Mutant(
        cell="for size in (1, 2, 4, 8):",
        old="max_overflow=0",
        new="max_overflow=1",
        why="how many jobs run at once",
    ),
    Mutant(
        cell="engine = make_engine(pg.url)\n    await kill(",
        old="make_engine(pg.url)",
        new="make_engine(pg.url, pool_pre_ping=True)",
        why="the one request that fails without a ping",
    ),
    Mutant(
        cell="engine = make_engine(pg.url, pool_pre_ping=True)\n    await kill(",
        old="pool_pre_ping=True",
        new="pool_pre_ping=False",
        why="the ping that spares the first request",
    ),
    Mutant(
        cell="for ping in (False, True):",
        old="await kill(pg, [await connection.scalar(select(func.pg_backend_pid()))])",
        new="await connection.scalar(select(func.pg_backend_pid()))",
        why="the death in the middle that no ping sees",
    ),
    Mutant(
        cell="pool_recycle=1",
        old="pool_recycle=1",
        new="pool_recycle=3600",
        why="when an old connection is replaced",
    ),
    Mutant(
        cell="await bob.rollback()",
        old="await bob.rollback()",
        new="pass",
        why="the rollback that takes another's row along",
    ),
    Mutant(
        cell="poolclass=NullPool",
        old=", poolclass=NullPool",
        new="",
        why="a connection for each block",
    ),
]
