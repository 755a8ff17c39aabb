"""Mutants of lesson 06."""

from tests.mutants.harness import Mutant

MUTANTS = [
    Mutant(
        cell="    look = states(session, user)",
        old="    await session.commit()\n",
        new="    await session.flush()\n",
        why="the commit that expires",
    ),
    Mutant(
        cell="after the session:",
        old="    await session.commit()\ntry:",
        new="    pass\ntry:",
        why="the commit after which nothing can be read",
    ),
    Mutant(
        cell='print("query: ", anna.name',
        old='where(User.name == "Anna")',
        new='where(User.name == "Anna").execution_options(populate_existing=True)',
        why="a query that leaves a loaded object as it is",
    ),
    Mutant(
        cell="everybody = select(User)",
        old=".execution_options(populate_existing=True)",
        new="",
        why="the option that renews",
    ),
    Mutant(
        cell='shelf.label = "jazz and blues"',
        old='shelf.label = "jazz and blues"',
        new='shelf.label = "jazz"',
        why="the UPDATE whose column the session does not know",
    ),
    Mutant(
        cell="class EagerShelf(Own):",
        old='{"eager_defaults": True}',
        new='{"eager_defaults": "auto"}',
        why="the RETURNING of an UPDATE",
    ),
    Mutant(
        cell="await add_if_missing(session, name)",
        old="autoflush=autoflush",
        new="autoflush=True",
        why="the query that does not see what waits",
    ),
    Mutant(
        cell="await renew(session, user)",
        old="            await renew(session, user)\n",
        new="            await session.flush()\n            await renew(session, user)\n",
        why="the change that is lost before it is flushed",
    ),
    Mutant(
        cell="with session.no_autoflush:",
        old="    session.add(tag)\n    try:",
        new="    try:",
        why="the query that sends a half-made tag",
    ),
    Mutant(
        cell="after a look at the name",
        old='("expiring", async_sessionmaker(db.engine))',
        new='("expiring", db.sessions)',
        why="the look that borrows a connection again",
    ),
]
