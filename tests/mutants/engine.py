"""Mutants of lesson 02."""

from tests.mutants.harness import Mutant

MUTANTS = [
    Mutant(
        cell="nowhere = create_async_engine",
        old="///no-such-folder/shop.db",
        new="//",
        why="a wrong address shows at the first connection",
    ),
    Mutant(
        cell='print("engine made:", seen)',
        old="make_engine(db.url)",
        new="make_engine(db.url, poolclass=NullPool)",
        why="two blocks on one connection",
    ),
    Mutant(
        cell="transactions=True) as begun",
        old="db.engine.begin()",
        new="db.engine.connect()",
        why="the block that commits",
    ),
    Mutant(
        cell='print("after a commit:"',
        old="await connection.commit()",
        new="await connection.execute(select(Tag.name))",
        why="what ends a transaction that began by itself",
    ),
    Mutant(
        cell="drafts = Table(",
        old="async with db.engine.connect() as connection:\n    await connection.run_sync(drafts",
        new="async with db.engine.begin() as connection:\n    await connection.run_sync(drafts",
        why="a table that goes back with its transaction",
    ),
    Mutant(
        cell='print("a connection was opened")',
        old="make_engine(db.url)",
        new="make_engine(db.url, poolclass=NullPool)",
        why="an event that comes once for two blocks",
    ),
    Mutant(
        cell="await engine.dispose(close=False)  # forget",
        old="make_engine(pg.url)",
        new="make_engine(pg.url, poolclass=NullPool)",
        why="the second loop that fails",
    ),
    Mutant(
        cell="pool_pre_ping=True)",
        old="pool_pre_ping=True",
        new="pool_pre_ping=False",
        why="what a ping does in the third run",
    ),
    Mutant(
        cell="async def count_and_dispose(engine)",
        old=", poolclass=NullPool",
        new="",
        why="the pool that keeps nothing",
    ),
    Mutant(
        cell="async def count_and_dispose(engine)",
        old="await engine.dispose()",
        new="pass",
        why="the pool that is emptied before its loop ends",
    ),
    Mutant(
        cell='print("disposed,  opened:"',
        old="await db.engine.dispose()",
        new="pass",
        why="what dispose closes",
    ),
    Mutant(
        cell="sessions on the server",
        old="await engine.dispose()",
        new="pass",
        why="the session on the server that dispose ends",
    ),
]
