"""Breaks: alive.

Lets the rows go, and keeps their names.
"""

from sqlalchemy import insert

from course_lib.patterns import in_chunks
from course_lib.shop import User



async def load_users(session, rows):
    names = []
    async for chunk in in_chunks(rows, 1000):
        await session.execute(insert(User), chunk)
        names += [row["name"] for row in chunk]
    return len(names)
