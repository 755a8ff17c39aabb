"""Breaks: nothing.

Sends the last chunk also when it is empty.
"""

from sqlalchemy import insert

from course_lib.shop import User



async def load_users(session, rows):
    chunk, count = [], 0
    async for row in rows:
        chunk.append(row)
        count += 1
        if len(chunk) == 1000:
            await session.execute(insert(User), chunk)
            chunk = []
    await session.execute(insert(User), chunk)
    return count
