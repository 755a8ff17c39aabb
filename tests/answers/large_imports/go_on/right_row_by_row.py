"""Row by row, with a note and a commit at the end of each chunk.
"""

from itertools import islice

from sqlalchemy import func, insert, select, update

from course_lib.patterns import load_notes
from course_lib.shop import User



async def import_users(engine, job, rows, size):
    mine = load_notes.c.job == job
    async with engine.connect() as connection:
        noted = await connection.scalar(select(load_notes.c.rows).where(mine))
        await connection.rollback()
        done = begun = noted or 0
        for number, row in enumerate(rows):
            if number < begun:
                continue
            await connection.execute(insert(User), [row])
            done += 1
            if (done - begun) % size == 0:
                await note(connection, job, done)
                await connection.commit()
        await note(connection, job, done)
        await connection.commit()
    return done - begun


async def note(connection, job, done):
    result = await connection.execute(update(load_notes).where(load_notes.c.job == job).values(rows=done))
    if not result.rowcount:
        await connection.execute(insert(load_notes), {"job": job, "rows": done})
