"""With a session, and the note read in each transaction.
"""

from itertools import islice

from sqlalchemy import delete, insert, select

from course_lib.patterns import load_notes, make_session_factory
from course_lib.shop import User


async def import_users(engine, job, rows, size):
    sessions = make_session_factory(engine)
    source, passed, stored = iter(rows), 0, 0
    while True:
        async with sessions.begin() as session:
            note = select(load_notes.c.rows).where(load_notes.c.job == job)
            done = await session.scalar(note) or 0
            for _ in range(done - passed):
                next(source, None)
            chunk = list(islice(source, size))
            passed = done + len(chunk)
            if not chunk:
                return stored
            await session.execute(insert(User), chunk)
            await session.execute(delete(load_notes).where(load_notes.c.job == job))
            await session.execute(insert(load_notes), {"job": job, "rows": passed})
        stored += len(chunk)
