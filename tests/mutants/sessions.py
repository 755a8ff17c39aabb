"""Mutants of lesson 04."""

from tests.mutants.harness import Mutant

MUTANTS = [
    Mutant(
        cell="tags named skiffle",
        old="async with db.sessions() as session:\n    session.add",
        new="async with db.sessions.begin() as session:\n    session.add",
        why="the block that does not commit, committed",
    ),
    Mutant(
        cell="the owner hates polka",
        old='        session.add(Tag(name="polka"))\n',
        new='        session.add(Tag(name="polka"))\n        await session.commit()\n',
        why="an error that rolls back, after a commit",
    ),
    Mutant(
        cell='Tag(name="mambo")',
        old="    await session.commit()\n",
        new="    await session.flush()\n",
        why="a flush where the lesson commits by hand",
    ),
    Mutant(
        cell="print(row.User.name)",
        old="session.execute(statement)",
        new="session.scalars(statement)",
        why="an object where the lesson shows a Row",
    ),
    Mutant(
        cell="second reading:",
        old="result = await session.scalars(statement)",
        new="result = (await session.scalars(statement)).freeze()()",
        why="the first reading, of a copy",
    ),
    Mutant(
        cell='("first", "one_or_none", "one")',
        old="User.id <= 3",
        new="User.id == 3",
        why="one row where three are to be refused",
    ),
    Mutant(
        cell="- rows fetched:",
        old="select(User).order_by(User.id))).first()",
        new="select(User).order_by(User.id).limit(1))).first()",
        why="the LIMIT that first() does not add",
    ),
    Mutant(
        cell="- rows fetched:",
        old="session.execute(third)).one()",
        new="session.scalars(third)).one()",
        why="an object where one() gives a Row",
    ),
    Mutant(
        cell="changed and dropped",
        old='    user.name = "not saved yet"\n',
        new="",
        why="the change that makes the session hold an object",
    ),
    Mutant(
        cell="while you hold it",
        old="    del user\n    print(",
        new="    print(",
        why="an object that somebody still holds",
    ),
    Mutant(
        cell='"committed:", state_of(tag)',
        old="        await session.flush()\n",
        new="        pass\n",
        why="the flush that turns pending into persistent",
    ),
    Mutant(
        cell='"added again:", state_of(jazz)',
        old="        session.add(jazz)\n",
        new="        await session.merge(jazz)\n",
        why="a copy in the session, and the object still detached",
    ),
    Mutant(
        cell="lines = [",
        old=", lines=lines)",
        new=")",
        why="an order without its lines",
    ),
    Mutant(
        cell="idle, reader, saver",
        old="    await saver.commit()\n",
        new="    await saver.flush()\n",
        why="the commit that gives a connection back",
    ),
    Mutant(
        cell="pool_timeout=0.2",
        old="max_overflow=1",
        new="max_overflow=2",
        why="a pool that is large enough",
    ),
    Mutant(
        cell="pg_stat_activity",
        old="        await reader.commit()\n",
        new="",
        why="the commit after which the server calls the connection idle",
    ),
]
