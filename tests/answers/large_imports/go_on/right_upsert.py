"""An upsert for the note.
"""

from itertools import islice

from sqlalchemy import insert, select

from course_lib.patterns import load_notes, upsert_rows
from course_lib.shop import User


async def import_users(engine, job, rows, size):
    async with engine.connect() as connection:
        begun = await connection.scalar(select(load_notes.c.rows).where(load_notes.c.job == job)) or 0
    source = iter(rows)
    list(islice(source, begun))
    done = begun
    while chunk := list(islice(source, size)):
        done += len(chunk)
        async with engine.begin() as connection:
            await connection.execute(insert(User), chunk)
            await upsert_rows(connection, load_notes, [{"job": job, "rows": done}], key=["job"])
    return done - begun
