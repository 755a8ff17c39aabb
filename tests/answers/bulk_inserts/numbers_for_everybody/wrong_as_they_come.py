"""Breaks: order.

Takes the ids for those of the rows, in the order in which they come back.
"""

from sqlalchemy import insert

from course_lib.shop import User



async def add_users(session, rows):
    if not rows:
        return []
    return list(await session.scalars(insert(User).returning(User.id), rows))
