"""Breaks: alive.

Keeps every chunk, to count the rows at the end.
"""

from sqlalchemy import insert

from course_lib.patterns import in_chunks
from course_lib.shop import User



async def load_users(session, rows):
    sent = []
    async for chunk in in_chunks(rows, 1000):
        await session.execute(insert(User), chunk)
        sent.append(chunk)
    return sum(map(len, sent))
