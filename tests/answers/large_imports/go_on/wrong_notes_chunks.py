"""Breaks: note.

Notes the number of chunks, which says nothing once the size changes.
"""

from itertools import islice

from sqlalchemy import func, insert, select, update

from course_lib.patterns import load_notes
from course_lib.shop import User



async def import_users(engine, job, rows, size):
    mine = load_notes.c.job == job
    async with engine.connect() as connection:
        noted = await connection.scalar(select(load_notes.c.rows).where(mine))
    chunks, stored = noted or 0, 0
    rest = islice(iter(rows), chunks * size, None)
    while chunk := list(islice(rest, size)):
        done = chunks = chunks + 1
        async with engine.begin() as connection:
            await connection.execute(insert(User), chunk)
            if noted is None:
                await connection.execute(insert(load_notes), {"job": job, "rows": done})
            else:
                await connection.execute(update(load_notes).where(mine).values(rows=done))
        noted = done
        stored += len(chunk)
    return stored
