"""Breaks: budget.

The recipe's chunks: objects, which cost a statement each on SQLite.
"""

from course_lib.patterns import in_chunks
from course_lib.shop import User


async def load_users(session, rows):
    count = 0
    async for chunk in in_chunks(rows, 1000):
        session.add_all([User(**row) for row in chunk])
        await session.flush()
        count += len(chunk)
    return count
