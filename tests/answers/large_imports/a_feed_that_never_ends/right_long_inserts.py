"""A long INSERT for each 500 rows.
"""

from sqlalchemy import insert

from course_lib.patterns import in_chunks
from course_lib.shop import User



async def load_users(session, rows):
    count = 0
    async for chunk in in_chunks(rows, 500):
        await session.execute(insert(User).values(chunk))
        count += len(chunk)
    return count
