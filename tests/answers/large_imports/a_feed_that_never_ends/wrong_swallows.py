"""Breaks: error.

Takes a feed that breaks off for one that ended.
"""

from sqlalchemy import insert

from course_lib.patterns import in_chunks
from course_lib.shop import User



async def load_users(session, rows):
    count = 0
    try:
        async for chunk in in_chunks(rows, 1000):
            await session.execute(insert(User), chunk)
            count += len(chunk)
    except ConnectionError:
        pass
    return count
