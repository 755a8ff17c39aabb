"""Breaks: callers.

Only a refused row's savepoint is ended.
"""

from sqlalchemy.exc import IntegrityError

from course_lib.shop import User


async def add_users(session, rows):
    refused = []
    for place, row in enumerate(rows):
        savepoint = await session.begin_nested()
        try:
            session.add(User(**row))
            await session.flush()
        except IntegrityError:
            await savepoint.rollback()
            refused.append(place)
    return refused
