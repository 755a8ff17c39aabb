"""Breaks: alive.

Makes a list of the feed first, and then cuts it.
"""

from sqlalchemy import insert

from course_lib.shop import User



async def load_users(session, rows):
    everything = [row async for row in rows]
    for start in range(0, len(everything), 1000):
        await session.execute(insert(User), everything[start : start + 1000])
    return len(everything)
