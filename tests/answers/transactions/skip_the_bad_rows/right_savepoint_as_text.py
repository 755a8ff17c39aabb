"""Writes the savepoints in SQL."""

from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from course_lib.shop import User


async def add_users(session, rows):
    await session.flush()
    refused = []
    for place, row in enumerate(rows):
        await session.execute(text("SAVEPOINT row"))
        try:
            await session.execute(insert(User).values(**row))
        except IntegrityError:
            await session.execute(text("ROLLBACK TO SAVEPOINT row"))
            refused.append(place)
        await session.execute(text("RELEASE SAVEPOINT row"))
    return refused
